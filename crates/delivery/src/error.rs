//! Why an image did not get into a cloud.

use proof::Reason;

use crate::gate::Unfit;

/// Why an image did not get into a cloud.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The cloud refuses, or cannot be reached.
    #[error(transparent)]
    Cloud(#[from] cloud::Error),
    /// The pass over the file did not end well, so that no cloud got the end of it.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The record is not there any more.
    #[error("image {id} was deleted by somebody else")]
    Gone {
        /// The image.
        id: String,
    },
    /// The cloud said yes, and the image is not what it would be then.
    #[error("the cloud took the bytes of image {id}, but it is {status}")]
    NotActive {
        /// The image.
        id: String,
        /// Its status.
        status: String,
    },
    /// The cloud does not import so.
    #[error("the cloud does not offer {method}")]
    NotOffered {
        /// The way that was wanted.
        method: &'static str,
        /// Those that it offers.
        offered: Vec<String>,
    },
}

/// Why the pass over the file did not end well.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Broken {
    /// It must not be sent to a cloud.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// It could not be read, or is not what it should be.
    #[error("{}", .0.message)]
    Reason(Reason),
    /// The second reading gave other bytes than the first.
    #[error("the file changed between its two readings")]
    TwoReadings {
        /// What is different.
        cause: String,
    },
    /// A thread did not come to its end.
    #[error("the work stopped in its middle: {0}")]
    Crashed(String),
}

impl Broken {
    /// What an error of a pass means, whose sink may have been an upload.
    pub(crate) fn of(error: &disk::Error) -> Self {
        if let disk::Error::Output { source } = error
            && let Some(refused) = source.get_ref().and_then(|error| error.downcast_ref())
        {
            return Self::Unfit(Unfit::of(refused));
        }
        if let disk::Error::Output { source } = error
            && source.kind() == std::io::ErrorKind::InvalidData
        {
            return Self::TwoReadings {
                cause: source.to_string(),
            };
        }
        Self::Reason(Reason::of_pass(error))
    }
}
