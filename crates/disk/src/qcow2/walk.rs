//! The walk through an image in guest order: tables and data are asked of the window as they are needed.

use bytes::Bytes;

use crate::limits::{CHUNK, MAX_HOLE};
use crate::run::Stop;
use crate::window::View;

use super::cluster::Cluster;
use super::extent::{Extent, Joined, SECTOR, extents};
use super::header::Header;
use super::tables::Tables;

/// The next part of the disk.
pub(crate) enum Piece {
    /// So many zero bytes.
    Zero(u64),
    /// These bytes.
    Data(Bytes),
    /// A cluster that has to be decoded.
    Compressed(Cluster),
}

/// Walks the whole disk, calling `each` with its pieces in order.
pub(crate) fn walk(
    header: &Header,
    view: &mut View,
    each: &mut dyn FnMut(Piece) -> Result<(), Stop>,
) -> Result<(), Stop> {
    view.unused(0..header.cluster());
    let l1 = header.l1.start..header.l1.start + header.l1_entries() * 8;
    let l1 = view.table(l1, "the L1 table")?;
    let tables = Tables::parse(header, &l1, view.len())?;
    drop(l1);
    view.expect_tables(tables.l2_offsets(), header.cluster());
    let mut joined = Joined::new(CHUNK as u64);
    let mut emit = |view: &mut View, extent: Extent| fetch(header, &tables, view, extent, each);
    for (index, offset) in (0_u64..).zip(tables.l2.iter().copied()) {
        let guest = index * header.l2_span();
        if offset == 0 {
            let len = header.l2_span().min(header.size - guest);
            if let Some(extent) = joined.push(Extent::Zero(len)) {
                emit(view, extent)?;
            }
            continue;
        }
        let table = view.table(offset..offset + header.cluster(), "an L2 table")?;
        extents(header, &table, offset, guest, |extent| {
            match joined.push(extent) {
                Some(extent) => emit(view, extent),
                None => Ok(()),
            }
        })?;
    }
    if let Some(extent) = joined.finish() {
        emit(view, extent)?;
    }
    view.reaches(tables.end(), "a table")
}

fn fetch(
    header: &Header,
    tables: &Tables,
    view: &mut View,
    extent: Extent,
    each: &mut dyn FnMut(Piece) -> Result<(), Stop>,
) -> Result<(), Stop> {
    match extent {
        Extent::Zero(mut len) => {
            while len > 0 {
                let piece = len.min(MAX_HOLE);
                each(Piece::Zero(piece))?;
                len -= piece;
            }
            Ok(())
        }
        Extent::Data { offset, len } => {
            let range = offset..offset + len;
            tables.check_data(&range)?;
            view.data(range, "data", |bytes| each(Piece::Data(bytes)))
        }
        Extent::Compressed {
            offset,
            len,
            visible,
        } => {
            // Writers may count more sectors than they fill, so only the first one must be free of tables.
            tables.check_data(&(offset..offset + SECTOR - offset % SECTOR))?;
            let (bytes, cut) = view.sectors(offset, len, SECTOR, "a compressed cluster")?;
            let visible = usize::try_from(visible.min(header.cluster())).unwrap_or(usize::MAX);
            each(Piece::Compressed(Cluster {
                bytes,
                offset,
                visible,
                cut,
            }))
        }
    }
}
