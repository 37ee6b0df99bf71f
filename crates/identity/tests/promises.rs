//! The promises of the identity service, each on SQLite and on PostgreSQL; where there is a lab, compared with Keystone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

#[path = "promises/first.rs"]
mod first;
#[path = "promises/postgres.rs"]
mod postgres;
#[path = "promises/rig.rs"]
mod rig;
