//! Virtual hard disks of Virtual PC, Hyper-V and Azure: from a window over the file to the blocks of the disk in order.
//!
//! The rules are those of QEMU 10 (`block/vpc.c`) and of Microsoft's "Virtual Hard Disk Image Format Specification", with
//! these exceptions: what lies outside the file is an error and never zeros, blocks may not overlap, both checksums are
//! held, and what a bitmap calls empty must be zeros, since readers do not agree on what else it would be.

mod blocks;
mod dynamic;
pub(crate) mod fixed;
mod footer;

pub(crate) use dynamic::Dynamic;
pub(crate) use footer::MAGIC;
