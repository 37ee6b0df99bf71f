//! A sink that takes a disk and sends the qcow2 of it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use disk::write::{Workers, qcow2};
use disk::{Algorithms, Contents, Sink};

use crate::upload::Upload;

/// The upload while the qcow2's writer has it, too.
type Shared = Arc<Mutex<Option<Upload>>>;

fn with<T>(upload: &Shared, act: impl FnOnce(&mut Upload) -> io::Result<T>) -> io::Result<T> {
    let mut upload = upload.lock().unwrap_or_else(PoisonError::into_inner);
    act(upload.as_mut().ok_or(io::ErrorKind::NotConnected)?)
}

/// A sink that takes a disk and sends the qcow2 of it.
pub(crate) struct Repack {
    writer: Box<dyn Sink>,
    upload: Shared,
    size: u64,
}

impl Repack {
    pub(crate) fn new(plan: &Arc<qcow2::Plan>, upload: Upload) -> Self {
        let upload = Arc::new(Mutex::new(Some(upload)));
        let out = Out(Arc::clone(&upload));
        // The upload's own digests are of what is sent.
        let writer = plan.stream(out, Algorithms::NONE, Workers::Cores);
        Self {
            writer,
            upload,
            size: plan.file_size(),
        }
    }
}

impl Sink for Repack {
    fn begin(&mut self, size: Option<u64>) -> io::Result<()> {
        with(&self.upload, |upload| upload.begin(Some(self.size)))?;
        self.writer.begin(size)
    }

    fn data(&mut self, bytes: Bytes) -> io::Result<()> {
        self.writer.data(bytes)
    }

    fn zero(&mut self, len: u64) -> io::Result<()> {
        self.writer.zero(len)
    }

    fn finish(self: Box<Self>) -> io::Result<Contents> {
        self.writer.finish()?;
        let upload = self
            .upload
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        Box::new(upload.ok_or(io::ErrorKind::NotConnected)?).finish()
    }
}

/// The way from the qcow2's writer into the upload.
struct Out(Shared);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Bytes::copy_from_slice(bytes);
        with(&self.0, |upload| upload.data(piece))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
