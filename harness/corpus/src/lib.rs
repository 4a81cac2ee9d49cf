//! Documents: sources, generated textbooks and exercises, checking, tokenising, packing.
