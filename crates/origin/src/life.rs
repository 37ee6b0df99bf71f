//! Life-cycle dates: until when a release is supported, by whom that is said, and what that means today.
//!
//! The dates are data (`assets/lifecycle.json`), with their source. Debian's and Ubuntu's several ends are kept apart, and
//! where two sources say different things both are kept.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;

use crate::family::Lifecycle;
use crate::limits::MAX_FAMILY;
use crate::version;

/// Days before the end of support from which it is warned.
pub const WARN_DAYS: i32 = 90;

const SHIPPED: &str = include_str!("../../../assets/lifecycle.json");

/// The dates of all products.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// The day of the newest of them.
    pub data_date: Date,
    /// The sources by their short names.
    #[serde(default)]
    pub sources: BTreeMap<String, String>,
    products: BTreeMap<String, Product>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    /// The vendor's own page about it.
    #[serde(default, rename = "policy")]
    _policy: String,
    releases: Vec<Cycle>,
}

/// The life of a release.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cycle {
    /// Its version.
    pub release: String,
    /// When it came out.
    pub released: Option<Date>,
    /// When which support ends; of sources that disagree the one that counts comes first.
    pub ends: Vec<End>,
}

/// The end of one kind of support.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// `active`, `security`, `lts` (Debian), `elts` (Debian, paid), `esm` and `legacy` (Ubuntu, paid).
    pub kind: String,
    /// The last day.
    pub date: Date,
    /// Who says so.
    pub source: String,
}

/// What the dates mean on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Support {
    /// Nothing is known of the release.
    Unknown,
    /// It is older than every release that the data knows.
    Old,
    /// It is not out yet.
    Ahead {
        /// When it comes out.
        released: Date,
    },
    /// It is supported.
    Until {
        /// The end that counts.
        end: End,
        /// Days that are left.
        days: i32,
    },
    /// It is no longer supported.
    Ended {
        /// The end that counted.
        end: End,
    },
}

impl Support {
    /// Whether images of the release are to be offered. What is not known is not taken for ended.
    #[must_use]
    pub const fn counts(&self) -> bool {
        matches!(self, Self::Unknown | Self::Until { .. })
    }

    /// The end that counts.
    #[must_use]
    pub const fn end(&self) -> Option<&End> {
        match self {
            Self::Until { end, .. } | Self::Ended { end } => Some(end),
            _ => None,
        }
    }

    /// Days that are left, when they are few enough to warn.
    #[must_use]
    pub fn near(&self) -> Option<i32> {
        match self {
            Self::Until { days, .. } if *days <= WARN_DAYS => Some(*days),
            _ => None,
        }
    }
}

/// Why a file of dates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read `{}`", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It is of another form.
    #[error("`{}` holds no life-cycle dates", path.display())]
    Form {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
}

impl Dates {
    /// The shipped dates, and the file of the user's, whose releases take the place of shipped ones. A file that does not
    /// exist adds nothing.
    ///
    /// # Errors
    /// A file that cannot be read or is of another form.
    pub fn load(own: Option<&Path>) -> Result<Self, Error> {
        let form = |path: &Path, source| Error::Form {
            path: path.to_owned(),
            source,
        };
        let shipped = Path::new("lifecycle.json");
        let mut dates: Self =
            serde_json::from_str(SHIPPED).map_err(|error| form(shipped, error))?;
        let Some(path) = own else { return Ok(dates) };
        let text = match read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(dates),
            read => read.map_err(|source| Error::File {
                path: path.to_owned(),
                source,
            })?,
        };
        let own: Self = serde_json::from_slice(&text).map_err(|error| form(path, error))?;
        dates.data_date = dates.data_date.max(own.data_date);
        dates.sources.extend(own.sources);
        for (name, product) in own.products {
            let known = dates.products.entry(name).or_insert_with(|| Product {
                _policy: String::new(),
                releases: Vec::new(),
            });
            for cycle in product.releases {
                known.releases.retain(|one| one.release != cycle.release);
                known.releases.push(cycle);
            }
        }
        Ok(dates)
    }

    /// The life of a release.
    #[must_use]
    pub fn cycle(&self, product: &str, release: &str) -> Option<&Cycle> {
        let product = self.products.get(product)?;
        product.releases.iter().find(|one| one.release == release)
    }

    /// What the dates mean for a release on the day `now`. Its support lasts until the last of the kinds that count for
    /// the family ends.
    #[must_use]
    pub fn support(&self, counts: Option<&Lifecycle>, release: &str, now: Date) -> Support {
        let Some(counts) = counts else {
            return Support::Unknown;
        };
        let Some(cycle) = self.cycle(&counts.product, release) else {
            return self.unlisted(&counts.product, release);
        };
        if let Some(released) = cycle.released.filter(|released| *released > now) {
            return Support::Ahead { released };
        }
        let of_kind = |kind: &String| cycle.ends.iter().find(|end| end.kind == *kind);
        let last = counts.support.iter().filter_map(of_kind);
        let Some(end) = last.max_by_key(|end| end.date).cloned() else {
            return Support::Unknown;
        };
        // A span of days between two days of our era fits.
        let days = now.until(end.date).map_or(0, |span| span.get_days());
        if end.date < now {
            Support::Ended { end }
        } else {
            Support::Until { end, days }
        }
    }
}

