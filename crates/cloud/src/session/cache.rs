//! Tokens kept between commands, so that the second one need not log in.
//!
//! One file a log-in, named by a digest of what is not secret about it (address, user, scope). It holds the token,
//! its description with the catalogue, and what discovery found. Whatever is wrong with a file, it counts as absent;
//! the next log-in replaces it as a whole. Folder and file are the user's alone (0700, 0600); others' are not used.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wire::identity::Token;

use super::Grant;
use crate::config::{Connection, Login};

/// The form of the file; another number is another form, and counts as absent.
const FORM: u32 = 1;

/// Longest file that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// Where one log-in is kept.
pub(crate) struct Cache {
    file: PathBuf,
    login: Login,
}

/// The file's content.
#[derive(Serialize, Deserialize)]
struct Record {
    form: u32,
    binding: String,
    secret: String,
    token: Token,
    from: Timestamp,
    until: Timestamp,
    bases: BTreeMap<String, String>,
}

impl Cache {
    pub(crate) fn new(folder: &Path, connection: &Connection) -> Self {
        let mut digest = Sha256::new();
        let (user, credential) = match &connection.login {
            Login::Password { user, .. } => (Some(user), None),
            Login::Token(_) => (None, None),
            Login::Application {
                credential, user, ..
            } => (user.as_ref(), Some(credential)),
        };
        let kind = connection.login.kind();
        let parts = format!(
            "{FORM}\n{}\n{kind}\n{user:?}\n{credential:?}\n{:?}",
            connection.auth_url, connection.scope
        );
        digest.update(parts.as_bytes());
        let name = format!("{}.json", hex(&digest.finalize()));
        Self {
            file: folder.join(name),
            login: connection.login.clone(),
        }
    }

    /// The log-in kept here, if it was made with the same secret.
    pub(crate) fn read(&self) -> Option<Grant> {
        let folder = self.file.parent()?;
        if !private(folder) || !private(&self.file) {
            return None;
        }
        let mut text = String::new();
        fs::File::open(&self.file)
            .ok()?
            .take(LONGEST)
            .read_to_string(&mut text)
            .ok()?;
        let record: Record = serde_json::from_str(&text).ok()?;
        if record.form != FORM || record.binding != self.binding(&record.secret) {
            return None;
        }
        Some(Grant {
            secret: SecretString::from(record.secret),
            token: record.token,
            from: record.from,
            until: record.until,
            bases: record.bases,
        })
    }

    /// Keeps a log-in. A cache that cannot be written is no cache, and no error.
    pub(crate) fn write(&self, grant: &Grant) {
        let secret = grant.secret.expose_secret().to_owned();
        let record = Record {
            form: FORM,
            binding: self.binding(&secret),
            secret,
            token: grant.token.clone(),
            from: grant.from,
            until: grant.until,
            bases: grant.bases.clone(),
        };
        let _written = self.replace(&record);
    }

    fn replace(&self, record: &Record) -> Option<()> {
        let folder = self.file.parent()?;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .ok()?;
        if !private(folder) {
            return None;
        }
        // Made with 0600, and renamed into place whole.
        let mut file = tempfile::NamedTempFile::new_in(folder).ok()?;
        file.write_all(&serde_json::to_vec(record).ok()?).ok()?;
        file.persist(&self.file).ok()?;
        Some(())
    }

    pub(crate) fn remove(&self) {
        let _removed = fs::remove_file(&self.file);
    }

    /// What ties the file to the secret it was made with, so that a wrong password is not let in by a right one's token.
    ///
    /// A password's digest would let whoever steals the file guess the password at leisure. Sixteen bits of it cannot:
    /// they fit one in 65536 passwords, which is enough to notice a mistyped one. Other secrets are too long to guess.
    fn binding(&self, token: &str) -> String {
        let mut digest = Sha256::new();
        digest.update(token.as_bytes());
        digest.update([0]);
        digest.update(self.login.secret().expose_secret().as_bytes());
        let mut text = hex(&digest.finalize());
        if matches!(self.login, Login::Password { .. }) {
            text.truncate(4);
        }
        text
    }
}

/// Whether nobody but its owner can read or write it.
fn private(path: &Path) -> bool {
    fs::symlink_metadata(path)
        .is_ok_and(|found| found.mode() & 0o077 == 0 && !found.file_type().is_symlink())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
