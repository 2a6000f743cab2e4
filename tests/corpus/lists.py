"""People, solutions, JSON, and what a row does: actions, clearing, the same referral twice."""

import json

import openpyxl

from writers import id, rows, save, sheet

ANN = "Ann, Example, +1 555 0100, ann@contoso.com"
BOB = "Bob, Muster, +49 30 5550123, bob.muster@fabrikam.com"
SOLUTION = '[ {"id":"SOL-12345-ABC", "type":"Name", "price":199.90} ]'
PARTS = ["firstName", "lastName", "phoneNumber", "email"]


def quoted(value):
    """A cell with JSON in it."""
    text = value if isinstance(value, str) else json.dumps(value)
    return '"' + text.replace('"', '""') + '"'


def person(text):
    return dict(zip(PARTS, text.split(", ")))


# ---- people -------------------------------------------------------------------------------------------------------

rows(
    "lists/team-add.csv",
    "id," + ",".join(f"team.add.{part}" for part in PARTS) + "," + ",".join(f"team.add.2.{part}" for part in PARTS),
    f"{id(1)},{ANN.replace(', ', ',')},{BOB.replace(', ', ',')}",
    f"{id(2)},,,,,{BOB.replace(', ', ',')}",
)
rows("lists/team-add-incomplete.csv", "id,team.add.email,team.add.firstName,customerProfile.team.add.email", f"{id(1)},ann@contoso.com,Ann,", f"{id(2)},,,bob.muster@fabrikam.com")
rows("lists/team-member-cells.csv", "id,Team member 1,Team Member 2*", f'{id(1)},"{ANN}","{BOB}"', f'{id(2)},"Ann Example, +1 555 0100, ann@contoso.com",', f'{id(3)},"Ann, Example, , ann@contoso.com",')
rows("lists/wrong-e-mail.csv", "id;" + ";".join(f"team.add.{part}" for part in PARTS) + ";Team member 1", f"{id(1)};Ann;Example;5550100;ann@contoso;{BOB}", f"{id(2)};;;;;Ann, Example, 5550100, ann at contoso.com")
rows("lists/same-person-twice.csv", "id;Team member 1;Team member 2", f"{id(1)};{ANN};{ANN.replace('ann@', 'Ann@')}")
rows("lists/team-of-51.csv", "id,Team", f"{id(1)},{quoted([person(ANN) | dict(email=f'ann{n}@contoso.com') for n in range(51)])}")
rows("lists/customer-contacts.csv", "id;customerProfile.team.add;Customer contact 2", f"{id(1)};{json.dumps(person(ANN))};{BOB}")


@sheet("lists/phone-numbers.xlsx")
def phone_numbers(path):
    """Excel has taken the phone numbers for numbers; openpyxl writes it so."""
    book = openpyxl.Workbook()
    book.active.append(["id", *(f"team.add.{part}" for part in PARTS)])
    book.active.append([id(1), "Ann", "Example", 15550100, "ann@contoso.com"])
    book.active.append([id(2), "Bob", "Muster", 4.93055501230001e15, "bob.muster@fabrikam.com"])
    save(book, path)


# ---- solutions and JSON -------------------------------------------------------------------------------------------

rows("lists/solutions.csv", "id;Solution 1;Solution 2", f"{id(1)};SOL-12345-ABC, eur, 199.90, 25;DevOps", f"{id(2)};SOL-12345-ABC, 199.90;", f"{id(3)};SOL-1, USD, 1, 2, 3;")
rows("lists/solution-add.csv", "id;solutions.add.id;solutions.add.currency;solutions.add.price", f"{id(1)};SOL-12345-ABC;EUR;199.90", f"{id(2)};;EUR;199.90")
rows(
    "lists/json-cells.csv", "id,Team,details.requirements.solutions",
    f"{id(1)},{quoted([person(ANN)])},{quoted(SOLUTION)}",
    f"{id(2)},[],",
)  # fmt: skip
rows("lists/json-wrong.csv", "id;Team;Solutions", f'{id(1)};[{{"email":"ann@contoso.com"}};', f'{id(2)};[{{"email":"ann@contoso.com"}}];[{{"name":"x"}}]', f"{id(3)};{ANN};")
rows("lists/json-smart-quotes.csv", "id;Solutions", f"{id(1)};[{{“id”: “SOL-12345-ABC”}}]")

# ---- what a row does ----------------------------------------------------------------------------------------------

rows("lists/clear.csv", "id,CRM ID,Notes,Status", f"{id(1)},(clear),(Clear),", f"{id(2)},x,(CLEAR) ,", f"{id(3)},,,(clear)", f"{id(4)},NULL,x,")
rows("lists/actions.csv", "id,Action,Notes,row note", f"{id(1)},Update,x,first", f"{id(2)},SKIP,not read,second", "broken,skip,x,third", f"{id(3)},delete,x,fourth", f"{id(4)},create,x,fifth")
rows(
    "lists/create.csv", "action;id;Deal name;Type;Customer name;Country;Postal code;Consent to contact;Deal value;Currency;Created;Solution 1",
    "create;;Migration;Independent;Contoso;US;78701;No;12500.50;USD;2026-01-31;DevOps",
    "create;;Pilot;independant;Fabrikam;Germany;;Yes;1;EUR;;",
    "create;;Pilot;;;;;;;;;",
)  # fmt: skip
rows("lists/same-referral.csv", "id,Deal value,Notes", f"{id(1)},100,first", f"{id(2)},1,x", f"{id(1)},,second", f"{id(1)},300,")
