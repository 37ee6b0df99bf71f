//! A large body as it arrives, from its first byte to its announced end, over as many connections as that takes.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use reqwest::Response;
use url::Url;

use crate::client::Client;
use crate::entity::{Answer, Entity};
use crate::error::Error;
use crate::exchange::refusal;
use crate::ranges::Ranges;
use crate::reader::Reader;
use crate::request::Request;
use crate::retry::Attempts;
use crate::send::{Target, stalled};
use crate::validator::{Validator, check_identity, offers_ranges};

/// So many bytes of progress make a server's earlier failures forgotten.
const FORGIVEN_AFTER: u64 = 1 << 20;

/// A download under way. It ends with `None` only when every announced byte has arrived.
pub struct Download {
    entity: Entity,
    status: StatusCode,
    headers: HeaderMap,
    validator: Option<Validator>,
    state: State,
    /// Bytes handed out.
    at: u64,
    /// Where the present answer's body ends, when it says so.
    until: Option<u64>,
    /// Where the latest connection began.
    since: u64,
    attempts: Attempts,
}

enum State {
    Body(Response),
    Complete,
    Failed,
}

impl Download {
    pub(crate) async fn start(
        client: Client,
        request: Request,
        target: Target,
        answer: Response,
    ) -> Result<Self, Error> {
        let status = answer.status();
        if !status.is_success() {
            return Err(refusal(&client, answer, &target).await);
        }
        let headers = answer.headers().clone();
        check_identity(&target.url, &headers)?;
        let len = answer.content_length();
        let options = client.options();
        let attempts = Attempts::new(options.retries, options.backoff);
        let download = Self {
            validator: Validator::of(&headers, request.immutable),
            entity: Entity {
                client,
                request,
                target,
                len,
            },
            status,
            headers,
            state: State::Body(answer),
            at: 0,
            until: len,
            since: 0,
            attempts,
        };
        if status == StatusCode::PARTIAL_CONTENT {
            return Err(download.entity.invalid("sent a part instead of the whole"));
        }
        Ok(download)
    }

    /// The first answer's status, always 2xx.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The first answer's headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Where it comes from, after redirects.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.entity.target.url
    }

    /// How many bytes it has, if the server said.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        self.entity.len
    }

    /// Whether the server said that there is nothing to download.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entity.len == Some(0)
    }

    /// The next bytes, or `None` when all have arrived.
    ///
    /// # Errors
    /// [`Error::Truncated`], [`Error::Stalled`] or [`Error::Unreachable`] when it broke off and could not go on,
    /// [`Error::Changed`] when the server has another file by now. After an error there is nothing more to be had.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let broken = match self.next().await {
                Ok(Some(chunk)) => return self.take(chunk).map(Some),
                Ok(None) if self.is_whole() => {
                    self.state = State::Complete;
                    return Ok(None);
                }
                Ok(None) => self.entity.truncated(self.at, self.entity.len),
                Err(error) => error,
            };
            // Closes the connection, and is what remains when the rest fails or is dropped half way.
            let failed_before = matches!(self.state, State::Failed);
            self.state = State::Failed;
            if failed_before {
                return Err(broken);
            }
            self.resume(broken).await?;
        }
    }

    /// Random access to the same file while (or instead of) reading it through, if the server offers byte ranges, the
    /// length is known, and a validator makes sure that it stays the same file.
    #[must_use]
    pub fn ranges(&self) -> Option<Ranges> {
        let validator = self.validator.clone()?;
        let offered = self.entity.request.immutable || offers_ranges(&self.headers);
        let len = self.entity.len.filter(|_| offered)?;
        Some(Ranges::new(self.entity.clone(), validator, len))
    }

    /// The same file from byte `at` on, for a caller who has the bytes before it from an earlier run.
    ///
    /// # Errors
    /// [`Error::NoRanges`] when the server does not send parts or nothing makes sure that it is the same file,
    /// [`Error::Changed`] when the file is shorter or another one, and as any download.
    pub async fn from(mut self, at: u64) -> Result<Self, Error> {
        let no_ranges = || Error::NoRanges {
            url: self.entity.url(),
        };
        let validator = self.validator.clone().ok_or_else(no_ranges)?;
        let len = self.entity.len.ok_or_else(no_ranges)?;
        // The answer that would bring the beginning is not wanted.
        self.state = State::Complete;
        (self.at, self.since) = (at, at);
        if at == len {
            return Ok(self);
        }
        match self.entity.part(&validator, at, None).await? {
            Answer::Part(answer, part) => {
                self.until = Some(part.first.saturating_add(part.len()));
                self.state = State::Body(answer);
                Ok(self)
            }
            Answer::Whole(_) => Err(no_ranges()),
        }
    }

    /// A blocking face for a decoder on its own thread. At most 2 MiB wait in between; dropping it ends the download.
    /// Somebody must drive the runtime meanwhile.
    #[must_use]
    pub fn into_reader(self, handle: &tokio::runtime::Handle) -> Reader {
        Reader::start(self, handle)
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let patience = self.entity.client.options().stall_timeout;
        match &mut self.state {
            State::Complete => Ok(None),
            State::Failed => Err(self.entity.truncated(self.at, self.entity.len)),
            State::Body(body) => match tokio::time::timeout(patience, body.chunk()).await {
                Err(_) => Err(stalled(&self.entity.target.url, patience, self.at)),
                Ok(Err(_)) => Err(self.entity.truncated(self.at, self.entity.len)),
                Ok(Ok(chunk)) => Ok(chunk),
            },
        }
    }

    fn is_whole(&self) -> bool {
        self.until.is_none_or(|until| self.at == until)
            && self.entity.len.is_none_or(|len| self.at == len)
    }

    fn take(&mut self, chunk: Bytes) -> Result<Bytes, Error> {
        let at = self.at.saturating_add(chunk.len() as u64);
        if self.until.is_some_and(|until| at > until) {
            self.state = State::Failed;
            return Err(self.entity.invalid("sent more bytes than it announced"));
        }
        self.at = at;
        if at - self.since >= FORGIVEN_AFTER {
            let options = self.entity.client.options();
            self.attempts = Attempts::new(options.retries, options.backoff);
        }
        Ok(chunk)
    }

    /// Goes on at the byte where the last connection ended, or says what ended it.
    async fn resume(&mut self, broken: Error) -> Result<(), Error> {
        if !self.entity.request.retry {
            return Err(broken);
        }
        let validator = match &self.validator {
            Some(validator) => validator.clone(),
            // Nothing was handed out yet: any file of this length is as good as the first.
            None if self.at == 0 => Validator::Immutable,
            None => return Err(broken),
        };
        let Some(pause) = self.attempts.again(None) else {
            return Err(broken);
        };
        tokio::time::sleep(pause).await;
        match self.entity.part(&validator, self.at, None).await? {
            Answer::Part(answer, part) => {
                // Without a total nobody knows where the file ends.
                let Some(len) = self.entity.len.or(part.total) else {
                    return Err(broken);
                };
                self.entity.len = Some(len);
                self.until = Some(part.first.saturating_add(part.len()));
                self.state = State::Body(answer);
            }
            Answer::Whole(answer) if self.at == 0 => {
                self.entity.len = self.entity.len.or(answer.content_length());
                self.until = self.entity.len;
                self.state = State::Body(answer);
            }
            // The server does not do ranges; what was read cannot be unread.
            Answer::Whole(_) => return Err(broken),
        }
        self.since = self.at;
        Ok(())
    }
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Download of {} at {}", self.entity.url(), self.at)
    }
}
