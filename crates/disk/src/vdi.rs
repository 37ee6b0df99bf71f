//! VirtualBox disk images, dynamic and static: from a window over the file to the blocks of the disk in order.
//!
//! The rules are those of QEMU 10 (`block/vdi.c`), with these exceptions: what lies outside the file is an error and
//! never zeros, blocks may not overlap, and an undo or differencing image is refused by its type too.

mod header;

use crate::Error;
use crate::layout::Layout;
use crate::limits::VDI_BLOCK;
use crate::run::Stop;
use crate::walk::{Out, Walk};
use crate::window::View;

pub(crate) use header::{Header, MAGIC};

/// From here on an entry of the map says that there is no data: `0xffff_fffe` discarded, `0xffff_ffff` never written.
const NO_DATA: u32 = 0xffff_fffe;

impl Walk for Header {
    fn unit(&self) -> u64 {
        VDI_BLOCK
    }

    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn walk(self: Box<Self>, view: &mut View, out: &mut dyn Out) -> Result<(), Stop> {
        out.size(self.size)?;
        let mut layout = Layout::default();
        let header = layout.table(0, header::LEN, "the header")?;
        view.unused(header);
        let map = layout.table(self.map, u64::from(self.blocks) * 4, "the block map")?;
        let used = self.size.div_ceil(VDI_BLOCK);
        let entries = view.table(map.start..map.start + used * 4, "the block map")?;
        view.unused(map);
        let entries: Vec<u32> = entries
            .as_chunks::<4>()
            .0
            .iter()
            .map(|entry| u32::from_le_bytes(*entry))
            .collect();
        self.check(&layout, &entries)?;
        let mut left = self.size;
        for entry in entries {
            let len = left.min(VDI_BLOCK);
            left -= len;
            if entry >= NO_DATA {
                out.zero(len)?;
            } else {
                let start = self.place(entry);
                view.data(start..start + len, "a block", |bytes| out.data(bytes))?;
            }
        }
        layout.reached(view)
    }
}

impl Header {
    fn place(&self, entry: u32) -> u64 {
        self.data + u64::from(entry) * VDI_BLOCK
    }

    fn check(&self, layout: &Layout, entries: &[u32]) -> Result<(), Error> {
        for (number, entry) in (0_u64..).zip(entries) {
            if (self.blocks..NO_DATA).contains(entry) {
                return Err(Error::Corrupt {
                    what: format!("block {entry} is mapped, but there are {}", self.blocks),
                    offset: self.map + number * 4,
                });
            }
        }
        let data = entries.iter().filter(|entry| **entry < NO_DATA);
        layout.blocks(data.map(|entry| self.place(*entry)).collect(), VDI_BLOCK)
    }
}
