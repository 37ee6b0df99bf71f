//! Bringing the bytes to the judge: one pass over an original for all images that are said to be copies of it.

use std::path::Path;
use std::sync::Arc;

use cloud::Glance;
use disk::{Cancel, Ends, Layer, Meter, Reading, Stored, Wanted};
use origin::beside::Agreement;
use origin::{Address, Client, Facts, Found, Trust};
use tokio::runtime::Handle;

use crate::group::{Group, called};
use crate::original::{self, Checksums, Known, Sources};
use crate::reason::{Code, Reason};
use crate::verdict::{EvidencePart, Level, OriginalPart, Outcome, Verdict, Warning, Way};
use crate::{judge, look_alike, remember, short, stored};

/// What may differ between two runs.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The checksum file to use instead of the one found beside the original.
    pub checksums: Option<Address>,
    /// The largest virtual disk to decode, in bytes; `None` means [`disk::limits::MAX_VIRTUAL_SIZE`].
    pub max_virtual_size: Option<u64>,
    /// Read the original even where the answer is known without.
    pub full: bool,
    /// What earlier passes have found, and where this one's findings are kept.
    pub cache: Option<origin::Cache>,
}

/// Gets originals and stored bytes, has them compared, and gives verdicts.
pub struct Prover<'a> {
    /// The client for originals. It must know nothing of the cloud's credentials, certificates and exceptions.
    pub client: &'a Client,
    /// The image service, for the stored bytes; without it images are judged by their records.
    pub glance: Option<&'a Glance>,
    /// The runtime that the downloads run on.
    pub handle: &'a Handle,
    /// Which signatures are trusted.
    pub trust: &'a Trust,
    /// What may differ.
    pub options: &'a Options,
}

/// What has been found out of an original and a pass over it.
struct Pass {
    part: OriginalPart,
    evidence: Option<EvidencePart>,
    warnings: Vec<Warning>,
    found: Option<Box<Found>>,
    read: Result<Reading, Reason>,
}

