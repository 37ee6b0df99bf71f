//! A qcow2 made on the way into a cloud: measured in a first pass, so that its size can be said ahead, and sent in a second.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use disk::write::{Image, Workers, qcow2};
use disk::{Algorithms, Contents, Sink, Wanted};

use super::Work;
use super::origin::{self, From, Opened};
use super::plan::{Convert, Plan};
use super::send::spoilt;
use super::sink::Upload;
use crate::command::convert::{Compress, Form, plain};
use crate::command::pass::{Broken, pass, widened};
use crate::failure::{Exit, Failure};

impl Work<'_> {
    /// Measures the qcow2, if one is to be made, and opens the file again to make it.
    pub(super) async fn measured(
        &self,
        from: &From,
        opened: Opened,
        plan: Plan,
    ) -> Result<(Opened, Plan), Failure> {
        if self.args.convert != Some(Convert::Qcow2) {
            return Ok((opened, plan));
        }
        let compress = self.args.compress.unwrap_or(Compress::Zlib);
        let image = plain(Form::Qcow2, Some(compress))?;
        let Image::Qcow2(options) = image else {
            return Ok((opened, plan));
        };
        let (sink, measured) = qcow2::measure(options, Workers::Cores);
        let wanted = Wanted {
            max_virtual_size: self.args.max_virtual_size,
            ..Wanted::default()
        };
        let label = format!("{} (measuring)", self.args.name);
        let done = pass(
            self.context,
            &label,
            opened.source,
            wanted,
            sink,
            |_| Ok(()),
        )
        .await;
        done.map_err(|broken| match broken {
            Broken::Pass(error) => spoilt(self, &error),
            Broken::Judged(failure) => failure,
        })?;
        let measured = measured.plan();
        let measured = measured.ok_or_else(|| Failure::new(Exit::Bug, "nothing was measured"))?;
        widened(self.context, image, measured.disk_size());
        let plan = Plan {
            disk: Some(measured.disk_size()),
            qcow2: Some(measured),
            ..plan
        };
        let opened = origin::open(self.context, self.args, from).await?;
        Ok((opened, plan))
    }
}

/// The upload while the qcow2's writer has it, too.
type Shared = Arc<Mutex<Option<Upload>>>;

fn with<T>(upload: &Shared, act: impl FnOnce(&mut Upload) -> io::Result<T>) -> io::Result<T> {
    let mut upload = upload.lock().unwrap_or_else(PoisonError::into_inner);
    act(upload.as_mut().ok_or(io::ErrorKind::NotConnected)?)
}

/// A sink that takes a disk and sends the qcow2 of it.
pub(super) struct Repack {
    writer: Box<dyn Sink>,
    upload: Shared,
    size: u64,
}

impl Repack {
    pub(super) fn new(plan: &Arc<qcow2::Plan>, upload: Upload) -> Self {
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
