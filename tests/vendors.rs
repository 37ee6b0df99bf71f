//! Vendors from outside: what they publish now, and their images fetched, with `tests/world` in their place.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "vendors/fetch.rs"]
mod fetch;
#[path = "../crates/origin/tests/gpg/home.rs"]
mod home;
#[path = "serve/mount.rs"]
mod mount;
#[path = "vendors/newest.rs"]
mod newest;
#[path = "verify/run.rs"]
mod run;
#[path = "vendors/shop.rs"]
mod shop;
#[path = "vendors/signed.rs"]
mod signed;
