//! Reading a tar archive as it passes: ustar, GNU and pax headers (POSIX.1-2008 pax, "ustar Interchange Format"), each
//! checksum verified, every length bounded.

use std::io::{self, Read};

use crate::Error;
use crate::limits::TAR_MAX_EXTENDED;
use crate::pass::fill;

/// Everything is padded to blocks of this size.
const BLOCK: usize = 512;

/// No size of a file is so large.
const LARGEST: u64 = 1 << 62;

/// An archive that passes.
pub(super) struct Archive<R> {
    stream: R,
    /// How far it has been read.
    at: u64,
    /// Bytes of the current member that have not been read, and the padding behind it.
    left: u64,
    padding: u64,
}

/// A file in the archive.
pub(super) struct Member {
    /// Its name, without `./` before it.
    pub(super) name: String,
    /// Where its bytes begin in the archive, and how many there are.
    pub(super) start: u64,
    pub(super) size: u64,
}

/// What an extended header says about the next member.
#[derive(Default)]
struct Extended {
    name: Option<String>,
    size: Option<u64>,
}

impl<R: Read> Archive<R> {
    pub(super) fn new(stream: R) -> Self {
        Self {
            stream,
            at: 0,
            left: 0,
            padding: 0,
        }
    }

    /// The next file; `None` at the archive's end, when it is known to be whole. What was not read of the file before passes.
    pub(super) fn next(&mut self) -> io::Result<Option<Member>> {
        let mut extended = Extended::default();
        loop {
            self.pass_rest()?;
            let start = self.at;
            let Some(header) = self.header()? else {
                return Ok(None);
            };
            let size = number(&header, 124, 12).ok_or_else(|| bad(start, "a size"))?;
            let kind = header.get(156).copied().unwrap_or_default();
            match kind {
                b'L' => {
                    self.open(size);
                    let name = self.extended(start)?;
                    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
                    extended.name = Some(text(name, start)?);
                }
                b'x' => {
                    self.open(size);
                    let records = self.extended(start)?;
                    extended.take(&records, start)?;
                }
                // Records for the whole archive: comments and the like.
                b'g' => {
                    self.open(size);
                    let records = self.extended(start)?;
                    Extended::default().take(&records, start)?;
                }
                b'5' => extended = Extended::default(),
                b'0' | b'7' | 0 => {
                    let size = extended.size.unwrap_or(size);
                    self.open(size);
                    let name = match extended.name.take() {
                        Some(name) => name,
                        None => name_of(&header, start)?,
                    };
                    let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
                    let start = self.at;
                    return Ok(Some(Member { name, start, size }));
                }
                _ => {
                    let what = "the package holds something that is neither a file nor a folder";
                    return Err(failed(start, what));
                }
            }
        }
    }

