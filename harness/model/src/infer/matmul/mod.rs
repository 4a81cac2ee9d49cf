//! Products of rows with stored weights, whose bits depend on a row and the weights alone.
//!
//! `gemm` chooses its blocking, and with it the order of additions, by the number of rows. Here an output is a sum over
//! blocks of 512 of the inner dimension, in order, each block summed as [`kernel`] says. Rows of `x` are packed once a
//! call; rows of `w` are widened twelve at a time into a panel that stays in the first-level cache while all rows of
//! `x` pass by, so that weights are read once whatever their format, and few rows cost no more than reading them.

mod kernel;
mod lanes;

use crate::math::vectorised;
use crate::weights::{Linear, Matrix};
use kernel::{COLS, Kernel, LINE, MOST_ROWS, WTile, XTile, fetch_ahead};
use rayon::prelude::*;
use std::ops::Range;

/// Length of a block of the inner dimension; whole blocks of every stored format.
const BLOCK: usize = 512;

/// Rows of `w` that are widened together.
const PANEL: usize = 3 * COLS;

/// What happens to the old contents of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Onto {
    /// They are replaced.
    Nothing,
    /// The product is added to them.
    Old,
}

/// Rows of `x`, packed for the kernel: tile by tile, in it block by block, in it `[step][row][lane]`, the last block
/// filled up with zeros.
struct Packed {
    data: Vec<f32>,
    rows: usize,
    inputs: usize,
    kernel: Kernel,
}

impl Packed {
    fn new(x: &[f32], inputs: usize, kernel: Kernel) -> Packed {
        let rows = x.len() / inputs;
        let padded = inputs.next_multiple_of(kernel.lanes);
        let mut data = vec![0.0; rows * padded];
        let (tile_len, x_len) = (kernel.rows * padded, kernel.rows * inputs);
        let pack = |(tile, x): (&mut [f32], &[f32])| {
            let rows = x.len() / inputs;
            for (r, row) in x.chunks_exact(inputs).enumerate() {
                for (step, chunk) in row.chunks(kernel.lanes).enumerate() {
                    tile[(step * rows + r) * kernel.lanes..][..chunk.len()].copy_from_slice(chunk);
                }
            }
        };
        let tiles_a_task = (PACK_WORK / x_len).max(1);
        data.par_chunks_mut(tile_len * tiles_a_task).zip(x.par_chunks(x_len * tiles_a_task)).for_each(|(data, x)| {
            data.chunks_mut(tile_len).zip(x.chunks(x_len)).for_each(pack);
        });
        Packed { data, rows, inputs, kernel }
    }

    fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let inputs = self.inputs;
        (0..inputs).step_by(BLOCK).map(move |at| at..(at + BLOCK).min(inputs))
    }

    fn steps(&self, block: &Range<usize>) -> usize {
        block.len().div_ceil(self.kernel.lanes)
    }

    fn tile(&self, block: &Range<usize>, first: usize, rows: usize) -> XTile<'_> {
        // Blocks before this one are whole, so their padded length is their length.
        let at = first * self.inputs.next_multiple_of(self.kernel.lanes) + rows * block.start;
        XTile { data: &self.data[at..at + rows * self.steps(block) * self.kernel.lanes], rows }
    }
}

/// Numbers that are worth packing in a task of their own.
const PACK_WORK: usize = 1 << 16;

/// The output, `[rows, width]`, of which several threads write disjoint columns.
#[derive(Clone, Copy)]
struct Out {
    data: *mut f32,
    width: usize,
}

// SAFETY: the threads that share it write disjoint columns (`linear` cuts the columns up), and it lives no longer than
// the mutable borrow that it was made of.
unsafe impl Send for Out {}
// SAFETY: as above.
unsafe impl Sync for Out {}

impl Out {
    /// Columns of one row.
    ///
    /// # Safety
    /// The row and the columns lie in the output, and no one else holds any of these columns.
    #[allow(clippy::mut_from_ref)]
    unsafe fn columns(&self, row: usize, columns: Range<usize>) -> &mut [f32] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.data.add(row * self.width + columns.start), columns.len()) }
    }
}

