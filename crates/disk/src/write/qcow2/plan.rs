//! A qcow2 as a stream: its tables come before what they map, so a first pass measures and a second one writes.
//!
//! Both passes compress, so that nothing has to be kept but what each cluster takes: 8 bytes a cluster that is not a hole.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::header::{self, Tables, per_table, sizes};
use super::layout::Sealed;
use super::writer::{COPIED, Taken, Writer, begin, entry, seal, taken};
use super::{Options, squeezer};
use crate::write::Workers;
use crate::write::squeeze::{Cell, Lay, Squeezer};
use crate::write::unit::Kind;
use crate::{Algorithms, Contents, Sink};

/// A sink that writes nothing and measures; what it has found out when it has been finished is in the second value.
#[must_use]
pub fn measure(options: Options, workers: Workers) -> (Box<dyn Sink>, Measured) {
    let measured = Measured::default();
    let measure = Measure {
        options,
        taken: BTreeMap::new(),
        seal: blake3::Hasher::new(),
        plan: measured.clone(),
    };
    let kind = Kind::Free(options.compression);
    let sink = Squeezer::new(measure, options.cluster_size(), kind, workers);
    (Box::new(sink), measured)
}

/// What a measuring sink has found out.
#[derive(Clone, Debug, Default)]
pub struct Measured(Arc<Mutex<Option<Arc<Plan>>>>);

impl Measured {
    /// The plan; `None` before the sink has been finished.
    #[must_use]
    pub fn plan(&self) -> Option<Arc<Plan>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// How the qcow2 of one disk is laid out, to the byte.
#[derive(Debug)]
pub struct Plan {
    pub(super) options: Options,
    pub(super) disk_size: u64,
    /// By the number of the L2 table: each cluster's number there, and what it takes.
    pub(super) taken: BTreeMap<u64, Vec<(u32, Taken)>>,
    pub(super) l1: Vec<u64>,
    pub(super) sealed: Sealed,
    pub(super) seal: blake3::Hash,
}

impl Plan {
    /// The exact size of the file, in bytes.
    #[must_use]
    pub fn file_size(&self) -> u64 {
        self.sealed.end()
    }

    /// The size of the disk, in bytes.
    #[must_use]
    pub fn disk_size(&self) -> u64 {
        self.disk_size
    }

    /// A sink for the same disk once more: it writes exactly [`file_size`](Self::file_size) bytes to `out`, forward only, the
    /// same as a file's; `digests` are computed over them. For any other disk it fails with [`io::ErrorKind::InvalidData`]:
    /// as soon as a cluster takes another size, and always before the last bytes.
    #[must_use]
    pub fn stream(
        self: &Arc<Self>,
        out: impl Write + Send + 'static,
        digests: Algorithms,
        workers: Workers,
    ) -> Box<dyn Sink> {
        let writer = Writer::into_stream(Arc::clone(self), Box::new(out), digests);
        Box::new(squeezer(writer, self.options, workers))
    }

    pub(super) fn header(&self) -> io::Result<Vec<u8>> {
        let (size, entries) = sizes(&self.options, self.disk_size)?;
        let tables = Tables {
            size,
            l1: (entries, self.options.cluster_size()),
            refcounts: (self.sealed.tables, self.sealed.table),
        };
        header::bytes(&self.options, &tables)
    }
}

/// A qcow2 that is measured.
struct Measure {
    options: Options,
    taken: BTreeMap<u64, Vec<(u32, Taken)>>,
    seal: blake3::Hasher,
    plan: Measured,
}

impl Lay for Measure {
    fn begin(&mut self, size: Option<u64>) -> io::Result<()> {
        size.map_or(Ok(()), |size| sizes(&self.options, size).map(drop))
    }

    fn cell(&mut self, number: u64, cell: Cell<'_>) -> io::Result<()> {
        let (taken, bytes) = taken(cell)?;
        let per_table = per_table(&self.options);
        let index = u32::try_from(number % per_table).map_err(io::Error::other)?;
        let of_table = self.taken.entry(number / per_table).or_default();
        of_table.push((index, taken));
        seal(&mut self.seal, number, bytes);
        Ok(())
    }

    fn end(self, size: u64) -> io::Result<Contents> {
        let Self {
            options,
            taken,
            seal,
            plan: to,
        } = self;
        let (_, entries) = sizes(&options, size)?;
        let (mut places, mut counts) = begin(&options, entries)?;
        let mut l1 = vec![0; usize::try_from(entries).map_err(io::Error::other)?];
        for (number, clusters) in &taken {
            let at = places.whole();
            counts.add(at, options.cluster_size())?;
            let index = usize::try_from(*number).map_err(io::Error::other)?;
            if let Some(space) = l1.get_mut(index) {
                *space = at | COPIED;
            }
            for (_, taken) in clusters {
                let (_, at) = entry(&mut places, *taken);
                let len = if *taken == 0 {
                    options.cluster_size()
                } else {
                    u64::from(*taken)
                };
                counts.add(at, len)?;
            }
        }
        let plan = Plan {
            options,
            disk_size: size,
            taken,
            l1,
            sealed: counts.seal()?,
            seal: seal.finalize(),
        };
        let size = plan.file_size();
        *to.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(plan));
        Ok(Contents {
            size,
            ..Contents::default()
        })
    }
}
