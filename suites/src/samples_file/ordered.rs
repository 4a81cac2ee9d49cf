//! Work on several threads whose results come in the order of the items, with a bounded number of them under way.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Items under way a thread. A program may take a thousand times as long as an ordinary one; meanwhile the other
/// threads shall have something to do.
const ITEMS_PER_JOB: usize = 1024;

/// Bytes under way, as the items' source counts them; one item always fits.
const MOST_BYTES: usize = 64 << 20;

/// How a run ended that met no error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// All items are done.
    Whole,
    /// `stop` was set. What was done up to the first item that wasn't has been delivered.
    Stopped,
}

/// Calls `work` on each item of `source`, which also says how many bytes it holds, and `deliver` on each result in turn.
///
/// # Errors
/// The first error of `source` or `deliver`; work under way is then dropped.
pub(super) fn in_order<I: Send, O: Send, E>(
    jobs: usize,
    mut source: impl FnMut() -> Result<Option<(I, usize)>, E>,
    work: impl Fn(I) -> O + Sync,
    mut deliver: impl FnMut(O) -> Result<(), E>,
    stop: &AtomicBool,
) -> Result<Ended, E> {
    let halt = AtomicBool::new(false);
    let (to_workers, queue) = mpsc::channel::<(usize, I)>();
    let queue = Mutex::new(queue);
    let (from_workers, results) = mpsc::channel();
    let jobs = jobs.max(1);
    std::thread::scope(|scope| {
        // Whatever ends this function early, the workers take nothing more.
        let _halt = SetOnDrop(&halt);
        for _ in 0..jobs {
            let (queue, work, halt, from_workers) = (&queue, &work, &halt, from_workers.clone());
            scope.spawn(move || {
                let _halt = SetOnPanic(halt);
                while let Ok((index, item)) = take(queue) {
                    if halt.load(Ordering::Relaxed) || from_workers.send((index, work(item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(from_workers);
        let mut to_workers = Some(to_workers);
        let mut exhausted = false;
        // Items are numbered as they are read; `delivered` is the number of the next to deliver.
        let (mut read, mut delivered, mut bytes) = (0, 0, 0);
        let mut sizes = std::collections::VecDeque::new();
        let mut waiting = BTreeMap::new();
        loop {
            if stop.load(Ordering::Relaxed) {
                halt.store(true, Ordering::Relaxed);
                to_workers = None;
            }
            while let Some(sender) = &to_workers {
                if read - delivered >= jobs * ITEMS_PER_JOB || bytes >= MOST_BYTES {
                    break;
                }
                match source()? {
                    Some((item, size)) => {
                        sizes.push_back(size);
                        bytes += size;
                        // The workers outlive the channel unless one of them panicked, which the scope hands on.
                        let _ = sender.send((read, item));
                        read += 1;
                    }
                    None => {
                        exhausted = true;
                        to_workers = None;
                    }
                }
            }
            match results.recv_timeout(Duration::from_millis(50)) {
                Ok((index, result)) => {
                    waiting.insert(index, result);
                }
                Err(RecvTimeoutError::Timeout) => {
                    // After a panic the result that is waited for never comes.
                    if halt.load(Ordering::Relaxed) {
                        to_workers = None;
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Ok(if exhausted && delivered == read { Ended::Whole } else { Ended::Stopped });
                }
            }
            while let Some(result) = waiting.remove(&delivered) {
                bytes -= sizes.pop_front().unwrap_or(0);
                delivered += 1;
                deliver(result)?;
            }
        }
    })
}

fn take<I>(queue: &Mutex<mpsc::Receiver<I>>) -> Result<I, mpsc::RecvError> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv()
}

struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct SetOnPanic<'a>(&'a AtomicBool);

impl Drop for SetOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    fn counting(n: usize) -> impl FnMut() -> Result<Option<(usize, usize)>, String> {
        let mut items = 0..n;
        move || Ok(items.next().map(|item| (item, 1)))
    }

    #[test]
    fn results_come_in_order_and_few_are_under_way() {
        let (under_way, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut items = counting(20_000);
        let mut got = Vec::new();
        let ended = in_order(
            3,
            || {
                most.fetch_max(under_way.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
                items()
            },
            |item| {
                if item % 5000 == 0 {
                    std::thread::sleep(Duration::from_millis(30));
                }
                item
            },
            |item| {
                under_way.fetch_sub(1, Ordering::Relaxed);
                got.push(item);
                Ok(())
            },
            &AtomicBool::new(false),
        );
        assert_eq!(ended, Ok(Ended::Whole));
        assert!(got.iter().copied().eq(0..20_000));
        assert!(most.into_inner() <= 3 * ITEMS_PER_JOB);
    }

    #[test]
    fn items_of_many_bytes_wait_for_those_before() {
        let (under_way, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut items = 0..20;
        let ended = in_order(
            2,
            || {
                let item = items.next();
                most.fetch_max(under_way.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
                Ok::<_, String>(item.map(|item| (item, MOST_BYTES)))
            },
            |item: usize| item,
            |_| {
                under_way.fetch_sub(1, Ordering::Relaxed);
                Ok(())
            },
            &AtomicBool::new(false),
        );
        assert_eq!((ended, most.into_inner()), (Ok(Ended::Whole), 0));
    }

    #[test]
    fn a_stop_delivers_a_beginning_without_gaps() {
        let stop = AtomicBool::new(false);
        let mut got = Vec::new();
        let ended = in_order(
            4,
            counting(1_000_000),
            |item| item,
            |item| {
                got.push(item);
                stop.store(item >= 5000, Ordering::Relaxed);
                Ok(())
            },
            &stop,
        );
        assert_eq!(ended, Ok(Ended::Stopped));
        assert!(got.len() > 5000 && got.len() < 100_000 && got.iter().copied().eq(0..got.len()));
    }

    #[test]
    fn an_error_ends_the_work() {
        let fail = |item: usize| if item == 10 { Err("full".to_owned()) } else { Ok(()) };
        assert_eq!(in_order(2, counting(1_000_000), |i| i, fail, &AtomicBool::new(false)), Err("full".to_owned()));
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_worker_that_panics_is_handed_on() {
        let work = |item| assert_ne!(item, 7);
        let _ = in_order(2, counting(5000), work, |()| Ok(()), &AtomicBool::new(false));
    }
}
