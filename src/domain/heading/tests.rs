use super::*;

fn check(heading: &str, name: &str) {
    assert_eq!(target_of(heading).map(Target::name).as_deref(), Some(name), "{heading}");
}

#[test]
fn a_field_is_found_by_path_pointer_label_and_portal_heading() {
    for heading in ["details.dealValue", "/details/dealValue", "Deal value", "DEAL  VALUE", "Estimated Deal Value*"] {
        check(heading, "Deal value");
    }
    check("Referral ID", "id");
    check("What specific help from Microsoft ?", "Help wanted");
    check("details.requirements.additionalRequirements.attributes.PartnerRole", "Partner role");
}

#[test]
fn lists_are_appended_to_by_part_by_item_and_by_portal_cell() {
    check("team.add.email", "team.add.1.email");
    check("team.add.2.email", "team.add.2.email");
    check("/team/-", "Team (one item)");
    check("Team Member 3", "Team (one item)");
    check("Solution 50", "Solutions (one item)");
    check("customerProfile.team.add.phoneNumber", "customerProfile.team.add.1.phoneNumber");
    check("details.requirements.solutions.add.id", "details.requirements.solutions.add.1.id");
    check("/registrations/-", "Registrations (one item)");
    assert_eq!(target_of("Team member 51"), None);
    assert_eq!(target_of("team.add.shoeSize"), None);
}

#[test]
fn our_own_headings_lead_back() {
    let lists = FIELDS.iter().filter(|field| field.takes_appends());
    let parts = |list: &'static Field| parts(list.kind).iter().map(move |part| (list, *part));
    let parts =
        lists.clone().flat_map(parts).flat_map(|(list, part)| [1, 2].map(|slot| Target::Part { list, slot, part }));
    let special = [Target::Id, Target::ETag, Target::Action, Target::Note, Target::Op, Target::Path, Target::Value];
    let fields = FIELDS.iter().map(Target::Field);
    for target in special.into_iter().chain(fields).chain(lists.clone().map(Target::Item)).chain(parts) {
        assert_eq!(target_of(&target.heading()), Some(target));
    }
    let contacts = Field::by_path("/customerProfile/team").unwrap();
    assert_eq!(Target::Part { list: contacts, slot: 2, part: "email" }.heading(), "customerContacts.add.2.email");
}

#[test]
fn comments_and_portal_only_columns_are_left_alone() {
    for heading in ["# mine", "_tmp", "Errors", "Microsoft team member 12", "Managed Account (Match) 2"] {
        check(heading, "nothing");
    }
}

