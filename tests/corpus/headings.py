"""Headings: the many names of a column."""

import datetime as dt

import openpyxl

from writers import id, rows, save, sheet

rows("headings/paths.csv", "ID,details.dealValue,/details/notes,/externalReferenceId", f"{id(1)},12500.50,Budget confirmed,A-7")
rows("headings/any-spelling.csv", "Id;DEAL  VALUE;closing-date;crm_id;Notes:", f"{id(1)};12500.50;2026-12-31;A-7;Budget confirmed")
rows("headings/mapped.csv", "Deal-ID,Betrag,Bemerkung", f"{id(1)},12500.50,Budget bestätigt")
rows("headings/unknown.csv", "id,Deal valeu,Owner,Notes", f"{id(1)},12500.50,Ann,Budget confirmed")
rows("headings/twice.csv", "id,Deal value,Estimated Deal Value*", f"{id(1)},12500.50,13000")
rows("headings/two-ids.csv", "id,Referral ID,Notes", f"{id(1)},{id(2)},Budget confirmed")
rows("headings/no-id.csv", "Deal name,Deal value", "Migration,12500.50")
rows("headings/team-member-51.csv", "id,Team member 50,Team member 51", f'{id(1)},"Ann, Example, +1 555 0100, ann@contoso.com",')
rows("headings/not-sent.csv", "id,Deal name,Country,Created,Engagement ID,Notes", f"{id(1)},Migration,US,2026-01-31,{id(7)},x", f"{id(2)},Migration,US,2026-01-31,{id(7)},")
rows(
    "headings/insights-leads.csv",
    "Referral ID,Creation Date,Updated Date,PartnerID,Customer Country,Customer City,Customer Name,Lead Type,Lead Source,Call to action,Referral program,Lead currency,Lead value,Status,Status Reason",
    f"{id(1)},2026-01-31,2026-02-01,123456,US,Austin,Contoso,Lead,AppSource,Contact me,,USD,1000,New,",
)

# ---- the portal's download ----------------------------------------------------------------------------------------

# As people have them: a mark of UTF-8, the headings in their variants, dates with the month first, Yes and No, codes.
PORTAL = [
    "Errors", "Engagement ID", "Referral ID", "Deal Name*", "Customer Name*", "Customer Country*", "Partner Referral Status*",
    "Partner Referral Substatus*", "Microsoft Referral Status", "Decline/Lost/Error reason", "Sales Stage",
    "Estimated Deal Value*", "Currency*", "Estimated Close Date*", "CRM ID", "Marketing Campaign ID", "Notes",
    "Microsoft help required?*", "What specific help from Microsoft ?", "Share with Microsoft sales team*", "Solution 1*",
    "Solution 2", "Team Member 1*", "Team member 2", "Microsoft MSX Id", "Microsoft team member 1", "Created Date",
    "Final Matched Customer Account *", "Managed Account (Match) 2",
]
CLOSED = [
    "", id(7), id(1), "Migration", "Contoso", "US", "Closed", "Lost", "Active", "3", "100", "87500", "USD", "03/04/2027",
    "A-7", "", '"Pilot, then the rest"', "Yes", "2", "Yes", '"SOL-12345-ABC, USD, 199.90, 25"', "DevOps",
    '"Ann, Example, +1 555 0100, ann@contoso.com"', "", "7-ABCDEF", "Bob Muster", "01/31/2026", "", "",
]
UNTOUCHED = ["", id(8), id(2), "Pilot", "Fabrikam", "DE", "Active", "Accepted"] + [""] * (len(PORTAL) - 8)
rows("headings/portal-download.csv", ",".join(PORTAL), ",".join(CLOSED), ",".join(UNTOUCHED), end="\r\n", encoding="utf-8-sig")
rows("headings/portal-result.csv", "Errors,Referral ID,Partner Referral Status*,Partner Referral Substatus*,Estimated Close Date*", f'"Close date is in the past; Team member is missing",{id(1)},Active,Accepted,12/31/2026', f",{id(2)},Active,Accepted,31/12/2026")

# ---- one operation a row ------------------------------------------------------------------------------------------

rows(
    "headings/long-layout.csv", "id,op,path,value",
    f"{id(1)},replace,/details/dealValue,12500.50",
    f"{id(2)},Replace,details.notes,Pilot agreed",
    f'{id(1)},add,/team/-,"{{""firstName"":""Ann"",""lastName"":""Example"",""phoneNumber"":""5550100"",""email"":""ann@contoso.com""}}"',
    f"{id(1)},replace,/externalReferenceId,(clear)",
)  # fmt: skip
rows(
    "headings/long-layout-wrong.csv", "id,op,path,value",
    f"{id(1)},remove,/details/notes,x",
    f"{id(1)},replace,/createdDateTime,2026-01-31",
    f"{id(1)},replace,/details/colour,blue",
    f"{id(1)},replace,/details/notes,",
    f"{id(1)},test,/details/dealValue,lots",
)  # fmt: skip
rows("headings/long-layout-incomplete.csv", "id,op,value", f"{id(1)},replace,x")


@sheet("headings/line-breaks.xlsx")
def line_breaks(path):
    """Headings that somebody has made pretty."""
    book = openpyxl.Workbook()
    book.active.append(["  Referral\nID ", "Estimated\nDeal\u00a0Value *", "notes"])
    book.active.append([id(1), 12500.5, "Budget confirmed"])
    save(book, path)


@sheet("headings/numbers.xlsx")
def numbers(path):
    """Headings that are a number and a date."""
    book = openpyxl.Workbook()
    book.active.append(["id", "Notes", 2026, dt.date(2026, 12, 31)])
    book.active.append([id(1), "Budget confirmed", 5, 6])
    save(book, path)
