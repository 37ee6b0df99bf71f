//! QEMU copy-on-write images, version 2 and 3: from a window over the file to pieces of the disk in guest order.
//!
//! The rules are those of QEMU 10 (`block/qcow2*.c`) and of its `docs/interop/qcow2`, with two exceptions: what
//! lies outside the file is an error and never zeros, and tables may not overlap.

mod extent;
mod header;
mod tables;
mod walk;

pub(crate) use header::{Header, MAGIC};
