//! A device's numbers beside the processor's, and its speed: `device_numbers cuda|cpu [reference|phi-1-small] [STEPS]`.
//!
//! Prints a JSON line for each check and for each timing. Exit code 1 where a check fails, 4 where there is no such device.
//! `tests/peers/cuda_check.sh` runs it beside PyTorch. On `cpu` it is candle's CPU device, to see that the program itself works.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program prints")]

mod check;
mod time;

use phi_candle::{Accelerator, DeviceError, Precision};
use std::error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            let no_device = error.downcast_ref::<DeviceError>().is_some();
            ExitCode::from(if no_device { 4 } else { 2 })
        }
    }
}

/// Whether all checks hold.
fn run(arguments: &[String]) -> Result<bool, Box<dyn Error>> {
    let argument = |i: usize, default: &str| arguments.get(i).map_or(default.to_owned(), Clone::clone);
    let workload = time::Workload::named(&argument(1, "reference")).ok_or("give reference or phi-1-small")?;
    let steps = argument(2, "20").parse()?;
    let open = |precision| match argument(0, "").as_str() {
        "cuda" => Ok::<_, Box<dyn Error>>(Accelerator::cuda(0, precision)?),
        "cpu" => Ok(Accelerator::cpu(precision)),
        _ => Err("give cuda or cpu, then reference or phi-1-small".into()),
    };
    let mut holds = true;
    for precision in [Precision::F32, Precision::Bf16] {
        holds &= check::all(&open(precision)?, precision)?;
    }
    for precision in [Precision::F32, Precision::Bf16] {
        time::training(&open(precision)?, precision, &workload, steps)?;
    }
    Ok(holds)
}
