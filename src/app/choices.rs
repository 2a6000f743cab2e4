//! Options that take one of a few words, and what the layers below call them.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::console;
use crate::domain::identity;
use crate::domain::value::amount::DecimalMark;
use crate::domain::value::moment::DateOrder;
use crate::engine;

/// `--date-format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateFormat {
    /// Day first: 31/12/2026
    Dmy,
    /// Month first: 12/31/2026
    Mdy,
    /// Year first: 2026/12/31
    Ymd,
}

/// `--decimal`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decimal {
    /// 12,500.50
    Point,
    /// 12.500,50
    Comma,
}

/// `--match-by`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchBy {
    /// The referral's own id
    #[default]
    Id,
    /// The id that your CRM has for it (`CRM ID`)
    CrmId,
    /// The engagement's id
    EngagementId,
    /// The deal's name, in any case
    Name,
}

/// `--check`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    /// Read it, and send only what differs
    Live,
    /// Read nothing, send every filled cell
    None,
}

/// `--via`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// JSON Patch
    Patch,
    /// The whole referral, the older contract
    Put,
}

/// `--on-conflict`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnConflict {
    /// Merge field by field; only the same field set to two values is a conflict
    Merge,
    /// Report the row, send nothing
    Report,
}

/// `--log-format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Sentences, for people
    Text,
    /// JSON lines, for machines
    Json,
}

impl From<LogFormat> for console::Format {
    fn from(format: LogFormat) -> Self {
        match format {
            LogFormat::Text => console::Format::Text,
            LogFormat::Json => console::Format::Json,
        }
    }
}

impl From<DateFormat> for DateOrder {
    fn from(format: DateFormat) -> Self {
        match format {
            DateFormat::Dmy => DateOrder::DayMonthYear,
            DateFormat::Mdy => DateOrder::MonthDayYear,
            DateFormat::Ymd => DateOrder::YearMonthDay,
        }
    }
}

impl From<Decimal> for DecimalMark {
    fn from(decimal: Decimal) -> Self {
        match decimal {
            Decimal::Point => DecimalMark::Point,
            Decimal::Comma => DecimalMark::Comma,
        }
    }
}

impl From<DateOrder> for DateFormat {
    fn from(order: DateOrder) -> Self {
        match order {
            DateOrder::DayMonthYear => DateFormat::Dmy,
            DateOrder::MonthDayYear => DateFormat::Mdy,
            DateOrder::YearMonthDay => DateFormat::Ymd,
        }
    }
}

impl From<DecimalMark> for Decimal {
    fn from(mark: DecimalMark) -> Self {
        match mark {
            DecimalMark::Point => Decimal::Point,
            DecimalMark::Comma => Decimal::Comma,
        }
    }
}

impl From<MatchBy> for identity::MatchBy {
    fn from(by: MatchBy) -> Self {
        match by {
            MatchBy::Id => identity::MatchBy::Id,
            MatchBy::CrmId => identity::MatchBy::CrmId,
            MatchBy::EngagementId => identity::MatchBy::EngagementId,
            MatchBy::Name => identity::MatchBy::Name,
        }
    }
}

impl From<Check> for engine::Check {
    fn from(check: Check) -> Self {
        match check {
            Check::Live => engine::Check::Live,
            Check::None => engine::Check::None,
        }
    }
}

impl From<Via> for engine::Via {
    fn from(via: Via) -> Self {
        match via {
            Via::Patch => engine::Via::Patch,
            Via::Put => engine::Via::Put,
        }
    }
}

impl From<OnConflict> for engine::OnConflict {
    fn from(on_conflict: OnConflict) -> Self {
        match on_conflict {
            OnConflict::Merge => engine::OnConflict::Merge,
            OnConflict::Report => engine::OnConflict::Report,
        }
    }
}
