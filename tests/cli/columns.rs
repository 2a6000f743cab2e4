//! What whole columns and whole sheets say: how ambiguous cells are read, and rows that contradict each other.

use crate::lab::{Lab, id, referral, rows};

#[test]
fn a_column_that_allows_one_reading_is_read_so_and_the_run_says_it() {
    let cells = [(1, "03/04/2026,\"1,234\""), (2, "25/03/2026,\"12,500.50\"")];
    let lab = Lab::holding([referral(1), referral(2)]).sheet("s.csv", rows("Closing date,Deal value", cells));
    let ran = lab.apply("s.csv").run().exits(0);
    let details = &lab.referral(&id(1))["details"];
    assert_eq!((&details["closingDateTime"], &details["dealValue"]), (&"2026-04-03T00:00:00Z".into(), &1234.into()));
    let date =
        "Closing date: `03/04/2026` in B2 is read with the day first, because `25/03/2026` in B3 allows nothing else";
    let amount =
        "Deal value: `1,234` in C2 is read with a decimal point, because `12,500.50` in C3 allows nothing else";
    assert!(ran.err.contains(date) && ran.err.contains(amount), "{}", ran.err);
}

#[test]
fn a_column_that_allows_two_asks_for_the_option() {
    let lab = Lab::new().sheet("s.csv", rows("Closing date", [(1, "03/04/2026"), (2, "05/06/2026")]));
    let ran = lab.plan("s.csv").args("--offline").run().exits(1);
    assert_eq!(ran.outcomes(), ["2 invalid", "3 invalid"]);
    assert!(ran.out.contains("--date-format dmy"), "{}", ran.out);
    lab.plan("s.csv").args("--offline --date-format mdy").run().exits(0);
}

#[test]
fn the_whole_column_decides_even_when_a_bite_is_taken() {
    let lab = Lab::new().sheet("s.csv", rows("Closing date", [(1, "03/04/2026"), (2, "25/06/2026")]));
    lab.plan("s.csv").args("--offline --limit 1").run().exits(0);
}

#[test]
fn the_value_column_of_a_sheet_of_operations_is_read_field_by_field() {
    let cells = [
        (1, "replace,details.closingDateTime,03/04/2026"),
        (2, "replace,details.closingDateTime,25/03/2026"),
        (2, "replace,details.dealValue,\"1,234\""),
    ];
    let lab = Lab::new().sheet("s.csv", rows("op,path,value", cells));
    assert_eq!(lab.plan("s.csv").args("--offline").run().outcomes(), ["2 planned", "3 planned", "4 invalid"]);
}

#[test]
fn two_rows_that_contradict_each_other_are_told_with_both_cells() {
    let lab = Lab::holding([referral(1), referral(2)])
        .sheet("s.csv", rows("Notes,Deal value", [(1, "a,1"), (2, "a,1"), (1, "b,1.00")]));
    let ran = lab.apply("s.csv").run().exits(0);
    let warning = "warning B4: B2 sets Notes of the same referral to something else";
    assert_eq!(ran.report().matches("of the same referral").count(), 1, "{}", ran.report());
    assert!(ran.report().contains(warning), "{}", ran.report());
    assert_eq!(lab.referral(&id(1))["details"]["notes"], "b");
}

#[test]
fn a_status_pair_in_two_rows_is_sent_as_one() {
    let cells = [
        (1, "replace,/status,Closed"),
        (2, "replace,/substatus,Lost"),
        (1, "replace,/substatus,Won"),
        (2, "replace,/status,Closed"),
    ];
    let lab = Lab::holding([referral(1), referral(2)]).recorded().sheet("s.csv", rows("op,path,value", cells));
    let ran = lab.apply("s.csv").run().exits(0);
    assert_eq!(ran.outcomes(), ["2 applied", "3 applied", "4 unchanged", "5 unchanged"], "{}", ran.report());
    assert_eq!(lab.writes().len(), 2);
    assert_eq!(lab.referral(&id(1))["substatus"], "Won");
    assert_eq!(lab.referral(&id(2))["substatus"], "Lost");
}
