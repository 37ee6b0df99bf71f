//! A gate before a real server: it counts what goes through, and can stop a change on its way there or back.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::spawn;

use crate::seen::Seen;
use crate::server::lock;

/// One request that went through a [`Gate`], or was stopped by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// `GET`, `PATCH`, …
    pub method: String,
    /// The path, with its query.
    pub target: String,
    /// What was answered; none if it never was.
    pub status: Option<u16>,
}

impl Call {
    /// Whether it changes something.
    #[must_use]
    pub fn is_write(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    /// The target without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or(&self.target)
    }
}

/// Where a write is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The server has seen nothing of it.
    Before,
    /// The server has its head and half of its body; for one without a body it is the same as `Before`.
    Amid,
    /// The server has done it, and the client has no answer yet.
    After,
}

/// What becomes of a request instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is answered with this status; the server sees nothing of it.
    Status(u16),
    /// The connection is closed; the server sees nothing of it.
    Cut,
    /// The server does it, and the client gets half of the answer.
    Half,
}

/// A reverse proxy on a free port of 127.0.0.1 before one server. It ends when dropped.
///
/// Requests are taken whole before they go on, one connection each; so it is for small images.
pub struct Gate {
    address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    server: SocketAddr,
    over: AtomicBool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    writes: usize,
    /// The write of this number, counted from 0, is stopped there.
    hold: Option<(usize, Held)>,
    /// It has been.
    holding: bool,
    /// What is answered once, instead of what the server would, to a write of this number.
    inject: Option<(usize, u16)>,
    /// What becomes of the next requests with this in their first line, and of how many.
    fault: Option<(&'static str, Fault, usize)>,
}

impl Gate {
    /// Starts one before the server at this address.
    #[must_use]
    pub fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
        let address = listener.local_addr().expect("the address just bound");
        let inner = Arc::new(Inner {
            server,
            over: AtomicBool::new(false),
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        let gate = Self {
            address,
            inner: Arc::clone(&inner),
        };
        spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if inner.over.load(Ordering::SeqCst) {
                    return;
                }
                let inner = Arc::clone(&inner);
                // A broken connection is the client's to notice.
                spawn(move || pass(&inner, &stream));
            }
        });
        gate
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked since the start, or since it was last forgotten, in the order in which it came.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.inner.state).calls.clone()
    }

    /// The calls that change something.
    #[must_use]
    pub fn writes(&self) -> Vec<Call> {
        let mut calls = self.calls();
        calls.retain(Call::is_write);
        calls
    }

    /// Begins to count anew, and holds and injects nothing.
    pub fn forget(&self) {
        *lock(&self.inner.state) = State::default();
        self.inner.changed.notify_all();
    }

    /// Begins to count anew, and stops the write of this number, counted from 0, there.
    pub fn hold(&self, number: usize, held: Held) {
        self.forget();
        lock(&self.inner.state).hold = Some((number, held));
    }

    /// Begins to count anew, and answers the write of this number, counted from 0, itself.
    pub fn inject(&self, number: usize, status: u16) {
        self.forget();
        lock(&self.inner.state).inject = Some((number, status));
    }

    /// Begins to count anew, and lets the next `count` requests come to grief whose method and target, with a
    /// space between, have `part` in them.
    pub fn spoil(&self, part: &'static str, fault: Fault, count: usize) {
        self.forget();
        lock(&self.inner.state).fault = Some((part, fault, count));
    }

    /// Waits until a write is held, or `given_up` says that none will be; whether one is.
    pub fn wait(&self, mut given_up: impl FnMut() -> bool) -> bool {
        let mut state = lock(&self.inner.state);
        while !state.holding {
            if given_up() {
                return false;
            }
            let pause = std::time::Duration::from_millis(10);
            let woken = self.inner.changed.wait_timeout(state, pause);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.inner.over.store(true, Ordering::SeqCst);
        self.inner.changed.notify_all();
        // Wakes the accepting thread; if that fails, it sleeps until the process ends.
        let _ = TcpStream::connect(self.address);
    }
}

