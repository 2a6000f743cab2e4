//! x
mod pace;
pub use pace::{Pacer, Rate};
