//! What is to be fetched: a family's newest or named build, or an address.

use disk::Digest;
use jiff::civil::Date;
use origin::keys::Expectation;
use origin::life::Dates;
use origin::{Address, Build, Family, Route, Trust, feed, version};
use url::Url;

use super::super::vendor::{self, Vendors};
use crate::failure::{Exit, Failure};

/// What was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// An address.
    Url(Url),
    /// `FAMILY[:RELEASE][@BUILD]`.
    Family {
        family: String,
        release: Option<String>,
        build: Option<String>,
    },
}

impl Asked {
    /// Reads what was typed.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.contains("://") {
            return match Address::in_property(text) {
                Ok(Address::Url(url)) => Ok(Self::Url(url)),
                Ok(Address::Path(_)) => Err("not an http or https URL".to_owned()),
                Err(error) => Err(error.to_string()),
            };
        }
        let (before, build) = match text.split_once('@') {
            Some((before, build)) => (before, Some(build)),
            None => (text, None),
        };
        let (family, release) = match before.split_once(':') {
            Some((family, release)) => (family, Some(release)),
            None => (before, None),
        };
        let parts = [Some(family), release, build];
        if parts.contains(&Some("")) {
            return Err("neither FAMILY[:RELEASE][@BUILD] nor a URL".to_owned());
        }
        Ok(Self::Family {
            family: family.to_owned(),
            release: release.map(str::to_owned),
            build: build.map(str::to_owned),
        })
    }
}

/// What is fetched, and by which way.
pub(super) struct Target {
    /// The build, when it is one of a family.
    pub(super) build: Option<Build>,
    /// Where the image lies for good.
    pub(super) url: Url,
    /// The way; without a family there is none to keep to.
    pub(super) route: Option<Route>,
}

impl Target {
    /// Finds out what is meant.
    pub(super) async fn of(
        asked: &Asked,
        arch: &str,
        vendors: &Vendors,
        client: &origin::Client,
    ) -> Result<Self, Failure> {
        let families = vendors.families()?;
        match asked {
            Asked::Url(url) => {
                let mirrors = &vendors.mirrors;
                let family = families.of_host(url).next();
                Ok(Self {
                    build: None,
                    url: url.clone(),
                    route: family.map(|family| Route::new(family, mirrors)),
                })
            }
            Asked::Family {
                family,
                release,
                build,
            } => {
                let family = vendor::family(&families, family)?;
                let search = Search {
                    family,
                    arch,
                    release: release.as_deref(),
                    build: build.as_deref(),
                };
                let route = Route::new(family, &vendors.mirrors);
                let (dates, today) = (vendor::dates()?, vendor::today());
                let found = search.newest(&route, client, &dates, today).await?;
                Ok(Self {
                    url: found.url.clone(),
                    build: Some(found),
                    route: Some(route),
                })
            }
        }
    }

    /// Where the image is asked for.
    pub(super) fn asked(&self) -> Result<Address, Failure> {
        self.place(&self.url)
    }

    /// The clients for the image and for its checksum file.
    pub(super) fn clients(&self, client: &origin::Client) -> (origin::Client, origin::Client) {
        match &self.route {
            Some(route) => (route.images(client), route.strict(client)),
            None => (client.clone(), client.clone()),
        }
    }

    /// Where the checksum file is asked for, if the family says where it is.
    pub(super) fn checksums(&self) -> Result<Option<Address>, Failure> {
        let manifest = self
            .build
            .as_ref()
            .and_then(|build| build.manifest.as_ref());
        manifest.map(|url| self.place(url)).transpose()
    }

    /// What is known of signatures there.
    pub(super) fn expectation(&self, trust: &Trust) -> Option<Expectation> {
        match &self.build {
            Some(build) => build.expectation(trust),
            None => trust.expectation(&Address::Url(self.url.clone())),
        }
    }

    fn place(&self, url: &Url) -> Result<Address, Failure> {
        let asked = match &self.route {
            Some(route) => route.ask(url),
            None => Ok(url.clone()),
        };
        asked
            .map(Address::Url)
            .map_err(|error| Failure::of(Exit::Untrusted, &error))
    }

    /// The digest that the family's file pins.
    pub(super) fn pinned(&self) -> Option<&Digest> {
        self.build.as_ref()?.pinned.as_ref()
    }
}

struct Search<'a> {
    family: &'a Family,
    arch: &'a str,
    release: Option<&'a str>,
    build: Option<&'a str>,
}

impl Search<'_> {
    /// The newest build of the release that was named, or of the newest release in support.
    async fn newest(
        &self,
        route: &Route,
        client: &origin::Client,
        dates: &Dates,
        today: Date,
    ) -> Result<Build, Failure> {
        let counts = |release: &str| {
            let counts = self.family.lifecycle.as_ref();
            dates.support(counts, release, today).counts()
        };
        let listed = self.family.releases.iter().map(|one| one.release.as_str());
        // Of the releases known beforehand only the newest is looked up.
        let newest = listed
            .filter(|release| counts(release))
            .max_by(|one, other| version::compare(one, other));
        let wanted = feed::Wanted {
            arch: self.arch,
            release: self.release.or(newest),
            build: self.build,
        };
        let cache = vendor::pages();
        let web = feed::Web {
            client,
            route,
            cache: cache.as_ref(),
        };
        let found = feed::newest(self.family, wanted, &counts, &web).await;
        let mut last = None;
        for (release, build) in found.into_iter().rev() {
            match build {
                Ok(build) => return Ok(build),
                Err(error) => {
                    let failure = vendor::failure(&error);
                    // A newer release that is not known is no reason to give an older one unasked.
                    if self.release.is_some() || release.is_some() {
                        return Err(failure);
                    }
                    last = Some(failure);
                }
            }
        }
        Err(last.unwrap_or_else(|| {
            let message = format!("{} has no release in support", self.family.name);
            Failure::new(Exit::NotFound, message)
                .hint("name one: `ectype catalogue newest --all-releases` shows them")
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_names_family_release_and_build() {
        let family = |family: &str, release: Option<&str>, build: Option<&str>| {
            Ok(Asked::Family {
                family: family.to_owned(),
                release: release.map(str::to_owned),
                build: build.map(str::to_owned),
            })
        };
        for (text, expected) in [
            ("debian", family("debian", None, None)),
            ("debian:13", family("debian", Some("13"), None)),
            (
                "debian:13@20260712-2537",
                family("debian", Some("13"), Some("20260712-2537")),
            ),
            ("cirros@0.6.3", family("cirros", None, Some("0.6.3"))),
        ] {
            assert_eq!(Asked::parse(text), expected, "{text}");
        }
        for text in ["", ":13", "debian:", "debian@", "ftp://h/x", "file:///x"] {
            assert!(Asked::parse(text).is_err(), "{text}");
        }
    }
}
