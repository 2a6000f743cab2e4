//! What the columns of a sheet are: headings resolved against the field table.
//!
//! A heading is a field's path, its label, the portal's own heading, or a mapping of the user's. All that is
//! wrong with the headings is reported at once; until they are understood, no row is read.

mod name;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::cell::column_letters;
use super::field::table::PORTAL_ONLY;
use super::field::words::{folded, nearest};
use super::field::{FIELDS, Field, Kind};
use super::identity::MatchBy;
use super::planned::{self, Part};
use super::value::Reading;
use super::value::amount::DecimalMark;
use super::value::moment::DateOrder;

/// The most members or solutions that one sheet row may add to a list (contract, section 3.9).
pub const SLOTS_MAX: u16 = 50;

/// A sheet with more unknown headings than this is some other sheet, in which nobody has slipped.
const SUGGESTIONS_MAX: usize = 100;

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// The referral's id.
    Id,
    /// The eTag that the row was made from.
    ETag,
    /// `update`, `skip` or `create`.
    Action,
    /// A note of the user's, copied to the report.
    Note,
    /// The operation word of the long layout.
    Op,
    /// The pointer of the long layout.
    Path,
    /// The value of the long layout.
    Value,
    /// The value of a field.
    Field(&'static Field),
    /// One item to append to a list, whole in one cell: JSON, or the portal's comma form.
    Item(&'static Field),
    /// One member of the item number `slot` to append to a list: `team.add.2.email`.
    Part {
        /// The list.
        list: &'static Field,
        /// Which of the items that the row appends, from 1.
        slot: u16,
        /// The member's name, such as `email`.
        part: &'static str,
    },
    /// A column of a plan.
    Planned(Part),
    /// Not for us: a comment, a portal-only column, or ignored by the user.
    Ignored,
}

/// A column and what it is for.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Counted from 0.
    pub index: u32,
    /// The heading as the sheet has it.
    pub heading: Arc<str>,
    /// What it is for.
    pub target: Target,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A referral, a column for each field.
    Wide,
    /// One operation: `id`, `op`, `path`, `value`.
    Long,
    /// One change of a plan, made by the program itself.
    Plan,
}

/// The columns of a sheet, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    /// In sheet order.
    pub all: Vec<Column>,
    /// What a row is.
    pub layout: Layout,
    /// Whether the sheet is a file of the portal, whose dates are `MM/DD/YYYY` (contract, section 3.9).
    pub from_portal: bool,
    /// What rows are matched by, if their id cell is blank.
    pub match_by: MatchBy,
}

/// What the user says about headings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Naming {
    /// Headings of the user's own and the field that each stands for.
    pub map: Vec<(String, String)>,
    /// Headings to leave alone.
    pub ignore: Vec<String>,
    /// Whether all unknown headings are left alone.
    pub ignore_unknown: bool,
    /// What rows are matched by.
    pub match_by: MatchBy,
}

/// What is wrong with the headings.
#[derive(Debug, Clone, PartialEq)]
pub enum HeadingProblem {
    /// Nothing that we know is called this.
    Unknown {
        /// The column's letters.
        column: String,
        /// The heading.
        heading: String,
        /// The known heading most like it.
        nearest: Option<String>,
    },
    /// Two columns are for one thing.
    Twice {
        /// The letters and heading of the first.
        first: (String, String),
        /// The letters and heading of the second.
        second: (String, String),
        /// What both are for.
        target: String,
    },
    /// A `--map` names a field that does not exist.
    MapsToNothing {
        /// The user's heading.
        heading: String,
        /// What it was to stand for.
        field: String,
        /// The known heading most like it.
        nearest: Option<String>,
    },
    /// No column identifies the referral.
    NoId {
        /// What such a column would be headed.
        wanted: &'static str,
    },
    /// A layout of operations lacks one of its four columns.
    IncompleteLong {
        /// The columns that are not there.
        missing: Vec<&'static str>,
    },
}

/// Folded heading → what it is for. Built once from the field table.
static KNOWN: LazyLock<HashMap<String, Target>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    for field in FIELDS {
        let names = [field.label.to_owned(), field.dotted()];
        for name in names.into_iter().chain(field.portal.iter().map(ToString::to_string)) {
            known.entry(folded(&name)).or_insert(Target::Field(field));
        }
    }
    for heading in PORTAL_ONLY {
        known.insert(folded(heading), Target::Ignored);
    }
    let special: [(&[&str], Target); 7] = [
        (&["id", "Referral ID"], Target::Id),
        (&["eTag"], Target::ETag),
        (&["action"], Target::Action),
        (&["row note"], Target::Note),
        (&["op", "operation"], Target::Op),
        (&["path", "pointer"], Target::Path),
        (&["value"], Target::Value),
    ];
    for (names, target) in special {
        for name in names {
            known.insert(folded(name), target);
        }
    }
    known
});

