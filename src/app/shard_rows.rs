//! Which rows of a sheet fall to a shard. Each process goes through all rows, and judges them as if it were alone, but
//! keeps only its own: so what is wrong with a sheet as a whole is wrong in every shard.
//!
//! What a row falls by is in the sheet. With `--match-by` that is what the cell says and not the referral that it was
//! found to be about: processes that read the list at different times may find different referrals, or none, and
//! would leave a row out or take it twice.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use super::choices::MatchBy;
use super::intake::Taken;
use super::misread::unreadable;
use super::sense::Sense;
use super::settings::SheetSettings;
use crate::domain::cell::Row;
use crate::domain::change::{Ask, Request};
use crate::domain::heading::Target;
use crate::domain::identity;
use crate::domain::problem::Problem;
use crate::domain::shard::Shard;
use crate::error::Failure;
use crate::sheet::Sheet;

/// Picks the rows of a shard.
#[derive(Default)]
pub struct ShardRows {
    shard: Option<Shard>,
    hasher: RandomState,
    /// The referrals that rows name by their ids, where other rows name them in another way. Eight bytes each.
    named: HashSet<u64>,
    others: AtomicU64,
    invalid_others: AtomicU64,
}

/// The rows that fall to other shards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Others {
    /// How many.
    pub rows: u64,
    /// How many of them are invalid.
    pub invalid: u64,
}

impl ShardRows {
    /// For the rows of a sheet; all of them without a shard.
    pub fn of(sheet: &Sheet, sense: &Sense, settings: &SheetSettings) -> Result<ShardRows, Failure> {
        let mut rows = ShardRows { shard: settings.shard.map(Shard::from), ..ShardRows::default() };
        let has_ids = sense.columns.find(Target::Id).is_some();
        if rows.shard.is_none() || settings.match_by == MatchBy::Id || !has_ids {
            return Ok(rows);
        }
        for row in sheet.rows().map_err(unreadable)? {
            let Ok(row) = row.map_err(unreadable)? else { continue };
            if let Some(id) = sense.columns.find(Target::Id)
                && let Ok(key) = identity::MatchBy::Id.key_of(row.cell(id.index))
                && !key.is_empty()
                && settings.bite.holds(row.number)
            {
                rows.named.insert(rows.hasher.hash_one(&*key));
            }
        }
        Ok(rows)
    }

    /// Why a row must not be sent: rows of one referral that name it in two ways may fall to two shards, which would
    /// send them in any order.
    pub fn remark(&self, row: &Row, sense: &Sense, request: &Request) -> Option<Problem> {
        let Ask::Update(change) = &request.ask else { return None };
        let id = change.referral.to_string();
        if !sense.id_text(row).is_empty() || !self.named.contains(&self.hasher.hash_one(&*id)) {
            return None;
        }
        let found = "another row names the same referral by its id, and this one does not";
        Some(Problem::of_row(found, format!("with --shard, all rows of a referral name it in one way: put {id} here")))
    }

    /// The rows that are its own; the others are counted.
    pub fn keep(&self, mut rows: Vec<Taken>, sense: &Sense) -> Vec<Taken> {
        let Some(shard) = self.shard else { return rows };
        let mut others = Others::default();
        rows.retain(|Taken { row, request, .. }| {
            let is_own = shard.takes(&key(row, sense, request));
            if !is_own {
                others.rows += 1;
                others.invalid += u64::from(matches!(request.ask, Ask::Invalid));
            }
            is_own
        });
        self.others.fetch_add(others.rows, Ordering::Relaxed);
        self.invalid_others.fetch_add(others.invalid, Ordering::Relaxed);
        rows
    }

    /// The rows that were not kept.
    pub fn others(&self) -> Others {
        Others { rows: self.others.load(Ordering::Relaxed), invalid: self.invalid_others.load(Ordering::Relaxed) }
    }
}

/// What a row falls to a shard by: its referral's id, or what it is matched by, or its own number.
fn key<'r>(row: &'r Row, sense: &Sense, request: &Request) -> Cow<'r, str> {
    match &request.ask {
        Ask::Update(change) if !sense.id_text(row).is_empty() => Cow::Owned(change.referral.to_string()),
        Ask::Update(_) | Ask::Create(_) | Ask::Skip | Ask::Invalid => {
            sense.key(row).unwrap_or_else(|| Cow::Owned(format!("row {}", row.number)))
        }
    }
}
