//! OVA packages: a tar of an OVF descriptor, its disk and more, opened as a layer whose contents are the disk's file.
//!
//! The descriptor names the disk and should come first (DMTF DSP0243, 12). Where it does not, the first file that is no
//! descriptor, manifest or certificate is taken for the disk, and when the descriptor has come, it must have been; so the
//! answer is the same whether or not the package can be read again. Whatever follows the disk is read, too, before the
//! layer ends: it ends well only when the descriptor was there and the manifest's digests, if any, are those of the files.
//! The certificate, a signature of the manifest, is not looked at.

mod envelope;
mod manifest;
mod tar;

use bytes::Bytes;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::limits::{OVA_MAX_FILES, OVA_MAX_TEXT};
use crate::run::{Fan, Run};
use crate::source::ReadAt;
use crate::{Algorithm, Algorithms, Digests, Error, Refusal};

use manifest::Line;
use tar::{Archive, Member, failed};

/// What a manifest may use, for files that come before it.
const ANY: Algorithms = Algorithms::NONE
    .with(Algorithm::Sha1)
    .with(Algorithm::Sha256)
    .with(Algorithm::Sha512);

/// Where the disk's file lies in the package, once that is known.
pub(crate) type Place = Arc<OnceLock<Range<u64>>>;

/// A package that passes; what is read of it is the disk's file.
pub(crate) struct Package<R> {
    archive: Archive<R>,
    place: Place,
    state: State,
    /// The name of the disk's file as the descriptor says.
    named: Option<String>,
    /// The name of the file that was taken.
    taken: Option<String>,
    manifest: Option<(Vec<Line>, u64)>,
    /// Every file that has passed.
    files: Vec<(String, Digests)>,
}

enum State {
    Before,
    Inside(Fan),
    After,
}

impl<R: Read> Package<R> {
    /// A package, and where its disk will be found.
    pub(crate) fn new(stream: R) -> (Self, Place) {
        let place = Place::default();
        let package = Self {
            archive: Archive::new(stream),
            place: place.clone(),
            state: State::Before,
            named: None,
            taken: None,
            manifest: None,
            files: Vec::new(),
        };
        (package, place)
    }

    /// Reads on until the disk's file begins, or to the end.
    fn go_on(&mut self) -> io::Result<State> {
        while let Some(member) = self.archive.next()? {
            if self.files.iter().any(|(name, _)| *name == member.name) {
                return Err(failed(
                    member.start,
                    "two files of the package have one name",
                ));
            }
            if self.files.len() == OVA_MAX_FILES {
                return Err(io::Error::other(Error::Limit {
                    what: "the number of files in the package",
                    value: OVA_MAX_FILES as u64 + 1,
                    limit: OVA_MAX_FILES as u64,
                }));
            }
            if self.is_disk(&member) {
                self.taken = Some(member.name.clone());
                // Told once: a package has one disk.
                let _ = self.place.set(member.start..member.start + member.size);
                let fan = self.fan(&member.name);
                self.files.push((member.name, Digests::default()));
                return Ok(State::Inside(fan));
            }
            self.side_file(member)?;
        }
        self.check_end().map_err(io::Error::other)?;
        Ok(State::After)
    }

    fn is_disk(&self, member: &Member) -> bool {
        self.taken.is_none()
            && match &self.named {
                Some(named) => *named == member.name,
                None => kind(&member.name) == Kind::Other,
            }
    }

    /// Takes a file beside the disk.
    fn side_file(&mut self, member: Member) -> io::Result<()> {
        let mut fan = self.fan(&member.name);
        match kind(&member.name) {
            Kind::Descriptor | Kind::Manifest => {
                let what = "a descriptor or manifest in the package";
                let bytes = self.archive.whole(OVA_MAX_TEXT, what, member.start)?;
                self.text(&member, &bytes)?;
                send(&mut fan, &bytes)?;
            }
            Kind::Certificate | Kind::Other => {
                let mut space = [0; 64 << 10];
                loop {
                    match self.archive.read(&mut space)? {
                        0 => break,
                        got => send(&mut fan, space.get(..got).unwrap_or_default())?,
                    }
                }
            }
        }
        self.files.push((member.name, fan.finish().digests));
        Ok(())
    }

