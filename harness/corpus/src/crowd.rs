//! Work that waits for others, such as servers: many pieces at once, with results in the order of the input.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{channel, sync_channel};

/// How far results may run ahead of the slowest piece, in multiples of the workers.
const AHEAD: usize = 16;

/// Calls `work` for every item on `workers` threads, and `take` with each item and result, in the order of the input. So many
/// items are held as may run ahead of the slowest. After the first error of `take` nothing is begun.
///
/// # Errors
/// The first error of `take`.
pub(crate) fn crowd<I: Send, T: Send, E>(
    items: impl Iterator<Item = I> + Send,
    workers: usize,
    work: impl Fn(&I) -> T + Sync,
    mut take: impl FnMut(I, T) -> Result<(), E>,
) -> Result<(), E> {
    let workers = workers.max(1);
    let is_over = AtomicBool::new(false);
    let (permits, permitted) = sync_channel::<()>(workers * AHEAD);
    let (items_out, items_in) = channel::<(usize, I)>();
    let items_in = Mutex::new(items_in);
    let (results_out, results_in) = channel();
    std::thread::scope(|scope| {
        scope.spawn({
            let is_over = &is_over;
            move || {
                for item in items.enumerate() {
                    if permits.send(()).is_err() || is_over.load(Ordering::Relaxed) || items_out.send(item).is_err() {
                        return;
                    }
                }
            }
        });
        for _ in 0..workers {
            let (results_out, items_in, work, is_over) = (results_out.clone(), &items_in, &work, &is_over);
            scope.spawn(move || {
                loop {
                    let next = items_in.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
                    let Ok((index, item)) = next else { return };
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    let result = work(&item);
                    if results_out.send((index, item, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(results_out);
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for (index, item, result) in results_in {
            waiting.insert(index, (item, result));
            while let Some((item, result)) = waiting.remove(&next) {
                next += 1;
                let _ = permitted.try_recv();
                if let Err(error) = take(item, result) {
                    is_over.store(true, Ordering::Relaxed);
                    // The reader may wait for a permit.
                    drop(permitted);
                    return Err(error);
                }
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::crowd;
    use std::time::Duration;

    #[test]
    fn results_come_in_order_whatever_is_slow_and_an_error_ends_it() {
        for workers in [1, 3, 16] {
            let mut seen = vec![];
            let work = |i: &u64| {
                std::thread::sleep(Duration::from_micros(if i.is_multiple_of(7) { 900 } else { 10 }));
                i * 2
            };
            let all = crowd(0..400u64, workers, work, |i, doubled| {
                seen.push(i);
                if doubled == 2 * i { Ok(()) } else { Err(i) }
            });
            assert_eq!((all, seen), (Ok(()), (0..400).collect::<Vec<_>>()));
            assert_eq!(crowd(0..u64::MAX, workers, work, |i, _| if i < 50 { Ok(()) } else { Err(i) }), Err(50));
        }
    }
}
