//! JSON Patch read, judged and applied (RFC 6902; contract, section 5), by hand and on purpose: the client builds its
//! patches with other code, so that a misunderstanding shows here instead of at the real service.

use serde_json::{Map, Value};

use super::lifecycle;
use super::members::{self, Place};
use super::refusal::Refusal;
use super::shape::{self, Novelty};

/// The two operations that the service supports (contract, section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Add,
    Replace,
}

struct Operation {
    op: Op,
    place: &'static Place,
    value: Value,
}

/// A document of operations, read and found to be of the right shape.
pub(super) struct Patch(Vec<Operation>);

impl Patch {
    pub(super) fn read(body: &[u8]) -> Result<Patch, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Array(operations)) if operations.is_empty() => refuse("the document holds no operation"),
            Ok(Value::Array(operations)) => operations.into_iter().map(operation).collect::<Result<_, _>>().map(Patch),
            Ok(_) => refuse("the body must be an array of operations"),
            Err(error) => refuse(&format!("the body is not JSON: {error}")),
        }
    }

    /// The places that it changes, and those by which the change is judged.
    pub(super) fn looks_at(&self) -> impl Iterator<Item = &'static str> {
        let changed = self.0.iter().map(|operation| operation.place.path);
        changed.chain(lifecycle::LOOKS_AT.iter().copied())
    }

    /// Whether it only sets plain values in objects that are there.
    pub(super) fn fits(&self, outline: &Value) -> bool {
        self.0.iter().all(|Operation { place, .. }| {
            let (parent, _) = place.path.rsplit_once('/').unwrap_or_default();
            place.shape.is_plain() && outline.pointer(parent).is_some()
        })
    }

    /// What becomes of these places after the whole document, or why none of it is done (S19).
    pub(super) fn applied_to(self, current: &Value) -> Result<Value, Refusal> {
        let mut after = current.clone();
        for operation in self.0 {
            if lifecycle::is_closed(current) && !operation.place.registers() {
                return Err(Refusal::invalid(operation.place.path, "a closed referral takes registrations only"));
            }
            apply(&mut after, operation)?;
        }
        check_result(current, &after)?;
        Ok(after)
    }
}

/// What must hold between a referral before and after a change, whichever way it came.
pub(super) fn check_result(before: &Value, after: &Value) -> Result<(), Refusal> {
    const SHARED: &str = "/consent/consentToShareReferralWithMicrosoftSellers";
    let is_shared = |referral: &Value| referral.pointer(SHARED) == Some(&Value::Bool(true));
    if is_shared(before) && !is_shared(after) {
        return Err(Refusal::invalid(SHARED, "a referral once shared with Microsoft's sellers stays shared"));
    }
    if before["registrations"] != after["registrations"] && !lifecycle::is_won(after) {
        return Err(Refusal::invalid("/registrations", "a deal is registered once it is won"));
    }
    lifecycle::check(before, after)
}

fn operation(operation: Value) -> Result<Operation, Refusal> {
    let Value::Object(mut members) = operation else { return refuse("an operation must be an object") };
    let path = word(&members, "path")?;
    let op = match word(&members, "op")?.as_str() {
        "add" => Op::Add,
        "replace" => Op::Replace,
        other => return Err(Refusal::invalid(path, format!("`{other}` is not supported, only `add` and `replace`"))),
    };
    let Some(place) = members::patchable(&path) else { return Err(untouchable(path)) };
    let Some(value) = members.shift_remove("value") else {
        return Err(Refusal::invalid(path, "the operation has no `value`"));
    };
    let novelty = if place.appends() { Novelty::New } else { Novelty::Known };
    let value = place.shape.accept(value, place.path, novelty)?;
    Ok(Operation { op, place, value })
}

fn word(operation: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
    match operation.get(name).and_then(Value::as_str) {
        Some(word) => Ok(word.to_owned()),
        None => refuse(&format!("an operation must have a text `{name}`")),
    }
}

/// Unknown (S4) and read-only (S5) places end alike, but a developer wants to know which it is.
fn untouchable(path: String) -> Refusal {
    let root = path.split('/').nth(1).unwrap_or_default();
    let is_known = path.starts_with('/') && members::ROOT.contains(&root);
    let message = if is_known { "cannot be changed by a patch" } else { "is no place of a referral" };
    let message = format!("`{path}` {message}");
    Refusal::invalid(path, message)
}

