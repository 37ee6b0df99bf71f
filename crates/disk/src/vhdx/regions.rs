//! The region table of a VHDX, in two copies: where the block allocation table and the metadata lie.

use bytes::Bytes;
use std::fmt::Write as _;
use std::ops::Range;

use crate::fields::Fields;
use crate::layout::Layout;
use crate::run::Stop;
use crate::window::View;
use crate::{Error, Refusal};

use super::MIB;
use super::headers::checksum_is_right;

const PLACES: [u64; 2] = [192 << 10, 256 << 10];
const LEN: u64 = 64 << 10;
const HEADER: usize = 16;
const ENTRY: usize = 32;
/// How many entries fit into the table behind its header.
const MAX_REGIONS: usize = 2047;

/// 2DC27766-F623-4200-9D64-115E9BFD4A08, as it lies in a file.
const TABLE: [u8; 16] = *b"\x66\x77\xc2\x2d\x23\xf6\x00\x42\x9d\x64\x11\x5e\x9b\xfd\x4a\x08";
/// 8B7CA206-4790-4B9A-B8FE-575F050F886E.
const METADATA: [u8; 16] = *b"\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e";

/// Where the two regions lie that every image has.
pub(super) struct Regions {
    /// The block allocation table.
    pub(super) table: Range<u64>,
    pub(super) metadata: Range<u64>,
}

impl Regions {
    /// Reads the region table; the regions become part of the `layout`.
    pub(super) fn read(view: &mut View, layout: &mut Layout) -> Result<Self, Stop> {
        let [first, second] = PLACES;
        let bytes = view.table(first..first + LEN, "the region table")?;
        let copy = view.table(second..second + LEN, "the second region table")?;
        let valid = |bytes: &Bytes| bytes.starts_with(b"regi") && checksum_is_right(bytes);
        let (bytes, at) = match (valid(&bytes), valid(&copy)) {
            (true, true) if bytes != copy => {
                return Err(corrupt(second, "the two region tables contradict each other").into());
            }
            (true, _) => (bytes, first),
            (false, true) => (copy, second),
            (false, false) => return Err(corrupt(first, "neither region table is valid").into()),
        };
        Ok(Self::parse(
            &Fields::new(&bytes, "the region table", at),
            at,
            layout,
        )?)
    }

    fn parse(fields: &Fields<'_>, at: u64, layout: &mut Layout) -> Result<Self, Error> {
        let (mut table, mut metadata) = (None, None);
        let count = usize::try_from(fields.le32(8)?).unwrap_or(usize::MAX);
        if count > MAX_REGIONS {
            return Err(fields.corrupt(8, format!("{count} regions do not fit into the table")));
        }
        for entry in (HEADER..).step_by(ENTRY).take(count) {
            let id = fields.array::<16>(entry)?;
            let (start, len) = (
                fields.le64(entry + 16)?,
                u64::from(fields.le32(entry + 24)?),
            );
            if start < MIB || start % MIB != 0 || len % MIB != 0 {
                let what = "a region does not lie at whole MiB behind the headers";
                return Err(fields.corrupt(entry + 16, what));
            }
            let (place, what) = match id {
                TABLE => (Some(&mut table), "the block allocation table"),
                METADATA => (Some(&mut metadata), "the metadata"),
                _ if fields.le32(entry + 28)? & 1 != 0 => {
                    return Err(unknown("region", &id));
                }
                _ => (None, "a region"),
            };
            let range = layout.table(start, len, what)?;
            if place.is_some_and(|place| place.replace(range).is_some()) {
                return Err(fields.corrupt(entry, format!("{what} is there twice")));
            }
        }
        match (table, metadata) {
            (Some(table), Some(metadata)) => Ok(Self { table, metadata }),
            (None, _) => Err(corrupt(at, "there is no block allocation table")),
            (_, None) => Err(corrupt(at, "there are no metadata")),
        }
    }
}

/// A part that is marked as required, and not known.
pub(super) fn unknown(what: &str, id: &[u8; 16]) -> Error {
    let mut name = format!("{what} ");
    for byte in id {
        // Writing into a string does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    Error::Refused {
        refusal: Refusal::UnknownPart { what: name },
    }
}

fn corrupt(offset: u64, what: &str) -> Error {
    let what = what.into();
    Error::Corrupt { what, offset }
}
