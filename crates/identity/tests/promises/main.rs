//! The promises of the identity service, each on SQLite and on PostgreSQL; where there is a lab, compared with Keystone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod anybody;
mod clients;
mod first;
mod hostile;
mod judge;
mod postgres;
mod rig;
mod same;
mod walk;
