//! OpenStack's own programs, as tests run them.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// Takes the cloud that the caller's `OS_*` variables describe away from a command; what the command was given stays.
pub fn without_cloud(command: &mut Command) {
    let given: Vec<OsString> = command
        .get_envs()
        .map(|(name, _)| name.to_owned())
        .collect();
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("OS_") && !given.contains(&name) {
            command.env_remove(name);
        }
    }
}

/// The Python that has OpenStack's clients: that of `LAB_VENV`, or of the lab of `ECTYPE_TEST_LAB`.
#[must_use]
pub fn python() -> Option<PathBuf> {
    let lab = || Some(PathBuf::from(std::env::var_os("ECTYPE_TEST_LAB")?).join("venv"));
    let venv = std::env::var_os("LAB_VENV")
        .map(PathBuf::from)
        .or_else(lab)?;
    Some(venv.join("bin/python")).filter(|python| python.exists())
}

/// The same, or word that a test is skipped.
#[must_use]
pub fn python_for(test: &str) -> Option<PathBuf> {
    let python = python();
    if python.is_none() {
        let line = format!("skipped: {test}: no Python with the clients (ECTYPE_TEST_LAB)\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    python
}
