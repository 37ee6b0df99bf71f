//! A pass over an image that has to be decoded: producer, walker and workers on their threads, the order kept here.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use crate::compare::Comparer;
use crate::decode::{Decoder, Slot};
use crate::limits::MAX_VIRTUAL_SIZE;
use crate::qcow2::{Header, walk};
use crate::run::{Fan, Stop, joined};
use crate::window::{View, Window};
use crate::{Cancel, Contents, Error, Format, Layer, Meter, Reading, Stored, Wanted};

use super::layers::Layers;
use super::{Waited, wait};

/// Reads a qcow2 image whose layers have been opened.
pub(super) fn read(
    mut layers: Layers,
    wanted: &Wanted,
    stored: Option<Stored>,
    meter: &Arc<Meter>,
    cancel: &Cancel,
) -> Result<Reading, Error> {
    let header = Header::parse(
        &layers.head,
        wanted.max_virtual_size.unwrap_or(MAX_VIRTUAL_SIZE),
    )?;
    meter.disk_len.store(header.size, Ordering::Relaxed);
    let (disk_stored, file_stored) = match stored {
        Some(stored) if stored.layer == Layer::Disk => (Some(stored), None),
        other => (None, other),
    };
    layers.arm(wanted, false, file_stored);
    let window = Arc::new(Window::new(layers.len, layers.again.is_some()));
    let mut view = View::new(window.clone(), layers.again.clone());
    let producer = thread::spawn(move || layers.run(Some(&window)));
    let (mut decoder, slots) = Decoder::start(header.compression, header.cluster());
    let size = header.size;
    let walker = thread::spawn(move || {
        let walked = walk(&header, &mut view, &mut |piece| decoder.push(piece))
            .and_then(|()| decoder.flush());
        view.close(walked.is_ok());
        walked
    });
    let mut sink = Sink {
        fan: Fan::new(wanted.disk),
        comparer: disk_stored.map(|stored| Comparer::new(stored, cancel)),
    };
    loop {
        match wait(&slots, cancel) {
            Ok(slot) => sink.take(slot, meter)?,
            Err(Waited::Cancelled) => return Err(Error::Cancelled),
            Err(Waited::Gone) => break,
        }
    }
    match joined(walker) {
        Ok(()) => {}
        Err(Stop::Failed(error)) => return Err(error),
        Err(Stop::Peer) => {
            return Err(joined(producer)
                .err()
                .map_or(Error::Cancelled, Stop::reason));
        }
    }
    let (disk, comparison) = sink.finish()?;
    if disk.size != size {
        return Err(Error::Truncated {
            what: "the disk".into(),
            needed: size,
            len: disk.size,
        });
    }
    let passed = joined(producer).map_err(Stop::reason)?;
    Ok(passed.reading(Format::Qcow2, Some(disk), comparison))
}

/// Where the disk goes.
struct Sink {
    fan: Fan,
    comparer: Option<Comparer>,
}

impl Sink {
    fn take(&mut self, slot: Slot, meter: &Meter) -> Result<(), Error> {
        let run = match slot {
            Slot::Ready(run) => run,
            // A worker that is gone has panicked; its thread has said why.
            Slot::Pending(result) => {
                crate::run::Run::Data(result.recv().map_err(|_| Error::Cancelled)??)
            }
        };
        self.fan.send(&run).map_err(Stop::reason)?;
        if let Some(comparer) = &mut self.comparer {
            comparer.feed(&run).map_err(Stop::reason)?;
        }
        meter.disk_done.fetch_add(run.len(), Ordering::Relaxed);
        Ok(())
    }

    fn finish(self) -> Result<(Contents, Option<crate::Comparison>), Error> {
        let comparison = self
            .comparer
            .map(Comparer::finish)
            .transpose()
            .map_err(Stop::reason)?;
        Ok((self.fan.finish(), comparison))
    }
}
