//! A forward proxy: absolute requests for http, `CONNECT` for https.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

use crate::server::{World, lock};

/// A proxy on a free port of 127.0.0.1 that lets everything through and remembers it. It ends when dropped.
pub struct Proxy {
    address: SocketAddr,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    heads: Mutex<Vec<String>>,
    /// Where every tunnel ends, whatever it was asked for.
    into: Option<SocketAddr>,
    over: AtomicBool,
}

impl Proxy {
    /// Starts it.
    #[must_use]
    pub fn start() -> Self {
        Self::listen(None)
    }

    /// Starts one whose tunnels all end in this world: every https host is there then.
    #[must_use]
    pub fn into(world: &World) -> Self {
        Self::listen(Some(world.address()))
    }

    fn listen(into: Option<SocketAddr>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
        let address = listener.local_addr().expect("the address just bound");
        let inner = Arc::new(Inner {
            into,
            ..Inner::default()
        });
        let proxy = Self {
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
        proxy
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The heads of the requests it got: request line and headers.
    #[must_use]
    pub fn heads(&self) -> Vec<String> {
        lock(&self.inner.heads).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.inner.over.store(true, Ordering::SeqCst);
        // Wakes the accepting thread; if that fails, it sleeps until the process ends.
        let _ = TcpStream::connect(self.address);
    }
}

fn pass(inner: &Inner, client: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    lock(&inner.heads).push(head.clone());
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let server = if method == "CONNECT" {
        let server = match inner.into {
            Some(world) => TcpStream::connect(world)?,
            None => TcpStream::connect(target)?,
        };
        let mut client = client;
        client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
        server
    } else {
        let rest = target.strip_prefix("http://").unwrap_or(target);
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let mut server = TcpStream::connect(host)?;
        let head = head
            .replacen(target, path, 1)
            .replacen("\r\n", "\r\nConnection: close\r\n", 1);
        server.write_all(head.as_bytes())?;
        server
    };
    // What the client sent together with its head is in the reader, so it goes on from there.
    let mut upstream = server.try_clone()?;
    spawn(move || {
        let _ = io::copy(&mut reader, &mut upstream);
        let _ = upstream.shutdown(Shutdown::Write);
    });
    let (mut server, mut client) = (server, client);
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Both)
}
