//! The async runtime, for the commands that need the network, and the two signals that end it.

use std::future::Future;
use std::time::Duration;

use disk::Cancel;
use tokio::signal::unix::{SignalKind, signal};

use crate::failure::{Exit, Failure};

/// How long a cancelled command may take to put things away.
const GRACE: Duration = Duration::from_secs(2);

/// The same for one that has to ask a cloud for it.
pub(crate) const TIDYING: Duration = Duration::from_secs(15);

/// How often it is looked whether the user wants an end.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Runs a command's future to its end, or until Ctrl-C or SIGTERM.
///
/// A signal cancels `cancel` and gives the future [`GRACE`] to end; a second one does not wait. Threads that are
/// still blocked then end with the process.
pub(crate) fn run<T>(
    cancel: &Cancel,
    future: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    run_for(cancel, GRACE, future)
}

/// [`run`] with another time to end in.
pub(crate) fn run_for<T>(
    cancel: &Cancel,
    grace: Duration,
    future: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    run_on(
        &mut tokio::runtime::Builder::new_current_thread(),
        cancel,
        grace,
        future,
    )
}

/// [`run_for`] on all processors: for a service.
pub(crate) fn run_wide<T>(
    cancel: &Cancel,
    grace: Duration,
    future: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    run_on(
        &mut tokio::runtime::Builder::new_multi_thread(),
        cancel,
        grace,
        future,
    )
}

fn run_on<T>(
    builder: &mut tokio::runtime::Builder,
    cancel: &Cancel,
    grace: Duration,
    future: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = builder
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
        let ended = tokio::select! {
            ended = tokio::time::timeout(grace, &mut future) => ended.ok(),
            _ = signalled() => None,
        };
        let word = if ended_by == Exit::Interrupted {
            "interrupted"
        } else {
            "terminated"
        };
        Err(match ended {
            // It was as good as done.
            Some(Ok(done)) => return Ok(done),
            // What it says about its interruption is part of the answer.
            Some(Err(failure)) if failure.exit == Exit::Interrupted => Failure {
                exit: ended_by,
                message: word.to_owned(),
                ..failure
            },
            _ => Failure::new(ended_by, word),
        })
    });
    runtime.shutdown_background();
    result
}

/// Waits until somebody wants an end.
pub(crate) async fn cancelled(cancel: &Cancel) {
    while !cancel.is_cancelled() {
        tokio::time::sleep(LOOK_UP).await;
    }
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
