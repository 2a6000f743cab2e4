//! What a row asks for: a change of one referral, a new referral, or nothing.
//!
//! This is where cells lose their columns and become wishes about fields. All that is wrong with the row is
//! collected; a row with an error asks for nothing.

mod doubts;
mod exact;
mod parts;
mod read;

use std::sync::Arc;

use super::cell::{Address, Cell, Row};
use super::create::Draft;
use super::field::{Field, Kind, Writable};
use super::heading::{Columns, Layout};
use super::identity::Who;
use super::json::Json;
use super::problem::Problem;
use super::referral::{ETag, ReferralId};
use super::value::Reading;

/// A row, understood.
#[derive(Debug, Clone)]
pub struct Request {
    /// The row's number in the sheet.
    pub row: u32,
    /// The id cell as it stands, for the report.
    pub id_text: String,
    /// The user's own note.
    pub note: Option<String>,
    /// All that is wrong with the row; warnings too.
    pub problems: Vec<Problem>,
    /// What it asks for.
    pub ask: Ask,
}

/// What a row asks for.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Change a referral.
    Update(Change),
    /// Create one.
    Create(Draft),
    /// Leave it alone: the row's action says `skip`.
    Skip,
    /// Nothing, because of the problems.
    Invalid,
}

/// A wished change of one referral. Not yet compared with what the service holds.
#[derive(Debug, Clone)]
pub struct Change {
    /// Which referral.
    pub referral: ReferralId,
    /// The version that the sheet was made from, if it has an eTag column.
    pub etag: Option<ETag>,
    /// The wishes, in sheet order.
    pub edits: Vec<Edit>,
    /// Whether a wish that clashes with somebody else's change may be left out and the rest be sent: each is a row of
    /// its own.
    pub is_divisible: bool,
    /// Whether it is known what the row was made from: then each wish has its base, unless just that is not known.
    pub is_on_base: bool,
}

/// One wish about one field.
#[derive(Debug, Clone)]
pub struct Edit {
    /// The field.
    pub field: &'static Field,
    /// What is wished.
    pub wish: Wish,
    /// What the field was in the sheet's base, `null` included; none when that is not known. Whoever has changed it
    /// since has changed the same field as this edit.
    pub base: Option<Was>,
    /// The cell that says so.
    pub place: Address,
    /// The heading of its column.
    pub heading: Arc<str>,
}

/// What a field was when the sheet was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Was {
    /// Its value; `null` for a blank cell.
    pub value: Json,
    /// How much of it the sheet told.
    pub precision: Precision,
}

/// How much a sheet tells of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// All of it: the program wrote it down.
    Exact,
    /// What a cell can tell: no white space at the ends, any line ends, nothing for an empty text.
    Cell,
    /// The same, and of a moment only its day: the portal's files.
    Day,
}

/// What is wished for a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// It shall be this; `null` clears it.
    Set(Json),
    /// This shall be in the list.
    Append(Json),
}

/// What is known of a row besides its own cells.
#[derive(Debug, Clone, Default)]
pub struct Background<'a> {
    /// Which referral it is about.
    pub who: Who,
    /// What its cells were before they were edited.
    pub base: Base,
    /// How the cells of the base are read, if not like those of the sheet: it may have been written elsewhere.
    pub base_reading: Option<&'a BaseReading>,
}

/// How the cells of a base are read.
#[derive(Debug, Clone)]
pub struct BaseReading {
    /// What they mean.
    pub reading: Reading,
    /// How much they tell.
    pub precision: Precision,
}

/// The cells that a row was made from, under the columns of the row's own sheet. Only a cell that differs from its base
/// is a wish.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Base {
    /// The sheet has no base: every filled cell is a wish.
    #[default]
    Absent,
    /// The sheet has one, but the referral of this row is not in it.
    NotThere,
    /// These; [`Cell::Unevaluated`] under a column that the base does not have.
    Cells(Vec<Cell>),
}

impl Base {
    /// Whether a cell says what it said in the base, letter by letter.
    pub fn says(&self, column: u32, cell: &Cell) -> bool {
        self.cell(column).is_some_and(|was| read::is_same_text(was, cell))
    }

