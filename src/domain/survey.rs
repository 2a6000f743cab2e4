//! Columns as a whole: a `25/03/2026` tells how the `03/04/2026` above it is meant.
//!
//! An ambiguous date or amount is settled only when the whole column allows one reading: some cell can be read in no
//! other way, and none contradicts it. Cells are never outvoted; a column that speaks with two tongues settles nothing.

use std::collections::BTreeMap;

use super::cell::{Address, Cell, Row};
use super::field::{Field, Kind};
use super::heading::{Columns, Target, target_of};
use super::value::amount::{self, DecimalMark};
use super::value::moment::{self, DateOrder};
use super::value::{self, Reading, Settled, Way};

/// What the cells of each field allow, so far. In memory that does not grow with the rows.
#[derive(Debug, Default)]
pub struct Survey {
    dates: BTreeMap<&'static str, Ballot>,
    amounts: BTreeMap<&'static str, Ballot>,
}

/// What was found out about one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// How its ambiguous cells are read from now on; none if that could not be told.
    pub settled: Option<Settled>,
    /// What a person should know, in words.
    pub notice: String,
}

/// The cells of one field, sorted by the readings that they allow.
#[derive(Debug, Default)]
struct Ballot {
    /// The first cell that has two readings.
    doubtful: Option<Witness>,
    /// The first cell that only the first reading understands: day first, or a decimal point.
    first: Option<Witness>,
    /// The first cell that only the second one understands: month first, or a decimal comma.
    second: Option<Witness>,
    /// Real dates of a workbook, and whether all of them could be a day and a month in the wrong order.
    real: u64,
    all_swappable: bool,
}

#[derive(Debug, Clone)]
struct Witness {
    place: Address,
    text: String,
}

/// Real dates that could all be swapped by chance: one in about two and a half is, five are no accident any more.
const SUSPICIOUS_DATES: u64 = 5;

impl Survey {
    /// Takes a row into account. Fields whose reading is certain are not looked at.
    pub fn note(&mut self, row: &Row, columns: &Columns, reading: &Reading) {
        for column in &columns.all {
            let cell = row.cell(column.index);
            let field = match column.target {
                Target::Field(field) => Some(field),
                Target::Value => operand(row, columns),
                _ => None,
            };
            let place = Address { column: column.index, row: row.number };
            match field.map(|field| (field, field.kind)) {
                Some((field, Kind::DateTime)) if reading.date_order.is_none() => {
                    self.dates.entry(field.path).or_default().note_date(place, cell);
                }
                Some((field, Kind::Amount)) if reading.decimal.is_none() => {
                    self.amounts.entry(field.path).or_default().note_amount(place, cell);
                }
                _ => {}
            }
        }
    }

    /// Takes rows into account that stand below all that have been.
    pub fn join(&mut self, below: Survey) {
        for (path, ballot) in below.dates {
            self.dates.entry(path).or_default().join(ballot);
        }
        for (path, ballot) in below.amounts {
            self.amounts.entry(path).or_default().join(ballot);
        }
    }

    /// What the columns have to say.
    pub fn findings(&self) -> Vec<Finding> {
        let dates = self.dates.iter().flat_map(|(path, ballot)| ballot.on_dates(path));
        let amounts = self.amounts.iter().filter_map(|(path, ballot)| ballot.on_amounts(path));
        dates.chain(amounts).collect()
    }
}

/// The field that a row of the long layout is about.
fn operand(row: &Row, columns: &Columns) -> Option<&'static Field> {
    let path = value::text_of(row.cell(columns.find(Target::Path)?.index)).ok()?;
    match target_of(&path) {
        Some(Target::Field(field)) => Some(field),
        _ => None,
    }
}

impl Ballot {
    fn note_date(&mut self, place: Address, cell: &Cell) {
        match cell {
            Cell::Text(text) => {
                let text = &value::plain::word(text);
                if moment::plain_day(text).is_some() {
                    return;
                }
                let read = |order| moment::date_of(text, order);
                self.note(place, text, read(DateOrder::DayMonthYear), read(DateOrder::MonthDayYear));
            }
            Cell::DateTime(at) => {
                self.all_swappable = at.day() <= 12 && (self.real == 0 || self.all_swappable);
                self.real += 1;
            }
            Cell::Blank | Cell::Number(_) | Cell::Boolean(_) | Cell::Error(_) | Cell::Unevaluated => {}
        }
    }

    fn note_amount(&mut self, place: Address, cell: &Cell) {
        if let Cell::Text(text) = cell {
            let text = &value::plain::word(text);
            let is_plain = |mark| amount::is_plain(text, Some(mark));
            // With either mark it is the same; with a point only, which another cell has said already.
            if is_plain(DecimalMark::Comma) || self.first.is_some() && is_plain(DecimalMark::Point) {
                return;
            }
            let read = |mark| amount::read(text, Some(mark)).ok();
            self.note(place, text, read(DecimalMark::Point), read(DecimalMark::Comma));
        }
    }

    fn note<T: PartialEq>(&mut self, place: Address, text: &str, first: Option<T>, second: Option<T>) {
        let seat = match (first, second) {
            (Some(first), Some(second)) if first != second => &mut self.doubtful,
            (Some(_), None) => &mut self.first,
            (None, Some(_)) => &mut self.second,
            (Some(_), Some(_)) | (None, None) => return,
        };
        seat.get_or_insert_with(|| Witness { place, text: text.to_owned() });
    }