impl Prover<'_> {
    /// Judges all images of a group by one pass over their original. The verdicts carry the images' places.
    pub async fn group(
        &self,
        group: &Group,
        now: jiff::Timestamp,
        meter: &Arc<Meter>,
        cancel: &Cancel,
    ) -> Vec<(usize, Verdict)> {
        let level = if self.glance.is_some() {
            Level::Content
        } else {
            Level::Record
        };
        let wanted = group.images.iter().map(|(_, image)| judge::wanted(image));
        let wanted = wanted
            .reduce(|one, other| judge::both(&one, &other))
            .unwrap_or_default();
        let mut layer = Layer::Disk;
        let known = self.know(&group.original, group.by_user).await;
        if let (Level::Record, Ok(known)) = (level, &known)
            && let Some(verdicts) = self.short(group, known, &wanted, now)
        {
            return verdicts;
        }
        let pass = match known {
            Err(unusable) => unusable,
            Ok(known) => {
                let stored = match (self.glance, group.images.first()) {
                    (Some(glance), Some((_, image))) => {
                        stored::data(glance, image, known.source.len(), self.handle)
                            .await
                            .map(Some)
                    }
                    _ => Ok(None),
                };
                if let Ok(Some(stored)) = &stored {
                    layer = stored.layer;
                }
                self.pass(known, wanted, stored, meter, cancel).await
            }
        };
        // The layer beside which the stored bytes were read: without packing the file is the unpacked file.
        let judged = group.images.iter().map(|(place, image)| {
            let begun = Verdict::begun(called(image), level, now).about(image);
            let mut verdict = pass.judge(begun, |verdict, reading| match level {
                Level::Content => {
                    judge::by_content(verdict, image, reading, actual(layer, reading))
                }
                _ => judge::by_record(verdict, image, reading),
            });
            look_alike::warn(&mut verdict, image, self.trust.pins());
            (*place, verdict)
        });
        judged.collect()
    }

    /// The verdicts of a group without a download, when all of its images are identical by what is known already.
    fn short(
        &self,
        group: &Group,
        known: &Known,
        wanted: &Wanted,
        now: jiff::Timestamp,
    ) -> Option<Vec<(usize, Verdict)>> {
        let found = known.found().filter(|_| !self.options.full)?;
        let wanted = Wanted {
            max_virtual_size: self.options.max_virtual_size,
            ..*wanted
        };
        let cache = self.options.cache.as_ref();
        let recalled = cache.and_then(|cache| short::recall(known, &wanted, cache));
        let recalled = recalled.map(|reading| Pass {
            part: known.part.clone(),
            evidence: Some(known.evidence.clone()),
            warnings: known.warnings.clone(),
            found: Some(Box::new(found.clone())),
            read: Ok(reading),
        });
        let judged = group.images.iter().map(|(place, image)| {
            let begun = Verdict::begun(called(image), Level::Record, now).about(image);
            let listed = Verdict {
                original: Some(known.part.clone()),
                evidence: Some(known.evidence.clone()),
                warnings: known.warnings.clone(),
                ..begun.clone()
            };
            let verdict = short::by_listing(listed, image, found).or_else(|| {
                let pass = recalled.as_ref()?;
                let mut verdict = pass.judge(begun, |verdict, reading| {
                    judge::by_record(verdict, image, reading)
                });
                short::remark_recalled(&mut verdict);
                Some(verdict)
            });
            let mut identical = verdict.filter(|verdict| verdict.verdict == Outcome::Identical)?;
            look_alike::warn(&mut identical, image, self.trust.pins());
            Some((*place, identical))
        });
        judged.collect()
    }

    /// Judges a file or block device of this machine.
    pub async fn device(
        &self,
        path: &Path,
        original: &Address,
        now: jiff::Timestamp,
        meter: &Arc<Meter>,
        cancel: &Cancel,
    ) -> Verdict {
        let verdict = Verdict::begun(path.display().to_string(), Level::Device, now);
        let known = match self.know(original, true).await {
            Ok(known) => known,
            Err(unusable) => return unusable.judge(verdict, |verdict, _| verdict),
        };
        let (stored, layer, device) = match stored::local(path, known.source.len()) {
            Ok(local) => {
                let layer = local.stored.layer;
                (Ok(Some(local.stored)), layer, local.device)
            }
            Err(error) => (Err(stored::unopened(path, &error)), Layer::Disk, None),
        };
        let wanted = Wanted::default();
        let pass = self.pass(known, wanted, stored, meter, cancel).await;
        pass.judge(verdict, |verdict, reading| {
            judge::by_device(verdict, reading, actual(layer, reading), device)
        })
    }

    fn sources(&self) -> Sources<'_> {
        Sources {
            client: self.client,
            checksums: self
                .options
                .checksums
                .as_ref()
                .map_or(Checksums::Beside, Checksums::User),
            trust: self.trust,
        }
    }

    async fn know(&self, address: &Address, by_user: bool) -> Result<Known, Pass> {
        original::know(address, by_user, self.sources(), self.handle)
            .await
            .map_err(|unusable| Pass {
                part: unusable.part,
                evidence: unusable.evidence,
                warnings: unusable.warnings,
                found: None,
                read: Err(unusable.reason),
            })
    }

    /// Reads the original once, on a thread of its own.
    async fn pass(
        &self,
        known: Known,
        wanted: Wanted,
        stored: Result<Option<Stored>, Reason>,
        meter: &Arc<Meter>,
        cancel: &Cancel,
    ) -> Pass {
        let mut wanted = Wanted {
            max_virtual_size: self.options.max_virtual_size,
            ..wanted
        };
        wanted.file = wanted.file.union(known.algorithms());
        let Known {
            source,
            part,
            evidence,
            warnings,
            facts,
            found,
        } = known;
        let mut pass = Pass {
            part,
            evidence: Some(evidence),
            warnings,
            found,
            read: Err(Reason::new(
                Code::Cancelled,
                "the pass did not come to an end",
            )),
        };
        let ends = match stored {
            Ok(stored) => Ends {
                stored,
                output: None,
            },
            Err(reason) => {
                pass.read = Err(reason);
                return pass;
            }
        };
        let (meter, cancel) = (Arc::clone(meter), cancel.clone());
        let read =
            tokio::task::spawn_blocking(move || disk::read(source, &wanted, ends, &meter, &cancel))
                .await;
        if let (Ok(Ok(reading)), Some(cache)) = (&read, &self.options.cache) {
            remember::keep(cache, reading);
        }
        if let Ok(read) = read {
            pass.read = read.map_err(|error| Reason::of_pass(&error));
        }
        self.settle(&mut pass, &facts).await;
        pass
    }

    /// Looks at the checksum file once more when the original is not what it lists.
    async fn settle(&self, pass: &mut Pass, facts: &Facts) {
        let (Some(found), Ok(reading)) = (&pass.found, &pass.read) else {
            return;
        };
        if found.compare(&reading.file) == Agreement::Agrees {
            return;
        }
        if let Some(fresh) = self.sources().again(facts, &reading.file).await {
            pass.evidence = Some(fresh.evidence);
            pass.warnings = fresh.warnings;
            pass.found = Some(fresh.found);
        }
    }
}

impl Pass {
    /// Writes everything that is known into the verdict and has it judged.
    fn judge(
        &self,
        mut verdict: Verdict,
        judge: impl FnOnce(Verdict, &Reading) -> Verdict,
    ) -> Verdict {
        let (mut part, mut evidence) = (self.part.clone(), self.evidence.clone());
        verdict.warnings.clone_from(&self.warnings);
        let reading = match &self.read {
            Ok(reading) => reading,
            Err(reason) => {
                verdict.original = Some(part);
                verdict.evidence = evidence;
                return verdict.undecided(reason.clone());
            }
        };
        part.read(reading);
        verdict.way = Some(Way::Read);
        let agreement = evidence
            .as_mut()
            .and_then(|part| original::agreement(self.found.as_deref(), part, &reading.file));
        verdict.original = Some(part);
        verdict.evidence = evidence;
        let mut verdict = judge(verdict, reading);
        judge::remark_newer(&mut verdict);
        match agreement {
            Some((name, agreement)) => judge::by_manifest(verdict, &name, &agreement),
            None => verdict,
        }
    }
}

/// The layer as the reading names it: without packing there is no unpacked file beside the file.
fn actual(layer: Layer, reading: &Reading) -> Layer {
    if layer == Layer::Unpacked && reading.packings.is_empty() {
        Layer::File
    } else {
        layer
    }
}
