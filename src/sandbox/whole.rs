//! Whole documents: PUT, the older way to change a referral, and POST, which creates one.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::judge;
use super::lifecycle;
use super::members::{self, Place};
use super::refusal::Refusal;
use super::shape::Novelty;
use crate::domain::referral::ReferralId;

/// What the server gives to a referral that is created, apart from time and eTag, which come when it is stored.
pub(super) struct Birth<'a> {
    pub id: ReferralId,
    /// The engagement of its own, unless the body names one (contract, section 3.1).
    pub engagement_id: Uuid,
    pub organization_id: Uuid,
    pub organization_name: &'a str,
}

/// What the create page calls required (contract, section 3.10).
const REQUIRED: &[&str] = &["type", "customerProfile", "consent", "details"];

/// Root members that hold lists, empty when nothing was sent.
const LISTS: &[&str] = &["team", "target", "registrations", "tags"];

/// Root members of other eras, or of the answer only: a new referral has none of them.
const NOT_STORED: &[&str] = &["@odata.context", "businessProfileId", "attributes"];

/// The referral after PUT: the document as sent, but with what the server owns as it was.
///
/// A member that the body leaves out is gone, because that is what replacing means; only values that differ from
/// the present ones are judged, so that whatever was read can be sent back.
pub(super) fn replaced(current: &Value, body: &[u8]) -> Result<Value, Refusal> {
    let mut sent = object(body)?;
    if sent.contains_key("links") {
        return Err(Refusal::invalid("links", "`links` must not be sent back"));
    }
    let id = sent.get("id").and_then(Value::as_str).unwrap_or_default();
    if !current["id"].as_str().is_some_and(|current| current.eq_ignore_ascii_case(id)) {
        return Err(Refusal::invalid("id", format!("`{id}` is not the id of the address")));
    }
    if lifecycle::is_closed(current) {
        return Err(Refusal::invalid("referral", "a closed referral takes registrations only"));
    }
    sent.shift_remove("@odata.context");
    for name in sent.keys() {
        if !members::ROOT.contains(&name.as_str()) && current.get(name).is_none() {
            return Err(Refusal::invalid(name.as_str(), format!("`{name}` is no member of a referral")));
        }
    }
    let mut after = Value::Object(sent);
    for path in members::SERVER_OWNED {
        put_back(&mut after, path, current.pointer(path));
    }
    accept_all(&mut after, Some(current), Novelty::Known)?;
    judge::check_result(current, &after)?;
    Ok(after)
}

/// The referral that POST makes: an own deal, hence accepted and outgoing (S13).
pub(super) fn created(body: &[u8], birth: &Birth<'_>) -> Result<Value, Refusal> {
    let mut sent = object(body)?;
    for name in REQUIRED {
        let value = sent.get(*name).unwrap_or(&Value::Null);
        if !(value.is_object() || *name == "type" && value.is_string()) {
            return Err(Refusal::invalid(*name, format!("`{name}` is required")));
        }
    }
    if let Some(name) = sent.keys().find(|name| !members::ROOT.contains(&name.as_str())) {
        return Err(Refusal::invalid(name.as_str(), format!("`{name}` is no member of a referral")));
    }
    let engagement_id = engagement_of(&sent, birth)?;
    let mut referral = Map::new();
    for name in members::ROOT.iter().filter(|name| !NOT_STORED.contains(name)) {
        let sent = sent.shift_remove(*name).filter(|value| !value.is_null());
        let value = given(name, engagement_id, birth).or(sent);
        let value = value.unwrap_or_else(|| if LISTS.contains(name) { json!([]) } else { Value::Null });
        referral.insert((*name).to_owned(), value);
    }
    let mut referral = Value::Object(referral);
    accept_all(&mut referral, None, Novelty::New)?;
    check_country(&referral)?;
    Ok(referral)
}

/// The links of an answer, spelled as the examples spell them (contract, section 11, traps 2 and 4): never to be
/// followed.
pub(super) struct Links {
    pub related: String,
    pub own: String,
}

impl Links {
    pub(super) fn of(id: ReferralId, engagement_id: Uuid) -> Links {
        const REFERRALS: &str = "https://api.partner.microsoft.com/v1.0/engagments/referrals";
        Links {
            related: format!("{REFERRALS}?$filter=engagementId eq {engagement_id}"),
            own: format!("{REFERRALS}/{id}"),
        }
    }

    fn json(&self) -> Value {
        json!({
            "relatedReferrals": { "uri": self.related, "method": "GET" },
            "self": { "uri": self.own, "method": "GET" },
        })
    }
}

