//! Random identifiers, tokens and passwords, and the digest that a token is kept by.

use std::fmt::Write as _;

use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::Error;

/// Characters of a generated password: no two look alike.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789-";

/// An id as Keystone's: 32 hexadecimal digits.
pub(crate) fn id() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// Random bytes.
///
/// # Errors
/// The machine has none.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::Broken("the machine has no random numbers"))?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A secret of 256 random bits in hexadecimal digits: a token, or the secret of an application credential.
pub(crate) fn secret() -> Result<SecretString, Error> {
    Ok(SecretString::from(hex(&bytes::<32>()?)))
}

/// The id by which a token is told from others in audit records; it is no secret.
pub(super) fn audit() -> Result<String, Error> {
    Ok(hex(&bytes::<16>()?))
}

/// A password of 120 random bits, easy to read and to type.
///
/// # Errors
/// The machine has no random numbers.
pub fn password() -> Result<SecretString, Error> {
    let letter = |byte: u8| LETTERS.get(usize::from(byte % 32)).copied().map(char::from);
    let text: String = bytes::<24>()?.into_iter().filter_map(letter).collect();
    Ok(SecretString::from(text))
}

/// What a token is kept by. A token is random, so a fast digest is enough.
pub(crate) fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}
