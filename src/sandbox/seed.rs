//! Made-up referrals that look like real ones (contract, section 3): all kinds and statuses, members that are `null`
//! and members that are absent, names in many scripts. Each depends on seed and index alone.

mod objects;
mod words;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use super::clock::{self, START};
use super::mint::{self, Dice, Purpose};
use super::part::{Part, object};
use super::whole;
use crate::domain::referral::ReferralId;
use words::{Company, Place};

/// How far back referrals go. Those that still wait for an answer are younger than 14 days (contract, section 4.4).
const DAYS_BACK: u64 = 240;
const DAYS_TO_ANSWER: u64 = 14;
const SECONDS_PER_DAY: u64 = 86_400;

/// How a referral came to be and who may see it (contract, section 3.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    MarketplaceLead,
    QualifiedLead,
    CoSell,
    Private,
}

/// What all parts of one referral agree on.
struct Sketch {
    kind: Kind,
    status: &'static str,
    substatus: &'static str,
    is_outgoing: bool,
    created: Timestamp,
    customer: &'static Company,
    place: &'static Place,
    solution: &'static (&'static str, &'static str, &'static str),
}

impl Kind {
    /// The `type`.
    fn word(self) -> &'static str {
        if self == Kind::CoSell { "Shared" } else { "Independent" }
    }
}

impl Sketch {
    fn direction(&self) -> &'static str {
        if self.is_outgoing { "Outgoing" } else { "Incoming" }
    }
}

/// What it is made from, and what it is called by.
struct Ids {
    seed: u64,
    number: u64,
    own: ReferralId,
    engagement: Uuid,
}

/// The partner whose referrals these are.
pub(super) fn organization(seed: u64) -> (Uuid, &'static str) {
    (mint::guid(seed, Purpose::Organization, 0), "Contoso Consulting")
}

/// The referral with this index, counted from 0.
pub(super) fn referral(seed: u64, index: usize) -> Part {
    let number = index as u64;
    let mut dice = Dice::new(seed, number);
    let sketch = sketch(&mut dice);
    let ids = Ids {
        seed,
        number,
        own: mint::referral_id(seed, index),
        engagement: mint::guid(seed, Purpose::Engagement, number),
    };
    let mut referral = origin(&ids, &sketch, &mut dice);
    for mut more in [nature(&ids, &sketch, &mut dice), parts(&ids, &sketch, &mut dice)] {
        referral.members(&[]).expect("it is an object").append(more.members(&[]).expect("it is an object"));
    }
    leave_out(&mut referral, &mut dice);
    referral
}

/// The members that an outline shows as they are.
pub(super) const OUTLINED: &[&str] = &["status", "substatus", "type", "direction", "updatedDateTime"];

/// What is known of that referral without the trouble of making it: what changes to it are judged by, what lists are
/// mostly filtered and ordered by, and an object that is there for certain.
pub(super) fn outline(seed: u64, index: usize) -> Value {
    let mut dice = Dice::new(seed, index as u64);
    let sketch = sketch(&mut dice);
    json!({
        "status": sketch.status,
        "substatus": sketch.substatus,
        "type": sketch.kind.word(),
        "direction": sketch.direction(),
        "updatedDateTime": clock::print(updated(&sketch, &mut dice)),
        "details": {},
    })
}

/// When that referral was created, without the trouble of making it.
pub(super) fn created(seed: u64, index: usize) -> Timestamp {
    sketch(&mut Dice::new(seed, index as u64)).created
}

