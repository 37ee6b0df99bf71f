//! What a window promises to its two sides.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use bytes::Bytes;

use super::{View, Window};
use crate::limits::{CHUNK, WINDOW, WINDOW_BEHIND};
use crate::{Error, Refusal, run::Stop};

const CHUNKS: u64 = (WINDOW / CHUNK) as u64;

fn chunk(number: u64) -> Bytes {
    let byte = u8::try_from(number % 251).unwrap();
    Bytes::from(vec![byte; CHUNK])
}

fn start(number: u64) -> u64 {
    number * CHUNK as u64
}

/// A producer of `count` chunks that says how many it could hand over.
fn producer(window: &Arc<Window>, count: u64) -> (Arc<AtomicU64>, thread::JoinHandle<bool>) {
    let handed = Arc::new(AtomicU64::new(0));
    let (window, counter) = (window.clone(), handed.clone());
    let thread = thread::spawn(move || {
        let whole = (0..count).all(|number| {
            counter.store(number, Ordering::SeqCst);
            window.push(chunk(number)).is_ok()
        });
        window.close(whole);
        whole
    });
    (handed, thread)
}

#[test]
fn a_window_holds_no_more_than_its_cap_while_nothing_is_used() {
    let window = Arc::new(Window::new(None, false));
    let mut view = View::new(window.clone(), None);
    let (handed, thread) = producer(&window, CHUNKS * 3);
    while handed.load(Ordering::SeqCst) < CHUNKS {
        thread::yield_now();
    }
    assert_eq!(
        window.lock().held.len() as u64,
        CHUNKS,
        "full, and not more"
    );
    for number in 0..CHUNKS * 3 {
        let range = start(number)..start(number + 1);
        let mut seen = Vec::new();
        let read = view.data(range, "data", |bytes| {
            seen.extend_from_slice(&bytes);
            Ok(())
        });
        assert!(read.is_ok());
        assert_eq!(seen, chunk(number));
        let held: usize = window.lock().held.iter().map(Bytes::len).sum();
        assert!(held <= WINDOW);
    }
    view.close(true);
    assert!(thread.join().unwrap());
}

#[test]
fn what_left_a_forward_only_window_unused_is_set_aside_and_what_was_used_is_gone() {
    let window = Arc::new(Window::new(None, false));
    let mut view = View::new(window.clone(), None);
    let count = CHUNKS * 3;
    let (_, thread) = producer(&window, count);
    let mut read = |number: u64| {
        let mut seen = Vec::new();
        let range = start(number)..start(number + 1);
        let result = view.data(range, "data", |bytes| {
            seen.extend_from_slice(&bytes);
            Ok(())
        });
        result.map(|()| seen)
    };
    assert_eq!(read(1).unwrap(), chunk(1));
    // The last one first: everything else has left the window by then.
    assert_eq!(read(count - 1).unwrap(), chunk(count - 1));
    for number in [0, 2, CHUNKS, 2 * CHUNKS - 1] {
        assert_eq!(read(number).unwrap(), chunk(number), "{number}");
    }
    let again = read(1);
    let Err(Stop::Failed(Error::Refused { refusal })) = again else {
        panic!("{again:?}")
    };
    let gone = Refusal::NeedsRandomAccess {
        offset: start(1),
        end: start(2),
    };
    assert_eq!(refusal, gone);
    view.close(true);
    assert!(thread.join().unwrap());
}

#[test]
fn a_table_that_is_expected_is_kept_when_its_chunk_leaves() {
    let window = Arc::new(Window::new(None, false));
    let mut view = View::new(window.clone(), None);
    view.expect_tables([start(1) + 512].into_iter(), 512);
    let (_, thread) = producer(&window, CHUNKS * 2);
    let last = CHUNKS * 2 - 1;
    assert!(
        view.data(start(last)..start(last + 1), "data", |_| Ok(()))
            .is_ok()
    );
    assert_eq!(window.lock().kept.len(), 1);
    let table = view
        .table(start(1) + 512..start(1) + 1024, "a table")
        .unwrap();
    assert_eq!(table, chunk(1).slice(512..1024));
    assert!(window.lock().kept.is_empty() && window.lock().kept_len == 0);
    view.close(true);
    assert!(thread.join().unwrap());
}

#[test]
fn a_sector_shared_by_two_neighbours_stays_until_both_are_done() {
    let window = Arc::new(Window::new(None, false));
    let mut view = View::new(window.clone(), None);
    let count = CHUNKS * 3;
    let (_, thread) = producer(&window, count);
    // The later neighbour first; it begins inside the sector at 512.
    assert!(view.sectors(612, 1536 - 612, 512, "packed").is_ok());
    assert!(
        view.data(start(count - 1)..start(count), "data", |_| Ok(()))
            .is_ok()
    );
    let (bytes, cut) = view.sectors(0, 1024, 512, "packed").unwrap();
    assert_eq!((bytes, cut), (chunk(0).slice(..1024), false));
    view.close(true);
    assert!(thread.join().unwrap());
}

#[test]
fn a_consumer_that_fails_lets_its_producer_go() {
    let window = Arc::new(Window::new(None, false));
    let view = View::new(window.clone(), None);
    let (handed, thread) = producer(&window, CHUNKS * 3);
    while handed.load(Ordering::SeqCst) < CHUNKS {
        thread::yield_now();
    }
    view.close(false);
    assert!(!thread.join().unwrap());
}

#[test]
fn a_producer_that_fails_lets_its_consumer_go() {
    let window = Arc::new(Window::new(None, false));
    let mut view = View::new(window.clone(), None);
    assert!(window.push(chunk(0)).is_ok());
    window.close(false);
    assert!(matches!(
        view.table(start(1)..start(1) + 512, "a table"),
        Err(Stop::Peer)
    ));
}

#[test]
fn a_window_keeps_what_lies_a_little_behind() {
    let window = Arc::new(Window::new(None, false));
    let mut view = View::new(window.clone(), None);
    let count = CHUNKS * 2;
    let (_, thread) = producer(&window, count);
    let behind = (WINDOW_BEHIND / CHUNK) as u64 - 1;
    for number in 0..CHUNKS + 4 {
        assert!(
            view.data(start(number)..start(number + 1), "data", |_| Ok(()))
                .is_ok()
        );
        let oldest = window.lock().start;
        assert!(oldest <= start(number.saturating_sub(behind)), "{number}");
    }
    view.close(true);
    assert!(thread.join().unwrap());
}
