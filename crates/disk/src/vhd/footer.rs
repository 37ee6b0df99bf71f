//! The footer of a VHD, which a dynamic one has at its start too.

use crate::fields::Fields;
use crate::limits::VHD_MAX_SIZE;
use crate::{Error, Refusal};

/// How a footer begins.
pub(crate) const MAGIC: [u8; 8] = *b"conectix";

/// Bytes of a footer.
pub(crate) const LEN: usize = 512;

/// Everything in a VHD is counted in sectors of this size.
pub(crate) const SECTOR: u64 = 512;

/// A geometry that has reached its limits says nothing about the size (65535 cylinders, 16 heads, 255 sectors).
const LARGEST_GEOMETRY: u64 = 65_535 * 16 * 255;

/// What kind of disk the footer is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Fixed,
    Dynamic,
    Differencing,
}

/// What of the footer matters to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Footer {
    pub(crate) kind: Kind,
    /// The size that the footer states, in bytes.
    pub(crate) stated: u64,
    /// Bytes of the disk as QEMU decides.
    pub(crate) size: u64,
    /// Where the header of a dynamic disk lies.
    pub(crate) header: u64,
}

impl Footer {
    /// Reads a footer that lies at `at`.
    pub(crate) fn parse(bytes: &[u8], at: u64) -> Result<Self, Error> {
        let fields = Fields::new(bytes, "the footer", at);
        let whole = fields.array::<LEN>(0)?;
        if !whole.starts_with(&MAGIC) {
            return Err(fields.corrupt(0, "there is no VHD footer here"));
        }
        if !checksum_is_right(&whole, 64) {
            return Err(fields.corrupt(64, "the footer's checksum is wrong"));
        }
        let version = fields.be32(12)?;
        if version >> 16 != 1 {
            return Err(Error::Refused {
                refusal: Refusal::Version {
                    format: "vpc",
                    version: version >> 16,
                },
            });
        }
        let kind = match fields.be32(60)? {
            2 => Kind::Fixed,
            3 => Kind::Dynamic,
            4 => Kind::Differencing,
            other => return Err(fields.corrupt(60, format!("unknown disk type {other}"))),
        };
        let footer = Self {
            kind,
            stated: fields.be64(48)?,
            size: size(&fields)?,
            header: fields.be64(16)?,
        };
        let value = footer.stated.max(footer.size);
        if value > VHD_MAX_SIZE {
            return Err(Error::Limit {
                what: "the virtual size",
                value,
                limit: VHD_MAX_SIZE,
            });
        }
        Ok(footer)
    }
}

/// Virtual PC, and QEMU when it writes as Virtual PC does, go by the geometry; all others by the size.
fn size(fields: &Fields<'_>) -> Result<u64, Error> {
    let [heads, sectors] = fields.array::<2>(58)?;
    let geometry = u64::from(fields.be16(56)?) * u64::from(heads) * u64::from(sectors);
    let by_geometry = matches!(&fields.array::<4>(28)?, b"vpc " | b"qemu");
    Ok(if by_geometry && geometry != LARGEST_GEOMETRY {
        geometry * SECTOR
    } else {
        fields.be64(48)? / SECTOR * SECTOR
    })
}

/// The one's complement of the sum of all bytes but the checksum's own, which stands at `at`.
pub(crate) fn checksum_is_right(bytes: &[u8], at: usize) -> bool {
    let stated = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>);
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    cfg!(fuzzing)
        || stated.is_some_and(|stated| {
            !sum(bytes).wrapping_sub(sum(stated)) == u32::from_be_bytes(*stated)
        })
}
