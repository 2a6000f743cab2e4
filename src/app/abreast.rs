//! Many things worked on at once, and handed on in their order.
//!
//! ```text
//!          ┌─▶ worker ─┐
//! next ────┤           ├──▶ in order ──▶ consume
//!          └─▶ worker ─┘
//! ```
//!
//! For what is pure and takes long, such as understanding the rows of a sheet: one thread at a time fetches a batch, all
//! of them work, and the caller's own thread takes what was made as if there had been only one. No more batches are
//! under way than there is room for, so memory does not grow with the sheet.

use std::any::Any;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// More would wait for whoever fetches.
const WORKERS_MAX: usize = 4;
/// Batches under way for each worker: one at work, one that waits for its turn.
const BATCHES_EACH: usize = 2;

/// What was made, in the order in which it was fetched.
pub struct InOrder<R> {
    made: Receiver<Made<R>>,
    /// Tells the workers that there is room for one batch more.
    room: SyncSender<()>,
    early: BTreeMap<u64, R>,
    number: u64,
}

/// A batch's number and what was made of it; or why a worker panicked.
type Made<R> = Result<(u64, R), Box<dyn Any + Send>>;

/// Fetches batches with `next` until there are none, works on several at once, each worker with a function of its own,
/// and gives `consume` the results in order. When `consume` wants no more, nothing more is fetched.
pub fn in_order<B, R, W, T>(
    next: impl FnMut() -> Option<B> + Send,
    worker: impl Fn() -> W + Sync,
    consume: impl FnOnce(InOrder<R>) -> T,
) -> T
where
    B: Send,
    R: Send,
    W: FnMut(B) -> R,
{
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(WORKERS_MAX);
    let (room, is_room) = sync_channel(workers * BATCHES_EACH);
    let (sender, made) = channel();
    for _ in 0..workers * BATCHES_EACH {
        room.send(()).expect("the channel holds as many and has a receiver");
    }
    let source = Mutex::new(Source { next, number: 0, is_room });
    thread::scope(|scope| {
        for _ in 0..workers {
            let (source, worker, sender) = (&source, &worker, sender.clone());
            scope.spawn(move || work(source, worker(), &sender));
        }
        drop(sender);
        consume(InOrder { made, room, early: BTreeMap::new(), number: 0 })
    })
}

/// Where batches come from.
struct Source<N> {
    next: N,
    number: u64,
    is_room: Receiver<()>,
}

impl<N> Source<N> {
    /// The next batch, once there is room for it, with its number.
    fn fetch<B>(&mut self) -> Option<(u64, B)>
    where
        N: FnMut() -> Option<B>,
    {
        self.is_room.recv().ok()?;
        let batch = (self.next)()?;
        self.number += 1;
        Some((self.number - 1, batch))
    }
}

fn work<B, R, N: FnMut() -> Option<B>>(
    source: &Mutex<Source<N>>,
    mut work: impl FnMut(B) -> R,
    sender: &Sender<Made<R>>,
) {
    loop {
        let made = catch_unwind(AssertUnwindSafe(|| {
            // Whoever has panicked while fetching has told of it.
            let (number, batch) = source.lock().unwrap_or_else(PoisonError::into_inner).fetch()?;
            Some((number, work(batch)))
        }));
        let Some(made) = made.transpose() else { return };
        let has_panicked = made.is_err();
        // Nobody listens any more: then nobody wants to know.
        if sender.send(made).is_err() || has_panicked {
            return;
        }
    }
}

impl<R> Iterator for InOrder<R> {
    type Item = R;

    fn next(&mut self) -> Option<R> {
        let result = loop {
            if let Some(result) = self.early.remove(&self.number) {
                break result;
            }
            match self.made.recv().ok()? {
                Ok((number, result)) => self.early.insert(number, result),
                Err(panic) => resume_unwind(panic),
            };
        };
        self.number += 1;
        // When the workers have gone, nobody needs the room.
        let _ = self.room.try_send(());
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn results_come_in_the_order_of_what_they_were_made_of() {
        let mut numbers = 0..1000_u64;
        // The even ones take longer.
        let work = || |number: u64| (0..(number + 1) % 2 * 1000).fold(number, |number, _| std::hint::black_box(number));
        let made: Vec<u64> = in_order(|| numbers.next(), work, Iterator::collect);
        assert_eq!(made, (0..1000).collect::<Vec<u64>>());
    }

    #[test]
    fn no_more_is_fetched_than_there_is_room_for() {
        let fetched = AtomicU64::new(0);
        let next = || Some(fetched.fetch_add(1, Ordering::SeqCst));
        let taken = in_order(next, || |number: u64| number, |made| made.take(10).count());
        assert_eq!(taken, 10);
        let under_way = (WORKERS_MAX * BATCHES_EACH) as u64;
        assert!(fetched.load(Ordering::SeqCst) <= 10 + under_way, "{fetched:?}");
    }

    #[test]
    fn a_panic_of_a_worker_is_one_of_the_caller() {
        let mut numbers = 0..100_u64;
        let work = || |number: u64| assert!(number != 50, "number 50");
        let panic = catch_unwind(AssertUnwindSafe(|| in_order(|| numbers.next(), work, Iterator::count))).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"number 50"));
    }
}
