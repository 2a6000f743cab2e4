//! What is in force for a run, as one value, complete and without secrets. A run keeps it in its ledger, so that a
//! resumed run does what was begun, whatever the flags, the environment and the profile say by then.
//!
//! That flags go before the environment, and that before the profile, is settled when the command line is read.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::arguments;
use super::choices::{Check, DateFormat, Decimal, MatchBy, OnConflict, Via};
use super::profile::Profile;
use super::units::{self, Limit, Rate, Span, Zone};
use crate::domain::change::{BaseReading, Precision};
use crate::domain::field::Field;
use crate::domain::forecast::Bounds;
use crate::domain::heading::Naming;
use crate::domain::shard::Shard;
use crate::domain::value::{self, Reading, Way};
use crate::engine;
use crate::error::{Failure, Kind};

/// How a sheet is read and a run is done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Settings {
    /// The profile's name.
    pub profile: String,
    /// Whether the service is a sandbox inside the process.
    pub sandbox: bool,
    /// Where `/referrals` lives.
    pub base_url: String,
    /// Requests that may leave, of all shards together.
    pub rate: Rate,
    /// Requests in flight.
    pub concurrency: u16,
    /// Whether referrals are read first.
    pub check: Check,
    /// How changes are sent.
    pub via: Via,
    /// What happens when somebody else has changed the referral.
    pub on_conflict: OnConflict,
    /// Whether a create of which nobody can tell whether it landed is sent again.
    pub repeat_creates: bool,
    /// Whether one invalid row keeps all others from being sent.
    pub strict: bool,
    /// How many rows may fail before the run stops.
    pub max_failures: Option<Limit>,
    /// How long the run may take before it stops.
    pub max_duration: Option<Span>,
    /// How much the run may do.
    #[serde(skip)]
    pub bounds: Bounds,
    /// How the sheet is read.
    pub sheet: SheetSettings,
    /// The sheet, which nothing may overwrite.
    pub sheet_path: PathBuf,
    /// Where the report goes; none for no report.
    pub report: Option<PathBuf>,
}

/// How a sheet is read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SheetSettings {
    /// Headings of the user's own and their fields.
    pub maps: Vec<(String, String)>,
    /// Headings to leave alone.
    pub ignored: Vec<String>,
    /// Whether unknown headings are left alone.
    pub ignore_unknown: bool,
    /// How ambiguous dates are read.
    pub date_format: Option<DateFormat>,
    /// How ambiguous amounts are read.
    pub decimal: Option<Decimal>,
    /// Where times without an offset are told.
    pub time_zone: Option<Zone>,
    /// The text that empties a field.
    pub clear_with: String,
    /// What rows are matched by.
    pub match_by: MatchBy,
    /// Whether a row that matches nothing creates a referral.
    pub create_missing: bool,
    /// The original that the sheet was made from, once it has been read.
    pub base: Option<BaseSettings>,
    /// What whole columns have settled.
    pub settled: SettledColumns,
    /// Which rows are taken.
    pub bite: Bite,
    /// Which part of them is this process's.
    #[serde(default)]
    pub shard: Option<units::Shard>,
}

/// How the original of a sheet is read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BaseSettings {
    /// How its dates are read.
    pub date_format: Option<DateFormat>,
    /// How its amounts are read.
    pub decimal: Option<Decimal>,
    /// What its whole columns have settled.
    pub settled: SettledColumns,
    /// Whether it is a file of the portal, which prints days for moments.
    pub from_portal: bool,
}

/// How cells are read because their columns allow nothing else, by the path of the field.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SettledColumns {
    dates: BTreeMap<String, DateFormat>,
    amounts: BTreeMap<String, Decimal>,
}

/// The part of a sheet that is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bite {
    /// The first and the last row.
    pub rows: Option<(u32, u32)>,
    /// At most so many.
    pub limit: Option<u32>,
    /// Whether hidden rows are left out.
    #[serde(default)]
    pub visible_only: bool,
}

