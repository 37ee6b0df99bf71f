//! What should be there: definitions of images, the plan that makes a cloud so, and the rules of SCS.
//!
//! Everything here is pure but for reading a named file, and [`gather`], which asks vendors and clouds for what plans are
//! made from: values in, values out, the day is an argument.

pub mod apply;
mod definition;
pub mod digests;
mod error;
pub mod gather;
pub mod limits;
pub mod lock;
pub mod plan;
mod read;
pub mod scs;
pub mod words;

pub use definition::{Definition, Original};
pub use error::{Error, Fault, Place};
pub use read::{Catalogue, Foreign, Ignored, NotNamed, Setting, Settled};
