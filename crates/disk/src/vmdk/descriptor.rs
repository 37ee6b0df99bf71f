//! The descriptor, a text: what kind of image this is, which file its data is in, and whether it has a parent.

use crate::walk::Walk;
use crate::{Error, Refusal};

use super::{corrupt, refused};

/// The kinds whose data is in the file that the descriptor is in.
const IN_ONE_FILE: [&str; 2] = ["monolithicSparse", "streamOptimized"];

/// How an extent's line begins.
const ACCESS: [&str; 3] = ["RW", "RDONLY", "NOACCESS"];

/// The value of `parentCID` that means none.
const NO_PARENT: &str = "ffffffff";

/// What a descriptor says.
pub(super) struct Descriptor {
    /// Where it lies in the file.
    at: u64,
    kind: String,
    /// `SPARSE` and the like, and the file's name, of each extent.
    extents: Vec<(String, String)>,
    parent: Option<String>,
    /// Whether both ids are there, without which QEMU opens no image.
    ids: bool,
}

impl Descriptor {
    /// Reads a descriptor that lies at `at`. The text ends at the first NUL.
    pub(super) fn parse(bytes: &[u8], at: u64) -> Result<Self, Error> {
        let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        if text.is_empty() {
            return Err(no_descriptor());
        }
        let text = String::from_utf8_lossy(text);
        let kind = value(&text, "createType", at)?;
        let own = value(&text, "CID", at)?;
        let parent_id = value(&text, "parentCID", at)?;
        let kind = kind.ok_or_else(|| corrupt(at, "the descriptor states no createType"))?;
        let extents = text.lines().filter_map(extent).collect();
        Ok(Self {
            at,
            kind,
            extents,
            parent: parent(&text, parent_id.as_deref()),
            ids: own.is_some() && parent_id.is_some(),
        })
    }

    /// The descriptor inside an image: it must speak of this file alone.
    pub(super) fn check_embedded(&self) -> Result<(), Error> {
        self.check_parent()?;
        if !IN_ONE_FILE
            .iter()
            .any(|known| known.eq_ignore_ascii_case(&self.kind))
        {
            return Err(self.unsupported());
        }
        // The name of the one extent is the name that the image once had; what cannot be such a name is another file.
        match self.extents.as_slice() {
            [] => Err(corrupt(self.at, "the descriptor lists no extent")),
            [(kind, name)]
                if kind.eq_ignore_ascii_case("SPARSE") && !name.contains(['/', '\\', ':']) =>
            {
                if self.ids {
                    Ok(())
                } else {
                    Err(corrupt(
                        self.at,
                        "the descriptor states no CID or parentCID",
                    ))
                }
            }
            [(_, name)] | [_, (_, name), ..] => Err(other_file(name)),
        }
    }

    /// The descriptor as a file of its own.
    pub(super) fn check_as_file(&self) -> Result<Box<dyn Walk>, Error> {
        self.check_parent()?;
        Err(match self.extents.first() {
            Some((_, name)) => other_file(name),
            None => self.unsupported(),
        })
    }

    fn check_parent(&self) -> Result<(), Error> {
        match &self.parent {
            Some(name) => Err(refused(Refusal::BackingFile {
                name: printable(name),
            })),
            None => Ok(()),
        }
    }

    fn unsupported(&self) -> Error {
        refused(Refusal::Kind {
            format: "vmdk",
            kind: printable(&self.kind),
        })
    }
}

/// A part of a disk that lies in several files has none.
pub(super) fn no_descriptor() -> Error {
    refused(Refusal::Kind {
        format: "vmdk",
        kind: "an extent without a descriptor".into(),
    })
}

fn other_file(name: &str) -> Error {
    refused(Refusal::OtherFile {
        name: printable(name),
    })
}

/// The value of `key`, which must not be there twice: readers differ in which one they take.
fn value(text: &str, key: &str, at: u64) -> Result<Option<String>, Error> {
    let mut found = text.lines().filter_map(|line| {
        let (name, value) = line.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case(key)
            .then(|| value.trim().trim_matches('"').to_owned())
    });
    let first = found.next();
    if found.next().is_some() {
        return Err(corrupt(at, format!("the descriptor states {key} twice")));
    }
    Ok(first)
}

/// An extent's type and the name of its file, if the line describes an extent.
fn extent(line: &str) -> Option<(String, String)> {
    let mut words = line.split_whitespace();
    let access = words.next()?;
    if !ACCESS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(access))
    {
        return None;
    }
    let kind = words.nth(1).unwrap_or_default().to_owned();
    let name = line.split('"').nth(1).unwrap_or_default().to_owned();
    Some((kind, name))
}

/// QEMU takes the first `parentFileNameHint` wherever it stands in the text, so its mere presence counts.
fn parent(text: &str, id: Option<&str>) -> Option<String> {
    const HINT: &str = "parentfilenamehint";
    let place = text.to_ascii_lowercase().find(HINT);
    if let Some(rest) = place.and_then(|place| text.get(place + HINT.len()..)) {
        let line = rest.lines().next().unwrap_or_default();
        return Some(line.trim_matches([' ', '\t', '=', '"']).to_owned());
    }
    id.filter(|id| !id.eq_ignore_ascii_case(NO_PARENT))
        .map(|id| format!("parentCID {id}"))
}

/// At most so many characters of a name are shown.
const SHOWN: usize = 200;

fn printable(name: &str) -> String {
    name.chars()
        .take(SHOWN)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
