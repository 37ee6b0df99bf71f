//! A page put on the wire, with its faults.

use std::io::{self, Write};
use std::thread::sleep;
use std::time::Duration;

use crate::page::{Fault, Framing, Page, Ranges};
use crate::seen::Seen;

/// What becomes of the connection after an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    KeepOpen,
    Close,
    /// Close it after a while, so that what was answered is read before.
    Linger,
    /// Keep it open and say nothing more.
    Stall,
}

const CHUNK: usize = 16 << 10;

/// Answers `seen` with `page`.
pub(crate) fn send(page: &Page, seen: &Seen, to: &mut dyn Write) -> io::Result<After> {
    let refused = page
        .needs
        .as_ref()
        .is_some_and(|(name, value)| seen.header(name) != Some(value));
    if refused {
        return send(&Page::refusal(401, "who are you?"), seen, to);
    }
    match page.fault {
        Fault::NoAnswer => return Ok(After::Close),
        Fault::StallBeforeAnswer => return Ok(After::Stall),
        _ => {}
    }
    let (status, body, mut headers) = select(page, seen);
    if page.framing == Framing::Length || seen.method == "HEAD" {
        headers.push(("Content-Length".to_owned(), body.len().to_string()));
    } else if page.framing == Framing::Chunked {
        headers.push(("Transfer-Encoding".to_owned(), "chunked".to_owned()));
    } else {
        headers.push(("Connection".to_owned(), "close".to_owned()));
    }
    for (name, value) in &page.headers {
        headers.retain(|(theirs, _)| !theirs.eq_ignore_ascii_case(name));
        headers.push((name.clone(), value.clone()));
    }
    let closes = headers
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("connection") && value == "close");
    let head = head(status, &headers);
    if page.fault == Fault::CutInHeaders {
        to.write_all(head.as_bytes().split_at(head.len() / 2).0)?;
        to.flush()?;
        return Ok(After::Close);
    }
    to.write_all(head.as_bytes())?;
    if seen.method == "HEAD" || matches!(status, 204 | 304) {
        to.flush()?;
        return Ok(After::KeepOpen);
    }
    let after = send_body(page, body, to)?;
    Ok(if closes && after == After::KeepOpen {
        After::Close
    } else {
        after
    })
}

/// The part asked for, or the whole, with the headers that say so.
fn select<'a>(page: &'a Page, seen: &Seen) -> (u16, &'a [u8], Vec<(String, String)>) {
    let mut headers = vec![
        (
            "Date".to_owned(),
            "Sun, 01 Feb 2026 00:00:00 GMT".to_owned(),
        ),
        (
            "Content-Type".to_owned(),
            "application/octet-stream".to_owned(),
        ),
    ];
    let validators = [("ETag", &page.etag), ("Last-Modified", &page.last_modified)];
    for (name, value) in validators {
        if let Some(value) = value {
            headers.push((name.to_owned(), value.clone()));
        }
    }
    if matches!(page.ranges, Ranges::Honest | Ranges::Ignored) {
        headers.push(("Accept-Ranges".to_owned(), "bytes".to_owned()));
    }
    let wanted = match page.ranges {
        Ranges::Unconditional => true,
        Ranges::Honest => seen.header("if-range").is_none_or(|condition| {
            validators
                .iter()
                .any(|(_, value)| value.as_deref() == Some(condition))
        }),
        Ranges::None | Ranges::Ignored => false,
    };
    let len = page.body.len() as u64;
    match seen.range(len).filter(|_| wanted && page.status == 200) {
        None => (page.status, &page.body, headers),
        Some(Err(())) => {
            headers.push(("Content-Range".to_owned(), format!("bytes */{len}")));
            (416, &[], headers)
        }
        Some(Ok((first, last))) => {
            headers.push((
                "Content-Range".to_owned(),
                format!("bytes {first}-{last}/{len}"),
            ));
            let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            let part = page.body.get(index(first)..=index(last)).unwrap_or(&[]);
            (206, part, headers)
        }
    }
}

fn head(status: u16, headers: &[(String, String)]) -> String {
    let mut head = format!("HTTP/1.1 {status} {}\r\n", phrase(status));
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head + "\r\n"
}

fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        206 => "Partial Content",
        404 => "Not Found",
        503 => "Service Unavailable",
        _ => "Whatever",
    }
}

fn send_body(page: &Page, body: &[u8], to: &mut dyn Write) -> io::Result<After> {
    let (stop, after) = match page.fault {
        Fault::Cut(at) => (at, After::Close),
        Fault::Stall(at) => (at, After::Stall),
        _ => (usize::MAX, After::KeepOpen),
    };
    let (body, whole) = match body.split_at_checked(stop) {
        Some((head, _)) => (head, false),
        None => (body, true),
    };
    let (piece, pause) = page.pace.unwrap_or((CHUNK, Duration::ZERO));
    for piece in body.chunks(piece) {
        if page.framing == Framing::Chunked {
            write!(to, "{:x}\r\n", piece.len())?;
            to.write_all(piece)?;
            to.write_all(b"\r\n")?;
        } else {
            to.write_all(piece)?;
        }
        if !pause.is_zero() {
            to.flush()?;
            sleep(pause);
        }
    }
    let cut = !whole || after != After::KeepOpen;
    if page.framing == Framing::Chunked && !cut {
        to.write_all(b"0\r\n\r\n")?;
    }
    to.flush()?;
    Ok(after)
}
