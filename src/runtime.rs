//! The async runtime, for the commands that need the network, and the two signals that end it.

use std::future::Future;
use std::time::Duration;

use disk::Cancel;
use tokio::signal::unix::{SignalKind, signal};

use crate::failure::{Exit, Failure};

/// How long a cancelled command may take to put things away.
const GRACE: Duration = Duration::from_secs(2);

/// Runs a command's future to its end, or until Ctrl-C or SIGTERM.
///
/// A signal cancels `cancel` and gives the future [`GRACE`] to end; a second one does not wait. Threads that are
/// still blocked then end with the process.
pub(crate) fn run<T>(
    cancel: &Cancel,
    future: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::new(Exit::Unreachable, "cannot start").cause(e.to_string()))?;
    let result = runtime.block_on(async {
        tokio::pin!(future);
        let ended_by = tokio::select! {
            result = &mut future => return result,
            exit = signalled() => exit?,
        };
        cancel.cancel();
        tokio::select! {
            _ = tokio::time::timeout(GRACE, &mut future) => {}
            _ = signalled() => {}
        }
        let word = if ended_by == Exit::Interrupted {
            "interrupted"
        } else {
            "terminated"
        };
        Err(Failure::new(ended_by, word))
    });
    runtime.shutdown_background();
    result
}

/// Waits for a signal that asks the process to end.
async fn signalled() -> Result<Exit, Failure> {
    let watch = |kind| {
        signal(kind)
            .map_err(|e| Failure::new(Exit::Bug, "cannot watch signals").cause(e.to_string()))
    };
    let (mut interrupt, mut terminate) = (
        watch(SignalKind::interrupt())?,
        watch(SignalKind::terminate())?,
    );
    Ok(tokio::select! {
        _ = interrupt.recv() => Exit::Interrupted,
        _ = terminate.recv() => Exit::Terminated,
    })
}
