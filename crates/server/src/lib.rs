//! An image service of one's own, in the words of Glance v2.
//!
//! [`Service`] is everything that requests share; [`router`] is the service as an axum router, for a listener or to be
//! merged with others. Records are in a database (`database`), bytes in a [`BlobStore`], whom a token stands for says an
//! `identity::Identity`. Nothing else is remembered between two requests, so several processes can serve one cloud.

mod api;
mod blobs;
mod bodies;
mod definitions;
mod import;
mod intake;
pub mod limits;
mod listen;
mod metrics;
mod moment;
mod policy;
mod python;
mod records;
mod refused;
mod request;
mod router;
mod scrub;
mod service;
mod store;
mod sweep;
mod tls;
mod upload;

pub use definitions::{Existing, LoadError, Loaded, load};
pub use listen::{Listening, serve};
pub use router::router;
pub use scrub::{Rot, Scrubbed};
pub use service::{Kept, Service, Settings, StartError};
pub use store::{Access, Begun, BlobStore, Bucket, Content, Done, Files, S3, StoreError};
pub use sweep::{Collected, Others, Strays, SweepError};
pub use tls::{Tls, TlsError};
