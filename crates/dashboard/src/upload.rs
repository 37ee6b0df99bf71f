//! An image from a browser into the cloud: looked at, converted and hashed while it passes, seen by nobody but its project.
//!
//! The bytes go from the browser's form straight into the image service; nothing is written here. What speaks against the
//! file is found before its last byte is sent on, so that a file that is refused never becomes an image.

mod arrival;
mod report;
mod work;

pub(crate) use arrival::{Door, door};
pub(crate) use report::{Outcome, Report};
pub(crate) use work::{Wish, Work};
