//! A database in a file of its own.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::Error;

/// The address of an SQLite database in this file. A file that is not there is made, for its owner's eyes only: SQLite
/// gives its side files the same rights.
///
/// # Errors
/// The path is no text, or the file cannot be made.
pub fn file(path: &Path) -> Result<String, Error> {
    let text = path.to_str();
    let text = text.ok_or_else(|| Error::Address(path.display().to_string()))?;
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(Error::Unusable {
                place: text.to_owned(),
                source: sqlx::Error::Io(error),
            });
        }
        _ => {}
    }
    // What has a meaning in an address.
    let mut address = "sqlite:".to_owned();
    for letter in text.chars() {
        match letter {
            '%' => address.push_str("%25"),
            '?' => address.push_str("%3F"),
            '#' => address.push_str("%23"),
            other => address.push(other),
        }
    }
    Ok(address)
}
