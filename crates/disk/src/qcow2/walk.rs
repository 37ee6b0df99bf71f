//! The walk through an image in guest order: tables and data are asked of the window as they are needed.

use crate::limits::CHUNK;
use crate::run::Stop;
use crate::unit::{Codec, Unit};
use crate::walk::{Out, Walk};
use crate::window::View;

use super::extent::{Extent, Joined, SECTOR, extents};
use super::header::Header;
use super::tables::Tables;

impl Walk for Header {
    fn codec(&self) -> Option<Codec> {
        Some(self.codec)
    }

    fn unit(&self) -> u64 {
        self.cluster()
    }

    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn walk(self: Box<Self>, view: &mut View, out: &mut dyn Out) -> Result<(), Stop> {
        out.size(self.size)?;
        view.unused(0..self.cluster());
        let l1 = self.l1.start..self.l1.start + self.l1_entries() * 8;
        let l1 = view.table(l1, "the L1 table")?;
        let tables = Tables::parse(&self, &l1, view.len())?;
        drop(l1);
        view.expect_tables(tables.l2_offsets(), self.cluster());
        let mut joined = Joined::new(CHUNK as u64);
        for (index, offset) in (0_u64..).zip(tables.l2.iter().copied()) {
            let guest = index * self.l2_span();
            if offset == 0 {
                let len = self.l2_span().min(self.size - guest);
                if let Some(extent) = joined.push(Extent::Zero(len)) {
                    emit(&self, &tables, view, extent, out)?;
                }
                continue;
            }
            let table = view.table(offset..offset + self.cluster(), "an L2 table")?;
            extents(&self, &table, offset, guest, |extent| {
                match joined.push(extent) {
                    Some(extent) => emit(&self, &tables, view, extent, out),
                    None => Ok(()),
                }
            })?;
        }
        if let Some(extent) = joined.finish() {
            emit(&self, &tables, view, extent, out)?;
        }
        view.reaches(tables.taken.end(), "a table")
    }
}

/// Hands on one extent, with its bytes.
fn emit(
    header: &Header,
    tables: &Tables,
    view: &mut View,
    extent: Extent,
    out: &mut dyn Out,
) -> Result<(), Stop> {
    match extent {
        Extent::Zero(len) => out.zero(len),
        Extent::Data { offset, len } => {
            let range = offset..offset + len;
            tables.taken.check_data(&range)?;
            view.data(range, "data", |bytes| out.data(bytes))
        }
        Extent::Compressed {
            offset,
            len,
            visible,
        } => {
            // Writers may count more sectors than they fill, so only the first one must be free of tables.
            tables
                .taken
                .check_data(&(offset..offset + SECTOR - offset % SECTOR))?;
            let (bytes, cut) = view.sectors(offset, len, SECTOR, "a compressed cluster")?;
            let visible = usize::try_from(visible.min(header.cluster())).unwrap_or(usize::MAX);
            out.unit(Unit {
                bytes,
                offset,
                visible,
                cut,
            })
        }
    }
}
