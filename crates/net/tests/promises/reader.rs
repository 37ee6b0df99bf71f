//! The blocking face: the same bytes, errors that can be told apart, no end that is none.

use std::io::Read;

use net::{Error, Reader, Request};
use tokio::runtime::{Builder, Handle, Runtime};
use world::{Page, World};

use crate::{bytes, client, get};

const LEN: usize = 5 << 20;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Runs `work` with a reader on a thread of its own, as a decoder does.
fn with_reader<T: Send + 'static>(
    request: Request,
    work: impl FnOnce(Reader) -> T + Send + 'static,
) -> T {
    runtime().block_on(async {
        let reader = client()
            .download(request)
            .await
            .unwrap()
            .into_reader(&Handle::current());
        tokio::task::spawn_blocking(move || work(reader))
            .await
            .unwrap()
    })
}

#[test]
fn a_thread_reads_every_byte_of_a_download_cut_on_the_way() {
    let file = bytes(LEN);
    let world = World::start();
    world.put_each(
        "/f",
        [
            Page::bytes(file.clone()).cut_after(LEN / 2),
            Page::bytes(file.clone()),
        ],
    );
    let got = with_reader(get(&world, "/f"), |mut reader| {
        assert_eq!(reader.len(), Some(LEN as u64));
        let mut got = Vec::new();
        reader.read_to_end(&mut got).unwrap();
        assert_eq!(
            reader.read(&mut [0; 8]).unwrap(),
            0,
            "the end stays the end"
        );
        got
    });
    assert!(got == file);
}

#[test]
fn a_failure_arrives_as_the_clients_own_error_and_stays() {
    let world = World::start();
    world.put(
        "/f",
        Page::bytes(bytes(LEN))
            .without_validators()
            .cut_after(LEN / 2),
    );
    with_reader(get(&world, "/f"), |mut reader| {
        let mut got = Vec::new();
        let error = reader.read_to_end(&mut got).unwrap_err();
        let inner = error.get_ref().unwrap().downcast_ref::<Error>().unwrap();
        assert!(matches!(inner, Error::Truncated { .. }), "{inner}");
        assert_eq!(got.len(), LEN / 2);
        assert!(
            reader.read(&mut [0; 8]).is_err(),
            "no clean end after an error"
        );
    });
}

#[test]
fn a_runtime_that_ends_is_not_the_end_of_the_file() {
    let world = World::start();
    world.put("/f", Page::bytes(bytes(LEN)).stall_after(100));
    let runtime = runtime();
    let mut reader = runtime.block_on(async {
        let download = client().download(get(&world, "/f")).await.unwrap();
        download.into_reader(&Handle::current())
    });
    drop(runtime);
    let mut got = Vec::new();
    assert!(reader.read_to_end(&mut got).is_err());
}

#[test]
fn a_reader_takes_no_more_than_it_is_asked_for() {
    let world = World::start();
    // 64 MiB would not fit into what may wait; a forgotten reader must not swallow them.
    world.put("/f", Page::bytes(vec![3; 64 << 20]));
    with_reader(get(&world, "/f"), |mut reader| {
        let mut first = [0; 10];
        reader.read_exact(&mut first).unwrap();
        assert_eq!(first, [3; 10]);
        drop(reader);
    });
    assert_eq!(
        world.requests().len(),
        1,
        "a dropped reader does not resume"
    );
}

#[test]
fn a_dropped_reader_ends_its_download_even_while_the_server_stalls() {
    let world = World::start();
    world.put("/f", Page::bytes(bytes(LEN)).stall_after(100));
    runtime().block_on(async {
        let handle = Handle::current();
        let download = client().download(get(&world, "/f")).await.unwrap();
        let mut reader = download.into_reader(&handle);
        // All that will come is taken, so that the download waits for more when its reader goes away.
        let take = move || reader.read_exact(&mut [0; 100]);
        tokio::task::spawn_blocking(take).await.unwrap().unwrap();
        // The stall itself would last twenty seconds before anything else ended the download.
        let over = async {
            while handle.metrics().num_alive_tasks() > 0 {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), over)
            .await
            .expect("the download's task has ended");
    });
}
