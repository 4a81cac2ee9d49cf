//! RustPython as a sandbox guest.
