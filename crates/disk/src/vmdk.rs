//! VMDK images in one file (monolithicSparse, streamOptimized): from a window over the file to pieces of the disk in order.
//!
//! The rules are those of QEMU 10 (`block/vmdk.c`) and of VMware's "Virtual Disk Format 5.0". Stricter than QEMU: what
//! lies outside the file is an error and never zeros, tables may not overlap, the markers of compressed grains must agree
//! with the tables, and a descriptor that names anything but this file is refused (CVE-2022-47951).

mod descriptor;
mod footer;
mod header;
mod markers;
mod tables;
mod walk;

use crate::walk::Walk;
use crate::{Error, Refusal};

use header::Header;
pub(crate) use header::MAGIC;

/// How a sparse extent of ESX (`vmfsSparse`) begins.
pub(crate) const COWD: &[u8] = b"COWD";

/// Whether a file that begins so is a descriptor as text, by the rule of QEMU's probe: `version=1` to `3` after nothing
/// but comments and blank lines.
pub(crate) fn is_text(head: &[u8]) -> bool {
    head.starts_with(b"# Disk DescriptorFile")
        || head
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii)
            .find(|line| !line.is_empty() && !line.starts_with(b"#"))
            .is_some_and(|line| {
                line.strip_prefix(b"version=")
                    .is_some_and(|number| matches!(number, b"1" | b"2" | b"3"))
            })
}

/// Opens an image that begins with `head`. A descriptor as text keeps its data elsewhere by nature, so it is always refused.
pub(crate) fn open(head: &[u8], max_size: u64) -> Result<Box<dyn Walk>, Error> {
    if head.starts_with(&MAGIC) {
        return Ok(Box::new(Header::parse(head, 0, max_size)?));
    }
    if head.starts_with(COWD) {
        return Err(refused(Refusal::Kind {
            format: "vmdk",
            kind: "vmfsSparse".into(),
        }));
    }
    descriptor::Descriptor::parse(head, 0)?.check_as_file()
}

fn refused(refusal: Refusal) -> Error {
    Error::Refused { refusal }
}

fn corrupt(offset: u64, what: impl Into<String>) -> Error {
    Error::Corrupt {
        what: what.into(),
        offset,
    }
}