impl Settings {
    /// What the options and the profile say together. The report's place is filled in when the run has an id.
    pub fn resolve(
        sheet: SheetSettings,
        sheet_path: PathBuf,
        service: &arguments::Service,
        limits: Option<&arguments::Limits>,
    ) -> Settings {
        Settings {
            profile: service.profile.clone(),
            sandbox: service.sandbox,
            base_url: service.base_url.clone(),
            rate: service.rate.clone(),
            concurrency: service.concurrency,
            check: service.check,
            via: service.via,
            on_conflict: service.on_conflict,
            repeat_creates: limits.is_some_and(|limits| limits.repeat_creates),
            strict: limits.is_some_and(|limits| limits.strict),
            max_failures: limits.and_then(|limits| limits.max_failures),
            max_duration: limits.and_then(|limits| limits.max_duration),
            bounds: limits.map(|limits| (&limits.bounds).into()).unwrap_or_default(),
            sheet,
            sheet_path,
            report: None,
        }
    }

    /// As the engine takes them, for a run of so many rows.
    pub fn for_engine(&self, rows: u64) -> engine::Settings {
        engine::Settings {
            concurrency: usize::from(self.concurrency),
            rows_at_once: self.rows_at_once(),
            check: self.check.into(),
            via: self.via.into(),
            on_conflict: self.on_conflict.into(),
            repeats_creates: self.repeat_creates,
            patience: engine::Patience::default(),
            failures_max: self.max_failures.map(|limit| limit.of(rows)),
            duration_max: self.max_duration.map(Duration::from),
        }
    }

    /// Rows that are worked on at once. Without a rate, the disk is what requests would wait for, so as many rows again
    /// are at work. With one, rows wait for their turn whatever they do before, and each row more would only be one more
    /// in doubt if this process were killed.
    pub fn rows_at_once(&self) -> usize {
        let requests = usize::from(self.concurrency);
        if self.rate.is_limited() { requests } else { 2 * requests }
    }

    /// The part of the sheet that is this process's, if it has not all of it.
    pub fn shard(&self) -> Option<Shard> {
        self.sheet.shard.map(Shard::from)
    }

    /// The rate of this process.
    pub fn pace(&self) -> Rate {
        self.shard().map_or_else(|| self.rate.clone(), |shard| self.rate.part(shard))
    }

    /// Refuses a rate that the shards cannot share.
    pub fn check_pace(&self) -> Result<(), Failure> {
        let Some(shard) = self.shard().filter(|shard| !self.rate.is_enough_for(shard.count())) else { return Ok(()) };
        let (rate, count) = (&self.rate, shard.count());
        let error = format!("a rate of {rate} cannot be shared by {count} processes: each needs one request a second");
        Err(Failure::new(Kind::Usage, error)
            .hint("take fewer shards: the limit is the tenant's, and one process can use all of it")
            .hint("or allow more with --rate"))
    }

    /// What the shards of one sheet have in common, and those of others have not: with it, each row falls to exactly one
    /// of them. None without shards.
    pub fn whole(&self, sheet_sha256: &str, worksheet: Option<&str>) -> Option<String> {
        let sheet = &self.sheet;
        let count = self.shard()?.count();
        let whole =
            serde_json::json!(
                [sheet_sha256, worksheet, self.address(), count, sheet.bite, sheet.match_by, sheet.maps,]
            );
        Some(whole.to_string())
    }

    /// The address of the service, for people.
    pub fn address(&self) -> String {
        if self.sandbox { "sandbox".to_owned() } else { self.base_url.clone() }
    }

    /// As the ledger keeps them.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("settings have text keys only")
    }

    /// From a ledger.
    pub fn from_text(text: &str) -> Result<Settings, Failure> {
        serde_json::from_str(text).map_err(|error| Failure::new(Kind::Stopped, error))
    }
}

