//! The block allocation table of a VHDX: what each block of the disk is made of.

use std::ops::Range;

use crate::layout::Layout;
use crate::limits::VHDX_MAX_TABLE;
use crate::run::Stop;
use crate::walk::Out;
use crate::window::View;
use crate::{Error, Refusal};

use super::MIB;
use super::metadata::Metadata;

/// Bits 20 to 63 of an entry: where the block lies.
const OFFSET: u64 = !(MIB - 1);
/// The lowest three bits: the block's state ([MS-VHDX] 2.5.1.1).
const STATE: u64 = 7;
const FULLY_PRESENT: u64 = 6;
const PARTIALLY_PRESENT: u64 = 7;

/// The table's entries for blocks of data, in the order of the disk; no two blocks overlap.
pub(super) struct Table(Vec<Option<u64>>);

impl Table {
    /// Reads the table out of its `region`.
    pub(super) fn read(
        view: &mut View,
        metadata: &Metadata,
        region: &Range<u64>,
        layout: &Layout,
    ) -> Result<Self, Stop> {
        let blocks = metadata.size.div_ceil(metadata.block);
        let entries = blocks + blocks.saturating_sub(1) / metadata.chunk;
        if entries * 8 > region.end - region.start {
            let room = (region.end - region.start) / 8;
            return Err(Error::Corrupt {
                what: format!("the block allocation table has room for {room} entries, the disk needs {entries}"),
                offset: region.start,
            }
            .into());
        }
        if entries * 8 > VHDX_MAX_TABLE {
            return Err(Error::Limit {
                what: "the block allocation table",
                value: entries * 8,
                limit: VHDX_MAX_TABLE,
            }
            .into());
        }
        let used = region.start..region.start + entries * 8;
        let bytes = view.table(used, "the block allocation table")?;
        let mut table = Vec::new();
        for (number, entry) in (0_u64..).zip(bytes.as_chunks::<8>().0) {
            // Behind each chunk of blocks comes an entry for their sector bitmap, which only differencing images have.
            if number % (metadata.chunk + 1) != metadata.chunk {
                let at = region.start + number * 8;
                table.push(place(u64::from_le_bytes(*entry), at)?);
            }
        }
        layout.blocks(table.iter().copied().flatten().collect(), metadata.block)?;
        Ok(Self(table))
    }

    /// Hands on the disk.
    pub(super) fn walk(
        &self,
        metadata: &Metadata,
        view: &mut View,
        out: &mut dyn Out,
    ) -> Result<(), Stop> {
        let mut left = metadata.size;
        for place in &self.0 {
            let len = left.min(metadata.block);
            left -= len;
            match place {
                Some(start) => {
                    view.data(*start..start.saturating_add(len), "a block", |bytes| {
                        out.data(bytes)
                    })?;
                }
                None => out.zero(len)?,
            }
        }
        Ok(())
    }
}

/// Where the block of an `entry` lies that stands at `at`; `None` for a block of zeros.
fn place(entry: u64, at: u64) -> Result<Option<u64>, Error> {
    let offset = entry & OFFSET;
    let corrupt = |what: String| Error::Corrupt { what, offset: at };
    match entry & STATE {
        // Not present, undefined, zero, unmapped (two of them): QEMU and Hyper-V read zeros.
        0 | 1 | 2 | 3 | 5 => Ok(None),
        FULLY_PRESENT if offset < MIB => Err(corrupt("a block lies in the header section".into())),
        FULLY_PRESENT => Ok(Some(offset)),
        // The rest of such a block is in the parent.
        PARTIALLY_PRESENT => Err(Error::Refused {
            refusal: Refusal::Differencing { format: "vhdx" },
        }),
        state => Err(corrupt(format!("unknown state {state} of a block"))),
    }
}
