//! Cells to values: what a cell means for a field, or why it means nothing.
//!
//! A value is read when there is one way to read it; else the cell is refused with what would be accepted. No
//! value is rounded, shifted or guessed. The result is the JSON that will be sent.

pub mod amount;
mod codes;
pub mod list;
mod mojibake;
pub mod moment;
pub mod plain;
pub mod same;
pub mod show;

use std::borrow::Cow;

use jiff::tz::TimeZone;

use self::amount::DecimalMark;
use self::codes::{country, guid};
pub use self::codes::{currency, email};
use self::moment::DateOrder;
use self::plain::shown;
use super::cell::{Cell, is_space};
use super::field::words::{Choice, LAST_ERROR_REASON, STATUS_REASON, folded, nearest};
use super::field::{Field, Kind};
use super::json::Json;
use super::status::{STATUS_WORDS, SUBSTATUS_WORDS, UNCONFIRMED_SUBSTATUSES};

/// How the user wants cells to be read where they allow several readings.
#[derive(Debug, Clone)]
pub struct Reading {
    /// `--date-format`
    pub date_order: Option<DateOrder>,
    /// `--decimal`
    pub decimal: Option<DecimalMark>,
    /// `--clear-with`: the text that sets a field to `null`.
    pub clear_word: String,
    /// `--time-zone`: where times without an offset are told.
    pub time_zone: TimeZone,
    /// What whole columns have settled where neither option is given.
    pub settled: Vec<Settled>,
}

/// How the ambiguous cells of one field are read, because its whole column allows no other reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settled {
    /// The field.
    pub field: &'static Field,
    /// The reading.
    pub way: Way,
}

/// A reading of ambiguous cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Of dates.
    Dates(DateOrder),
    /// Of amounts.
    Amounts(DecimalMark),
}

/// Why a cell is not a value of its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// What was found, with the reason: a lowercase fragment.
    pub found: String,
    /// What would be accepted.
    pub accepted: String,
}

/// A value, and what a person should know about it although it is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// What is sent; `null` for a cell that clears its field.
    pub json: Json,
    /// A doubt that the service will decide.
    pub doubt: Option<Complaint>,
}

/// The word that clears a field unless the user says otherwise.
pub const CLEAR_WORD: &str = "(clear)";
/// Excel keeps 15 significant digits; a number from here on has lost some.
const NUMBER_END: f64 = 1e15;
/// From here on, 15 digits are less than cents, and what is beyond them is no noise of arithmetic.
const CENTS_END: f64 = 1e13;

impl Complaint {
    pub(crate) fn new(found: impl Into<String>, accepted: impl Into<String>) -> Self {
        Complaint { found: found.into(), accepted: accepted.into() }
    }
}

impl Default for Reading {
    fn default() -> Self {
        Reading {
            date_order: None,
            decimal: None,
            clear_word: CLEAR_WORD.to_owned(),
            time_zone: TimeZone::UTC,
            settled: Vec::new(),
        }
    }
}

impl Reading {
    fn date_order_of(&self, field: &Field) -> Option<DateOrder> {
        let settled = |settled: &Settled| match settled.way {
            Way::Dates(order) if settled.field == field => Some(order),
            Way::Dates(_) | Way::Amounts(_) => None,
        };
        self.date_order.or_else(|| self.settled.iter().find_map(settled))
    }

    fn decimal_of(&self, field: &Field) -> Option<DecimalMark> {
        let settled = |settled: &Settled| match settled.way {
            Way::Amounts(mark) if settled.field == field => Some(mark),
            Way::Amounts(_) | Way::Dates(_) => None,
        };
        self.decimal.or_else(|| self.settled.iter().find_map(settled))
    }
}

