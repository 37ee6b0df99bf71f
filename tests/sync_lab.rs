//! `ectype catalogue sync` in a real cloud: what each step does, what it does when something goes wrong, and who may.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    dead_code
)]

#[path = "../crates/catalogue/tests/reading/check.rs"]
mod check;
#[path = "sync/clouds.rs"]
mod clouds;
#[path = "sync/converts.rs"]
mod converts;
#[path = "sync/faults.rs"]
mod faults;
#[path = "sync/locks.rs"]
mod locks;
#[path = "sync/plans.rs"]
mod plans;
#[path = "sync/rig.rs"]
mod rig;
#[path = "verify/run.rs"]
mod run;
#[path = "sync/steps.rs"]
mod steps;
