//! The real program against a real sandbox process: from the command line to the state that is left at the service.
//!
//! Rules are tested beside the code. What is proved here is that the parts are wired as the contract says, and that
//! nothing of it depends on who looks: exit code, both streams, report and referrals are looked at together.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod lab;
mod ran;
mod wire;

mod afterwards;
mod bases;
mod changes;
mod columns;
mod documents;
mod export;
mod headings;
mod hostile;
mod identity;
mod limits;
mod logs;
mod outputs;
mod pace;
mod patches;
mod planned;
mod refusals;
mod requests;
mod samples;
mod settings;
mod template;
#[cfg(target_os = "linux")]
mod terminal;
mod tls;
mod to_fix;
mod undo;
mod whose;
