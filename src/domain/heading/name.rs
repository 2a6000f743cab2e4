//! What columns are called: in our own sheets, and in messages.

use super::Target;

impl Target {
    /// The heading that a sheet of ours gives it; [`target_of`](super::target_of) leads back. What a person does not write has none.
    pub fn heading(self) -> String {
        match self {
            Target::Item(list) => format!("{}.add", in_one_word(list.label)),
            Target::Part { list, slot: 1, part } => format!("{}.add.{part}", in_one_word(list.label)),
            Target::Part { list, slot, part } => format!("{}.add.{slot}.{part}", in_one_word(list.label)),
            Target::Planned(_) | Target::Ignored => String::new(),
            Target::Id
            | Target::ETag
            | Target::Action
            | Target::Note
            | Target::Op
            | Target::Path
            | Target::Value
            | Target::Field(_) => self.name(),
        }
    }

    /// What it is called in messages.
    pub fn name(self) -> String {
        match self {
            Target::Id => "id".to_owned(),
            Target::ETag => "eTag".to_owned(),
            Target::Action => "action".to_owned(),
            Target::Note => "row note".to_owned(),
            Target::Op => "op".to_owned(),
            Target::Path => "path".to_owned(),
            Target::Value => "value".to_owned(),
            Target::Field(field) => field.label.to_owned(),
            Target::Item(list) => format!("{} (one item)", list.label),
            Target::Part { list, slot, part } => format!("{}.add.{slot}.{part}", list.dotted()),
            Target::Planned(_) => "the plan".to_owned(),
            Target::Ignored => "nothing".to_owned(),
        }
    }
}

/// `Customer contacts` as `customerContacts`.
fn in_one_word(label: &str) -> String {
    let mut is_start = false;
    let mut word = String::new();
    for letter in label.chars() {
        match letter {
            ' ' => is_start = true,
            letter if std::mem::take(&mut is_start) => word.extend(letter.to_uppercase()),
            letter => word.extend(letter.to_lowercase()),
        }
    }
    word
}
