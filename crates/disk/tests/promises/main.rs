//! What the disk room promises, against `qemu-img`, the packers' own programs and files damaged by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::single_range_in_vec_init,
    missing_docs
)]

mod blocks;
mod cuts;
mod damage;
mod iso;
mod kinds;
mod look;
mod oracle;
mod ova;
mod packings;
mod pattern;
mod property;
mod qemu;
mod rewritten;
mod sinks;
mod sources;
mod stopping;
mod stored;
mod vmdk;
mod ways;
mod writer;