/// Reads a cell that is not blank for a field.
pub fn read(field: &Field, cell: &Cell, reading: &Reading) -> Result<Value, Complaint> {
    if let Cell::Text(text) = cell
        && is_alike(trimmed(text), trimmed(&reading.clear_word))
    {
        return cleared(field);
    }
    let json = match field.kind {
        Kind::Text => {
            return text_of(cell).map(|text| Value { doubt: doubt_of_text(&text), json: Json::string(&text) });
        }
        Kind::Code => Json::string(&code_of(cell)?),
        Kind::Guid => Json::string(&guid(&code_of(cell)?)?),
        Kind::Email => Json::string(&email(&word_of(cell)?)?),
        Kind::Amount => amount_of(cell, reading.decimal_of(field))?,
        Kind::Currency => Json::string(currency(&word_of(cell)?)?),
        Kind::Country => Json::string(country(&word_of(cell)?)?),
        Kind::DateTime => moment_of(cell, reading.date_order_of(field), &reading.time_zone)?,
        Kind::Boolean => Json::boolean(boolean_of(cell)?),
        Kind::Status => Json::string(one_of(&word_of(cell)?, STATUS_WORDS)?),
        Kind::Substatus => Json::string(substatus(&word_of(cell)?)?),
        Kind::Choice(choices) => Json::string(choice_of(&code_of(cell)?, choices)?),
        Kind::OpenChoice(choices) => return open_choice(cell, choices),
        Kind::Entry { choices: [], .. } => Json::string(&code_of(cell)?),
        Kind::Entry { choices, .. } => Json::string(choice_of(&code_of(cell)?, choices)?),
        Kind::Members | Kind::Solutions => list::whole(field.kind, &text_of(cell)?)?,
        Kind::Tags => list::tags(&text_of(cell)?)?,
        Kind::Json => list::json(&text_of(cell)?)?,
    };
    Ok(Value { json, doubt: None })
}

/// The text of a cell without the white space around it, visible or not.
pub fn text_of(cell: &Cell) -> Result<Cow<'_, str>, Complaint> {
    match cell {
        Cell::Blank => Ok(Cow::Borrowed("")),
        Cell::Text(text) if text.contains(char::REPLACEMENT_CHARACTER) => Err(lost_letters(text)),
        Cell::Text(text) => Ok(Cow::Borrowed(trimmed(text))),
        Cell::Number(number) => digits_of(*number).map(Cow::Owned),
        Cell::DateTime(_) | Cell::Boolean(_) => Ok(Cow::Owned(cell.to_string())),
        Cell::Error(name) => {
            Err(Complaint::new(format!("the cell shows the error `{name}`"), "mend the formula or clear the cell"))
        }
        Cell::Unevaluated => Err(Complaint::new(
            "the formula has no stored result",
            "open the sheet in a spreadsheet program and save it, or put in the value",
        )),
    }
}

/// The text of a cell that holds an id, a phone number or a postal code, which is no number even if it looks so.
pub fn code_of(cell: &Cell) -> Result<Cow<'_, str>, Complaint> {
    let mut text = match cell {
        Cell::DateTime(_) => {
            return Err(Complaint::new(
                format!("`{cell}` is a date"),
                "the spreadsheet has probably turned an id into a date: format the cell as text and type it again",
            ));
        }
        Cell::Blank | Cell::Text(_) | Cell::Number(_) | Cell::Boolean(_) | Cell::Error(_) | Cell::Unevaluated => {
            plain::inside(text_of(cell)?, plain::code)
        }
    };
    if is_scientific(&text) {
        return Err(Complaint::new(
            format!("`{}` is in scientific notation, digits have been lost", shown(&text)),
            "format the cell as text and type it again",
        ));
    }
    let is_number = |whole: &&str| !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    let whole = text.strip_suffix(".0").filter(is_number).map(str::len);
    match (whole, &mut text) {
        (None, _) => {}
        (Some(length), Cow::Borrowed(text)) => *text = &text[..length],
        (Some(length), Cow::Owned(text)) => text.truncate(length),
    }
    Ok(text)
}

/// The text of one part of a list item, from its own column. Prices and quantities are amounts and become plain
/// digits; names are for people; all else is text for programs, even if it looks like a number.
pub fn part_of(part: &str, cell: &Cell, mark: Option<DecimalMark>) -> Result<String, Complaint> {
    match part {
        "price" | "quantity" => amount_of(cell, mark).map(|amount| amount.to_string()),
        "firstName" | "lastName" | "title" | "name" => text_of(cell).map(Cow::into_owned),
        _ => code_of(cell).map(Cow::into_owned),
    }
}

