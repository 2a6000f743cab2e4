//! What a person is told at a column: the note on its heading, the hint at its cells, the words to pick from.

use super::Column;
use crate::domain::field::{Field, Kind, Writable};
use crate::domain::heading::Target;
use crate::domain::status::{STATUS_WORDS, Status};
use crate::domain::value::CLEAR_WORD;
use crate::domain::value::list::required_parts;
use crate::sheet::workbook::{self, Expects};

/// Room in a heading for the arrow of the filter.
const ARROW_WIDTH: usize = 4;
const WIDTH_MAX: usize = 40;
/// Names of deals tell what of whom.
const NAME_WIDTH: usize = 40;
/// Two names, a phone number and an address.
const ITEM_WIDTH: usize = 48;
/// Characters of a GUID.
const GUID_LENGTH: u16 = 36;

/// The columns as a workbook draws them.
pub(super) fn drawn(columns: &[Column]) -> Vec<workbook::Column> {
    columns.iter().map(column).collect()
}

fn column(column: &Column) -> workbook::Column {
    let kind = column.kind();
    let drawn = match kind {
        Kind::Amount => workbook::Column::amount(&column.heading),
        Kind::DateTime => workbook::Column::date(&column.heading),
        // All else is text, also what looks like a number: it keeps its zeros, and never becomes a formula.
        Kind::Text
        | Kind::Code
        | Kind::Guid
        | Kind::Email
        | Kind::Currency
        | Kind::Country
        | Kind::Boolean
        | Kind::Status
        | Kind::Substatus
        | Kind::Choice(_)
        | Kind::OpenChoice(_)
        | Kind::Members
        | Kind::Solutions
        | Kind::Tags
        | Kind::Entry { .. }
        | Kind::Json => workbook::Column::text(&column.heading),
    };
    let drawn = drawn.width(width(column, kind)).note(&note(column));
    if column.is_read_only {
        return drawn.read_only(for_reading(column));
    }
    let drawn = match expects(kind) {
        Expects::Anything => drawn,
        expects => drawn.expects(expects, &hint(column)),
    };
    if column.can_be_cleared() { drawn.also(CLEAR_WORD) } else { drawn }
}

fn expects(kind: Kind) -> Expects {
    let words = || kind.offered().into_iter().map(str::to_owned).collect();
    match kind {
        Kind::Guid => Expects::Length(GUID_LENGTH),
        Kind::Amount => Expects::Amount,
        Kind::Currency => Expects::Length(3),
        Kind::Country => Expects::Length(2),
        Kind::DateTime => Expects::Date,
        Kind::Substatus => substatuses(),
        Kind::Boolean | Kind::Status | Kind::Choice(_) => Expects::OneOf(words()),
        Kind::OpenChoice(_) => Expects::Often(words()),
        Kind::Entry { choices, .. } if !choices.is_empty() => Expects::OneOf(words()),
        Kind::Text
        | Kind::Code
        | Kind::Email
        | Kind::Members
        | Kind::Solutions
        | Kind::Tags
        | Kind::Entry { .. }
        | Kind::Json => Expects::Anything,
    }
}

/// The substatuses that go with the status of the row.
fn substatuses() -> Expects {
    let by = Field::by_path("/status").map(|field| field.label.to_owned()).unwrap_or_default();
    let group = |status: &&str| {
        let words = Status::substatuses_of(status).into_iter().map(str::to_owned).collect();
        ((*status).to_owned(), words)
    };
    Expects::OneOfGroup { by, groups: STATUS_WORDS.iter().map(group).collect() }
}

/// Why a column is better left as it is.
fn for_reading(column: &Column) -> &'static str {
    match column.target {
        Target::Id | Target::ETag => "The row finds its referral by this. Leave it as it is.",
        Target::Field(Field { writable: Writable::Create | Writable::Unconfirmed, .. }) => {
            "This column is there to be read. Only in a new row (action create) it is sent."
        }
        Target::Action
        | Target::Note
        | Target::Op
        | Target::Path
        | Target::Value
        | Target::Planned(_)
        | Target::Field(_)
        | Target::Item(_)
        | Target::Part { .. }
        | Target::Ignored => "This column is there to be read. What is changed here is not sent.",
    }
}

