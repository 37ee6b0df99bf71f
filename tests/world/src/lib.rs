//! A small HTTP server for tests that can stall, cut and lie.
//!
//! A [`World`] listens on loopback and serves [`Page`]s; it keeps every request it [`Seen`]s, for a test to look at.
//!
//! ```
//! use world::{Page, World};
//!
//! let world = World::start();
//! // An honest file: length, strong ETag, byte ranges.
//! world.put("/debian/13/disk.qcow2", Page::bytes(*b"QFI\xfb..."));
//! // The first request is cut after 100 bytes, the second is refused, all later ones are served well.
//! let file = Page::bytes(vec![7; 1000]);
//! world.put_each("/flaky.img", [file.clone().cut_after(100), Page::status(503), file]);
//! // A whole directory.
//! world.directory("/alma/9", [("disk.qcow2", &b"QFI\xfb..."[..]), ("CHECKSUM", b"...")]);
//!
//! let url = world.url("/debian/13/disk.qcow2"); // hand this to the product
//! # let _ = url;
//! assert!(world.requests_to("/debian/13/disk.qcow2").is_empty());
//! ```
//!
//! Everything is plain threads and blocking sockets, so that it serves blocking and asynchronous tests alike, and so that
//! no HTTP library stands in the way of a lie. A world that cannot be set up ends the test.
//!
//! Real servers that a test needs beside it are here, too: [`Postgres`] and [`Moto`], each with a folder and a port of its
//! own, ended with the test process.
#![allow(clippy::expect_used, clippy::panic)]

mod client;
mod gate;
mod guarded;
mod moto;
mod noise;
mod page;
mod postgres;
mod proxy;
mod seen;
mod server;
mod tls;
mod wire;

pub use client::{python, python_for, without_cloud};
pub use gate::{Call, Fault, Gate, Held};
pub use moto::Moto;
pub use noise::noise;
pub use page::Page;
pub use postgres::Postgres;
pub use proxy::Proxy;
pub use seen::Seen;
pub use server::World;
pub use tls::{Authority, Tls};
