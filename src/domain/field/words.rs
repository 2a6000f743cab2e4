//! The closed lists of words: enum values as the service spells them, with the portal's words and codes for them.

/// One value of an enum.
#[derive(Debug, PartialEq)]
pub struct Choice {
    /// As the service spells it (contract, section 3.8).
    pub value: &'static str,
    /// What else people write for it: the portal's words and number codes.
    pub aliases: &'static [&'static str],
}

impl Choice {
    /// As a person picks it: the portal's words where it has any, else the service's. Reading it gives `value`.
    pub fn in_words(&self) -> &'static str {
        let is_wordy = |alias: &&&str| alias.contains(|letter: char| letter.is_alphabetic());
        self.aliases.iter().find(is_wordy).unwrap_or(&self.value)
    }
}

const fn word(value: &'static str) -> Choice {
    Choice { value, aliases: &[] }
}

const fn known_as(value: &'static str, aliases: &'static [&'static str]) -> Choice {
    Choice { value, aliases }
}

/// What a row can ask for.
pub const ACTION: &[Choice] = &[word("update"), word("skip"), word("create")];

/// `type`.
pub const REFERRAL_TYPE: &[Choice] = &[word("Shared"), word("Independent")];

/// `qualification`.
pub const QUALIFICATION: &[Choice] =
    &[word("None"), word("Direct"), word("MarketingQualified"), word("SalesQualified")];

/// `direction`.
pub const DIRECTION: &[Choice] = &[word("Incoming"), word("Outgoing")];

/// The portal's reasons for declining or losing; the number is what travels (contract, section 4.4).
pub const STATUS_REASON: &[Choice] = &[
    known_as("1", &["Budget not adequate"]),
    known_as("2", &["Customer did not respond"]),
    known_as("3", &["Customer chose another vendor"]),
    known_as("4", &["Requirement not met"]),
    known_as("5", &["Not a customer"]),
    known_as("6", &["Timeline too short"]),
    known_as("7", &["Abuse, spam, phishing"]),
    known_as("8", &["Other"]),
];

/// A referral in the substatus `Error` has reasons of its own under the numbers from 1 to this one (contract, section 12.3).
pub const LAST_ERROR_REASON: &str = "9";

/// `salesStage`: the connector's words; the data also holds percentages, the portal has names of its own.
pub const SALES_STAGE: &[Choice] = &[
    word("Qualify"),
    word("Develop"),
    word("Propose"),
    word("Close"),
    word("0"),
    word("10"),
    word("20"),
    word("40"),
    word("60"),
    word("80"),
    word("100"),
    word("Created"),
    word("Accepted"),
    word("Qualified"),
    word("Developed"),
    word("Proposed"),
    word("Negotiated"),
    word("Won"),
];

/// `customerProfile.size`, with the three older ranges.
pub const CUSTOMER_SIZE: &[Choice] = &[
    word("1to9employees"),
    word("10to50employees"),
    word("51to250employees"),
    word("251to1000employees"),
    word("1001to5000employees"),
    word("5001to10000employees"),
    word("10001to20000employees"),
    word("Morethan20000employees"),
    word("1to50employees"),
    word("51to500employees"),
    word("Morethan500employees"),
];

/// `inviteContext.assistanceRequestCode`, with the portal's numbers (contract, section 12.3, column 29).
pub const ASSISTANCE: &[Choice] = &[
    known_as("WorkloadSpecificValueProposition", &["1"]),
    known_as("CustomerTechnicalArchitecture", &["2"]),
    known_as("ProofOfConceptOrDemo", &["3"]),
    known_as("QuotesOrLicensing", &["4"]),
    known_as("PostSalesCustomerSuccess", &["5"]),
    known_as("GeneralOrOther", &["6"]),
    word("Unknown"),
];

/// The id of the attribute `CustomerMarketplaceIntent`.
pub const MARKETPLACE_INTENT: &[Choice] = &[word("Yes"), word("No"), known_as("HaveNotDecided", &["Have not decided"])];

/// `registrations.contract.term`.
pub const CONTRACT_TERM: &[Choice] = &[word("Perpetual"), word("Finite")];

/// `registrations.solutionDetails.primaryDeploymentOn`.
pub const DEPLOYMENT: &[Choice] = &[word("Customer"), word("Partner")];

/// `registrations.solutionDetails.pricingModel`.
pub const PRICING: &[Choice] = &[word("PayAsYouGo"), word("Other")];

/// `type` of a solution.
pub const SOLUTION_TYPE: &[Choice] = &[word("Name"), word("Category")];

/// The fixed categories of a solution of type `Category` (contract, section 3.8).
pub const SOLUTION_CATEGORIES: &[&str] = &[
    "AdvancedAnalytics",
    "ApplicationIntegration",
    "ArtificialIntelligence",
    "AzureSecurityOperationManagement",
    "AzureStack",
    "BackupDisasterRecovery",
    "BigData",
    "Blockchain",
    "Chatbot",
    "CloudDatabaseMigration",
    "CloudMigration",
    "CloudVoice",
    "CognitiveServices",
    "CompetitiveDatabaseMigration",
    "Containers",
    "DataWarehouse",
    "DatabaseonLinux",
    "DevelopmentandTest",
    "DevOps",
    "DigitalMedia",
    "Dynamics365forCustomerService",
    "Dynamics365forFieldService",
    "Dynamics365forFinanceOperations",
    "Dynamics365forRetail",
    "Dynamics365forSales",
    "Dynamics365forTalent",
    "DynamicsonAzure",
    "EnterpriseBusinessIntelligence",
    "Gaming",
    "HighPerformanceComputing",
    "HybridStorage",
    "IdentityandAccessManagement",
    "InformationManagement",
    "InternetofThings",
    "MachineLearning",
    "Microserviceapplications",
    "MobileApplications",
    "MySQLPostgresMigrationtoAzure",
    "Networking",
    "NoSQLMigration",
    "RedhatonAzure",
    "RegulatoryComplianceGDPR",
    "SAPonAzure",
    "ServerlessComputing",
    "SharepointonAzure",
    "SQLServerUpgrade",
    "ThreatProtection",
    "WebDevelopment",
];

/// The letters and digits of a text in lower case: how headings and words are compared (`Have not decided` is
/// `HaveNotDecided`).
pub fn folded(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The word of a list that is nearest to a text, if any is near enough to be a slip of the pen.
pub fn nearest<'a>(text: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Below this similarity (0 to 1) a suggestion confuses more than it helps.
    const SIMILARITY_MIN: f64 = 0.7;
    let text = folded(text);
    let characters = text.chars().count();
    words
        .into_iter()
        .map(|word| (folded(word), word))
        // Each character that one has more than the other is one that differs. A text of a whole page would take long.
        .filter(|(folded, _)| 2 * characters.min(folded.chars().count()) > characters.max(folded.chars().count()))
        .map(|(folded, word)| (strsim::normalized_damerau_levenshtein(&text, &folded), word))
        .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_gets_a_suggestion_and_nonsense_none() {
        assert_eq!(nearest("Acitve", ["New", "Active", "Closed"]), Some("Active"));
        assert_eq!(nearest("deal valeu", ["Deal value", "Notes"]), Some("Deal value"));
        assert_eq!(nearest("zzz", ["New", "Active", "Closed"]), None);
        assert_eq!(nearest("", ["New", ""]), None);
        assert_eq!(nearest("Clo", ["Closed", "Close"]), None);
        assert_eq!(nearest("Clos", ["Closed", "New"]), None);
        assert_eq!(nearest("Close", ["Closed", "New"]), Some("Closed"));
    }
}
