//! A dynamic VHD: the header behind the footer's copy, the block table, and the walk through it.

use std::ops::Range;

use crate::fields::Fields;
use crate::layout::Layout;
use crate::limits::{CHUNK, VHD_MAX_TABLE};
use crate::run::Stop;
use crate::walk::{Out, Walk};
use crate::window::View;
use crate::{Error, Refusal};

use super::blocks::Blocks;
use super::footer::{self, Footer, Kind, SECTOR};

const HEADER_MAGIC: &[u8] = b"cxsparse";
const HEADER_LEN: u64 = 1024;

/// A dynamic VHD, known by the copy of its footer at the start.
#[derive(Debug)]
pub(crate) struct Dynamic {
    footer: Footer,
}

impl Dynamic {
    /// Reads the copy of the footer out of the file's first bytes.
    pub(crate) fn parse(first: &[u8], max_size: u64) -> Result<Self, Error> {
        let footer = Footer::parse(first, 0)?;
        match footer.kind {
            Kind::Dynamic => {}
            Kind::Fixed => {
                return Err(Error::Corrupt {
                    what: "a fixed disk has its footer at the end only".into(),
                    offset: 60,
                });
            }
            Kind::Differencing => {
                return Err(Error::Refused {
                    refusal: Refusal::Differencing { format: "vpc" },
                });
            }
        }
        if footer.size > max_size {
            return Err(Error::Limit {
                what: "the virtual size",
                value: footer.size,
                limit: max_size,
            });
        }
        Ok(Self { footer })
    }
}

impl Walk for Dynamic {
    fn unit(&self) -> u64 {
        CHUNK as u64
    }

    fn size(&self) -> Option<u64> {
        Some(self.footer.size)
    }

    fn walk(self: Box<Self>, view: &mut View, out: &mut dyn Out) -> Result<(), Stop> {
        let Self { footer } = *self;
        out.size(footer.size)?;
        let mut layout = Layout::default();
        let copy = layout.table(0, footer::LEN as u64, "the copy of the footer")?;
        view.unused(copy);
        let header = layout.table(footer.header, HEADER_LEN, "the dynamic header")?;
        let bytes = view.table(header.clone(), "the dynamic header")?;
        let header = Header::parse(&bytes, header.start, footer.size)?;
        let table = layout.table(
            header.table,
            u64::from(header.entries) * 4,
            "the block table",
        )?;
        let used = table.start..table.start + footer.size.div_ceil(header.block) * 4;
        let bytes = view.table(used, "the block table")?;
        view.unused(table);
        let blocks = Blocks::parse(&bytes, header.block, &layout)?;
        drop(bytes);
        blocks.walk(footer.size, view, out)?;
        layout.reached(view)?;
        check_end(view, footer, layout.end().max(blocks.end()))
    }
}

/// What of the dynamic header matters to a reader.
struct Header {
    /// Where the block table lies.
    table: u64,
    /// How many entries it has.
    entries: u32,
    /// Bytes of a block.
    block: u64,
}

impl Header {
    fn parse(bytes: &[u8], at: u64, size: u64) -> Result<Self, Error> {
        let fields = Fields::new(bytes, "the dynamic header", at);
        if !bytes.starts_with(HEADER_MAGIC) {
            return Err(fields.corrupt(0, "there is no dynamic header here"));
        }
        if !footer::checksum_is_right(bytes, 36) {
            return Err(fields.corrupt(36, "the dynamic header's checksum is wrong"));
        }
        let version = fields.be32(24)? >> 16;
        if version != 1 {
            let format = "vpc";
            return Err(Error::Refused {
                refusal: Refusal::Version { format, version },
            });
        }
        let block = u64::from(fields.be32(32)?);
        if !block.is_power_of_two() || block < SECTOR {
            let what = format!("a block of {block} bytes is no power of two of sectors");
            return Err(fields.corrupt(32, what));
        }
        let entries = fields.be32(28)?;
        let needed = size.div_ceil(block);
        if u64::from(entries) < needed {
            let what = format!("the block table has {entries} entries, the disk needs {needed}");
            return Err(fields.corrupt(28, what));
        }
        if needed * 4 > VHD_MAX_TABLE {
            return Err(Error::Limit {
                what: "the block table",
                value: needed * 4,
                limit: VHD_MAX_TABLE,
            });
        }
        Ok(Self {
            table: fields.be64(16)?,
            entries,
            block,
        })
    }
}

/// The footer stands at the end of the file; where writers have filled the file up, right behind the last block. Without
/// it the file has been cut.
fn check_end(view: &mut View, copy: Footer, end: u64) -> Result<(), Stop> {
    let behind = end.next_multiple_of(SECTOR);
    let len = footer::LEN as u64;
    // What else lies behind the last block is not asked for.
    view.unused(behind.saturating_add(len)..u64::MAX);
    let file = view.end()?;
    let missing = || Error::Truncated {
        what: "the footer".into(),
        needed: behind.saturating_add(len),
        len: file,
    };
    if file < behind.saturating_add(len) {
        return Err(missing().into());
    }
    let mut at_end = |range: Range<u64>| -> Result<Option<Footer>, Stop> {
        let bytes = view.table(range.clone(), "the footer")?;
        match bytes.starts_with(&footer::MAGIC) {
            true => Ok(Some(Footer::parse(&bytes, range.start)?)),
            false => Ok(None),
        }
    };
    let place = file - len;
    let found = match at_end(place..file)? {
        Some(found) => (found, place),
        None => (at_end(behind..behind + len)?.ok_or_else(missing)?, behind),
    };
    if found.0 != copy {
        return Err(Error::Corrupt {
            what: "the footer and its copy contradict each other".into(),
            offset: found.1,
        }
        .into());
    }
    Ok(())
}