    /// Takes the descriptor or the manifest.
    fn text(&mut self, member: &Member, bytes: &[u8]) -> io::Result<()> {
        if kind(&member.name) == Kind::Manifest {
            if self.manifest.is_some() {
                return Err(failed(member.start, "the package has two manifests"));
            }
            let lines = manifest::parse(bytes, member.start).map_err(io::Error::other)?;
            self.manifest = Some((lines, member.start));
            return Ok(());
        }
        if self.named.is_some() {
            return Err(failed(member.start, "the package has two descriptors"));
        }
        let named = envelope::disk_of(bytes, member.start).map_err(io::Error::other)?;
        if self.taken.as_ref().is_some_and(|taken| *taken != named) {
            let what = "the package's descriptor comes after a file that is not its disk";
            return Err(failed(member.start, what));
        }
        self.named = Some(named);
        Ok(())
    }

    /// Which digests of a file will be needed: unknown until the manifest has come.
    fn fan(&self, name: &str) -> Fan {
        Fan::new(match &self.manifest {
            Some((lines, _)) => manifest::algorithms(lines, name),
            None => ANY,
        })
    }

    fn check_end(&self) -> Result<(), Error> {
        match (&self.named, &self.taken) {
            (Some(_), Some(_)) => {}
            (Some(named), None) => {
                return Err(Error::Corrupt {
                    what: format!(
                        "the package's descriptor names `{}`, which is not there",
                        named.escape_debug()
                    ),
                    offset: 0,
                });
            }
            (None, _) => {
                return Err(Error::Refused {
                    refusal: Refusal::Format { format: "tar" },
                });
            }
        }
        match &self.manifest {
            Some((lines, offset)) => manifest::check(lines, &self.files, *offset),
            None => Ok(()),
        }
    }
}

impl<R: Read> Read for Package<R> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        loop {
            match &mut self.state {
                State::After => return Ok(0),
                State::Before => self.state = self.go_on()?,
                State::Inside(fan) => {
                    let got = self.archive.read(space)?;
                    send(fan, space.get(..got).unwrap_or_default())?;
                    if got > 0 || space.is_empty() {
                        return Ok(got);
                    }
                    if let State::Inside(fan) = std::mem::replace(&mut self.state, State::Before)
                        && let Some((_, digests)) = self.files.last_mut()
                    {
                        *digests = fan.finish().digests;
                    }
                }
            }
        }
    }
}

#[derive(PartialEq, Eq)]
enum Kind {
    Descriptor,
    Manifest,
    Certificate,
    Other,
}

/// What a file is, by the ending that the standard prescribes.
fn kind(name: &str) -> Kind {
    let name = name.to_ascii_lowercase();
    match name.rsplit_once('.') {
        Some((_, "ovf")) => Kind::Descriptor,
        Some((_, "mf")) => Kind::Manifest,
        Some((_, "cert")) => Kind::Certificate,
        _ => Kind::Other,
    }
}

fn send(fan: &mut Fan, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    fan.send(&Run::Data(Bytes::copy_from_slice(bytes)))
        .map_err(|_| io::Error::other(Error::Cancelled))
}

/// A part of something that can be read again.
pub(crate) struct Part {
    pub(crate) whole: Arc<dyn ReadAt>,
    pub(crate) place: Range<u64>,
}

impl ReadAt for Part {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = self.place.start.saturating_add(offset);
        let room = usize::try_from(self.place.end.saturating_sub(start)).unwrap_or(usize::MAX);
        let len = buf.len().min(room);
        match buf.get_mut(..len) {
            Some(buf) => self.whole.read_at(buf, start),
            None => Ok(0),
        }
    }
}
