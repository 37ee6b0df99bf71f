//! Checksum files: every text form that vendors publish, read by one pure and bounded parser.
//!
//! A line that is no checksum line is ignored, because real files carry headers, comments and even a wget log.
//! What must not be ignored is an error: a file too large to be one, a web page, a signed text that was cut.

use disk::{Algorithm, Digest};

mod line;
mod lookup;

use crate::pgp::{Clear, NotClear};

pub use lookup::{Listing, Role};

/// The largest checksum file that is read, in bytes. The largest real one known (CentOS Stream) has 20 kB.
pub const MAX_MANIFEST: usize = 1 << 20;

/// One digest that a checksum file states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name as written, unescaped; `None` for a bare digest, which speaks of the file that it lies beside.
    pub name: Option<String>,
    /// The digest.
    pub digest: Digest,
}

/// A length that a checksum file states in a comment (`# name: 645988352 bytes`, `# name: 448968K`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// To the byte.
    Exact(u64),
    /// In KiB, rounded by whoever wrote it (`du -k`): good for reading, not for checking.
    About(u64),
}

/// A checksum file, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    pub(crate) entries: Vec<Entry>,
    pub(crate) sizes: Vec<(String, Size)>,
    signed: Option<Clear>,
}

/// Why bytes are no usable checksum file, or say nothing usable about a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// More bytes than any checksum file has.
    #[error("{len} bytes are too many for a checksum file (limit {MAX_MANIFEST})")]
    TooLarge {
        /// The number of bytes.
        len: usize,
    },
    /// A web page: what many servers send, with status 200, for a file that they do not have.
    #[error("a web page, not a checksum file")]
    WebPage,
    /// A cleartext-signed text that is not whole, or not well formed.
    #[error(transparent)]
    Signed(#[from] NotClear),
    /// No line of it is a checksum.
    #[error("no checksum in it")]
    Empty,
    /// Two lines say different things of the same file.
    #[error("it contradicts itself about `{name}`: {first} and {second}")]
    Contradiction {
        /// The file asked for.
        name: String,
        /// The one value.
        first: String,
        /// The other.
        second: String,
    },
}

impl Manifest {
    /// Reads a checksum file of any form: GNU (two spaces, ` *`, one space, `\`-escaped), BSD
    /// (`SHA256 (name) = …`), bare digests, cleartext-signed or not, LF or CRLF.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::WebPage`], [`Error::Signed`]; [`Error::Empty`] when nothing in it is a checksum.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_MANIFEST {
            return Err(Error::TooLarge { len: bytes.len() });
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if is_web_page(bytes) {
            return Err(Error::WebPage);
        }
        // Of a signed file nothing counts but the very text that the signature covers.
        let mut manifest = Self {
            signed: Clear::read(bytes)?,
            ..Self::default()
        };
        let text = manifest.signed.as_ref().map_or(bytes, Clear::text).to_vec();
        for line in text.split(|byte| *byte == b'\n') {
            // A line that is no UTF-8 is no checksum line.
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            match std::str::from_utf8(line).ok().and_then(line::read) {
                Some(line::Line::Entry(entry)) => manifest.entries.push(entry),
                Some(line::Line::Size(name, size)) => manifest.sizes.push((name, size)),
                None => {}
            }
        }
        if manifest.entries.is_empty() {
            Err(Error::Empty)
        } else {
            Ok(manifest)
        }
    }

    /// All digests, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The signed text that the digests were read from, with its signatures, if the file is cleartext-signed
    /// (RFC 9580 §7). Nothing is checked yet.
    #[must_use]
    pub fn signed_text(&self) -> Option<&Clear> {
        self.signed.as_ref()
    }

    /// The strongest algorithm of the digests in the file.
    #[must_use]
    pub fn strongest(&self) -> Option<Algorithm> {
        self.entries.iter().map(|e| e.digest.algorithm()).max()
    }
}

/// Whether the first character that is no white space opens a tag.
fn is_web_page(bytes: &[u8]) -> bool {
    bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'<')
}
