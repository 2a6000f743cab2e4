//! What can go wrong with one request, whether chance or a script says so.

use std::time::Duration;

use serde_json::Value;

use super::refusal::Refusal;
use super::store::Store;
use crate::domain::referral::ReferralId;

/// What goes wrong with one request.
#[derive(Debug, Clone, PartialEq)]
pub enum Mishap {
    /// Nothing.
    None,
    /// It is done, and no answer comes.
    LoseReply,
    /// It is not done, and no answer comes. The caller cannot tell this from a lost reply.
    Cut,
    /// 503, and it is not done.
    Busy {
        /// `Retry-After`, if the answer has it.
        retry_after: Option<Duration>,
    },
    /// 429, and it is not done.
    Throttle {
        /// `Retry-After`, if the answer has it.
        retry_after: Option<Duration>,
    },
    /// 401, and it is not done.
    Unauthenticated,
    /// Directly before it is done, a colleague changes the referral that it is about, if it is about one: what
    /// [`Store::change_underneath`] is to merge.
    ChangeUnderneath(Value),
}

impl Mishap {
    /// What happens before a request is judged, counted: a colleague's change, or the refusal that takes the place
    /// of the answer. Whether the request is carried out and answered is left to who has the connection.
    pub(super) fn strike(&self, store: &Store, about: Option<ReferralId>) -> Result<(), Refusal> {
        store.count(|troubles| {
            troubles.requests += 1;
            match self {
                Mishap::LoseReply => troubles.replies_lost += 1,
                Mishap::Cut => troubles.cuts += 1,
                Mishap::Busy { .. } => troubles.failures += 1,
                Mishap::Throttle { .. } => troubles.throttled += 1,
                // Colleagues count where they do something, tokens where they expire.
                Mishap::None | Mishap::Unauthenticated | Mishap::ChangeUnderneath(_) => {}
            }
        });
        match self {
            Mishap::Busy { retry_after } => Err(Refusal::not_available(*retry_after)),
            Mishap::Throttle { retry_after } => Err(Refusal::throttled(*retry_after)),
            Mishap::Unauthenticated => Err(Refusal::unauthenticated()),
            Mishap::ChangeUnderneath(members) => {
                if let Some(id) = about {
                    store.change_underneath(id, members);
                }
                Ok(())
            }
            Mishap::None | Mishap::LoseReply | Mishap::Cut => Ok(()),
        }
    }
}

/// Merges as in RFC 7396: objects member by member, `null` removes, anything else takes the old value's place.
pub(super) fn merge(target: &mut Value, change: &Value) {
    let Value::Object(members) = change else {
        target.clone_from(change);
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let object = target.as_object_mut().expect("it was made one");
    for (name, value) in members {
        if value.is_null() {
            object.shift_remove(name);
        } else {
            merge(object.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_merge_goes_member_by_member() {
        let mut document = json!({ "a": { "b": 1, "c": 2 }, "d": [1], "e": 3 });
        merge(&mut document, &json!({ "a": { "b": 9, "x": { "y": null, "z": 1 } }, "d": [2], "e": null }));
        assert_eq!(document, json!({ "a": { "b": 9, "c": 2, "x": { "z": 1 } }, "d": [2] }));
    }
}
