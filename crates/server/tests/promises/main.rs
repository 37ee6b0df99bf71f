//! What the service promises of its records and bytes: on SQLite and PostgreSQL, in files and in an object store.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

mod blob_store;
mod collection;
mod import;
mod metadefs;
mod moto;
mod postgres;
mod races;
mod rig;
mod scrub;
mod upload;
