//! Where images come from: originals, the checksum files beside them, and what they are evidence of.

mod address;
pub mod beside;
mod error;
mod evidence;
pub mod keys;
pub mod limits;
pub mod manifest;
pub mod original;
pub mod pgp;
mod trust;

pub use address::{Address, NotAnAddress};
pub use beside::{Answer, Found, Looked, Outcome, Search, Signature};
pub use error::{Error, Trouble, trouble_of};
pub use evidence::Evidence;
/// The client that originals and checksum files are fetched with.
pub use net::Client;
pub use original::{Facts, Opened, open};
pub use trust::{Signer, Trust, Vouched};
