//! Folders that nobody may write, root neither.

use std::path::{Path, PathBuf};
use std::process::Command;

fn done(program: &str, arguments: &[&str], path: &Path) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).arg(path);
    command.output().is_ok_and(|out| out.status.success())
}

/// A folder that is mounted on itself, to be read only; as it was when dropped.
pub(crate) struct ReadOnly(PathBuf);

impl ReadOnly {
    /// None where that cannot be done: nobody but root may.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let text = path.to_str()?;
        if !done("mount", &["--bind", text], path) {
            return None;
        }
        let mounted = Self(path.to_owned());
        done("mount", &["-o", "remount,bind,ro"], path).then_some(mounted)
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
    /// None where the file system knows no such thing, or we may not.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        done("chattr", &["+i"], path).then(|| Self(path.to_owned()))
    }
}

impl Drop for Fixed {
    fn drop(&mut self) {
        done("chattr", &["-i"], &self.0);
    }
}
