//! What an export shows of each referral, and the columns that this takes once all referrals have been seen.

use super::choice::{self, NoColumn};
use super::{ALL, Column};
use crate::domain::field::words::folded;
use crate::domain::field::{FIELDS, Field, Kind, Writable};
use crate::domain::heading::{SLOTS_MAX, Target};
use crate::domain::referral::Referral;
use crate::domain::value::show::{Shown, show, show_items};
use jiff::tz::TimeZone;

/// The fields of an export, with what the referrals show of them.
#[derive(Debug, Clone)]
pub struct Selection {
    fields: Vec<Chosen>,
    takes_all: bool,
}

#[derive(Debug, Clone)]
struct Chosen {
    field: &'static Field,
    /// Whether any referral says what it is, be it nothing.
    is_shown: bool,
    /// The most items that the list has in any referral.
    items_max: usize,
}

/// What people want to see around what they change day by day.
const BEFORE: [&str; 2] = ["/name", "/customerProfile/name"];
const BEHIND: [&str; 1] = ["/updatedDateTime"];

impl Selection {
    /// The fields of everyday, and those by which a person knows a deal.
    pub fn everyday() -> Selection {
        let paths = BEFORE.into_iter().chain(choice::EVERYDAY).chain(BEHIND);
        Selection::new(paths.filter_map(Field::by_path))
    }

    /// The fields of these names: a path, a label, the portal's heading, or [`ALL`] for each that the service has.
    /// All names that stand for nothing are reported.
    pub fn of(names: &[String]) -> Result<Selection, Vec<NoColumn>> {
        let mut fields = Vec::new();
        let mut strangers = Vec::new();
        let mut takes_all = false;
        for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
            if folded(name) == ALL {
                takes_all = true;
                fields.extend(FIELDS);
                continue;
            }
            match choice::target_named(name) {
                Ok(Target::Field(field) | Target::Item(field) | Target::Part { list: field, .. }) => fields.push(field),
                // Each export has these.
                Ok(_) => {}
                Err(stranger) => strangers.push(stranger),
            }
        }
        if strangers.is_empty() { Ok(Selection { takes_all, ..Selection::new(fields) }) } else { Err(strangers) }
    }

    fn new(fields: impl IntoIterator<Item = &'static Field>) -> Selection {
        let mut chosen: Vec<Chosen> = Vec::new();
        for field in fields {
            if chosen.iter().all(|other| other.field != field) {
                chosen.push(Chosen { field, is_shown: false, items_max: 0 });
            }
        }
        Selection { fields: chosen, takes_all: false }
    }

    /// Takes note of what a referral shows.
    pub fn note(&mut self, referral: &Referral) {
        for chosen in &mut self.fields {
            if is_list(chosen.field) {
                let items = show_items(chosen.field, referral);
                chosen.is_shown |= items.is_some();
                chosen.items_max = chosen.items_max.max(items.map_or(0, |items| items.len()));
            } else if !chosen.is_shown {
                chosen.is_shown = show(chosen.field, referral, &TimeZone::UTC) != Shown::Unknown;
            }
        }
    }

    /// The fields of which no referral says anything.
    pub fn unseen(&self) -> Vec<&'static Field> {
        self.fields.iter().filter(|chosen| !chosen.is_shown).map(|chosen| chosen.field).collect()
    }

    /// Lists with more items than there can be columns.
    pub fn too_long(&self) -> Vec<&'static Field> {
        let is_longer = |chosen: &&Chosen| chosen.items_max > usize::from(SLOTS_MAX);
        self.fields.iter().filter(is_longer).map(|chosen| chosen.field).collect()
    }

    /// The columns: a list has one for each item, and one to add another. Where all fields were asked for, those that
    /// can neither be read nor written are left out.
    pub fn columns(&self) -> Vec<Column> {
        let chosen = self
            .fields
            .iter()
            .filter(|chosen| !self.takes_all || chosen.is_shown || chosen.field.writable != Writable::Never);
        let of_fields = chosen.flat_map(columns_of);
        let first = [Column::of(Target::Id), Column::of(Target::ETag)];
        let last = [Target::Action, Target::Note].map(Column::of);
        first.into_iter().chain(of_fields).chain(last).collect()
    }
}

/// Whether a list has a column for each of its items.
pub(super) fn is_list(field: &Field) -> bool {
    matches!(field.kind, Kind::Members | Kind::Solutions)
}

fn columns_of(chosen: &Chosen) -> Vec<Column> {
    let field = chosen.field;
    if !is_list(field) {
        let column = Column::of(Target::Field(field));
        return vec![if field.writable == Writable::Patch { column } else { column.read_only() }];
    }
    let count = (chosen.items_max + 1).min(usize::from(SLOTS_MAX));
    let heading = |number| format!("{} {number}", item_name(field));
    (1..=count).map(|number| Column { heading: heading(number), ..Column::of(Target::Item(field)) }).collect()
}

/// What the portal calls an item of a list; it takes a number behind.
fn item_name(list: &Field) -> &'static str {
    match list.path {
        "/team" => "Team member",
        "/customerProfile/team" => "Customer contact",
        _ => "Solution",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::heading::target_of;

    fn headings(selection: &Selection) -> String {
        selection.columns().iter().map(|column| column.heading.clone()).collect::<Vec<_>>().join(",")
    }

    fn referral(members: &str) -> Referral {
        Referral::parse(format!(r#"{{"id":"49d90c72-3326-4f61-aacc-2cb57970448c"{members}}}"#)).unwrap()
    }

    #[test]
    fn a_list_has_a_column_for_each_item_and_one_more() {
        let mut selection = Selection::of(&["team".to_owned(), "team.add.email".to_owned()]).unwrap();
        assert_eq!(headings(&selection), "id,eTag,Team member 1,action,row note");
        selection.note(&referral(r#","team":[{"email":"a@b.com"},{"email":"c@d.com"}]"#));
        selection.note(&referral(r#","team":[]"#));
        assert_eq!(headings(&selection), "id,eTag,Team member 1,Team member 2,Team member 3,action,row note");
    }

    #[test]
    fn every_heading_leads_back_to_what_it_is_for() {
        let mut selection = Selection::of(&["all".to_owned()]).unwrap();
        selection.note(&referral(""));
        for column in selection.columns() {
            assert_eq!(target_of(&column.heading), Some(column.target), "{}", column.heading);
        }
        let everyday = Selection::everyday();
        assert_eq!(everyday.fields.len(), BEFORE.len() + choice::EVERYDAY.len() + BEHIND.len());
    }

    #[test]
    fn of_all_fields_those_that_nobody_can_read_or_write_are_left_out() {
        let mut selection = Selection::of(&["all".to_owned()]).unwrap();
        selection.note(&referral(r#","quality":null"#));
        let headings = headings(&selection);
        assert!(headings.contains("Quality,") && headings.contains("Campaign ID,"), "{headings}");
        assert!(!headings.contains("Business profile ID"), "{headings}");
        let named = Selection::of(&["Business profile ID".to_owned()]).unwrap();
        assert_eq!(named.columns().len(), 5);
        assert_eq!(named.unseen().len(), 1);
    }

    #[test]
    fn names_that_stand_for_nothing_are_all_told() {
        let names = ["Deal_valeu", "op", "id"].map(str::to_owned);
        assert_eq!(Selection::of(&names).unwrap_err().len(), 2);
    }
}