/// What the server says about a new referral, whatever was sent.
fn given(name: &str, engagement_id: Uuid, birth: &Birth<'_>) -> Option<Value> {
    let value = match name {
        "id" => json!(birth.id.to_string()),
        "engagementId" => json!(engagement_id.to_string()),
        "organizationId" => json!(birth.organization_id.to_string()),
        "organizationName" => json!(birth.organization_name),
        "status" => json!("Active"),
        "substatus" => json!("Accepted"),
        "direction" => json!("Outgoing"),
        "quality" => json!("Unknown"),
        "isSpam" => json!(false),
        "dealSensitivity" | "registrationStatus" => json!("None"),
        "links" => Links::of(birth.id, engagement_id).json(),
        "registrations" | "tags" => json!([]),
        "createdDateTime" | "updatedDateTime" | "acceptedDateTime" | "expirationDateTime" | "closedDateTime"
        | "referralSource" | "callToAction" | "createdVia" | "lastModifiedVia" | "lastRunId" | "trackingInfo"
        | "eTag" => Value::Null,
        _ => return None,
    };
    Some(value)
}

/// The second referral of a shared deal names the engagement of the first (contract, section 3.10).
fn engagement_of(sent: &Map<String, Value>, birth: &Birth<'_>) -> Result<Uuid, Refusal> {
    match sent.get("engagementId") {
        None | Some(Value::Null) => Ok(birth.engagement_id),
        Some(named) => named
            .as_str()
            .and_then(|named| Uuid::try_parse(named).ok())
            .ok_or_else(|| Refusal::invalid("engagementId", format!("{named} is not a GUID"))),
    }
}

/// Two letters; anything else is a refusal that users of the connector know (contract, section 12.1).
fn check_country(referral: &Value) -> Result<(), Refusal> {
    const COUNTRY: &str = "/customerProfile/address/country";
    match referral.pointer(COUNTRY) {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(country))
            if country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic()) =>
        {
            Ok(())
        }
        Some(other) => Err(Refusal::invalid(COUNTRY, format!("{other} is no two-letter country"))),
    }
}

/// Judges every known place of a document, except where it holds what `current` holds.
fn accept_all(document: &mut Value, current: Option<&Value>, novelty: Novelty) -> Result<(), Refusal> {
    let is_whole = |place: &&Place| !place.appends() && !place.registers();
    for place in members::PATCHABLE.iter().filter(is_whole).chain(members::CREATABLE) {
        let was = current.and_then(|current| current.pointer(place.path)).unwrap_or(&Value::Null);
        if let Some(value) = document.pointer_mut(place.path).filter(|value| *value != was) {
            *value = place.shape.accept(value.take(), place.path, novelty)?;
        }
    }
    Ok(())
}

