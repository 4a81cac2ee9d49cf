//! Inference: a described model on weights where they lie, over sequences that share their beginnings.

mod attention;
mod elementwise;
mod forward;
mod kv;
pub(crate) mod matmul;

pub(crate) use forward::{LOGIT_ROWS, Network, Span};
pub(crate) use kv::{KvCache, NodeId};
