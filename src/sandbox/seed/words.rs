//! The words that made-up referrals are made of. Companies are Microsoft's fictional ones, persons are invented,
//! telephone numbers are of the range that nobody has.

/// A company that does not exist.
pub(super) struct Company {
    pub name: &'static str,
    pub domain: &'static str,
}

/// An address of the right shape for its country, and the money used there.
pub(super) struct Place {
    pub line_1: &'static str,
    pub line_2: &'static str,
    pub city: &'static str,
    pub state: &'static str,
    /// Text: some begin with zeros.
    pub postal_code: &'static str,
    pub country: &'static str,
    pub currency: &'static str,
}

pub(super) const CUSTOMERS: &[Company] = &[
    company("Adatum Corporation", "adatum.com"),
    company("Adventure Works Cycles", "adventure-works.com"),
    company("Alpine Ski House", "alpineskihouse.com"),
    company("Bellows College", "bellowscollege.com"),
    company("Coho Winery", "cohowinery.com"),
    company("Fabrikam, Inc.", "fabrikam.com"),
    company("Fabrikam Österreich GmbH", "fabrikam.com"),
    company("Fourth Coffee", "fourthcoffee.com"),
    company("Graphic Design Institute", "graphicdesigninstitute.com"),
    company("Humongous Insurance", "humongousinsurance.com"),
    company("Lamna Healthcare Company", "lamnahealthcare.com"),
    company("Liberty's Delightful Sinful Bakery & Cafe", "libertysdelightfulsinfulbakeryandcafe.com"),
    company("Litware S.à r.l.", "litwareinc.com"),
    company("Lucerne Publishing", "lucernepublishing.com"),
    company("Margie's Travel", "margiestravel.com"),
    company("Munson's Pickles and Preserves Farm", "munsonspicklesandpreservesfarm.com"),
    company("Northwind Traders", "northwindtraders.com"),
    company("ノースウィンド・トレーダーズ株式会社", "northwindtraders.com"),
    company("Proseware, Inc.", "proseware.com"),
    company("Relecloud", "relecloud.com"),
    company("Southridge Video", "southridgevideo.com"),
    company("Tailspin Toys", "tailspintoys.com"),
    company("Tailwind Traders", "tailwindtraders.com"),
    company("Trey Research", "treyresearch.net"),
    company("VanArsdel, Ltd.", "vanarsdelltd.com"),
    company("Wide World Importers", "wideworldimporters.com"),
    company("Wingtip Toys", "wingtiptoys.com"),
    company("Woodgrove Bank", "woodgrovebank.com"),
];

pub(super) const PLACES: &[Place] = &[
    place("One Microsoft Way", "Redmond", "WA", "98052", "US", "USD"),
    place("45 State Street", "Boston", "MA", "02109", "US", "USD"),
    place("700 Congress Avenue", "Austin", "TX", "78701", "US", "USD"),
    Place { line_2: "Suite 1200", ..place("200 Wacker Drive", "Chicago", "IL", "60606", "US", "USD") },
    place("Walter-Gropius-Straße 5", "München", "", "80807", "DE", "EUR"),
    place("12 Rue de l'Église", "Lyon", "", "69002", "FR", "EUR"),
    place("Keizersgracht 174", "Amsterdam", "", "1016 DW", "NL", "EUR"),
    place("Calle de Serrano 41", "Madrid", "", "28001", "ES", "EUR"),
    Place { line_2: "2nd floor", ..place("10 Leadenhall Street", "London", "", "EC3V 1AB", "GB", "GBP") },
    place("港南 2-16-3", "東京都港区", "", "108-0075", "JP", "JPY"),
];

/// First name, last name, mailbox.
pub(super) const PERSONS: &[(&str, &str, &str)] = &[
    ("Ann", "Beebe", "ann.beebe"),
    ("Joe", "Hansen", "joe.hansen"),
    ("Sue", "Smith", "sue.smith"),
    ("Zoë", "Müller", "zoe.mueller"),
    ("José", "Núñez", "jose.nunez"),
    ("Søren", "Østergård", "soren.ostergard"),
    ("Łukasz", "Wójcik", "lukasz.wojcik"),
    ("Siobhán", "O'Hara", "siobhan.ohara"),
    ("陽子", "佐藤", "yoko.sato"),
    ("Priya", "Raman", "priya.raman"),
    ("Marie-Claire", "d'Arcy", "marie-claire.darcy"),
    ("Ġorġ", "Żammit", "gorg.zammit"),
    ("Kofi", "Mensah", "kofi.mensah"),
    ("Νίκος", "Παππάς", "nikos.pappas"),
    ("Li", "Wei", "li.wei"),
    ("Amina", "El Fassi", "amina.elfassi"),
    ("Tom", "van der Berg", "tom.vanderberg"),
];

/// Id, name, `type` (contract, section 3.4).
pub(super) const SOLUTIONS: &[(&str, &str, &str)] = &[
    ("CloudMigration", "Cloud migration", "Category"),
    ("ThreatProtection", "Threat protection", "Category"),
    ("SAPonAzure", "SAP on Azure", "Category"),
    ("Dynamics365forFieldService", "Dynamics 365 for Field Service", "Category"),
    ("BackupDisasterRecovery", "Backup and disaster recovery", "Category"),
    ("SOL-20731-BTW", "Contoso Retail Insights", "Name"),
    ("SOL-31007-ZPA", "Contoso Managed Workplace", "Name"),
    ("SOL-Microsoft365", "Microsoft365", "Name"),
];

pub(super) const NOTES: &[&str] = &[
    "We are interested in deploying Microsoft 365 and are looking for support in training our employees.",
    "Budget is approved for this fiscal year.\nDecision expected after the board meeting.",
    "Customer is looking to leverage Dynamics 365 to manage their supply chain.",
    "Asked for a second demo; their \"must have\" is single sign-on.",
    "Entscheidung im Frühjahr, Ansprechpartnerin ist im Urlaub.",
    "=not a formula, just a note",
    "",
];

pub(super) const INDUSTRIES: &[&str] = &[
    "Education",
    "Financial Services",
    "Healthcare",
    "Manufacturing",
    "Agriculture, Forestry, & Fishing",
    "Retail & Consumer Goods",
];

pub(super) const PRODUCTS: &[&str] =
    &["Azure", "Microsoft365", "Dynamics365Enterprise", "DynamicsAX,GP,NAV,SL", "Teams", "PowerBI", "SQL"];

pub(super) const SERVICES: &[&str] =
    &["ConsultingAndProfessional", "DeploymentOrMigration", "CustomSolution(ISV)", "ManagedServices", "Licensing"];

pub(super) const SIZES: &[&str] = &[
    "1to9employees",
    "10to50employees",
    "51to250employees",
    "251to1000employees",
    "1001to5000employees",
    "Morethan20000employees",
];

pub(super) const ASSISTANCE: &[&str] =
    &["GeneralOrOther", "ProofOfConceptOrDemo", "QuotesOrLicensing", "CustomerTechnicalArchitecture"];

const fn company(name: &'static str, domain: &'static str) -> Company {
    Company { name, domain }
}

const fn place(
    line_1: &'static str,
    city: &'static str,
    state: &'static str,
    postal_code: &'static str,
    country: &'static str,
    currency: &'static str,
) -> Place {
    Place { line_1, line_2: "", city, state, postal_code, country, currency }
}
