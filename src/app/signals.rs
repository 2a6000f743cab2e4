//! Ctrl-C and SIGTERM: the first one asks the run to end, the second one ends the process.
//!
//! They are heard on a thread of their own, which outlives the run: who is tired of waiting for the report is heard
//! as well as who is tired of waiting for a row.

use tokio::sync::oneshot;

use crate::error::Exit;

/// Completes at the first signal and says which it was. A second one ends the process at once: the ledger knows
/// what has to be looked up.
pub async fn asked_to_stop() -> Exit {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || listen(tell));
    match told.await {
        Ok(exit) => exit,
        // Without signals there is nothing to wait for.
        Err(_) => std::future::pending().await,
    }
}

fn listen(tell: oneshot::Sender<Exit>) {
    let Ok(runtime) = super::runtime() else { return };
    runtime.block_on(async {
        let Ok(mut signals) = Signals::new() else { return };
        let _ = tell.send(signals.next().await);
        let second = signals.next().await;
        std::process::exit(i32::from(second.code()));
    });
}

/// Both kinds, from now on: none is missed while nobody waits.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
        }
    }
}

#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Signals { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    async fn next(&mut self) -> Exit {
        self.interrupt.recv().await;
        Exit::Interrupted
    }
}
