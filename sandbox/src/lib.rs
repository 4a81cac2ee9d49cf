//! Runs untrusted Python in WebAssembly and says how it ended.
