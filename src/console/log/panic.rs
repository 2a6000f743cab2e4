//! A panic is our bug. It is said like any other failure, so that a log of JSON lines stays one.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;

use super::super::lines;
use super::Log;

/// From now on, a panic is a line of the log.
pub(super) fn listen(log: Log) {
    std::panic::set_hook(Box::new(move |panic| {
        let backtrace = Backtrace::capture();
        let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
        log.say(&lines::panicked(what(panic), &place(panic), backtrace));
    }));
}

fn what<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    panic.payload_as_str().unwrap_or("nothing is known about it")
}

fn place(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string)
}
