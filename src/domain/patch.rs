//! JSON Patch documents (RFC 6902) of `replace` and `add` only, which is all that the service takes
//! (contract, section 5.1).

use std::borrow::Cow;

use json_patch::jsonptr::Pointer;
use serde_json::{Map, Value};

use super::json::{Json, MemberRead, SpliceError, push_string};

/// The two operations that the service supports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Sets a value that is there.
    Replace,
    /// Sets a member, or appends to a list when the pointer ends in `-`.
    Add,
}

/// One operation: at this place, this value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// What is done.
    pub op: Op,
    /// Where.
    pub path: Cow<'static, Pointer>,
    /// The new value.
    pub value: Json,
}

/// The operations of one row, applied in order, all or nothing. Never empty when sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    operations: Vec<Operation>,
    document: Json,
}

/// What an operation takes besides its path and its value.
const OPERATION_BYTES: usize = r#",{"op":"replace","path":"","value":}"#.len();

/// Why a patch does not fit a referral. This is our bug or a service that answers strangely, never the sheet's fault.
#[derive(Debug, thiserror::Error)]
pub enum DoesNotApply {
    /// The text could not be spliced.
    #[error(transparent)]
    Splice(#[from] SpliceError),
    /// The `json-patch` crate refuses it.
    #[error("the patch is refused by a strict JSON Patch reader")]
    Strict(#[from] json_patch::PatchError),
    /// The two disagree about the result.
    #[error("two readers of JSON Patch disagree about the result")]
    Disagreement,
}

impl Op {
    /// The word of RFC 6902.
    pub fn word(self) -> &'static str {
        match self {
            Op::Replace => "replace",
            Op::Add => "add",
        }
    }
}

impl Patch {
    /// A patch of these operations.
    pub fn new(operations: Vec<Operation>) -> Self {
        let document = document_of(&operations);
        Patch { operations, document }
    }

    /// The operations.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The document as it goes over the wire, into the ledger and into the report.
    pub fn document(&self) -> &Json {
        &self.document
    }

    /// The referral after this patch, every untouched member as it was, to the byte.
    ///
    /// It is made twice: by splicing the text, and by the `json-patch` crate, which knows RFC 6902 better than we do;
    /// both must agree. What is compared is the whole document as `serde_json` reads it: members that no operation goes
    /// through have the same text, the others hold the same value.
    pub fn applied_to(&self, document: &Json) -> Result<Json, DoesNotApply> {
        let operations = self.operations.iter();
        let spliced = document.with_each(operations.map(|operation| (&*operation.path, &operation.value)))?;
        let is_same = match (document.members(), spliced.members()) {
            (Some(before), Some(after)) => self.makes(&before, &after)?,
            _ => false,
        };
        if is_same || spliced.value() == self.strictly_applied_to(document.value())? {
            Ok(spliced)
        } else {
            Err(DoesNotApply::Disagreement)
        }
    }

