//! Verifying images in the background: a few at a time, each at most once at a time, the verdicts kept.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use disk::{Cancel, Meter};
use jiff::Timestamp;
use origin::Trust;
use proof::{Caution, Level, Outcome, Prover, Verdict};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use wire::image::Image;

use crate::limits::{MAX_VERDICTS, MAX_WAITING};
use crate::options::Proving;

/// How far the verification of an image is.
#[derive(Clone)]
pub(crate) enum Standing {
    /// Nobody has asked.
    Unknown,
    /// Others are before it.
    Waiting,
    /// The original is being read; how much of it, in percent, where its length is known.
    Running(Option<u8>),
    /// The verdict, and when it was asked for.
    Done(Arc<Verdict>, Timestamp),
}

impl Standing {
    /// The verdict's word; empty without one.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Done(verdict, _) => verdict.verdict.name(),
            _ => "",
        }
    }

    pub(crate) fn verdict(&self) -> Option<&Verdict> {
        match self {
            Self::Done(verdict, _) => Some(verdict),
            _ => None,
        }
    }

    /// Why a verdict `identical` is worth little: an original that is none of the vendor's, or that nobody vouches for.
    /// Empty when neither is known.
    pub(crate) fn caution(&self) -> &'static str {
        let identical = self
            .verdict()
            .filter(|one| one.verdict == Outcome::Identical);
        let Some(verdict) = identical else { return "" };
        let look_alike = |warning: &proof::Warning| warning.code == Caution::LookAlike;
        let evidence = verdict.evidence.as_ref();
        if verdict.warnings.iter().any(look_alike) {
            "look-alike"
        } else if evidence.is_none_or(|evidence| evidence.class == "none") {
            "nobody vouches"
        } else {
            ""
        }
    }

    /// Whether there is something to wait for.
    pub(crate) fn busy(&self) -> bool {
        matches!(self, Self::Waiting | Self::Running(_))
    }
}

enum State {
    Waiting,
    Running(Arc<Meter>),
    Done(Arc<Verdict>),
}

struct Entry {
    /// What the verdict is about: the record's digests and the original that it names.
    about: String,
    asked: Timestamp,
    state: State,
}

/// Why an image is not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is under way already.
    UnderWay,
    /// Too many are waiting.
    Full,
}

/// The verifications of this process.
pub(crate) struct Verifications {
    how: Proving,
    places: Arc<Semaphore>,
    entries: Mutex<HashMap<String, Entry>>,
}

