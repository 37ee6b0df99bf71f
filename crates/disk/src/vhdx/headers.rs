//! The two headers of a VHDX, of which the newer valid one counts, and the log that it names.

use std::ops::Range;

use crate::fields::Fields;
use crate::run::Stop;
use crate::window::View;
use crate::{Error, Refusal};

use super::MIB;

/// Where the headers lie, and how much of each the checksum covers ([MS-VHDX] 2.2).
const PLACES: [u64; 2] = [64 << 10, 128 << 10];
const LEN: u64 = 4 << 10;

struct Header {
    at: u64,
    sequence: u64,
    log_id: [u8; 16],
    log_version: u16,
    log: Range<u64>,
    /// All that is not the checksum, to tell whether two headers say the same.
    rest: Vec<u8>,
}

/// Where the log lies. One that may have to be replayed is refused.
pub(super) fn log(view: &mut View) -> Result<Range<u64>, Stop> {
    let mut valid = Vec::new();
    for at in PLACES {
        let bytes = view.table(at..at + LEN, "a header")?;
        valid.extend(Header::parse(&bytes, at)?);
    }
    let header = current(valid)?;
    let wrong = |what: &str| Error::Corrupt {
        what: what.into(),
        offset: header.at,
    };
    if header.log_version != 0 {
        return Err(wrong("the log has an unknown version").into());
    }
    if header.log_id != [0; 16] {
        return Err(Error::Refused {
            refusal: Refusal::DirtyLog,
        }
        .into());
    }
    let len = header.log.end - header.log.start;
    if header.log.start < MIB || header.log.start % MIB != 0 || len % MIB != 0 {
        return Err(wrong("the log does not lie at whole MiB behind the headers").into());
    }
    Ok(header.log)
}

/// The header with the higher sequence number. Two of the same number must say the same, as Disk2vhd writes them.
fn current(valid: Vec<Header>) -> Result<Header, Error> {
    let offset = PLACES[0];
    let mut valid = valid.into_iter();
    let Some(first) = valid.next() else {
        let what = "neither header is valid".into();
        return Err(Error::Corrupt { what, offset });
    };
    let Some(second) = valid.next() else {
        return Ok(first);
    };
    if first.sequence == second.sequence && first.rest != second.rest {
        let what = "two headers of the same age contradict each other".into();
        return Err(Error::Corrupt { what, offset });
    }
    Ok(if first.sequence < second.sequence {
        second
    } else {
        first
    })
}

impl Header {
    /// The header in `bytes`; `None` when it is not valid, as after a write that was cut off.
    fn parse(bytes: &[u8], at: u64) -> Result<Option<Self>, Error> {
        let fields = Fields::new(bytes, "a header", at);
        if !bytes.starts_with(b"head") || !checksum_is_right(bytes) || fields.le16(66)? != 1 {
            return Ok(None);
        }
        let start = fields.le64(72)?;
        let len = u64::from(fields.le32(68)?);
        let end = start
            .checked_add(len)
            .ok_or_else(|| fields.corrupt(72, "the log ends beyond all files"))?;
        Ok(Some(Self {
            at,
            sequence: fields.le64(8)?,
            log_id: fields.array(48)?,
            log_version: fields.le16(64)?,
            log: start..end,
            rest: bytes.get(8..).unwrap_or_default().to_vec(),
        }))
    }
}

/// CRC-32C over the structure, with zeros in place of the checksum itself (bytes 4 to 7).
pub(super) fn checksum_is_right(bytes: &[u8]) -> bool {
    let (Some(signature), Some(stated), Some(rest)) = (
        bytes.get(..4),
        bytes.get(4..).and_then(<[u8]>::first_chunk::<4>),
        bytes.get(8..),
    ) else {
        return false;
    };
    let sum = crc32c::crc32c_append(crc32c::crc32c(signature), &[0; 4]);
    cfg!(fuzzing) || crc32c::crc32c_append(sum, rest) == u32::from_le_bytes(*stated)
}