/// Text without what shows nothing around it.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// What a person should know about a text that people read, although it is sent as it is.
pub fn doubt_of_text(text: &str) -> Option<Complaint> {
    let mended = mojibake::mended(text)?;
    let found = format!("`{}` looks like `{}` in the wrong encoding", shown(text), shown(&mended));
    Some(Complaint::new(found, "sent as it is; if it is wrong, correct it where the sheet comes from"))
}

/// The text of a cell that holds a word, an address, an amount or a date.
fn word_of(cell: &Cell) -> Result<Cow<'_, str>, Complaint> {
    text_of(cell).map(|text| plain::inside(text, plain::word))
}

/// Some program could not read a letter, and has put a sign for that in its place. To send it would destroy the letter
/// at the service too.
fn lost_letters(text: &str) -> Complaint {
    Complaint::new(
        format!("`{}` has lost letters: each `�` was one", shown(trimmed(text))),
        "write them again, or clear the cell to leave the field as it is",
    )
}

/// Whether two texts are the same in any case.
fn is_alike(one: &str, other: &str) -> bool {
    let first = |text: &str| text.chars().next().map(char::to_lowercase);
    let begin_alike = match (first(one), first(other)) {
        (Some(one), Some(other)) => one.eq(other),
        (one, other) => one.is_none() && other.is_none(),
    };
    begin_alike && one.to_lowercase() == other.to_lowercase()
}

fn cleared(field: &Field) -> Result<Value, Complaint> {
    if field.kind.can_be_cleared() {
        return Ok(Value { json: Json::null(), doubt: None });
    }
    let found = format!("the {} cannot be cleared", field.label.to_lowercase());
    Err(Complaint::new(found, "leave the cell blank to keep it"))
}

fn digits_of(number: f64) -> Result<String, Complaint> {
    if let Some(digits) = amount::plain_digits_of(number) {
        return Ok(digits);
    }
    let digits = amount::of_double(number).map(|digits| digits.to_string());
    let is_exact = digits.as_ref().is_some_and(|digits| digits.parse() == Ok(number));
    if number.abs() >= NUMBER_END || (number.abs() >= CENTS_END && !is_exact) {
        return Err(Complaint::new(
            format!("`{number}` has more than 15 digits, the last ones have been lost by the spreadsheet"),
            "format the cell as text and type it again",
        ));
    }
    digits.ok_or_else(|| Complaint::new(format!("`{number}` is not a usable number"), "write it as text"))
}

fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = exponent.trim_start_matches(['+', '-']);
    // `12E5` is a plausible id; Excel always writes a mark or a sign: `4.9E+11`.
    (mantissa.contains(['.', ',']) || exponent.starts_with(['+', '-']))
        && mantissa.starts_with(|letter: char| letter.is_ascii_digit())
        && mantissa.chars().all(|letter| letter.is_ascii_digit() || letter == '.' || letter == ',')
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reads an amount of money, or another number that is not negative.
fn amount_of(cell: &Cell, mark: Option<DecimalMark>) -> Result<Json, Complaint> {
    const ACCEPTED: &str = "write digits with at most one decimal mark, such as 12500 or 12500.50";
    match cell {
        Cell::Number(number) if *number < 0.0 => Err(Complaint::new(format!("`{number}` is negative"), ACCEPTED)),
        Cell::Number(number) => amount(&digits_of(*number)?, Some(DecimalMark::Point)),
        Cell::DateTime(_) | Cell::Boolean(_) => Err(Complaint::new(format!("`{cell}` is not an amount"), ACCEPTED)),
        Cell::Blank | Cell::Text(_) | Cell::Error(_) | Cell::Unevaluated => amount(&word_of(cell)?, mark),
    }
}

fn amount(text: &str, mark: Option<DecimalMark>) -> Result<Json, Complaint> {
    match amount::is_plain(text, mark) {
        true => Ok(Json::digits(text)),
        false => amount::read(text, mark).map(Json::number),
    }
}

