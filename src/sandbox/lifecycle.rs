//! Status and substatus: what may become what (contract, section 4.1, and S14 to S17), and what the server writes
//! down when it happens.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::clock;
use super::refusal::Refusal;

/// One row of the table of section 4.1.
struct Row {
    status: &'static str,
    may_become: &'static [&'static str],
    substatuses: &'static [&'static str],
}

/// The members that all of this is read from; `registrations` matters only to who changes it.
pub(super) const LOOKS_AT: &[&str] = &["status", "substatus"];

const TABLE: &[Row] = &[
    Row { status: "New", may_become: &["New", "Active", "Closed"], substatuses: &["Pending", "Received"] },
    Row { status: "Active", may_become: &["Active", "Closed"], substatuses: &["Accepted"] },
    Row { status: "Closed", may_become: &["Closed"], substatuses: &["Won", "Lost", "Declined", "Expired"] },
];

/// Judges the move on the result of the whole document, whatever the order inside it (contract, section 4.1).
///
/// A pair that stays as it is passes unjudged, so that a referral with words that we do not know can be edited.
pub(super) fn check(before: &Value, after: &Value) -> Result<(), Refusal> {
    let (from, to) = (pair(before), pair(after));
    if from == to {
        return Ok(());
    }
    let Some(row) = TABLE.iter().find(|row| row.status == to.0) else {
        return refuse(format!("`{}` is no status", to.0));
    };
    if !row.substatuses.contains(&to.1) {
        return refuse(format!("`{}` is no substatus of `{}`", to.1, to.0));
    }
    if to.1 == "Expired" {
        return refuse("only the service sets `Expired`".to_owned());
    }
    let may_become = TABLE.iter().find(|row| row.status == from.0).map(|row| row.may_become);
    if may_become.is_some_and(|may_become| !may_become.contains(&to.0)) {
        return refuse(format!("`{}` cannot become `{}`", from.0, to.0));
    }
    Ok(())
}

/// Whether the referral takes no more edits (S15).
pub(super) fn is_closed(referral: &Value) -> bool {
    referral["status"] == "Closed"
}

/// Whether a deal may be registered: only once it is won (contract, sections 4.3 and 4.4).
pub(super) fn is_won(referral: &Value) -> bool {
    pair(referral) == ("Closed", "Won")
}

/// Writes what follows from a move: when it was accepted or closed, and that nothing is pending any more
/// (contract, section 3.1).
pub(super) fn record(before: &Value, after: &mut Value, now: Timestamp) {
    if before["status"] == after["status"] {
        return;
    }
    let now = json!(clock::print(now));
    if after["status"] != "New" {
        after["expirationDateTime"] = Value::Null;
    }
    if after["status"] == "Active" {
        after["acceptedDateTime"] = now;
    } else if is_closed(after) {
        after["closedDateTime"] = now;
    }
}

/// Completes the registrations that were appended: their members of the server's, and the state of the whole
/// (contract, section 3.7).
pub(super) fn register(before: &Value, after: &mut Value, now: Timestamp, mut mint: impl FnMut() -> Uuid) {
    let registered = before["registrations"].as_array().map_or(0, Vec::len);
    let Some(registrations) = after.get_mut("registrations").and_then(Value::as_array_mut) else { return };
    if registrations.len() == registered {
        return;
    }
    for registration in registrations.iter_mut().skip(registered) {
        registration["id"] = json!(mint().to_string());
        registration["registrationDateTime"] = json!(clock::print(now));
        registration["status"] = json!("ReviewPending");
    }
    after["registrationStatus"] = json!("ReviewPending");
}

fn pair(referral: &Value) -> (&str, &str) {
    (referral["status"].as_str().unwrap_or_default(), referral["substatus"].as_str().unwrap_or_default())
}

fn refuse(message: String) -> Result<(), Refusal> {
    Err(Refusal::invalid("status", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_move(from: &str, to: &str, allowed: bool) {
        let referral = |pair: &str| {
            let (status, substatus) = pair.split_once('/').unwrap();
            json!({ "status": status, "substatus": substatus })
        };
        let outcome = check(&referral(from), &referral(to));
        assert_eq!(outcome.is_ok(), allowed, "{from} to {to}: {outcome:?}");
        if let Err(refusal) = outcome {
            assert_eq!((refusal.status, refusal.target.as_deref()), (400, Some("status")));
        }
    }

    #[test]
    fn s14_the_table_of_the_contract_decides() {
        check_move("New/Pending", "New/Received", true);
        check_move("New/Pending", "Active/Accepted", true);
        check_move("New/Received", "Closed/Declined", true);
        check_move("New/Pending", "Closed/Won", true);
        check_move("Active/Accepted", "Closed/Lost", true);
        check_move("Active/Accepted", "Closed/Declined", true);
        check_move("Active/Accepted", "New/Pending", false);
        check_move("Closed/Won", "Active/Accepted", false);
        check_move("Closed/Won", "New/Received", false);
    }

    #[test]
    fn s14_a_substatus_belongs_to_its_status() {
        check_move("Active/Accepted", "Active/Won", false);
        check_move("New/Pending", "Active/Pending", false);
        check_move("New/Pending", "None/None", false);
        check_move("New/Pending", "Open/Pending", false);
    }

    #[test]
    fn s16_expired_is_set_by_the_service_alone() {
        check_move("New/Pending", "Closed/Expired", false);
        check_move("Closed/Expired", "Closed/Expired", true);
    }

    #[test]
    fn an_unknown_pair_may_stay_and_may_be_left() {
        check_move("Active/Engaged", "Active/Engaged", true);
        check_move("Active/Engaged", "Active/Accepted", true);
        check_move("Shelved/Resting", "Closed/Lost", true);
    }

    #[test]
    fn the_server_writes_down_when_it_happened() {
        let before = json!({ "status": "New", "expirationDateTime": "2026-11-09T00:00:00Z" });
        let mut after = json!({ "status": "Closed", "expirationDateTime": "2026-11-09T00:00:00Z" });
        record(&before, &mut after, clock::START);
        assert_eq!(after["expirationDateTime"], Value::Null);
        assert_eq!(after["closedDateTime"], "2026-11-02T09:00:00.0000000Z");
        assert_eq!(after.get("acceptedDateTime"), None);
    }

    #[test]
    fn a_registration_gets_what_only_the_server_knows() {
        let before = json!({ "registrations": [] });
        let mut after = json!({ "registrations": [{ "type": "AzureIPCoSell" }] });
        register(&before, &mut after, clock::START, || Uuid::from_u128(1));
        assert_eq!(after["registrations"][0]["id"], "00000000-0000-0000-0000-000000000001");
        assert_eq!(after["registrationStatus"], "ReviewPending");
    }
}
