//! The L1 table, and where all tables of an image lie.

use crate::Error;
use crate::taken::Taken;

use super::header::Header;

/// Bits 9 to 55 of an entry: where something lies in the file.
pub(crate) const OFFSET_MASK: u64 = 0x00ff_ffff_ffff_fe00;

/// The L1 table and the places of all tables, none of which overlaps another.
pub(crate) struct Tables {
    /// Where the L2 table of each [`Header::l2_span`] bytes of the disk lies; 0 for none.
    pub(crate) l2: Vec<u64>,
    /// All tables and the header's cluster.
    pub(crate) taken: Taken,
}

impl Tables {
    /// Reads the L1 table's bytes. `len` is the length of the file, where it is known.
    pub(crate) fn parse(header: &Header, l1: &[u8], len: Option<u64>) -> Result<Self, Error> {
        let mut l2 = Vec::new();
        for (entry, index) in l1.as_chunks::<8>().0.iter().zip(0..header.l1_entries()) {
            let offset = u64::from_be_bytes(*entry) & OFFSET_MASK;
            if offset & (header.cluster() - 1) != 0 {
                let what = format!("the L2 table at {offset:#x} is not aligned to a cluster");
                return Err(Error::Corrupt {
                    what,
                    offset: header.l1.start + index * 8,
                });
            }
            l2.push(offset);
        }
        let mut taken: Vec<_> = l2
            .iter()
            .filter(|o| **o != 0)
            .map(|o| *o..o + header.cluster())
            .collect();
        taken.extend([
            0..header.cluster(),
            header.l1.clone(),
            header.refcount_table.clone(),
        ]);
        let taken = Taken::new(taken, len)?;
        Ok(Self { l2, taken })
    }

    /// Where the L2 tables lie.
    pub(crate) fn l2_offsets(&self) -> impl Iterator<Item = u64> {
        self.l2.iter().copied().filter(|offset| *offset != 0)
    }
}