/// RFC 6902 with one leniency: `replace` sets a member that is absent, too (S6). The object or list that the place
/// is in must be there.
fn apply(referral: &mut Value, Operation { op, place, value }: Operation) -> Result<(), Refusal> {
    let path = place.path;
    let (parent, name) = path.rsplit_once('/').unwrap_or_default();
    match (referral.pointer_mut(parent), op) {
        (Some(Value::Array(_)), Op::Replace) => Err(Refusal::invalid(path, "nothing is at the end of a list")),
        (Some(Value::Array(items)), Op::Add) if shape::has_room(items) => {
            items.push(value);
            Ok(())
        }
        (Some(Value::Array(_)), Op::Add) => Err(Refusal::invalid(path, "the list is full")),
        (Some(Value::Object(members)), Op::Add | Op::Replace) if name != "-" => {
            members.insert(name.to_owned(), value);
            Ok(())
        }
        _ => Err(Refusal::invalid(path, format!("`{parent}` is not there"))),
    }
}

fn refuse<T>(message: &str) -> Result<T, Refusal> {
    Err(Refusal::invalid("referral", message))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::document::{Content, Document};
    use crate::sandbox::{clock, seed};

    fn referral() -> Value {
        json!({
            "id": "5f0c3f0e-0000-4000-8000-000000000001",
            "status": "Active",
            "substatus": "Accepted",
            "statusReason": null,
            "registrations": [],
            "consent": { "consentToShareReferralWithMicrosoftSellers": true },
            "details": { "dealValue": 5000, "currency": "USD", "requirements": { "solutions": [] } },
            "team": [{ "email": "ann@contoso.com" }],
        })
    }

    fn patched(referral: &Value, body: &[u8]) -> Result<Value, Refusal> {
        Patch::read(body)?.applied_to(referral)
    }

    /// Applies a patch and looks at one place.
    fn check(patch: &str, pointer: &str, expected: &Value) {
        let after = patched(&referral(), patch.as_bytes()).unwrap();
        assert_eq!(after.pointer(pointer), Some(expected), "{patch}");
    }

    fn check_refused_of(referral: &Value, patch: &str, target: &str) {
        let refusal = patched(referral, patch.as_bytes()).unwrap_err();
        assert_eq!((refusal.status, refusal.code.word()), (400, "invalidRequest"), "{patch}");
        assert_eq!(refusal.target.as_deref(), Some(target), "{patch}: {refusal}");
    }

    fn check_refused(patch: &str, target: &str) {
        check_refused_of(&referral(), patch, target);
    }

    fn set(path: &str, value: &str) -> String {
        format!(r#"[{{"op":"replace","path":"{path}","value":{value}}}]"#)
    }

    #[test]
    fn operations_apply_in_order_and_the_last_wins() {
        let patch = r#"[{"op":"replace","path":"/details/notes","value":"a"},
                        {"op":"add","path":"/details/notes","value":"b"}]"#;
        check(patch, "/details/notes", &json!("b"));
    }

    #[test]
    fn a_dash_appends_and_a_whole_list_replaces() {
        let member = r#"{"firstName":"Bo","lastName":"Li","phoneNumber":"5550100","email":"bo@contoso.com"}"#;
        check(&format!(r#"[{{"op":"add","path":"/team/-","value":{member}}}]"#), "/team/1/firstName", &json!("Bo"));
        check(&set("/team", &format!("[{member}]")), "/team/0/firstName", &json!("Bo"));
        check(&set("/team", "[]"), "/team", &json!([]));
        check_refused(&set("/team/-", member), "/team/-");
        check_refused(r#"[{"op":"add","path":"/team/-","value":{"email":"bo@contoso.com"}}]"#, "/team/-");
    }

    #[test]
    fn a_list_holds_fifty_at_most() {
        let mut full = referral();
        full["team"] = json!(vec![json!({ "email": "ann@contoso.com" }); 50]);
        let member = r#"{"firstName":"Bo","lastName":"Li","phoneNumber":"5550100","email":"bo@contoso.com"}"#;
        let patch = format!(r#"[{{"op":"add","path":"/team/-","value":{member}}}]"#);
        check_refused_of(&full, &patch, "/team/-");
    }

    #[test]
    fn s1_the_body_is_a_json_array_of_objects() {
        for body in ["", "null", "{}", "\"x\"", "[1]", "[{]", "[{\"op\":\"add\"}]", "[] []", "\u{feff}[]"] {
            check_refused(body, "referral");
        }
        assert!(patched(&referral(), &[b'[', 0xff, b']']).is_err());
    }

    #[test]
    fn s2_an_empty_array_is_refused() {
        check_refused("[]", "referral");
    }

    #[test]
    fn s3_other_operations_are_refused() {
        for op in ["test", "remove", "move", "copy", "Replace", "merge"] {
            let patch = format!(r#"[{{"op":"{op}","path":"/details/notes","from":"/name","value":"x"}}]"#);
            check_refused(&patch, "/details/notes");
        }
    }

    #[test]
    fn s4_unknown_places_are_refused() {
        for path in ["/unknown", "/details/Notes", "/team/0/email", "/details", "details/notes", "", "/", "/team/-/-"] {
            check_refused(&set(path, "\"x\""), path);
        }
    }

    #[test]
    fn s5_read_only_places_are_refused() {
        for path in ["/id", "/eTag", "/createdDateTime", "/name", "/registrationStatus", "/links"] {
            check_refused(&set(path, "\"x\""), path);
        }
    }

    #[test]
    fn s6_replace_sets_what_is_null_or_absent() {
        check(&set("/statusReason", "\"3\""), "/statusReason", &json!("3"));
        check(&set("/salesStage", "\"40\""), "/salesStage", &json!("40"));
        check_refused(&set("/customerProfile/team", "[]"), "/customerProfile/team");
    }

    #[test]
    fn s7_text_for_a_number_or_a_boolean_is_coerced() {
        check(&set("/details/dealValue", "\"10000\""), "/details/dealValue", &json!(10000));
        let path = "/consent/consentToShareReferralWithMicrosoftSellers";
        check(&set(path, "\"true\""), path, &json!(true));
    }

    #[test]
    fn s8_wrong_values_are_refused() {
        check_refused(&set("/details/dealValue", "\"a lot\""), "/details/dealValue");
        check_refused(&set("/status", "\"Won\""), "/status");
        check_refused(&set("/status", "null"), "/status");
        check_refused(&set("/details/closingDateTime", "\"11/02/2026\""), "/details/closingDateTime");
        check_refused(&set("/details/currency", "\"Euro\""), "/details/currency");
        check_refused(r#"[{"op":"replace","path":"/details/notes"}]"#, "/details/notes");
    }

    #[test]
    fn s14_status_is_judged_on_the_result_whatever_the_order() {
        let backwards = r#"[{"op":"replace","path":"/substatus","value":"Won"},
                            {"op":"replace","path":"/status","value":"Closed"}]"#;
        check(backwards, "/substatus", &json!("Won"));
        check_refused(&set("/substatus", "\"Won\""), "status");
        check_refused(&set("/status", "\"New\""), "status");
    }

    #[test]
    fn s15_a_closed_referral_takes_registrations_only() {
        let mut won = referral();
        won["status"] = json!("Closed");
        won["substatus"] = json!("Won");
        check_refused_of(&won, &set("/details/notes", "\"late\""), "/details/notes");
        let register = r#"[{"op":"add","path":"/registrations/-","value":{"type":"AzureIPCoSell","contract":{"value":"5"},
            "solutionDetails":[{"id":"SOL-1","pricingModel":"Other"}]}}]"#;
        let after = patched(&won, register.as_bytes()).unwrap();
        assert_eq!(after["registrations"][0]["contract"]["value"], 5);
        let after = patched(&after, set("/registrations/0/contract/term", "\"Finite\"").as_bytes()).unwrap();
        assert_eq!(after["registrations"][0]["contract"]["term"], "Finite");
        check_refused(register, "/registrations");
    }

    #[test]
    fn s16_expired_is_refused() {
        let patch = r#"[{"op":"replace","path":"/status","value":"Closed"},
                        {"op":"replace","path":"/substatus","value":"Expired"}]"#;
        check_refused(patch, "status");
    }

    #[test]
    fn s17_one_half_of_a_pair_may_come_alone() {
        let mut new = referral();
        new["status"] = json!("New");
        new["substatus"] = json!("Pending");
        assert!(patched(&new, set("/substatus", "\"Received\"").as_bytes()).is_ok());
        assert!(patched(&new, set("/status", "\"New\"").as_bytes()).is_ok());
        check_refused_of(&new, &set("/status", "\"Active\""), "status");
    }

    #[test]
    fn s24_shared_stays_shared() {
        let path = "/consent/consentToShareReferralWithMicrosoftSellers";
        check_refused(&set(path, "false"), path);
        let mut private = referral();
        private["consent"][path.rsplit_once('/').unwrap().1] = json!(false);
        assert!(patched(&private, set(path, "true").as_bytes()).is_ok());
    }

    #[test]
    fn what_a_patch_looks_at_is_all_that_it_needs() {
        const MEMBER: &str = r#"{"firstName":"Bo","lastName":"Li","phoneNumber":"5550100","email":"bo@contoso.com"}"#;
        const REGISTRATION: &str =
            r#"{"type":"AzureIPCoSell","contract":{},"solutionDetails":[{"id":"SOL-1","pricingModel":"Other"}]}"#;
        let patches = [
            set("/details/notes", "\"new\""),
            set("/details/dealValue", "\"1.50\""),
            set("/salesStage", "\"40\""),
            set("/status", "\"Active\""),
            set("/substatus", "\"Received\""),
            r#"[{"op":"replace","path":"/status","value":"Active"},
                {"op":"replace","path":"/substatus","value":"Accepted"}]"#
                .to_owned(),
            r#"[{"op":"add","path":"/status","value":"Closed"},{"op":"add","path":"/substatus","value":"Won"},
                {"op":"replace","path":"/campaignId","value":"CMP-1"}]"#
                .to_owned(),
            set("/consent/consentToShareReferralWithMicrosoftSellers", "false"),
            set("/consent/consentToShareReferralWithMicrosoftSellers", "true"),
            format!(r#"[{{"op":"add","path":"/team/-","value":{MEMBER}}}]"#),
            set("/customerProfile/team", "[]"),
            format!(r#"[{{"op":"add","path":"/registrations/-","value":{REGISTRATION}}}]"#),
        ];
        let judged = |patch: &str, current: &Value| {
            let mut after = patched(current, patch.as_bytes())?;
            lifecycle::record(current, &mut after, clock::START);
            lifecycle::register(current, &mut after, clock::START, || uuid::Uuid::from_u128(1));
            Ok::<_, Refusal>(after)
        };
        let (mut stored, mut fitting, mut refused) = (0, 0, 0);
        for index in 0..200 {
            let outline = seed::outline(3, index);
            let made_up = Content::MadeUp(seed::referral(3, index));
            let document = Content::MadeUp(seed::referral(3, index)).document();
            for (number, patch) in patches.iter().enumerate() {
                let members = if number % 2 == index % 2 { made_up.members() } else { document.members() };
                let excerpt = members.excerpt(Patch::read(patch.as_bytes()).unwrap().looks_at());
                match (judged(patch, &document.value()), judged(patch, &excerpt)) {
                    (Ok(whole), Ok(part)) => {
                        assert_eq!(members.with(part.as_object().unwrap()), Document::of(&whole), "{patch}");
                        if Patch::read(patch.as_bytes()).unwrap().fits(&outline) {
                            let part = judged(patch, &outline).unwrap();
                            assert_eq!(members.with(part.as_object().unwrap()), Document::of(&whole), "{patch}");
                            fitting += 1;
                        }
                        stored += 1;
                    }
                    (whole, part) => {
                        let refusal = whole.unwrap_err();
                        assert_eq!(refusal, part.unwrap_err(), "{patch}");
                        if Patch::read(patch.as_bytes()).unwrap().fits(&outline) {
                            assert_eq!(refusal, judged(patch, &outline).unwrap_err(), "{patch}");
                        }
                        refused += 1;
                    }
                }
            }
        }
        assert!(fitting > 300 && stored > fitting && refused > 500, "{fitting} fit of {stored}, {refused} refused");
    }

    #[test]
    fn every_patchable_place_takes_the_value_of_its_shape() {
        for (path, value) in [
            ("/campaignId", json!("CMP-1")),
            ("/details/closingDateTime", json!("2027-01-31T00:00:00Z")),
            ("/details/currency", json!("EUR")),
            ("/details/notes", json!(null)),
            ("/details/requirements/solutions", json!([{ "id": "SOL-1" }])),
            ("/externalReferenceId", json!("")),
            ("/referralProgram", json!("x")),
        ] {
            check(&set(path, &value.to_string()), path, &value);
        }
    }
}
