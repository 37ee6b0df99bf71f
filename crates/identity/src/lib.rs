//! Who may do what: users, projects, roles and tokens, in the words of Keystone v3.

mod anybody;
mod caller;
pub mod keystone;
pub mod limits;
pub mod own;

pub use anybody::Anybody;
pub use caller::{Caller, CallerFuture, Identity, Refusal};
