//! What a cloud's images are, for people with a browser: who made them, what proves that, how old they are, until when
//! they are supported.
//!
//! One implementation for every cloud: it speaks to an image service over HTTP and nothing else, be that somebody else's
//! or our own. [`router`] gives the pages as a router, to be served alone or mounted under a path of another service.
//!
//! Pages are HTML made here, and work without a script. View models are pure and take the day as an argument
//! (`view`); what talks to the cloud is around them (`page`, `upload`, `proving`).

mod activity;
mod app;
mod fault;
mod form;
mod guard;
pub mod limits;
mod listing;
mod options;
mod page;
mod proving;
mod router;
mod session;
mod token;
mod upload;
mod view;
mod visitor;

pub use options::{Now, Options, Place, Proving, Public};
pub use router::router;
