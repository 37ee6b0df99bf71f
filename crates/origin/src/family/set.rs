//! The families that there are: the shipped ones, and those of the user's folders.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{Error, Family};
use crate::limits::{MAX_FAMILIES, MAX_FAMILY};

/// A file of `assets/families`, read when the program is built.
macro_rules! shipped {
    ($name:literal) => {
        (
            concat!($name, ".yaml"),
            include_str!(concat!("../../../../assets/families/", $name, ".yaml")),
        )
    };
}

/// The shipped files. Their names are only for errors.
const SHIPPED: [(&str, &str); 12] = [
    shipped!("almalinux"),
    shipped!("alpine"),
    shipped!("centos-stream"),
    shipped!("cirros"),
    shipped!("debian"),
    shipped!("fedora"),
    shipped!("flatcar"),
    shipped!("freebsd"),
    shipped!("opensuse-leap"),
    shipped!("rocky"),
    shipped!("ubuntu"),
    shipped!("ubuntu-minimal"),
];

/// Families by name.
#[derive(Clone, Debug)]
pub struct Families(BTreeMap<String, Family>);

impl Families {
    /// The shipped families, then those of each folder: a file of a family that is there already takes its place.
    /// A folder that does not exist adds nothing.
    ///
    /// # Errors
    /// A file that cannot be read or is no family; a file that is not called as its family.
    pub fn load(folders: &[PathBuf]) -> Result<Self, Error> {
        let mut families = BTreeMap::new();
        for (name, text) in SHIPPED {
            let family = Family::parse(text, Path::new(name))?;
            families.insert(family.family.clone(), family);
        }
        for folder in folders {
            for path in files(folder)? {
                let family = Family::parse(&read(&path)?, &path)?;
                let called = path.file_stem().and_then(|stem| stem.to_str());
                if called != Some(&family.family) {
                    return Err(Error::Syntax {
                        message: format!("the file has to be called `{}.yaml`", family.family),
                        path,
                        line: 0,
                    });
                }
                families.insert(family.family.clone(), family);
            }
        }
        Ok(Self(families))
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Family> {
        self.0.values()
    }

    /// The one of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Family> {
        self.0.get(name)
    }

    /// The families whose hosts publish what is at `url`; several families share a host.
    pub fn of_host(&self, url: &url::Url) -> impl Iterator<Item = &Family> {
        self.iter().filter(move |family| family.publishes(url))
    }
}

/// The YAML files of a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |source: io::Error| Error::File {
        path: folder.to_owned(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with('.') && (name.ends_with(".yaml") || name.ends_with(".yml")) {
            paths.push(path);
        }
        if paths.len() > MAX_FAMILIES {
            return Err(unreadable(io::Error::other("more files than are read")));
        }
    }
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<String, Error> {
    let read = || {
        let mut text = String::new();
        let file = fs::File::open(path)?;
        file.take(MAX_FAMILY + 1).read_to_string(&mut text)?;
        if text.len() as u64 > MAX_FAMILY {
            return Err(io::Error::other(format!(
                "it is longer than {MAX_FAMILY} bytes"
            )));
        }
        Ok(text)
    };
    read().map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}
