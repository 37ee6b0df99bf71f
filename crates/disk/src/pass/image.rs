//! A pass over an image that has to be decoded: producer, walker and workers on their threads, the order kept here.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use crate::compare::Comparer;
use crate::decode::{Decoder, Slot};
use crate::run::{Fan, Run, Stop, joined};
use crate::sink::{Sink, begin, feed};
use crate::walk::Walk;
use crate::window::{View, Window};
use crate::{Cancel, Ends, Error, Layer, Meter, Reading, Wanted};

use super::layers::{Layers, Passed};
use super::{Waited, wait};

/// Reads an image whose layers have been opened.
pub(super) fn read(
    walk: Box<dyn Walk>,
    mut layers: Layers,
    wanted: &Wanted,
    mut ends: Ends,
    meter: &Arc<Meter>,
    cancel: &Cancel,
) -> Result<Reading, Error> {
    let of_disk = ends.take(Layer::Disk);
    layers.arm(wanted, false, ends).map_err(Stop::reason)?;
    let window = Arc::new(Window::new(layers.len, layers.again.is_some()));
    let mut view = View::new(window.clone(), layers.again.clone());
    let producer = thread::spawn(move || layers.run(Some(&window)));
    let (mut decoder, slots) = Decoder::start(walk.codec(), walk.unit(), wanted.max_size());
    let walker = thread::spawn(move || {
        let walked = walk
            .walk(&mut view, &mut decoder)
            .and_then(|()| decoder.flush());
        view.close(walked.is_ok());
        walked
    });
    let mut disk = Disk {
        fan: Fan::new(wanted.disk),
        comparer: of_disk.stored.map(|stored| Comparer::new(stored, cancel)),
        sink: of_disk.output.map(|output| output.sink),
        size: 0,
    };
    loop {
        match wait(&slots, cancel) {
            Ok(slot) => disk.take(slot, meter)?,
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
    let passed = joined(producer).map_err(Stop::reason)?;
    disk.finish(passed)
}

/// What becomes of the disk.
struct Disk {
    fan: Fan,
    comparer: Option<Comparer>,
    sink: Option<Box<dyn Sink>>,
    /// Bytes that were announced.
    size: u64,
}

impl Disk {
    fn take(&mut self, slot: Slot, meter: &Meter) -> Result<(), Error> {
        let run = match slot {
            Slot::Size(bytes) => {
                self.size = bytes;
                meter.disk_len.store(bytes, Ordering::Relaxed);
                return match &mut self.sink {
                    Some(sink) => begin(&mut **sink, Some(bytes)).map_err(Stop::reason),
                    None => Ok(()),
                };
            }
            Slot::Ready(run) => run,
            // A worker that is gone has panicked; its thread has said why.
            Slot::Pending(result) => Run::Data(result.recv().map_err(|_| Error::Cancelled)??),
        };
        self.fan.send(&run).map_err(Stop::reason)?;
        if let Some(comparer) = &mut self.comparer {
            comparer.feed(&run).map_err(Stop::reason)?;
        }
        if let Some(sink) = &mut self.sink {
            feed(&mut **sink, &run).map_err(Stop::reason)?;
        }
        meter.disk_done.fetch_add(run.len(), Ordering::Relaxed);
        Ok(())
    }

    fn finish(self, passed: Passed) -> Result<Reading, Error> {
        let comparison = self
            .comparer
            .map(Comparer::finish)
            .transpose()
            .map_err(Stop::reason)?;
        let disk = self.fan.finish();
        if disk.size != self.size {
            return Err(Error::Truncated {
                what: "the disk".into(),
                needed: self.size,
                len: disk.size,
            });
        }
        let mut reading = passed.reading(Some(disk));
        reading.comparison = comparison.or(reading.comparison);
        reading.sink = self.sink.or(reading.sink);
        Ok(reading)
    }
}
