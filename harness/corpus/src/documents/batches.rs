//! Reading ahead, and working on all cores with results in the order of the input.

use std::sync::mpsc::sync_channel;

use rayon::prelude::*;

use super::{Read, Record, Skip};
use crate::error::CorpusError;

/// Text of a batch: enough to keep the cores busy, little enough that memory stays flat.
const BATCH_BYTES: usize = 4 << 20;
const BATCH_RECORDS: usize = 2048;

/// Calls `work` for every record on rayon's threads, and `take` with each record and result, in the order of the input.
/// Three batches of 4 MiB of text are in memory at most.
///
/// # Errors
/// The first error of `reads` or `take`, in the order of the input.
pub fn for_each<T: Send>(
    reads: impl Iterator<Item = Result<Read, CorpusError>> + Send,
    work: impl Fn(&Record) -> T + Sync,
    mut take: impl FnMut(Result<(Record, T), Skip>) -> Result<(), CorpusError>,
) -> Result<(), CorpusError> {
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(1);
        scope.spawn(move || {
            let mut batch = vec![];
            let mut bytes = 0;
            for read in reads {
                if let Ok(Read::Record(record)) = &read {
                    bytes += record.document.text.len();
                }
                let is_last = read.is_err();
                batch.push(read);
                if is_last || bytes >= BATCH_BYTES || batch.len() >= BATCH_RECORDS {
                    bytes = 0;
                    // A receiver that is gone has met an error of its own.
                    if sender.send(std::mem::take(&mut batch)).is_err() {
                        return;
                    }
                }
            }
            let _ = sender.send(batch);
        });
        for batch in receiver {
            let results: Vec<_> = batch
                .into_par_iter()
                .with_max_len(8)
                .map(|read| {
                    read.map(|read| match read {
                        Read::Record(record) => {
                            let result = work(&record);
                            Ok((record, result))
                        }
                        Read::Skipped(skip) => Err(skip),
                    })
                })
                .collect();
            for result in results {
                take(result?)?;
            }
        }
        Ok(())
    })
}