/// Puts a value at the pointer, or takes away what is there. Where its parent was not sent, nothing is invented.
fn put_back(document: &mut Value, path: &str, value: Option<&Value>) {
    let (parent, name) = path.rsplit_once('/').unwrap_or_default();
    let Some(Value::Object(members)) = document.pointer_mut(parent) else { return };
    match value {
        Some(value) => members.insert(name.to_owned(), value.clone()),
        None => members.shift_remove(name),
    };
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Refusal::invalid("referral", "the body must be one referral")),
        Err(error) => Err(Refusal::invalid("referral", format!("the body is not JSON: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::mint;

    fn current() -> Value {
        json!({
            "id": "5f0c3f0e-0000-4000-8000-000000000001",
            "name": "A deal",
            "status": "Active",
            "substatus": "Accepted",
            "createdDateTime": "2026-01-01T00:00:00Z",
            "details": { "dealValue": 5000, "incentiveLevel": "Gold" },
            "team": [{ "email": "ann@contoso.com" }],
            "notYetKnown": 1.5,
            "links": { "self": {} },
        })
    }

    /// What a client sends: the referral as it was read, without `links`, with one change.
    fn sent(change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut document = current();
        document.as_object_mut().unwrap().shift_remove("links");
        change(&mut document);
        document.to_string().into_bytes()
    }

    fn check_refused(change: impl FnOnce(&mut Value), target: &str) {
        let refusal = replaced(&current(), &sent(change)).unwrap_err();
        assert_eq!((refusal.status, refusal.target.as_deref()), (400, Some(target)), "{refusal}");
    }

    fn create(document: &Value) -> Result<Value, Refusal> {
        let birth = Birth {
            id: mint::referral_id(1, 0),
            engagement_id: Uuid::from_u128(7),
            organization_id: Uuid::from_u128(8),
            organization_name: "Contoso Consulting",
        };
        created(document.to_string().as_bytes(), &birth)
    }

    fn own_deal() -> Value {
        json!({
            "name": "Own deal",
            "type": "Independent",
            "status": "New",
            "substatus": "Pending",
            "customerProfile": { "name": "Fabrikam", "address": { "country": "US" }, "team": [] },
            "consent": { "consentToContact": true },
            "details": { "dealValue": "10000", "requirements": { "solutions": [{ "id": "SOL-1" }] } },
        })
    }

    #[test]
    fn what_was_read_can_be_sent_back() {
        let mut expected = replaced(&current(), &sent(|_| {})).unwrap();
        assert_eq!(expected["links"], current()["links"]);
        expected.as_object_mut().unwrap().sort_keys();
        let mut current = current();
        current.as_object_mut().unwrap().sort_keys();
        assert_eq!(expected, current);
    }

    #[test]
    fn a_replacement_changes_what_was_sent_and_not_what_the_server_owns() {
        let body = sent(|document| {
            document["name"] = json!("Another name");
            document["details"]["dealValue"] = json!("7000.5");
            document["details"]["incentiveLevel"] = json!("Platinum");
            document["createdDateTime"] = json!("2020-01-01T00:00:00Z");
            document["@odata.context"] = json!("x");
        });
        let after = replaced(&current(), &body).unwrap();
        assert_eq!(after["name"], "Another name");
        assert_eq!(after["details"], json!({ "dealValue": 7000.5, "incentiveLevel": "Gold" }));
        assert_eq!(after["createdDateTime"], "2026-01-01T00:00:00Z");
        assert_eq!(after.get("@odata.context"), None);
    }

    #[test]
    fn s11_links_must_not_be_sent_back() {
        check_refused(|document| document["links"] = json!({}), "links");
    }

    #[test]
    fn s12_the_id_must_be_that_of_the_address() {
        check_refused(|document| document["id"] = json!("5f0c3f0e-0000-4000-8000-000000000002"), "id");
        check_refused(|document| document["id"] = json!(null), "id");
    }

    #[test]
    fn a_replacement_is_judged_like_a_patch() {
        check_refused(|document| document["details"]["dealValue"] = json!("a lot"), "/details/dealValue");
        check_refused(|document| document["substatus"] = json!("Won"), "status");
        check_refused(|document| document["surprise"] = json!(1), "surprise");
        assert!(replaced(&current(), b"[]").is_err());
    }

    #[test]
    fn s15_a_closed_referral_is_not_replaced() {
        let mut closed = current();
        closed["status"] = json!("Closed");
        assert!(replaced(&closed, &sent(|document| document["status"] = json!("Closed"))).is_err());
    }

    #[test]
    fn s13_an_own_deal_is_accepted_and_outgoing_whatever_was_sent() {
        let referral = create(&own_deal()).unwrap();
        assert_eq!(referral["id"], mint::referral_id(1, 0).to_string());
        assert_eq!(
            json!([referral["status"], referral["substatus"], referral["direction"]]),
            json!(["Active", "Accepted", "Outgoing"])
        );
        assert_eq!(referral["details"]["dealValue"], 10000);
        assert_eq!(referral["team"], json!([]));
        assert_eq!(referral.get("campaignId"), Some(&Value::Null));
    }

    #[test]
    fn a_creation_lacks_nothing_that_the_page_requires() {
        for name in REQUIRED {
            let mut document = own_deal();
            document.as_object_mut().unwrap().shift_remove(*name);
            assert_eq!(create(&document).unwrap_err().target.as_deref(), Some(*name));
        }
    }

    #[test]
    fn the_known_mistakes_of_a_creation_are_found() {
        let check = |pointer: &str, value: Value, target: &str| {
            let mut document = own_deal();
            *document.pointer_mut(pointer).unwrap() = value;
            assert_eq!(create(&document).unwrap_err().target.as_deref(), Some(target));
        };
        check("/customerProfile/address/country", json!("USA"), "/customerProfile/address/country");
        check("/details/requirements/solutions", json!([{ "name": "x" }]), "/details/requirements/solutions/0");
        check("/type", json!("Private"), "/type");
        check("/customerProfile/team", json!([{ "email": "a@b.c" }]), "/customerProfile/team/0");
    }

    #[test]
    fn the_second_referral_of_a_deal_joins_its_engagement() {
        let mut document = own_deal();
        document["engagementId"] = json!("37ef26aa-1d15-4533-9f93-a69bd33ab1e5");
        assert_eq!(create(&document).unwrap()["engagementId"], document["engagementId"]);
        document["engagementId"] = json!("mine");
        assert!(create(&document).is_err());
    }
}
