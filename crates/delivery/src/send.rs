//! The way of the bytes: read, decoded, hashed and sent in one pass, which ends well at both ends or not at all.

use std::rc::Rc;
use std::sync::{Arc, PoisonError};

use cloud::Door;
use disk::inspect::Finding;
use disk::limits::MAX_VIRTUAL_SIZE;
use disk::{Algorithms, Contents, Ends, Layer, Output, Reading, Sink, Source, Wanted};
use futures_util::future::join_all;
use proof::Reason;

use crate::repack::Repack;
use crate::run::{Delivery, Place};
use crate::upload::{DIGESTS, Odd, Upload};
use crate::{Broken, Error, gate};

/// Whether what was read is to be used; asked after the last byte was read and before the last one is sent.
pub type Judge = Box<dyn FnOnce(&Reading) -> Result<(), Reason> + Send>;

/// Bytes that are ready to be read.
pub struct Load {
    /// The bytes.
    pub source: Source,
    /// The digests of the file that are wanted besides those of what is sent.
    pub file: Algorithms,
    /// Whether they are to be used.
    pub judge: Judge,
}

/// What was sent.
pub struct Sent {
    /// The bytes that went into the request.
    pub contents: Contents,
    /// What they were made from.
    pub reading: Reading,
    /// What is odd about them and no reason to refuse them.
    pub odd: Vec<Finding>,
}

impl Sent {
    /// The bytes of the file as it was given: what somebody else would hash who has the same file.
    #[must_use]
    pub fn file(&self) -> &Contents {
        match self.reading.file.digests.iter().next() {
            Some(_) => &self.reading.file,
            None => &self.contents,
        }
    }

    /// The bytes of the disk, where the pass has seen it.
    #[must_use]
    pub fn disk(&self) -> Option<u64> {
        let raw = self.reading.format == disk::Format::Raw;
        let disk = self.reading.disk.as_ref().map(|disk| disk.size);
        disk.or(raw.then_some(self.contents.size))
    }
}

/// What a cloud got. Every byte may have gone out, and then no answer came, or one of a proxy that had lost patience.
pub(crate) type Gone = (Rc<Sent>, Option<cloud::Error>);

impl Delivery<'_> {
    /// Sends the bytes to all places in one pass.
    pub(crate) async fn send(&self, load: Load, places: &[&Place<'_>]) -> Vec<Result<Gone, Error>> {
        let declared = gate::declared(self.way, self.container);
        let largest = self.max_virtual_size.unwrap_or(MAX_VIRTUAL_SIZE);
        let (sink, bodies) = Upload::new(declared, largest, places.len());
        let odd = sink.odd();
        let sink: Box<dyn Sink> = match &self.way.qcow2 {
            Some(qcow2) => Box::new(Repack::new(qcow2, sink)),
            None => Box::new(sink),
        };
        let pass = self.pass(load, sink, odd);
        let requests = places.iter().zip(bodies).map(|(place, begun)| async {
            // Without a first byte there is no request; the pass says why.
            let (size, body) = begun.await.ok()?;
            let made = place.made;
            let sent = made
                .glance()
                .send(self.door, made.id(), size, place.store, body);
            Some(sent.await)
        });
        let (passed, answers) = tokio::join!(pass, join_all(requests));
        let passed = passed.map(Rc::new);
        answers
            .into_iter()
            .map(|answered| settled(answered, &passed))
            .collect()
    }

    /// The pass over the file, on threads of its own.
    async fn pass(&self, load: Load, sink: Box<dyn Sink>, odd: Odd) -> Result<Sent, Broken> {
        let Load {
            source,
            file,
            judge,
        } = load;
        let wanted = self.wanted(file);
        let (layer, found) = (self.way.layer, self.way.found);
        let (meter, cancel) = (Arc::clone(self.meter), self.cancel.clone());
        let running = tokio::task::spawn_blocking(move || {
            let ends = Ends {
                output: Some(Output { sink, layer }),
                ..Ends::default()
            };
            let broken = |error: disk::Error| Broken::of(&error);
            let mut reading = disk::read(source, &wanted, ends, &meter, &cancel).map_err(broken)?;
            let sink = reading.sink.take();
            let sink = sink.ok_or_else(|| broken(disk::Error::Cancelled))?;
            // That a raw disk is a fixed VHD its end shows.
            let footed = found == disk::Format::Raw && reading.format == disk::Format::Vhd;
            if reading.format != found && !footed {
                // It is not the file that was looked at before.
                return Err(broken(disk::Error::Changed {
                    offset: 0,
                    end: reading.file.size,
                }));
            }
            judge(&reading).map_err(Broken::Reason)?;
            let finished = sink.finish();
            let contents =
                finished.map_err(|source| Broken::of(&disk::Error::Output { source }))?;
            let odd = odd.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Ok(Sent {
                contents,
                reading,
                odd,
            })
        });
        let ended = running.await;
        ended.map_err(|error| Broken::Crashed(error.to_string()))?
    }

    /// The digests that are needed beside those of what is sent.
    fn wanted(&self, file: Algorithms) -> Wanted {
        let converted = self.way.layer == Layer::Disk;
        Wanted {
            file,
            // A cloud may convert what it imports; then the disk is what its record is of.
            disk: match self.door == Door::Stage && self.way.format != "raw" {
                true => DIGESTS,
                false => Algorithms::NONE,
            },
            // What is sent as it is must be a whole image, too.
            whole: !converted,
            max_virtual_size: self.max_virtual_size,
            ..Wanted::default()
        }
    }
}

/// What one cloud's answer and the end of the pass make together.
fn settled(
    answered: Option<Result<(), cloud::Error>>,
    passed: &Result<Rc<Sent>, Broken>,
) -> Result<Gone, Error> {
    match (answered, passed) {
        (Some(Ok(())), Ok(sent)) => Ok((Rc::clone(sent), None)),
        // The body was given up because the pass failed.
        (None | Some(Ok(()) | Err(cloud::Error::Net(net::Error::GivenUp { .. }))), Err(broken)) => {
            Err(broken.clone().into())
        }
        (Some(Err(error @ cloud::Error::Net(_))), Ok(sent)) => Ok((Rc::clone(sent), Some(error))),
        (Some(Err(error)), _) => Err(error.into()),
        (None, Ok(_)) => Err(Broken::Crashed("no byte was sent".to_owned()).into()),
    }
}
