//! The objects and lists of a made-up referral.

use serde_json::{Value, json};

use super::{Kind, SECONDS_PER_DAY, Sketch, seconds, words};
use crate::sandbox::clock::START;
use crate::sandbox::mint::{self, Dice, Purpose};

pub(super) fn customer_profile(sketch: &Sketch, dice: &mut Dice) -> Value {
    let place = sketch.place;
    let contacts = dice.below(3);
    json!({
        "name": sketch.customer.name,
        "size": dice.pick(words::SIZES),
        "isMatchingComplete": dice.percent(60),
        "address": {
            "addressLine1": place.line_1,
            "addressLine2": place.line_2,
            "city": place.city,
            "state": place.state,
            "postalCode": place.postal_code,
            "country": place.country,
            "region": null,
        },
        "team": team(sketch.customer.domain, contacts, dice),
        "ids": if dice.percent(30) {
            json!([{ "profileType": "Duns", "id": format!("{:09}", dice.below(1_000_000_000)) }])
        } else {
            json!([])
        },
    })
}

pub(super) fn consent(sketch: &Sketch, dice: &mut Dice) -> Value {
    json!({
        "consentToToShareInfoWithOthers": true,
        "consentToContact": dice.percent(80),
        "consentToShareReferralWithMicrosoftSellers": sketch.kind != Kind::Private,
        "consentToMicrosoftToContactSpecificPartners": false,
    })
}

pub(super) fn details(sketch: &Sketch, dice: &mut Dice) -> Value {
    let closing = START + seconds((10 + dice.below(200)) * SECONDS_PER_DAY);
    // Estimated closing dates are days, at midnight, printed without a fraction (contract, section 3.9).
    let closing = format!("{}T00:00:00Z", &closing.to_string()[..10]);
    json!({
        "notes": dice.pick(words::NOTES),
        "dealValue": deal_value(sketch.place.currency, dice),
        "currency": sketch.place.currency,
        "closingDateTime": closing,
        "customerRequestedContact": dice.percent(25),
        "customerAction": null,
        "incentiveLevel": null,
        "requirements": {
            "industries": [{ "id": dice.pick(words::INDUSTRIES) }],
            "products": [{ "id": dice.pick(words::PRODUCTS) }],
            "services": [{ "id": dice.pick(words::SERVICES) }],
            "solutions": solutions(sketch, dice),
            "offers": [],
            "additionalRequirements": {
                "attributes": [{
                    "type": "CustomerMarketplaceIntent",
                    "id": dice.pick(&["HaveNotDecided", "Yes", "No"]),
                }],
            },
        },
    })
}

/// Round amounts, amounts with cents, and none at all; yen have no cents.
fn deal_value(currency: &str, dice: &mut Dice) -> Value {
    let thousands = dice.below(500) + 1;
    match dice.below(10) {
        _ if currency == "JPY" => json!(thousands * 100_000),
        0..6 => json!(thousands * 1_000),
        6..9 => {
            let cents = dice.below(100);
            let text = format!("{}.{cents:02}", thousands * 973);
            serde_json::from_str(&text).expect("digits with a point are a JSON number")
        }
        _ => Value::Null,
    }
}

fn solutions(sketch: &Sketch, dice: &mut Dice) -> Value {
    let (id, name, kind) = sketch.solution;
    let mut solutions = vec![json!({ "id": id, "name": name, "type": kind })];
    if dice.percent(30) {
        solutions.push(json!({
            "id": "SOL-10482-KQX",
            "name": "Contoso Cloud Onboarding",
            "type": "Name",
            "solutionType": "3P",
            "publisherName": "Contoso Consulting",
            "price": 1250.5,
            "quantity": dice.below(20) + 1,
            "currency": sketch.place.currency,
            "closingDateTime": null,
        }));
    }
    Value::Array(solutions)
}

pub(super) fn team(domain: &str, members: u64, dice: &mut Dice) -> Value {
    let mut start = dice.below(words::PERSONS.len() as u64);
    let members = (0..members).map(|_| {
        start += 1;
        let index = usize::try_from(start).expect("a small number") % words::PERSONS.len();
        let (first, last, mailbox) = words::PERSONS[index];
        let mut member = json!({
            "firstName": first,
            "lastName": last,
            "phoneNumber": format!("555-01{:02}", dice.below(100)),
            "email": format!("{mailbox}@{domain}"),
        });
        if dice.percent(40) {
            member["title"] = if dice.percent(50) { json!("Account manager") } else { Value::Null };
            member["contactPreference"] = json!({ "locale": "en-us", "disableNotifications": false });
        }
        member
    });
    Value::Array(members.collect())
}

pub(super) fn invite_context(sketch: &Sketch, dice: &mut Dice) -> Value {
    match sketch.kind {
        Kind::MarketplaceLead | Kind::QualifiedLead => json!({
            "notes": "We hope that you can help this customer.",
            "invitedBy": { "organizationId": "msft", "organizationName": "Microsoft" },
        }),
        Kind::CoSell => json!({
            "notes": "",
            "assistanceRequestCode": dice.pick(words::ASSISTANCE),
            "invitedBy": { "organizationId": "4bd11569-41e0-4a5b-b5dc-0b253ead6d1c", "organizationName": "Proseware" },
        }),
        Kind::Private => Value::Null,
    }
}

pub(super) fn target(seed: u64, number: u64, sketch: &Sketch) -> Value {
    match sketch.kind {
        Kind::MarketplaceLead | Kind::QualifiedLead => {
            json!([{ "type": "BusinessProfileLocation", "id": mint::guid(seed, Purpose::Target, number % 3).to_string() }])
        }
        Kind::CoSell => json!([{ "type": "SolutionProfile", "id": sketch.solution.0 }]),
        Kind::Private => json!([]),
    }
}
