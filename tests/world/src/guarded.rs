//! A program that ends with the test process, however that ends.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server that a shell watches over: it is ended, and its folder removed, when this is dropped or the test process is
/// gone, because then our end of the shell's pipe closes.
pub(crate) struct Guarded {
    shell: Child,
}

impl Guarded {
    /// Starts it. `signal` is the name of the signal that ends it.
    pub(crate) fn start(program: &Command, signal: &str, folder: &Path) -> Self {
        let script = format!(
            r#""$@" & pid=$!; read -r word; kill -{signal} $pid; kill -CONT $pid; wait $pid; [ "$word" = keep ] || rm -rf "$0""#
        );
        let mut shell = Command::new("sh");
        shell.args([OsStr::new("-c"), OsStr::new(&script), folder.as_os_str()]);
        shell.arg(program.get_program()).args(program.get_args());
        shell.stdin(Stdio::piped());
        shell.stdout(Stdio::null()).stderr(Stdio::null());
        let shell = shell.spawn().expect("a shell");
        Self { shell }
    }

    /// Ends it and leaves its folder.
    pub(crate) fn end(mut self) {
        if let Some(mut input) = self.shell.stdin.take() {
            let _ = input.write_all(b"keep\n");
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}
