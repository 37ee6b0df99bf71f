//! Who may do what: users, projects, roles and tokens, in the words of Keystone v3.

mod caller;
pub mod keystone;
pub mod limits;
pub mod own;

pub use caller::{Caller, CallerFuture, Identity, Refusal};
