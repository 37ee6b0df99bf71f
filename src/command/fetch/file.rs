//! The file that is fetched into: it appears under its name when it is complete and right, and is never larger than wished.

use std::cell::RefCell;
use std::io;
use std::path::Path;

use disk::write::{self, Existing, Image, Unfinished, Workers, qcow2};
use disk::{Algorithms, Contents, Layer, Output, Sink};
use net::Bytes;

use super::Form;

/// A file to fetch into. Dropped before its sink is finished it leaves nothing behind.
pub(super) struct Goal<'a> {
    pub(super) path: &'a Path,
    pub(super) form: Form,
    pub(super) existing: Existing,
    /// How many bytes may come.
    pub(super) limit: u64,
    unfinished: RefCell<Option<Unfinished>>,
}

impl<'a> Goal<'a> {
    pub(super) fn new(path: &'a Path, form: Form, existing: Existing, limit: u64) -> Self {
        Self {
            path,
            form,
            existing,
            limit,
            unfinished: RefCell::default(),
        }
    }

    /// Begins the file; what was begun before is taken away.
    pub(super) fn begin(&self) -> io::Result<Output> {
        let (image, layer) = match self.form {
            Form::AsPublished => (Image::Raw, Layer::File),
            Form::Raw => (Image::Raw, Layer::Disk),
            Form::Qcow2 => (Image::Qcow2(qcow2::Options::default()), Layer::Disk),
        };
        let (existing, digests) = (self.existing, Algorithms::NONE);
        let (sink, unfinished) = write::file(self.path, image, existing, digests, Workers::Cores)?;
        self.unfinished.replace(Some(unfinished));
        Ok(Output {
            sink: Box::new(Limited {
                inner: sink,
                left: self.limit,
            }),
            layer,
        })
    }
}

/// A sink that takes so many bytes and no more.
struct Limited {
    inner: Box<dyn Sink>,
    left: u64,
}

impl Limited {
    fn take(&mut self, len: u64) -> io::Result<()> {
        let left = self.left.checked_sub(len);
        self.left = left.ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(())
    }
}

impl Sink for Limited {
    fn begin(&mut self, size: Option<u64>) -> io::Result<()> {
        self.inner.begin(size)
    }

    fn data(&mut self, bytes: Bytes) -> io::Result<()> {
        self.take(bytes.len() as u64)?;
        self.inner.data(bytes)
    }

    fn zero(&mut self, len: u64) -> io::Result<()> {
        self.take(len)?;
        self.inner.zero(len)
    }

    fn finish(self: Box<Self>) -> io::Result<Contents> {
        self.inner.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_larger_than_wished_or_not_finished_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("disk.raw");
        let goal = Goal::new(&path, Form::Raw, Existing::Keep, 5 << 20);
        let mut sink = goal.begin().unwrap().sink;
        sink.begin(None).unwrap();
        sink.zero(4 << 20).unwrap();
        assert!(sink.zero((1 << 20) + 1).is_err());
        assert!(sink.data(Bytes::from(vec![1; (1 << 20) + 1])).is_err());
        // The next one takes its place.
        let mut sink = goal.begin().unwrap().sink;
        sink.begin(None).unwrap();
        sink.data(Bytes::from_static(b"disk")).unwrap();
        assert!(!path.exists());
        sink.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"disk");
        drop(
            Goal::new(&path, Form::Raw, Existing::Replace, 1)
                .begin()
                .unwrap(),
        );
        drop(goal);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
