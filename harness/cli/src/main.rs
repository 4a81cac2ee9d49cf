//! The binary `phi-bench`: parses, calls, prints. One file a command; no logic here.

mod commands;
mod count_bar;
mod device;
mod download_bar;
mod env;
mod eval_output;
mod exit;
mod git;
mod interrupt;
mod limit_flags;
mod machine;
mod model_flags;
mod model_source;
mod printer;
mod progress;
mod request_flags;
mod run_source;
mod score_table;
mod server_flags;
mod stores;
mod task_flags;
mod text_table;

use clap::Parser;
use commands::Command;
use exit::classify;
use std::process::ExitCode;

/// Trains, grows and judges small language models, and says with statistics what helped.
#[derive(Debug, Parser)]
#[command(name = "phi-bench", version, after_help = env::HELP, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let exit = cli.command.run().unwrap_or_else(|error| {
        let exit = classify(&error);
        printer::error(&error, exit);
        exit
    });
    exit.into()
}
