"""Values: amounts, dates, words, ids, and the invisible."""

from writers import id, rows


def column(name, heading, *cells, delimiter=";"):
    """A sheet of one column beside the ids."""
    rows(f"values/{name}.csv", f"id{delimiter}{heading}", *(f"{id(n)}{delimiter}{cell}" for n, cell in enumerate(cells, 1)))


# ---- amounts ------------------------------------------------------------------------------------------------------

column("amount-comma", "Deal value", "9,99", "0,5", "12500,50")
column("amount-german", "Deal value", "12.500,50", "€ 12.500,50", "1.234.567,89 EUR", "1.234.567")
column("amount-ambiguous", "Deal value", "1,234", "€ 12.500", "1234")
column("amount-one-cell-settles", "Deal value", "12.500,50", "1.234")
column("amount-contradictory", "Deal value", "12.500,50", "12,500.50", "1,234")
column("amount-currency-signs", "Deal value", "$12,500.00", "USD 12,500.00", "12500 eur", "£5", "¥ 1,250,000", "12500 Taler")
column("amount-spaces", "Deal value", "12\u00a0500,50", "1\u202f234\u202f567", "1\u2009234\u2009567.8", "12 500", "\u00a012500\u200b", "12 50")
column("amount-swiss", "Deal value", "12'500.50", "1’234’567.80", "12'500.—", "12.500,-")
column("amount-indian", "Deal value", "12,34,567.50")
column("amount-negative", "Deal value", "-500", "(500)", "500-", "−500", "-0")
column("amount-scientific", "Deal value", "1.25E+04", "1e5", "1,25E+4")
column("amount-digits", "Deal value", "12345678901234567.89", "0.10", "100.00", "1234567890123456789012345678901.5")
column("amount-bare-point", "Deal value", ".50", "5.", "0007")
column("amount-words", "Deal value", "TBD", "12k", "about 12500", "50%", "12500/2", "n/a", "=1+1", "2026-12-31")
column("currency", "Currency", "usd", "EURO", "€", "US Dollar", "DEM", "XYZ")

# ---- dates --------------------------------------------------------------------------------------------------------

column("date-iso", "Closing date", "2026-12-31", "2026/12/31", "2026-1-5", "2026-12-31T00:00:00.0000000Z", "20261231")
column("date-ambiguous", "Closing date", "03/04/2026", "3.4.2026", "2026-04-03")
column("date-one-cell-settles", "Closing date", "25/03/2026", "03/04/2026")
column("date-contradictory", "Closing date", "25/03/2026", "03/25/2026", "03/04/2026")
column("date-day-first", "Closing date", "25/03/2026", "31.12.2026", "04/04/2026", "31-12-2026", "31. 12. 2026")
column("date-impossible", "Closing date", "2026-02-29", "2028-02-29", "29.02.2026", "31/04/2026", "2026-13-01", "0000-00-00")
column("date-short-year", "Closing date", "31/12/26", "31.12.26", "26-12-31", "Dec-26")
column("date-words", "Closing date", "31 December 2026", "Dec 31, 2026", "31-Dec-2026", "Q4 2026", "tomorrow", "31.12.", "12/2026")
column("date-serial", "Closing date", "46387", "46387.5")
column("date-time", "Closing date", "2026-12-31 14:30", "2026-12-31T14:30:00+02:00", "31.12.2026 23:30:15", "2026-12-31 25:00", "12/31/2026 11:30 PM")
column("date-clock-change", "Closing date", "2027-03-28 02:30", "2026-10-25 02:30", "2026-10-25 12:30")
column("date-past", "Closing date", "2019-01-31", "1899-12-31")
column("date-far", "Closing date", "9999-12-31", "2126-12-31")

# ---- words --------------------------------------------------------------------------------------------------------

rows("values/status-words.csv", "id,Status,Substatus", f"{id(1)},CLOSED,won", f"{id(2)}, active , Accepted", f"{id(3)},Acitve,Acepted", f"{id(4)},Won,", f"{id(5)},None,None", f"{id(6)},1,2")
rows("values/status-pairs.csv", "id,Status,Substatus", f"{id(1)},Active,Won", f"{id(2)},New,Accepted", f"{id(3)},Closed,", f"{id(4)},,Lost")
rows("values/status-after-substatus.csv", "id,Notes,Substatus,Status", f"{id(1)},x,Lost,Closed")
rows("values/status-reason.csv", "id;Declined/Lost reason", f"{id(1)};3", f"{id(2)};customer chose another vendor", f"{id(3)};Abuse, spam, phishing", f"{id(4)};They have no budget", f"{id(5)};9")
column("sales-stage", "Sales stage", "Develop", "40", "40%", "0.4", "Negotiating", "Verhandlung")
column("yes-no", "Share with Microsoft sellers", "Yes", "no", "TRUE", "0", "ja", "x", "(clear)")
column("country", "Country", "US", "de", "Germany", "USA", "UK")
rows("values/customer-e-mail.csv", "id,Customer contact e-mail,Notes", f"{id(1)},ann@contoso,x")

# ---- ids ----------------------------------------------------------------------------------------------------------

rows(
    "values/ids.csv", "id,Notes",
    "590C722C-8705-549B-BA88-475B2100E744,upper case",
    "{590c722c-8705-549b-ba88-475b2100e745},braces",
    "590c722c8705549bba88475b2100e746,no hyphens",
    "590c722c-8705-549b-ba88-475b2100e74,one digit short",
    "590c722c–8705–549b–ba88–475b2100e747,dashes that Word has made of hyphens",
    ",no id",
    "https://partner.microsoft.com/590c722c-8705-549b-ba88-475b2100e748,a link",
)  # fmt: skip
column("id-scientific", "CRM ID", "4.9E+11", "1,23457E+15", "12E5", "98052.0", "98052.10", "1234567890123456789")

# ---- the invisible and the mangled --------------------------------------------------------------------------------

rows("values/no-break-spaces.csv", "id;Status;Substatus;Notes", f"\u00a0{id(1)}\u00a0;\u00a0Closed;Won\u202f;\u00a0Budget\u00a0confirmed\u00a0", f"{id(2)};\u00a0;;\u3000x\u3000")
rows("values/zero-width.csv", "id;Status;Substatus;Notes", f"\u200b{id(1)}\ufeff;Clo\u200bsed;Won\u200b;\u200bBudget\u2060", f"{id(2)[:8]}\u200b{id(2)[8:]};;;x")
rows("values/zero-width-only.csv", "id;CRM ID;Notes", f"{id(1)};\u200b;\ufeff", f"{id(2)};\u00a0;x")
column("blank-looking", "Notes", "   ", "\t", '""', '" "', "-", "NULL", "n/a", delimiter=",")
column("smart-quotes", "Notes", "“Offer” – it’s ‘final’…")
column("mojibake", "Notes", "GrÃ¶ÃŸe fÃ¼r MÃ¼ller", "5 â‚¬ â€“ itâ€™s final", "Größe für Müller", "Ã la carte")
column("lost-letters", "Notes", "M\ufffdller & S\ufffdhne", "M?ller & S?hne")
column("two-ways-to-write-a-letter", "Notes", "Mu\u0308ller", "Müller")
column("control-characters", "Notes", "bell\a and \v tab", "form\ffeed")
column("spaces", "Notes", "  two  spaces  ", "a\u2003wide one")
