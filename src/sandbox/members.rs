//! The members of a referral as the contract lists them: which there are, which a patch may touch and with what,
//! and which belong to the server (sections 3, 5.2 and 5.3).

use super::shape::{Field, Need, Shape};

/// A place that PATCH may touch.
#[derive(Debug)]
pub(super) struct Place {
    /// Its JSON Pointer. None of them needs an escape.
    pub path: &'static str,
    /// What goes there; at the end of a list (`-`), what one item is.
    pub shape: Shape,
}

/// The members of the root, legacy ones included (contract, section 3.1).
pub(super) const ROOT: &[&str] = &[
    "@odata.context",
    "id",
    "engagementId",
    "name",
    "externalReferenceId",
    "organizationId",
    "organizationName",
    "createdDateTime",
    "updatedDateTime",
    "expirationDateTime",
    "acceptedDateTime",
    "closedDateTime",
    "status",
    "substatus",
    "statusReason",
    "type",
    "qualification",
    "direction",
    "referralSource",
    "callToAction",
    "campaignId",
    "salesStage",
    "referralProgram",
    "mpnId",
    "favorite",
    "quality",
    "isSpam",
    "tags",
    "dealSensitivity",
    "createdVia",
    "lastModifiedVia",
    "lastRunId",
    "registrationStatus",
    "registrations",
    "eTag",
    "customerProfile",
    "consent",
    "details",
    "team",
    "inviteContext",
    "target",
    "trackingInfo",
    "links",
    "businessProfileId",
    "attributes",
];

/// What only the server writes: code R of section 3, in PUT taken from the referral and not from the body.
pub(super) const SERVER_OWNED: &[&str] = &[
    "/id",
    "/organizationId",
    "/organizationName",
    "/createdDateTime",
    "/updatedDateTime",
    "/expirationDateTime",
    "/acceptedDateTime",
    "/closedDateTime",
    "/direction",
    "/referralSource",
    "/callToAction",
    "/mpnId",
    "/quality",
    "/isSpam",
    "/tags",
    "/dealSensitivity",
    "/createdVia",
    "/lastModifiedVia",
    "/lastRunId",
    "/registrationStatus",
    "/registrations",
    "/eTag",
    "/trackingInfo",
    "/links",
    "/businessProfileId",
    "/attributes",
    "/customerProfile/isMatchingComplete",
    "/details/incentiveLevel",
    "/details/requirements/offers",
    "/inviteContext/invitedBy",
];

/// The 18 paths of the connector (section 5.2), then those of deal registration (section 5.3).
pub(super) const PATCHABLE: &[Place] = &[
    place("/campaignId", Shape::Text),
    place("/consent/consentToShareReferralWithMicrosoftSellers", Shape::Flag),
    place("/customerProfile/team", Shape::List(&MEMBER)),
    place("/customerProfile/team/-", MEMBER),
    place("/details/closingDateTime", Shape::Instant),
    place("/details/currency", Shape::Currency),
    place("/details/dealValue", Shape::Amount),
    place("/details/notes", Shape::Text),
    place("/details/requirements/solutions", Shape::List(&SOLUTION)),
    place("/details/requirements/solutions/-", SOLUTION),
    place("/externalReferenceId", Shape::Text),
    place("/referralProgram", Shape::Text),
    place("/salesStage", Shape::Text),
    place("/status", Shape::Choice(STATUSES)),
    place("/substatus", Shape::Choice(SUBSTATUSES)),
    place("/statusReason", Shape::Text),
    place("/team", Shape::List(&MEMBER)),
    place("/team/-", MEMBER),
    place("/registrations/-", REGISTRATION),
    place("/registrations/0/contract/startDateTime", Shape::Instant),
    place("/registrations/0/contract/endDateTime", Shape::Instant),
    place("/registrations/0/contract/signDateTime", Shape::Instant),
    place("/registrations/0/contract/term", Shape::Choice(TERMS)),
    place("/registrations/0/contract/value", Shape::Amount),
    place("/registrations/0/solutionDetails/0/value", Shape::Amount),
    place("/registrations/0/solutionDetails/0/currency", Shape::Currency),
    place("/registrations/0/solutionDetails/0/isDeployedOnAzure", Shape::Flag),
    place("/registrations/0/solutionDetails/0/primaryDeploymentOn", Shape::Choice(DEPLOYMENTS)),
    place("/registrations/0/solutionDetails/0/pricingModel", Shape::Choice(PRICING_MODELS)),
    place("/registrations/0/solutionDetails/0/marketplaceTransactionDetails/isMarketplaceTransacted", Shape::Flag),
    place(
        "/registrations/0/solutionDetails/0/marketplaceTransactionDetails/marketplaceTransactionDateTime",
        Shape::Instant,
    ),
];

/// What POST and PUT check beyond the patchable places: what the create page calls required or an enum.
pub(super) const CREATABLE: &[Place] = &[
    place("/type", Shape::Choice(&["Shared", "Independent"])),
    place("/qualification", Shape::Choice(&["None", "Direct", "MarketingQualified", "SalesQualified"])),
    place("/name", Shape::Text),
    place("/customerProfile/name", Shape::Text),
    place("/consent/consentToToShareInfoWithOthers", Shape::Flag),
    place("/consent/consentToContact", Shape::Flag),
    place("/inviteContext/assistanceRequestCode", Shape::Choice(ASSISTANCE_REQUEST_CODES)),
    place("/target", Shape::List(&TARGET)),
];

