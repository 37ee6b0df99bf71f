//! What is written: `qemu-img` finds nothing to say about it, and it is the same each time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    dead_code,
    missing_docs
)]

mod back;
mod files;
mod made;
mod oracle;
#[path = "../promises/pattern.rs"]
mod pattern;
mod plan;
mod property;
#[path = "../promises/qemu.rs"]
mod qemu;
mod same;
#[path = "../promises/ways.rs"]
mod ways;
