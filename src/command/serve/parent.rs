//! A service that a demonstration has started ends with it, however that ends.

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};

use crate::failure::{Exit, Failure};

/// The number of the demonstration's process, for the service that it starts.
pub(crate) const VARIABLE: &str = "ECTYPE_DEMO_PROCESS";

/// Asks the kernel to end this process with the one that the variable names. Nothing where there is no such variable.
///
/// # Errors
/// That process has ended already, or the kernel does not take it.
pub(super) fn follow() -> Result<(), Failure> {
    let Ok(parent) = std::env::var(VARIABLE) else {
        return Ok(());
    };
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| Failure::of(Exit::Bug, &std::io::Error::from(error)))?;
    // It may have ended before the kernel was asked.
    let still = getppid().map(Pid::as_raw_nonzero).map(|id| id.to_string());
    match still == Some(parent) {
        true => Ok(()),
        false => Err(Failure::new(
            Exit::Interrupted,
            "the demonstration that this service was started for has ended",
        )),
    }
}
