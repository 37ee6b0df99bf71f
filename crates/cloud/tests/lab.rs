//! Promises that only a real Keystone and Glance can hold us to. Skipped without a lab (`ECTYPE_TEST_LAB`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

#[path = "lab/cache.rs"]
mod cache;
#[path = "lab/images.rs"]
mod images;
#[path = "lab/lists.rs"]
mod lists;
#[path = "lab/login.rs"]
mod login;
#[path = "lab/rig.rs"]
mod rig;
