//! What is served under a path, honestly or not.

use std::sync::Arc;
use std::time::Duration;

use crate::seen::Seen;

/// What a [`World`](crate::World) answers with. Begin with one of the constructors, then take honesty away.
#[derive(Clone)]
pub struct Page {
    pub(crate) status: u16,
    pub(crate) body: Arc<[u8]>,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    pub(crate) ranges: Ranges,
    pub(crate) framing: Framing,
    /// Replace what would be sent, or come on top of it.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) needs: Option<(String, String)>,
    pub(crate) fault: Fault,
    pub(crate) intake: Intake,
    pub(crate) pace: Option<(usize, Duration)>,
    pub(crate) reply: Option<Reply>,
}

type Reply = Arc<dyn Fn(&Seen) -> Page + Send + Sync>;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ranges {
    /// Offered, and honoured together with `If-Range`.
    Honest,
    /// Not offered; a range is answered with the whole.
    None,
    /// Offered, but a range is answered with the whole.
    Ignored,
    /// Given without a look at `If-Range`.
    Unconditional,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Length,
    Chunked,
    UntilClose,
}

/// Where an answer ends before its time. Offsets count the bytes of this answer's body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    NoAnswer,
    CutInHeaders,
    Cut(usize),
    StallBeforeAnswer,
    Stall(usize),
}

/// How much of a request's body is read, and what comes then. Offsets count its bytes; in chunks they are rounded up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intake {
    Whole,
    Answer(usize),
    Cut(usize),
    Stall(usize),
}

impl Page {
    /// A file as a good mirror serves it: with its length, a strong `ETag` that follows its content, `Last-Modified` long
    /// ago, and byte ranges.
    #[must_use]
    pub fn bytes(body: impl Into<Vec<u8>>) -> Self {
        let body: Arc<[u8]> = body.into().into();
        Self {
            status: 200,
            etag: Some(format!("\"{:016x}-{}\"", fnv(&body), body.len())),
            body,
            last_modified: Some("Thu, 01 Jan 2026 00:00:00 GMT".to_owned()),
            ranges: Ranges::Honest,
            framing: Framing::Length,
            headers: Vec::new(),
            needs: None,
            fault: Fault::None,
            intake: Intake::Whole,
            pace: None,
            reply: None,
        }
    }

    /// An empty answer of this status, without any validator.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::bytes(Vec::new())
                .without_validators()
                .without_ranges()
        }
    }

    /// A refusal of this status, with its reason.
    #[must_use]
    pub fn refusal(status: u16, reason: impl Into<Vec<u8>>) -> Self {
        Self {
            body: reason.into().into(),
            ..Self::status(status)
        }
    }

    /// A redirect of this status to a path or an absolute address.
    #[must_use]
    pub fn redirect(status: u16, to: &str) -> Self {
        Self::status(status).header("Location", to)
    }

    /// An answer made anew for each request.
    #[must_use]
    pub fn made_by(reply: impl Fn(&Seen) -> Self + Send + Sync + 'static) -> Self {
        Self {
            reply: Some(Arc::new(reply)),
            ..Self::status(200)
        }
    }

    /// Another `ETag`, quotes included (`"\"v1\""`, or `"W/\"v1\""` for a weak one).
    #[must_use]
    pub fn etag(mut self, tag: &str) -> Self {
        self.etag = Some(tag.to_owned());
        self
    }

    /// No `ETag`; `Last-Modified` stays.
    #[must_use]
    pub fn without_etag(mut self) -> Self {
        self.etag = None;
        self
    }

    /// Another `Last-Modified`. Answers are dated `Sun, 01 Feb 2026 00:00:00 GMT`.
    #[must_use]
    pub fn last_modified(mut self, date: &str) -> Self {
        self.last_modified = Some(date.to_owned());
        self
    }

    /// Neither `ETag` nor `Last-Modified`.
    #[must_use]
    pub fn without_validators(mut self) -> Self {
        self.etag = None;
        self.last_modified = None;
        self
    }

    /// A server that knows no ranges: it does not offer them, and answers one with the whole file.
    #[must_use]
    pub fn without_ranges(mut self) -> Self {
        self.ranges = Ranges::None;
        self
    }

    /// A server that offers ranges, and answers one with the whole file.
    #[must_use]
    pub fn ignoring_ranges(mut self) -> Self {
        self.ranges = Ranges::Ignored;
        self
    }

    /// A server that gives ranges of whatever it has now, whatever `If-Range` says, and does not announce them
    /// (Glance's image data are served so).
    #[must_use]
    pub fn ignoring_if_range(mut self) -> Self {
        self.ranges = Ranges::Unconditional;
        self
    }

    /// In chunks, without a length.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.framing = Framing::Chunked;
        self
    }

    /// Without a length, ended by closing the connection, as HTTP/1.0 did.
    #[must_use]
    pub fn until_close(mut self) -> Self {
        self.framing = Framing::UntilClose;
        self
    }

    /// One more header, or another value for one that would be sent anyway.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lies about its length; more or fewer bytes follow, then the connection closes.
    #[must_use]
    pub fn claiming_length(self, length: u64) -> Self {
        self.header("Content-Length", &length.to_string())
            .header("Connection", "close")
    }

    /// Answers 401 unless this header comes with this value.
    #[must_use]
    pub fn needs(mut self, header: &str, value: &str) -> Self {
        self.needs = Some((header.to_owned(), value.to_owned()));
        self
    }

    /// Closes the connection after so many bytes of the body (0: right after the headers).
    #[must_use]
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.fault = Fault::Cut(bytes);
        self
    }

    /// Closes the connection in the middle of the headers.
    #[must_use]
    pub fn cut_in_headers(mut self) -> Self {
        self.fault = Fault::CutInHeaders;
        self
    }

    /// Closes the connection instead of answering.
    #[must_use]
    pub fn without_answer(mut self) -> Self {
        self.fault = Fault::NoAnswer;
        self
    }

    /// Sends so many bytes of the body and then nothing, with the connection open.
    #[must_use]
    pub fn stall_after(mut self, bytes: usize) -> Self {
        self.fault = Fault::Stall(bytes);
        self
    }

    /// Takes the request and says nothing, with the connection open.
    #[must_use]
    pub fn stall_before_answer(mut self) -> Self {
        self.fault = Fault::StallBeforeAnswer;
        self
    }

    /// Answers when so many bytes of the request's body have come, reads no more, and closes the connection a while
    /// later: long enough for the client's sending to come to a halt.
    #[must_use]
    pub fn early(mut self, bytes: usize) -> Self {
        self.intake = Intake::Answer(bytes);
        self.header("Connection", "close")
    }

    /// Closes the connection, without an answer, when so many bytes of the request's body have come.
    #[must_use]
    pub fn cut_body(mut self, bytes: usize) -> Self {
        self.intake = Intake::Cut(bytes);
        self
    }

    /// Reads so many bytes of the request's body and then nothing, with the connection open.
    #[must_use]
    pub fn stall_body(mut self, bytes: usize) -> Self {
        self.intake = Intake::Stall(bytes);
        self
    }

    /// Sends the body in pieces of so many bytes with a pause after each.
    #[must_use]
    pub fn slowly(mut self, piece: usize, pause: Duration) -> Self {
        self.pace = Some((piece.max(1), pause));
        self
    }
}

/// FNV-1a: an `ETag` only has to change with the content.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
