//! The field table: the contract's section 3, once.

use super::words::{
    ASSISTANCE, CONTRACT_TERM, CUSTOMER_SIZE, DEPLOYMENT, DIRECTION, MARKETPLACE_INTENT, PRICING, QUALIFICATION,
    REFERRAL_TYPE, SALES_STAGE, STATUS_REASON,
};
use super::{
    Field,
    Kind::{
        self, Amount, Boolean, Choice, Code, Country, Currency, DateTime, Email, Entry, Guid, Json, Members,
        OpenChoice, Solutions, Status, Substatus, Tags, Text,
    },
    Writable::{self, Create, Never, Patch, Unconfirmed},
};

const fn field(path: &'static str, label: &'static str, kind: Kind, writable: Writable) -> Field {
    Field { path, label, portal: &[], kind, writable }
}

impl Field {
    const fn portal(mut self, headings: &'static [&'static str]) -> Field {
        self.portal = headings;
        self
    }
}

const ATTRIBUTES: &str = "/details/requirements/additionalRequirements/attributes";

const fn attribute(name: &'static str, label: &'static str) -> Field {
    field(ATTRIBUTES, label, Entry { by: "type", name, choices: &[] }, Unconfirmed)
}

/// Every field, in the order of the contract's section 3.
#[rustfmt::skip]
pub const FIELDS: &[Field] = &[
    // 3.1 root
    field("/engagementId", "Engagement ID", Guid, Create).portal(&["Engagement ID"]),
    field("/name", "Deal name", Text, Unconfirmed).portal(&["Deal Name"]),
    field("/externalReferenceId", "CRM ID", Code, Patch).portal(&["CRM ID"]),
    field("/organizationId", "Organization ID", Guid, Never),
    field("/organizationName", "Organization", Text, Never),
    field("/createdDateTime", "Created", DateTime, Never).portal(&["Created Date"]),
    field("/updatedDateTime", "Updated", DateTime, Never),
    field("/expirationDateTime", "Expires", DateTime, Never),
    field("/acceptedDateTime", "Accepted", DateTime, Never),
    field("/closedDateTime", "Closed on", DateTime, Never),
    field("/status", "Status", Status, Patch).portal(&["Partner Referral Status"]),
    field("/substatus", "Substatus", Substatus, Patch).portal(&["Partner Referral Substatus"]),
    field("/statusReason", "Status reason", OpenChoice(STATUS_REASON), Patch).portal(&["Declined/Lost reason", "Decline/Lost/Error reason", "Declined/Lost/Error reason"]),
    field("/type", "Type", Choice(REFERRAL_TYPE), Create),
    field("/qualification", "Qualification", Choice(QUALIFICATION), Create),
    field("/direction", "Direction", Choice(DIRECTION), Never),
    field("/referralSource", "Referral source", Text, Never),
    field("/callToAction", "Call to action", Text, Never),
    field("/campaignId", "Campaign ID", Code, Patch).portal(&["Marketing Campaign ID"]),
    field("/salesStage", "Sales stage", OpenChoice(SALES_STAGE), Patch).portal(&["Sales Stage"]),
    field("/referralProgram", "Referral program", Text, Patch),
    field("/mpnId", "Partner location ID", Code, Create).portal(&["PartnerID (formerly MPN ID)", "PartnerID", "MPN ID"]),
    field("/favorite", "Favorite", Boolean, Unconfirmed),
    field("/quality", "Quality", Text, Never),
    field("/isSpam", "Spam", Boolean, Never),
    field("/tags", "Tags", Json, Never),
    field("/dealSensitivity", "Deal sensitivity", Text, Never),
    field("/createdVia", "Created via", Text, Never),
    field("/lastModifiedVia", "Last modified via", Text, Never),
    field("/lastRunId", "Last run ID", Text, Never),
    field("/registrationStatus", "Registration status", Text, Never),
    // 3.2 customer
    field("/customerProfile/name", "Customer name", Text, Create).portal(&["Customer Name"]),
    field("/customerProfile/size", "Customer size", Choice(CUSTOMER_SIZE), Create),
    field("/customerProfile/isMatchingComplete", "Customer matched", Boolean, Never),
    field("/customerProfile/address/addressLine1", "Address line 1", Text, Create).portal(&["Customer Address Line 1"]),
    field("/customerProfile/address/addressLine2", "Address line 2", Text, Create).portal(&["Customer Address Line 2"]),
    field("/customerProfile/address/city", "City", Text, Create).portal(&["Customer City"]),
    field("/customerProfile/address/state", "State", Text, Create).portal(&["Customer State"]),
    field("/customerProfile/address/postalCode", "Postal code", Code, Create).portal(&["Customer Postal Code"]),
    field("/customerProfile/address/country", "Country", Country, Create).portal(&["Customer Country"]),
    field("/customerProfile/address/region", "Region", Text, Create),
    field("/customerProfile/team", "Customer contacts", Members, Patch),
    field("/customerProfile/team/0/firstName", "Customer contact first name", Text, Unconfirmed).portal(&["Customer Contact First Name"]),
    field("/customerProfile/team/0/lastName", "Customer contact last name", Text, Unconfirmed).portal(&["Customer Contact Last Name"]),
    field("/customerProfile/team/0/phoneNumber", "Customer contact phone", Code, Unconfirmed).portal(&["Customer Contact Phone number"]),
    field("/customerProfile/team/0/email", "Customer contact e-mail", Email, Unconfirmed).portal(&["Customer Contact Email Address"]),
    field("/customerProfile/ids", "Customer IDs", Json, Create),
    field("/customerProfile/ids", "D-U-N-S number", Entry { by: "profileType", name: "Duns", choices: &[] }, Create).portal(&["Customer D-U-N-S ID"]),
    // 3.3 consent
    field("/consent/consentToToShareInfoWithOthers", "Consent to share contacts", Boolean, Create).portal(&["Consent to share Customer/Partner contact"]),
    field("/consent/consentToContact", "Consent to contact", Boolean, Create),
    field("/consent/consentToShareReferralWithMicrosoftSellers", "Share with Microsoft sellers", Boolean, Patch).portal(&["Share with Microsoft sales team"]),
    field("/consent/consentToMicrosoftToContactSpecificPartners", "Consent to contact specific partners", Boolean, Create),
    // 3.4 details
    field("/details/notes", "Notes", Text, Patch).portal(&["Notes"]),
    field("/details/dealValue", "Deal value", Amount, Patch).portal(&["Estimated Deal Value"]),
    field("/details/currency", "Currency", Currency, Patch).portal(&["Currency"]),
    field("/details/closingDateTime", "Closing date", DateTime, Patch).portal(&["Estimated Close Date"]),
    field("/details/customerRequestedContact", "Customer asked for contact", Boolean, Create),
    field("/details/customerAction", "Customer action", Text, Create),
    field("/details/incentiveLevel", "Incentive level", Text, Never),
    field("/details/requirements/industries", "Industries", Tags, Unconfirmed),
    field("/details/requirements/products", "Products", Tags, Unconfirmed),
    field("/details/requirements/services", "Services", Tags, Unconfirmed),
    field("/details/requirements/solutions", "Solutions", Solutions, Patch),
    field("/details/requirements/offers", "Offers", Json, Never),
    field("/details/requirements/salesPlays", "Sales plays", Json, Create),
    field(ATTRIBUTES, "Attributes", Json, Unconfirmed),
    field(ATTRIBUTES, "Marketplace intent", Entry { by: "type", name: "CustomerMarketplaceIntent", choices: MARKETPLACE_INTENT }, Unconfirmed).portal(&["Marketplace Purchase Intent"]),
    attribute("PartnerRole", "Partner role"),
    attribute("SolutionArea", "Solution area"),
    attribute("SolutionPlay", "Solution play"),
    field("/details/requirements/additionalRequirements/iot/customerLicenseAgreementNumber", "CLA number", Code, Create).portal(&["CLA Number"]),
    field("/details/requirements/additionalRequirements/iot/deviceCategory", "Device category", Text, Create).portal(&["Device Category"]),
    field("/details/requirements/additionalRequirements/iot/siliconType", "Silicon type", Text, Create).portal(&["Silicon Type"]),
    field("/details/requirements/additionalRequirements/iot/azureCertifiedDevice", "Azure certified device", Text, Create).portal(&["Azure Certified Device"]),
    field("/details/requirements/additionalRequirements/iot/attachServices", "Attach services", Text, Create).portal(&["Attach Services"]),
    // 3.5 the partner's own people
    field("/team", "Team", Members, Patch),
    // 3.6 the rest
    field("/inviteContext/notes", "Notes to Microsoft", Text, Create).portal(&["Notes to Microsoft"]),
    field("/inviteContext/assistanceRequestCode", "Help wanted", Choice(ASSISTANCE), Create).portal(&["What specific help from Microsoft?"]),
    field("/inviteContext/invitedMpnId", "Invited location ID", Code, Create),
    field("/inviteContext/invitedBy/organizationId", "Invited by ID", Text, Never),
    field("/inviteContext/invitedBy/organizationName", "Invited by", Text, Never),
    field("/target", "Targets", Json, Create),
    field("/trackingInfo/microsoftMsxId", "Microsoft MSX ID", Code, Never).portal(&["Microsoft MSX ID"]),
    field("/trackingInfo/microsoftUSFedOpportunityId", "US Fed opportunity ID", Code, Never),
    field("/trackingInfo/microsoftUSFedLeadId", "US Fed lead ID", Code, Never),
    field("/trackingInfo/migratedPSCDealId", "Migrated PSC deal ID", Code, Never).portal(&["Migrated PSC Deal ID"]),
    field("/trackingInfo/migratedPSCPartnerDealId", "Migrated PSC partner deal ID", Code, Never),
    field("/businessProfileId", "Business profile ID", Text, Never),
    field("/attributes/objectType", "Object type", Text, Never),
    // 3.7 deal registration: the pointers of section 5.3
    field("/registrations", "Registrations", Json, Never),
    field("/registrations/0/contract/startDateTime", "Contract start", DateTime, Patch),
    field("/registrations/0/contract/endDateTime", "Contract end", DateTime, Patch),
    field("/registrations/0/contract/signDateTime", "Contract signed", DateTime, Patch),
    field("/registrations/0/contract/term", "Contract term", Choice(CONTRACT_TERM), Patch),
    field("/registrations/0/contract/value", "Contract value", Amount, Patch),
    field("/registrations/0/solutionDetails/0/value", "Registered solution value", Amount, Patch),
    field("/registrations/0/solutionDetails/0/currency", "Registered solution currency", Currency, Patch),
    field("/registrations/0/solutionDetails/0/isDeployedOnAzure", "Deployed on Azure", Boolean, Patch),
    field("/registrations/0/solutionDetails/0/primaryDeploymentOn", "Primary deployment on", Choice(DEPLOYMENT), Patch),
    field("/registrations/0/solutionDetails/0/pricingModel", "Pricing model", Choice(PRICING), Patch),
    field("/registrations/0/solutionDetails/0/marketplaceTransactionDetails/isMarketplaceTransacted", "Marketplace transacted", Boolean, Patch),
    field("/registrations/0/solutionDetails/0/marketplaceTransactionDetails/marketplaceTransactionDateTime", "Marketplace transaction date", DateTime, Patch),
];

/// Headings of portal files that name no field of the API; the portal ignores edits of them, so do we
/// (contract, section 12.3). A number may follow.
pub const PORTAL_ONLY: &[&str] = &[
    "Errors",
    "Microsoft Referral Status",
    "Microsoft Referral Substatus",
    "Microsoft help required?",
    "Customer Domain Name",
    "Microsoft team member",
    "Final Matched Customer Account",
    "Matched Category",
    "Confidence",
    "Managed Account (Match)",
    "Unmanaged Account (Match)",
    "DUNS / Moodys Account (Match)",
];
