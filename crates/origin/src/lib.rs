//! Where images come from: originals, the checksum files beside them, and what they are evidence of.

mod address;
pub mod beside;
mod build;
mod cache;
mod error;
mod evidence;
pub mod family;
pub mod feed;
pub mod keys;
pub mod life;
pub mod limits;
pub mod manifest;
pub mod original;
pub mod pgp;
mod route;
mod trust;
pub mod version;
pub mod yaml;

pub use address::{Address, NotAnAddress};
pub use beside::{Answer, Found, Looked, Outcome, Search, Signature};
pub use build::Build;
pub use cache::Cache;
pub use error::{Error, Trouble, trouble_of};
pub use evidence::Evidence;
pub use family::{Families, Family};
/// The client that originals and checksum files are fetched with.
pub use net::Client;
pub use original::{Facts, Opened, open};
pub use route::{Mirror, Route};
pub use trust::{Signer, Trust, Vouched};
