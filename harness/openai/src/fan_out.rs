//! Many requests under way at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

/// Does `count` jobs, `workers` at a time, and hands on each result as it comes. After the first error no job is begun;
/// those under way are waited for, and their results are handed on too.
///
/// # Errors
/// The error of the first job, by number, that failed.
pub(crate) fn fan_out<T: Send, E: Send>(
    count: usize,
    workers: usize,
    job: impl Fn(usize) -> Result<T, E> + Sync,
    done: &mut dyn FnMut(usize, T),
) -> Result<(), E> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel();
    let mut first: Option<(usize, E)> = None;
    std::thread::scope(|scope| {
        for _ in 0..workers.clamp(1, count.max(1)) {
            let (sender, job, next, failed) = (sender.clone(), &job, &next, &failed);
            scope.spawn(move || {
                while !failed.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    let result = job(index);
                    failed.fetch_or(result.is_err(), Ordering::Relaxed);
                    if sender.send((index, result)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        for (index, result) in receiver {
            match result {
                Ok(answer) => done(index, answer),
                Err(error) if first.as_ref().is_none_or(|(known, _)| index < *known) => first = Some((index, error)),
                Err(_) => {}
            }
        }
    });
    first.map_or(Ok(()), |(_, error)| Err(error))
}
