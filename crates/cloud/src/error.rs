//! What can go wrong with a cloud, named for what the caller can do about it.

use std::fmt;

use wire::image::Image;

use crate::config::{Origin, Place, Source, SyntaxError};

/// Why a cloud could not be found out, reached, or would not do as asked.
///
/// [`fmt::Display`] is one line; [`Error::details`] are further lines, [`Error::hint`] the one thing to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nobody said which cloud. Nothing was contacted.
    #[error("no cloud chosen")]
    NoCloud {
        /// Where a clouds.yaml was looked for.
        looked: Vec<Place>,
        /// The clouds to choose from, sorted.
        names: Vec<String>,
    },
    /// The cloud that was named is in no file. Nothing was contacted.
    #[error("there is no cloud `{name}` (named by {by})")]
    UnknownCloud {
        /// The name.
        name: String,
        /// Who named it.
        by: Box<Origin>,
        /// Where a clouds.yaml was looked for.
        looked: Vec<Place>,
        /// The clouds there are, sorted.
        names: Vec<String>,
    },
    /// The configuration is contradictory, incomplete or unreadable. Nothing was contacted.
    #[error("{}", .0.message)]
    Config(Box<Complaint>),
    /// A log-in, or a token, was refused (401).
    #[error("{}", .0)]
    Unauthorized(Box<Refusal>),
    /// The user is known, but may not do this (403).
    #[error("{}", .0)]
    Forbidden(Box<Refusal>),
    /// Another request that the service answered with an error it will answer again (400, 409, 413 …).
    #[error("{}", .0)]
    Refused(Box<Refusal>),
    /// The token is good for no project, domain or system, so it says nothing about services.
    #[error("the log-in worked, but no project was chosen, so the cloud names no services")]
    Unscoped {
        /// The source of the settings.
        source_of: String,
        /// The one thing to do about it.
        hint: String,
    },
    /// The catalogue has no image service, or none in this region or for this interface.
    #[error("{message}")]
    NoService {
        /// What was looked for in vain.
        message: String,
        /// What is there instead.
        details: Vec<String>,
    },
    /// No image has this name or id, as far as this user can see.
    #[error("there is no image `{name}`")]
    NotFound {
        /// What was asked for.
        name: String,
        /// Names of images that are spelled nearly like it.
        near: Vec<String>,
    },
    /// What was to be changed is not there: the image, its tag, its member, its store (404).
    #[error("{what} found nothing: {reason}")]
    Gone {
        /// What was wanted, as a phrase: `deleting image …`.
        what: String,
        /// The service's reason.
        reason: String,
    },
    /// Several images have this name.
    #[error("{} images are called `{name}`", images.len())]
    Ambiguous {
        /// The name.
        name: String,
        /// All of them.
        images: Vec<Image>,
    },
    /// The image has no data yet.
    #[error("image {id} has no data")]
    NoData {
        /// The image's id.
        id: String,
    },
    /// An import came to no good end. Why, its tasks said.
    #[error("importing image {id} failed (it is {status}{})", if reasons.is_empty() { ", and the cloud does not say why" } else { "" })]
    ImportFailed {
        /// The image's id.
        id: String,
        /// The status that it has now.
        status: String,
        /// The messages of its failed tasks.
        reasons: Vec<String>,
    },
    /// What was waited for has not come in time; it may come yet.
    #[error("image {id} is still {status} after {seconds} s")]
    NotYet {
        /// The image's id.
        id: String,
        /// The status that it has now.
        status: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The network, or the server's side of it.
    #[error(transparent)]
    Net(net::Error),
    /// An answer that is none of the service we speak to.
    #[error("{url} {what}")]
    Protocol {
        /// What was asked for.
        url: String,
        /// What came instead.
        what: String,
        /// The service's name for this request, if it is one.
        request_id: Option<String>,
    },
}

/// What is wrong with a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complaint {
    message: String,
    details: Vec<String>,
    hint: Option<String>,
}