    /// Bytes of the current file; 0 at its end.
    pub(super) fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = most.min(space.len());
        let Some(space) = space.get_mut(..most).filter(|space| !space.is_empty()) else {
            return Ok(0);
        };
        let got = self.stream.read(space)?;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at += got as u64;
        self.left -= got as u64;
        Ok(got)
    }

    fn open(&mut self, size: u64) {
        self.left = size;
        self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    fn pass_rest(&mut self) -> io::Result<()> {
        self.left = self
            .left
            .checked_add(std::mem::take(&mut self.padding))
            .ok_or_else(|| bad(self.at, "a size"))?;
        let mut space = [0; 16 << 10];
        while self.read(&mut space)? > 0 {}
        Ok(())
    }

    /// The next header; `None` when the two empty blocks of the end are there and nothing but zeros follows.
    fn header(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let start = self.at;
        let block = self.block()?.ok_or(io::ErrorKind::UnexpectedEof)?;
        if block.iter().any(|byte| *byte != 0) {
            check_sum(&block, start)?;
            return Ok(Some(block));
        }
        let mut blocks = 0_u64;
        while let Some(block) = self.block()? {
            blocks += 1;
            if block.iter().any(|byte| *byte != 0) {
                return Err(failed(start, "something follows the end of the package"));
            }
        }
        match blocks {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(None),
        }
    }

    /// The next block; `None` at the stream's end.
    fn block(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        match fill(&mut self.stream, &mut block)? {
            0 => Ok(None),
            BLOCK => {
                self.at += BLOCK as u64;
                Ok(Some(block))
            }
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// The whole of an extended header's contents.
    fn extended(&mut self, start: u64) -> io::Result<Vec<u8>> {
        self.whole(TAR_MAX_EXTENDED, "an extended header", start)
    }

    /// The whole of the current file, of `limit` bytes at most.
    pub(super) fn whole(
        &mut self,
        limit: u64,
        what: &'static str,
        start: u64,
    ) -> io::Result<Vec<u8>> {
        let value = self.left;
        if value > limit {
            return Err(io::Error::other(Error::Limit { what, value, limit }));
        }
        let mut bytes = vec![0; usize::try_from(value).map_err(|_| bad(start, "a size"))?];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            filled += self.read(rest)?;
        }
        Ok(bytes)
    }
}

impl Extended {
    /// Takes pax records: `LENGTH KEYWORD=VALUE\n` each.
    fn take(&mut self, mut records: &[u8], start: u64) -> io::Result<()> {
        let wrong = || bad(start, "a pax record");
        while !records.is_empty() {
            let space = records.iter().position(|byte| *byte == b' ');
            let len: usize = space
                .and_then(|space| {
                    std::str::from_utf8(records.get(..space)?)
                        .ok()?
                        .parse()
                        .ok()
                })
                .ok_or_else(wrong)?;
            let (record, rest) = records.split_at_checked(len).ok_or_else(wrong)?;
            let record = space
                .and_then(|space| record.get(space + 1..))
                .and_then(|record| record.strip_suffix(b"\n"))
                .ok_or_else(wrong)?;
            let equals = record.iter().position(|byte| *byte == b'=');
            let (key, value) = equals
                .and_then(|equals| record.split_at_checked(equals))
                .ok_or_else(wrong)?;
            let value = value.get(1..).unwrap_or_default();
            match key {
                b"path" => self.name = Some(text(value, start)?),
                b"size" => {
                    let value = text(value, start)?;
                    let size = value.parse().ok().filter(|size| *size < LARGEST);
                    self.size = Some(size.ok_or_else(wrong)?);
                }
                key if key.starts_with(b"GNU.sparse") => {
                    return Err(failed(start, "the package holds a file with holes"));
                }
                _ => {}
            }
            records = rest;
        }
        Ok(())
    }
}

fn name_of(header: &[u8], start: u64) -> io::Result<String> {
    let field = |place: usize, len: usize| {
        let field = header.get(place..place + len).unwrap_or_default();
        field.split(|byte| *byte == 0).next().unwrap_or_default()
    };
    let name = text(field(0, 100), start)?;
    // Only POSIX headers have a prefix; GNU's have times there.
    let posix = header.get(257..263) == Some(b"ustar\0");
    Ok(match text(field(345, 155), start)? {
        prefix if posix && !prefix.is_empty() => format!("{prefix}/{name}"),
        _ => name,
    })
}

/// A number in octal digits, or in binary where the first bit is set (GNU).
fn number(header: &[u8], place: usize, len: usize) -> Option<u64> {
    let field = header.get(place..place + len)?;
    let value = match field.split_first()? {
        (0x80, rest) => rest.iter().try_fold(0_u64, |value, byte| {
            value.checked_mul(256)?.checked_add(u64::from(*byte))
        })?,
        _ => {
            let digits = std::str::from_utf8(field).ok()?;
            let digits = digits.trim_matches([' ', '\0']);
            match digits {
                "" => 0,
                digits => u64::from_str_radix(digits, 8).ok()?,
            }
        }
    };
    (value < LARGEST).then_some(value)
}

/// The sum of all bytes with the sum's own field as spaces; some old programs took the bytes as signed.
fn check_sum(header: &[u8; BLOCK], start: u64) -> io::Result<()> {
    let stated = number(header, 148, 8).and_then(|sum| i64::try_from(sum).ok());
    let (mut unsigned, mut signed) = (0_i64, 0_i64);
    for (place, byte) in header.iter().enumerate() {
        let byte = if (148..156).contains(&place) {
            b' '
        } else {
            *byte
        };
        unsigned += i64::from(byte);
        signed += i64::from(byte.cast_signed());
    }
    if stated.is_some_and(|stated| stated == unsigned || stated == signed) {
        return Ok(());
    }
    Err(failed(start, "a tar header's checksum is wrong"))
}

fn text(bytes: &[u8], start: u64) -> io::Result<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(bad(start, "a name")),
    }
}

fn bad(offset: u64, what: &str) -> io::Error {
    failed(offset, &format!("{what} in a tar header cannot be read"))
}

pub(super) fn failed(offset: u64, what: &str) -> io::Error {
    io::Error::other(Error::Corrupt {
        what: what.to_owned(),
        offset,
    })
}
