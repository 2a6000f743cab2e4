//! A sheet to be filled in: what it offers, and that it comes back as what was meant.

use std::fs;
use std::io::read_to_string;

use insta::assert_snapshot;
use refsheet::sheet::{self, Options, Source};

use crate::lab::{Lab, id};

/// A part of a workbook, as text.
fn part(lab: &Lab, book: &str, name: &str) -> String {
    let mut archive = zip::ZipArchive::new(fs::File::open(lab.path(book)).unwrap()).unwrap();
    read_to_string(archive.by_name(name).unwrap()).unwrap()
}

/// The headings of a sheet.
fn headings(lab: &Lab, name: &str) -> Vec<String> {
    let sheet = sheet::open(&Source::File(lab.path(name)), &Options::default(), &|_| true).unwrap();
    sheet.headings.into_iter().map(|heading| heading.text).collect()
}

/// The rules of the first worksheet: what is checked where, how strictly, and against what.
fn rules(lab: &Lab, book: &str) -> Vec<String> {
    let text = part(lab, book, "xl/worksheets/sheet1.xml");
    let rules = text.split("<dataValidation ").skip(1).map(|rule| {
        let value = |name: &str| {
            let (_, rest) = rule.split_once(&format!(" {name}=\"")).unwrap_or(("", "\""));
            rest.split('"').next().unwrap().to_owned()
        };
        let kind = rule.trim_start_matches("type=\"").split('"').next().unwrap();
        let formula = rule.split("<formula1>").nth(1).unwrap().split("</formula1>").next().unwrap();
        assert!(!value("prompt").is_empty() && !value("promptTitle").is_empty(), "{rule}");
        format!("{} {kind} {} {formula}", value("sqref"), value("errorStyle"))
    });
    rules.collect()
}

