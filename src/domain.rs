//! The words and rules of the program: rows, fields, statuses, changes, patches, outcomes, events.
//!
//! Pure: no input, no output, no clock, no randomness. In the order in which a row meets them.

pub mod cell;
pub mod problem;

pub mod field;
pub mod heading;
pub mod identity;
pub mod shard;
pub mod survey;
pub mod value;

pub mod change;
pub mod create;
pub mod criteria;
pub mod json;
pub mod patch;
pub mod referral;
pub mod status;

pub mod earlier;
pub mod merge;
pub mod plan;
pub mod planned;
pub mod undo;

pub mod event;
pub mod forecast;
pub mod outcome;
