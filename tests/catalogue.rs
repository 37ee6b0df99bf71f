//! The catalogue from outside: plans and the state of clouds, with `tests/world` in the place of vendors and of clouds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    dead_code
)]

#[path = "catalogue/asking.rs"]
mod asking;
#[path = "catalogue/bench.rs"]
mod bench;
#[path = "catalogue/clouds.rs"]
mod clouds;
#[path = "catalogue/evidence.rs"]
mod evidence;
#[path = "catalogue/frozen.rs"]
mod frozen;
#[path = "../crates/origin/tests/gpg/home.rs"]
mod home;
#[path = "catalogue/lists.rs"]
mod lists;
#[path = "catalogue/live.rs"]
mod live;
#[path = "catalogue/plan.rs"]
mod plan;
#[path = "verify/run.rs"]
mod run;
#[path = "catalogue/status.rs"]
mod status;
