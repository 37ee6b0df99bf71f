//! Where clouds.yaml, secure.yaml and clouds-public.yaml are looked for, and what was found there.
//!
//! The places and their order are openstacksdk's: the current folder, `$XDG_CONFIG_HOME/openstack`,
//! `~/.config/openstack`, `$XDG_CONFIG_DIRS/openstack`, `/etc/openstack`; in each `.yaml`, `.yml`, `.json`. The first
//! file that exists and can be read is the only one used.

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::document::{Document, Section, parse_clouds};
use super::syntax::{LONGEST, SyntaxError};
use super::{Sources, Warning};
use crate::Error;

/// A place that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as people write it: `./clouds.yaml`.
    pub label: String,
    /// What was there.
    pub found: Found,
}

/// What was at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// Nothing.
    Absent,
    /// A file that may not or cannot be read.
    Unreadable(String),
    /// A file with these clouds.
    Clouds(Vec<String>),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.label)?;
        match &self.found {
            Found::Absent => f.write_str("(absent)"),
            Found::Unreadable(why) => write!(f, "({why})"),
            Found::Clouds(names) if names.is_empty() => f.write_str("(no clouds)"),
            Found::Clouds(names) if names.len() == 1 => {
                write!(f, "(1 cloud: {})", names.join(", "))
            }
            Found::Clouds(names) => write!(f, "({} clouds: {})", names.len(), names.join(", ")),
        }
    }
}

/// A file that was read.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) path: PathBuf,
    pub(crate) label: String,
    pub(crate) document: Document,
}

/// The outcome of looking for one of the three files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    pub(crate) looked: Vec<Place>,
    pub(crate) loaded: Option<Loaded>,
}

/// clouds.yaml and secure.yaml.
pub(crate) struct Files {
    clouds: Search,
    secure: Search,
}

impl Files {
    pub(crate) fn open(sources: &Sources) -> Result<Self, Error> {
        Ok(Self {
            clouds: search(sources, Kind::Clouds)?,
            secure: search(sources, Kind::Secure)?,
        })
    }

    /// Every place looked at for a clouds.yaml, and a secure.yaml that was found.
    pub(crate) fn looked(&self) -> Vec<Place> {
        let secure = self
            .secure
            .looked
            .iter()
            .filter(|place| place.found != Found::Absent);
        self.clouds.looked.iter().chain(secure).cloned().collect()
    }

    fn loaded(&self) -> impl Iterator<Item = &Loaded> {
        self.clouds.loaded.iter().chain(&self.secure.loaded)
    }

    /// The names of all clouds, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .loaded()
            .flat_map(|file| file.document.names())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// What the files say about a cloud, lowest first; nothing if they do not know it.
    pub(crate) fn sections(&self, name: &str) -> Vec<(&Loaded, &Section)> {
        self.loaded()
            .filter_map(|file| Some((file, file.document.clouds.as_ref()?.get(name)?)))
            .collect()
    }

    /// Files that come first but cannot be read, so that another was taken.
    pub(crate) fn unreadable(&self) -> Vec<Warning> {
        let all = self.clouds.looked.iter().chain(&self.secure.looked);
        let unread = all.filter(|place| matches!(place.found, Found::Unreadable(_)));
        unread
            .map(|place| Warning(format!("passed over {place}")))
            .collect()
    }
}

/// Which of the three files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Clouds,
    Secure,
    Public,
}

impl Kind {
    fn stem(self) -> &'static str {
        match self {
            Self::Clouds => "clouds",
            Self::Secure => "secure",
            Self::Public => "clouds-public",
        }
    }
}

impl Search {
    fn saw(&mut self, label: String, found: Found) {
        self.looked.push(Place { label, found });
    }

    fn load(mut self, path: PathBuf, label: String, document: Document) -> Self {
        self.saw(label.clone(), Found::Clouds(document.names()));
        self.loaded = Some(Loaded {
            path,
            label,
            document,
        });
        self
    }
}

/// Looks for a file. A file that is named outright must be there.
pub(crate) fn search(sources: &Sources, kind: Kind) -> Result<Search, Error> {
    let mut search = Search::default();
    let read = |path: &Path, label: &str| read(path).map_err(|error| Error::syntax(label, error));
    if let Some((path, by)) = named(sources, kind) {
        let label = label(sources, &path);
        return match read(&path, &label)? {
            Content::Text(document) => Ok(search.load(path, label, document)),
            Content::Absent => Err(Error::config(format!(
                "{by} names {label}, which does not exist"
            ))),
            Content::Unreadable(why) => Err(Error::config(format!(
                "{by} names {label}, which cannot be read: {why}"
            ))),
        };
    }
    for directory in directories(sources, kind) {
        for suffix in ["yaml", "yml", "json"] {
            let path = directory.join(format!("{}.{suffix}", kind.stem()));
            let label = label(sources, &path);
            match read(&path, &label)? {
                Content::Text(document) => return Ok(search.load(path, label, document)),
                Content::Unreadable(why) => search.saw(label, Found::Unreadable(why)),
                // One line a folder is enough: the other two spellings are rare.
                Content::Absent if suffix == "yaml" => search.saw(label, Found::Absent),
                Content::Absent => {}
            }
        }
    }
    Ok(search)
}

