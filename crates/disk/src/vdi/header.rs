//! The header of a VDI: read, validated, and everything refused that makes it more than one plain disk.

use crate::fields::Fields;
use crate::limits::{VDI_BLOCK, VDI_MAX_MAP};
use crate::{Error, Refusal};

/// Little-endian `0xbeda107f`, after 64 bytes of text.
pub(crate) const MAGIC: [u8; 4] = *b"\x7f\x10\xda\xbe";

/// Bytes of the header's sector.
pub(super) const LEN: u64 = 512;

const SECTOR: u64 = 512;

/// What of the header matters to a reader.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    /// Bytes of the disk.
    pub(super) size: u64,
    /// Where the map lies.
    pub(super) map: u64,
    /// Where the first block lies.
    pub(super) data: u64,
    /// How many entries the map has.
    pub(super) blocks: u32,
}

impl Header {
    /// Reads the header out of the file's first bytes.
    pub(crate) fn parse(first: &[u8], max_size: u64) -> Result<Self, Error> {
        let fields = Fields::new(first, "the header", 0);
        fields.array::<16>(496)?;
        let version = fields.le32(68)?;
        if version != 0x0001_0001 {
            return Err(refused(Refusal::Version {
                format: "vdi",
                version: version >> 16,
            }));
        }
        refuse_differencing(&fields)?;
        check_geometry(&fields)?;
        // VirtualBox makes images of odd sizes; QEMU rounds them up to a sector.
        let size = fields.le64(368)?;
        let size = size
            .checked_next_multiple_of(SECTOR)
            .ok_or_else(|| fields.corrupt(368, "the disk is larger than any file"))?;
        within("the virtual size", size, max_size)?;
        let blocks = fields.le32(384)?;
        if u64::from(blocks) * VDI_BLOCK < size {
            let what = format!("a map of {blocks} blocks is too small for the disk");
            return Err(fields.corrupt(384, what));
        }
        within("the block map", size.div_ceil(VDI_BLOCK) * 4, VDI_MAX_MAP)?;
        Ok(Self {
            size,
            map: sector(&fields, 340, "the block map")?,
            data: sector(&fields, 344, "the data")?,
            blocks,
        })
    }
}

/// Types 3 (undo) and 4 (differencing), and every image that names another one, take a part of the disk from there.
fn refuse_differencing(fields: &Fields<'_>) -> Result<(), Error> {
    let kind = fields.le32(76)?;
    let link = fields.array::<16>(424)? != [0; 16];
    let parent = fields.array::<16>(440)? != [0; 16];
    match kind {
        _ if link || parent => Err(refused(Refusal::Differencing { format: "vdi" })),
        1 | 2 => Ok(()),
        3 | 4 => Err(refused(Refusal::Differencing { format: "vdi" })),
        _ => Err(fields.corrupt(76, format!("unknown image type {kind}"))),
    }
}

/// QEMU reads one kind only: sectors of 512 bytes, blocks of 1 MiB with nothing before them.
fn check_geometry(fields: &Fields<'_>) -> Result<(), Error> {
    for (at, expected, what) in [
        (360, 512, "another sector size than 512 bytes"),
        (376, VDI_BLOCK, "another block size than 1 MiB"),
        (380, 0, "extra data before each block"),
    ] {
        if u64::from(fields.le32(at)?) != expected {
            return Err(refused(Refusal::Variant {
                format: "vdi",
                what,
            }));
        }
    }
    Ok(())
}

fn sector(fields: &Fields<'_>, at: usize, what: &str) -> Result<u64, Error> {
    let offset = u64::from(fields.le32(at)?);
    if offset % SECTOR != 0 {
        return Err(fields.corrupt(at, format!("{what} is not aligned to a sector")));
    }
    Ok(offset)
}

fn within(what: &'static str, value: u64, limit: u64) -> Result<(), Error> {
    if value > limit {
        return Err(Error::Limit { what, value, limit });
    }
    Ok(())
}

fn refused(refusal: Refusal) -> Error {
    Error::Refused { refusal }
}
