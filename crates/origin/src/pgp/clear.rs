//! The cleartext signature framework (RFC 9580 §7): which text a signature covers, worked out in one place.
//!
//! The text that comes out is the text that is hashed and the text that is read as a checksum file. What stands before
//! or after it is covered by nothing and is not looked at.

const BEGIN: &[u8] = b"-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &[u8] = b"-----BEGIN PGP SIGNATURE-----";
const END: &[u8] = b"-----END PGP SIGNATURE-----";

/// A cleartext-signed text and its signatures, not checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clear {
    text: Vec<u8>,
    signatures: Vec<u8>,
}

/// Why a text that begins as a signed one is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotClear {
    /// Its signature, or the end of it, is missing.
    #[error("the signed text has no end: the file was cut")]
    Cut,
    /// Something other than `Hash:` stands between the first line and the text.
    #[error("a line before the signed text is no `Hash:` header")]
    Header,
    /// A line that begins with a dash is not escaped, so that it is not certain where the text ends.
    #[error("a line of the signed text begins with a dash that is not escaped")]
    Dash,
}

impl Clear {
    /// Finds the first signed text in a file; `None` when there is none.
    ///
    /// # Errors
    /// When one begins and is not whole, or not well formed.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, NotClear> {
        let mut lines = bytes.split(|byte| *byte == b'\n').map(trimmed);
        if !lines.any(|line| line == BEGIN) {
            return Ok(None);
        }
        for line in lines.by_ref() {
            match line {
                b"" => break,
                line if line.starts_with(b"Hash: ") => {}
                _ => return Err(NotClear::Header),
            }
        }
        let mut text: Option<Vec<u8>> = None;
        for line in lines.by_ref() {
            if line == SIGNATURE {
                return Ok(Some(Self {
                    text: text.unwrap_or_default(),
                    signatures: block(lines)?,
                }));
            }
            let line = match line.strip_prefix(b"- ") {
                Some(rest) => rest,
                None if line.starts_with(b"-") => return Err(NotClear::Dash),
                None => line,
            };
            match &mut text {
                Some(text) => {
                    text.extend_from_slice(b"\r\n");
                    text.extend_from_slice(line);
                }
                None => text = Some(line.to_vec()),
            }
        }
        Err(NotClear::Cut)
    }

    /// The text that the signatures cover, to the byte: lines end in CR LF, white space at their ends is gone, and the
    /// last one has no end.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The armoured signatures.
    #[must_use]
    pub fn signatures(&self) -> &[u8] {
        &self.signatures
    }
}

/// The rest of the signature's armour, with its first line put back.
fn block<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Result<Vec<u8>, NotClear> {
    let mut block = SIGNATURE.to_vec();
    for line in lines {
        block.push(b'\n');
        block.extend_from_slice(line);
        if line == END {
            block.push(b'\n');
            return Ok(block);
        }
    }
    Err(NotClear::Cut)
}

/// Without the white space at its end, which no signature covers. The blank of an empty escaped line (`- `) is part of
/// the escape and stays.
fn trimmed(line: &[u8]) -> &[u8] {
    let end = line
        .iter()
        .rposition(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
    let trimmed = line
        .split_at_checked(end.map_or(0, |at| at + 1))
        .map_or(line, |parts| parts.0);
    if trimmed == b"-" && line.starts_with(b"- ") {
        b"- "
    } else {
        trimmed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n";
    const TAIL: &str = "\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n";

    fn text(body: &str) -> Result<String, NotClear> {
        let clear = Clear::read(format!("before\n{HEAD}{body}{TAIL}after\n").as_bytes())?;
        Ok(String::from_utf8(clear.unwrap().text().to_vec()).unwrap())
    }

    #[test]
    fn the_covered_text_is_as_the_standard_says() {
        assert_eq!(text("a\nb"), Ok("a\r\nb".to_owned()));
        assert_eq!(text("a \t\r\nb\t"), Ok("a\r\nb".to_owned()));
        assert_eq!(text("- -a\n- b\n- "), Ok("-a\r\nb\r\n".to_owned()));
        assert_eq!(text(""), Ok(String::new()));
        assert_eq!(text("\n"), Ok("\r\n".to_owned()));
    }

    #[test]
    fn nothing_uncertain_is_taken_for_signed() {
        assert_eq!(text("a\n-b"), Err(NotClear::Dash));
        assert_eq!(
            text("a\n-----BEGIN PGP SIGNED MESSAGE-----\n"),
            Err(NotClear::Dash)
        );
        let smuggled = format!(
            "{}SHA256 (x) = 0\n\nb{TAIL}",
            HEAD.trim_end_matches('\n').to_owned() + "\n"
        );
        assert_eq!(Clear::read(smuggled.as_bytes()), Err(NotClear::Header));
        let whole = format!("{HEAD}a{TAIL}");
        for cut in [HEAD.len(), whole.len() - 5, whole.len() - TAIL.len() + 40] {
            assert_eq!(
                Clear::read(&whole.as_bytes()[..cut]),
                Err(NotClear::Cut),
                "{cut}"
            );
        }
        assert_eq!(Clear::read(b"plain"), Ok(None));
    }
}
