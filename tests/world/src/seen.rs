//! A request as it came over the wire.

use std::io::{self, BufRead, Read};

/// One request that a [`World`](crate::World) got.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `GET`, `POST`, …
    pub method: String,
    /// What was asked for, with its query: `/path?a=b`.
    pub target: String,
    /// Header names as they came, and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it came.
    pub body: Vec<u8>,
    /// Whether the body came to its proper end: all of `Content-Length`, or the last chunk.
    pub whole: bool,
}

impl Seen {
    /// The first header of this name, in whatever case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(theirs, _)| theirs.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The target without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or(&self.target)
    }

    /// Reads the head of the next request; none when the client has closed the connection.
    pub(crate) fn head(from: &mut impl BufRead) -> io::Result<Option<Self>> {
        // Somebody who speaks TLS to a plain server would otherwise be read up to a line's end that never comes.
        match from.fill_buf()?.first() {
            None => return Ok(None),
            Some(letter) if !letter.is_ascii_uppercase() => {
                return Err(io::Error::from(io::ErrorKind::InvalidData));
            }
            Some(_) => {}
        }
        let first = line(from)?;
        let mut words = first.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        let mut seen = Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            whole: false,
        };
        loop {
            let next = line(from)?;
            let Some((name, value)) = next.split_once(':') else {
                break;
            };
            seen.headers
                .push((name.trim().to_owned(), value.trim().to_owned()));
        }
        Ok(Some(seen))
    }

    /// Reads the body, or `most` bytes of it. A client that leaves before its body's end has not sent it whole.
    pub(crate) fn read_body(&mut self, from: &mut impl BufRead, most: usize) -> io::Result<()> {
        let most = most as u64;
        if let Some(length) = self
            .header("content-length")
            .and_then(|n| n.parse::<u64>().ok())
        {
            from.take(length.min(most)).read_to_end(&mut self.body)?;
            self.whole = self.body.len() as u64 == length;
            return Ok(());
        }
        if self.header("transfer-encoding") != Some("chunked") {
            self.whole = true;
            return Ok(());
        }
        while (self.body.len() as u64) < most {
            let Ok(size) = u64::from_str_radix(line(from)?.trim(), 16) else {
                return Ok(());
            };
            from.take(size).read_to_end(&mut self.body)?;
            line(from)?;
            if size == 0 {
                self.whole = true;
                return Ok(());
            }
        }
        Ok(())
    }

    /// The bytes of `Range: bytes=…` within a file of `len` bytes: none if not asked for, an error if not satisfiable.
    pub(crate) fn range(&self, len: u64) -> Option<Result<(u64, u64), ()>> {
        let (first, last) = self
            .header("range")?
            .strip_prefix("bytes=")?
            .split_once('-')?;
        let end = len.checked_sub(1);
        let range = match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) => end.map(|end| (first, last.min(end))),
            (Ok(first), Err(_)) => end.map(|end| (first, end)),
            (Err(_), Ok(suffix)) => end.map(|end| (len.saturating_sub(suffix), end)),
            (Err(_), Err(_)) => return None,
        };
        Some(range.filter(|(first, last)| first <= last).ok_or(()))
    }
}

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
