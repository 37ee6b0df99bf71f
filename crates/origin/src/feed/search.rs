//! Finding the newest build of each release: a family's pages read one after the other, newest first.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use jiff::civil::Date;
use url::Url;

use super::{Entry, Feed, Unreadable, dates, entries};
use crate::build::Build;
use crate::family::{self, Family, Fields, Release};
use crate::limits::MAX_OLDER;
use crate::version;

/// What is sought.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Our name of the architecture.
    pub arch: &'a str,
    /// One release, by its version or its name; otherwise all.
    pub release: Option<&'a str>,
    /// One build; otherwise the newest.
    pub build: Option<&'a str>,
}

/// Why no build was found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The family is not published for this architecture, or the release is not.
    #[error("{family} is not published for {arch}")]
    Arch {
        /// The family, with its release where that is meant.
        family: String,
        /// Our name of the architecture.
        arch: String,
    },
    /// There is no such release.
    #[error("{family} has no release `{release}`")]
    Release {
        /// The family.
        family: String,
        /// As asked for.
        release: String,
    },
    /// The page could not be had. Nothing is known of what it lists.
    #[error("the builds of {family} could not be found out")]
    Page {
        /// The family.
        family: String,
        /// Why not.
        source: crate::Error,
    },
    /// The page is not there.
    #[error("{url} is not there")]
    Missing {
        /// Which.
        url: String,
    },
    /// The page is something else.
    #[error("{url} cannot be read")]
    Unreadable {
        /// Which.
        url: String,
        /// What is wrong with it.
        source: Unreadable,
    },
    /// The pages list no such build.
    #[error("{url} lists no {what}")]
    Nothing {
        /// The page.
        url: String,
        /// What was sought.
        what: String,
    },
    /// The family's file leads to no address.
    #[error("the family's file is wrong: {what}")]
    File {
        /// What is wrong.
        what: String,
    },
}

/// What came of looking for the builds of one release; without a release what came of looking for any.
pub type Found = (Option<String>, Result<Build, Error>);

/// The newest build of every release that `counts` accepts, or of the one that is wanted, in the order of versions.
/// What is not known of one release says nothing of another.
pub async fn newest(
    family: &Family,
    wanted: Wanted<'_>,
    counts: &(dyn Fn(&str) -> bool + Sync),
    feed: &dyn Feed,
) -> Vec<Found> {
    let Some(arch) = family.arch(wanted.arch) else {
        let error = Error::Arch {
            family: family.name.clone(),
            arch: wanted.arch.to_owned(),
        };
        return vec![(None, Err(error))];
    };
    let mut fields = arch;
    fields.insert("base".to_owned(), family.base.to_string());
    let search = Search {
        family,
        wanted,
        feed,
    };
    if family.releases.is_empty() {
        search.found(fields, counts).await
    } else {
        search.listed(&fields, counts).await
    }
}

struct Search<'a> {
    family: &'a Family,
    wanted: Wanted<'a>,
    feed: &'a dyn Feed,
}

/// An entry with the values that its name gave.
struct Candidate {
    fields: Fields,
    entry: Entry,
    url: Url,
}

type Deep<'a> = Pin<Box<dyn Future<Output = Result<Option<Build>, Error>> + Send + 'a>>;

