//! What a person at a terminal sees, and that nobody else gets any of it.

use crate::lab::{Lab, referral, rows};

/// Escape sequences that colour or embellish: `ESC [ … m`.
fn colours(text: &str) -> usize {
    let sequences = text.split("\u{1b}[").skip(1);
    sequences
        .filter(|rest| {
            rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ';').starts_with('m')
        })
        .count()
}

fn lab() -> Lab {
    Lab::holding([1, 2, 3].map(referral)).sheet("s.csv", rows("Notes", [(1, "new"), (2, "new"), (3, "new")]))
}

fn applied(lab: &Lab, arguments: &str) -> String {
    let call = lab.refsheet(&format!("apply s.csv --yes --no-report {arguments}"));
    call.variable("TERM", "xterm-256color").at_terminal()
}

#[test]
fn a_bar_moves_for_a_person_and_has_no_colour() {
    let shown = applied(&lab(), "");
    assert!(shown.contains("\u{1b}[") && shown.contains("3/3 rows"), "{shown:?}");
    assert_eq!(colours(&shown), 0, "{shown:?}");
}

#[test]
fn a_terminal_that_is_asked_for_json_gets_nothing_else() {
    let shown = applied(&lab(), "--log-format json --json -vv");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    for line in shown.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
    }
}

#[test]
fn a_terminal_that_understands_nothing_gets_no_bar() {
    let lab = lab();
    let call = lab.refsheet("apply s.csv --yes --no-report").variable("TERM", "dumb");
    let shown = call.at_terminal();
    assert!(!shown.contains('\u{1b}') && shown.contains("3  applied"), "{shown:?}");
}

#[test]
fn where_there_is_no_terminal_there_are_no_escape_sequences() {
    let ran = lab().refsheet("apply s.csv --yes --no-report -vv").variable("TERM", "xterm").run().exits(0);
    let shown = format!("{}{}", ran.out, ran.err);
    assert!(!shown.contains(['\u{1b}', '\r']), "{shown:?}");
}

#[test]
fn what_a_sheet_holds_cannot_move_the_cursor() {
    let lab = lab().sheet("evil.csv", "id,\u{1b}[2J\u{1b}]0;gone\u{7}\n1,2");
    let ran = lab.refsheet("apply evil.csv --yes").run().exits(3);
    assert!(!ran.err.contains(['\u{1b}', '\u{7}']), "{:?}", ran.err);
}

#[test]
fn help_is_embellished_unless_the_person_wants_no_colour() {
    let lab = Lab::new();
    let help = |name: &'static str| {
        let call = lab.refsheet("apply --help").variable("TERM", "xterm-256color").variable(name, "1");
        colours(&call.at_terminal())
    };
    assert!(help("SOME_COLOR") > 0);
    assert_eq!(help("NO_COLOR"), 0);
}
