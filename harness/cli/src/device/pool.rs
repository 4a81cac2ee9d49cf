//! The devices that the steps of an ablation are spread over.

use super::{Device, DeviceRefused, open};
use phi_ablation::GpuSlot;
use phi_train::{Precision, TrainError};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Where steps are computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Devices {
    /// On the processor.
    Cpu,
    /// On all GPUs that the driver shows.
    AllGpus,
    /// On the GPUs of these numbers.
    Gpus(BTreeSet<usize>),
}

/// What the driver calls a number that no GPU has.
const NO_SUCH_NUMBER: &str = "INVALID_DEVICE";

impl Devices {
    /// The GPUs, each of which was opened once to see that it is there.
    ///
    /// # Errors
    /// One of them can't be opened, there is none, or this build knows none.
    pub fn gpus(&self) -> Result<Vec<GpuSlot>, DeviceRefused> {
        match self {
            Devices::Cpu => Ok(Vec::new()),
            Devices::Gpus(numbers) => {
                numbers.iter().map(|&number| open(number, Precision::F32).map(|_| slot(number))).collect()
            }
            Devices::AllGpus => {
                let mut slots = Vec::new();
                loop {
                    match open(slots.len(), Precision::F32) {
                        Ok(_) => slots.push(slot(slots.len())),
                        Err(DeviceRefused::Failed { reason, .. })
                            if !slots.is_empty() && reason.contains(NO_SUCH_NUMBER) =>
                        {
                            return Ok(slots);
                        }
                        Err(error) => return Err(error),
                    }
                }
            }
        }
    }
}

/// The GPU of this number, which each step opens for itself: what a step has on it is gone with the step.
pub fn slot(number: usize) -> GpuSlot {
    let open = move |precision| open(number, precision).map_err(|error| TrainError::Device(Box::new(error)));
    GpuSlot::new(Device::Cuda(number).to_string(), open)
}

impl FromStr for Devices {
    type Err = String;

    fn from_str(text: &str) -> Result<Devices, String> {
        let numbers = match text {
            "cpu" => return Ok(Devices::Cpu),
            "cuda" => return Ok(Devices::AllGpus),
            other => other.strip_prefix("cuda:").unwrap_or_default(),
        };
        let mut found = BTreeSet::new();
        for number in numbers.split(',') {
            let number = number.parse().map_err(|_| "give cpu, cuda, or cuda:N,N...".to_owned())?;
            if !found.insert(number) {
                return Err(format!("{number} stands twice; a GPU computes one step at a time"));
            }
        }
        Ok(Devices::Gpus(found))
    }
}

impl fmt::Display for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Devices::Cpu => f.write_str("cpu"),
            Devices::AllGpus => f.write_str("cuda"),
            Devices::Gpus(numbers) => {
                let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
                write!(f, "cuda:{}", numbers.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_written_as_they_are_read_and_what_makes_no_sense_is_refused() {
        for text in ["cpu", "cuda", "cuda:0", "cuda:0,3"] {
            assert_eq!(text.parse().map(|devices: Devices| devices.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "gpu", "cuda:", "cuda:0,", "cuda:-1", "cuda:1,1", "cuda:0-3"] {
            assert!(text.parse::<Devices>().is_err(), "{text:?}");
        }
    }
}
