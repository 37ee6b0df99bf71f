//! One token beside those of an identity service, for a part of the service itself that asks for what everybody may see.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use crate::own::{Error, random};
use crate::{Caller, CallerFuture, Identity};

/// An identity service that knows one more token: that of a reader whose project nobody else is in, who owns nothing and
/// to whom nothing is shared. Whoever asks with it sees what is there for everybody, and changes nothing.
pub struct Anybody {
    others: Arc<dyn Identity>,
    digest: String,
    project: String,
}

impl Anybody {
    /// Lays one token over those that `others` know. It holds for as long as the value lives, and only here: whoever is
    /// not told it cannot guess it.
    ///
    /// # Errors
    /// The machine has no random numbers.
    pub fn beside(others: Arc<dyn Identity>) -> Result<(Self, SecretString), Error> {
        let token = random::secret()?;
        let this = Self {
            others,
            digest: random::digest(token.expose_secret()),
            project: random::id(),
        };
        Ok((this, token))
    }

    fn is_ours(&self, token: &str) -> bool {
        // Digests are compared: how far two of them agree tells nothing of the token.
        random::digest(token) == self.digest
    }
}

impl Identity for Anybody {
    fn caller<'a>(&'a self, token: &'a str) -> CallerFuture<'a> {
        if !self.is_ours(token) {
            return self.others.caller(token);
        }
        let caller = Caller {
            user: "anybody".to_owned(),
            user_name: "anybody".to_owned(),
            project: Some(self.project.clone()),
            project_name: None,
            domain: "default".to_owned(),
            roles: vec!["reader".to_owned()],
            expires: Timestamp::MAX,
        };
        Box::pin(async { Ok(caller) })
    }
}
