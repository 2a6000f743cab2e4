//! What a run is about to do, added up before anything is sent: for the person who is asked, and for the limits that
//! a profile sets.

use std::collections::BTreeMap;

use json_patch::jsonptr::Pointer;
use rust_decimal::Decimal;

use super::json::Json;
use super::outcome::{Deal, Outcome, Settled, Tally};
use super::plan::FieldChange;

/// The sums.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Forecast {
    /// How the rows would end.
    pub tally: Tally,
    /// Rows that change a referral.
    pub changed: u64,
    /// Those among them that close it.
    pub closed: u64,
    /// Rows that create a referral.
    pub created: u64,
    /// Deal values by currency; those without one under the empty text.
    pub values: BTreeMap<String, Sum>,
}

/// How deal values of one currency change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// All changes added up, with their signs.
    pub net: Decimal,
    /// The same without their signs.
    pub gross: Decimal,
}

/// How much a run may do. None is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Rows that change or create a referral.
    pub rows: Option<u64>,
    /// Rows that close one.
    pub closed: Option<u64>,
    /// Change of deal values in any one currency, without signs.
    pub value_change: Option<Decimal>,
}

impl Forecast {
    /// Adds a row that was planned.
    pub fn note(&mut self, settled: &Settled) {
        self.tally += settled.outcome;
        if settled.outcome != Outcome::Planned {
            return;
        }
        let after = settled.deal.clone().unwrap_or_default();
        let before = match settled.changes.is_empty() {
            true => Deal::default(),
            false => before(&settled.changes, &after),
        };
        self.created += u64::from(settled.changes.is_empty());
        self.changed += u64::from(!settled.changes.is_empty());
        self.closed += u64::from(settled.changes.iter().any(closes));
        if before.currency == after.currency {
            self.add(after.currency, after.value - before.value);
        } else {
            self.add(before.currency, -before.value);
            self.add(after.currency, after.value);
        }
    }

    /// What is more than it may be, in words; nothing if all is within bounds.
    pub fn beyond(&self, bounds: &Bounds) -> Vec<String> {
        let count = |name, is: u64, max: Option<u64>| {
            max.filter(|max| is > *max).map(|max| format!("{name}: {is}, and max_{name} is {max}"))
        };
        let rows = count("rows", self.changed + self.created, bounds.rows);
        let closed = count("closed", self.closed, bounds.closed);
        let value = |(currency, sum): (&String, &Sum)| {
            let max = bounds.value_change.filter(|max| sum.gross > *max)?;
            Some(format!("deal values: {} {currency} changed, and max_value_change is {max}", sum.gross.normalize()))
        };
        rows.into_iter().chain(closed).chain(self.values.iter().filter_map(value)).collect()
    }

    fn add(&mut self, currency: Option<String>, change: Decimal) {
        if !change.is_zero() {
            let sum = self.values.entry(currency.unwrap_or_default()).or_default();
            sum.net = sum.net.saturating_add(change);
            sum.gross = sum.gross.saturating_add(change.abs());
        }
    }
}

impl Bounds {
    /// Whether there are any.
    pub fn are_set(&self) -> bool {
        *self != Bounds::default()
    }
}

/// The deal before these changes, of which only `after` is known whole.
fn before(changes: &[FieldChange], after: &Deal) -> Deal {
    let of = |pointer: &Pointer| changes.iter().find(|change| change.path == pointer.as_str());
    let number = |json: Option<&Json>| json.and_then(Json::decimal).unwrap_or_default();
    let text = |json: Option<&Json>| json.and_then(|json| json.value().as_str().map(str::to_owned));
    Deal {
        value: of(Deal::VALUE).map_or(after.value, |change| number(change.before.as_ref())),
        currency: of(Deal::CURRENCY).map_or_else(|| after.currency.clone(), |change| text(change.before.as_ref())),
    }
}

fn closes(change: &FieldChange) -> bool {
    change.path == "/status" && change.after.value().as_str() == Some("Closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEAL_VALUE: &str = "/details/dealValue";

    /// A row that changes these fields of a referral that is worth so much afterwards.
    fn planned(changes: &[(&str, &str, &str)], value: i64, currency: &str) -> Settled {
        let json = |text: &str| Json::parse(text.to_owned()).unwrap();
        let change = |&(path, before, after): &(&str, &str, &str)| FieldChange {
            label: "".into(),
            path: path.to_owned().into(),
            before: Some(json(before)),
            after: json(after),
        };
        Settled {
            changes: changes.iter().map(change).collect(),
            deal: Some(Deal { value: Decimal::from(value), currency: Some(currency.to_owned()) }),
            ..Settled::unsent(2, Outcome::Planned, Vec::new())
        }
    }

    fn forecast() -> Forecast {
        let mut forecast = Forecast::default();
        forecast.note(&planned(&[("/status", r#""Active""#, r#""Closed""#), (DEAL_VALUE, "100", "40")], 40, "USD"));
        forecast.note(&planned(&[(DEAL_VALUE, "null", "1000")], 1000, "USD"));
        forecast.note(&planned(&[(DEAL_VALUE, "1", "3")], 3, "EUR"));
        forecast.note(&Settled::unsent(5, Outcome::Unchanged, Vec::new()));
        forecast
    }

    fn sums(forecast: &Forecast) -> Vec<String> {
        forecast.values.iter().map(|(currency, sum)| format!("{currency} {} {}", sum.net, sum.gross)).collect()
    }

    #[test]
    fn values_are_added_up_by_currency() {
        let forecast = forecast();
        assert_eq!((forecast.changed, forecast.closed, forecast.created, forecast.tally.total()), (3, 1, 0, 4));
        assert_eq!(sums(&forecast), ["EUR 2 2", "USD 940 1060"]);
    }

    #[test]
    fn another_currency_moves_the_whole_value() {
        let mut forecast = Forecast::default();
        forecast.note(&planned(&[("/details/currency", r#""EUR""#, r#""USD""#)], 500, "USD"));
        forecast.note(&planned(&[("/details/currency", r#""EUR""#, r#""USD""#), (DEAL_VALUE, "1", "7")], 7, "USD"));
        forecast.note(&planned(&[("/details/notes", "1", "2")], 900, "USD"));
        assert_eq!(sums(&forecast), ["EUR -501 501", "USD 507 507"]);
    }

    #[test]
    fn all_that_is_beyond_a_bound_is_told() {
        let bounds = Bounds { rows: Some(2), closed: Some(1), value_change: Some(Decimal::from(1_000)) };
        let beyond = forecast().beyond(&bounds);
        assert_eq!(
            beyond,
            ["rows: 3, and max_rows is 2", "deal values: 1060 USD changed, and max_value_change is 1000"]
        );
        assert!(forecast().beyond(&Bounds::default()).is_empty());
    }
}
