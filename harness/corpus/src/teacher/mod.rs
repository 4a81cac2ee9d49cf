//! A language model behind a server, that labels documents and writes new ones.
//!
//! - [`Teacher`]: a question and its answer, which is kept as soon as it comes and never paid for twice.
//! - [`Budget`] and [`Spending`]: what a job may cost, and what it has.
//! - [`Forecast`]: what a job will cost, before it begins.

mod budget;
mod error;
mod forecast;
mod ledger;
mod question;
mod reply;

mod ask;

pub use ask::{Answer, Teacher, TeacherOptions};
pub use budget::{Budget, Prices, Spending};
pub use error::TeacherError;
pub use forecast::Forecast;
pub use question::Question;
pub use reply::json_object;
