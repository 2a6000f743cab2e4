//! Ctrl-C and SIGTERM: the first one asks whoever listens to stop, the second one ends the process. While nobody
//! listens, the first one ends it too: nothing has been sent yet.
//!
//! They are heard on a thread of their own, which outlives the run: who is tired of waiting for the report is heard
//! as well as who is tired of waiting for a row.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Once, mpsc};

use tokio::sync::watch;

use crate::error::{Exit, Failure, Kind};

/// How often whoever waits for something else looks whether there was a signal.
pub const GLANCE: std::time::Duration = std::time::Duration::from_millis(50);

static BEGUN: Once = Once::new();
static LISTENERS: AtomicUsize = AtomicUsize::new(0);
static HEARD: LazyLock<watch::Sender<Option<Exit>>> = LazyLock::new(|| watch::channel(None).0);

/// As long as this is kept, the first signal ends nothing: whoever keeps it looks at it.
pub struct Listener(());

/// How a process is ended by a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// Nobody was listening, since nothing was under way.
    Idle(Exit),
    /// Somebody was still at it.
    AtOnce(Exit),
}

/// From now on, signals are heard. `leave` is done before one ends the process.
pub fn begin(leave: impl FnOnce(Leave) + Send + 'static) {
    BEGUN.call_once(|| {
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || hear(leave, &tell));
        // Whoever fails to listen drops the other end.
        let _ = told.recv();
    });
}

/// Listens.
pub fn listen() -> Listener {
    begin(|_| ());
    LISTENERS.fetch_add(1, Ordering::SeqCst);
    Listener(())
}

/// The failure of whoever is ended by a signal before anything was done.
pub fn interruption(signal: Exit) -> Failure {
    let kind = if signal == Exit::Terminated { Kind::Terminated } else { Kind::Interrupted };
    Failure::new(kind, "interrupted; nothing was sent")
}

/// Completes at the first signal and says which it was.
pub async fn asked_to_stop() -> Exit {
    let _listener = listen();
    let mut heard = HEARD.subscribe();
    loop {
        if let Some(signal) = *heard.borrow_and_update() {
            return signal;
        }
        if heard.changed().await.is_err() {
            // Without signals there is nothing to wait for.
            return std::future::pending().await;
        }
    }
}

impl Listener {
    /// The signal that was heard, if one was.
    #[expect(clippy::unused_self, reason = "only who listens is told")]
    pub fn heard(&self) -> Option<Exit> {
        *HEARD.borrow()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        LISTENERS.fetch_sub(1, Ordering::SeqCst);
    }
}

fn hear(leave: impl FnOnce(Leave), begun: &mpsc::Sender<()>) {
    let Ok(runtime) = super::runtime() else { return };
    let heard = runtime.block_on(async {
        let mut signals = Signals::new().ok()?;
        let _ = begun.send(());
        let first = signals.next().await;
        let is_heard = LISTENERS.load(Ordering::SeqCst) > 0;
        HEARD.send_replace(Some(first));
        if !is_heard {
            return Some((first, Leave::Idle(first)));
        }
        let second = signals.next().await;
        Some((second, Leave::AtOnce(second)))
    });
    let Some((exit, how)) = heard else { return };
    leave(how);
    std::process::exit(i32::from(exit.code()));
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