impl Search<'_> {
    /// The releases that the family's file lists.
    async fn listed(&self, fields: &Fields, counts: &(dyn Fn(&str) -> bool + Sync)) -> Vec<Found> {
        let mut found = Vec::new();
        for release in &self.family.releases {
            let asked = self.wanted.release.map(|wanted| {
                wanted == release.release || Some(wanted) == release.codename.as_deref()
            });
            if !asked.unwrap_or_else(|| counts(&release.release)) {
                continue;
            }
            let build = self.of(release, fields.clone()).await;
            found.push((Some(release.release.clone()), build));
        }
        if let (Some(release), true) = (self.wanted.release, found.is_empty()) {
            found.push((None, Err(self.no_release(release))));
        }
        found
    }

    async fn of(&self, release: &Release, mut fields: Fields) -> Result<Build, Error> {
        let arch = self.wanted.arch;
        if !release.architectures.is_empty() && !release.architectures.iter().any(|a| a == arch) {
            return Err(Error::Arch {
                family: format!("{} {}", self.family.name, release.release),
                arch: arch.to_owned(),
            });
        }
        fields.insert("release".to_owned(), release.release.clone());
        if let Some(codename) = &release.codename {
            fields.insert("codename".to_owned(), codename.clone());
        }
        let candidates = self.step(0, &fields).await?;
        self.first(&candidates, 0).await
    }

    /// The releases that the first page lists.
    async fn found(&self, fields: Fields, counts: &(dyn Fn(&str) -> bool + Sync)) -> Vec<Found> {
        let candidates = match self.step(0, &fields).await {
            Ok(candidates) => candidates,
            Err(error) => return vec![(None, Err(error))],
        };
        let mut groups: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
        for candidate in candidates {
            let release = candidate.fields.get("release").cloned().unwrap_or_default();
            let asked = self.wanted.release.map(|wanted| {
                let codename = candidate.fields.get("codename");
                wanted == release || Some(wanted) == codename.map(String::as_str)
            });
            if asked.unwrap_or_else(|| counts(&release)) {
                groups.entry(release).or_default().push(candidate);
            }
        }
        let mut found = Vec::new();
        for (release, candidates) in groups {
            let build = self.first(&candidates, 0).await;
            found.push((Some(release), build));
        }
        if let (Some(release), true) = (self.wanted.release, found.is_empty()) {
            found.push((None, Err(self.no_release(release))));
        }
        let name = |found: &Found| found.0.clone().unwrap_or_default();
        found.sort_by(|one, other| version::compare(&name(one), &name(other)));
        found
    }

    /// What a page lists, newest first.
    async fn step(&self, index: usize, fields: &Fields) -> Result<Vec<Candidate>, Error> {
        let step = self.family.find.get(index).ok_or_else(|| Error::File {
            what: "`find` is empty".to_owned(),
        })?;
        let url = self.address(&step.at, fields)?;
        let shown = net::shown(&url);
        let page = self.feed.page(&url).await.map_err(|source| Error::Page {
            family: self.family.name.clone(),
            source,
        })?;
        let page = page.ok_or_else(|| Error::Missing { url: shown.clone() })?;
        let listed = entries(step, &page).map_err(|source| Error::Unreadable {
            url: shown.clone(),
            source,
        })?;
        let reader = step.entry.reader(fields, &self.family.fields);
        let reader = reader.map_err(|what| Error::File { what })?;
        let mut candidates: Vec<Candidate> = listed
            .into_iter()
            .filter_map(|entry| {
                Some(Candidate {
                    fields: reader.read(&entry.name)?,
                    entry,
                    url: url.clone(),
                })
            })
            .collect();
        let newer = |one: &Candidate, other: &Candidate| {
            let orders = reader.open().iter().map(|name| {
                let value = |of: &Candidate| of.fields.get(name).cloned().unwrap_or_default();
                version::compare(&value(other), &value(one))
            });
            orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        };
        candidates.sort_by(newer);
        if candidates.is_empty() {
            return Err(self.nothing(&url));
        }
        Ok(candidates)
    }

    /// The first of the candidates that leads to a build.
    async fn first(&self, candidates: &[Candidate], index: usize) -> Result<Build, Error> {
        match self.deeper(candidates, index).await? {
            Some(build) => Ok(build),
            None => Err(match candidates.first() {
                Some(candidate) => self.nothing(&candidate.url),
                None => Error::File {
                    what: "nothing was looked at".to_owned(),
                },
            }),
        }
    }

    fn deeper<'a>(&'a self, candidates: &'a [Candidate], index: usize) -> Deep<'a> {
        Box::pin(async move {
            let mut tried = 0;
            for candidate in candidates {
                if !self.may_be_wanted(&candidate.fields) {
                    continue;
                }
                if tried >= MAX_OLDER {
                    return Ok(None);
                }
                tried += 1;
                if index + 1 >= self.family.find.len() {
                    return self.build(candidate).map(Some);
                }
                let next = match self.step(index + 1, &candidate.fields).await {
                    Ok(next) => next,
                    // A folder that is just being filled, or has another architecture only: the one before it counts.
                    Err(Error::Missing { .. } | Error::Nothing { .. }) => continue,
                    Err(error) => return Err(error),
                };
                if let Some(build) = self.deeper(&next, index + 1).await? {
                    return Ok(Some(build));
                }
            }
            Ok(None)
        })
    }

    /// Whether the build's name is the wanted one, or is not known yet.
    fn may_be_wanted(&self, fields: &Fields) -> bool {
        match (self.wanted.build, self.family.build.fill(fields)) {
            (Some(wanted), Some(build)) => wanted == build,
            _ => true,
        }
    }

    fn build(&self, candidate: &Candidate) -> Result<Build, Error> {
        let (family, mut fields) = (self.family, candidate.fields.clone());
        let build = family.build.fill(&fields).ok_or_else(|| Error::File {
            what: format!("`{}` has a gap without a value", family.build),
        })?;
        fields.insert("build".to_owned(), build.clone());
        let url = self.address(&family.url, &fields)?;
        let file = crate::Address::Url(url.clone()).name();
        fields.insert("url".to_owned(), url.to_string());
        fields.insert("file".to_owned(), file.clone());
        let manifest = match &family.manifest {
            Some(template) => Some(self.address(template, &fields)?),
            None => None,
        };
        let named = candidate.entry.name.rsplit('/').next() == Some(&file);
        let pinned = family.pinned.get(&file).map(String::as_str);
        Ok(Build {
            family: family.family.clone(),
            release: fields.get("release").cloned().unwrap_or_default(),
            build,
            arch: self.wanted.arch.to_owned(),
            date: date(&fields, &candidate.entry),
            manifest,
            signers: family.signers(&fields),
            raw: family.raw.as_ref().and_then(|raw| raw.fill(&fields)),
            digests: if named {
                candidate.entry.digests.clone()
            } else {
                Vec::new()
            },
            size: candidate.entry.size.filter(|_| named),
            pinned: pinned.and_then(family::digest),
            url,
            file,
            fields,
        })
    }

    fn address(&self, template: &family::Template, fields: &Fields) -> Result<Url, Error> {
        let text = template.fill(fields).ok_or_else(|| Error::File {
            what: format!("`{template}` has a gap without a value"),
        })?;
        Url::parse(&text).map_err(|error| Error::File {
            what: format!("`{text}`: {error}"),
        })
    }

    fn nothing(&self, url: &Url) -> Error {
        let build = self.wanted.build.map(|build| format!(" `{build}`"));
        Error::Nothing {
            url: net::shown(url),
            what: format!(
                "build{} of {} for {}",
                build.unwrap_or_default(),
                self.family.name,
                self.wanted.arch
            ),
        }
    }

    fn no_release(&self, release: &str) -> Error {
        Error::Release {
            family: self.family.name.clone(),
            release: release.to_owned(),
        }
    }
}

fn date(fields: &Fields, entry: &Entry) -> Option<Date> {
    fields
        .get("date")
        .and_then(|text| dates::packed(text))
        .or(entry.date)
}
