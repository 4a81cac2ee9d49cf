//! A matrix that stays where it is stored.

use super::Format;
use std::ops::Range;
use std::sync::Arc;

/// What a matrix lies in.
#[derive(Debug, Clone)]
pub(crate) enum Storage {
    /// A mapped file.
    Mapped(Arc<memmap2::Mmap>),
    /// Bytes in memory.
    Bytes(Arc<Vec<u8>>),
    /// Numbers in memory.
    Numbers(Arc<Vec<f32>>),
}

/// A row-major matrix `[rows, cols]` inside a [`Storage`].
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    storage: Storage,
    /// Where its first byte lies in the storage.
    offset: usize,
    format: Format,
    rows: usize,
    cols: usize,
}

impl Matrix {
    /// A matrix inside a storage. `None` unless its bytes lie there and its rows are whole blocks.
    pub(crate) fn stored(
        storage: Storage,
        bytes: Range<usize>,
        format: Format,
        rows: usize,
        cols: usize,
    ) -> Option<Matrix> {
        let matrix = Matrix { storage, offset: bytes.start, format, rows, cols };
        let fits = cols.is_multiple_of(format.block_len())
            && rows.checked_mul(format.bytes(cols))? == bytes.len()
            && bytes.end <= matrix.all_bytes().map_or(0, <[u8]>::len);
        fits.then_some(matrix)
    }

    /// A matrix inside a mapped file; as [`Matrix::stored`].
    pub(crate) fn mapped(
        map: &Arc<memmap2::Mmap>,
        bytes: Range<usize>,
        format: Format,
        rows: usize,
        cols: usize,
    ) -> Option<Matrix> {
        Matrix::stored(Storage::Mapped(Arc::clone(map)), bytes, format, rows, cols)
    }

    /// A matrix of numbers in memory.
    pub(crate) fn owned(data: Arc<Vec<f32>>, rows: usize, cols: usize) -> Matrix {
        assert_eq!(data.len(), rows * cols, "the numbers fill the matrix");
        Matrix { storage: Storage::Numbers(data), offset: 0, format: Format::F32, rows, cols }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn cols(&self) -> usize {
        self.cols
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// The storage's bytes; none where it holds numbers.
    fn all_bytes(&self) -> Option<&[u8]> {
        match &self.storage {
            Storage::Mapped(map) => Some(map),
            Storage::Bytes(bytes) => Some(bytes),
            Storage::Numbers(_) => None,
        }
    }

    /// The bytes of one row; none where numbers are stored.
    #[inline(always)]
    pub(crate) fn row_bytes(&self, row: usize) -> Option<&[u8]> {
        let len = self.format.bytes(self.cols);
        Some(&self.all_bytes()?[self.offset + row * len..self.offset + (row + 1) * len])
    }

    /// The numbers as they lie, where they are f32 that this machine can read in place.
    pub(crate) fn as_f32(&self) -> Option<&[f32]> {
        let len = self.rows * self.cols;
        if let Storage::Numbers(data) = &self.storage {
            return Some(&data[self.offset / 4..self.offset / 4 + len]);
        }
        if self.format != Format::F32 || cfg!(target_endian = "big") {
            return None;
        }
        let bytes = &self.all_bytes()?[self.offset..self.offset + 4 * len];
        // SAFETY: every bit pattern is an f32, and only what is aligned is taken as such.
        let (before, numbers, _) = unsafe { bytes.align_to::<f32>() };
        before.is_empty().then_some(numbers)
    }

    /// Widens numbers `cols` (whole blocks) of a row.
    #[inline(always)]
    pub(crate) fn widen(&self, row: usize, cols: Range<usize>, out: &mut [f32]) {
        match (&self.storage, self.row_bytes(row)) {
            (_, Some(bytes)) => {
                self.format.widen(&bytes[self.format.bytes(cols.start)..self.format.bytes(cols.end)], out);
            }
            (Storage::Numbers(data), None) => {
                out.copy_from_slice(&data[self.offset / 4 + row * self.cols..][cols]);
            }
            (_, None) => unreachable!("bytes have rows of bytes"),
        }
    }

    /// Where a stretch of a row lies, and its bytes: for fetching it ahead.
    pub(crate) fn address(&self, row: usize, cols: &Range<usize>) -> (*const u8, usize) {
        let bytes = self.format.bytes(cols.start)..self.format.bytes(cols.end);
        let start = match (&self.storage, self.row_bytes(row)) {
            (_, Some(row)) => row[bytes.clone()].as_ptr(),
            (Storage::Numbers(data), None) => {
                data[self.offset / 4 + row * self.cols..][cols.clone()].as_ptr().cast::<u8>()
            }
            (_, None) => unreachable!("bytes have rows of bytes"),
        };
        (start, bytes.len())
    }

    /// All numbers, widened.
    pub(crate) fn to_vec(&self) -> Vec<f32> {
        let mut all = vec![0.0; self.rows * self.cols];
        for (row, out) in all.chunks_exact_mut(self.cols.max(1)).enumerate() {
            self.widen(row, 0..self.cols, out);
        }
        all
    }

    /// The transpose, in memory.
    pub(crate) fn transposed(&self) -> Matrix {
        let all = self.to_vec();
        let mut turned = vec![0.0; all.len()];
        for (r, row) in all.chunks_exact(self.cols.max(1)).enumerate() {
            for (c, x) in row.iter().enumerate() {
                turned[c * self.rows + r] = *x;
            }
        }
        Matrix::owned(Arc::new(turned), self.cols, self.rows)
    }
}