/// The substatus words that may be sent; `None` belongs to no row of the table (contract, section 4.1).
const SUBSTATUSES: &[&str] = &["Pending", "Received", "Accepted", "Won", "Lost", "Declined", "Expired"];
const STATUSES: &[&str] = &["New", "Active", "Closed"];
const TERMS: &[&str] = &["Perpetual", "Finite"];
const DEPLOYMENTS: &[&str] = &["Customer", "Partner"];
const PRICING_MODELS: &[&str] = &["PayAsYouGo", "Other"];
const ASSISTANCE_REQUEST_CODES: &[&str] = &[
    "Unknown",
    "GeneralOrOther",
    "CustomerTechnicalArchitecture",
    "ProofOfConceptOrDemo",
    "QuotesOrLicensing",
    "PostSalesCustomerSuccess",
    "WorkloadSpecificValueProposition",
];

/// Contract, section 3.5. The portal wants the four; that the service wants them of a new member is S8's reading.
const MEMBER: Shape = Shape::Object(&[
    field("firstName", Shape::Text, Need::WhenNew),
    field("lastName", Shape::Text, Need::WhenNew),
    field("phoneNumber", Shape::Text, Need::WhenNew),
    field("email", Shape::Text, Need::WhenNew),
    field("title", Shape::Text, Need::Optional),
    field(
        "contactPreference",
        Shape::Object(&[
            field("locale", Shape::Text, Need::Optional),
            field("disableNotifications", Shape::Flag, Need::Optional),
        ]),
        Need::Optional,
    ),
]);

/// Contract, section 3.4.
const SOLUTION: Shape = Shape::Object(&[
    field("id", Shape::Text, Need::Always),
    field("name", Shape::Text, Need::Optional),
    field("type", Shape::Choice(&["None", "Category", "Name"]), Need::Optional),
    field("solutionType", Shape::Text, Need::Optional),
    field("publisherName", Shape::Text, Need::Optional),
    field("price", Shape::Amount, Need::Optional),
    field("quantity", Shape::Amount, Need::Optional),
    field("currency", Shape::Currency, Need::Optional),
    field("closingDateTime", Shape::Instant, Need::Optional),
]);

/// Contract, section 3.6.
const TARGET: Shape = Shape::Object(&[
    field("id", Shape::Text, Need::Always),
    field("type", Shape::Choice(&["None", "BusinessProfileLocation", "SolutionProfile"]), Need::Always),
]);

/// Contract, section 3.7.
const REGISTRATION: Shape = Shape::Object(&[
    field("type", Shape::Choice(&["AzureIPCoSell"]), Need::Always),
    field("contract", CONTRACT, Need::Always),
    field("solutionDetails", Shape::List(&SOLUTION_DETAILS), Need::Always),
]);

const CONTRACT: Shape = Shape::Object(&[
    field("value", Shape::Amount, Need::Optional),
    field("currency", Shape::Currency, Need::Optional),
    field("startDateTime", Shape::Instant, Need::Optional),
    field("endDateTime", Shape::Instant, Need::Optional),
    field("signDateTime", Shape::Instant, Need::Optional),
    field("term", Shape::Choice(TERMS), Need::Optional),
]);

const SOLUTION_DETAILS: Shape = Shape::Object(&[
    field("id", Shape::Text, Need::Always),
    field("currency", Shape::Currency, Need::Optional),
    field("value", Shape::Amount, Need::Optional),
    field("isDeployedOnAzure", Shape::Flag, Need::Optional),
    field("primaryDeploymentOn", Shape::Choice(DEPLOYMENTS), Need::Optional),
    field("pricingModel", Shape::Choice(PRICING_MODELS), Need::Optional),
    field(
        "marketplaceTransactionDetails",
        Shape::Object(&[
            field("isMarketplaceTransacted", Shape::Flag, Need::Optional),
            field("marketplaceTransactionDateTime", Shape::Instant, Need::Optional),
        ]),
        Need::Optional,
    ),
]);

/// The place with exactly this pointer.
pub(super) fn patchable(path: &str) -> Option<&'static Place> {
    PATCHABLE.iter().find(|place| place.path == path)
}

impl Place {
    /// Whether a value sent there becomes one more item of a list.
    pub(super) fn appends(&self) -> bool {
        self.path.ends_with("/-")
    }

    /// Whether it belongs to deal registration, which a closed referral still takes (S15).
    pub(super) fn registers(&self) -> bool {
        self.path.starts_with("/registrations/")
    }
}

const fn place(path: &'static str, shape: Shape) -> Place {
    Place { path, shape }
}

const fn field(name: &'static str, shape: Shape, need: Need) -> Field {
    Field { name, shape, need }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_begins_at_a_known_member() {
        let paths = PATCHABLE.iter().chain(CREATABLE).map(|place| place.path).chain(SERVER_OWNED.iter().copied());
        for path in paths {
            let root = path.split('/').nth(1).unwrap();
            assert!(ROOT.contains(&root), "{path}");
        }
    }

    #[test]
    fn the_connector_offers_eighteen_paths_and_thirteen_for_registration() {
        assert_eq!(PATCHABLE.iter().filter(|place| !place.registers()).count(), 18);
        assert_eq!(PATCHABLE.iter().filter(|place| place.registers()).count(), 13);
    }
}
