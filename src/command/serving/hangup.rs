//! SIGHUP: whoever sends it wants files read anew, unless it is the end of the terminal that the program was started from.

use std::fs::File;
use std::future::pending;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::{Exit, Failure};

/// Who is being watched for.
pub(crate) struct Hangup {
    signal: Signal,
    /// Whether the end of a terminal is an end for us, too.
    ends: bool,
}

/// What a SIGHUP means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Files are to be read anew.
    Renew,
    /// The terminal is gone, and so is whoever watched us there.
    End,
}

impl Hangup {
    /// From here on the signal does not end the process by itself.
    ///
    /// # Errors
    /// The system lets nobody watch signals.
    pub(crate) fn watch() -> Result<Self, Failure> {
        // Before the signal is taken: `nohup` has had it ignored, so that the end of the terminal is none for us.
        let ends = has_terminal() && !is_ignored();
        let signal = signal(SignalKind::hangup()).map_err(|error| {
            Failure::new(Exit::Bug, "cannot watch signals").cause(error.to_string())
        })?;
        Ok(Self { signal, ends })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) -> Meaning {
        match self.signal.recv().await {
            Some(()) if self.ends && !has_terminal() => Meaning::End,
            Some(()) => Meaning::Renew,
            None => pending().await,
        }
    }
}

/// Whether the process has a controlling terminal (tty(4)).
fn has_terminal() -> bool {
    File::open("/dev/tty").is_ok()
}

/// Whether the process was started with SIGHUP ignored (`SigIgn` in proc_pid_status(5); its lowest bit is the first signal).
fn is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}
