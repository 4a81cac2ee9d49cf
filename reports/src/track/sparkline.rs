//! A series in a line of text.

/// Columns of a line, at most.
const WIDTH: usize = 40;

/// The last values of a series as blocks from `▁` to `█`; `|` stands before each position in `marks`.
pub fn sparkline(values: &[f64], marks: &[usize]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let first = values.len().saturating_sub(WIDTH);
    let shown = &values[first..];
    let low = shown.iter().copied().fold(f64::INFINITY, f64::min);
    let high = shown.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut out = String::new();
    for (i, value) in shown.iter().enumerate() {
        if marks.contains(&(first + i)) {
            out.push('|');
        }
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        out.push(BLOCKS[((share * 8.0) as usize).min(7)]);
    }
    out
}
