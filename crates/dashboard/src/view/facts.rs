//! What a record tells of an image: what it is of, who made it, what it claims to rest on.

use catalogue::plan::records;
use jiff::civil::Date;
use origin::life::{Dates, Support};
use origin::{Families, Family};
use wire::image::Image;

use super::fresh::Promise;

/// Who made an image, as far as its record tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    /// ectype, from its catalogue.
    Ectype {
        definition: String,
        build: String,
        state: String,
    },
    /// A machine's disk was taken.
    Snapshot {
        /// The machine, if it is told.
        of: String,
    },
    /// Somebody who says where the original lies.
    Copied,
    /// Somebody.
    Somebody,
}

/// What a record tells of an image.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// The family's short name; `other` for what says nothing of itself.
    pub(crate) family: String,
    /// The same for people.
    pub(crate) family_name: String,
    /// The release; empty when it is not told.
    pub(crate) release: String,
    pub(crate) maker: Maker,
    /// `signed`, `pinned`, `tls`, `none`; empty when nothing is recorded.
    pub(crate) evidence: String,
    pub(crate) promise: Promise,
    pub(crate) support: Support,
}

/// What is known of vendors, and the day.
#[derive(Clone, Copy)]
pub(crate) struct World<'a> {
    pub(crate) families: &'a Families,
    pub(crate) dates: &'a Dates,
    pub(crate) today: Date,
}

impl Facts {
    #[must_use]
    pub(crate) fn of(image: &Image, world: World<'_>) -> Self {
        let text = |name: &str| image.property(name).map_or("", str::trim);
        // `debian/13/x86_64`
        let stands_for: Vec<&str> = text(records::RELEASE).split('/').collect();
        let (named, release) = match stands_for.as_slice() {
            [family, release, _] => (*family, *release),
            _ => ("", text("os_version")),
        };
        let family = world
            .families
            .get(named)
            .or_else(|| by_distro(world.families, text("os_distro")));
        let key = match (family, named, text("os_distro")) {
            (Some(family), _, _) => family.family.clone(),
            (None, "", "") => "other".to_owned(),
            (None, "", distro) => distro.to_lowercase(),
            (None, named, _) => named.to_lowercase(),
        };
        Self {
            family_name: family.map_or_else(|| key.clone(), |family| family.name.clone()),
            support: support(family, release, world),
            family: key,
            release: release.to_owned(),
            maker: maker(image),
            evidence: text(records::EVIDENCE).to_owned(),
            promise: Promise::of(image, world.today),
        }
    }

    /// `Debian 13`, or the family alone.
    #[must_use]
    pub(crate) fn system(&self) -> String {
        format!("{} {}", self.family_name, self.release)
            .trim()
            .to_owned()
    }
}

/// The family whose images are described by this `os_distro`. Several share one; the one of that very name goes first.
fn by_distro<'a>(families: &'a Families, distro: &str) -> Option<&'a Family> {
    let own = families
        .get(distro)
        .filter(|family| family.image.os_distro == distro);
    own.or_else(|| families.iter().find(|one| one.image.os_distro == distro))
}

/// Vendors date releases as a whole, images often name a point of one: `9.4` is of `9`.
fn support(family: Option<&Family>, release: &str, world: World<'_>) -> Support {
    let counts = family.and_then(|family| family.lifecycle.as_ref());
    let Some(counts) = counts.filter(|_| !release.is_empty()) else {
        return Support::Unknown;
    };
    let whole = release.split('.').next().unwrap_or(release);
    let known = |release: &str| world.dates.cycle(&counts.product, release).is_some();
    let release = if known(release) || !known(whole) {
        release
    } else {
        whole
    };
    world.dates.support(Some(counts), release, world.today)
}

fn maker(image: &Image) -> Maker {
    let text = |name: &str| image.property(name).map_or("", str::trim);
    if !text(records::DEFINITION).is_empty() {
        return Maker::Ectype {
            definition: text(records::DEFINITION).to_owned(),
            build: text(records::BUILD).to_owned(),
            state: text(records::STATE).to_owned(),
        };
    }
    if text("image_type") == "snapshot" {
        return Maker::Snapshot {
            of: text("instance_uuid").to_owned(),
        };
    }
    match text("image_source") {
        "" | "private" => Maker::Somebody,
        _ => Maker::Copied,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn facts(properties: &Value) -> Facts {
        let mut record = json!({"id": "i", "name": "n"});
        for (name, value) in properties.as_object().unwrap() {
            record[name] = value.clone();
        }
        let image: Image = serde_json::from_value(record).unwrap();
        let (families, dates) = (Families::load(&[]).unwrap(), Dates::load(None).unwrap());
        let world = World {
            families: &families,
            dates: &dates,
            today: "2026-11-25".parse().unwrap(),
        };
        Facts::of(&image, world)
    }

    #[test]
    fn the_family_is_the_definition_s_or_that_of_the_distribution() {
        let own = facts(
            &json!({"ectype_release": "ubuntu-minimal/24.04/x86_64", "os_distro": "ubuntu", "ectype_definition": "d"}),
        );
        assert_eq!(
            (&own.family[..], &own.system()[..]),
            ("ubuntu-minimal", "Ubuntu Minimal 24.04")
        );
        let other = facts(&json!({"os_distro": "ubuntu", "os_version": "22.04"}));
        assert_eq!(other.family, "ubuntu");
        assert_eq!(facts(&json!({"os_distro": "Windows"})).family, "windows");
        assert_eq!(facts(&json!({})).family, "other");
    }

    /// The dates are the vendors': Debian 13's LTS ends on 2030-06-30, Rocky Linux 9's security support on 2032-05-31.
    #[test]
    fn a_point_release_has_the_life_of_its_release() {
        let day = |facts: &Facts| facts.support.end().map(|end| end.date.to_string());
        let rocky = facts(&json!({"os_distro": "rocky", "os_version": "9.4"}));
        assert_eq!(day(&rocky).as_deref(), Some("2032-05-31"));
        let debian = facts(&json!({"os_distro": "debian", "os_version": "13"}));
        assert_eq!(day(&debian).as_deref(), Some("2030-06-30"));
        assert_eq!(
            facts(&json!({"os_distro": "debian"})).support,
            Support::Unknown
        );
    }

    #[test]
    fn who_made_an_image_is_told_by_what_they_left_in_it() {
        let of = |properties: Value| facts(&properties).maker;
        assert!(matches!(
            of(json!({"ectype_definition": "debian-13"})),
            Maker::Ectype { .. }
        ));
        assert!(matches!(
            of(json!({"image_type": "snapshot"})),
            Maker::Snapshot { .. }
        ));
        assert_eq!(
            of(json!({"image_source": "https://v.example/x"})),
            Maker::Copied
        );
        assert_eq!(of(json!({"image_source": "private"})), Maker::Somebody);
    }
}
