//! One definition in a cloud: Debian 13 under a name and a version that no other test has.

use serde_json::Value;

use crate::build::Build;
use crate::operator::{Operator, text};
use crate::run::{Run, sum};
use crate::vendors::Mirror;

/// An operator who provides one image.
pub(crate) struct One {
    pub(crate) operator: Operator,
    pub(crate) name: String,
}

/// A build of Debian 13 of July 2026; later for a larger number.
pub(crate) fn debian(number: usize) -> Build {
    let name = format!("202607{:02}-{}", number + 1, 2500 + number);
    Build::of("debian", "13", "x86_64", &name)
}

impl One {
    /// With build 0 published and nothing in the cloud.
    pub(crate) fn find(test: &str) -> Option<Self> {
        let mirror = || {
            let mut mirror = Mirror::new();
            mirror.publish([debian(0)]);
            mirror
        };
        let operator = Operator::find(test, mirror)?;
        let name = format!("Debian 13 {}", operator.mark);
        let one = Self { operator, name };
        one.define("");
        Some(one)
    }

    /// Writes the definition anew, with these values too.
    pub(crate) fn define(&self, more: &str) {
        let version = self.operator.mark.trim_start_matches('c').replace('-', ".");
        let text = format!(
            "catalogue: 1\nimages:\n  one:\n    name: {}\n    family: debian\n    release: '13'\n    login: debian\n    \
             os_distro: debian\n    os_version: '{version}'\n    min_disk: 3\n    min_ram: 512\n    \
             replace_frequency: quarterly\n    image_description: https://www.debian.org/releases/trixie/\n{more}",
            self.name
        );
        self.operator.file("one.yaml", &text);
    }

    /// Publishes another build, and gives it.
    pub(crate) fn publish(&mut self, number: usize) -> Build {
        self.operator.mirror.publish([debian(number)]);
        debian(number)
    }

    pub(crate) const SYNC: [&str; 4] = ["catalogue", "sync", "--alone", "one.yaml"];

    pub(crate) fn sync(&self) -> Run {
        self.operator.run(&Self::SYNC)
    }

    /// Syncs, which must end well.
    #[track_caller]
    pub(crate) fn synced(&self) {
        let run = self.sync();
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    }

    /// Fails the test unless the cloud has exactly these builds of ours, oldest first, the last of which has the name; or
    /// none of them has it.
    #[track_caller]
    pub(crate) fn expect(&self, builds: &[Build], named: bool) {
        let images = self.operator.images();
        assert_eq!(images.len(), builds.len(), "{images:#?}");
        for (index, build) in builds.iter().enumerate() {
            let image = images
                .iter()
                .find(|image| image["ectype_build"] == build.name);
            let image = image.unwrap_or_else(|| panic!("no {build:?} in {images:#?}"));
            let shown = named && index + 1 == builds.len();
            self.is_right(image, build, shown);
        }
    }

    #[track_caller]
    fn is_right(&self, image: &Value, build: &Build, shown: bool) {
        let day = build.name.split('-').next().unwrap();
        let name = match shown {
            true => self.name.clone(),
            false => format!("{} {day}", self.name),
        };
        let raw = self.operator.mirror.original(build).raw;
        let want = [
            ("name", name.as_str()),
            ("status", "active"),
            ("visibility", "public"),
            ("os_hidden", if shown { "false" } else { "true" }),
            ("os_purpose", if shown { "generic" } else { "oldgeneric" }),
            ("ectype_state", if shown { "current" } else { "old" }),
            ("image_source", &build.url()),
            ("os_hash_value", &sum("sha512sum", &raw)),
        ];
        for (field, value) in want {
            assert_eq!(text(image, field), value, "{field} of {image:#}");
        }
    }
}
