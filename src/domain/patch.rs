//! JSON Patch documents (RFC 6902) of `replace` and `add` only, which is all that the service takes
//! (contract, section 5.1).

use std::borrow::Cow;

use json_patch::jsonptr::Pointer;
use serde_json::{Map, Value};

use super::json::{Json, SpliceError, push_string};

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
    pub fn applied_to(&self, document: &Json) -> Result<Json, DoesNotApply> {
        self.applied_to_both(document, &document.value())
    }

    /// The same where the document has been parsed already; `view` is its [`Json::value`].
    ///
    /// It is made twice: by splicing the text, and by the `json-patch` crate, which knows RFC 6902 better than
    /// we do; both must agree. What is compared is the whole document, read anew from the spliced text by `serde_json`.
    pub fn applied_to_both(&self, document: &Json, view: &Value) -> Result<Json, DoesNotApply> {
        let operations = self.operations.iter();
        let spliced = document.with_each(operations.map(|operation| (&*operation.path, &operation.value)))?;
        let is_same = match view.as_object().zip(self.named_in(view)) {
            Some((view, mut named)) => {
                json_patch::patch(&mut named, &self.to_strict())?;
                let named = named.as_object();
                spliced.has_members(&overlaid(view, named.ok_or(DoesNotApply::Disagreement)?))
            }
            None => false,
        };
        if is_same || spliced.value() == self.strictly_applied_to(view)? {
            Ok(spliced)
        } else {
            Err(DoesNotApply::Disagreement)
        }
    }

    /// The members of the root that the operations go through, as an object of their own; none when an operation is about
    /// the root itself. An operation that adds or replaces acts on the member of the root that its path names and cannot
    /// see the others (RFC 6902, sections 4.1 and 4.3), so `json-patch` makes of these what it would make of them within
    /// the whole document, and the others need no copy.
    fn named_in(&self, view: &Value) -> Option<Value> {
        let mut named = Map::new();
        for operation in &self.operations {
            let token = operation.path.first()?;
            let name = token.decoded();
            if let Some(value) = view.get(name.as_ref()).filter(|_| !named.contains_key(name.as_ref())) {
                named.insert(name.into_owned(), value.clone());
            }
        }
        Some(Value::Object(named))
    }

    fn strictly_applied_to(&self, view: &Value) -> Result<Value, DoesNotApply> {
        let mut whole = view.clone();
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

/// The members of an object, those that have become others or are new as they are now.
fn overlaid<'a>(members: &'a Map<String, Value>, now: &'a Map<String, Value>) -> Vec<(&'a str, &'a Value)> {
    let overlaid = members.iter().map(|(name, value)| (name.as_str(), now.get(name).unwrap_or(value)));
    let added = now.iter().filter(|(name, _)| !members.contains_key(*name));
    overlaid.chain(added.map(|(name, value)| (name.as_str(), value))).collect()
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
    fn readers_that_see_different_documents_disagree() {
        let referral = Json::parse(r#"{"name":"a","details":{"notes":"n"}}"#.to_owned()).unwrap();
        let patch = Patch::new(vec![operation(Op::Replace, "/details/notes", r#""m""#)]);
        let disagrees =
            |view: Value| matches!(patch.applied_to_both(&referral, &view), Err(DoesNotApply::Disagreement));
        assert!(!disagrees(referral.value()));
        assert!(disagrees(serde_json::json!({"name": "b", "details": {"notes": "n"}})));
        assert!(disagrees(serde_json::json!({"name": "a", "details": {"notes": "n", "more": 1}})));
        assert!(disagrees(serde_json::json!({"name": "a", "details": {"notes": "n"}, "more": null})));
        // The order of members means nothing.
        assert!(!disagrees(serde_json::json!({"details": {"notes": "n"}, "name": "a"})));
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
