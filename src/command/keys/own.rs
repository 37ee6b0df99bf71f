//! The keys that the user trusts: `--key FILE`, and the folder of keys.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args as ClapArgs;
use origin::Trust;
use origin::keys::{Own, own};
use origin::limits::MAX_KEYS_FILE;

use crate::context::config_folder;
use crate::failure::{Exit, Failure};

/// Which signatures count.
#[derive(Debug, ClapArgs)]
pub(crate) struct Signatures {
    /// Trust the OpenPGP keys in this file, too; repeatable
    #[arg(long = "key", value_name = "FILE")]
    keys: Vec<PathBuf>,
    /// Put up with a missing signature where the vendor is known to sign; never with a bad one
    #[arg(long)]
    allow_unsigned: bool,
}

impl Signatures {
    /// Whether a missing signature is put up with.
    pub(crate) fn are_dispensable(&self) -> bool {
        self.allow_unsigned
    }

    /// What is trusted, with the user's wishes.
    pub(crate) fn trust(&self) -> Result<Trust, Failure> {
        trust(&self.keys, self.allow_unsigned)
    }
}

/// What is trusted: the pinned keys, those in the folder, and those of these files.
pub(crate) fn trust(files: &[PathBuf], allow_unsigned: bool) -> Result<Trust, Failure> {
    let trust = Trust::shipped(SystemTime::now());
    let mut trust = trust.map_err(|error| Failure::of(Exit::Bug, &error))?;
    trust.own = kept()?;
    for file in files {
        trust.own.extend(read(file)?);
    }
    trust.allow_unsigned = allow_unsigned;
    Ok(trust)
}

/// The keys in the folder, in the order of the files' names.
pub(super) fn kept() -> Result<Vec<Own>, Failure> {
    let Some(folder) = config_folder().map(|folder| folder.join("keys")) else {
        return Ok(Vec::new());
    };
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(cannot(&folder, &error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| cannot(&folder, &error))?.path();
        let ending = path.extension().and_then(OsStr::to_str);
        if matches!(ending, Some("asc" | "gpg" | "pgp")) {
            files.push(path);
        }
    }
    files.sort();
    let mut keys = Vec::new();
    for file in files {
        keys.extend(read(&file)?);
    }
    Ok(keys)
}

/// A key that cannot be read is not passed over: who put it there counts on it.
fn read(file: &Path) -> Result<Vec<Own>, Failure> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file);
    opened
        .and_then(|file| file.take(MAX_KEYS_FILE as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| cannot(file, &error))?;
    let name = file.display().to_string();
    own(&name, &bytes).map_err(|error| cannot(file, &error))
}

fn cannot(path: &Path, error: &(dyn std::error::Error + 'static)) -> Failure {
    let message = format!("cannot use the keys in `{}`", path.display());
    Failure::new(Exit::Config, message).caused_by(Some(error))
}
