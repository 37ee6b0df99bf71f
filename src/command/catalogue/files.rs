//! Which catalogue files are meant, and what of them could not be used.

use std::path::PathBuf;

use catalogue::{Catalogue, Error};

use crate::failure::{Exit, Failure};

/// The shipped catalogue, unless it is left out, with `files` laid over it.
///
/// # Errors
/// A file cannot be read, or is no catalogue.
pub(super) fn read(files: &[PathBuf], alone: bool) -> Result<Catalogue, Failure> {
    let mut catalogue = if alone {
        Catalogue::empty()
    } else {
        Catalogue::shipped()
    }
    .map_err(|error| Failure::of(Exit::Bug, &error))?;
    for file in files {
        catalogue.add_file(file).map_err(|error| failure(&error))?;
    }
    Ok(catalogue)
}

fn failure(error: &Error) -> Failure {
    let exit = match error {
        Error::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            Exit::NotFound
        }
        _ => Exit::Config,
    };
    Failure::of(exit, error)
}
