"""What the Python peers have in common: the checks that a careful script makes of a row, and its patch."""

import json
import re
from datetime import date
from decimal import Decimal, InvalidOperation

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
SUBSTATUSES = {
    "New": {"Pending", "Received"},
    "Active": {"Accepted"},
    "Closed": {"Won", "Lost", "Declined", "Expired"},
}
HEADINGS_OF_REPORT = ["Row", "Id", "Outcome", "HTTP", "Request-ID", "Milliseconds", "eTag after", "Patch"]


def replace(path, value):
    return {"op": "replace", "path": path, "value": value}


def operations(number, ident, status, substatus, value, closing, notes):
    """The operations of a row, or None and what is wrong. `value` is digits, `closing` a date or its text."""
    if not GUID.fullmatch(ident):
        return None, f"row {number}: `{ident}` is not an id"
    patch = []
    if status:
        if status not in SUBSTATUSES:
            return None, f"row {number}: `{status}` is not a status"
        patch.append(replace("/status", status))
    if substatus:
        if status and substatus not in SUBSTATUSES[status]:
            return None, f"row {number}: `{substatus}` does not belong to `{status}`"
        patch.append(replace("/substatus", substatus))
    if value:
        try:
            amount = Decimal(value)
        except InvalidOperation:
            return None, f"row {number}: `{value}` is not an amount"
        if amount < 0:
            return None, f"row {number}: `{value}` is negative"
        patch.append(replace("/details/dealValue", float(amount)))
    if closing:
        try:
            day = closing if isinstance(closing, date) else date.fromisoformat(closing)
        except ValueError:
            return None, f"row {number}: `{closing}` is not a date"
        patch.append(replace("/details/closingDateTime", f"{day:%Y-%m-%d}T00:00:00Z"))
    if notes:
        patch.append(replace("/details/notes", notes))
    return patch, None


def line(number, ident, *cells):
    """The line of a row in a file of patches, or None and what is wrong."""
    patch, problem = operations(number, ident, *cells)
    if problem:
        return None, problem
    return json.dumps({"row": number, "id": ident.lower(), "if_match": None, "patch": patch}, ensure_ascii=False), None


def patch_of(number, row):
    """The operations of a row of the sheet that `sending.py` makes, or None and what is wrong."""
    value, closing, notes = (row[heading].strip() for heading in ("Deal value", "Closing date", "Notes"))
    return operations(number, row["id"], "", "", value, closing, notes)


def body_of(patch):
    """A patch as it is sent: to the byte what refsheet sends."""
    return json.dumps(patch, ensure_ascii=False, separators=(",", ":"))


def differing(patch, referral):
    """What of a patch is not so already."""
    return [one for one in patch if held(referral, one["path"].split("/")[1:]) != one["value"]]


def held(member, names):
    for name in names:
        member = (member or {}).get(name)
    return member
