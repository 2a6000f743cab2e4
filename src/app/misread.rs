//! Why a sheet cannot be taken in, for people: what stands in the way, and the ways out.

use crate::domain::heading::HeadingProblem;
use crate::error::{Failure, Kind};
use crate::sheet::{self, SheetError};

/// A sheet that cannot be read.
pub fn unreadable(error: SheetError) -> Failure {
    let hint = error.hint();
    let failure = Failure::new(Kind::Input, error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// All that is wrong with the headings, at once, with the ways out.
pub fn not_understood(sheet: &sheet::Sheet, problems: &[HeadingProblem]) -> Failure {
    let mut failure = Failure::new(Kind::Input, format!("the headings of `{}` are not understood", sheet.name));
    failure.details = problems.iter().map(describe).collect();
    for problem in problems {
        failure = match problem {
            HeadingProblem::Unknown { heading, nearest, .. } => {
                let field = nearest.as_deref().unwrap_or("details.notes");
                failure.hint(format!("--map \"{heading}={field}\" or --ignore-column \"{heading}\""))
            }
            HeadingProblem::Twice { second, .. } => failure.hint(format!("--ignore-column \"{}\"", second.1)),
            HeadingProblem::NoId { wanted } => {
                let failure = failure.hint(format!("--map \"your heading={wanted}\""));
                let other = "or find the referrals by something else: --match-by crm-id, engagement-id or name";
                if *wanted == "id" { failure.hint(other) } else { failure }
            }
            HeadingProblem::MapsToNothing { .. } | HeadingProblem::IncompleteLong { .. } => failure,
        };
    }
    failure.hint("`refsheet fields` lists every heading")
}

/// One problem of the headings, for people.
pub fn describe(problem: &HeadingProblem) -> String {
    let meant = |nearest: &Option<String>| match nearest {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None => String::new(),
    };
    match problem {
        HeadingProblem::Unknown { column, heading, nearest } => {
            format!("column {column}: `{heading}` is not known{}", meant(nearest))
        }
        HeadingProblem::Twice { first, second, target } => {
            format!("columns {} (`{}`) and {} (`{}`) are both for `{target}`", first.0, first.1, second.0, second.1)
        }
        HeadingProblem::MapsToNothing { heading, field, nearest } => {
            format!("`{heading}` is mapped to `{field}`, which is not a field{}", meant(nearest))
        }
        HeadingProblem::NoId { wanted: "id" } => "no column is headed `id` (or `Referral ID`)".to_owned(),
        HeadingProblem::NoId { wanted } => format!("no column is headed `{wanted}`, by which rows are to be matched"),
        HeadingProblem::IncompleteLong { missing } => {
            format!("a sheet of operations needs id, op, path and value; missing: {}", missing.join(", "))
        }
    }
}