/// The contract's section 12.3, column by column, with the other spellings seen.
#[test]
fn every_column_of_the_portals_file_is_known() {
    for (heading, name) in [
        ("Errors", "nothing"),
        ("Engagement ID", "Engagement ID"),
        ("Referral ID", "id"),
        ("Deal Name*", "Deal name"),
        ("Customer Name*", "Customer name"),
        ("Customer Address Line 1*", "Address line 1"),
        ("Customer Address Line 2", "Address line 2"),
        ("Customer City*", "City"),
        ("Customer State", "State"),
        ("Customer Postal Code", "Postal code"),
        ("Customer Country*", "Country"),
        ("Customer D-U-N-S ID", "D-U-N-S number"),
        ("Customer Contact First Name", "Customer contact first name"),
        ("Customer Contact Last Name", "Customer contact last name"),
        ("Customer Contact Phone number", "Customer contact phone"),
        ("Customer Contact Email Address", "Customer contact e-mail"),
        ("Partner Referral Status*", "Status"),
        ("Partner Referral Substatus*", "Substatus"),
        ("Microsoft Referral Status", "nothing"),
        ("Microsoft Referral Substatus", "nothing"),
        ("Declined/Lost reason", "Status reason"),
        ("Decline/Lost/Error reason", "Status reason"),
        ("Declined/Lost/Error reason", "Status reason"),
        ("Sales Stage", "Sales stage"),
        ("Estimated Deal Value*", "Deal value"),
        ("Currency*", "Currency"),
        ("Estimated Close Date*", "Closing date"),
        ("CRM ID", "CRM ID"),
        ("Marketing Campaign ID", "Campaign ID"),
        ("Notes", "Notes"),
        ("Microsoft help required?*", "nothing"),
        ("What specific help from Microsoft?", "Help wanted"),
        ("What specific help from Microsoft ?", "Help wanted"),
        ("Share with Microsoft sales team*", "Share with Microsoft sellers"),
        ("Notes to Microsoft", "Notes to Microsoft"),
        ("Consent to share Customer/Partner contact*", "Consent to share contacts"),
        ("Solution 1*", "Solutions (one item)"),
        ("Solution 50", "Solutions (one item)"),
        ("Team member 1*", "Team (one item)"),
        ("Team Member 50", "Team (one item)"),
        ("Marketplace Purchase Intent", "Marketplace intent"),
        ("CLA Number", "CLA number"),
        ("Device Category", "Device category"),
        ("Silicon Type", "Silicon type"),
        ("Azure Certified Device", "Azure certified device"),
        ("Attach Services", "Attach services"),
        ("Microsoft MSX ID", "Microsoft MSX ID"),
        ("Microsoft MSX Id", "Microsoft MSX ID"),
        ("Migrated PSC Deal ID", "Migrated PSC deal ID"),
        ("PartnerID (formerly MPN ID)", "Partner location ID"),
        ("Customer Domain Name", "nothing"),
        ("Microsoft team member 1", "nothing"),
        ("Microsoft team member 50", "nothing"),
        ("Created Date", "Created"),
        ("Final Matched Customer Account *", "nothing"),
        ("Matched Category", "nothing"),
        ("Confidence", "nothing"),
        ("Managed Account (Match) 1", "nothing"),
        ("Unmanaged Account (Match) 2", "nothing"),
        ("DUNS / Moodys Account (Match) 2", "nothing"),
    ] {
        check(heading, name);
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let naming = Naming { map: vec![("Betrag".to_owned(), "detals.dealValue".to_owned())], ..Naming::default() };
    let headings = [(0, "Deal valeu"), (1, "Notes"), (2, "details.notes"), (3, "Betrag")];
    let problems = Columns::resolve(headings, &naming).unwrap_err();
    assert_eq!(
        problems,
        [
            HeadingProblem::MapsToNothing {
                heading: "Betrag".to_owned(),
                field: "detals.dealValue".to_owned(),
                nearest: Some("details.dealValue".to_owned())
            },
            HeadingProblem::Unknown {
                column: "A".to_owned(),
                heading: "Deal valeu".to_owned(),
                nearest: Some("Deal value".to_owned())
            },
            HeadingProblem::Twice {
                first: ("B".to_owned(), "Notes".to_owned()),
                second: ("C".to_owned(), "details.notes".to_owned()),
                target: "Notes".to_owned()
            },
            HeadingProblem::NoId { wanted: "id" },
        ]
    );
}

#[test]
fn the_users_own_names_win() {
    let naming = Naming {
        map: vec![("Betrag".to_owned(), "details.dealValue".to_owned())],
        ignore: vec!["Owner".to_owned()],
        ..Naming::default()
    };
    let columns = Columns::resolve([(0, "id"), (1, "betrag"), (2, "OWNER")], &naming).unwrap();
    assert_eq!(columns.all.iter().map(|c| c.target.name()).collect::<Vec<_>>(), ["id", "Deal value", "nothing"]);
}

#[test]
fn a_long_layout_needs_all_its_columns() {
    let problems = Columns::resolve([(0, "id"), (1, "op"), (2, "value")], &Naming::default()).unwrap_err();
    assert_eq!(problems, [HeadingProblem::IncompleteLong { missing: vec!["path"] }]);
}
