//! What frames a run: what it is about, and how it ended. Kept as named texts in the ledger's `run` table.

use jiff::Timestamp;

use super::{Ledger, LedgerError, Misshapen, VERSION};
use crate::domain::event::Requests;

const PAUSED_UNTIL: &str = "paused_until";
/// Optional: ledgers of whole sheets have none.
const WHOLE: &str = "rows_of_whole";

/// What a run is about, written when it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The run's id.
    pub run: String,
    /// `apply` or `plan`.
    pub command: String,
    /// When it began.
    pub started_at: Timestamp,
    /// The sheet's file name.
    pub sheet: String,
    /// The worksheet, if the file has several.
    pub worksheet: Option<String>,
    /// SHA-256 of the file.
    pub sheet_sha256: String,
    /// The headings: column counted from 0, text.
    pub headings: Vec<(u32, String)>,
    /// What the reader of the sheet noticed.
    pub notices: Vec<String>,
    /// How the run is to be done, in whatever form the program keeps it; no secrets.
    pub settings: String,
    /// The service's address.
    pub service: String,
    /// The profile of the settings.
    pub profile: String,
    /// The allowed rate, as the user writes it.
    pub rate: String,
    /// Who ran it.
    pub user: String,
    /// The program's version.
    pub program: String,
}

/// How a run ended, written when it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foot {
    /// When it ended.
    pub ended_at: Timestamp,
    /// Whether all rows were reached.
    pub is_finished: bool,
    /// What was sent.
    pub requests: Requests,
}

impl Ledger {
    /// What the run is about.
    pub fn head(&self) -> Result<Head, LedgerError> {
        let text = |key: &'static str| self.value(key)?.ok_or(LedgerError::Incomplete(key));
        let headings = serde_json::from_str(&text("headings")?).map_err(Misshapen)?;
        let notices = serde_json::from_str(&text("notices")?).map_err(Misshapen)?;
        Ok(Head {
            run: text("run")?,
            command: text("command")?,
            started_at: text("started_at")?.parse().map_err(|_| LedgerError::Incomplete("started_at"))?,
            sheet: text("sheet")?,
            worksheet: self.value("worksheet")?,
            sheet_sha256: text("sheet_sha256")?,
            headings,
            notices,
            settings: text("settings")?,
            service: text("service")?,
            profile: text("profile")?,
            rate: text("rate")?,
            user: text("user")?,
            program: text("program")?,
        })
    }

    /// Writes down how the run ended.
    pub fn finish(&self, foot: &Foot) -> Result<(), LedgerError> {
        let requests = foot.requests;
        let values = [
            ("ended_at", foot.ended_at.to_string()),
            ("finished", foot.is_finished.to_string()),
            ("reads", requests.reads.to_string()),
            ("writes", requests.writes.to_string()),
            ("retried", requests.retried.to_string()),
            ("throttled", requests.throttled.to_string()),
        ];
        values.iter().try_for_each(|(key, value)| self.set(key, value))
    }

    /// How the run ended, if it did.
    pub fn foot(&self) -> Result<Option<Foot>, LedgerError> {
        let Some(ended_at) = self.value("ended_at")? else { return Ok(None) };
        let number = |key| Ok::<u64, LedgerError>(self.value(key)?.and_then(|value| value.parse().ok()).unwrap_or(0));
        let requests = Requests {
            reads: number("reads")?,
            writes: number("writes")?,
            retried: number("retried")?,
            throttled: number("throttled")?,
        };
        Ok(Some(Foot {
            ended_at: ended_at.parse().map_err(|_| LedgerError::Incomplete("ended_at"))?,
            is_finished: self.value("finished")?.as_deref() == Some("true"),
            requests,
        }))
    }

    /// Writes down how many rows the sheet has of which this is a shard, so that it shows whether its shards are all of it.
    pub fn note_whole(&self, rows: u64) -> Result<(), LedgerError> {
        self.set(WHOLE, &rows.to_string())
    }

    /// How many rows the sheet has; none if this is not a shard of it.
    pub fn whole(&self) -> Result<Option<u64>, LedgerError> {
        Ok(self.value(WHOLE)?.and_then(|rows| rows.parse().ok()))
    }

    /// Writes down until when the service wants nothing to be sent: whoever takes the run up has to know.
    pub fn pause_until(&self, until: Timestamp) -> Result<(), LedgerError> {
        self.set(PAUSED_UNTIL, &until.to_string())
    }

    /// Until when the service wanted nothing to be sent.
    pub fn paused_until(&self) -> Result<Option<Timestamp>, LedgerError> {
        Ok(self.value(PAUSED_UNTIL)?.and_then(|until| until.parse().ok()))
    }

    pub(super) fn write_head(&self, head: &Head) -> Result<(), LedgerError> {
        let headings = serde_json::to_string(&head.headings).map_err(Misshapen)?;
        let notices = serde_json::to_string(&head.notices).map_err(Misshapen)?;
        let values = [
            ("version", VERSION.to_string()),
            ("run", head.run.clone()),
            ("command", head.command.clone()),
            ("started_at", head.started_at.to_string()),
            ("sheet", head.sheet.clone()),
            ("sheet_sha256", head.sheet_sha256.clone()),
            ("headings", headings),
            ("notices", notices),
            ("settings", head.settings.clone()),
            ("service", head.service.clone()),
            ("profile", head.profile.clone()),
            ("rate", head.rate.clone()),
            ("user", head.user.clone()),
            ("program", head.program.clone()),
        ];
        let worksheet = head.worksheet.iter().map(|name| ("worksheet", name.clone()));
        values.into_iter().chain(worksheet).try_for_each(|(key, value)| self.set(key, &value))
    }
}