impl Dates {
    /// What is to be thought of a release that is not in the data.
    fn unlisted(&self, product: &str, release: &str) -> Support {
        let known = self.products.get(product);
        let oldest = known
            .into_iter()
            .flat_map(|product| &product.releases)
            .map(|one| one.release.as_str())
            .min_by(|one, other| version::compare(one, other));
        match oldest {
            Some(oldest) if version::compare(release, oldest).is_lt() => Support::Old,
            _ => Support::Unknown,
        }
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(MAX_FAMILY * 4)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn counts(product: &str, support: &[&str]) -> Lifecycle {
        Lifecycle {
            product: product.to_owned(),
            support: support.iter().map(|kind| (*kind).to_owned()).collect(),
        }
    }

    /// Dates from endoflife.date and distro-info-data.
    #[test]
    fn debian_s_and_ubuntu_s_ends_are_kept_apart() {
        let dates = Dates::load(None).unwrap();
        let now = day("2026-11-25");
        let support = |counts: &Lifecycle, release: &str| dates.support(Some(counts), release, now);
        let team = counts("debian", &["security"]);
        let lts = counts("debian", &["security", "lts"]);
        assert!(!support(&team, "12").counts());
        assert_eq!(support(&lts, "12").end().unwrap().date, day("2028-06-30"));
        assert!(!support(&lts, "11").counts());
        assert!(support(&lts, "13").counts());
        let ubuntu = counts("ubuntu", &["security"]);
        let jammy = support(&ubuntu, "22.04");
        let end = jammy.end().unwrap();
        assert_eq!(
            (end.date, &end.source[..]),
            (day("2027-06-01"), "distro-info-data")
        );
        let both = dates.cycle("ubuntu", "22.04").unwrap();
        let security = both.ends.iter().filter(|end| end.kind == "security");
        assert_eq!(
            security.map(|end| end.date).collect::<Vec<_>>(),
            [day("2027-06-01"), day("2027-04-01")]
        );
    }

    #[test]
    fn the_end_is_announced_and_the_last_day_still_counts() {
        let dates = Dates::load(None).unwrap();
        let fedora = counts("fedora", &["security"]);
        let on = |now: &str| dates.support(Some(&fedora), "43", day(now));
        assert_eq!(on("2026-11-25").near(), Some(14));
        assert_eq!(on("2026-06-01").near(), None);
        assert!(on("2026-12-09").counts());
        assert!(!on("2026-12-10").counts());
        assert!(matches!(on("2025-01-01"), Support::Ahead { .. }));
        // What is not known is not taken for ended.
        assert!(
            dates
                .support(Some(&fedora), "45", day("2026-11-25"))
                .counts()
        );
        assert!(dates.support(None, "0.6", day("2026-11-25")).counts());
    }

    /// Ubuntu's stream still lists releases that ended years ago.
    #[test]
    fn what_ended_long_ago_is_known_to_have_ended() {
        let dates = Dates::load(None).unwrap();
        let now = day("2026-11-25");
        let old = [
            ("ubuntu", "14.04"),
            ("ubuntu", "16.04"),
            ("fedora", "30"),
            ("freebsd", "12.0"),
        ];
        for (product, release) in old {
            let support = dates.support(Some(&counts(product, &["security"])), release, now);
            assert!(!support.counts(), "{product} {release}: {support:?}");
        }
    }

    #[test]
    fn an_own_file_of_dates_goes_before_the_shipped_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lifecycle.json");
        assert!(Dates::load(Some(&path)).is_ok());
        std::fs::write(
            &path,
            r#"{"data_date": "2026-11-20", "products": {"fedora": {"releases": [
                {"release": "45", "released": "2026-10-27", "ends": [{"kind": "security", "date": "2027-12-01", "source": "me"}]}]}}}"#,
        )
        .unwrap();
        let dates = Dates::load(Some(&path)).unwrap();
        let fedora = counts("fedora", &["security"]);
        let support = dates.support(Some(&fedora), "45", day("2026-11-25"));
        assert_eq!(support.end().unwrap().source, "me");
        assert!(
            dates
                .support(Some(&fedora), "44", day("2026-11-25"))
                .end()
                .is_some()
        );
        std::fs::write(&path, "{\"data_date\": \"2026-11-20\", \"produkts\": {}}").unwrap();
        assert!(Dates::load(Some(&path)).is_err());
    }
}
