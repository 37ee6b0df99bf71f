//! Promises about clouds that lie, hang or are none, kept against a world made for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "faults/rig.rs"]
mod rig;
#[path = "faults/service.rs"]
mod service;
#[path = "faults/token.rs"]
mod token;