/// Outputs of one part of a layer that one task computes.
struct Task<'l> {
    weight: &'l Matrix,
    bias: Option<&'l [f32]>,
    rows: Range<usize>,
    /// Column of the output that weight row 0 of this part belongs to.
    column: usize,
}

/// `out[rows, outputs] = x[rows, inputs] w^T + b`, or that added to `out`. Uses the threads of the current rayon pool.
pub(crate) fn linear(out: &mut [f32], onto: Onto, x: &[f32], layer: &Linear) {
    let (inputs, width) = (layer.inputs(), layer.outputs());
    let rows = x.len() / inputs;
    assert!(x.len() == rows * inputs && out.len() == rows * width, "x and out are rows of the layer's widths");
    if rows == 0 || width == 0 {
        return;
    }
    let packed = Packed::new(x, inputs, Kernel::of_this_machine());
    let out = Out { data: out.as_mut_ptr(), width };
    let tasks = tasks(layer, rows);
    let run = |task: &Task<'_>| {
        // SAFETY: tasks hold disjoint columns, which lie inside the output, as the shapes were checked.
        unsafe { run(task, &packed, out, onto) }
    };
    match tasks.as_slice() {
        [one] => run(one),
        many => many.par_iter().with_max_len(1).for_each(run),
    }
}

/// Multiply-adds that are worth a task of their own.
const TASK_WORK: usize = 1 << 18;

/// Cuts a layer's outputs up for the threads, a few times finer than there are threads, so that a thread that is held
/// up doesn't hold up the others.
fn tasks(layer: &Linear, rows: usize) -> Vec<Task<'_>> {
    let threads = rayon::current_num_threads();
    let by_work = (rows * layer.inputs() * layer.outputs() / TASK_WORK).max(1);
    let wanted = if threads == 1 { 1 } else { (4 * threads).min(by_work) };
    let most = layer.outputs().div_ceil(wanted).next_multiple_of(PANEL);
    let mut tasks = Vec::new();
    let mut column = 0;
    for part in layer.parts() {
        for start in (0..part.weight.rows()).step_by(most) {
            let rows = start..(start + most).min(part.weight.rows());
            tasks.push(Task { weight: &part.weight, bias: part.bias.as_deref(), rows, column });
        }
        column += part.weight.rows();
    }
    tasks
}

/// Weights that come next, fetched into the second-level cache a few lines at a time while the present ones are
/// multiplied: reading and arithmetic overlap.
struct Ahead<'w> {
    weight: &'w Matrix,
    /// Rows that are left.
    rows: Range<usize>,
    block: Range<usize>,
    /// The current row's next line, and its lines that are left.
    next: *const u8,
    left: usize,
}

