//! An HTTP/1.1 server on loopback for tests: a function from request to reply, and replies that misbehave on demand; and a
//! hub made of it. A server ends when it is dropped.

mod hub;
mod server;

pub use hub::FakeHub;
pub use server::{Reply, Request, Server};
