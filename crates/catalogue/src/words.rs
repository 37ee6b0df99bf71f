//! The values that a definition can have, with the words of SCS-0102 v2 where it has words for them.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An enumeration whose values have one word each, in YAML, JSON and for people.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// `architecture`.
    Arch {
        /// 64-bit x86.
        X86_64 = "x86_64",
        /// 64-bit ARM.
        Aarch64 = "aarch64",
    }
}

words! {
    /// How the bytes are stored.
    Format {
        /// The disk as it is; what Ceph wants.
        Raw = "raw",
        /// The vendor's qcow2 file, as published.
        Qcow2 = "qcow2",
    }
}

words! {
    /// The evidence that an original is the vendor's, weakest first: what is asked for is met by itself and by all that
    /// come after it.
    Evidence {
        /// Nothing but the original itself.
        None = "none",
        /// A checksum file that came over TLS lists it.
        Tls = "tls",
        /// Its digest stands in our own definition.
        Pinned = "pinned",
        /// A manifest signed by a pinned key lists it.
        Signed = "signed",
    }
}

impl From<origin::Evidence> for Evidence {
    fn from(evidence: origin::Evidence) -> Self {
        match evidence {
            origin::Evidence::None => Self::None,
            origin::Evidence::Tls => Self::Tls,
            origin::Evidence::Signed => Self::Signed,
        }
    }
}

words! {
    /// `os_purpose` (SCS-0102 v2).
    Purpose {
        /// The image that one takes for this system.
        Generic = "generic",
        /// A generic image that was replaced.
        Oldgeneric = "oldgeneric",
        /// Less than what is usual.
        Minimal = "minimal",
        /// For nodes of Kubernetes clusters.
        K8snode = "k8snode",
        /// With drivers for GPUs.
        Gpu = "gpu",
        /// For network appliances.
        Network = "network",
        /// Anything else.
        Custom = "custom",
    }
}

words! {
    /// `replace_frequency` (SCS-0102): how often the image of this name is replaced at least.
    Frequency {
        /// Once in 365 days.
        Yearly = "yearly",
        /// Once in 92 days.
        Quarterly = "quarterly",
        /// Once in 31 days.
        Monthly = "monthly",
        /// Once in 7 days.
        Weekly = "weekly",
        /// Every day.
        Daily = "daily",
        /// When a critical fault is found.
        CriticalBug = "critical_bug",
        /// Never.
        Never = "never",
    }
}

words! {
    /// Who may see an image.
    Visibility {
        /// Everybody.
        Public = "public",
        /// Everybody who asks for it.
        Community = "community",
        /// The project and those that it shares with.
        Shared = "shared",
        /// The project alone.
        Private = "private",
    }
}

words! {
    /// What comes first when the name moves from the old image to the new one.
    Order {
        /// The old one gives the name up: never two of one name, for the length of one call none.
        DemoteFirst = "demote-first",
        /// The new one takes it: never none, for the length of one call two.
        PromoteFirst = "promote-first",
    }
}

impl Frequency {
    /// The days that it means; `None` when it sets no time.
    #[must_use]
    pub const fn days(self) -> Option<i32> {
        match self {
            Self::Yearly => Some(365),
            Self::Quarterly => Some(92),
            Self::Monthly => Some(31),
            Self::Weekly => Some(7),
            Self::Daily => Some(1),
            Self::CriticalBug | Self::Never => None,
        }
    }
}

/// `uuid_validity` (SCS-0102): how long an image can be used by its id after it was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// No longer than its content is current.
    None,
    /// Until somebody gives notice.
    Notice,
    /// For ever.
    Forever,
    /// As long as it is one of the last so many.
    Last(u32),
    /// Until this day.
    Until(Date),
}

/// `provided_until` (SCS-0102): how long there are new builds under the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Nothing is promised.
    None,
    /// Until somebody gives notice.
    Notice,
    /// Until this day, which is the last.
    Day(Date),
}

/// Which build is wanted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// The newest one.
    Newest,
    /// The one of this name.
    Pinned(String),
}

/// A day as SCS-0102 writes it, `2026-11-25`; `None` for anything else.
#[must_use]
pub fn day(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok())?
}

impl FromStr for Validity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let last = |text: &str| {
            let count = text.strip_prefix("last-")?;
            count.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
            count.parse().ok()
        };
        match text {
            "none" => Ok(Self::None),
            "notice" => Ok(Self::Notice),
            "forever" => Ok(Self::Forever),
            _ => last(text)
                .map(Self::Last)
                .or_else(|| day(text).map(Self::Until))
                .ok_or_else(|| {
                    format!("`{text}` is none of: none, last-N, YYYY-MM-DD, notice, forever")
                }),
        }
    }
}

impl fmt::Display for Validity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.pad("none"),
            Self::Notice => f.pad("notice"),
            Self::Forever => f.pad("forever"),
            Self::Last(count) => write!(f, "last-{count}"),
            Self::Until(day) => write!(f, "{day}"),
        }
    }
}

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Self::None),
            "notice" => Ok(Self::Notice),
            _ => day(text)
                .map(Self::Day)
                .ok_or_else(|| format!("`{text}` is none of: YYYY-MM-DD, none, notice")),
        }
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.pad("none"),
            Self::Notice => f.pad("notice"),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "newest" => Ok(Self::Newest),
            "" => Err("a build has a name, or is `newest`".to_owned()),
            name => Ok(Self::Pinned(name.to_owned())),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest => f.pad("newest"),
            Self::Pinned(name) => f.pad(name),
        }
    }
}

/// Read from and written as a text.
macro_rules! as_text {
    ($($name:ty),+) => {
        $(
            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    String::deserialize(deserializer)?
                        .parse()
                        .map_err(serde::de::Error::custom)
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }
        )+
    };
}

as_text!(Validity, Until, Which);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_scs_0102_are_read_and_written_and_no_others_are() {
        for text in ["none", "notice", "forever", "last-3", "2026-12-31"] {
            assert_eq!(text.parse::<Validity>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "last-",
            "last--1",
            "last-+3",
            "last-x",
            "2026-13-01",
            "20261231",
            "None",
        ] {
            assert!(text.parse::<Validity>().is_err(), "{text}");
        }
        for text in ["none", "notice", "2031-05-29"] {
            assert_eq!(text.parse::<Until>().unwrap().to_string(), text);
        }
        for text in ["forever", "last-3", "2026-12-31 10:00", ""] {
            assert!(text.parse::<Until>().is_err(), "{text}");
        }
    }

    #[test]
    fn stronger_evidence_meets_what_weaker_is_asked_for() {
        assert!(Evidence::Signed > Evidence::Pinned);
        assert!(Evidence::Pinned > Evidence::Tls);
        assert!(Evidence::Tls > Evidence::None);
    }
}
