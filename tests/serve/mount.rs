//! Folders that nobody may write, root neither.

use std::path::{Path, PathBuf};
use std::process::Command;

fn done(program: &str, arguments: &[&str], path: &Path) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).arg(path);
    command.output().is_ok_and(|out| out.status.success())
}

/// Says that a test has tested nothing, where no test program swallows it.
fn skipped<T>(test: &str, why: &str) -> Option<T> {
    use std::io::Write as _;
    let line = format!("skipped: {test}: {why}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
    None
}

/// A folder that is mounted on itself, to be read only; as it was when dropped.
pub(crate) struct ReadOnly(PathBuf);

impl ReadOnly {
    /// None, and a line that says so, where that cannot be done: nobody but root may.
    pub(crate) fn of(test: &str, path: &Path) -> Option<Self> {
        let text = path.to_str()?;
        if done("mount", &["--bind", text], path) {
            let mounted = Self(path.to_owned());
            if done("mount", &["-o", "remount,bind,ro"], path) {
                return Some(mounted);
            }
        }
        skipped(test, "nothing can be mounted here")
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        done("umount", &["--lazy"], &self.0);
    }
}

/// A folder in which nothing can be made or removed; as it was when dropped.
pub(crate) struct Fixed(PathBuf);

impl Fixed {
    /// None, and a line that says so, where the file system knows no such thing, or we may not.
    pub(crate) fn of(test: &str, path: &Path) -> Option<Self> {
        match done("chattr", &["+i"], path) {
            true => Some(Self(path.to_owned())),
            false => skipped(test, "nothing can be made immutable here"),
        }
    }
}

impl Drop for Fixed {
    fn drop(&mut self) {
        done("chattr", &["-i"], &self.0);
    }
}