    fn join(&mut self, below: Ballot) {
        self.all_swappable = match (self.real, below.real) {
            (_, 0) => self.all_swappable,
            (0, _) => below.all_swappable,
            (_, _) => self.all_swappable && below.all_swappable,
        };
        self.real += below.real;
        for (seat, below) in
            [(&mut self.doubtful, below.doubtful), (&mut self.first, below.first), (&mut self.second, below.second)]
        {
            *seat = seat.take().or(below);
        }
    }

    /// The reading that the whole column allows, with the cell that says so.
    fn verdict<R>(&self, first: R, second: R) -> Option<(R, &Witness, &Witness)> {
        let doubtful = self.doubtful.as_ref()?;
        match (&self.first, &self.second) {
            (Some(witness), None) => Some((first, witness, doubtful)),
            (None, Some(witness)) => Some((second, witness, doubtful)),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }

    fn on_dates(&self, path: &str) -> Vec<Finding> {
        let Some(field) = Field::by_path(path) else { return Vec::new() };
        let mut findings = Vec::new();
        if let Some((order, witness, doubtful)) = self.verdict(DateOrder::DayMonthYear, DateOrder::MonthDayYear) {
            let how = if order == DateOrder::DayMonthYear { "day" } else { "month" };
            let what = format!("is read with the {how} first");
            findings.push(finding(field, Way::Dates(order), &what, witness, doubtful));
        }
        if let (Some(witness), None) = (&self.first, &self.second)
            && self.all_swappable
            && self.real >= SUSPICIOUS_DATES
        {
            let notice = format!(
                "{}: all {} real dates have a day up to 12, while {witness} is text with the day first: a spreadsheet \
                 has probably read the real ones with the month first; compare some with where they come from",
                field.label, self.real
            );
            findings.push(Finding { settled: None, notice });
        }
        findings
    }

    fn on_amounts(&self, path: &str) -> Option<Finding> {
        let field = Field::by_path(path)?;
        let (mark, witness, doubtful) = self.verdict(DecimalMark::Point, DecimalMark::Comma)?;
        let how = if mark == DecimalMark::Point { "point" } else { "comma" };
        Some(finding(field, Way::Amounts(mark), &format!("is read with a decimal {how}"), witness, doubtful))
    }
}

fn finding(field: &'static Field, way: Way, what: &str, witness: &Witness, doubtful: &Witness) -> Finding {
    let notice = format!("{}: {doubtful} {what}, because {witness} allows nothing else", field.label);
    Finding { settled: Some(Settled { field, way }), notice }
}

impl std::fmt::Display for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` in {}", self.text, self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::heading::Naming;

    /// Surveys a column of texts and gives the notices.
    fn check(heading: &str, cells: &[&str], expected: &[&str]) {
        let cells: Vec<Cell> = cells.iter().map(|text| Cell::Text((*text).to_owned())).collect();
        check_cells(heading, &cells, expected);
    }

    /// Surveys it as a whole, and in two parts wherever it can be cut.
    fn check_cells(heading: &str, cells: &[Cell], expected: &[&str]) {
        let columns = Columns::resolve([(0, "id"), (1, heading)], &Naming::default()).unwrap();
        for cut in 0..cells.len() {
            let (mut survey, mut below) = (Survey::default(), Survey::default());
            for (at, (number, cell)) in (2..).zip(cells).enumerate() {
                let row = Row { number, cells: vec![Cell::Blank, cell.clone()] };
                let part = if at < cut { &mut survey } else { &mut below };
                part.note(&row, &columns, &Reading::default());
            }
            survey.join(below);
            let notices: Vec<String> = survey.findings().into_iter().map(|finding| finding.notice).collect();
            assert_eq!(notices, expected, "cut at {cut}");
        }
    }

    #[test]
    fn one_certain_date_settles_the_doubtful_ones() {
        check(
            "Closing date",
            &["03/04/2026", "2026-01-01", "25/03/2026"],
            &[
                "Closing date: `03/04/2026` in B2 is read with the day first, because `25/03/2026` in B4 allows nothing else",
            ],
        );
        check(
            "Closing date",
            &["12/31/2026", "03/04/2026 14:00"],
            &[
                "Closing date: `03/04/2026 14:00` in B3 is read with the month first, because `12/31/2026` in B2 allows nothing else",
            ],
        );
    }

    #[test]
    fn a_column_without_a_certain_cell_or_with_two_tongues_settles_nothing() {
        check("Closing date", &["03/04/2026", "04/04/2026", "soon"], &[]);
        check("Closing date", &["03/04/2026", "25/03/2026", "03/25/2026"], &[]);
        check("Closing date", &["25/03/2026", "26/03/2026"], &[]);
        check("Deal value", &["1,234", "9,99", "12,500.50"], &[]);
    }

    #[test]
    fn one_certain_amount_settles_the_doubtful_ones() {
        check(
            "Deal value",
            &["1.234", "9,99"],
            &["Deal value: `1.234` in B2 is read with a decimal comma, because `9,99` in B3 allows nothing else"],
        );
        check(
            "Deal value",
            &["5000", "$1,234", "0.5"],
            &["Deal value: `$1,234` in B3 is read with a decimal point, because `0.5` in B4 allows nothing else"],
        );
    }

    #[test]
    fn real_dates_that_a_spreadsheet_has_probably_swapped_are_told() {
        let real = (1..=5).map(|day| Cell::DateTime(jiff::civil::date(2026, 4, day).at(0, 0, 0, 0)));
        let cells: Vec<Cell> = real.chain([Cell::Text("25/03/2026".to_owned())]).collect();
        check_cells(
            "Closing date",
            &cells,
            &[
                "Closing date: all 5 real dates have a day up to 12, while `25/03/2026` in B7 is text with the day first: a \
               spreadsheet has probably read the real ones with the month first; compare some with where they come from",
            ],
        );
    }
}
