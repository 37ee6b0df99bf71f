//! The contract of the image service: the same cases against the real Glance of a lab and against our own service.
//!
//! A case talks to a server as several callers; all that is said is held against the record that the real Glance made
//! (`tests/glance_contract/recorded`). To make the record anew:
//! `ECTYPE_CONTRACT_RECORD=1 ECTYPE_TEST_LAB=… cargo test --test glance_contract real::`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "glance_contract/cases.rs"]
mod cases;
#[path = "glance_contract/hostile.rs"]
mod hostile;
#[path = "glance_contract/http.rs"]
mod http;
#[path = "glance_contract/own.rs"]
mod own;
#[path = "glance_contract/plain.rs"]
mod plain;
#[path = "serve/service.rs"]
mod service;
#[path = "glance_contract/table.rs"]
mod table;
#[path = "glance_contract/talk.rs"]
mod talk;
#[path = "glance_contract/target.rs"]
mod target;
