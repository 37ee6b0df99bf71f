//! The listening world: one thread accepts, one serves each connection.

use std::collections::{HashMap, VecDeque};
use std::io::{BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{sleep, spawn};
use std::time::Duration;

use crate::page::{Intake, Page};
use crate::seen::Seen;
use crate::tls::Tls;
use crate::wire::{After, send};

/// An HTTP or HTTPS server on a free port of 127.0.0.1. It ends when dropped.
pub struct World {
    address: SocketAddr,
    secure: bool,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    pages: Mutex<HashMap<String, VecDeque<Page>>>,
    requests: Mutex<Vec<Seen>>,
    connections: Mutex<usize>,
    over: AtomicBool,
}

pub(crate) trait Stream: Read + Write + Send {}
impl<T: Read + Write + Send> Stream for T {}

impl World {
    /// A server that speaks plain HTTP.
    #[must_use]
    pub fn start() -> Self {
        Self::listen(None)
    }

    /// A server that speaks HTTPS.
    #[must_use]
    pub fn secure(tls: &Tls) -> Self {
        Self::listen(Some(tls.config()))
    }

    fn listen(tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
        let address = listener.local_addr().expect("the address just bound");
        let inner = Arc::new(Inner::default());
        let world = Self {
            address,
            secure: tls.is_some(),
            inner: Arc::clone(&inner),
        };
        spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if inner.over.load(Ordering::SeqCst) {
                    return;
                }
                *lock(&inner.connections) += 1;
                let (inner, tls) = (Arc::clone(&inner), tls.clone());
                spawn(move || serve(&inner, stream, tls));
            }
        });
        world
    }

    /// Serves this page under this path (begin it with `/`; a query belongs to it, or matches any if left out), or under
    /// the path of one host only (begin it with the host's name, as clients write it).
    /// What was there before is gone, for connections already open too.
    pub fn put(&self, path: &str, page: Page) {
        self.put_each(path, [page]);
    }

    /// Serves these pages under this path one after the other, and the last one for ever.
    pub fn put_each(&self, path: &str, pages: impl IntoIterator<Item = Page>) {
        lock(&self.inner.pages).insert(path.to_owned(), pages.into_iter().collect());
    }

    /// Serves honest files under `path/name`, as a vendor's directory.
    pub fn directory<'a>(&self, path: &str, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) {
        for (name, body) in files {
            self.put(
                &format!("{}/{name}", path.trim_end_matches('/')),
                Page::bytes(body),
            );
        }
    }

    /// Nothing under this path any more: 404.
    pub fn remove(&self, path: &str) {
        lock(&self.inner.pages).remove(path);
    }

    /// The address of a path, by IP address.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.url_by_name("127.0.0.1", path)
    }

    /// The address of a path by another name for this host, `localhost` for one.
    #[must_use]
    pub fn url_by_name(&self, host: &str, path: &str) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{host}:{}{path}", self.address.port())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Every request so far, in the order they came.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        lock(&self.inner.requests).clone()
    }

    /// Every request for this path so far, whatever its query.
    #[must_use]
    pub fn requests_to(&self, path: &str) -> Vec<Seen> {
        let mut requests = self.requests();
        requests.retain(|seen| seen.path() == path);
        requests
    }

    /// How many connections were made, whether or not anything was asked over them.
    #[must_use]
    pub fn connections(&self) -> usize {
        *lock(&self.inner.connections)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.inner.over.store(true, Ordering::SeqCst);
        // Wakes the accepting thread; if that fails, it sleeps until the process ends.
        let _ = TcpStream::connect(self.address);
    }
}

impl Inner {
    fn page(&self, seen: &Seen) -> Page {
        let page = {
            let mut pages = lock(&self.pages);
            let host = seen.header("host").unwrap_or_default();
            let keys = [
                format!("{host}{}", seen.target),
                format!("{host}{}", seen.path()),
                seen.target.clone(),
                seen.path().to_owned(),
            ];
            let key = keys.into_iter().find(|key| pages.contains_key(key));
            match key.and_then(|key| pages.get_mut(&key)) {
                Some(queue) if queue.len() > 1 => queue.pop_front(),
                Some(queue) => queue.front().cloned(),
                None => None,
            }
        };
        page.unwrap_or_else(|| Page::refusal(404, "there is no such file"))
    }
}

fn serve(inner: &Inner, stream: TcpStream, tls: Option<Arc<rustls::ServerConfig>>) {
    let Ok(ending) = stream.try_clone() else {
        return;
    };
    // A forgotten connection must not keep its thread for ever.
    let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
    let _ = stream.set_nodelay(true);
    let stream: Box<dyn Stream> = match tls {
        None => Box::new(stream),
        Some(config) => match rustls::ServerConnection::new(config) {
            Ok(connection) => Box::new(rustls::StreamOwned::new(connection, stream)),
            Err(_) => return,
        },
    };
    let mut stream = BufReader::new(stream);
    loop {
        let seen = match Seen::head(&mut stream) {
            Ok(Some(seen)) => seen,
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                let _ = stream
                    .get_mut()
                    .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
                break;
            }
            Ok(None) | Err(_) => break,
        };
        match answer(inner, seen, &mut stream) {
            Ok(After::KeepOpen) => {}
            Ok(After::Linger) => {
                sleep(Duration::from_millis(300));
                break;
            }
            Ok(After::Stall) => {
                while !inner.over.load(Ordering::SeqCst) {
                    sleep(Duration::from_millis(20));
                }
                break;
            }
            Ok(After::Close) | Err(_) => break,
        }
    }
    let _ = ending.shutdown(Shutdown::Both);
}

/// Reads the body of a request as far as its page wants it, keeps the request, and answers.
fn answer(
    inner: &Inner,
    mut seen: Seen,
    stream: &mut BufReader<Box<dyn Stream>>,
) -> std::io::Result<After> {
    let page = inner.page(&seen);
    let most = match page.intake {
        Intake::Whole => usize::MAX,
        Intake::Answer(bytes) | Intake::Cut(bytes) | Intake::Stall(bytes) => bytes,
    };
    let read = seen.read_body(stream, most);
    lock(&inner.requests).push(seen.clone());
    read?;
    match page.intake {
        Intake::Cut(_) => return Ok(After::Close),
        Intake::Stall(_) => return Ok(After::Stall),
        // A body that broke off deserves no answer.
        Intake::Whole if !seen.whole => return Ok(After::Close),
        Intake::Whole | Intake::Answer(_) => {}
    }
    let page = match &page.reply {
        Some(reply) => reply(&seen),
        None => page,
    };
    let after = send(&page, &seen, stream.get_mut())?;
    Ok(match (page.intake, after) {
        (Intake::Answer(_), After::Close | After::KeepOpen) => After::Linger,
        _ => after,
    })
}

/// A test that panicked elsewhere does not make what was recorded wrong.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