/// Lists that a sheet can append to, with the dotted forms that may stand before `.add`.
static LISTS: LazyLock<Vec<&'static Field>> =
    LazyLock::new(|| FIELDS.iter().filter(|field| field.takes_appends()).collect());

/// The members of a list item that a column can name.
pub fn parts(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Members => &["firstName", "lastName", "phoneNumber", "email", "title"],
        Kind::Solutions => &["id", "name", "type", "currency", "price", "quantity"],
        _ => &[],
    }
}

/// What a heading is for by itself, without the user's own names.
pub fn target_of(heading: &str) -> Option<Target> {
    let heading = heading.trim();
    if heading.starts_with(['#', '_']) {
        return Some(Target::Ignored);
    }
    let name = folded(heading);
    appended(heading).or_else(|| KNOWN.get(&name).copied()).or_else(|| numbered(&name))
}

/// `Team member 3`, `Solution 12`, and the portal-only columns that come with a number.
fn numbered(name: &str) -> Option<Target> {
    let stem = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let number = &name[stem.len()..];
    let slot: u16 = number.parse().ok()?;
    let path = match stem {
        "teammember" => "/team",
        "solution" => "/details/requirements/solutions",
        "customercontact" => "/customerProfile/team",
        _ => return KNOWN.get(stem).copied().filter(|target| *target == Target::Ignored),
    };
    (1..=SLOTS_MAX).contains(&slot).then(|| Field::by_path(path).map(Target::Item))?
}

/// `team.add.email`, `team.add.2.email`, `/team/-`, `team.add`.
fn appended(heading: &str) -> Option<Target> {
    let dotted = heading.trim_start_matches('/').replace('/', ".");
    let (list, rest) = match dotted.strip_suffix(".-") {
        Some(list) => (list, Vec::new()),
        None => {
            let steps: Vec<&str> = dotted.split('.').collect();
            let add = steps.iter().position(|step| step.trim().eq_ignore_ascii_case("add"))?;
            (&dotted[..steps[..add].join(".").len()], steps[add + 1..].to_vec())
        }
    };
    let field = *LISTS.iter().find(|field| {
        let full = folded(&field.dotted());
        folded(list) == full
            || folded(list) == folded(field.label)
            || (folded(list) == "solutions" && full.ends_with("solutions"))
    })?;
    let (slot, part) = match rest.as_slice() {
        [] => return Some(Target::Item(field)),
        [part] => (1, part),
        [slot, part] => (slot.trim().parse().ok().filter(|slot| (1..=SLOTS_MAX).contains(slot))?, part),
        _ => return None,
    };
    let part = parts(field.kind).iter().find(|name| folded(name) == folded(part))?;
    Some(Target::Part { list: field, slot, part })
}

impl Columns {
    /// Resolves headings (column counted from 0, text), or says all that is wrong with them.
    pub fn resolve<'a>(
        headings: impl IntoIterator<Item = (u32, &'a str)>,
        naming: &Naming,
    ) -> Result<Columns, Vec<HeadingProblem>> {
        let headings: Vec<(u32, &str)> = headings.into_iter().collect();
        if let Some(all) = planned::columns(headings.iter().copied()) {
            return Ok(Columns { all, layout: Layout::Plan, from_portal: false, match_by: MatchBy::Id });
        }
        let (map, mut problems) = own_names(naming);
        let mut all = Vec::with_capacity(headings.len());
        for (index, heading) in &headings {
            match target_for(heading, &map, naming) {
                Some(target) => all.push(Column { index: *index, heading: heading.trim().into(), target }),
                None => problems.push(HeadingProblem::Unknown {
                    column: column_letters(*index),
                    heading: heading.trim().to_owned(),
                    nearest: (problems.len() < SUGGESTIONS_MAX).then(|| nearest_heading(heading)).flatten(),
                }),
            }
        }
        problems.extend(repeated(&all));
        problems.extend(missing(&all, naming.match_by));
        let from_portal = is_from_portal(&headings);
        if !problems.is_empty() {
            return Err(problems);
        }
        let is_long = all.iter().any(|column| column.target == Target::Op);
        let layout = if is_long { Layout::Long } else { Layout::Wide };
        Ok(Columns { all, layout, from_portal, match_by: naming.match_by })
    }

