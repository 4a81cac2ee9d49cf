//! Phi checkpoints, the trainable decoder and the inference engine.
