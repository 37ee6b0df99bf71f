//! A file appears under its name when it is complete, and not before.

use std::fs;
use std::io;
use std::path::Path;

use bytes::Bytes;
use disk::Algorithms;
use disk::write::{Existing, Image, Workers, file};

use crate::made::{Pieces, pour, qcow2, vmdk, zlib};
use crate::pattern::{Pattern, disk};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const NONE: Algorithms = Algorithms::NONE;

#[test]
fn nothing_has_the_name_before_the_end_and_nothing_is_left_of_what_was_given_up() {
    let bytes = disk(Pattern::Islands, 3 << 20, 2);
    for image in [Image::Raw, qcow2(64 << 10, zlib(1)), vmdk()] {
        let folder = tempfile::tempdir().unwrap();
        let goal = folder.path().join("image");
        let begin = || file(&goal, image, Existing::Keep, NONE, Workers::Exactly(2)).unwrap();
        let (mut sink, unfinished) = begin();
        pour(&mut *sink, &bytes, Pieces::One).unwrap();
        assert!(!goal.exists() && names(folder.path()).len() == 1);
        drop(sink);
        drop(unfinished);
        assert_eq!(names(folder.path()), [""; 0], "{image:?}");

        // The owner gives it up while a thread still has the sink.
        let (mut sink, unfinished) = begin();
        pour(&mut *sink, &bytes, Pieces::One).unwrap();
        drop(unfinished);
        assert_eq!(names(folder.path()), [""; 0], "{image:?}");
        sink.finish().unwrap_err();
        assert_eq!(names(folder.path()), [""; 0], "{image:?}");

        let (mut sink, unfinished) = begin();
        pour(&mut *sink, &bytes, Pieces::One).unwrap();
        sink.finish().unwrap();
        drop(unfinished);
        assert_eq!(names(folder.path()), ["image"], "{image:?}");
    }
}

#[test]
fn a_file_that_is_there_stays_unless_it_is_to_be_replaced() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let goal = folder.path().join("image");
    fs::write(&goal, "before").unwrap();
    let keep = || file(&goal, Image::Raw, Existing::Keep, NONE, Workers::Cores);
    assert_eq!(keep().unwrap_err().kind(), io::ErrorKind::AlreadyExists);

    // It comes while the bytes come.
    fs::remove_file(&goal).unwrap();
    let (mut sink, _unfinished) = keep().unwrap();
    pour(&mut *sink, b"new", Pieces::One).unwrap();
    fs::write(&goal, "before").unwrap();
    assert_eq!(
        sink.finish().unwrap_err().kind(),
        io::ErrorKind::AlreadyExists
    );
    assert_eq!(fs::read(&goal).unwrap(), b"before");
    assert_eq!(names(folder.path()), ["image"]);

    fs::set_permissions(&goal, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&goal, folder.path().join("link")).unwrap();
    let link = folder.path().join("link");
    let made = file(&link, Image::Raw, Existing::Replace, NONE, Workers::Cores);
    let (mut sink, _unfinished) = made.unwrap();
    pour(&mut *sink, b"new", Pieces::One).unwrap();
    assert_eq!(fs::read(&goal).unwrap(), b"before");
    sink.finish().unwrap();
    assert_eq!(fs::read(&goal).unwrap(), b"new");
    assert_eq!(goal.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert!(link.is_symlink());
}

#[test]
fn a_full_disk_is_an_error_of_the_sink_and_not_a_file() {
    let bytes = disk(Pattern::Full, 8 << 20, 2);
    let full = || {
        fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    let mut sink = disk::write::raw::stream(full(), NONE);
    let error = pour(&mut *sink, &bytes, Pieces::One).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    let options = disk::write::vmdk::Options::default();
    let mut sink = disk::write::vmdk::stream(full(), options, NONE, Workers::Exactly(2));
    sink.begin(Some(1 << 40)).unwrap();
    let error = (0..1000).find_map(|_| sink.data(Bytes::copy_from_slice(&bytes)).err());
    assert_eq!(error.unwrap().kind(), io::ErrorKind::StorageFull);
}

#[test]
fn a_raw_file_that_is_synced_on_the_way_is_the_disk_to_its_last_byte() {
    // Several times what is written between two syncs.
    let size = 3 * disk::limits::SETTLED + 12_345;
    let bytes = disk(Pattern::Full, size, 3);
    let folder = tempfile::tempdir().unwrap();
    let goal = folder.path().join("image");
    let made = file(&goal, Image::Raw, Existing::Keep, NONE, Workers::Cores);
    let (mut sink, _unfinished) = made.unwrap();
    sink.begin(Some(size)).unwrap();
    for piece in bytes.chunks(100_001) {
        sink.data(Bytes::copy_from_slice(piece)).unwrap();
    }
    sink.finish().unwrap();
    assert!(fs::read(&goal).unwrap() == bytes);
}
