//! The cleartext-signature wrapper around a checksum file (RFC 9580 §7).

use super::Error;

const BEGIN: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &[u8] = b"-----BEGIN PGP SIGNATURE-----";

/// The lines that count.
pub(super) struct Text<'a> {
    lines: Vec<&'a [u8]>,
    pub(super) clearsigned: bool,
}

impl Text<'_> {
    /// Each line as text; lines that are not UTF-8 are left out.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| {
            let line = if self.clearsigned {
                line.strip_prefix(b"- ").unwrap_or(line)
            } else {
                line
            };
            let text = std::str::from_utf8(line).ok()?;
            Some(if self.clearsigned {
                text.trim_end_matches([' ', '\t'])
            } else {
                text
            })
        })
    }
}

/// Takes the wrapper off. In a wrapped file only the lines of the first signed text count: what stands before or
/// after it is not covered by the signature.
pub(super) fn unwrap(bytes: &[u8]) -> Result<Text<'_>, Error> {
    let all = || {
        bytes
            .split(|b| *b == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
    };
    let Some(start) = all().position(|line| line.trim_ascii_end() == BEGIN) else {
        return Ok(Text {
            lines: all().collect(),
            clearsigned: false,
        });
    };
    // Armour headers (`Hash: …`) end at the first empty line.
    let body = all()
        .skip(start + 1)
        .skip_while(|line| !line.trim_ascii().is_empty())
        .skip(1);
    let mut lines = Vec::new();
    for line in body {
        if line.trim_ascii_end() == SIGNATURE {
            return Ok(Text {
                lines,
                clearsigned: true,
            });
        }
        // A line of the text that starts with a dash is escaped as `- -`; anything else is not of the text.
        if !line.starts_with(b"-") || line.starts_with(b"- ") {
            lines.push(line);
        }
    }
    Err(Error::Cut)
}
