//! What should be there: definitions of images, the plan that makes a cloud so, and the rules of SCS.
//!
//! Everything here is pure but for reading a named file: values in, values out, the day is an argument.

mod definition;
pub mod digests;
mod error;
pub mod limits;
mod order;
pub mod plan;
mod read;
pub mod scs;
pub mod words;

pub use definition::{Definition, Original};
pub use error::{Error, Fault, Place};
pub use read::{Catalogue, Foreign, Ignored, Setting, Settled};