impl SheetSettings {
    /// What the options and the profile say together.
    pub fn resolve(sheet: &arguments::SheetOptions, profile: &Profile) -> Result<SheetSettings, Failure> {
        if sheet.create_missing && sheet.match_by == MatchBy::Id {
            let error = "--create-missing needs something that referrals are found by";
            return Err(Failure::new(Kind::Usage, error).hint("add --match-by crm-id, engagement-id or name"));
        }
        // What the command line says comes last and wins.
        let maps = profile.columns.clone().into_iter().chain(sheet.maps.clone()).collect();
        let ignored = profile.ignore_columns.iter().chain(&sheet.ignored).cloned().collect();
        Ok(SheetSettings {
            maps,
            ignored,
            ignore_unknown: sheet.ignore_unknown_columns,
            date_format: sheet.date_format,
            decimal: sheet.decimal,
            time_zone: sheet.time_zone.clone(),
            clear_with: sheet.clear_with.clone(),
            match_by: sheet.match_by,
            create_missing: sheet.create_missing,
            base: None,
            settled: SettledColumns::default(),
            bite: Bite { rows: sheet.rows, limit: sheet.limit, visible_only: sheet.visible_only },
            shard: sheet.shard,
        })
    }

    /// What the user says about headings.
    pub fn naming(&self) -> Naming {
        Naming {
            map: self.maps.clone(),
            ignore: self.ignored.clone(),
            ignore_unknown: self.ignore_unknown,
            match_by: self.match_by.into(),
        }
    }

    /// How cells are read.
    pub fn reading(&self) -> Reading {
        Reading {
            date_order: self.date_format.map(Into::into),
            decimal: self.decimal.map(Into::into),
            clear_word: self.clear_with.clone(),
            time_zone: self.time_zone.clone().map_or(jiff::tz::TimeZone::UTC, Into::into),
            settled: self.settled.readings(),
        }
    }
}

impl BaseSettings {
    /// How the cells of the base are read: in its own way, with the words and the time zone of the sheet.
    pub fn reading(&self, sheet: &SheetSettings) -> BaseReading {
        let reading = Reading {
            date_order: self.date_format.map(Into::into),
            decimal: self.decimal.map(Into::into),
            settled: self.settled.readings(),
            ..sheet.reading()
        };
        BaseReading { reading, precision: if self.from_portal { Precision::Day } else { Precision::Cell } }
    }
}

impl SettledColumns {
    /// Keeps what was found out.
    pub fn of(settled: impl Iterator<Item = value::Settled>) -> SettledColumns {
        let mut columns = SettledColumns::default();
        for value::Settled { field, way } in settled {
            let path = field.path.to_owned();
            match way {
                Way::Dates(order) => {
                    columns.dates.insert(path, order.into());
                }
                Way::Amounts(mark) => {
                    columns.amounts.insert(path, mark.into());
                }
            }
        }
        columns
    }

    fn readings(&self) -> Vec<value::Settled> {
        let dates = self.dates.iter().map(|(path, format)| (path, Way::Dates((*format).into())));
        let amounts = self.amounts.iter().map(|(path, decimal)| (path, Way::Amounts((*decimal).into())));
        let settled = |(path, way): (&String, Way)| Some(value::Settled { field: Field::by_path(path)?, way });
        dates.chain(amounts).filter_map(settled).collect()
    }
}

impl Bite {
    /// Whether every row is taken.
    pub fn is_all(&self) -> bool {
        self.rows.is_none() && self.limit.is_none()
    }

    /// Whether a row is among those that are taken.
    pub fn holds(&self, row: u32) -> bool {
        self.rows.is_none_or(|(from, to)| (from..=to).contains(&row))
    }

    /// What is left out, for people.
    pub fn notices(&self) -> Vec<String> {
        let rows = self.rows.map(|(from, to)| format!("only the rows {from} to {to} were taken"));
        let limit = self.limit.map(|limit| format!("at most {limit} rows were taken"));
        rows.into_iter().chain(limit).collect()
    }
}
