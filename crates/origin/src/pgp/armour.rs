//! ASCII armour: a file's blocks one by one, because readers of OpenPGP take only the first.

use sequoia_openpgp as openpgp;

use openpgp::armor::{Kind, Reader, ReaderMode};

use super::keyring::read_all;
use crate::limits::MAX_KEYS_FILE;

/// The blocks between `-----BEGIN PGP <label>-----` and its end, these lines included. A block without an end goes to
/// the end of the file, where opening it fails.
pub(super) fn blocks<'a>(bytes: &'a [u8], label: &str) -> Vec<&'a [u8]> {
    let (begin, end) = (
        format!("-----BEGIN PGP {label}-----"),
        format!("-----END PGP {label}-----"),
    );
    let mut blocks = Vec::new();
    let (mut at, mut open) = (0, None);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let (start, trimmed) = (at, line.trim_ascii());
        at += line.len();
        if trimmed == begin.as_bytes() {
            open = Some(start);
        } else if trimmed == end.as_bytes()
            && let Some(block) = open.take().and_then(|from| bytes.get(from..at))
        {
            blocks.push(block);
        }
    }
    blocks.extend(open.and_then(|from| bytes.get(from..)));
    blocks
}

/// The bytes in one block, or why it has none.
pub(super) fn open(block: &[u8], kind: Kind) -> Result<Vec<u8>, String> {
    let reader = Reader::from_bytes(block, ReaderMode::Tolerant(Some(kind)));
    read_all(reader, MAX_KEYS_FILE)
}
