//! What the guest asks of the host, and the Python module `host` that offers it.

pub(crate) use host::module_def;

mod phi {
    #[link(wasm_import_module = "phi")]
    unsafe extern "C" {
        pub(super) safe fn sleep(nanoseconds: u64);
        pub(super) safe fn exit(code: i32);
        pub(super) fn deceived(how: *const u8, length: usize);
        pub(super) fn write(to_stderr: u32, bytes: *const u8, length: usize);
        pub(super) fn report(
            kind: *const u8,
            kind_length: usize,
            exception: *const u8,
            exception_length: usize,
            message: *const u8,
            message_length: usize,
            traceback: *const u8,
            traceback_length: usize,
            code: i32,
        );
    }
}

/// Gives bytes to the host's bounded buffer.
pub(crate) fn write_out(to_stderr: bool, bytes: &[u8]) {
    // SAFETY: the host only reads the slice.
    unsafe { phi::write(u32::from(to_stderr), bytes.as_ptr(), bytes.len()) }
}

/// Tells the host how a program that didn't pass ended.
pub(crate) fn report_out(kind: &str, exception: &str, message: &str, traceback: &str, code: i32) {
    // SAFETY: the host only reads the slices.
    unsafe {
        phi::report(
            kind.as_ptr(),
            kind.len(),
            exception.as_ptr(),
            exception.len(),
            message.as_ptr(),
            message.len(),
            traceback.as_ptr(),
            traceback.len(),
            code,
        )
    }
}

#[rustpython_vm::pymodule]
mod host {
    use rustpython_vm::builtins::PyStrRef;
    use rustpython_vm::function::ArgBytesLike;

    #[pyfunction]
    fn sleep(nanoseconds: u64) {
        super::phi::sleep(nanoseconds)
    }

    #[pyfunction]
    fn exit(code: i32) {
        super::phi::exit(code)
    }

    #[pyfunction]
    fn deceived(how: PyStrRef) {
        let how = how.to_string_lossy();
        // SAFETY: the host only reads the slice.
        unsafe { super::phi::deceived(how.as_ptr(), how.len()) }
    }

    #[pyfunction]
    fn write(to_stderr: bool, bytes: ArgBytesLike) {
        bytes.with_ref(|bytes| super::write_out(to_stderr, bytes))
    }

    #[pyfunction]
    fn report(kind: PyStrRef, exception: PyStrRef, message: PyStrRef, traceback: PyStrRef, code: i32) {
        super::report_out(
            &kind.to_string_lossy(),
            &exception.to_string_lossy(),
            &message.to_string_lossy(),
            &traceback.to_string_lossy(),
            code,
        )
    }
}
