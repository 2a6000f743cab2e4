//! The end of a command: what is said of it, once, and what is done after it.

use std::any::Any;
use std::thread;

use serde_json::{Value, json};

use super::afterwards::Afterwards;
use crate::console::{Console, Summary, failed};
use crate::error::{Exit, Failure};

/// What a program that has panicked ends with; no run ends so.
pub const DEFECT: u8 = 101;

/// How a command ended that did what it could.
pub struct End {
    /// What the shell sees.
    pub exit: Exit,
    /// How the rows ended, if there were any.
    pub summary: Option<Summary>,
    /// Why something that was to come out of it is missing. What counts is said in the summary.
    pub lost: Option<Failure>,
}

impl From<Exit> for End {
    fn from(exit: Exit) -> Self {
        End { exit, summary: None, lost: None }
    }
}

/// What a command was, for who reads only its end.
#[derive(Debug, Clone, Copy)]
pub struct Called<'a> {
    /// Its name, if that can be told.
    pub command: Option<&'a str>,
    /// The profile, as soon as it has been read.
    pub profile: Option<&'a str>,
}

/// Says how a command ended, and does what is to be done then. Gives the code that the shell sees.
pub fn conclude(
    ended: thread::Result<Result<End, Failure>>,
    called: Called<'_>,
    afterwards: Option<&Afterwards>,
    console: Console,
) -> u8 {
    let (code, summary, document) = match ended {
        Ok(Ok(end)) => {
            let code =
                end.lost.as_ref().filter(|_| end.exit == Exit::Done).map_or(end.exit, |lost| lost.kind.exit()).code();
            let document = end.summary.as_ref().map(Summary::json);
            if let Some(summary) = &end.summary {
                console.end(summary, code);
                if !console.json {
                    console.print(&summary.text());
                }
            }
            if let Some(failure) = &end.lost {
                console.fail(failure);
            }
            (code, end.summary, document)
        }
        Ok(Err(failure)) => {
            console.fail(&failure);
            (failure.kind.exit().code(), None, Some(failed(&failure)))
        }
        // The panic itself has been told by whoever panicked.
        Err(panic) => (DEFECT, None, Some(defect(panic.as_ref()))),
    };
    let Some(mut document) = document else { return code };
    document["exit"] = json!(code);
    document["command"] = json!(called.command);
    document["profile"] = json!(called.profile);
    if console.json {
        console.document(&document);
    }
    if let Some(afterwards) = afterwards {
        afterwards.carry_out(&document, summary.as_ref(), code, console);
    }
    code
}

/// A panic is a defect of ours. What it says names no secret, because secrets are a type that does not print.
fn defect(panic: &(dyn Any + Send)) -> Value {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    json!({
        "status": "failed",
        "error": format!("a defect of this program: {}", text.unwrap_or("it does not say which")),
        "details": [],
        "hints": ["what was sent is in the ledger: `refsheet runs` lists the run, `refsheet resume` finishes it"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_in_the_document() {
        let panic = thread::spawn(|| panic!("row {} is gone", 7)).join().unwrap_err();
        assert_eq!(defect(panic.as_ref())["error"], "a defect of this program: row 7 is gone");
    }
}
