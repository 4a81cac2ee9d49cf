//! Makes a large checkpoint out of a small one.