    /// Whether the operations make these members of those before. An operation that adds or replaces acts on the member
    /// of the root that its path names and cannot see the others (RFC 6902, sections 4.1 and 4.3), so `json-patch` makes
    /// of these what it would make of them within the whole document, and the others need not be parsed. False also
    /// where that cannot be told so: for an operation about the root itself, and for another order of new members.
    fn makes(&self, before: &[MemberRead<'_>], after: &[MemberRead<'_>]) -> Result<bool, DoesNotApply> {
        let Some(mut named) = self.named_in(before) else { return Ok(false) };
        json_patch::patch(&mut named, &self.to_strict())?;
        let named = named.as_object().ok_or(DoesNotApply::Disagreement)?;
        let Some((kept, new)) = after.split_at_checked(before.len()) else { return Ok(false) };
        let is_kept = |(at, is): (usize, &MemberRead<'_>)| {
            let was = &before[at];
            // The last of several members of a name counts.
            let counts = before[at + 1..].iter().all(|later| later.name != was.name);
            was.name == is.name
                && match named.get(&*was.name).filter(|_| counts) {
                    Some(value) => is.holds(value),
                    None => is.text.get() == was.text.get(),
                }
        };
        let added = named.iter().filter(|(name, _)| before.iter().all(|there| there.name != **name));
        let is_added = |((name, value), is): ((&String, &Value), &MemberRead<'_>)| is.name == **name && is.holds(value);
        Ok(kept.iter().enumerate().all(is_kept) && added.clone().count() == new.len() && added.zip(new).all(is_added))
    }

    /// The members that the operations go through, as an object of their own; none when an operation is about the root
    /// itself.
    fn named_in(&self, members: &[MemberRead<'_>]) -> Option<Value> {
        let mut named = Map::new();
        for operation in &self.operations {
            let name = operation.path.first()?.decoded().into_owned();
            let there = members.iter().rfind(|there| there.name == name).filter(|_| !named.contains_key(&name));
            if let Some(value) = there.and_then(MemberRead::value) {
                named.insert(name, value);
            }
        }
        Some(Value::Object(named))
    }

    fn strictly_applied_to(&self, mut whole: Value) -> Result<Value, DoesNotApply> {
        json_patch::patch(&mut whole, &self.to_strict())?;
        Ok(whole)
    }

    fn to_strict(&self) -> json_patch::Patch {
        let operations = self.operations.iter().map(|operation| {
            let (path, value) = (operation.path.clone().into_owned(), operation.value.value());
            match operation.op {
                Op::Replace => json_patch::PatchOperation::Replace(json_patch::ReplaceOperation { path, value }),
                Op::Add => json_patch::PatchOperation::Add(json_patch::AddOperation { path, value }),
            }
        });
        json_patch::Patch(operations.collect())
    }
}

fn document_of(operations: &[Operation]) -> Json {
    let lengths = operations.iter().map(|operation| operation.path.len() + operation.value.text().len());
    let mut json = String::with_capacity(2 + lengths.map(|length| length + OPERATION_BYTES).sum::<usize>());
    json.push('[');
    for (at, Operation { op, path, value }) in operations.iter().enumerate() {
        json.push_str(if at == 0 { r#"{"op":""# } else { r#",{"op":""# });
        json.push_str(op.word());
        json.push_str(r#"","path":"#);
        push_string(&mut json, path.as_str());
        json.push_str(r#","value":"#);
        json.push_str(value.text());
        json.push('}');
    }
    json.push(']');
    Json::from_valid(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(op: Op, path: &'static str, value: &str) -> Operation {
        Operation { op, path: Cow::Borrowed(Pointer::from_static(path)), value: Json::parse(value.to_owned()).unwrap() }
    }

    #[test]
    fn a_patch_prints_as_rfc_6902() {
        let patch = Patch::new(vec![
            operation(Op::Replace, "/details/dealValue", "12500.50"),
            operation(Op::Add, "/team/-", r#"{"email":"ann@contoso.com"}"#),
        ]);
        assert_eq!(
            patch.document().text(),
            r#"[{"op":"replace","path":"/details/dealValue","value":12500.50},{"op":"add","path":"/team/-","value":{"email":"ann@contoso.com"}}]"#
        );
    }

    #[test]
    fn applying_changes_only_what_it_names() {
        let referral = Json::parse(r#"{"new":1.10,"details":{"dealValue":5},"team":[]}"#.to_owned()).unwrap();
        let patch =
            Patch::new(vec![operation(Op::Replace, "/details/dealValue", "7.00"), operation(Op::Add, "/team/-", "{}")]);
        let after = patch.applied_to(&referral).unwrap();
        assert_eq!(after.text(), r#"{"new":1.10,"details":{"dealValue":7.00},"team":[{}]}"#);
    }

    #[test]
    fn replacing_what_is_not_there_is_refused() {
        let referral = Json::parse("{}".to_owned()).unwrap();
        let patch = Patch::new(vec![operation(Op::Replace, "/salesStage", r#""40""#)]);
        assert!(matches!(patch.applied_to(&referral), Err(DoesNotApply::Strict(_))));
    }

    #[test]
    fn a_replaced_root_and_members_of_one_name_are_compared_too() {
        let referral = Json::parse(r#"{"a":1,"a":{"b":2}}"#.to_owned()).unwrap();
        let inner = Patch::new(vec![operation(Op::Replace, "/a/b", "3")]);
        assert_eq!(inner.applied_to(&referral).unwrap().text(), r#"{"a":1,"a":{"b":3}}"#);
        let root = Patch::new(vec![operation(Op::Replace, "", "[]"), operation(Op::Add, "/-", "1")]);
        assert_eq!(root.applied_to(&referral).unwrap().text(), "[1]");
    }

    #[test]
    fn what_the_strict_reader_takes_for_something_else_is_not_sent() {
        // To add before an item is to shift the others; the splice replaces.
        let referral = Json::parse(r#"{"team":[1,2]}"#.to_owned()).unwrap();
        let patch = Patch::new(vec![operation(Op::Add, "/team/0", "9")]);
        assert!(matches!(patch.applied_to(&referral), Err(DoesNotApply::Disagreement)));
    }
}
