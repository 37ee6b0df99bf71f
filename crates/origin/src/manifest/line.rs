//! One line of a checksum file.

use disk::{Algorithm, Digest};

use super::{Entry, Size};

/// What a line says.
pub(super) enum Line {
    /// A digest.
    Entry(Entry),
    /// A length.
    Size(String, Size),
}

/// Reads a line; `None` when it is nothing that we know.
pub(super) fn read(line: &str) -> Option<Line> {
    if let Some(comment) = line.strip_prefix('#') {
        return size(comment);
    }
    let (line, escaped) = match line.strip_prefix('\\') {
        Some(rest) => (rest, true),
        None => (line, false),
    };
    let (name, digest) = bsd(line).or_else(|| gnu(line)).or_else(|| bare(line))?;
    let name = match name {
        Some(name) if escaped => Some(unescape(name)?),
        Some(name) => Some(name.to_owned()),
        None => None,
    };
    Some(Line::Entry(Entry { name, digest }))
}

/// `<hex>  name`, `<hex> *name`, `<hex> name`.
fn gnu(line: &str) -> Option<(Option<&str>, Digest)> {
    let (hex, rest) = line.split_at_checked(line.find([' ', '\t'])?)?;
    let digest = of_hex(hex)?;
    let mut after = rest.chars();
    after.next();
    let rest = after.as_str();
    let name = rest.strip_prefix([' ', '*', '\t']).unwrap_or(rest);
    if name.trim().is_empty() {
        return Some((None, digest));
    }
    Some((Some(name), digest))
}

/// `SHA256 (name) = <hex>`; OpenSSL writes the same without blanks.
fn bsd(line: &str) -> Option<(Option<&str>, Digest)> {
    let (tag, rest) = line.split_once('(')?;
    let algorithm: Algorithm = tag.trim_end().parse().ok()?;
    // The name may hold `)` and ` = `; a digest cannot, so the last one counts.
    let (name, hex) = rest.rsplit_once('=')?;
    let name = name.trim_end().strip_suffix(')')?;
    if name.is_empty() {
        return None;
    }
    Some((Some(name), Digest::parse(algorithm, hex.trim()).ok()?))
}

/// Nothing but a digest.
fn bare(line: &str) -> Option<(Option<&str>, Digest)> {
    Some((None, of_hex(line.trim())?))
}

fn of_hex(hex: &str) -> Option<Digest> {
    Digest::parse(Algorithm::of_hex_len(hex.len())?, hex).ok()
}

/// ` name: 645988352 bytes`, ` name: 448968K`.
fn size(comment: &str) -> Option<Line> {
    let (name, value) = comment.rsplit_once(':')?;
    let value = value.trim();
    let size = match value.strip_suffix('K') {
        Some(kib) => Size::About(kib.trim_end().parse::<u64>().ok()?.checked_mul(1024)?),
        None => Size::Exact(value.strip_suffix("bytes")?.trim_end().parse().ok()?),
    };
    Some(Line::Size(name.trim().to_owned(), size))
}

/// Takes the escapes of GNU coreutils out of a name: `\\`, `\n`, `\r`. Anything else after a backslash is no name.
fn unescape(name: &str) -> Option<String> {
    let mut out = String::with_capacity(name.len());
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next()? {
                '\\' => '\\',
                'n' => '\n',
                'r' => '\r',
                _ => return None,
            },
            c => c,
        });
    }
    Some(out)
}
