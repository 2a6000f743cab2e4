//! What the parts of the program trace, as lines of the log.

use std::borrow::Cow;
use std::fmt::{Debug, Write};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use super::{Detail, Level, Line, Log};

/// From now on, what is traced is said.
pub(super) fn listen(log: Log) {
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Traced(log)));
}

struct Traced(Log);

impl<S: Subscriber> Layer<S> for Traced {
    /// Only our own parts: the libraries would trace whole requests, headers included.
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target().starts_with(env!("CARGO_PKG_NAME")) && rank(metadata).is_some_and(|rank| self.0.says(rank.1))
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut facts = Facts::default();
        event.record(&mut facts);
        if let Some((level, detail)) = rank(event.metadata()) {
            self.0.say(&facts.line(level, detail));
        }
    }
}

/// What is traced more finely than that is said nowhere.
fn rank(metadata: &Metadata<'_>) -> Option<(Level, Detail)> {
    match *metadata.level() {
        tracing::Level::ERROR => Some((Level::Error, Detail::Errors)),
        tracing::Level::WARN => Some((Level::Warn, Detail::Notices)),
        tracing::Level::INFO => Some((Level::Info, Detail::Notices)),
        tracing::Level::DEBUG => Some((Level::Debug, Detail::Answers)),
        tracing::Level::TRACE => None,
    }
}

/// The fields of an event.
#[derive(Default)]
struct Facts {
    event: Option<String>,
    message: String,
    fields: Map<String, Value>,
}

impl Facts {
    fn line(self, level: Level, detail: Detail) -> Line {
        let mut text = self.message.clone();
        for (name, value) in &self.fields {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let _ = write!(text, " {name}={value}");
        }
        let event = self.event.map_or(Cow::Borrowed("message"), Cow::Owned);
        Line { text: Some(text), fields: self.fields, event, ..Line::new(level, detail, "", self.message) }
    }

    fn note(&mut self, field: &Field, value: impl Into<Value>) {
        match (field.name(), value.into()) {
            ("message", Value::String(message)) => self.message = message,
            ("event", Value::String(event)) => self.event = Some(event),
            (name, value) => {
                self.fields.insert(name.to_owned(), value);
            }
        }
    }
}

impl Visit for Facts {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.note(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.note(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.note(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.note(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.note(field, value);
    }
}
