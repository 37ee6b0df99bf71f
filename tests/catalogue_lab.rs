//! The catalogue's promises in a real cloud, with the seven vendors on this machine. Every test has a project of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    dead_code
)]

#[path = "mirror/build.rs"]
mod build;
#[path = "catalogue_lab/defects.rs"]
mod defects;
#[path = "mirror/disk.rs"]
mod disk;
#[path = "catalogue_lab/faults.rs"]
mod faults;
#[path = "../crates/origin/tests/gpg/home.rs"]
mod home;
#[path = "catalogue_lab/http.rs"]
mod http;
#[path = "catalogue_lab/kill.rs"]
mod kill;
#[path = "mirror/layout.rs"]
mod layout;
#[path = "catalogue_lab/one.rs"]
mod one;
#[path = "catalogue_lab/operator.rs"]
mod operator;
#[path = "mirror/pages.rs"]
mod pages;
#[path = "verify/run.rs"]
mod run;
#[path = "catalogue_lab/seven.rs"]
mod seven;
#[path = "catalogue_lab/trees.rs"]
mod trees;
#[path = "mirror/vendors.rs"]
mod vendors;