impl<'w> Ahead<'w> {
    fn new(weight: &'w Matrix, rows: Range<usize>, block: Range<usize>) -> Ahead<'w> {
        Ahead { weight, rows, block, next: std::ptr::null(), left: 0 }
    }

    fn lines(&self) -> usize {
        let bytes = self.weight.format().bytes(self.block.len());
        self.rows.len() * bytes.div_ceil(LINE)
    }

    #[inline]
    fn fetch(&mut self, lines: usize) {
        for _ in 0..lines {
            if self.left == 0 {
                let Some(row) = self.rows.next() else { return };
                let (start, bytes) = self.weight.address(row, &self.block);
                (self.next, self.left) = (start, bytes.div_ceil(LINE));
            }
            fetch_ahead(self.next);
            self.next = self.next.wrapping_add(LINE);
            self.left -= 1;
        }
    }
}

/// Rows of `x` whose block stays in the second-level cache while panels pass by; whole tiles of every kernel.
const GROUP_ROWS: usize = 96;

/// # Safety
/// `out` has the packed rows and the task's columns, and no one else holds these columns.
unsafe fn run(task: &Task<'_>, x: &Packed, out: Out, onto: Onto) {
    let columns = task.column + task.rows.start..task.column + task.rows.end;
    for row in 0..x.rows {
        // SAFETY: the caller's promise.
        let out = unsafe { out.columns(row, columns.clone()) };
        begin(out, onto, task.bias.map(|bias| &bias[task.rows.clone()]));
    }
    let mut panel = vec![0.0f32; PANEL * BLOCK];
    for block in x.blocks() {
        for group in (0..x.rows).step_by(GROUP_ROWS) {
            let group = group..(group + GROUP_ROWS).min(x.rows);
            for start in task.rows.clone().step_by(PANEL) {
                let rows = start..(start + PANEL).min(task.rows.end);
                // SAFETY: the caller's promise.
                unsafe { panel_products(task, x, out, &mut panel, &block, &group, &rows) };
            }
        }
    }
}

/// Adds the products of one block of some rows of `x` with a panel's rows of `w`.
///
/// # Safety
/// As [`run`]'s.
unsafe fn panel_products(
    task: &Task<'_>,
    x: &Packed,
    out: Out,
    panel: &mut [f32],
    block: &Range<usize>,
    group: &Range<usize>,
    rows: &Range<usize>,
) {
    let (kernel, steps) = (x.kernel, x.steps(block));
    let padded = steps * kernel.lanes;
    // A single tile of rows gains nothing from a panel in the cache.
    let one_tile = x.rows <= kernel.rows && block.len() == padded && rows.len().is_multiple_of(COLS);
    let direct = if one_tile { task.weight.as_f32() } else { None };
    if direct.is_none() {
        fill(panel, task.weight, rows, block, padded);
    }
    let next = rows.end..(rows.end + PANEL).min(task.rows.end);
    let mut ahead = Ahead::new(task.weight, next, block.clone());
    let calls = group.len().div_ceil(kernel.rows) * rows.len().div_ceil(COLS);
    let lines_a_call = ahead.lines().div_ceil(calls);
    for first in group.clone().step_by(kernel.rows) {
        let tile_rows = kernel.rows.min(group.end - first);
        let x_tile = x.tile(block, first, tile_rows);
        for quad in (0..rows.len()).step_by(COLS) {
            let w_tile = match direct {
                Some(all) => {
                    let cols = task.weight.cols();
                    WTile { data: &all[(rows.start + quad) * cols + block.start..], stride: cols }
                }
                None => WTile { data: &panel[quad * padded..], stride: padded },
            };
            ahead.fetch(lines_a_call);
            let mut sums = [[0.0; COLS]; MOST_ROWS];
            kernel.products(x_tile, w_tile, steps, &mut sums);
            let width = COLS.min(rows.len() - quad);
            for (row, sums) in sums[..tile_rows].iter().enumerate() {
                let at = task.column + rows.start + quad;
                // SAFETY: the caller's promise.
                let out = unsafe { out.columns(first + row, at..at + width) };
                out.iter_mut().zip(sums).for_each(|(o, s)| *o += s);
            }
        }
    }
}

/// What an output is before the products are added.
fn begin(out: &mut [f32], onto: Onto, bias: Option<&[f32]>) {
    match (onto, bias) {
        (Onto::Nothing, None) => out.fill(0.0),
        (Onto::Nothing, Some(bias)) => out.copy_from_slice(bias),
        (Onto::Old, None) => {}
        (Onto::Old, Some(bias)) => out.iter_mut().zip(bias).for_each(|(o, b)| *o += b),
    }
}

/// Widens a block of some weight rows into the panel; what is beyond them is zero.
fn fill(panel: &mut [f32], weight: &Matrix, rows: &Range<usize>, block: &Range<usize>, padded: usize) {
    for (i, row) in panel[..PANEL * padded].chunks_exact_mut(padded).enumerate() {
        let (numbers, beyond) = row.split_at_mut(block.len());
        beyond.fill(0.0);
        if i < rows.len() {
            vectorised(
                #[inline(always)]
                || weight.widen(rows.start + i, block.clone(), numbers),
            );
        } else {
            numbers.fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests;