impl Verifications {
    pub(crate) fn new(how: Proving) -> Self {
        Self {
            places: Arc::new(Semaphore::new(how.jobs.max(1))),
            how,
            entries: Mutex::default(),
        }
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far an image is. A verdict about other bytes than those that the image has now is none.
    pub(crate) fn of(&self, image: &Image) -> Standing {
        let entries = self.entries();
        let Some(entry) = entries.get(&image.id) else {
            return Standing::Unknown;
        };
        match &entry.state {
            State::Waiting => Standing::Waiting,
            State::Running(meter) => Standing::Running(percent(meter)),
            State::Done(verdict) if entry.about == about(image) => {
                Standing::Done(Arc::clone(verdict), entry.asked)
            }
            State::Done(_) => Standing::Unknown,
        }
    }

    /// How many are under way and how many may be at the same time.
    pub(crate) fn load(&self) -> (usize, usize) {
        let under_way = |entry: &&Entry| !matches!(entry.state, State::Done(_));
        let count = self.entries().values().filter(under_way).count();
        (count, self.how.jobs.max(1))
    }

    /// Begins to verify an image; `done` is told the verdict.
    ///
    /// # Errors
    /// It is under way already, or too many are waiting.
    pub(crate) fn begin(
        self: &Arc<Self>,
        image: Image,
        now: Timestamp,
        done: impl FnOnce(&Verdict) + Send + 'static,
    ) -> Result<(), Refused> {
        self.enter(&image, now)?;
        let this = Arc::clone(self);
        tokio::spawn(async move {
            // Never closed.
            let _place = this.places.acquire().await;
            let meter = Arc::<Meter>::default();
            this.state(&image.id, State::Running(Arc::clone(&meter)));
            let (id, handle) = (image.id.clone(), Handle::current());
            let judging = Arc::clone(&this);
            // The pass borrows what it works with, so it has a thread of its own; the runtime serves its downloads.
            let judged = tokio::task::spawn_blocking(move || {
                handle.block_on(judging.judge(&image, now, &meter))
            });
            match judged.await {
                Ok(verdict) => {
                    done(&verdict);
                    this.state(&id, State::Done(Arc::new(verdict)));
                }
                Err(_) => this.forget(&id),
            }
        });
        Ok(())
    }

    fn enter(&self, image: &Image, now: Timestamp) -> Result<(), Refused> {
        let mut entries = self.entries();
        let under_way = |entry: &Entry| !matches!(entry.state, State::Done(_));
        if entries.get(&image.id).is_some_and(under_way) {
            return Err(Refused::UnderWay);
        }
        if entries.values().filter(|entry| under_way(entry)).count() >= MAX_WAITING {
            return Err(Refused::Full);
        }
        if entries.len() >= MAX_VERDICTS {
            let done = entries.iter().filter(|(_, entry)| !under_way(entry));
            let oldest = done.min_by_key(|(_, entry)| entry.asked);
            if let Some(id) = oldest.map(|(id, _)| id.clone()) {
                entries.remove(&id);
            }
        }
        let entry = Entry {
            about: about(image),
            asked: now,
            state: State::Waiting,
        };
        entries.insert(image.id.clone(), entry);
        Ok(())
    }

    fn state(&self, id: &str, state: State) {
        if let Some(entry) = self.entries().get_mut(id) {
            entry.state = state;
        }
    }

    fn forget(&self, id: &str) {
        self.entries().remove(id);
    }

    /// By the record: what `ectype verify` does unless told otherwise.
    async fn judge(&self, image: &Image, now: Timestamp, meter: &Arc<Meter>) -> Verdict {
        let undecided = || Verdict::begun(image.name(), Level::Record, now).about(image);
        // Never fails in a program whose tests have passed; the verdict then stays undecided.
        let Ok(trust) = Trust::shipped(SystemTime::now()) else {
            return undecided();
        };
        let options = proof::Options {
            cache: self.how.cache.clone(),
            ..proof::Options::default()
        };
        let handle = Handle::current();
        let prover = Prover {
            client: &self.how.client,
            glance: None,
            handle: &handle,
            trust: &trust,
            options: &options,
        };
        let (groups, mut verdicts) = proof::group(vec![image.clone()], None, Level::Record, now);
        if let Some(group) = groups.first() {
            verdicts = prover.group(group, now, meter, &Cancel::default()).await;
        }
        verdicts
            .pop()
            .map_or_else(undecided, |(_, verdict)| verdict)
    }
}

/// Everything of a record that a verdict rests on.
fn about(image: &Image) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        image.os_hash_algo,
        image.os_hash_value,
        image.checksum,
        image.size,
        image.disk_format,
        image.property("image_source"),
    )
}

fn percent(meter: &Meter) -> Option<u8> {
    let (read, len) = (
        meter.file_read.load(Ordering::Relaxed),
        meter.file_len.load(Ordering::Relaxed),
    );
    let percent = read.checked_mul(100)?.checked_div(len)?;
    u8::try_from(percent.min(100)).ok()
}

/// The reason in words, for who has no verdict `identical`.
pub(crate) fn why(verdict: &Verdict) -> String {
    match (&verdict.reason, verdict.verdict) {
        (_, Outcome::Identical) => verdict.proves.to_owned(),
        (Some(reason), _) => reason.message.clone(),
        (None, _) => String::new(),
    }
}