impl Inner {
    /// Stands still as long as the write is to be held. What was held never goes on: who held it ends the client.
    fn stop(&self) -> io::Error {
        let mut state = lock(&self.state);
        state.holding = true;
        self.changed.notify_all();
        while state.holding && !self.over.load(Ordering::SeqCst) {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        io::ErrorKind::ConnectionAborted.into()
    }

    fn answered(&self, index: usize, status: Option<u16>) {
        if let Some(call) = lock(&self.state).calls.get_mut(index) {
            call.status = status;
        }
    }
}

fn pass(inner: &Inner, client: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut writer = client;
    let passed = one(inner, &mut reader, &mut writer);
    let _ = client.shutdown(Shutdown::Both);
    passed
}

/// Takes one request to the server and its answer back. Every answer says that it ends with the connection.
fn one(
    inner: &Inner,
    reader: &mut BufReader<TcpStream>,
    client: &mut impl Write,
) -> io::Result<()> {
    let Some(mut seen) = Seen::head(reader)? else {
        return Ok(());
    };
    if seen.header("expect").is_some() {
        client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    seen.read_body(reader, usize::MAX)?;
    if !seen.whole {
        return Ok(());
    }
    let (index, held, inject, fault) = note(inner, &seen);
    if held == Some(Held::Before) {
        return Err(inner.stop());
    }
    if fault == Some(Fault::Cut) {
        return Ok(());
    }
    if let Some(status) = inject {
        inner.answered(index, Some(status));
        let head =
            format!("HTTP/1.1 {status} Injected\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        client.write_all(head.as_bytes())?;
        return Ok(());
    }
    let mut server = TcpStream::connect(inner.server)?;
    server.write_all(head(&seen).as_bytes())?;
    let half = seen.body.len() / 2;
    server.write_all(seen.body.get(..half).unwrap_or_default())?;
    if held == Some(Held::Amid) {
        return Err(inner.stop());
    }
    server.write_all(seen.body.get(half..).unwrap_or_default())?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    inner.answered(index, status(&answer));
    if held == Some(Held::After) {
        return Err(inner.stop());
    }
    let whole = answer.len();
    let sent = if fault == Some(Fault::Half) {
        whole / 2
    } else {
        whole
    };
    client.write_all(answer.get(..sent).unwrap_or_default())
}

/// Writes the request down, and says what is to become of it.
fn note(inner: &Inner, seen: &Seen) -> (usize, Option<Held>, Option<u16>, Option<Fault>) {
    let mut state = lock(&inner.state);
    let call = Call {
        method: seen.method.clone(),
        target: seen.target.clone(),
        status: None,
    };
    let number = call.is_write().then_some(state.writes);
    state.writes += usize::from(call.is_write());
    state.calls.push(call);
    let held = state.hold.filter(|(at, _)| Some(*at) == number);
    let inject = state.inject.filter(|(at, _)| Some(*at) == number);
    let line = format!("{} {}", seen.method, seen.target);
    let fault = match &mut state.fault {
        Some((part, fault, left)) if *left > 0 && line.contains(*part) => {
            *left -= 1;
            Some(*fault)
        }
        _ => None,
    };
    let status = match fault {
        Some(Fault::Status(status)) => Some(status),
        _ => inject.map(|(_, status)| status),
    };
    let index = state.calls.len() - 1;
    (index, held.map(|(_, held)| held), status, fault)
}

/// The head for the server: the body goes with its length, and the connection ends with the answer.
fn head(seen: &Seen) -> String {
    const OURS: [&str; 4] = [
        "connection",
        "transfer-encoding",
        "content-length",
        "expect",
    ];
    let mut head = format!("{} {} HTTP/1.1\r\n", seen.method, seen.target);
    for (name, value) in &seen.headers {
        if !OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    if !seen.body.is_empty() || matches!(seen.method.as_str(), "POST" | "PUT" | "PATCH") {
        head.push_str(&format!("Content-Length: {}\r\n", seen.body.len()));
    }
    head + "Connection: close\r\n\r\n"
}

fn status(answer: &[u8]) -> Option<u16> {
    let first = answer.split(|byte| *byte == b'\r').next()?;
    let first = std::str::from_utf8(first).ok()?;
    first.split(' ').nth(1)?.parse().ok()
}
