//! A gate lets requests through as they are, and stops exactly the one that it is told to.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::scope;

use world::{Gate, Held, Page, World};

fn world() -> (World, Gate) {
    let world = World::start();
    let page = Page::bytes(*b"done").header("Connection", "close");
    world.put("/images", page);
    let gate = Gate::before(([127, 0, 0, 1], world.port()).into());
    (world, gate)
}

/// What comes back for this request; nothing if the connection ends before.
fn say(gate: &Gate, method: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(gate.url().strip_prefix("http://").unwrap()).unwrap();
    let size = body.len();
    let head =
        format!("{method} /images?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n");
    stream.write_all((head + body).as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn what_goes_through_arrives_as_it_was_and_is_counted() {
    let (world, gate) = world();
    assert!(say(&gate, "GET", "").ends_with("\r\n\r\ndone"));
    assert!(say(&gate, "PATCH", "[1]").starts_with("HTTP/1.1 200 "));
    assert_eq!(world.requests()[1].body, b"[1]");
    let calls = gate.calls();
    assert_eq!((calls.len(), gate.writes().len()), (2, 1));
    assert_eq!(
        (calls[1].path(), calls[1].status),
        ("/images", Some(200)),
        "{calls:?}"
    );
    gate.forget();
    assert_eq!(gate.calls(), []);
}

#[test]
fn one_write_is_stopped_where_it_was_told_to_be() {
    for (held, seen, whole) in [
        (Held::Before, 1, true),
        (Held::Amid, 2, false),
        (Held::After, 2, true),
    ] {
        let (world, gate) = world();
        gate.hold(1, held);
        say(&gate, "GET", "");
        assert!(say(&gate, "POST", "first").ends_with("done"));
        let over = AtomicBool::new(false);
        scope(|scope| {
            let client = scope.spawn(|| {
                let answer = say(&gate, "POST", "second");
                over.store(true, Ordering::SeqCst);
                answer
            });
            assert!(gate.wait(|| over.load(Ordering::SeqCst)));
            gate.forget();
            assert_eq!(client.join().unwrap(), "", "{held:?}");
        });
        // What was cut is kept by the world when its connection has ended.
        let posts = || {
            let mut posts = world.requests_to("/images");
            posts.retain(|seen| seen.method == "POST");
            posts
        };
        while posts().len() < seen {
            std::thread::yield_now();
        }
        assert_eq!(posts().last().unwrap().whole, whole, "{held:?}");
    }
}

#[test]
fn an_answer_of_its_own_is_given_once() {
    let (world, gate) = world();
    gate.inject(0, 503);
    assert!(say(&gate, "DELETE", "").starts_with("HTTP/1.1 503 "));
    assert!(say(&gate, "DELETE", "").starts_with("HTTP/1.1 200 "));
    assert_eq!(world.requests().len(), 1);
}
