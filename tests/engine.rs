//! The engine on the sandbox's store, with a paused clock: no sockets, no waiting, and the same story every time.
//!
//! A case is told in one line: what the service was asked and what the engine told, in order.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly, too")]

#[path = "engine/case.rs"]
mod case;
#[path = "engine/probe.rs"]
mod probe;

#[path = "engine/order.rs"]
mod order;
#[path = "engine/reads.rs"]
mod reads;

#[path = "engine/conflict.rs"]
mod conflict;
#[path = "engine/doubt.rs"]
mod doubt;
#[path = "engine/pace.rs"]
mod pace;
#[path = "engine/stopping.rs"]
mod stopping;

#[path = "engine/plan.rs"]
mod plan;

#[path = "engine/law.rs"]
mod law;
