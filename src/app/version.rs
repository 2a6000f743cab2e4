//! Which program this is: its version and, where who built it says so, the commit.
//!
//! The commit is taken from the environment of the build and nothing is found out about it, neither from a repository
//! nor from a clock, so that the same sources give the same program.

use std::sync::LazyLock;

/// `0.1.0`, or `0.1.0 (1b0a7c1f03d2)`.
pub fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| text(option_env!("REFSHEET_COMMIT")));
    &VERSION
}

fn text(commit: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match commit.map(str::trim).filter(|commit| !commit.is_empty()) {
        Some(commit) => format!("{version} ({commit})"),
        None => version.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commit_is_told_where_it_is_known() {
        assert_eq!(text(Some("1b0a7c1f03d2\n")), format!("{} (1b0a7c1f03d2)", env!("CARGO_PKG_VERSION")));
        assert_eq!(text(Some("")), env!("CARGO_PKG_VERSION"));
        assert_eq!(text(None), env!("CARGO_PKG_VERSION"));
    }
}
