"""Makes the samples from the referrals of the sandbox, so that they can be made again when these change.

Run it anywhere: python3 samples/make.py target/debug/refsheet. It needs openpyxl 3.1. The same sandbox gives the same
files, to the byte. Referrals are picked by what they are, not by their ids; each is picked once.
"""

import csv
import datetime as dt
import io
import json
import pathlib
import re
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

HERE = pathlib.Path(__file__).parent


def referrals_of(program):
    """All referrals of a default sandbox, whole, in its own order."""
    sandbox = subprocess.Popen([program, "sandbox", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        base = sandbox.stdout.readline().strip()
        referrals, skip = [], 0
        while True:
            query = urllib.parse.urlencode({"$top": 100, "$skip": skip})
            request = urllib.request.Request(f"{base}/referrals?{query}", headers={"Authorization": "Bearer any"})
            with urllib.request.urlopen(request) as answer:
                page = json.load(answer)["value"]
            if not page:
                return referrals
            referrals += page
            skip += len(page)
    finally:
        sandbox.terminate()
        sandbox.wait()
        sandbox.stdout.close()


def at(referral, path):
    """What stands at a dotted path, None if nothing does."""
    for step in path.split("."):
        if isinstance(referral, list):
            referral = referral[int(step)] if int(step) < len(referral) else None
        else:
            referral = (referral or {}).get(step)
    return referral


class Pool:
    """Referrals that have not been picked yet."""

    def __init__(self, referrals):
        self.left = list(referrals)

    def pick(self, **wanted):
        """The first one that has these values; `deal__currency="EUR"` looks into objects, `...` means anything."""
        paths = {name.replace("__", "."): value for name, value in wanted.items()}

        def fits(referral):
            held = {path: at(referral, path) for path in paths}
            return all(held[path] not in (None, "", []) if value is ... else held[path] == value for path, value in paths.items())

        found = next(referral for referral in self.left if fits(referral))
        self.left.remove(found)
        return found

    def active(self, **wanted):
        return self.pick(status="Active", **wanted)

    def new(self, **wanted):
        return self.pick(status="New", **wanted)


def row(referral, **cells):
    """A row about a referral; `Deal_value=1` fills the column `Deal value`."""
    named = {name.replace("_", " "): value for name, value in cells.items()}
    return {"id": referral["id"], "Deal name": referral["name"]} | named


def member(first, last, phone, email):
    names = ["firstName", "lastName", "phoneNumber", "email"]
    return {f"team.add.{name}": value for name, value in zip(names, [first, last, phone, email])}


# ---- changes that are all right -----------------------------------------------------------------------------------

CHANGES = [
    "id", "Deal name", "Status", "Substatus", "Status reason", "Deal value", "Currency", "Closing date", "Sales stage",
    "CRM ID", "Campaign ID", "Share with Microsoft sellers", "Notes", "team.add.firstName", "team.add.lastName",
    "team.add.phoneNumber", "team.add.email", "Solution 1", "action", "row note",
]


def changes(pool):
    share = "consent.consentToShareReferralWithMicrosoftSellers".replace(".", "__")
    twice = pool.active(details__currency="GBP")
    held = pool.active(details__currency="USD", details__closingDateTime=...)
    return [
        row(pool.active(details__currency="EUR"), Deal_value=125000, Notes="Budget confirmed in the call of 12 November."),
        row(pool.active(details__currency="USD", details__closingDateTime=None), Deal_value="98,500.50", Currency="EUR", Closing_date=dt.date(2027, 3, 31)),
        row(pool.active(**{share: False}), Status="Closed", Substatus="Won", Sales_stage=100),
        row(pool.active(direction="Outgoing"), Status="Closed", Substatus="Lost", Status_reason="Customer chose another vendor"),
        row(pool.active(type="Shared"), Sales_stage="Propose", Campaign_ID="FY27-SPRING"),
        row(pool.active(type="Shared"), row_note="Ann takes over in December", **member("Ann", "Example", "+1 555 0100", "ann.example@contoso.com")),
        row(pool.active(customerProfile__address__country="JP"), Solution_1="DevOps"),
        row(pool.active(details__notes=..., externalReferenceId=...), CRM_ID="CRM-20001", Notes="(clear)", row_note="the old notes were about another deal"),
        row(pool.active(details__currency="EUR"), Closing_date=dt.date(2027, 6, 30), Sales_stage=60),
        row(pool.active(details__currency="EUR"), Deal_value="€ 48.750,25", Currency="eur"),
        row(pool.active(**{share: False}), Share_with_Microsoft_sellers=True, row_note="the customer agreed to share it with Microsoft"),
        row(pool.active(type="Independent"), Notes="Workshop held.\nNext step: proposal, together with Fabrikam."),
        row(pool.active(details__currency="USD"), Deal_value=1, action="skip", row_note="wait for the customer's answer"),
        row(held, Currency="USD", Closing_date=dt.date.fromisoformat(at(held, "details.closingDateTime")[:10]), row_note="nothing to change"),
        row(pool.new(substatus="Received"), Status="Active", Substatus="Accepted"),
        row(pool.new(substatus="Pending"), Status="active", Substatus="accepted", Deal_value="15,000.00", Currency="USD"),
        row(pool.new(substatus="Pending"), Status="Closed", Substatus="Declined", Status_reason=1, row_note="1 is: budget not adequate"),
        row(twice, Deal_value=64000, Sales_stage=40),
        row(twice, Notes="Second row for the same referral: sent after the first."),
        row(pool.active(customerProfile__address__country="DE"), Closing_date=dt.date(2027, 1, 15), Notes="München: Angebot läuft – viele Grüße von Jörg"),
        row(pool.active(externalReferenceId=None, campaignId=None), CRM_ID="0042", Campaign_ID="0007", row_note="ids keep their zeros"),
        row(pool.active(type="Shared"), Solution_1="SOL-12345-ABC, EUR, 199.90, 25", **member("Bob", "Muster", "+49 30 5550123", "bob.muster@fabrikam.com")),
        row(pool.active(details__currency="EUR"), Deal_value="7 500 000", Currency="JPY", Closing_date=dt.date(2026, 12, 31)),
        row(pool.active(type="Independent"), Notes="=SUM(A1:A9) is only text here"),
        row(pool.active(details__currency="GBP"), Status_reason="waiting for legal", Sales_stage=80, Deal_value=12345.67),
    ]


# ---- one mistake per row ------------------------------------------------------------------------------------------

MISTAKES = [
    "id", "row note", "Deal name", "Status", "Substatus", "Deal value", "Currency", "Closing date", "CRM ID",
    "team.add.firstName", "team.add.lastName", "team.add.phoneNumber", "team.add.email", "Notes", "eTag", "action",
]


def mistakes(pool):
    def about(note, referral=None, **cells):
        return row(referral or pool.active(direction="Outgoing"), row_note=note, **cells)

    def with_id(note, make, **cells):
        made = about(note, **cells)
        return made | {"id": make(made["id"])}

    engagement = pool.active()
    return [
        about("all right", Deal_value=42000, Closing_date=dt.date(2027, 2, 26)),
        about("the engagement id instead of the referral id", engagement, Deal_value=42000) | {"id": engagement["engagementId"]},
        with_id("an id that was cut off", lambda id: id[:-3], Deal_value=42000),
        with_id("the id is missing", lambda id: None, Deal_value=42000),
        about("a status that is misspelt", Status="Colsed", Substatus="Won"),
        about("a status and a substatus that do not belong together", Status="Active", Substatus="Won"),
        about("a status without the substatus that goes with it", Status="Closed"),
        about("a closed referral cannot be opened again", pool.pick(status="Closed", substatus="Lost"), Status="Active", Substatus="Accepted"),
        about("one thousand two hundred and thirty-four, or one and a bit?", Deal_value="1,234"),
        about("an amount below zero", Deal_value=-500),
        about("the third of April or the fourth of March?", Closing_date="03/04/2027"),
        about("all right, among wrong ones", Notes="Contract signed, kick-off in January."),
        about("a day that does not exist", Closing_date="2027-02-30"),
        about("a currency that is no code", Deal_value=42000, Currency="EURO"),
        about("an e-mail address without a domain", **member("Ann", "Example", "+1 555 0100", "ann.example@contoso")),
        about("a person without a phone number", **member("Ann", "Example", None, "ann.example@contoso.com")),
        about("the referral was changed since the sheet was made", Notes="Old news.", eTag='"0a1b2c3d-0000-0000-0000-5f8d0d550000"'),
        about("a formula that found nothing", Deal_value="#N/A"),
        about("a long number that Excel has rounded", CRM_ID=12345678901234567),
        about("an action that does not exist", Deal_value=42000, action="delete"),
        about("all right, at the end", Status="Closed", Substatus="Won"),
    ]


# ---- what the portal gives for download ---------------------------------------------------------------------------

PORTAL = [
    "Errors", "Engagement ID", "Referral ID", "Deal Name*", "Customer Name*", "Customer Address Line 1*",
    "Customer Address Line 2", "Customer City*", "Customer State", "Customer Postal Code", "Customer Country*",
    "Customer D-U-N-S ID", "Customer Contact First Name", "Customer Contact Last Name", "Customer Contact Phone number",
    "Customer Contact Email Address", "Partner Referral Status*", "Partner Referral Substatus*",
    "Microsoft Referral Status", "Declined/Lost reason", "Sales Stage", "Estimated Deal Value*", "Currency*",
    "Estimated Close Date*", "CRM ID", "Marketing Campaign ID", "Notes", "Microsoft help required?*",
    "What specific help from Microsoft?", "Share with Microsoft sales team*", "Notes to Microsoft",
    "Consent to share Customer/Partner contact*", "Solution 1*", *[f"Solution {n}" for n in range(2, 51)],
    "Team member 1*", *[f"Team member {n}" for n in range(2, 51)], "Marketplace Purchase Intent", "CLA Number",
    "Device Category", "Silicon Type", "Azure Certified Device", "Attach Services", "Microsoft MSX ID",
    "Migrated PSC Deal ID", "PartnerID (formerly MPN ID)", "Customer Domain Name",
    *[f"Microsoft team member {n}" for n in range(1, 6)], "Created Date", "Microsoft Referral Substatus",
    "Final Matched Customer Account", "Matched Category", "Confidence", "Managed Account (Match) 1",
    "Managed Account (Match) 2", "Unmanaged Account (Match) 1", "Unmanaged Account (Match) 2",
    "DUNS / Moodys Account (Match) 1", "DUNS / Moodys Account (Match) 2",
]

# The portal's numbers for the kinds of help.
HELP = {
    "WorkloadSpecificValueProposition": 1, "CustomerTechnicalArchitecture": 2, "ProofOfConceptOrDemo": 3,
    "QuotesOrLicensing": 4, "PostSalesCustomerSuccess": 5, "GeneralOrOther": 6,
}


def american(moment):
    return dt.date.fromisoformat(moment[:10]).strftime("%m/%d/%Y") if moment else None


def downloaded(referral):
    """A row as the portal writes it."""
    address = lambda name: at(referral, f"customerProfile.address.{name}")
    contact = lambda name: at(referral, f"customerProfile.team.0.{name}")
    number = next((id["id"] for id in at(referral, "customerProfile.ids") or [] if id["profileType"] == "Duns"), None)
    attributes = at(referral, "details.requirements.additionalRequirements.attributes") or []
    intent = next((attribute["id"] for attribute in attributes if attribute["type"] == "CustomerMarketplaceIntent"), None)
    is_shared = at(referral, "consent.consentToShareReferralWithMicrosoftSellers")
    needs_help = referral["type"] == "Shared"
    cells = [
        None, referral["engagementId"], referral["id"], referral["name"], at(referral, "customerProfile.name"),
        address("addressLine1"), address("addressLine2"), address("city"), address("state"), address("postalCode"),
        address("country"), number, contact("firstName"), contact("lastName"), contact("phoneNumber"),
        contact("email"), referral["status"], referral["substatus"], "Active" if needs_help else None,
        at(referral, "statusReason"), at(referral, "salesStage"), at(referral, "details.dealValue"),
        at(referral, "details.currency"), american(at(referral, "details.closingDateTime")),
        at(referral, "externalReferenceId"), at(referral, "campaignId"), at(referral, "details.notes"), needs_help,
        HELP.get(at(referral, "inviteContext.assistanceRequestCode")), is_shared, at(referral, "inviteContext.notes"),
        at(referral, "consent.consentToToShareInfoWithOthers"),
    ]
    made = dict(zip(PORTAL, cells))
    for n, solution in enumerate(at(referral, "details.requirements.solutions"), 1):
        pieces = [solution.get(name) for name in ["id", "currency", "price", "quantity"]]
        while pieces[-1] is None:
            pieces.pop()
        made["Solution 1*" if n == 1 else f"Solution {n}"] = ", ".join(text(piece) for piece in pieces)
    for n, person in enumerate(at(referral, "team"), 1):
        pieces = [person.get(name) for name in ["firstName", "lastName", "phoneNumber", "email"]]
        made["Team member 1*" if n == 1 else f"Team member {n}"] = ", ".join(text(piece) for piece in pieces)
    made["Marketplace Purchase Intent"] = "Have not decided" if intent == "HaveNotDecided" else intent
    made["Microsoft MSX ID"] = at(referral, "trackingInfo.microsoftMsxId")
    made["PartnerID (formerly MPN ID)"] = at(referral, "mpnId")
    made["Created Date"] = american(referral["createdDateTime"])
    made["Microsoft Referral Substatus"] = "Accepted" if needs_help else None
    return made


def download(pool):
    untouched = dict(details__closingDateTime=...)
    return [
        downloaded(pool.active(type="Shared", customerProfile__address__country="US", **untouched)),
        downloaded(pool.active(type="Shared", customerProfile__ids=..., **untouched)),
        downloaded(pool.pick(status="Closed", substatus="Lost")),
        downloaded(pool.active(customerProfile__address__country="JP", **untouched)),
        downloaded(pool.active(details__notes=..., **untouched)),
        downloaded(pool.new(type="Shared", substatus="Pending")),
        downloaded(pool.active(type="Independent", customerProfile__address__country="DE", **untouched)),
        downloaded(pool.active(type="Shared", trackingInfo__microsoftMsxId=..., **untouched)),
    ]


def edited(rows):
    """The same file after somebody has worked on three of its rows."""
    edits = {
        1: {"Estimated Deal Value*": 87500, "Estimated Close Date*": "03/04/2027"},
        4: {"Notes": "Pilot agreed for January, two departments."},
        5: {"Partner Referral Status*": "Closed", "Partner Referral Substatus*": "Declined", "Declined/Lost reason": 2},
    }
    return [row | edits.get(n, {}) for n, row in enumerate(rows)]


# ---- files --------------------------------------------------------------------------------------------------------

def text(value):
    """A value as CSV has it."""
    match value:
        case None:
            return ""
        case bool():
            return "Yes" if value else "No"
        case _:
            return str(value)


def write_csv(name, columns, rows, encoding="utf-8"):
    with open(HERE / name, "w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([text(cells.get(column)) for column in columns] for cells in rows)


WIDTHS = {"id": 38, "Deal name": 44, "Notes": 44, "row note": 56, "CRM ID": 22, "Solution 1": 32, "team.add.email": 28, "eTag": 42}


def write_book(name, columns, rows):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Changes"
    sheet.append(columns)
    for cells in rows:
        sheet.append([cells.get(column) for column in columns])
    for letter, column in ((get_column_letter(n), column) for n, column in enumerate(columns, 1)):
        sheet.column_dimensions[letter].width = WIDTHS.get(column, max(13, len(column) + 3))
    for cell in sheet[1]:
        cell.font = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1F4E78")
        cell.alignment = Alignment(vertical="center")
    sheet.row_dimensions[1].height = 22
    for cell in (cell for cells in sheet.iter_rows(min_row=2) for cell in cells):
        cell.alignment = Alignment(vertical="top", wrap_text=isinstance(cell.value, str) and "\n" in cell.value)
        if isinstance(cell.value, str) and cell.value.startswith("="):
            cell.data_type, cell.quotePrefix = "s", True
        elif isinstance(cell.value, dt.date):
            cell.number_format = "yyyy-mm-dd"
        elif isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool):
            money = "#,##0.00" if isinstance(cell.value, float) else "#,##0"
            cell.number_format = money if columns[cell.column - 1] == "Deal value" else "0"
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    save(book, HERE / name)


def save(book, path):
    """Saves without the time of day, which openpyxl writes into the properties and the archive."""
    made = io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-11-02T09:00:00Z", content)
            target.writestr(zipfile.ZipInfo(name, (2026, 11, 2, 9, 0, 0)), content, zipfile.ZIP_DEFLATED)


def main():
    referrals = referrals_of(sys.argv[1])
    rows = changes(Pool(referrals))
    write_csv("referral-changes.csv", CHANGES, rows)
    write_book("referral-changes.xlsx", CHANGES, rows)
    write_book("mistakes.xlsx", MISTAKES, mistakes(Pool(referrals)))
    rows = download(Pool(referrals))
    write_csv("partner-center-download.csv", PORTAL, rows, encoding="utf-8-sig")
    write_csv("partner-center-edited.csv", PORTAL, edited(rows), encoding="utf-8-sig")


if __name__ == "__main__":
    main()
