//! The blocks of a dynamic VHD: a bitmap of sectors each, and the data behind it.

use bytes::Bytes;

use crate::Error;
use crate::layout::Layout;
use crate::run::Stop;
use crate::walk::Out;
use crate::window::View;

use super::footer::SECTOR;

const NOT_THERE: u32 = u32::MAX;

/// The block table of a disk; no two blocks overlap.
pub(super) struct Blocks {
    /// The sector of each block's bitmap.
    sectors: Vec<u32>,
    /// Bytes of a block, and of its bitmap.
    block: u64,
    bitmap: u64,
}

impl Blocks {
    pub(super) fn parse(table: &[u8], block: u64, layout: &Layout) -> Result<Self, Error> {
        let blocks = Self {
            sectors: table
                .as_chunks::<4>()
                .0
                .iter()
                .map(|entry| u32::from_be_bytes(*entry))
                .collect(),
            block,
            bitmap: block.div_ceil(SECTOR * 8).next_multiple_of(SECTOR),
        };
        layout.blocks(blocks.starts().collect(), blocks.bitmap + block)?;
        Ok(blocks)
    }

    fn starts(&self) -> impl Iterator<Item = u64> {
        let there = self.sectors.iter().filter(|sector| **sector != NOT_THERE);
        there.map(|sector| u64::from(*sector) * SECTOR)
    }

    /// Where the last block ends.
    pub(super) fn end(&self) -> u64 {
        self.starts()
            .max()
            .map_or(0, |start| start + self.bitmap + self.block)
    }

    /// Hands on the disk of `size` bytes.
    pub(super) fn walk(&self, size: u64, view: &mut View, out: &mut dyn Out) -> Result<(), Stop> {
        let mut left = size;
        for sector in &self.sectors {
            let len = left.min(self.block);
            left -= len;
            if *sector == NOT_THERE {
                out.zero(len)?;
                continue;
            }
            let start = u64::from(*sector) * SECTOR;
            let bitmap = view.table(start..start + self.bitmap, "the bitmap of a block")?;
            let whole = bitmap.iter().all(|bits| *bits == 0xff);
            let start = start + self.bitmap;
            let mut at = start;
            view.data(start..start + len, "a block", |bytes| {
                if !whole {
                    check_empty(&bitmap, at - start, &bytes, at)?;
                }
                at += bytes.len() as u64;
                out.data(bytes)
            })?;
        }
        Ok(())
    }
}

/// QEMU reads a whole block whatever its bitmap says, others read zeros where it says that nothing was written: so there
/// must be zeros. `bytes` begin `from` bytes into the block, and at `at` in the file.
fn check_empty(bitmap: &Bytes, from: u64, bytes: &[u8], at: u64) -> Result<(), Error> {
    let mut done = 0_u64;
    while let Some(rest) = usize::try_from(done)
        .ok()
        .and_then(|done| bytes.get(done..))
        && !rest.is_empty()
    {
        let sector = (from + done) / SECTOR;
        let len = (SECTOR - (from + done) % SECTOR).min(rest.len() as u64);
        let bits = usize::try_from(sector / 8).ok().and_then(|n| bitmap.get(n));
        let written = bits.is_some_and(|bits| bits & (0x80 >> (sector % 8)) != 0);
        let part = usize::try_from(len).ok().and_then(|len| rest.get(..len));
        if !written && part.is_some_and(|part| part.iter().any(|byte| *byte != 0)) {
            return Err(Error::Corrupt {
                what: "a sector has data that its block's bitmap calls empty".into(),
                offset: at + done,
            });
        }
        done += len;
    }
    Ok(())
}
