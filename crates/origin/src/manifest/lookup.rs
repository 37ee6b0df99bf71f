//! What a checksum file says about one file.

use disk::{Algorithm, Digest};

use super::{Error, Manifest, Size};

/// What a checksum file speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// One file, the one it is named after (`x.qcow2.sha256`): a digest without a name is that file's.
    OneFile,
    /// A directory (`SHA256SUMS`): a digest without a name is nobody's.
    Directory,
}

/// What a checksum file says about one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The name under which it is listed; `None` for a digest without a name.
    pub name: Option<String>,
    /// Its digests, strongest algorithm first; one an algorithm; never empty.
    pub digests: Vec<Digest>,
    /// Its length, when the file states it.
    pub size: Option<Size>,
    /// What it says of the raw disk of a qcow2: of `x.raw`, for `x.qcow2` (Debian publishes both).
    pub raw: Option<Box<Listing>>,
}

impl Listing {
    /// The digest by the strongest algorithm.
    #[must_use]
    pub fn strongest(&self) -> Option<&Digest> {
        self.digests.first()
    }
}

/// How well a listed name fits; lower is better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The file's own name, perhaps with `./` before it.
    Exact,
    /// A path that is the end of the file's own path.
    Tail,
    /// No name at all, in a checksum file of this one file.
    Nameless,
    /// Another path whose last part is the file's name.
    LastPart,
}

impl Manifest {
    /// What is said about the file at `path`, whose parts are separated by `/` (a URL's path, decoded, or a bare
    /// name). The lines that fit the name best are taken, and they must agree with each other.
    ///
    /// `None` when the file is not listed.
    ///
    /// # Errors
    /// [`Error::Contradiction`] when two lines give the file different digests by one algorithm, or different sizes.
    pub fn lookup(&self, path: &str, role: Role) -> Result<Option<Listing>, Error> {
        let fitting = |name: Option<&str>| match name {
            Some(name) => fit(name, path),
            None if role == Role::OneFile => Some(Fit::Nameless),
            None => None,
        };
        let Some(best) = self
            .entries
            .iter()
            .filter_map(|e| fitting(e.name.as_deref()))
            .min()
        else {
            return Ok(None);
        };
        let mut listing = Listing {
            name: None,
            digests: Vec::new(),
            size: None,
            raw: None,
        };
        for entry in self
            .entries
            .iter()
            .filter(|e| fitting(e.name.as_deref()) == Some(best))
        {
            add(&mut listing.digests, &entry.digest, path)?;
            if listing.name.is_none() {
                listing.name.clone_from(&entry.name);
            }
        }
        listing
            .digests
            .sort_by_key(|digest| std::cmp::Reverse(digest.algorithm()));
        listing.size = self.size_of(path)?;
        listing.raw = self.raw_of(path);
        Ok(Some(listing))
    }

    /// What is said of the raw disk beside a qcow2. A contradiction about it says nothing of the qcow2.
    fn raw_of(&self, path: &str) -> Option<Box<Listing>> {
        let raw = format!("{}.raw", last_part(path).strip_suffix(".qcow2")?);
        let listing = self.lookup(&raw, Role::Directory).ok()??;
        Some(Box::new(listing))
    }

    /// The length that the comments give the file; an exact one before a rounded one.
    fn size_of(&self, path: &str) -> Result<Option<Size>, Error> {
        let said = || {
            self.sizes
                .iter()
                .filter(|(name, _)| fit(name, path) == Some(Fit::Exact))
                .map(|(_, size)| *size)
        };
        let mut exact = said().filter(|size| matches!(size, Size::Exact(_)));
        let first = exact.next();
        match exact.find(|size| Some(*size) != first) {
            Some(second) => Err(contradiction(path, &text(first), &text(Some(second)))),
            None => Ok(first.or_else(|| said().next())),
        }
    }
}

/// Adds a digest unless it is there; another value by the same algorithm is a contradiction.
fn add(digests: &mut Vec<Digest>, digest: &Digest, path: &str) -> Result<(), Error> {
    let same = |algorithm: Algorithm| digests.iter().find(|d| d.algorithm() == algorithm);
    match same(digest.algorithm()) {
        Some(known) if known == digest => {}
        Some(known) => return Err(contradiction(path, &known.to_string(), &digest.to_string())),
        None => digests.push(digest.clone()),
    }
    Ok(())
}

fn contradiction(path: &str, first: &str, second: &str) -> Error {
    Error::Contradiction {
        name: last_part(path).to_owned(),
        first: first.to_owned(),
        second: second.to_owned(),
    }
}

fn text(size: Option<Size>) -> String {
    match size {
        Some(Size::Exact(bytes)) => format!("{bytes} bytes"),
        Some(Size::About(bytes)) => format!("about {bytes} bytes"),
        None => String::new(),
    }
}

/// How the listed `name` fits the file at `path`.
fn fit(name: &str, path: &str) -> Option<Fit> {
    let mut listed = name;
    while let Some(rest) = listed.strip_prefix("./") {
        listed = rest;
    }
    let own = last_part(path);
    if own.is_empty() || last_part(listed) != own {
        return None;
    }
    let ends_so = || {
        path.strip_suffix(listed)
            .is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    Some(match listed {
        _ if listed == own => Fit::Exact,
        _ if ends_so() => Fit::Tail,
        _ => Fit::LastPart,
    })
}

pub(crate) fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