#[test]
fn the_next_command_is_said_and_works() {
    let lab = Lab::new();
    let ran = lab.refsheet("template").token(None).run();
    assert_snapshot!(ran.shown(), @"
    exit 0
    --- out
    wrote refsheet-template.xlsx (17 columns); fill it in, then see what would change: refsheet plan refsheet-template.xlsx
    ");
    assert_eq!(lab.files(), ["refsheet-template.xlsx"]);
    let ran = lab.plan("refsheet-template.xlsx").args("--offline").run();
    assert_snapshot!(ran.shown(), @"
    exit 3
    --- err
    error: `refsheet-template.xlsx` has no rows below its headings (row 1)
    hint: fill in a row for each referral
    ");
}

#[test]
fn what_is_there_already_is_replaced_by_force_only() {
    let lab = Lab::new().sheet("mine.csv", "my work");
    assert_snapshot!(lab.refsheet("template --out mine.csv").run().shown(), @"
    exit 2
    --- err
    error: `mine.csv` is there already
    hint: give another name with --out FILE, or replace it with --force
    ");
    assert_eq!(fs::read_to_string(lab.path("mine.csv")).unwrap(), "my work");
    lab.refsheet("template --out mine.csv --force --fields Notes").run().exits(0);
    assert_eq!(fs::read_to_string(lab.path("mine.csv")).unwrap(), "\u{feff}id,Notes,action,row note\r\n");
    fs::create_dir(lab.path("folder.xlsx")).unwrap();
    lab.refsheet("template --out folder.xlsx --force").run().exits(2);
    lab.refsheet("template --out nowhere/x.xlsx").run().exits(2);
    assert_eq!(lab.files(), ["folder.xlsx", "mine.csv"]);
}

#[test]
fn what_cannot_be_a_template_is_refused_and_nothing_is_written() {
    let lab = Lab::new();
    let shown = ["--out t.xls", "--out t", "--fields Notes,Deal_valeu --fields op,Errors,shoesize"]
        .map(|arguments| lab.refsheet(&format!("template {arguments}")).run().shown());
    assert_snapshot!(shown.join("\n"), @"
    exit 2
    --- err
    error: cannot write `t.xls`: the name of a sheet to be filled in ends in `.xlsx` or `.csv`
    hint: say where with --out FILE.xlsx or --out FILE.csv

    exit 2
    --- err
    error: cannot write `t`: the name of a sheet to be filled in ends in `.xlsx` or `.csv`
    hint: say where with --out FILE.xlsx or --out FILE.csv

    exit 2
    --- err
    error: `--fields` is not understood
      `Deal_valeu` is not known; did you mean `Deal value`?
      `op` belongs to sheets with one operation in each row
      `Errors` is left alone in every sheet
      `shoesize` is not known
    hint: `refsheet fields` lists every field; `--fields all` takes all that can be changed
    ");
    assert!(lab.files().is_empty());
}

#[test]
fn cells_offer_what_they_take_and_forbid_nothing() {
    let lab = Lab::new();
    let fields =
        "Status,Substatus,Status_reason,Deal_value,Currency,Closing_date,Notes,CRM_ID,Deployed_on_Azure,Created";
    lab.refsheet(&format!("template --out t.xlsx --fields {fields}")).run().exits(0);
    assert_snapshot!(rules(&lab, "t.xlsx").join("\n"), @r#"
    A2:A1000000 custom warning LEN(A2)=36
    B2:B1000000 list warning "New,Active,Closed"
    C2:C1000000 list warning IF($B2="New",List_Substatus_New,IF($B2="Active",List_Substatus_Active,IF($B2="Closed",List_Substatus_Closed,List_Substatus)))
    D2:D1000000 list information List_Status_reason
    E2:E1000000 custom warning OR(AND(ISNUMBER(E2),E2&gt;=0),E2="(clear)")
    F2:F1000000 custom warning OR(LEN(F2)=3,F2="(clear)")
    G2:G1000000 custom warning OR(ISNUMBER(G2),G2="(clear)")
    J2:J1000000 list warning "Yes,No"
    K2:K1000000 custom warning FALSE
    L2:L1000000 list warning "update,skip,create"
    "#);
    let book = part(&lab, "t.xlsx", "xl/workbook.xml");
    let sheets: Vec<&str> =
        book.split("<sheet ").skip(1).map(|sheet| sheet.split(" sheetId").next().unwrap()).collect();
    assert_eq!(sheets, ["name=\"Referrals\"", "name=\"Instructions\"", "name=\"Lists\""]);
    assert!(book.contains("sheetId=\"3\" state=\"hidden\""), "{book}");
    let names: Vec<&str> =
        book.split("<definedName name=\"List_").skip(1).map(|name| name.split('<').next().unwrap()).collect();
    assert_snapshot!(names.join("\n"), @r#"
    Status_reason">'Lists'!$E$2:$E$10
    Substatus">'Lists'!$A$2:$A$8
    Substatus_Active">'Lists'!$C$2:$C$2
    Substatus_Closed">'Lists'!$D$2:$D$5
    Substatus_New">'Lists'!$B$2:$B$3
    "#);
    let notes = part(&lab, "t.xlsx", "xl/comments1.xml");
    assert_eq!(notes.matches("<comment ref=").count(), headings(&lab, "t.xlsx").len());
}

/// The columns of a kind of number format, by their letters.
fn columns_with(lab: &Lab, book: &str, format: &str) -> String {
    let value = |text: &str, name: &str| -> String {
        let (_, rest) = text.split_once(&format!(" {name}=\"")).unwrap_or_default();
        rest.split('"').next().unwrap().to_owned()
    };
    let styles = part(lab, book, "xl/styles.xml");
    let own = styles.split("<numFmt ").skip(1).find(|own| value(&format!(" {own}"), "formatCode") == format);
    // Text is built in.
    let wanted = own.map_or("49".to_owned(), |own| value(&format!(" {own}"), "numFmtId"));
    let (_, used) = styles.split_once("<cellXfs").unwrap();
    let used: Vec<&str> = used.split("</cellXfs>").next().unwrap().split("<xf").skip(1).collect();
    let columns = part(lab, book, "xl/worksheets/sheet1.xml");
    let columns = columns.split("<col ").skip(1).map(|column| format!(" {column}"));
    let columns = columns.filter(|column| {
        let style: usize = value(column, "style").parse().unwrap();
        value(used[style], "numFmtId") == wanted
    });
    let letters = columns.flat_map(|column| {
        let [first, last] = ["min", "max"].map(|name| value(&column, name).parse::<u8>().unwrap());
        (first..=last).map(|number| char::from(b'A' + number - 1))
    });
    letters.collect()
}

#[test]
fn amounts_dates_and_texts_are_typed_in_all_rows() {
    let lab = Lab::new();
    let fields = "CRM_ID,Deal_value,Closing_date,Postal_code,Customer_contact_phone,solutions.add.price,Sales_stage";
    lab.refsheet(&format!("template --out t.xlsx --fields {fields}")).run().exits(0);
    assert_eq!(headings(&lab, "t.xlsx")[6..8], ["solutions.add.id", "solutions.add.price"]);
    assert_eq!(columns_with(&lab, "t.xlsx", "#,##0.00########"), "CH");
    assert_eq!(columns_with(&lab, "t.xlsx", "yyyy-mm-dd"), "D");
    assert_eq!(columns_with(&lab, "t.xlsx", "@"), "ABEFGIJK");
}

#[test]
fn substatuses_depend_on_nothing_where_there_is_no_status() {
    let lab = Lab::new();
    lab.refsheet("template --out t.xlsx --fields substatus").run().exits(0);
    let rules = rules(&lab, "t.xlsx");
    assert_eq!(rules[1], r#"B2:B1000000 list warning "Pending,Received,Accepted,Won,Lost,Declined,Expired""#);
}

/// `fixtures/template.py` made the sheets: one filled in by openpyxl, one typed into LibreOffice.
#[test]
fn a_template_filled_in_by_others_gives_the_patch_that_was_meant() {
    let lab = Lab::new()
        .sheet("script.xlsx", include_bytes!("fixtures/template.openpyxl.xlsx"))
        .sheet("hand.xlsx", include_bytes!("fixtures/template.libreoffice.xlsx"));
    lab.refsheet("template --fields all --out now.xlsx").run().exits(0);
    for sheet in ["script.xlsx", "hand.xlsx"] {
        assert_eq!(headings(&lab, sheet), headings(&lab, "now.xlsx"), "run fixtures/template.py again");
        lab.refsheet(&format!("plan {sheet} --offline --no-report --patches {sheet}.jsonl")).run().exits(0);
    }
    let patches = ["script.xlsx.jsonl", "hand.xlsx.jsonl"].map(|name| fs::read_to_string(lab.path(name)).unwrap());
    assert_eq!(patches[0], patches[1]);
    assert_snapshot!(patches[0].replace("},{\"op\"", "},\n{\"op\""), @r#"
    {"row":2,"id":"49d90c72-3326-4f61-aacc-2cb57970448c","if_match":null,"patch":[{"op":"replace","path":"/status","value":"Closed"},
    {"op":"replace","path":"/substatus","value":"Lost"},
    {"op":"replace","path":"/externalReferenceId","value":"0042"},
    {"op":"replace","path":"/statusReason","value":"7"},
    {"op":"replace","path":"/campaignId","value":"1E5"},
    {"op":"replace","path":"/salesStage","value":"40"},
    {"op":"replace","path":"/referralProgram","value":"007"},
    {"op":"replace","path":"/consent/consentToShareReferralWithMicrosoftSellers","value":true},
    {"op":"replace","path":"/details/notes","value":"=SUM(A1:A9) is only text here"},
    {"op":"replace","path":"/details/dealValue","value":12500.505},
    {"op":"replace","path":"/details/currency","value":"EUR"},
    {"op":"replace","path":"/details/closingDateTime","value":"2026-12-31T00:00:00Z"},
    {"op":"add","path":"/registrations/-","value":{"type":"AzureIPCoSell"}},
    {"op":"replace","path":"/registrations/0/contract/startDateTime","value":"2027-01-01T00:00:00Z"},
    {"op":"replace","path":"/registrations/0/contract/endDateTime","value":"2027-12-31T00:00:00Z"},
    {"op":"replace","path":"/registrations/0/contract/signDateTime","value":"2026-11-20T00:00:00Z"},
    {"op":"replace","path":"/registrations/0/contract/term","value":"Finite"},
    {"op":"replace","path":"/registrations/0/contract/value","value":1000000},
    {"op":"replace","path":"/registrations/0/solutionDetails/0/value","value":null},
    {"op":"replace","path":"/registrations/0/solutionDetails/0/currency","value":"JPY"},
    {"op":"replace","path":"/registrations/0/solutionDetails/0/isDeployedOnAzure","value":false},
    {"op":"replace","path":"/registrations/0/solutionDetails/0/primaryDeploymentOn","value":"Customer"},
    {"op":"replace","path":"/registrations/0/solutionDetails/0/pricingModel","value":null},
    {"op":"replace","path":"/registrations/0/solutionDetails/0/marketplaceTransactionDetails/isMarketplaceTransacted","value":true},
    {"op":"replace","path":"/registrations/0/solutionDetails/0/marketplaceTransactionDetails/marketplaceTransactionDateTime","value":null},
    {"op":"add","path":"/customerProfile/team/-","value":{"firstName":"Bob","lastName":"Muster","phoneNumber":"+49 30 5550123","email":"bob.muster@fabrikam.com","title":"=CEO"}},
    {"op":"add","path":"/details/requirements/solutions/-","value":{"id":"SOL-12345-ABC","name":"1/2","type":"Name","currency":"EUR","price":199.9,"quantity":25}},
    {"op":"add","path":"/team/-","value":{"firstName":"Ann","lastName":"Example","phoneNumber":"0015550100","email":"ann.example@contoso.com","title":"-"}}]}
    "#);
}

#[test]
fn every_action_that_is_offered_is_taken() {
    let lab = Lab::new();
    lab.refsheet("template --out t.csv --fields Notes").run().exits(0);
    let headings = fs::read_to_string(lab.path("t.csv")).unwrap();
    let filled = format!("{headings}{0},a,update,\r\n{0},b,skip,my note\r\n,c,create,\r\n", id(1));
    fs::write(lab.path("t.csv"), filled).unwrap();
    let ran = lab.plan("t.csv").args("--offline").run().exits(1);
    assert_snapshot!(ran.report(), @r#"
    2 planned
        Notes: "a"
    3 skipped
    4 invalid
        error : a new referral needs `type`
        error : a new referral needs `customerProfile`
        error : a new referral needs `consent`
    "#);
}