/// What is written into a cell, in a few words.
fn accepted(column: &Column, kind: Kind) -> String {
    // Some words have commas.
    let list = || kind.offered().join(" / ");
    match kind {
        _ if matches!(column.target, Target::Item(_)) => item(column).to_owned(),
        Kind::Text | Kind::Entry { choices: [], .. } => "text".to_owned(),
        Kind::Code => "text, also where it looks like a number".to_owned(),
        Kind::Guid => "a GUID: 32 digits and letters in the form 8-4-4-4-12".to_owned(),
        Kind::Email => "an e-mail address".to_owned(),
        Kind::Amount => "a number without a currency sign".to_owned(),
        Kind::Currency => "the three letters of the currency".to_owned(),
        Kind::Country => "the two letters of the country".to_owned(),
        Kind::DateTime => "a date".to_owned(),
        Kind::Boolean => "Yes or No".to_owned(),
        Kind::Status | Kind::Choice(_) | Kind::Entry { .. } => format!("one of: {}", list()),
        Kind::Substatus => {
            let pair = |status: &&str| format!("{} for {status}", Status::substatuses_of(status).join(", "));
            STATUS_WORDS.iter().map(pair).collect::<Vec<_>>().join("; ")
        }
        Kind::OpenChoice(_) => format!("usually one of: {}", list()),
        Kind::Tags => "ids, separated by semicolons".to_owned(),
        Kind::Members | Kind::Solutions | Kind::Json => "JSON".to_owned(),
    }
}

fn item(column: &Column) -> &'static str {
    let Target::Item(list) = column.target else { return "" };
    match list.kind {
        Kind::Members => "first name, last name, phone and e-mail, separated by commas",
        Kind::Solutions => "its id, then currency, price and quantity if they are known, separated by commas",
        _ => "JSON",
    }
}

/// The note on the heading: what it is, what is written, what blank means, where it is in the API.
pub(super) fn note(column: &Column) -> String {
    let kind = column.kind();
    let write = || {
        let accepted = accepted(column, kind);
        match example(column) {
            // Who has read the words needs no example.
            _ if !kind.offered().is_empty() => sentence(&accepted),
            "" => sentence(&accepted),
            example => format!("{} For example: {example}", sentence(&accepted)),
        }
    };
    let lines = match column.target {
        Target::Id => vec![
            "Which referral the row is about.".to_owned(),
            write(),
            "Files of the portal call it Referral ID. Every row needs it, except with the action create.".to_owned(),
        ],
        Target::ETag => vec![
            "The version of the referral that the row was made from.".to_owned(),
            "Whoever has changed the referral since makes the row a conflict. May be blank.".to_owned(),
        ],
        Target::Action => vec![
            "What to do with the row.".to_owned(),
            "Blank or update: change the referral. skip: leave the row out. create: make a new referral.".to_owned(),
        ],
        Target::Note => vec!["A note of your own. It is copied to the report and never sent.".to_owned()],
        Target::Field(field) => {
            let path = format!("JSON path: {}", field.path);
            if column.is_read_only {
                return joined(&[sentence(field.meaning), for_reading(column).to_owned(), path]);
            }
            vec![sentence(field.meaning), write(), when_blank(column, field), path]
        }
        Target::Part { list, part, .. } => {
            let what = format!("{}: {}.", adds(list), part_in_words(part));
            vec![what, write(), whole(list), format!("JSON path: {}/-", list.path)]
        }
        Target::Item(list) => {
            vec![format!("{}.", adds(list)), write(), whole(list), format!("JSON path: {}/-", list.path)]
        }
        Target::Op | Target::Path | Target::Value | Target::Planned(_) | Target::Ignored => Vec::new(),
    };
    joined(&lines)
}

fn joined(lines: &[String]) -> String {
    let filled: Vec<&str> = lines.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
    filled.join("\n")
}

/// What is shown beside a cell. The words to pick from are in the list already.
pub(super) fn hint(column: &Column) -> String {
    let kind = column.kind();
    let write = match kind {
        Kind::Substatus => "Pick from the list. It depends on the status of the row.".to_owned(),
        Kind::Boolean | Kind::Status | Kind::Choice(_) | Kind::Entry { .. } => "Pick from the list.".to_owned(),
        Kind::OpenChoice(_) => "Pick from the list, or write words of your own.".to_owned(),
        _ => match example(column) {
            "" => sentence(&accepted(column, kind)),
            example => format!("{} Such as: {example}", sentence(&accepted(column, kind))),
        },
    };
    match column.target {
        Target::Field(field) => format!("{write}\n{}", when_blank(column, field)),
        Target::Action => format!("{write} Blank means update."),
        _ => write,
    }
}

