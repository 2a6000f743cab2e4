//! Ctrl-C and SIGTERM: the first one asks the run to end, the second one ends the process.

use crate::error::Exit;

/// Completes at the first signal and says which it was. A second one ends the process at once: the ledger knows
/// what has to be looked up.
pub async fn asked_to_stop() -> Exit {
    let first = next().await;
    tokio::spawn(async {
        let second = next().await;
        std::process::exit(i32::from(second.code()));
    });
    first
}

#[cfg(unix)]
async fn next() -> Exit {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => Exit::Interrupted,
            _ = terminate.recv() => Exit::Terminated,
        },
        Err(_) => only_ctrl_c().await,
    }
}

#[cfg(not(unix))]
async fn next() -> Exit {
    only_ctrl_c().await
}

async fn only_ctrl_c() -> Exit {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Exit::Interrupted,
        // Without signals there is nothing to wait for.
        Err(_) => std::future::pending().await,
    }
}