/// A request that a service refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What was wanted, as a phrase: `logging in as user demo at http://…`.
    pub what: String,
    /// The HTTP status.
    pub status: u16,
    /// The service's reason, if it gave one.
    pub reason: Option<String>,
    /// The service's name for the request, to quote to its operator.
    pub request_id: Option<String>,
    /// The one thing to do about it, when it is known.
    pub hint: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was refused ({}", self.what, self.status)?;
        if let Some(id) = &self.request_id {
            write!(f, ", {id}")?;
        }
        f.write_str(")")?;
        match &self.reason {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// Takes a secret out of a service's words: a server may repeat what it was sent.
    pub(crate) fn without(mut self, secret: &str) -> Self {
        let secret = secret.trim();
        let words = match &mut self {
            Self::Unauthorized(refusal) | Self::Forbidden(refusal) | Self::Refused(refusal) => {
                refusal.reason.as_mut()
            }
            Self::Net(net::Error::Status { body, .. }) => Some(body),
            Self::ImportFailed { reasons, .. } => {
                for reason in reasons.iter_mut().filter(|_| !secret.is_empty()) {
                    *reason = reason.replace(secret, "***");
                }
                None
            }
            _ => None,
        };
        if let Some(words) = words.filter(|words| !secret.is_empty() && words.contains(secret)) {
            *words = words.replace(secret, "***");
        }
        self
    }

    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::Config(Box::new(Complaint {
            message: message.into(),
            ..Complaint::default()
        }))
    }

    pub(crate) fn detail(mut self, line: impl Into<String>) -> Self {
        if let Self::Config(complaint) = &mut self {
            complaint.details.push(line.into());
        }
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        match &mut self {
            Self::Config(complaint) => complaint.hint = Some(hint.into()),
            Self::Unauthorized(refusal) | Self::Forbidden(refusal) | Self::Refused(refusal) => {
                refusal.hint = Some(hint.into());
            }
            _ => {}
        }
        self
    }

    pub(crate) fn syntax(label: &str, error: SyntaxError) -> Self {
        let mut complaint = Complaint {
            message: format!("{label} cannot be read: {error}"),
            ..Complaint::default()
        };
        complaint.details = error.snippet;
        Self::Config(Box::new(complaint))
    }

    /// Settings that nobody said, with the words that would say them.
    pub(crate) fn missing(source: &Source, names: &[&'static str]) -> Self {
        let key = |name: &str| crate::config::Key::find(name);
        let spelled = |name: &&str| match source {
            Source::Cloud { .. } => {
                key(name).map_or_else(|| (*name).to_owned(), crate::config::Key::path)
            }
            Source::Environment => {
                key(name).map_or_else(|| (*name).to_owned(), crate::config::Key::variable)
            }
            Source::Flags => key(name).map_or_else(|| (*name).to_owned(), crate::config::Key::flag),
        };
        let list = names.iter().map(spelled).collect::<Vec<_>>();
        let verb = if list.len() == 1 { "is" } else { "are" };
        let hint = match source {
            Source::Cloud { name, label, .. } => {
                format!(
                    "write {} into the cloud `{name}` of {label} or of a secure.yaml",
                    list.join(" and ")
                )
            }
            Source::Environment => format!("export {}=…", list.join("=… ")),
            Source::Flags => format!("add {} …", list.join(" … ")),
        };
        Self::config(format!("{} {verb} not set", list.join(" and ")))
            .detail(format!("looked at  {source}"))
            .with_hint(hint)
    }

    /// Further lines that belong under the message: what was looked at, what there is instead.
    #[must_use]
    pub fn details(&self) -> Vec<String> {
        let places = |looked: &[Place]| {
            let list = looked.iter().map(ToString::to_string).collect::<Vec<_>>();
            format!("looked at  {}", list.join(", "))
        };
        match self {
            Self::NoCloud { looked, .. } => {
                vec![
                    "looked at  OS_CLOUD (not set), OS_AUTH_URL (not set)".to_owned(),
                    places(looked),
                ]
            }
            Self::UnknownCloud { looked, .. } => vec![places(looked)],
            Self::Config(complaint) => complaint.details.clone(),
            Self::NoService { details, .. } => details.clone(),
            Self::Ambiguous { images, .. } => images.iter().map(describe).collect(),
            Self::ImportFailed { reasons, .. } => reasons.clone(),
            Self::Unscoped { source_of, .. } => vec![format!("looked at  {source_of}")],
            Self::NotFound { near, .. } if !near.is_empty() => {
                vec![format!("near it    {}", near.join(", "))]
            }
            _ => Vec::new(),
        }
    }

    /// The one thing to do about it, when it is certain to be true.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoCloud { names, .. } => match names.first() {
                Some(name) => Some(format!("name one: --os-cloud {name}")),
                None => Some(
                    "export OS_AUTH_URL and the rest of an openrc file, or write a clouds.yaml"
                        .to_owned(),
                ),
            },
            Self::UnknownCloud { name, names, .. } => {
                let near = crate::near::near(name, names.iter().map(String::as_str), 1);
                near.first().map(|near| format!("--os-cloud {near}"))
            }
            Self::Config(complaint) => complaint.hint.clone(),
            Self::Unauthorized(refusal) | Self::Forbidden(refusal) | Self::Refused(refusal) => {
                refusal.hint.clone()
            }
            Self::Unscoped { hint, .. } => Some(hint.clone()),
            Self::Ambiguous { .. } => Some("use an id instead of the name".to_owned()),
            _ => None,
        }
    }
}

/// An image in a list to choose from.
fn describe(image: &Image) -> String {
    let mut line = format!("{}  {}, {}", image.id, image.visibility, image.status);
    if image.os_hidden {
        line.push_str(", hidden");
    }
    for (word, value) in [("owner", &image.owner), ("created", &image.created_at)] {
        if let Some(value) = value {
            line.push_str(&format!(", {word} {value}"));
        }
    }
    line
}

impl From<net::Error> for Error {
    /// An error of ours that went through the transport comes out as itself.
    fn from(error: net::Error) -> Self {
        match error {
            net::Error::Auth { url, source } => match source.downcast::<Self>() {
                Ok(ours) => *ours,
                Err(source) => Self::Net(net::Error::Auth { url, source }),
            },
            other => Self::Net(other),
        }
    }
}

/// A refusing reply as an error: by status, or as a matter of the network when it may heal.
pub(crate) fn refusal(reply: &net::Reply, what: String) -> Error {
    if !reply.status.is_client_error() {
        return Error::Net(reply.to_error());
    }
    refused(reply.status, what, Some(reply.reason()), reply.request_id())
}

/// A refusal by its status.
pub(crate) fn refused(
    status: net::StatusCode,
    what: String,
    reason: Option<String>,
    request_id: Option<String>,
) -> Error {
    let reason = reason.filter(|reason| !reason.is_empty());
    let refusal = Box::new(Refusal {
        what,
        status: status.as_u16(),
        reason,
        request_id,
        hint: None,
    });
    match status {
        net::StatusCode::UNAUTHORIZED => Error::Unauthorized(refusal),
        net::StatusCode::FORBIDDEN => Error::Forbidden(refusal),
        _ => Error::Refused(refusal),
    }
}