fn when_blank(column: &Column, field: &Field) -> String {
    match field.writable {
        Writable::Never => for_reading(column).to_owned(),
        Writable::Create | Writable::Unconfirmed => {
            "Sent for new referrals only (action create). For others it is compared, and a difference is reported."
                .to_owned()
        }
        Writable::Patch if column.can_be_cleared() => {
            format!("A blank cell changes nothing; {CLEAR_WORD} empties the field.")
        }
        Writable::Patch => "A blank cell changes nothing. The field cannot be emptied.".to_owned(),
    }
}

fn adds(list: &Field) -> String {
    match list.kind {
        Kind::Members => format!("Adds a person to the {}", list.label.to_lowercase()),
        Kind::Solutions => "Adds a solution to the deal".to_owned(),
        _ => format!("Adds one to the {}", list.label.to_lowercase()),
    }
}

/// Which parts belong together.
fn whole(list: &Field) -> String {
    let again = "What is there already is not added again.";
    match required_parts(list.kind) {
        [] => again.to_owned(),
        [only] => format!("Only the {only} is needed. {again}"),
        [most @ .., email] => format!("A person needs {} and {email}. {again}", most.join(", ")),
    }
}

fn part_in_words(part: &str) -> &str {
    match part {
        "firstName" => "the first name",
        "lastName" => "the last name",
        "phoneNumber" => "the phone number",
        "email" => "the e-mail address",
        "title" => "the job title",
        "id" => "its id, or the word of a category",
        "name" => "its name",
        "type" => "whether the id is of the catalogue (Name) or a category",
        "currency" => "the currency of its price",
        "price" => "the price of one",
        "quantity" => "how many",
        other => other,
    }
}

pub(super) fn example(column: &Column) -> &'static str {
    match column.target {
        Target::Id => "49d90c72-3326-4f61-aacc-2cb57970448c",
        Target::Field(field) => field.example,
        Target::Part { part, .. } => match part {
            "firstName" => "Ann",
            "lastName" => "Example",
            "phoneNumber" => "+1 555 0100",
            "email" => "ann.example@contoso.com",
            "title" => "Account manager",
            "id" => "SOL-12345-ABC",
            "currency" => "EUR",
            "price" => "199.90",
            "quantity" => "25",
            _ => "",
        },
        Target::Item(Field { kind: Kind::Members, .. }) => "Ann, Example, +1 555 0100, ann.example@contoso.com",
        Target::Item(Field { kind: Kind::Solutions, .. }) => "SOL-12345-ABC, EUR, 199.90, 25",
        Target::Item(_)
        | Target::ETag
        | Target::Action
        | Target::Note
        | Target::Op
        | Target::Path
        | Target::Value
        | Target::Planned(_)
        | Target::Ignored => "",
    }
}

fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

/// Wide enough for the heading, and for what such a column usually holds.
#[expect(clippy::cast_precision_loss, reason = "a width is at most 48")]
fn width(column: &Column, kind: Kind) -> f64 {
    let is_name = matches!(column.target, Target::Field(field) if field.path.ends_with("/name"));
    let usual = match kind {
        Kind::Text if matches!(column.target, Target::Item(_)) => return ITEM_WIDTH as f64,
        Kind::Text if is_name => NAME_WIDTH,
        Kind::Guid => usize::from(GUID_LENGTH) + 3,
        Kind::Amount => 16,
        // A time may follow.
        Kind::DateTime => 20,
        Kind::Currency | Kind::Country | Kind::Boolean => 10,
        Kind::Email => 28,
        Kind::Code | Kind::Entry { choices: [], .. } => 18,
        Kind::Status | Kind::Substatus | Kind::Choice(_) | Kind::OpenChoice(_) | Kind::Entry { .. } => {
            kind.offered().iter().map(|word| word.chars().count() + 2).max().unwrap_or_default()
        }
        Kind::Text | Kind::Tags => 24,
        Kind::Members | Kind::Solutions | Kind::Json => WIDTH_MAX,
    };
    let usual = if column.target == Target::Note || is_notes(column) { WIDTH_MAX + 8 } else { usual.min(WIDTH_MAX) };
    usual.max(column.heading.chars().count() + ARROW_WIDTH) as f64
}

/// Notes are long; other texts are names.
fn is_notes(column: &Column) -> bool {
    matches!(column.target, Target::Field(field) if field.kind == Kind::Text && field.path.ends_with("/notes"))
}
