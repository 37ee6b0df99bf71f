//! Hyper-V's VHDX images, dynamic and fixed: from a window over the file to the blocks of the disk in order.
//!
//! The rules are those of Microsoft's open specification [MS-VHDX] and of QEMU 10 (`block/vhdx.c`), with these exceptions:
//! what lies outside the file is an error and never zeros, blocks may not overlap, the second copy of the region table
//! is used when the first one is damaged, a log that may need to be replayed is refused whatever is in it, and a disk of
//! 4096-byte sectors has its size in bytes (QEMU counts its sectors as if they had 512).

mod headers;
mod metadata;
mod regions;
mod table;

use crate::layout::Layout;
use crate::limits::CHUNK;
use crate::run::Stop;
use crate::walk::{Out, Walk};
use crate::window::View;

use metadata::Metadata;
use regions::Regions;
use table::Table;

/// How the file begins.
pub(crate) const MAGIC: [u8; 8] = *b"vhdxfile";

/// Everything in the file lies at multiples of 1 MiB; the first one is the header section.
const MIB: u64 = 1 << 20;

/// A VHDX image; what matters of it lies beyond its first bytes.
pub(crate) struct Vhdx;

impl Walk for Vhdx {
    fn unit(&self) -> u64 {
        CHUNK as u64
    }

    fn walk(self: Box<Self>, view: &mut View, out: &mut dyn Out) -> Result<(), Stop> {
        let mut layout = Layout::default();
        layout.table(0, MIB, "the header section")?;
        let log = headers::log(view)?;
        layout.table(log.start, log.end - log.start, "the log")?;
        view.unused(log);
        let regions = Regions::read(view, &mut layout)?;
        view.unused(0..MIB);
        let metadata = Metadata::read(view, &regions.metadata)?;
        out.size(metadata.size)?;
        view.unused(regions.metadata);
        let table = Table::read(view, &metadata, &regions.table, &layout)?;
        view.unused(regions.table);
        table.walk(&metadata, view, out)?;
        layout.reached(view)
    }
}