fn sketch(dice: &mut Dice) -> Sketch {
    let (status, substatus) = match dice.below(100) {
        0..55 => ("Active", "Accepted"),
        55..75 => ("New", "Pending"),
        75..80 => ("New", "Received"),
        80..87 => ("Closed", "Won"),
        87..93 => ("Closed", "Lost"),
        93..97 => ("Closed", "Declined"),
        _ => ("Closed", "Expired"),
    };
    let kind = match dice.below(100) {
        0..5 => Kind::MarketplaceLead,
        5..25 => Kind::QualifiedLead,
        _ if status == "New" || matches!(substatus, "Declined" | "Expired") => Kind::CoSell,
        25..70 => Kind::CoSell,
        _ => Kind::Private,
    };
    let is_waiting = status == "New";
    let is_outgoing = match kind {
        Kind::MarketplaceLead | Kind::QualifiedLead => false,
        Kind::CoSell => !is_waiting && dice.percent(60),
        Kind::Private => true,
    };
    let days = if is_waiting { DAYS_TO_ANSWER - 1 } else { DAYS_BACK };
    let earliest = if is_waiting { 1 } else { DAYS_TO_ANSWER * SECONDS_PER_DAY };
    let ago = earliest + dice.below(days * SECONDS_PER_DAY);
    // Tenths of microseconds, as the service prints them.
    let nanoseconds = dice.below(10_000_000) * 100;
    Sketch {
        kind,
        status,
        substatus,
        is_outgoing,
        created: START - seconds(ago) - SignedDuration::from_nanos(nanoseconds.cast_signed()),
        customer: dice.pick(words::CUSTOMERS),
        place: dice.pick(words::PLACES),
        solution: dice.pick(words::SOLUTIONS),
    }
}

/// When it was changed last. The first throw after the sketch.
fn updated(sketch: &Sketch, dice: &mut Dice) -> Timestamp {
    let moved = sketch.created + seconds(3_601 + dice.below(9 * SECONDS_PER_DAY));
    if sketch.status == "New" { sketch.created } else { moved }
}

/// Who it belongs to, when things happened, and how it stands.
fn origin(ids: &Ids, sketch: &Sketch, dice: &mut Dice) -> Part {
    let (organization_id, organization_name) = organization(ids.seed);
    let is_waiting = sketch.status == "New";
    let updated = updated(sketch, dice);
    let accepted = match sketch.substatus {
        _ if sketch.is_outgoing => Some(sketch.created),
        "Pending" | "Received" | "Declined" | "Expired" => None,
        _ => Some(sketch.created + seconds(3_600)),
    };
    let expires = sketch.created + seconds(DAYS_TO_ANSWER * SECONDS_PER_DAY);
    object!({
        "id": ids.own.to_string(),
        "engagementId": ids.engagement.to_string(),
        "name": format!("{} for {}", sketch.solution.1, sketch.customer.name),
        "externalReferenceId": external_reference_id(ids.number, dice),
        "organizationId": organization_id.to_string(),
        "organizationName": organization_name,
        "createdDateTime": clock::print(sketch.created),
        "updatedDateTime": clock::print(updated),
        "expirationDateTime": is_waiting.then(|| clock::print(expires)),
        "acceptedDateTime": accepted.map(clock::print),
        "closedDateTime": (sketch.status == "Closed").then(|| clock::print(updated)),
        "status": sketch.status,
        "substatus": sketch.substatus,
        "statusReason": status_reason(sketch, dice),
    })
}

/// What kind of referral it is, and what the partner and the service noted about it.
fn nature(ids: &Ids, sketch: &Sketch, dice: &mut Dice) -> Part {
    let is_lead = sketch.kind == Kind::MarketplaceLead;
    object!({
        "type": sketch.kind.word(),
        "qualification": match sketch.kind {
            Kind::MarketplaceLead => "Direct",
            Kind::QualifiedLead => *dice.pick(&["SalesQualified", "MarketingQualified"]),
            Kind::CoSell => *dice.pick(&["SalesQualified", "None"]),
            Kind::Private => "None",
        },
        "direction": sketch.direction(),
        "referralSource": is_lead.then(|| *dice.pick(&["Azure Marketplace", "Appsource"])),
        "callToAction": is_lead.then(|| *dice.pick(&["Contact me", "Get it now", "Test drive"])),
        "campaignId": dice.percent(20).then(|| format!("CMP-2026-{:02}", ids.number % 12 + 1)),
        "salesStage": sales_stage(sketch, dice),
        "referralProgram": Part::Null,
        "mpnId": (4_500_000 + ids.seed % 1_000).to_string(),
        "favorite": dice.percent(10),
        "quality": "Unknown",
        "isSpam": false,
        "tags": Part::List(Vec::new()),
        "dealSensitivity": "None",
        "createdVia": Part::Null,
        "lastModifiedVia": Part::Null,
        "lastRunId": Part::Null,
        "registrationStatus": "None",
        "registrations": Part::List(Vec::new()),
        "eTag": mint::etag(ids.seed, ids.own, 0),
    })
}

