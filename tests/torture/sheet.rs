//! The sheet of the torture, and what it means for the service, said independently of the program.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::stage::sandbox::State;

const HEADINGS: &str = "id,Notes,Deal value,Campaign ID,Closing date,Status,Substatus,team.add.firstName,\
                        team.add.lastName,team.add.phoneNumber,team.add.email";

pub struct Sheet {
    pub text: String,
    pub rows: Vec<Row>,
}

/// A row and what it is to come to.
pub struct Row {
    pub number: u32,
    pub id: String,
    pub outcome: &'static str,
    /// What it sets, by JSON pointer.
    sets: Vec<(&'static str, Value)>,
    /// Whom it appends to the team.
    appends: Option<Value>,
}

/// The cells of a row behind its id.
#[derive(Default)]
struct Cells<'a> {
    notes: &'a str,
    value: &'a str,
    campaign: &'a str,
    closing: &'a str,
    status: &'a str,
    substatus: &'a str,
    member: Option<[&'a str; 4]>,
}

impl Sheet {
    /// About so many rows over the open referrals. Every third appends somebody to the team; some close the referral;
    /// some hold already; some are wrong, or about nothing that exists. Some referrals have a second row, far from
    /// the first, which appends somebody as well.
    ///
    /// Who does not look first sends also what holds already, or not if he looks after a kill: no row is such a one
    /// unless `is_guarded`.
    pub fn over(state: &State, rows: usize, is_guarded: bool) -> Sheet {
        let ids: Vec<&str> = state.active().take(rows * 10 / 11).collect();
        assert!(ids.len() >= rows * 8 / 11, "the sandbox has only {} open referrals", ids.len());
        let mut sheet = Sheet { text: format!("{HEADINGS}\n"), rows: Vec::new() };
        for (index, id) in ids.iter().enumerate() {
            match index {
                _ if index % 40 == 13 => sheet.wrong(id),
                _ if index % 40 == 26 => sheet.about_nothing(index),
                _ if index % 40 == 39 && is_guarded => sheet.keep(id),
                _ => sheet.change(id, index),
            }
        }
        for (index, id) in ids.iter().enumerate().filter(|(index, _)| index % 10 == 0) {
            sheet.change_again(id, index);
        }
        sheet
    }

    /// The rows about a referral that change it.
    pub fn changes<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().filter(move |row| row.id == id && row.outcome == "applied")
    }

    fn change(&mut self, id: &str, index: usize) {
        let (notes, value, campaign) = (format!("note {index}"), format!("{}.25", 1000 + index), format!("C-{index}"));
        let (last, email) = (format!("Z{index}"), format!("zed{index}@contoso.com"));
        // Referrals with a second row stay open for it.
        let closes = index % 10 == 7;
        let appends = index.is_multiple_of(3);
        let cells = Cells {
            notes: &notes,
            value: &value,
            campaign: &campaign,
            status: if closes { "Closed" } else { "" },
            substatus: if closes { "Lost" } else { "" },
            member: appends.then_some(["Zed", &last, "5550100", &email]),
            ..Cells::default()
        };
        let mut sets = vec![
            ("/details/notes", json!(notes)),
            ("/details/dealValue", json!(value.parse::<f64>().unwrap())),
            ("/campaignId", json!(campaign)),
        ];
        if closes {
            sets.extend([("/status", json!("Closed")), ("/substatus", json!("Lost"))]);
        }
        self.push(id, "applied", &cells, sets);
    }

    fn change_again(&mut self, id: &str, index: usize) {
        let (last, email) = (format!("Y{index}"), format!("yan{index}@contoso.com"));
        let cells =
            Cells { closing: "2027-03-31", member: Some(["Yan", &last, "5550200", &email]), ..Cells::default() };
        self.push(id, "applied", &cells, vec![("/details/closingDateTime", json!("2027-03-31T00:00:00Z"))]);
    }

    fn wrong(&mut self, id: &str) {
        self.push(id, "invalid", &Cells { notes: "never to be seen", value: "a lot", ..Cells::default() }, Vec::new());
    }

    fn about_nothing(&mut self, index: usize) {
        let id = format!("00000000-0000-4000-8000-{index:012}");
        self.push(&id, "refused", &Cells { notes: "to nobody", ..Cells::default() }, Vec::new());
    }

    fn keep(&mut self, id: &str) {
        self.push(id, "unchanged", &Cells { status: "Active", substatus: "Accepted", ..Cells::default() }, Vec::new());
    }

    fn push(&mut self, id: &str, outcome: &'static str, cells: &Cells<'_>, sets: Vec<(&'static str, Value)>) {
        let Cells { notes, value, campaign, closing, status, substatus, member } = cells;
        let team = member.unwrap_or_default().join(",");
        writeln!(self.text, "{id},{notes},{value},{campaign},{closing},{status},{substatus},{team}").unwrap();
        let appends = member.map(|[first, last, phone, email]| {
            json!({ "firstName": first, "lastName": last, "phoneNumber": phone, "email": email })
        });
        let number = u32::try_from(self.rows.len()).unwrap() + 2;
        self.rows.push(Row { number, id: id.to_owned(), outcome, sets, appends });
    }
}

impl Row {
    /// What a referral is after this row.
    pub fn applied_to(&self, referral: &mut Value) {
        for (pointer, value) in &self.sets {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            referral.pointer_mut(parent).unwrap()[name] = value.clone();
        }
        if let Some(member) = &self.appends {
            referral["team"].as_array_mut().unwrap().push(member.clone());
        }
    }
}
