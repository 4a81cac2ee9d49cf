//! Optimiser, schedule, training loop, checkpoint and resume.
