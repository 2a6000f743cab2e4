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
    Field { path, label, meaning: "", example: "", portal: &[], kind, writable }
}

impl Field {
    const fn portal(mut self, headings: &'static [&'static str]) -> Field {
        self.portal = headings;
        self
    }

    const fn means(mut self, meaning: &'static str, example: &'static str) -> Field {
        self.meaning = meaning;
        self.example = example;
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
    field("/engagementId", "Engagement ID", Guid, Create).portal(&["Engagement ID"]).means("what joins the referrals of one deal; another id than the referral's", "7a3f0c1e-5b7d-4e0a-9c55-2f0d3b8e6a10"),
    field("/name", "Deal name", Text, Unconfirmed).portal(&["Deal Name"]).means("what the deal is called", "Contoso: cloud migration"),
    field("/externalReferenceId", "CRM ID", Code, Patch).portal(&["CRM ID"]).means("what your own CRM system calls the deal", "CRM-20001"),
    field("/organizationId", "Organization ID", Guid, Never),
    field("/organizationName", "Organization", Text, Never),
    field("/createdDateTime", "Created", DateTime, Never).portal(&["Created Date"]),
    field("/updatedDateTime", "Updated", DateTime, Never),
    field("/expirationDateTime", "Expires", DateTime, Never),
    field("/acceptedDateTime", "Accepted", DateTime, Never),
    field("/closedDateTime", "Closed on", DateTime, Never),
    field("/status", "Status", Status, Patch).portal(&["Partner Referral Status"]).means("where the deal stands", "Active"),
    field("/substatus", "Substatus", Substatus, Patch).portal(&["Partner Referral Substatus"]).means("where it stands within its status, which says what is possible here", "Accepted"),
    field("/statusReason", "Status reason", OpenChoice(STATUS_REASON), Patch).portal(&["Declined/Lost reason", "Decline/Lost/Error reason", "Declined/Lost/Error reason"]).means("why the deal was declined or lost", "Customer did not respond"),
    field("/type", "Type", Choice(REFERRAL_TYPE), Create).means("whether the deal is shared with others or your own", "Independent"),
    field("/qualification", "Qualification", Choice(QUALIFICATION), Create).means("who has qualified the deal", "Direct"),
    field("/direction", "Direction", Choice(DIRECTION), Never),
    field("/referralSource", "Referral source", Text, Never),
    field("/callToAction", "Call to action", Text, Never),
    field("/campaignId", "Campaign ID", Code, Patch).portal(&["Marketing Campaign ID"]).means("the marketing campaign that the deal came from", "FY27-SPRING"),
    field("/salesStage", "Sales stage", OpenChoice(SALES_STAGE), Patch).portal(&["Sales Stage"]).means("how far the sale is, as a word or in percent", "Propose"),
    field("/referralProgram", "Referral program", Text, Patch).means("the program that the referral belongs to", ""),
    field("/mpnId", "Partner location ID", Code, Create).portal(&["PartnerID (formerly MPN ID)", "PartnerID", "MPN ID"]).means("which location of your company the deal belongs to", "4812345"),
    field("/favorite", "Favorite", Boolean, Unconfirmed).means("whether the referral has a star in the portal", "Yes"),
    field("/quality", "Quality", Text, Never),
    field("/isSpam", "Spam", Boolean, Never),
    field("/tags", "Tags", Json, Never),
    field("/dealSensitivity", "Deal sensitivity", Text, Never),
    field("/createdVia", "Created via", Text, Never),
    field("/lastModifiedVia", "Last modified via", Text, Never),
    field("/lastRunId", "Last run ID", Text, Never),
    field("/registrationStatus", "Registration status", Text, Never),
    // 3.2 customer
    field("/customerProfile/name", "Customer name", Text, Create).portal(&["Customer Name"]).means("the customer's organization", "Contoso"),
    field("/customerProfile/size", "Customer size", Choice(CUSTOMER_SIZE), Create).means("how many people work for the customer", "51to250employees"),
    field("/customerProfile/isMatchingComplete", "Customer matched", Boolean, Never),
    field("/customerProfile/address/addressLine1", "Address line 1", Text, Create).portal(&["Customer Address Line 1"]).means("the customer's street and number", "1 Example Street"),
    field("/customerProfile/address/addressLine2", "Address line 2", Text, Create).portal(&["Customer Address Line 2"]).means("the second line of the customer's street", "Building B"),
    field("/customerProfile/address/city", "City", Text, Create).portal(&["Customer City"]).means("the customer's city", "Redmond"),
    field("/customerProfile/address/state", "State", Text, Create).portal(&["Customer State"]).means("the customer's state or province", "WA"),
    field("/customerProfile/address/postalCode", "Postal code", Code, Create).portal(&["Customer Postal Code"]).means("the customer's postal code, with its leading zeros", "02134"),
    field("/customerProfile/address/country", "Country", Country, Create).portal(&["Customer Country"]).means("the customer's country", "US"),
    field("/customerProfile/address/region", "Region", Text, Create).means("the customer's region", ""),
    field("/customerProfile/team", "Customer contacts", Members, Patch).means("the people to talk to at the customer", ""),
    field("/customerProfile/team/0/firstName", "Customer contact first name", Text, Unconfirmed).portal(&["Customer Contact First Name"]).means("the first name of the first person at the customer", "Ann"),
    field("/customerProfile/team/0/lastName", "Customer contact last name", Text, Unconfirmed).portal(&["Customer Contact Last Name"]).means("the last name of the first person at the customer", "Example"),
    field("/customerProfile/team/0/phoneNumber", "Customer contact phone", Code, Unconfirmed).portal(&["Customer Contact Phone number"]).means("the phone number of the first person at the customer", "+1 555 0100"),
    field("/customerProfile/team/0/email", "Customer contact e-mail", Email, Unconfirmed).portal(&["Customer Contact Email Address"]).means("the e-mail address of the first person at the customer", "ann.example@contoso.com"),
    field("/customerProfile/ids", "Customer IDs", Json, Create).means("the customer's numbers in registers", ""),
    field("/customerProfile/ids", "D-U-N-S number", Entry { by: "profileType", name: "Duns", choices: &[] }, Create).portal(&["Customer D-U-N-S ID"]).means("the customer's number in the Dun & Bradstreet register", "012345678"),
    // 3.3 consent
    field("/consent/consentToToShareInfoWithOthers", "Consent to share contacts", Boolean, Create).portal(&["Consent to share Customer/Partner contact"]).means("whether the customer agrees that contacts are shared with others", "Yes"),
    field("/consent/consentToContact", "Consent to contact", Boolean, Create).means("whether the customer agrees to be contacted", "Yes"),
    field("/consent/consentToShareReferralWithMicrosoftSellers", "Share with Microsoft sellers", Boolean, Patch).portal(&["Share with Microsoft sales team"]).means("whether Microsoft's sellers may see the deal; a Yes cannot be taken back", "Yes"),
    field("/consent/consentToMicrosoftToContactSpecificPartners", "Consent to contact specific partners", Boolean, Create).means("whether Microsoft may pass the deal on to certain partners", "No"),
    // 3.4 details
    field("/details/notes", "Notes", Text, Patch).portal(&["Notes"]).means("what there is to know about the deal; takes the place of the notes that are there", "Budget confirmed in the call of 12 November."),
    field("/details/dealValue", "Deal value", Amount, Patch).portal(&["Estimated Deal Value"]).means("what the deal is expected to be worth, in the currency of the deal", "12500.50"),
    field("/details/currency", "Currency", Currency, Patch).portal(&["Currency"]).means("the currency of the deal value", "EUR"),
    field("/details/closingDateTime", "Closing date", DateTime, Patch).portal(&["Estimated Close Date"]).means("the day on which the deal is expected to be closed", "2026-12-31"),
    field("/details/customerRequestedContact", "Customer asked for contact", Boolean, Create).means("whether the customer has asked to be contacted", "No"),
    field("/details/customerAction", "Customer action", Text, Create).means("what the customer did", ""),
    field("/details/incentiveLevel", "Incentive level", Text, Never),
    field("/details/requirements/industries", "Industries", Tags, Unconfirmed).means("the customer's industries", "Education; Government"),
    field("/details/requirements/products", "Products", Tags, Unconfirmed).means("the products that the deal is about", "Azure; Microsoft365"),
    field("/details/requirements/services", "Services", Tags, Unconfirmed).means("the services that the deal is about", "Integration; ManagedServices"),
    field("/details/requirements/solutions", "Solutions", Solutions, Patch).means("the solutions that the deal is about", ""),
    field("/details/requirements/offers", "Offers", Json, Never),
    field("/details/requirements/salesPlays", "Sales plays", Json, Create).means("the sales plays that the deal follows", ""),
    field(ATTRIBUTES, "Attributes", Json, Unconfirmed).means("further answers about the deal", ""),
    field(ATTRIBUTES, "Marketplace intent", Entry { by: "type", name: "CustomerMarketplaceIntent", choices: MARKETPLACE_INTENT }, Unconfirmed).portal(&["Marketplace Purchase Intent"]).means("whether the customer wants to buy through the marketplace", "Have not decided"),
    attribute("PartnerRole", "Partner role").means("the part that your company plays in the deal", ""),
    attribute("SolutionArea", "Solution area").means("the solution area of the deal", ""),
    attribute("SolutionPlay", "Solution play").means("the solution play of the deal", ""),
    field("/details/requirements/additionalRequirements/iot/customerLicenseAgreementNumber", "CLA number", Code, Create).portal(&["CLA Number"]).means("the customer's license agreement, for IoT deals", "0012345"),
    field("/details/requirements/additionalRequirements/iot/deviceCategory", "Device category", Text, Create).portal(&["Device Category"]).means("the kind of device, for IoT deals", ""),
    field("/details/requirements/additionalRequirements/iot/siliconType", "Silicon type", Text, Create).portal(&["Silicon Type"]).means("the kind of chip, for IoT deals", ""),
    field("/details/requirements/additionalRequirements/iot/azureCertifiedDevice", "Azure certified device", Text, Create).portal(&["Azure Certified Device"]).means("the certified device, for IoT deals", ""),
    field("/details/requirements/additionalRequirements/iot/attachServices", "Attach services", Text, Create).portal(&["Attach Services"]).means("the services that come with the device, for IoT deals", ""),
    // 3.5 the partner's own people
    field("/team", "Team", Members, Patch).means("the people of your company who work on the deal", ""),
    // 3.6 the rest
    field("/inviteContext/notes", "Notes to Microsoft", Text, Create).portal(&["Notes to Microsoft"]).means("what Microsoft should know about the deal", "We would like to present together."),
    field("/inviteContext/assistanceRequestCode", "Help wanted", Choice(ASSISTANCE), Create).portal(&["What specific help from Microsoft?"]).means("what Microsoft is asked to help with", "ProofOfConceptOrDemo"),
    field("/inviteContext/invitedMpnId", "Invited location ID", Code, Create).means("the location of the partner who is invited", "4812345"),
    field("/inviteContext/invitedBy/organizationId", "Invited by ID", Text, Never),
    field("/inviteContext/invitedBy/organizationName", "Invited by", Text, Never),
    field("/target", "Targets", Json, Create).means("who the referral is sent to", ""),
    field("/trackingInfo/microsoftMsxId", "Microsoft MSX ID", Code, Never).portal(&["Microsoft MSX ID"]),
    field("/trackingInfo/microsoftUSFedOpportunityId", "US Fed opportunity ID", Code, Never),
    field("/trackingInfo/microsoftUSFedLeadId", "US Fed lead ID", Code, Never),
    field("/trackingInfo/migratedPSCDealId", "Migrated PSC deal ID", Code, Never).portal(&["Migrated PSC Deal ID"]),
    field("/trackingInfo/migratedPSCPartnerDealId", "Migrated PSC partner deal ID", Code, Never),
    field("/businessProfileId", "Business profile ID", Text, Never),
    field("/attributes/objectType", "Object type", Text, Never),
    // 3.7 deal registration: the pointers of section 5.3
    field("/registrations", "Registrations", Json, Never).means("the deal's registrations for incentives", ""),
    field("/registrations/0/contract/startDateTime", "Contract start", DateTime, Patch).means("deal registration: the day on which the contract begins", "2027-01-01"),
    field("/registrations/0/contract/endDateTime", "Contract end", DateTime, Patch).means("deal registration: the day on which the contract ends", "2027-12-31"),
    field("/registrations/0/contract/signDateTime", "Contract signed", DateTime, Patch).means("deal registration: the day on which the contract was signed", "2026-11-20"),
    field("/registrations/0/contract/term", "Contract term", Choice(CONTRACT_TERM), Patch).means("deal registration: whether the contract has an end", "Finite"),
    field("/registrations/0/contract/value", "Contract value", Amount, Patch).means("deal registration: what the contract is worth", "12500.50"),
    field("/registrations/0/solutionDetails/0/value", "Registered solution value", Amount, Patch).means("deal registration: what the solution is worth", "12500.50"),
    field("/registrations/0/solutionDetails/0/currency", "Registered solution currency", Currency, Patch).means("deal registration: the currency of the solution's value", "EUR"),
    field("/registrations/0/solutionDetails/0/isDeployedOnAzure", "Deployed on Azure", Boolean, Patch).means("deal registration: whether the solution runs on Azure", "Yes"),
    field("/registrations/0/solutionDetails/0/primaryDeploymentOn", "Primary deployment on", Choice(DEPLOYMENT), Patch).means("deal registration: whose subscription the solution runs in", "Customer"),
    field("/registrations/0/solutionDetails/0/pricingModel", "Pricing model", Choice(PRICING), Patch).means("deal registration: how the solution is paid for", "PayAsYouGo"),
    field("/registrations/0/solutionDetails/0/marketplaceTransactionDetails/isMarketplaceTransacted", "Marketplace transacted", Boolean, Patch).means("deal registration: whether the deal went through the marketplace", "Yes"),
    field("/registrations/0/solutionDetails/0/marketplaceTransactionDetails/marketplaceTransactionDateTime", "Marketplace transaction date", DateTime, Patch).means("deal registration: the day of the marketplace transaction", "2026-11-20"),
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