/// The objects and lists.
fn parts(ids: &Ids, sketch: &Sketch, dice: &mut Dice) -> Part {
    let links = whole::Links::of(ids.own, ids.engagement);
    object!({
        "customerProfile": objects::customer_profile(sketch, dice),
        "consent": objects::consent(sketch, dice),
        "details": objects::details(sketch, dice),
        "team": objects::team("contoso.com", dice.below(3) + 1, dice),
        "inviteContext": objects::invite_context(sketch, dice),
        "target": objects::target(ids, sketch),
        "trackingInfo": object!({
            "microsoftMsxId": dice.percent(15).then(|| format!("7-{:010X}", dice.below(1 << 40))),
            "migratedPSCDealId": Part::Null,
        }),
        "links": object!({
            "relatedReferrals": object!({ "uri": links.related, "method": "GET" }),
            "self": object!({ "uri": links.own, "method": "GET" }),
        }),
    })
}

/// Mostly there, now and then `null` or empty (contract, section 3.1).
fn external_reference_id(number: u64, dice: &mut Dice) -> Part {
    match dice.below(10) {
        0..7 => Part::from(format!("CRM-{}", 10_000 + number)),
        7..9 => Part::Null,
        _ => Part::from(""),
    }
}

fn status_reason(sketch: &Sketch, dice: &mut Dice) -> Part {
    match sketch.substatus {
        "Lost" | "Declined" => Part::from(*dice.pick(&["1", "2", "3", "4", "6", "8"])),
        "Won" if dice.percent(50) => Part::from("Customer engagement was a success!"),
        _ => Part::Null,
    }
}

/// All three vocabularies of the field (contract, section 3.8).
fn sales_stage(sketch: &Sketch, dice: &mut Dice) -> Part {
    match (sketch.substatus, dice.below(10)) {
        ("Won", _) => Part::from("100"),
        (_, 0..4) => Part::from(*dice.pick(&["10", "20", "40", "60", "80"])),
        (_, 4..6) => Part::from(*dice.pick(&["Qualify", "Develop", "Propose"])),
        _ => Part::Null,
    }
}

/// Takes members away that real answers lack now and then.
fn leave_out(referral: &mut Part, dice: &mut Dice) {
    const OFTEN_ABSENT: &[(&[&str], &str, u64)] = &[
        (&[], "campaignId", 15),
        (&[], "salesStage", 10),
        (&[], "referralProgram", 50),
        (&[], "lastRunId", 30),
        (&[], "favorite", 20),
        (&[], "closedDateTime", 20),
        (&[], "statusReason", 10),
        (&["details"], "closingDateTime", 15),
        (&["details"], "notes", 5),
        (&["details"], "customerAction", 50),
        (&["customerProfile"], "size", 20),
        (&["customerProfile", "address"], "region", 60),
    ];
    for (parent, name, chance) in OFTEN_ABSENT {
        let members = referral.members(parent).expect("a made-up referral has its objects");
        let is_absent = |member: &(&str, Part)| {
            let is_filled = member.1 != Part::Null;
            member.0 == *name && !(is_filled && *name == "closedDateTime")
        };
        if dice.percent(*chance) {
            members.retain(|member| !is_absent(member));
        }
    }
}

