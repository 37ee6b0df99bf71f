//! Age against promise: whether the image of a name has been replaced as often as its record promises.
//!
//! The rule is that of SCS-0102 v2: a new build is due when the build date is older than `replace_frequency`, three days
//! of grace aside, as long as the image is provided at all (`provided_until`).

use catalogue::words::{Frequency, Until};
use jiff::civil::Date;
use wire::image::Image;

use super::words::{day, days};

/// Days by which a new build may be late.
const GRACE: i64 = 3;

/// How the image stands to its promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fresh {
    /// A new build was due so many days ago.
    Late(i64),
    /// A new build is due now; the days of grace are running.
    Due(i64),
    /// A new build is due in so many days.
    OnTime(i64),
    /// Nothing is promised, or not any more; why.
    NoPromise(&'static str),
    /// It cannot be told; why.
    Unknown(&'static str),
}

/// What is promised, and how long ago the image was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Promise {
    pub(crate) fresh: Fresh,
    /// The day of the build, if the record tells it.
    pub(crate) built: Option<Date>,
    /// Days since then.
    pub(crate) age: Option<i64>,
    /// `replace_frequency` as it stands there.
    pub(crate) frequency: String,
    /// The same in days, if it sets a time.
    pub(crate) period: Option<i64>,
}

impl Promise {
    /// Works it out for the day `today`.
    #[must_use]
    pub(crate) fn of(image: &Image, today: Date) -> Self {
        let text = |name: &str| image.property(name).unwrap_or_default();
        let frequency = Frequency::ALL
            .iter()
            .find(|one| one.word() == text("replace_frequency"));
        let period = frequency.and_then(|one| one.days()).map(i64::from);
        let built = day(text("image_build_date"));
        let age = built.map(|built| days(built, today));
        let fresh = match (frequency, period, age) {
            _ if replaced(image) => Fresh::NoPromise("it has been replaced"),
            (None, _, _) if text("replace_frequency").is_empty() => {
                Fresh::NoPromise("no `replace_frequency`")
            }
            (None, _, _) => Fresh::Unknown("`replace_frequency` is no word of SCS-0102"),
            (Some(_), None, _) => Fresh::NoPromise("no time is promised"),
            (_, Some(_), None) => Fresh::Unknown("no `image_build_date`"),
            (_, Some(period), Some(age)) => match provided(text("provided_until"), today) {
                Some(false) => Fresh::NoPromise("it is no longer provided"),
                _ if age > period + GRACE => Fresh::Late(age - period),
                _ if age > period => Fresh::Due(period + GRACE - age),
                _ => Fresh::OnTime(period - age),
            },
        };
        Self {
            fresh,
            built,
            age,
            frequency: text("replace_frequency").to_owned(),
            period,
        }
    }

    /// Late ones first, then those that are due soonest, then those without a promise.
    #[must_use]
    pub(crate) fn rank(&self) -> (u8, i64) {
        match self.fresh {
            Fresh::Late(days) => (0, -days),
            Fresh::Due(left) => (1, left),
            Fresh::OnTime(left) => (2, left),
            Fresh::Unknown(_) => (3, 0),
            Fresh::NoPromise(_) => (4, 0),
        }
    }
}

impl Fresh {
    /// The word for it: the class of the badge, too.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Late(_) => "late",
            Self::Due(_) => "due",
            Self::OnTime(_) => "on time",
            Self::NoPromise(_) => "no promise",
            Self::Unknown(_) => "unknown",
        }
    }

    pub(crate) const fn class(&self) -> &'static str {
        match self {
            Self::Late(_) => "bad",
            Self::Due(_) => "warn",
            Self::OnTime(_) => "good",
            Self::NoPromise(_) | Self::Unknown(_) => "none",
        }
    }

    /// What is behind the word.
    #[must_use]
    pub(crate) fn detail(&self) -> String {
        let span = super::words::span;
        match self {
            Self::Late(days) => format!("a new build was due {} ago", span(*days)),
            Self::Due(left) => format!("a new build is due; the grace ends in {}", span(*left)),
            Self::OnTime(left) => format!("the next build is due in {}", span(*left)),
            Self::NoPromise(why) | Self::Unknown(why) => super::words::quoted(why),
        }
    }
}

/// Whether another image has taken its place.
pub(crate) fn replaced(image: &Image) -> bool {
    image.os_hidden
        || image.property("os_purpose") == Some("oldgeneric")
        || image.property(catalogue::plan::records::STATE) == Some("old")
}

/// Whether new builds are promised on this day; `None` where that cannot be read.
fn provided(text: &str, today: Date) -> Option<bool> {
    Some(match text.parse().ok()? {
        Until::Day(day) => today <= day,
        Until::None | Until::Notice => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn image(built: &str, frequency: &str, until: &str) -> Image {
        serde_json::from_value(json!({"id": "i", "image_build_date": built, "replace_frequency": frequency, "provided_until": until}))
            .unwrap()
    }

    fn fresh(built: &str, frequency: &str, until: &str) -> Fresh {
        Promise::of(
            &image(built, frequency, until),
            "2026-11-25".parse().unwrap(),
        )
        .fresh
    }

    /// The days are counted by hand: November has 30, October 31.
    #[test]
    fn an_image_is_late_when_its_period_and_the_grace_are_over() {
        assert_eq!(
            fresh("2026-10-25", "monthly", "2027-01-01"),
            Fresh::OnTime(0)
        );
        assert_eq!(fresh("2026-10-24", "monthly", "2027-01-01"), Fresh::Due(2));
        assert_eq!(fresh("2026-10-22", "monthly", "2027-01-01"), Fresh::Due(0));
        assert_eq!(fresh("2026-10-21", "monthly", "2027-01-01"), Fresh::Late(4));
        assert_eq!(
            fresh("2026-11-18T23:59:59Z", "weekly", "2027-01-01"),
            Fresh::OnTime(0)
        );
    }

    #[test]
    fn what_is_not_promised_is_never_late() {
        for (frequency, until) in [
            ("monthly", "2026-11-24"),
            ("monthly", "none"),
            ("monthly", "notice"),
            ("never", "2027-01-01"),
            ("", ""),
        ] {
            assert!(
                matches!(fresh("2020-01-01", frequency, until), Fresh::NoPromise(_)),
                "{frequency} {until}"
            );
        }
        assert!(matches!(
            fresh("", "monthly", "2027-01-01"),
            Fresh::Unknown(_)
        ));
        assert!(matches!(
            fresh("2026-01-01", "hourly", "2027-01-01"),
            Fresh::Unknown(_)
        ));
        let mut old = image("2020-01-01", "monthly", "2027-01-01");
        old.os_hidden = true;
        let promise = Promise::of(&old, "2026-11-25".parse().unwrap());
        assert!(matches!(promise.fresh, Fresh::NoPromise(_)));
    }

    #[test]
    fn the_latest_of_the_late_comes_first() {
        let rank = |built: &str| {
            Promise::of(
                &image(built, "monthly", "2027-01-01"),
                "2026-11-25".parse().unwrap(),
            )
            .rank()
        };
        assert!(rank("2025-01-01") < rank("2026-09-01"));
        assert!(rank("2026-09-01") < rank("2026-10-22"));
        assert!(rank("2026-10-22") < rank("2026-11-24"));
    }
}
