//! The inspector beside OpenStack's own: the same verdict of every file, whatever it is declared to be.
//!
//! Needs Python with oslo.utils and cryptography (`ECTYPE_TEST_OSLO` names the interpreter; `target/oslo` is looked at
//! too), and qemu-img. Where they are missing, tests say so and are skipped, except in CI.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::print_stderr
)]

mod bytes;
mod documents;
mod hostile;
mod layouts;
mod matrix;
mod mutated;
mod oslo;
mod pieces;
