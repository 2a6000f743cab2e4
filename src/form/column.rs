//! What a column of a form is for.

use crate::domain::field::Writable;
use crate::domain::field::{Field, Kind, words};
use crate::domain::heading::Target;

/// A column of a form.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What it is for.
    pub target: Target,
    /// Its heading. It leads back to what the column is for.
    pub heading: String,
    /// Whether it is there to be read only. Who writes into it is asked, not hindered.
    pub is_read_only: bool,
}

impl Column {
    /// The column that a form has for this.
    pub fn of(target: Target) -> Column {
        let is_read_only = matches!(target, Target::Field(Field { writable: Writable::Never, .. }));
        Column { target, heading: target.heading(), is_read_only }
    }

    /// The same, to be read only.
    pub fn read_only(self) -> Column {
        Column { is_read_only: true, ..self }
    }

    /// What its cells mean.
    pub(super) fn kind(&self) -> Kind {
        match self.target {
            Target::Id => Kind::Guid,
            Target::Action => Kind::Choice(words::ACTION),
            Target::Field(field) => field.kind,
            Target::Part { part: "email", .. } => Kind::Email,
            Target::Part { part: "phoneNumber" | "id", .. } | Target::ETag => Kind::Code,
            Target::Part { part: "currency", .. } => Kind::Currency,
            Target::Part { part: "price" | "quantity", .. } => Kind::Amount,
            Target::Part { part: "type", .. } => Kind::Choice(words::SOLUTION_TYPE),
            Target::Part { .. }
            | Target::Item(_)
            | Target::Note
            | Target::Op
            | Target::Path
            | Target::Value
            | Target::Planned(_)
            | Target::Ignored => Kind::Text,
        }
    }

    /// Whether the word that clears a field means something here.
    pub(super) fn can_be_cleared(&self) -> bool {
        match self.target {
            Target::Field(field) => field.kind.can_be_cleared(),
            Target::Id
            | Target::ETag
            | Target::Action
            | Target::Note
            | Target::Op
            | Target::Path
            | Target::Value
            | Target::Planned(_)
            | Target::Item(_)
            | Target::Part { .. }
            | Target::Ignored => false,
        }
    }
}
