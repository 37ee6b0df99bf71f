//! The life cycle: until when releases are supported, as a time line; and which images are late.

use std::collections::BTreeMap;

use jiff::civil::Date;
use origin::life::Support;

use super::facts::World;
use super::list::Row;
use super::words::{days, span, support_kind};

/// How the end of a release's support stands to the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    /// `Debian 13`
    pub(crate) system: String,
    /// The images of it.
    pub(crate) images: usize,
    /// The one to link to, when there is only one.
    pub(crate) query: String,
    pub(crate) support: Support,
    /// The latest day until which new builds are promised (`provided_until`).
    pub(crate) provided: Option<Date>,
}

impl Bar {
    /// `good`, `warn`, `bad`, `none`.
    pub(crate) fn class(&self) -> &'static str {
        match &self.support {
            Support::Until { .. } if self.support.near().is_some() => "warn",
            Support::Until { .. } => "good",
            Support::Ended { .. } | Support::Old => "bad",
            Support::Unknown | Support::Ahead { .. } => "none",
        }
    }

    /// What the dates mean, in words.
    pub(crate) fn says(&self) -> String {
        match &self.support {
            Support::Until { days, .. } => format!("{} left", span(i64::from(*days))),
            Support::Ended { .. } => "ended".to_owned(),
            Support::Old => "ended long ago".to_owned(),
            Support::Unknown => "not known".to_owned(),
            Support::Ahead { released } => format!("not out before {released}"),
        }
    }

    pub(crate) fn end_text(&self) -> String {
        let end = self.support.end();
        end.map_or_else(|| "–".to_owned(), |end| end.date.to_string())
    }

    /// Which support ends then, and who says so.
    pub(crate) fn source(&self) -> String {
        let end = self.support.end();
        end.map_or_else(
            || "–".to_owned(),
            |end| format!("{} ({})", support_kind(&end.kind), end.source),
        )
    }

    pub(crate) fn provided_text(&self) -> String {
        self.provided
            .map_or_else(|| "–".to_owned(), |day| day.to_string())
    }
}

/// One bar for each release that has images that are still current; the first end first, unknown ones last.
#[must_use]
pub(crate) fn bars(rows: &[Row], provided: &BTreeMap<String, Date>) -> Vec<Bar> {
    let mut bars: BTreeMap<String, Bar> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|row| !row.hidden && row.facts.family != "other")
    {
        let system = row.facts.system();
        let query = format!(
            "family={}",
            url::form_urlencoded::byte_serialize(row.facts.family.as_bytes()).collect::<String>()
        );
        let bar = bars.entry(system.clone()).or_insert_with(|| Bar {
            system,
            images: 0,
            query,
            support: row.facts.support.clone(),
            provided: None,
        });
        bar.images += 1;
        bar.provided = bar.provided.max(provided.get(&row.id).copied());
    }
    let mut bars: Vec<Bar> = bars.into_values().collect();
    bars.sort_by_key(|bar| {
        let end = bar.support.end().map(|end| end.date);
        (end.is_none() && bar.support != Support::Old, end)
    });
    bars
}

/// The time line as it is drawn: places and lengths in the units of the drawing.
pub(crate) struct Drawing {
    pub(crate) height: i64,
    /// Where the day is.
    pub(crate) today: i64,
    /// The first of January of each year: place and number.
    pub(crate) years: Vec<(i64, i16)>,
    pub(crate) lanes: Vec<Lane>,
}

impl Drawing {
    /// Whether a year can be written here beside the word for the day.
    pub(crate) fn free(&self, place: &i64) -> bool {
        (place - self.today).abs() > 40
    }
}

/// One release in the drawing.
pub(crate) struct Lane {
    pub(crate) y: i64,
    pub(crate) label: String,
    /// Width of the bar up to the end of support; 0 when it is not known.
    pub(crate) width: i64,
    /// Whether support lasts beyond the right edge.
    pub(crate) beyond: bool,
    /// Where new builds end, if that is in the drawing.
    pub(crate) provided: Option<i64>,
    pub(crate) class: &'static str,
    pub(crate) says: String,
}

/// Where the drawing's time begins and ends, in its units.
pub(crate) const LEFT: i64 = 170;
pub(crate) const RIGHT: i64 = 920;
const TOP: i64 = 34;
const LANE: i64 = 26;

