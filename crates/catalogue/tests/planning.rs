//! Plans against a model of a cloud: what they do, what they never do, and that an end at any call heals.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "reading/check.rs"]
mod check;
#[path = "planning/files.rs"]
mod files;
#[path = "planning/frozen.rs"]
mod frozen;
#[path = "planning/model.rs"]
mod model;
#[path = "planning/promises.rs"]
mod promises;
#[path = "planning/rotation.rs"]
mod rotation;
#[path = "planning/saved.rs"]
mod saved;
#[path = "planning/world.rs"]
mod world;
