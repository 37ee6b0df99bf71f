//! A run that may not begin because of another one.

use catalogue::lock::Error;

use super::{Exit, Failure};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Here => Self::of(Exit::Unreachable, &error)
                .hint("wait for its end; this one would do the same"),
            Error::Elsewhere { ref id, .. } => Self::of(Exit::Unreachable, &error).hint(format!(
                "wait for its end; of a run that died the lock is over half an hour after its last sign, or at once by \
                 `ectype image delete {id}`"
            )),
            Error::Cloud(error) => error.into(),
            _ => Self::of(Exit::Config, &error),
        }
    }
}
