//! `ectype dashboard` before a real Keystone and Glance: uploads, and every page in a real browser.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    dead_code
)]

#[path = "serve/binary.rs"]
mod binary;
#[path = "dashboard/browser.rs"]
mod browser;
#[path = "dashboard/http.rs"]
mod http;
#[path = "serve/prefix.rs"]
mod prefix;
#[path = "dashboard/rig.rs"]
mod rig;
#[path = "verify/run.rs"]
mod run;
#[path = "dashboard/upload.rs"]
mod upload;
#[path = "serve/visitor.rs"]
mod visitor;
