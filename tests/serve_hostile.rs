//! Clients that mean harm: each of their requests is refused or hung up upon, never answered with 5xx, and costs no more
//! memory than is said here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "serve_hostile/bombs.rs"]
mod bombs;
#[path = "serve_hostile/fort.rs"]
mod fort;
#[path = "glance_contract/http.rs"]
mod http;
#[path = "serve_hostile/inside.rs"]
mod inside;
#[path = "serve_hostile/messages.rs"]
mod messages;
#[path = "serve/replica.rs"]
mod replica;
#[path = "serve_hostile/targets.rs"]
mod targets;
