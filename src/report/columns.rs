//! The columns of the results: what stands in which cell, for workbooks and CSV alike.

use std::borrow::Cow;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::{Line, text};
use crate::domain::json::Json;
use crate::domain::referral::{ETag, ReferralId, portal_address};
use crate::sheet::Out;

/// One column of the results.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub heading: &'static str,
    pub shape: Shape,
    /// In characters.
    pub width: f64,
    /// What a reader may wonder about; may be empty.
    pub note: &'static str,
    cell: for<'a> fn(&Line<'a>) -> Content<'a>,
}

/// What the cells of a column look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Lines,
    Number,
    Moment,
    Link,
    Outcome,
}

/// What one cell says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content<'a> {
    Blank,
    Text(Cow<'a, str>),
    Count(u64),
    Moment(DateTime),
    Link { url: String, text: &'a str },
}

/// All columns, from left to right. Programs read reports too: what is called so, stays so.
#[rustfmt::skip]
pub(super) const COLUMNS: [Column; 17] = [
    column("Row", Shape::Number, 8.0, |line| Content::count(line.row.number)),
    column("Id", Shape::Link, 38.0, id),
    column("Name", Shape::Text, 30.0, |line| optional(line.settled.name.as_deref())),
    column("Outcome", Shape::Outcome, 13.0, |line| Content::text(line.settled.outcome.word())),
    column("Changes", Shape::Lines, 52.0, |line| Content::text(text::changes(&line.settled.changes))),
    column("Problems", Shape::Lines, 60.0, |line| Content::text(text::problems(line.settled))),
    column("What to do", Shape::Lines, 36.0, |line| Content::text(line.settled.remedy())),
    column("HTTP", Shape::Number, 8.0, |line| line.settled.http.map_or(Content::Blank, Content::count)),
    column("Error code", Shape::Text, 22.0, |line| optional(line.settled.error_code.as_deref())),
    column("Request-ID", Shape::Text, 38.0, |line| optional(line.settled.request_id.as_deref()))
        .note("Give it to Microsoft's support: it finds the request."),
    column("Attempts", Shape::Number, 11.0, |line| Content::count(line.settled.attempts)),
    column("Milliseconds", Shape::Number, 14.0, |line| Content::count(line.settled.milliseconds)),
    column("Sent at", Shape::Moment, 24.0, |line| line.settled.sent_at.map_or(Content::Blank, Content::moment))
        .note("UTC"),
    column("eTag before", Shape::Text, 40.0, |line| optional(line.settled.etag_before.as_ref().map(ETag::as_str))),
    column("eTag after", Shape::Text, 40.0, |line| optional(line.settled.etag_after.as_ref().map(ETag::as_str))),
    column("Patch", Shape::Text, 60.0, |line| optional(line.settled.patch.as_ref().map(Json::text)))
        .note("JSON Patch (RFC 6902), as it was sent or would be sent"),
    column("Note", Shape::Text, 30.0, |line| optional(line.note)),
];

/// The cells of a row, from left to right.
pub(super) fn contents<'a>(line: &Line<'a>) -> [Content<'a>; COLUMNS.len()] {
    COLUMNS.map(|column| (column.cell)(line))
}

const fn column(heading: &'static str, shape: Shape, width: f64, cell: for<'a> fn(&Line<'a>) -> Content<'a>) -> Column {
    Column { heading, shape, width, note: "", cell }
}

impl Column {
    const fn note(self, note: &'static str) -> Column {
        Column { note, ..self }
    }
}

impl<'a> Content<'a> {
    /// What is to be written.
    pub fn out(&self) -> Out<'_> {
        match self {
            Content::Blank => Out::Blank,
            Content::Text(text) => Out::Text(text),
            #[expect(clippy::cast_precision_loss, reason = "nobody counts to 2^53 here")]
            Content::Count(count) => Out::Number(*count as f64),
            Content::Moment(at) => Out::DateTime(*at),
            Content::Link { url, text } => Out::Link { url, text },
        }
    }

    fn text(text: impl Into<Cow<'a, str>>) -> Content<'a> {
        match text.into() {
            text if text.is_empty() => Content::Blank,
            text => Content::Text(text),
        }
    }

    fn count(number: impl Into<u64>) -> Content<'a> {
        Content::Count(number.into())
    }

    /// A spreadsheet keeps milliseconds, no more.
    fn moment(at: Timestamp) -> Content<'a> {
        let milliseconds = TimestampRound::new().smallest(Unit::Millisecond).mode(RoundMode::Trunc);
        let at = at.round(milliseconds).unwrap_or(at);
        Content::Moment(at.to_zoned(TimeZone::UTC).datetime())
    }
}

fn optional(text: Option<&str>) -> Content<'_> {
    text.map_or(Content::Blank, Content::text)
}

/// The referral, with a way to it where the id is one. A created referral has the id that the service gave it.
fn id<'a>(line: &Line<'a>) -> Content<'a> {
    let text = line.settled.created_id.as_deref().unwrap_or(line.id);
    match text.parse::<ReferralId>() {
        Ok(id) => Content::Link { url: portal_address(id), text },
        Err(_) => Content::text(text),
    }
}
