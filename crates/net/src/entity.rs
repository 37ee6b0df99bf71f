//! One file on a server, known well enough to ask for more of the very same bytes.

use http::{HeaderMap, StatusCode};
use reqwest::Response;

use crate::address::shown;
use crate::client::Client;
use crate::error::Error;
use crate::exchange::refusal;
use crate::request::Request;
use crate::send::{self, Target};
use crate::validator::{Part, Validator, check_identity};

/// What a first answer told about a file, and how to ask for it again.
#[derive(Clone)]
pub(crate) struct Entity {
    pub(crate) client: Client,
    pub(crate) request: Request,
    /// Where the first answer came from, after redirects: the next one shall come from there too.
    pub(crate) target: Target,
    /// Bytes in all, when known.
    pub(crate) len: Option<u64>,
}

/// An answer to the wish for a part.
pub(crate) enum Answer {
    /// A part that begins where it should, of a file of the same length.
    Part(Response, Part),
    /// The file from its beginning, and not known to be another one.
    Whole(Response),
}

impl Entity {
    /// Asks for the bytes from `first` to `last` (inclusive; to the end if `None`).
    ///
    /// # Errors
    /// [`Error::Changed`] when the server has another file by now, [`Error::Status`] when it says no, and as any request.
    pub(crate) async fn part(
        &self,
        validator: &Validator,
        first: u64,
        last: Option<u64>,
    ) -> Result<Answer, Error> {
        let (answer, target) = self.ask(&validator.range(first, last)).await?;
        let status = answer.status();
        if status == StatusCode::RANGE_NOT_SATISFIABLE {
            return Err(self.changed(first));
        }
        if !status.is_success() {
            return Err(refusal(&self.client, answer, &target).await);
        }
        check_identity(&target.url, answer.headers())?;
        if validator.matches(answer.headers()) == Some(false) {
            return Err(self.changed(first));
        }
        if status != StatusCode::PARTIAL_CONTENT {
            return match (self.len, answer.content_length()) {
                (Some(then), Some(now)) if then != now => Err(self.changed(first)),
                _ => Ok(Answer::Whole(answer)),
            };
        }
        let part = Part::of(answer.headers())
            .filter(|part| part.first == first && last.is_none_or(|last| part.last <= last))
            .ok_or_else(|| self.invalid("sent another part than it was asked for"))?;
        match (self.len, part.total) {
            (Some(then), Some(now)) if then != now => Err(self.changed(first)),
            (Some(then), None) if part.last >= then => Err(self.changed(first)),
            _ => Ok(Answer::Part(answer, part)),
        }
    }

    /// Where the first answer came from; if a redirect led there and it no longer holds (a signed address expires),
    /// again from where the request began.
    pub(crate) async fn ask(&self, headers: &HeaderMap) -> Result<(Response, Target), Error> {
        let send = |target: Target| async move {
            send::persistently(&self.client, &self.request, Some((&target, headers))).await
        };
        let (answer, target) = send(self.target.clone()).await?;
        let expired = matches!(answer.status().as_u16(), 400 | 401 | 403 | 404 | 410);
        if expired && self.target.url != self.request.url {
            return send(Target::first(&self.request)).await;
        }
        Ok((answer, target))
    }

    pub(crate) fn url(&self) -> String {
        shown(&self.target.url)
    }

    pub(crate) fn changed(&self, at: u64) -> Error {
        Error::Changed {
            url: self.url(),
            at,
        }
    }

    pub(crate) fn invalid(&self, what: &str) -> Error {
        Error::Invalid {
            url: self.url(),
            what: what.to_owned(),
        }
    }

    pub(crate) fn truncated(&self, got: u64, expected: Option<u64>) -> Error {
        Error::Truncated {
            url: self.url(),
            got,
            expected,
        }
    }
}
