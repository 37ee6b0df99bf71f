//! An image that did not get into a cloud.

use delivery::gate::Unfit;
use delivery::{Broken, Error};

use super::{Exit, Failure, because};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        (&error).into()
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        match error {
            Error::Cloud(error) => error.into(),
            Error::Broken(broken) => broken.into(),
            Error::Gone { .. } => Self::of(Exit::NotFound, error),
            Error::NotOffered { method, offered } => {
                let failure = Self::of(Exit::Refused, error);
                let failure = match offered.is_empty() {
                    true => failure.cause("it offers no import at all"),
                    false => failure.cause(format!("it offers {}", offered.join(", "))),
                };
                failure.hint(match *method {
                    "web-download" => {
                        "`--file URL` instead of `--uri URL` sends the same bytes from here"
                    }
                    _ => "without --import the bytes are sent directly",
                })
            }
            _ => Self::of(Exit::Unreachable, error),
        }
    }
}

impl From<&Broken> for Failure {
    fn from(broken: &Broken) -> Self {
        match broken {
            Broken::Unfit(unfit) => unfit.into(),
            Broken::Reason(reason) => because(reason, reason.message.clone()),
            Broken::TwoReadings { cause } => {
                let failure = Self::new(Exit::Unreachable, broken.to_string());
                failure.cause(cause)
            }
            Broken::Crashed(_) | _ => Self::of(Exit::Bug, broken),
        }
    }
}

impl From<Unfit> for Failure {
    fn from(unfit: Unfit) -> Self {
        (&unfit).into()
    }
}

impl From<&Unfit> for Failure {
    fn from(unfit: &Unfit) -> Self {
        let failure = Self::new(Exit::Untrusted, unfit.to_string());
        let failure = unfit.lines().into_iter().fold(failure, Self::cause);
        match unfit.advice() {
            Some(advice) => failure.hint(advice),
            None => failure,
        }
    }
}