/// From a year ago to six years ahead.
const BEFORE: i64 = 365;
const AHEAD: i64 = 6 * 365;

/// Draws.
#[must_use]
pub(crate) fn draw(bars: &[Bar], world: World<'_>) -> Drawing {
    let place = |day: Date| {
        let at = days(world.today, day).clamp(-BEFORE, AHEAD) + BEFORE;
        LEFT + at * (RIGHT - LEFT) / (BEFORE + AHEAD)
    };
    let year = world.today.year();
    let first = |year: i16| Date::new(year, 1, 1).ok();
    let years = (year..=year.saturating_add(6))
        .filter_map(|year| Some((first(year)?, year)))
        .filter(|(day, _)| (-BEFORE..=AHEAD).contains(&days(world.today, *day)))
        .map(|(day, year)| (place(day), year));
    let lanes = bars.iter().zip(0..).map(|(bar, number)| {
        let end = bar.support.end().map(|end| end.date);
        Lane {
            y: TOP + number * LANE,
            label: bar.system.chars().take(24).collect(),
            // An end long ago still leaves a mark to be seen.
            width: end.map_or(0, |end| (place(end) - LEFT).max(3)),
            beyond: end.is_some_and(|end| days(world.today, end) > AHEAD),
            provided: bar
                .provided
                .filter(|day| (-BEFORE..=AHEAD).contains(&days(world.today, *day)))
                .map(place),
            class: bar.class(),
            says: bar.says(),
        }
    });
    Drawing {
        height: TOP + LANE * i64::try_from(bars.len()).unwrap_or_default() + 8,
        today: place(world.today),
        years: years.collect(),
        lanes: lanes.collect(),
    }
}

#[cfg(test)]
mod tests {
    use origin::Families;
    use origin::life::Dates;
    use serde_json::json;
    use wire::image::Image;

    use super::*;
    use crate::proving::Standing;

    fn with(records: &[serde_json::Value], test: impl FnOnce(Vec<Bar>, World<'_>)) {
        let (families, dates) = (Families::load(&[]).unwrap(), Dates::load(None).unwrap());
        let world = World {
            families: &families,
            dates: &dates,
            today: "2026-11-25".parse().unwrap(),
        };
        let rows: Vec<Row> = records
            .iter()
            .map(|record| {
                let image: Image = serde_json::from_value(record.clone()).unwrap();
                Row::of(&image, &Standing::Unknown, world)
            })
            .collect();
        test(bars(&rows, &BTreeMap::new()), world);
    }

    /// The ends are the vendors': Fedora 43 on 2026-12-09, Ubuntu 22.04 in 2027, Debian 13 in 2030.
    #[test]
    fn what_ends_first_comes_first_and_images_of_one_release_share_a_bar() {
        let of = |distro: &str, version: &str| json!({"id": format!("{distro}{version}"), "visibility": "public", "os_distro": distro, "os_version": version});
        let records = [
            of("debian", "13"),
            of("fedora", "43"),
            of("ubuntu", "22.04"),
            json!({"id": "x", "os_distro": "debian", "os_version": "13"}),
            json!({"id": "y", "os_distro": "windows", "os_version": "2025"}),
        ];
        with(&records, |bars, world| {
            let systems: Vec<&str> = bars.iter().map(|bar| bar.system.as_str()).collect();
            assert_eq!(
                systems,
                ["Fedora 43", "Ubuntu 22.04", "Debian 13", "windows 2025"]
            );
            assert_eq!(bars[2].images, 2);
            assert_eq!(
                (bars[0].class(), bars[1].class(), bars[3].class()),
                ("warn", "good", "none")
            );
            let drawing = draw(&bars, world);
            let widths: Vec<i64> = drawing.lanes.iter().map(|lane| lane.width).collect();
            assert!(
                0 < widths[0] && widths[0] < widths[1] && widths[1] < widths[2],
                "{widths:?}"
            );
            assert_eq!(widths[3], 0);
            assert!(drawing.today > LEFT && drawing.today < RIGHT);
        });
    }

    #[test]
    fn hidden_images_have_no_bar() {
        let hidden =
            json!({"id": "h", "os_hidden": true, "os_distro": "debian", "os_version": "12"});
        with(&[hidden], |bars, _| assert!(bars.is_empty()));
    }
}
