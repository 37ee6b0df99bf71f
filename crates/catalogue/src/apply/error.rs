//! Why a step was not done.

use delivery::Contradiction;
use delivery::gate::Unfit;
use proof::Reason;

/// Why a step was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The way of the bytes into the cloud failed, or the cloud refuses the step.
    #[error(transparent)]
    Delivery(#[from] delivery::Error),
    /// The original cannot be had, or nothing that is trusted vouches for it.
    #[error("{}", .0.message)]
    Original(Reason),
    /// What vouches for the original by now is less, or somebody else, than the plan says.
    #[error("the evidence for build {build} is not what the plan says: {what}")]
    Evidence {
        /// The build.
        build: String,
        /// What is different.
        what: String,
    },
    /// The vendor has published something else since.
    #[error("the vendor has published build {build} anew since the plan was made: {what}")]
    Anew {
        /// The build.
        build: String,
        /// What is different.
        what: String,
    },
    /// The record is not as the plan saw it.
    #[error("image {id} is not as it was when the plan was made; nothing was done to it")]
    Moved {
        /// The image.
        id: String,
    },
    /// The cloud has recorded other digests than those of what was sent.
    #[error("image {id} is not what was sent")]
    Different {
        /// The image.
        id: String,
        /// A line for each thing that differs.
        lines: Vec<String>,
    },
    /// Whether the cloud has what was sent cannot be told.
    #[error("{}", .0.message)]
    Unknown(Reason),
    /// The file cannot be stored as the definition says.
    #[error(transparent)]
    Way(#[from] Contradiction),
    /// The same in several clouds, which were to be served from one reading.
    #[error(transparent)]
    Shared(std::sync::Arc<Self>),
    /// The run was ended from outside.
    #[error("interrupted")]
    Interrupted,
    /// The import is not there that this step goes on with.
    #[error("there is no image that this step could be done to")]
    NoImage,
    /// It failed, and what was begun could not be taken away again.
    #[error("{error}")]
    Left {
        /// Why it failed.
        #[source]
        error: Box<Self>,
        /// The image that is left, private and hidden; the next run discards it.
        id: String,
        /// Why it is left.
        why: String,
    },
}

impl From<cloud::Error> for Error {
    fn from(error: cloud::Error) -> Self {
        Self::Delivery(error.into())
    }
}

impl From<Unfit> for Error {
    fn from(unfit: Unfit) -> Self {
        Self::Delivery(delivery::Broken::from(unfit).into())
    }
}

impl From<delivery::Broken> for Error {
    fn from(broken: delivery::Broken) -> Self {
        Self::Delivery(broken.into())
    }
}
