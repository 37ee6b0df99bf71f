//! The metadata of a VHDX: sizes of the disk, its blocks and its sectors.

use bytes::Bytes;
use std::ops::Range;

use crate::fields::Fields;
use crate::limits::{VHDX_BLOCK, VHDX_MAX_SIZE};
use crate::run::Stop;
use crate::window::View;
use crate::{Error, Refusal};

use super::regions::unknown;

const TABLE: u64 = 64 << 10;
const ENTRY: usize = 32;
/// How many entries fit into the table behind its header.
const MAX_ITEMS: usize = 2047;

/// The items that every image has, as their identifiers lie in a file, and how many of their bytes are read.
const ITEMS: [([u8; 16], u64, &str); 5] = [
    (
        // CAA16737-FA36-4D43-B3B6-33F0AA44E76B
        *b"\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b",
        8,
        "the file parameters",
    ),
    (
        // 2FA54224-CD1B-4876-B211-5DBED83BF4B8
        *b"\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8",
        8,
        "the virtual disk size",
    ),
    (
        // 8141BF1D-A96F-4709-BA47-F233A8FAAB5F
        *b"\x1d\xbf\x41\x81\x6f\xa9\x09\x47\xba\x47\xf2\x33\xa8\xfa\xab\x5f",
        4,
        "the logical sector size",
    ),
    (
        // CDA348C7-445D-4471-9CC9-E9885251C556
        *b"\xc7\x48\xa3\xcd\x5d\x44\x71\x44\x9c\xc9\xe9\x88\x52\x51\xc5\x56",
        4,
        "the physical sector size",
    ),
    (
        // BECA12AB-B2E6-4523-93EF-C309E000C746
        *b"\xab\x12\xca\xbe\xe6\xb2\x23\x45\x93\xef\xc3\x09\xe0\x00\xc7\x46",
        16,
        "the disk's identifier",
    ),
];

/// A8D35F2D-B30B-454D-ABF7-D3D84834AB0C: where the parent of a differencing image is.
const PARENT: [u8; 16] = *b"\x2d\x5f\xd3\xa8\x0b\xb3\x4d\x45\xab\xf7\xd3\xd8\x48\x34\xab\x0c";

/// What of the metadata matters to a reader.
pub(super) struct Metadata {
    /// Bytes of the disk.
    pub(super) size: u64,
    /// Bytes of a block.
    pub(super) block: u64,
    /// After how many blocks the table has an entry for their sector bitmap.
    pub(super) chunk: u64,
}

impl Metadata {
    /// Reads the metadata out of their `region`.
    pub(super) fn read(view: &mut View, region: &Range<u64>) -> Result<Self, Stop> {
        let table = region.start..region.end.min(region.start + TABLE);
        let bytes = view.table(table, "the metadata table")?;
        let places = places(&bytes, region)?;
        let mut items = Vec::new();
        for ((_, _, what), place) in ITEMS.iter().zip(places) {
            items.push((view.table(place.clone(), what)?, place.start, *what));
        }
        let mut items = items
            .iter()
            .map(|(bytes, at, what)| Fields::new(bytes, what, *at));
        let mut next = || items.next().unwrap_or(Fields::new(&[], "an item", 0));
        Ok(Self::parse(&next(), &next(), &next(), &next())?)
    }

    fn parse(
        parameters: &Fields<'_>,
        size: &Fields<'_>,
        logical: &Fields<'_>,
        physical: &Fields<'_>,
    ) -> Result<Self, Error> {
        if parameters.le32(4)? & 2 != 0 {
            return Err(differencing());
        }
        let block = u64::from(parameters.le32(0)?);
        if !VHDX_BLOCK.contains(&block) || !block.is_power_of_two() {
            let what = format!("a block of {block} bytes is no power of two of MiB up to 256");
            return Err(parameters.corrupt(0, what));
        }
        for sector in [logical, physical] {
            let bytes = sector.le32(0)?;
            if bytes != 512 && bytes != 4096 {
                let what = format!("a sector of {bytes} bytes, neither 512 nor 4096");
                return Err(sector.corrupt(0, what));
            }
        }
        let sector = u64::from(logical.le32(0)?);
        let bytes = size.le64(0)?;
        if bytes > VHDX_MAX_SIZE {
            return Err(Error::Limit {
                what: "the virtual size",
                value: bytes,
                limit: VHDX_MAX_SIZE,
            });
        }
        if bytes % sector != 0 {
            return Err(size.corrupt(0, "the disk does not end at a sector's end"));
        }
        Ok(Self {
            size: bytes,
            block,
            chunk: (sector << 23) / block,
        })
    }
}

/// Where the values of [`ITEMS`] lie.
fn places(table: &Bytes, region: &Range<u64>) -> Result<Vec<Range<u64>>, Error> {
    let fields = Fields::new(table, "the metadata table", region.start);
    if !table.starts_with(b"metadata") {
        return Err(fields.corrupt(0, "there is no metadata table here"));
    }
    let count = usize::from(fields.le16(10)?);
    if count > MAX_ITEMS {
        return Err(fields.corrupt(10, format!("{count} items do not fit into the table")));
    }
    let mut found = ITEMS.map(|_| None);
    for entry in (ENTRY..).step_by(ENTRY).take(count) {
        let id = fields.array::<16>(entry)?;
        let (offset, len) = (fields.le32(entry + 16)?, fields.le32(entry + 20)?);
        let (user, required) = (fields.le32(entry + 24)? & 1, fields.le32(entry + 24)? & 4);
        if id == PARENT && user == 0 {
            return Err(differencing());
        }
        let known = ITEMS.iter().zip(&mut found);
        let Some(((_, needed, what), place)) = known
            .into_iter()
            .find(|((item, _, _), _)| *item == id && user == 0)
        else {
            if required != 0 {
                return Err(unknown("metadata item", &id));
            }
            continue;
        };
        let start = region.start + u64::from(offset);
        if u64::from(offset) < TABLE || u64::from(len) < *needed || start + needed > region.end {
            return Err(fields.corrupt(entry + 16, format!("{what} cannot be at {start:#x}")));
        }
        if place.replace(start..start + needed).is_some() {
            return Err(fields.corrupt(entry, format!("{what} is there twice")));
        }
    }
    let all = found.into_iter().zip(ITEMS);
    all.map(|(place, (_, _, what))| {
        place.ok_or_else(|| fields.corrupt(0, format!("{what} is not there")))
    })
    .collect()
}

fn differencing() -> Error {
    Error::Refused {
        refusal: Refusal::Differencing { format: "vhdx" },
    }
}
