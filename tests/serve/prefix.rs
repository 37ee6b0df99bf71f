//! A reverse proxy that takes a path off the front of what is asked for, as nginx does for `location /images/ { proxy_pass …/; }`.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

/// The proxy, on a port of loopback, for as long as the test program lives.
pub(crate) struct Prefix {
    port: u16,
    path: &'static str,
    strays: Arc<Mutex<Vec<String>>>,
}

impl Prefix {
    /// Hands on what is asked for below `path` to the server on that port of loopback. Nothing else is there: a link that
    /// leads out of the path ends in 404, and is remembered.
    pub(crate) fn before(server: u16, path: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let strays = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&strays);
        spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let strays = Arc::clone(&strays);
                // A broken connection is the client's to notice.
                spawn(move || pass(&stream, server, path, &strays));
            }
        });
        let strays = kept;
        Self { port, path, strays }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The address that clients are to know.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}{}", self.port, self.path)
    }

    /// What was asked for outside the path.
    pub(crate) fn strays(&self) -> Vec<String> {
        self.strays.lock().unwrap().clone()
    }
}

fn pass(
    client: &TcpStream,
    server: u16,
    path: &str,
    strays: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let mut client = client;
    let asked = head.split(' ').nth(1).unwrap_or_default().to_owned();
    // The path alone is the server's root: it is what a catalogue of services has.
    let below = asked.strip_prefix(path).map(|rest| match rest {
        "" => "/",
        rest => rest,
    });
    let Some(rest) = below.filter(|it| it.starts_with('/')) else {
        strays.lock().unwrap().push(asked);
        client.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?;
        return client.shutdown(Shutdown::Both);
    };
    // One request a connection, so that none has to be taken apart.
    let head = head
        .replacen(&asked, rest, 1)
        .replacen("\r\n", "\r\nConnection: close\r\n", 1);
    let mut server = TcpStream::connect(("127.0.0.1", server))?;
    server.write_all(head.as_bytes())?;
    let mut upstream = server.try_clone()?;
    spawn(move || {
        let _ = io::copy(&mut reader, &mut upstream);
        let _ = upstream.shutdown(Shutdown::Write);
    });
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Both)
}
