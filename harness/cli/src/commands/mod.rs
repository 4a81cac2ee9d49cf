//! One file a command.

mod ablate;
mod check;
mod compare;
mod corpus;
mod eval;
mod grow;
mod grow_print;
mod report;
mod runs;
mod sandbox;
mod score;
mod tasks;
mod track;
mod train;
mod train_flags;
mod train_progress;
mod train_scorer;

use crate::exit::Exit;
use clap::Subcommand;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Ablate(ablate::Ablate),
    Eval(Box<eval::Eval>),
    Score(score::Score),
    Train(Box<train::Train>),
    Grow(grow::Grow),
    Corpus(corpus::Corpus),
    Tasks(tasks::Tasks),
    Sandbox(sandbox::SandboxCommand),
    Report(report::Report),
    Runs(runs::Runs),
    Compare(compare::Compare),
    Check(check::Check),
    Track(track::Track),
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever kept it from an answer.
    pub fn run(self) -> anyhow::Result<Exit> {
        match self {
            Command::Ablate(c) => c.run(),
            Command::Eval(c) => c.run(),
            Command::Score(c) => c.run(),
            Command::Train(c) => c.run(),
            Command::Grow(c) => c.run(),
            Command::Corpus(c) => c.run(),
            Command::Tasks(c) => c.run(),
            Command::Sandbox(c) => c.run(),
            Command::Report(c) => c.run(),
            Command::Runs(c) => c.run(),
            Command::Compare(c) => c.run(),
            Command::Check(c) => c.run(),
            Command::Track(c) => c.run(),
        }
    }
}