    /// The same columns with headings of their own, for another thread: to share them, two cores would pass their counters
    /// to and fro with each cell.
    pub fn apart(&self) -> Columns {
        let apart = |column: &Column| Column { heading: Arc::from(&*column.heading), ..column.clone() };
        Columns { all: self.all.iter().map(apart).collect(), ..*self }
    }

    /// The first column for a target, if there is one.
    pub fn find(&self, target: Target) -> Option<&Column> {
        self.all.iter().find(|column| column.target == target)
    }

    /// The column that says which referral a row with a blank id cell is about.
    pub fn key(&self) -> Option<&Column> {
        self.find(Target::Field(self.match_by.field()?))
    }

    /// How cells are read below these headings: a file of the portal has its dates and amounts in the portal's form,
    /// unless the user says otherwise.
    pub fn reading(&self, user: Reading) -> Reading {
        let date_order = user.date_order.or(self.from_portal.then_some(DateOrder::MonthDayYear));
        let decimal = user.decimal.or(self.from_portal.then_some(DecimalMark::Point));
        Reading { date_order, decimal, ..user }
    }
}

fn target_for(heading: &str, map: &HashMap<String, Target>, naming: &Naming) -> Option<Target> {
    let name = folded(heading);
    if naming.ignore.iter().any(|ignored| folded(ignored) == name) {
        return Some(Target::Ignored);
    }
    let target = map.get(&name).copied().or_else(|| target_of(heading));
    if target.is_none() && naming.ignore_unknown { Some(Target::Ignored) } else { target }
}

fn own_names(naming: &Naming) -> (HashMap<String, Target>, Vec<HeadingProblem>) {
    let mut map = HashMap::new();
    let mut problems = Vec::new();
    for (heading, field) in &naming.map {
        match target_of(field) {
            Some(target) => {
                map.insert(folded(heading), target);
            }
            None => {
                // Said once: the heading itself is not unknown as well.
                map.insert(folded(heading), Target::Ignored);
                problems.push(HeadingProblem::MapsToNothing {
                    heading: heading.clone(),
                    field: field.clone(),
                    nearest: nearest_heading(field),
                });
            }
        }
    }
    (map, problems)
}

/// The known heading that is nearest to a text, if any is near enough to be a slip of the pen.
pub fn nearest_heading(heading: &str) -> Option<String> {
    let names = FIELDS.iter().flat_map(|field| {
        [field.label.to_owned(), field.dotted()].into_iter().chain(field.portal.iter().map(ToString::to_string))
    });
    let names: Vec<String> = names.chain(["id", "eTag", "action", "row note"].map(str::to_owned)).collect();
    nearest(heading, names.iter().map(String::as_str)).map(str::to_owned)
}

fn repeated(columns: &[Column]) -> Vec<HeadingProblem> {
    let mut problems = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        // Several whole items append several times; that is what `Team member 1`, `Team member 2` are for.
        if matches!(column.target, Target::Ignored | Target::Item(_)) {
            continue;
        }
        if let Some(first) = columns[..at].iter().find(|first| first.target == column.target) {
            problems.push(HeadingProblem::Twice {
                first: (column_letters(first.index), first.heading.to_string()),
                second: (column_letters(column.index), column.heading.to_string()),
                target: column.target.name(),
            });
        }
    }
    problems
}

fn missing(columns: &[Column], match_by: MatchBy) -> Vec<HeadingProblem> {
    let has = |target| columns.iter().any(|column| column.target == target);
    let mut problems = Vec::new();
    let (key, wanted) = match match_by.field() {
        Some(field) => (Target::Field(field), field.label),
        None => (Target::Id, "id"),
    };
    // Rows that create have no id yet; a sheet may hold nothing else.
    let may_create = has(Target::Action) && match_by == MatchBy::Id;
    if !has(key) && !may_create {
        problems.push(HeadingProblem::NoId { wanted });
    }
    let long = [("op", Target::Op), ("path", Target::Path), ("value", Target::Value)];
    let absent: Vec<&str> = long.iter().filter(|(_, target)| !has(*target)).map(|(name, _)| *name).collect();
    if !absent.is_empty() && absent.len() < long.len() {
        problems.push(HeadingProblem::IncompleteLong { missing: absent });
    }
    problems
}

/// A portal file has these columns always; no other kind of sheet is likely to have both.
fn is_from_portal(headings: &[(u32, &str)]) -> bool {
    let has = |wanted: &str| headings.iter().any(|(_, heading)| folded(heading) == folded(wanted));
    has("Referral ID") && has("Partner Referral Status")
}

#[cfg(test)]
mod tests;