fn moment_of(cell: &Cell, order: Option<DateOrder>, zone: &TimeZone) -> Result<Json, Complaint> {
    let moment = match cell {
        Cell::DateTime(at) if moment::is_plain(*at) => return Ok(Json::string(&moment::print_day(at.date()))),
        Cell::DateTime(at) => moment::of_cell(*at, zone)?,
        Cell::Number(number) => {
            let day = moment::of_serial(*number).map(|date| format!("; as a spreadsheet counts days, it is {date}"));
            return Err(Complaint::new(
                format!("`{number}` is a number, not a date{}", day.unwrap_or_default()),
                "format the cell as a date, or write it like 2026-12-31",
            ));
        }
        Cell::Blank | Cell::Text(_) | Cell::Boolean(_) | Cell::Error(_) | Cell::Unevaluated => {
            let text = word_of(cell)?;
            match moment::plain_day(&text) {
                Some(day) => return Ok(Json::string(&moment::print_day(day))),
                None => moment::read(&text, order, zone)?,
            }
        }
    };
    Ok(Json::string(&moment::print(moment)))
}

fn boolean_of(cell: &Cell) -> Result<bool, Complaint> {
    if let Cell::Boolean(value) = cell {
        return Ok(*value);
    }
    let text = word_of(cell)?;
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Ok(true),
        "no" | "n" | "false" | "0" => Ok(false),
        _ => Err(Complaint::new(format!("`{}` is neither yes nor no", shown(&text)), "write Yes or No")),
    }
}

fn one_of(text: &str, words: &[&'static str]) -> Result<&'static str, Complaint> {
    known_word(text, words).ok_or_else(|| unknown_word(text, words.iter().copied()))
}

fn known_word(text: &str, words: &[&'static str]) -> Option<&'static str> {
    // Most cells say it letter by letter.
    words.iter().copied().find(|word| *word == text).or_else(|| {
        let name = folded(text);
        words.iter().copied().find(|word| folded(word) == name)
    })
}

fn substatus(text: &str) -> Result<&'static str, Complaint> {
    match SUBSTATUS_WORDS.iter().find(|word| **word == text) {
        Some(exact) => Ok(exact),
        None => known_word(text, UNCONFIRMED_SUBSTATUSES).map_or_else(|| one_of(text, SUBSTATUS_WORDS), Ok),
    }
}

fn choice_of(text: &str, choices: &'static [Choice]) -> Result<&'static str, Complaint> {
    known_choice(text, choices).ok_or_else(|| unknown_word(text, choices.iter().map(|choice| choice.value)))
}

fn known_choice(text: &str, choices: &'static [Choice]) -> Option<&'static str> {
    if let Some(exact) = choices.iter().find(|choice| choice.value == text) {
        return Some(exact.value);
    }
    let name = folded(text);
    let is_meant =
        |choice: &&Choice| folded(choice.value) == name || choice.aliases.iter().any(|alias| folded(alias) == name);
    choices.iter().find(is_meant).map(|choice| choice.value)
}

/// Free text in the API, a list in the portal: a text outside the list is sent, with a doubt. Only of a reason it is
/// known that people write sentences, so a sentence there must look like a slip of the pen to be doubted.
fn open_choice(cell: &Cell, choices: &'static [Choice]) -> Result<Value, Complaint> {
    let code = code_of(cell)?;
    if let Some(value) = known_choice(&code, choices) {
        return Ok(Value { json: Json::string(value), doubt: None });
    }
    if choices == STATUS_REASON && code == LAST_ERROR_REASON {
        return Ok(Value { json: Json::string(&code), doubt: None });
    }
    let is_sentence = code.contains(' ') && choices == STATUS_REASON;
    let text = if is_sentence { text_of(cell)? } else { code };
    let values = || choices.iter().map(|choice| choice.value);
    let near = nearest(&text, values()).map(|near| format!("did you mean `{near}`?"));
    let usual = || Some(format!("usual are {}", listed(values()))).filter(|_| !is_sentence);
    let doubt = near.or_else(usual).map(|accepted| {
        Complaint::new(format!("`{}` is none of the usual values, it is sent as it is", shown(&text)), accepted)
    });
    Ok(Value { doubt: doubt.or_else(|| doubt_of_text(&text)), json: Json::string(&text) })
}

fn unknown_word(text: &str, words: impl Iterator<Item = &'static str> + Clone) -> Complaint {
    let list = listed(words.clone());
    let accepted = match nearest(text, words) {
        Some(near) => format!("did you mean `{near}`? Accepted: {list}"),
        None => format!("accepted: {list}"),
    };
    Complaint::new(format!("`{}` is not known here", shown(text)), accepted)
}

fn listed(words: impl Iterator<Item = &'static str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
