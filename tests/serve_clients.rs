//! Clients that others have written, against the real binary: what gophercloud asks when it logs in, and the OpenStack
//! clients over TLS with a certificate that `openssl` has made.

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
#[path = "serve_clients/go.rs"]
mod go;
#[path = "glance_contract/http.rs"]
mod http;
#[path = "serve_clients/tls.rs"]
mod tls;
