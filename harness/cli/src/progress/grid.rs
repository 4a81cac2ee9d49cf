//! A line for each arm and seed: where each of its steps is, and how its loss falls.

use phi_ablation::{Cell, Plan, StepProgress};

/// Points of a sparkline.
const SPARK: usize = 16;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Where a step is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Mark {
    #[default]
    Waiting,
    Running {
        /// From 0 to 1.
        fraction: f64,
        /// The losses so far, thinned out.
        losses: Vec<f64>,
    },
    Done,
    Failed,
}

/// The grid.
#[derive(Debug, Default)]
pub struct Grid {
    marks: Vec<Mark>,
    costs_s: Vec<f64>,
    corpus: usize,
    cells: Vec<(String, Cell)>,
}

impl Grid {
    pub fn new(plan: &Plan, arms: &[String], done: &[bool]) -> Grid {
        let cells = plan.cells.iter().map(|cell| (format!("{} seed {}", arms[cell.arm], cell.seed), cell.clone()));
        Grid {
            marks: done.iter().map(|done| if *done { Mark::Done } else { Mark::Waiting }).collect(),
            costs_s: plan.steps.iter().map(|step| step.forecast.seconds).collect(),
            corpus: plan.corpus,
            cells: cells.collect(),
        }
    }

    pub fn set(&mut self, step: usize, mark: Mark) {
        self.marks[step] = mark;
    }

    pub fn advance(&mut self, step: usize, progress: &StepProgress) {
        let mut losses = match std::mem::take(&mut self.marks[step]) {
            Mark::Running { losses, .. } => losses,
            _ => Vec::new(),
        };
        let fraction = progress.fraction.clamp(0.0, 1.0);
        if let Some(loss) = progress.loss {
            // One point for each part of the run that a bar stands for.
            let place = ((fraction * SPARK as f64) as usize).min(SPARK - 1);
            losses.truncate(place + 1);
            losses.resize(place + 1, loss);
        }
        self.marks[step] = Mark::Running { fraction, losses };
    }

    /// Seconds' worth of work that the running steps have done.
    pub fn running_s(&self) -> f64 {
        let worth = self.marks.iter().zip(&self.costs_s).map(|(mark, cost)| match mark {
            Mark::Running { fraction, .. } => cost * fraction,
            _ => 0.0,
        });
        worth.sum()
    }

    /// The grid as text of at most so many lines and columns; what is under way comes first.
    pub fn draw(&self, lines: usize, columns: usize) -> String {
        let lines = lines.max(3);
        let width = self.cells.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(32);
        let mut text = vec![format!(
            "{:<width$} data small grow train align  scores   corpus: {}",
            "",
            self.sign(Some(self.corpus)).trim()
        )];
        let mut order: Vec<usize> = (0..self.cells.len()).collect();
        order.sort_by_key(|&i| self.rank(&self.cells[i].1));
        let shown = if order.len() < lines { order.len() } else { lines - 2 };
        text.extend(order[..shown].iter().map(|&i| self.row(&self.cells[i], width)));
        if shown < order.len() {
            text.push(format!("... and {} more", order.len() - shown));
        }
        let cut = |line: &String| line.chars().take(columns.saturating_sub(1).max(20)).collect::<String>();
        text.iter().map(cut).collect::<Vec<_>>().join("\n")
    }

    /// Running cells first, then failed, waiting and done ones.
    fn rank(&self, cell: &Cell) -> u8 {
        let any = |is: fn(&Mark) -> bool| cell.steps().any(|i| is(&self.marks[i]));
        if any(|mark| matches!(mark, Mark::Running { .. })) {
            0
        } else if any(|mark| *mark == Mark::Failed) {
            1
        } else if any(|mark| *mark == Mark::Waiting) {
            2
        } else {
            3
        }
    }

    fn row(&self, (name, cell): &(String, Cell), width: usize) -> String {
        let name: String = name.chars().take(width).collect();
        let scored = cell.evaluate.iter().filter(|&&i| self.marks[i] == Mark::Done).count();
        let scores = format!("{scored}/{}", cell.evaluate.len());
        let columns = [cell.data, cell.small, cell.grow, Some(cell.pretrain), cell.align].map(|step| self.sign(step));
        let losses = [Some(cell.pretrain), cell.align, cell.small].into_iter().flatten().find_map(|step| {
            match &self.marks[step] {
                Mark::Running { losses, .. } if !losses.is_empty() => Some(spark(losses)),
                _ => None,
            }
        });
        format!("{name:<width$} {} {scores:>6}   {}", columns.join(" "), losses.unwrap_or_default())
    }

    fn sign(&self, step: Option<usize>) -> String {
        match step.map(|step| &self.marks[step]) {
            None => "    ".into(),
            Some(Mark::Waiting) => "   ·".into(),
            Some(Mark::Done) => "   ■".into(),
            Some(Mark::Failed) => "   ✗".into(),
            Some(Mark::Running { fraction, .. }) => format!("{:3.0}%", fraction * 100.0),
        }
    }
}

/// Losses as bars, the last one written out.
fn spark(losses: &[f64]) -> String {
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let most = losses.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let bar = |loss: &f64| BARS[((loss - least) / (most - least).max(1e-9) * 7.0).round().clamp(0.0, 7.0) as usize];
    let last = losses.last().copied().unwrap_or(f64::NAN);
    format!("{} {last:.2}", losses.iter().map(bar).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_falling_loss_is_drawn_as_falling_bars() {
        assert_eq!(spark(&[3.0, 2.0, 1.0]), "█▅▁ 1.00");
    }
}
