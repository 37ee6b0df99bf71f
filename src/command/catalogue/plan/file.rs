//! A plan in a file: complete or not there, and for nobody else to read.

use std::io::{self, Write as _};
use std::path::Path;

use catalogue::plan::Plans;
use tempfile::NamedTempFile;

use crate::failure::{Exit, Failure};

/// Whether a file may be written there, before anything is asked of anybody.
///
/// # Errors
/// It is there already.
pub(super) fn expect(path: &Path, force: bool) -> Result<(), Failure> {
    match path.exists() && !force {
        true => Err(there_already(path)),
        false => Ok(()),
    }
}

/// Writes the plans, mode 0600.
///
/// # Errors
/// It is there already, or cannot be written.
pub(super) fn write(path: &Path, plans: &Plans, force: bool) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(plans);
    let text = text.map_err(|error| Failure::of(Exit::Bug, &error))? + "\n";
    put(path, &text, force).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => there_already(path),
        _ => Failure::new(Exit::Config, format!("cannot write `{}`", path.display()))
            .cause(error.to_string()),
    })
}

fn put(path: &Path, text: &str, force: bool) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    // Made for its owner alone.
    let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    match force {
        true => file.persist(path)?,
        false => file.persist_noclobber(path)?,
    };
    Ok(())
}

fn there_already(path: &Path) -> Failure {
    let message = format!("`{}` is there already", path.display());
    Failure::new(Exit::Usage, message).hint("replace it: `--force`")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_that_is_there_is_replaced_only_on_demand_and_is_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        let plans = Plans::new(Vec::new());
        write(&path, &plans, false).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(&path, "mine").unwrap();
        assert_eq!(write(&path, &plans, false).unwrap_err().exit, Exit::Usage);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        write(&path, &plans, true).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(Plans::read(&text).unwrap(), plans);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