    /// What a cell was; none if that is not known.
    pub fn cell(&self, column: u32) -> Option<&Cell> {
        match self {
            Base::Absent | Base::NotThere => None,
            Base::Cells(cells) => {
                Some(cells.get(column as usize).unwrap_or(&Cell::Blank)).filter(|cell| **cell != Cell::Unevaluated)
            }
        }
    }
}

impl Change {
    /// Whether it is known of every field that is set what it was when the sheet was made. Then a change made since
    /// is merged by field, whatever the eTag of the sheet says. What is added to a list needs no base: a list takes both.
    pub fn has_base(&self) -> bool {
        let mut sets = self.edits.iter().filter(|edit| edit.is_sent() && matches!(edit.wish, Wish::Set(_)));
        self.is_on_base && sets.all(|edit| edit.base.is_some())
    }

    /// The rest without some of the wishes. A status and its substatus go together, or not at all.
    #[must_use]
    pub fn without(&self, is_out: impl Fn(&Edit) -> bool) -> Change {
        let takes_along = |edit: &Edit| self.edits.iter().any(|half| is_out(half) && half.is_other_half(edit));
        let edits = self.edits.iter().filter(|edit| !is_out(edit) && !takes_along(edit));
        Change { edits: edits.cloned().collect(), ..self.clone() }
    }
}

/// In a sheet of operations each half of a status pair has a row of its own, and neither can be sent alone: each half
/// takes the other one along. Whichever comes second finds then that it holds already.
///
/// `rows` are all rows about the referral of `request`, in sheet order. A status goes with the substatus behind it, a
/// substatus with the status before it, as long as there is one.
pub fn complete_pair(request: &mut Request, rows: &[Request]) {
    let Ask::Update(change) = &mut request.ask else { return };
    let [half] = change.edits.as_slice() else { return };
    let other_half = |other: &Request| match &other.ask {
        Ask::Update(Change { edits, .. }) => edits.iter().find(|edit| half.is_other_half(edit)).cloned(),
        Ask::Create(_) | Ask::Skip | Ask::Invalid => None,
    };
    let (before, behind): (Vec<&Request>, Vec<&Request>) = rows.iter().partition(|other| other.row < request.row);
    let before = || before.iter().rev().find_map(|other| other_half(other));
    let behind = || behind.iter().find_map(|other| other_half(other));
    let found = if half.field.kind == Kind::Status { behind().or_else(before) } else { before().or_else(behind) };
    change.edits.extend(found);
}

impl Request {
    /// Understands one row of a sheet.
    pub fn read(row: &Row, columns: &Columns, reading: &Reading, background: &Background) -> Request {
        match columns.layout {
            Layout::Plan => exact::request(row, columns),
            Layout::Wide | Layout::Long => read::Reader::new(row, columns, reading, background).read(),
        }
    }

    /// Joins the request of another row of its group: both are one write.
    pub fn join(&mut self, other: Request) {
        if let (Ask::Update(change), Ask::Update(more)) = (&mut self.ask, other.ask) {
            change.edits.extend(more.edits);
            self.problems.extend(other.problems);
        }
    }

    /// Adds what others have to say about the row. With an error among it, it asks for nothing any more.
    pub fn remark(&mut self, remarks: &[Problem]) {
        self.problems.extend_from_slice(remarks);
        if remarks.iter().any(Problem::is_error) {
            self.ask = Ask::Invalid;
        }
    }
}

impl Edit {
    /// Whether the service takes a patch of it.
    pub fn is_sent(&self) -> bool {
        match self.wish {
            Wish::Set(_) => self.field.writable == Writable::Patch,
            Wish::Append(_) => self.field.takes_appends(),
        }
    }

    fn is_other_half(&self, other: &Edit) -> bool {
        let kinds = (self.field.kind, other.field.kind);
        matches!(kinds, (Kind::Status, Kind::Substatus) | (Kind::Substatus, Kind::Status))
    }

    /// Whether its field holds several values at once.
    pub fn is_of_list(&self) -> bool {
        matches!(self.field.kind, Kind::Members | Kind::Solutions)
    }
}

#[cfg(test)]
mod tests;
