//! The words of Glance v2 and Keystone v3: JSON types shared by client and server.
//!
//! Nothing here does I/O. Unknown members are tolerated everywhere, because clouds are of every age; what a
//! type keeps of them, it says.

pub mod identity;
pub mod image;
pub mod import;
pub mod versions;

mod lenient;
