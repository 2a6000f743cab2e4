//! refsheet: mass updates of Partner Center referrals, from a spreadsheet and back.
//!
//! `docs/architecture.md` has the picture. The layers, lowest first:

#![warn(clippy::unwrap_used)]

pub mod domain;

pub mod service;
pub mod sheet;
pub mod shell;

pub mod api;
pub mod engine;
pub mod form;
pub mod ledger;
pub mod report;
pub mod sandbox;

pub mod error;

pub mod console;

pub mod app;
