use super::*;
use crate::domain::field::FIELDS;

fn field(path: &str) -> &'static Field {
    Field::by_path(path).unwrap()
}

fn check(path: &str, cell: &Cell, json: &str) {
    let value = read(field(path), cell, &Reading::default());
    assert_eq!(value.map(|value| value.json.to_string()).as_deref(), Ok(json), "{cell:?}");
}

fn check_text(path: &str, text: &str, json: &str) {
    check(path, &Cell::Text(text.to_owned()), json);
}

fn check_refused(path: &str, cell: &Cell, found: &str, accepted: &str) {
    let complaint = read(field(path), cell, &Reading::default()).unwrap_err();
    assert!(complaint.found.contains(found), "{}", complaint.found);
    assert!(complaint.accepted.contains(accepted), "{}", complaint.accepted);
}

fn check_text_refused(path: &str, text: &str, found: &str, accepted: &str) {
    check_refused(path, &Cell::Text(text.to_owned()), found, accepted);
}

#[test]
fn each_kind_becomes_its_json() {
    check_text("/details/notes", "  two\nlines ", r#""two\nlines""#);
    check_text("/details/dealValue", "€ 12.500,50", "12500.50");
    check("/details/dealValue", &Cell::Number(12500.5), "12500.5");
    check_text("/details/currency", "eur", r#""EUR""#);
    check_text("/details/closingDateTime", "2026-12-31", r#""2026-12-31T00:00:00Z""#);
    check(
        "/details/closingDateTime",
        &Cell::DateTime(jiff::civil::date(2026, 12, 31).at(0, 0, 0, 0)),
        r#""2026-12-31T00:00:00Z""#,
    );
    check("/consent/consentToShareReferralWithMicrosoftSellers", &Cell::Boolean(true), "true");
    check_text("/consent/consentToShareReferralWithMicrosoftSellers", "No", "false");
    check_text("/status", "closed", r#""Closed""#);
    check_text("/substatus", "WON", r#""Won""#);
    check_text("/inviteContext/assistanceRequestCode", "3", r#""ProofOfConceptOrDemo""#);
    check_text("/customerProfile/address/country", "de", r#""DE""#);
}

/// The contract's sections 4.4 and 12.3: numbers for reasons and for the kind of help, and the words for them.
#[test]
fn the_portals_codes_and_words_are_known() {
    for (code, reason) in [
        ("1", "Budget not adequate"),
        ("2", "Customer did not respond"),
        ("3", "Customer chose another vendor"),
        ("4", "Requirement not met"),
        ("5", "Not a customer"),
        ("6", "Timeline too short"),
        ("7", "Abuse, spam, phishing"),
        ("8", "Other"),
    ] {
        check_text("/statusReason", code, &format!("\"{code}\""));
        check_text("/statusReason", reason, &format!("\"{code}\""));
    }
    for (code, help) in [
        ("1", "WorkloadSpecificValueProposition"),
        ("2", "CustomerTechnicalArchitecture"),
        ("3", "ProofOfConceptOrDemo"),
        ("4", "QuotesOrLicensing"),
        ("5", "PostSalesCustomerSuccess"),
        ("6", "GeneralOrOther"),
    ] {
        check_text("/inviteContext/assistanceRequestCode", code, &format!("\"{help}\""));
    }
    check("/inviteContext/assistanceRequestCode", &Cell::Number(4.0), r#""QuotesOrLicensing""#);
    check_text("/inviteContext/assistanceRequestCode", "4.0", r#""QuotesOrLicensing""#);
    let intent = FIELDS.iter().find(|field| field.label == "Marketplace intent").unwrap();
    for (text, id) in [("Yes", "Yes"), ("no", "No"), ("Have not decided", "HaveNotDecided")] {
        let value = read(intent, &Cell::Text(text.to_owned()), &Reading::default()).unwrap();
        assert_eq!(value.json.value(), id);
    }
}

#[test]
fn numbers_in_text_fields_are_text() {
    check("/externalReferenceId", &Cell::Number(10042.0), r#""10042""#);
    check_text("/customerProfile/address/postalCode", "98052.0", r#""98052""#);
    check("/salesStage", &Cell::Number(40.0), r#""40""#);
    check("/statusReason", &Cell::Number(3.0), r#""3""#);
    check_text("/statusReason", "Customer chose another vendor", r#""3""#);
    check_text("/statusReason", "Customer engagement was a success!", r#""Customer engagement was a success!""#);
}

#[test]
fn lost_digits_are_noticed() {
    check_refused("/externalReferenceId", &Cell::Number(1.234_567_890_123_456_8e16), "more than 15 digits", "as text");
    check_text_refused("/externalReferenceId", "4.9E+11", "scientific", "as text");
    check_text("/externalReferenceId", "12E5", r#""12E5""#);
    check_text("/externalReferenceId", ".0", r#"".0""#);
    check_refused("/details/dealValue", &Cell::Number(2_638_187_750_604_319.5), "more than 15 digits", "as text");
    check_refused("/details/dealValue", &Cell::Number(12_345_678_901_234.57), "more than 15 digits", "as text");
    check("/details/dealValue", &Cell::Number(12_345_678_901_234.5), "12345678901234.5");
    check_refused(
        "/externalReferenceId",
        &Cell::DateTime(jiff::civil::date(2026, 4, 3).at(0, 0, 0, 0)),
        "`2026-04-03` is a date",
        "turned an id into a date",
    );
}

#[test]
fn what_would_be_accepted_is_said() {
    check_text_refused("/status", "Acitve", "`Acitve` is not known here", "did you mean `Active`?");
    check_text_refused("/status", "None", "not known", "`New`, `Active`, `Closed`");
    check_text_refused("/details/currency", "EURO", "not a currency code", "write `EUR`");
    check_text_refused("/details/currency", "US$", "not a currency code", "write `USD`");
    check_text_refused("/customerProfile/address/country", "DEU", "not a two-letter", "write `DE`");
    check_text_refused("/consent/consentToContact", "maybe", "neither yes nor no", "Yes or No");
    check_refused(
        "/details/closingDateTime",
        &Cell::Number(46022.0),
        "a number, not a date; as a spreadsheet counts days, it is 2025-12-31",
        "format the cell as a date",
    );
    check_refused("/details/notes", &Cell::Error("#N/A".to_owned()), "the error `#N/A`", "mend the formula");
    check_refused("/details/notes", &Cell::Unevaluated, "no stored result", "save it");
}

#[test]
fn words_are_read_as_they_are_meant_and_texts_are_left_alone() {
    check_text("/status", "“Active”", r#""Active""#);
    check_text("/substatus", "Won\u{a0}", r#""Won""#);
    check_text("/details/currency", "\u{200b}„eur“", r#""EUR""#);
    check_text("/customerProfile/team/0/email", "ann@\u{ad}contoso.com\u{a0}", r#""ann@contoso.com""#);
    check_text("/engagementId", "{49D90C72–3326–4F61–AACC–2CB57970448C}", r#""49d90c72-3326-4f61-aacc-2cb57970448c""#);
    check_text("/externalReferenceId", "“CRM\u{2011}1\u{200b}0”", r#""CRM-10""#);
    check_text("/details/closingDateTime", "\u{200e}2026‑12‑31", r#""2026-12-31T00:00:00Z""#);
    check_text("/consent/consentToContact", "‘Yes’", "true");
    check_text("/details/notes", "\u{a0}“a\u{a0}b\u{200d}c” \u{200b}", "\"“a\u{a0}b\u{200d}c”\"");
}

#[test]
fn letters_that_are_lost_are_not_sent_and_letters_that_look_wrong_are_told() {
    check_text_refused("/details/notes", "Z\u{fffd}rich", "`Z\u{fffd}rich` has lost letters", "write them again");
    let value = |text: &str| read(field("/details/notes"), &Cell::Text(text.to_owned()), &Reading::default()).unwrap();
    let doubt = value("ZÃ¼rich").doubt.unwrap();
    assert_eq!(doubt.found, "`ZÃ¼rich` looks like `Zürich` in the wrong encoding");
    assert_eq!(value("ZÃ¼rich").json.text(), r#""ZÃ¼rich""#);
    assert_eq!(value("Zürich").doubt, None);
}

#[test]
fn clearing_is_null_except_where_nothing_cannot_be() {
    check_text("/details/notes", "(clear)", "null");
    check_text("/details/notes", " (CLEAR) ", "null");
    check_text_refused("/status", "(clear)", "cannot be cleared", "leave the cell blank");
}

#[test]
fn a_doubtful_value_is_sent_with_a_doubt() {
    let value = read(field("/salesStage"), &Cell::Text("Propsoe".to_owned()), &Reading::default()).unwrap();
    assert_eq!(value.json.text(), r#""Propsoe""#);
    assert!(value.doubt.unwrap().accepted.contains("`Propose`"));
    let doubt = |path: &str, text: &str| {
        let value = read(field(path), &Cell::Text(text.to_owned()), &Reading::default()).unwrap();
        assert_eq!(value.json.value(), text);
        value.doubt.map(|doubt| doubt.accepted)
    };
    assert!(doubt("/salesStage", "In negotiation").unwrap().starts_with("usual are `Qualify`, "));
    assert_eq!(doubt("/statusReason", "Waiting for\n“legal”"), None);
    assert_eq!(doubt("/statusReason", "9"), None);
    assert!(doubt("/statusReason", "Legal").unwrap().starts_with("usual are `1`, "));
}
