//! JSON Patch documents (RFC 6902) of `replace` and `add` only, which is all that the service takes
//! (contract, section 5.1).

use std::borrow::Cow;

use json_patch::jsonptr::Pointer;

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patch {
    /// The operations.
    pub operations: Vec<Operation>,
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
    /// The document as it goes over the wire and into the report.
    pub fn to_json(&self) -> Json {
        let lengths = self.operations.iter().map(|operation| operation.path.len() + operation.value.text().len());
        let mut json = String::with_capacity(2 + lengths.map(|length| length + OPERATION_BYTES).sum::<usize>());
        json.push('[');
        for (at, Operation { op, path, value }) in self.operations.iter().enumerate() {
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

    /// The referral after this patch, every untouched member as it was, to the byte.
    ///
    /// It is made twice: by splicing the text, and by the `json-patch` crate, which knows RFC 6902 better than
    /// we do; both must agree.
    pub fn applied_to(&self, document: &Json) -> Result<Json, DoesNotApply> {
        let spliced = self
            .operations
            .iter()
            .try_fold(document.clone(), |document, operation| document.with(&operation.path, &operation.value))?;
        let mut strict = document.value();
        json_patch::patch(&mut strict, &self.to_strict())?;
        if spliced.value() == strict { Ok(spliced) } else { Err(DoesNotApply::Disagreement) }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(op: Op, path: &'static str, value: &str) -> Operation {
        Operation { op, path: Cow::Borrowed(Pointer::from_static(path)), value: Json::parse(value.to_owned()).unwrap() }
    }

    #[test]
    fn a_patch_prints_as_rfc_6902() {
        let patch = Patch {
            operations: vec![
                operation(Op::Replace, "/details/dealValue", "12500.50"),
                operation(Op::Add, "/team/-", r#"{"email":"ann@contoso.com"}"#),
            ],
        };
        assert_eq!(
            patch.to_json().text(),
            r#"[{"op":"replace","path":"/details/dealValue","value":12500.50},{"op":"add","path":"/team/-","value":{"email":"ann@contoso.com"}}]"#
        );
    }

    #[test]
    fn applying_changes_only_what_it_names() {
        let referral = Json::parse(r#"{"new":1.10,"details":{"dealValue":5},"team":[]}"#.to_owned()).unwrap();
        let patch = Patch {
            operations: vec![operation(Op::Replace, "/details/dealValue", "7.00"), operation(Op::Add, "/team/-", "{}")],
        };
        let after = patch.applied_to(&referral).unwrap();
        assert_eq!(after.text(), r#"{"new":1.10,"details":{"dealValue":7.00},"team":[{}]}"#);
    }

    #[test]
    fn replacing_what_is_not_there_is_refused() {
        let referral = Json::parse("{}".to_owned()).unwrap();
        let patch = Patch { operations: vec![operation(Op::Replace, "/salesStage", r#""40""#)] };
        assert!(matches!(patch.applied_to(&referral), Err(DoesNotApply::Strict(_))));
    }
}
