//! What can go wrong on a device.

/// Why something could not be computed on a device.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// This build has no CUDA in it.
    #[error("this phi-bench was built without CUDA: build it with `--features cuda` (docs/src/gpu.md says how)")]
    NotBuilt,
    /// There is no such GPU, or no driver that knows of it.
    #[error("CUDA device {index} can't be used: {reason}; `nvidia-smi` lists the devices that there are")]
    NoDevice {
        /// The number that was asked for.
        index: usize,
        /// What the driver says.
        reason: String,
    },
    /// The device's memory is full.
    #[error("the device has no memory left ({0}); give fewer rows or tokens at once, or a smaller model")]
    OutOfMemory(String),
    /// The model is of a kind that isn't supported on a device.
    #[error("{0}")]
    Unsupported(String),
    /// Anything else that the device or its library says.
    #[error("the device failed: {0}")]
    Failed(String),
}

impl From<candle_core::Error> for DeviceError {
    fn from(error: candle_core::Error) -> DeviceError {
        let error = without_backtrace(error);
        let text = error.to_string();
        // The driver's own name for it is the same in every version; candle has no variant for it.
        if text.contains("OUT_OF_MEMORY") || text.contains("ALLOC_FAILED") {
            return DeviceError::OutOfMemory(text);
        }
        match error {
            candle_core::Error::NotCompiledWithCudaSupport => DeviceError::NotBuilt,
            _ => DeviceError::Failed(text),
        }
    }
}

/// candle's error as it was before candle put a backtrace around it, which it does where `RUST_BACKTRACE` is set: a message is
/// for the user.
pub(crate) fn without_backtrace(error: candle_core::Error) -> candle_core::Error {
    match error {
        candle_core::Error::WithBacktrace { inner, .. } => without_backtrace(*inner),
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::backtrace::Backtrace;

    #[test]
    fn a_message_has_no_backtrace_and_an_error_under_one_is_known() {
        let wrapped = |inner| candle_core::Error::WithBacktrace {
            inner: Box::new(inner),
            backtrace: Box::new(Backtrace::force_capture()),
        };
        let said = wrapped(wrapped(candle_core::Error::Msg("CUDA_ERROR_NO_DEVICE".into())));
        assert!(said.to_string().lines().count() > 2, "candle prints it");
        assert_eq!(DeviceError::from(said).to_string(), "the device failed: CUDA_ERROR_NO_DEVICE");
        let not_built = wrapped(candle_core::Error::NotCompiledWithCudaSupport);
        assert!(matches!(DeviceError::from(not_built), DeviceError::NotBuilt));
    }
}
