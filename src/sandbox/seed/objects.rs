//! The objects and lists of a made-up referral.

use super::{Ids, Kind, SECONDS_PER_DAY, Sketch, seconds, words};
use crate::sandbox::clock::START;
use crate::sandbox::mint::{self, Dice, Purpose};
use crate::sandbox::part::{Part, object};

pub(super) fn customer_profile(sketch: &Sketch, dice: &mut Dice) -> Part {
    let place = sketch.place;
    let contacts = dice.below(3);
    object!({
        "name": sketch.customer.name,
        "size": *dice.pick(words::SIZES),
        "isMatchingComplete": dice.percent(60),
        "address": object!({
            "addressLine1": place.line_1,
            "addressLine2": place.line_2,
            "city": place.city,
            "state": place.state,
            "postalCode": place.postal_code,
            "country": place.country,
            "region": Part::Null,
        }),
        "team": team(sketch.customer.domain, contacts, dice),
        "ids": if dice.percent(30) {
            vec![object!({ "profileType": "Duns", "id": format!("{:09}", dice.below(1_000_000_000)) })]
        } else {
            Vec::new()
        },
    })
}

pub(super) fn consent(sketch: &Sketch, dice: &mut Dice) -> Part {
    object!({
        "consentToToShareInfoWithOthers": true,
        "consentToContact": dice.percent(80),
        "consentToShareReferralWithMicrosoftSellers": sketch.kind != Kind::Private,
        "consentToMicrosoftToContactSpecificPartners": false,
    })
}

pub(super) fn details(sketch: &Sketch, dice: &mut Dice) -> Part {
    let closing = START + seconds((10 + dice.below(200)) * SECONDS_PER_DAY);
    // Estimated closing dates are days, at midnight, printed without a fraction (contract, section 3.9).
    let closing = format!("{}T00:00:00Z", &closing.to_string()[..10]);
    object!({
        "notes": *dice.pick(words::NOTES),
        "dealValue": deal_value(sketch.place.currency, dice),
        "currency": sketch.place.currency,
        "closingDateTime": closing,
        "customerRequestedContact": dice.percent(25),
        "customerAction": Part::Null,
        "incentiveLevel": Part::Null,
        "requirements": object!({
            "industries": vec![object!({ "id": *dice.pick(words::INDUSTRIES) })],
            "products": vec![object!({ "id": *dice.pick(words::PRODUCTS) })],
            "services": vec![object!({ "id": *dice.pick(words::SERVICES) })],
            "solutions": solutions(sketch, dice),
            "offers": Vec::new(),
            "additionalRequirements": object!({
                "attributes": vec![object!({
                    "type": "CustomerMarketplaceIntent",
                    "id": *dice.pick(&["HaveNotDecided", "Yes", "No"]),
                })],
            }),
        }),
    })
}

/// Round amounts, amounts with cents, and none at all; yen have no cents.
fn deal_value(currency: &str, dice: &mut Dice) -> Part {
    let thousands = dice.below(500) + 1;
    match dice.below(10) {
        _ if currency == "JPY" => Part::from(thousands * 100_000),
        0..6 => Part::from(thousands * 1_000),
        6..9 => {
            let cents = dice.below(100);
            let text = format!("{}.{cents:02}", thousands * 973);
            Part::from(text.parse::<f64>().expect("digits with a point are a number"))
        }
        _ => Part::Null,
    }
}

fn solutions(sketch: &Sketch, dice: &mut Dice) -> Part {
    let &(id, name, kind) = sketch.solution;
    let mut solutions = vec![object!({ "id": id, "name": name, "type": kind })];
    if dice.percent(30) {
        solutions.push(object!({
            "id": "SOL-10482-KQX",
            "name": "Contoso Cloud Onboarding",
            "type": "Name",
            "solutionType": "3P",
            "publisherName": "Contoso Consulting",
            "price": 1250.5,
            "quantity": dice.below(20) + 1,
            "currency": sketch.place.currency,
            "closingDateTime": Part::Null,
        }));
    }
    Part::List(solutions)
}

pub(super) fn team(domain: &str, members: u64, dice: &mut Dice) -> Part {
    let mut start = dice.below(words::PERSONS.len() as u64);
    let members = (0..members).map(|_| {
        start += 1;
        let index = usize::try_from(start).expect("a small number") % words::PERSONS.len();
        let (first, last, mailbox) = words::PERSONS[index];
        let mut member: Vec<(&'static str, Part)> = vec![
            ("firstName", first.into()),
            ("lastName", last.into()),
            ("phoneNumber", format!("555-01{:02}", dice.below(100)).into()),
            ("email", format!("{mailbox}@{domain}").into()),
        ];
        if dice.percent(40) {
            let preference = object!({ "locale": "en-us", "disableNotifications": false });
            member.push(("title", dice.percent(50).then_some("Account manager").into()));
            member.push(("contactPreference", preference));
        }
        Part::Object(member)
    });
    Part::List(members.collect())
}

pub(super) fn invite_context(sketch: &Sketch, dice: &mut Dice) -> Part {
    match sketch.kind {
        Kind::MarketplaceLead | Kind::QualifiedLead => object!({
            "notes": "We hope that you can help this customer.",
            "invitedBy": object!({ "organizationId": "msft", "organizationName": "Microsoft" }),
        }),
        Kind::CoSell => object!({
            "notes": "",
            "assistanceRequestCode": *dice.pick(words::ASSISTANCE),
            "invitedBy": object!({
                "organizationId": "4bd11569-41e0-4a5b-b5dc-0b253ead6d1c",
                "organizationName": "Proseware",
            }),
        }),
        Kind::Private => Part::Null,
    }
}

pub(super) fn target(ids: &Ids, sketch: &Sketch) -> Part {
    let target = match sketch.kind {
        Kind::MarketplaceLead | Kind::QualifiedLead => {
            let location = mint::guid(ids.seed, Purpose::Target, ids.number % 3);
            vec![object!({ "type": "BusinessProfileLocation", "id": location.to_string() })]
        }
        Kind::CoSell => vec![object!({ "type": "SolutionProfile", "id": sketch.solution.0 })],
        Kind::Private => Vec::new(),
    };
    Part::List(target)
}
