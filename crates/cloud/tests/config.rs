//! Promises of the configuration: which source wins, what it says, and what is told when it does not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

#[path = "config/bench.rs"]
mod bench;
#[path = "config/errors.rs"]
mod errors;
#[path = "config/oracle.rs"]
mod oracle;
#[path = "config/precedence.rs"]
mod precedence;
#[path = "config/text.rs"]
mod text;