/// A file that a flag or a variable names outright.
fn named(sources: &Sources, kind: Kind) -> Option<(PathBuf, &'static str)> {
    let variable = match kind {
        Kind::Clouds => "OS_CLIENT_CONFIG_FILE",
        Kind::Secure => "OS_CLIENT_SECURE_FILE",
        Kind::Public => "OS_CLIENT_VENDOR_FILE",
    };
    let flag = sources
        .clouds_file
        .as_ref()
        .filter(|_| kind == Kind::Clouds)
        .map(|path| (path.clone(), "--clouds"));
    let named = flag.or_else(|| Some((PathBuf::from(sources.variable(variable)?), variable)));
    named.map(|(path, by)| (sources.current_dir.join(expand(sources, &path)), by))
}

/// A leading `~/` means the home folder, as in openstacksdk.
pub(crate) fn expand(sources: &Sources, path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), &sources.home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// The folders to look into, in order, each once.
fn directories(sources: &Sources, kind: Kind) -> Vec<PathBuf> {
    let mut all = Vec::new();
    if kind != Kind::Clouds
        && let Some(parent) = sources.clouds_file.as_deref().and_then(Path::parent)
    {
        // Who names a clouds.yaml keeps its secrets beside it.
        all.push(sources.current_dir.join(parent));
    }
    all.push(sources.current_dir.clone());
    let home = sources
        .variable("SNAP_REAL_HOME")
        .map(PathBuf::from)
        .or_else(|| sources.home.clone());
    if let Some(directory) = sources
        .variable("XDG_CONFIG_HOME")
        .filter(|path| Path::new(path).is_absolute())
    {
        all.push(Path::new(directory).join("openstack"));
    } else if let Some(home) = &sources.home {
        all.push(home.join(".config/openstack"));
    }
    all.extend(home.map(|home| home.join(".config/openstack")));
    let system = sources.variable("XDG_CONFIG_DIRS").map(ToOwned::to_owned);
    let system = system.unwrap_or_else(|| sources.system.join("xdg").display().to_string());
    all.extend(
        system
            .split(':')
            .filter(|path| !path.is_empty())
            .map(|path| Path::new(path).join("openstack")),
    );
    all.push(sources.system.join("openstack"));
    let mut once: Vec<PathBuf> = Vec::new();
    for directory in all {
        if !once.contains(&directory) {
            once.push(directory);
        }
    }
    once
}

/// A path as people write it.
pub(crate) fn label(sources: &Sources, path: &Path) -> String {
    if let Ok(rest) = path.strip_prefix(&sources.current_dir) {
        return format!("./{}", rest.display());
    }
    if let Some(Ok(rest)) = sources.home.as_ref().map(|home| path.strip_prefix(home)) {
        return format!("~/{}", rest.display());
    }
    path.display().to_string()
}

enum Content {
    Absent,
    Unreadable(String),
    Text(Document),
}

/// Reads a file whole, but no more than a clouds.yaml may be long.
fn read(path: &Path) -> Result<Content, SyntaxError> {
    let unreadable = |error: std::io::Error| Content::Unreadable(reason(&error));
    match std::fs::metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Content::Absent);
        }
        Err(error) => return Ok(unreadable(error)),
        // A pipe would block, and a folder is no file. `<(…)` of a shell is a pipe that is meant, though: /dev/fd/N.
        Ok(found) if found.is_dir() => return Ok(Content::Unreadable("a folder".to_owned())),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX).saturating_add(1);
    match File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)) {
        Err(error) => Ok(unreadable(error)),
        Ok(_) if bytes.len() > LONGEST => Err(SyntaxError::too_long()),
        Ok(_) => {
            let text = String::from_utf8(bytes).map_err(|_| SyntaxError::not_utf8())?;
            parse_clouds(text.strip_prefix('\u{feff}').unwrap_or(&text)).map(Content::Text)
        }
    }
}

/// The operating system's reason without its number.
fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error
            .to_string()
            .split(" (os error")
            .next()
            .unwrap_or_default()
            .to_lowercase(),
    }
}