fn seconds(seconds: u64) -> SignedDuration {
    SignedDuration::from_secs(seconds.cast_signed())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn document(seed: u64, index: usize) -> Value {
        referral(seed, index).value()
    }

    fn referrals() -> Vec<Value> {
        (0..1_000).map(|index| document(1, index)).collect()
    }

    fn shares(pointer: &str) -> BTreeMap<String, usize> {
        let mut shares = BTreeMap::new();
        for referral in referrals() {
            let value = referral.pointer(pointer).map_or("absent".to_owned(), ToString::to_string);
            *shares.entry(value).or_default() += 1;
        }
        shares
    }

    #[test]
    fn a_referral_depends_on_seed_and_index_alone() {
        assert_eq!(referral(7, 3), referral(7, 3));
        assert_ne!(document(7, 3)["id"], document(8, 3)["id"]);
        assert_eq!(document(7, 3)["id"], mint::referral_id(7, 3).to_string());
    }

    #[test]
    fn when_it_was_created_is_known_before_it_is_made() {
        for (index, referral) in referrals().iter().enumerate() {
            assert_eq!(referral["createdDateTime"], clock::print(created(1, index)));
        }
    }

    #[test]
    fn an_outline_says_what_the_referral_will() {
        for (index, referral) in referrals().iter().enumerate() {
            let outline = outline(1, index);
            assert!(OUTLINED.iter().all(|name| outline[*name].is_string() && outline[*name] == referral[*name]));
            assert!(referral["details"].is_object());
        }
    }

    #[test]
    fn statuses_are_mixed_as_in_a_real_pipeline() {
        let shares = shares("/substatus");
        let share = |word: &str| shares[&format!("\"{word}\"")];
        assert!((500..600).contains(&share("Accepted")), "{shares:?}");
        assert!((150..250).contains(&share("Pending")), "{shares:?}");
        assert!((20..80).contains(&share("Received")), "{shares:?}");
        for closed in ["Won", "Lost", "Declined", "Expired"] {
            assert!(share(closed) >= 15, "{shares:?}");
        }
        assert_eq!(shares.len(), 7);
    }

    #[test]
    fn members_are_filled_empty_null_or_absent() {
        let ids = shares("/externalReferenceId");
        assert!(ids["null"] > 0 && ids["\"\""] > 0 && ids.len() > 500);
        let campaigns = shares("/campaignId");
        assert!(campaigns["null"] > 0 && campaigns["absent"] > 0 && campaigns.len() > 5);
        assert_eq!(shares("/details/currency").len(), 4);
    }

    #[test]
    fn every_deal_value_is_printed_with_at_most_two_decimals() {
        for value in shares("/details/dealValue").keys() {
            let decimals = value.split_once('.').map_or("", |(_, decimals)| decimals);
            assert!(decimals.len() <= 2, "{value}");
        }
    }

    #[test]
    fn every_member_of_the_root_is_a_documented_one() {
        for referral in referrals() {
            for name in referral.as_object().unwrap().keys() {
                assert!(crate::sandbox::members::ROOT.contains(&name.as_str()), "{name}");
            }
        }
    }

    #[test]
    fn what_was_made_up_can_be_sent_back_whole() {
        for referral in referrals().into_iter().filter(|referral| referral["status"] != "Closed") {
            let mut sent = referral.clone();
            sent.as_object_mut().unwrap().shift_remove("links");
            let mut after = whole::replaced(&referral, sent.to_string().as_bytes()).unwrap();
            after.sort_all_objects();
            let mut before = referral;
            before.sort_all_objects();
            assert_eq!(after, before);
        }
    }

    #[test]
    fn nobody_waits_longer_than_the_service_lets_them() {
        for referral in referrals().iter().filter(|referral| referral["status"] == "New") {
            let expires = clock::read(referral["expirationDateTime"].as_str().unwrap()).unwrap();
            assert!(expires > START, "{}", referral["expirationDateTime"]);
        }
    }
}
