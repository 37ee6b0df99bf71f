//! Vendors, operators and days around the model: a catalogue, what is published, and what happens.

use catalogue::Catalogue;
use catalogue::plan::{Build, Builds, Definitions, Found, Key, Plan, plan};
use catalogue::words::{Arch, Evidence, Which};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::json;

use crate::model::{Cloud, PROJECT};

/// What is different from definition to definition.
#[derive(Clone, Debug)]
pub(crate) struct Knobs {
    pub(crate) promote_first: bool,
    pub(crate) validity: &'static str,
    pub(crate) until: &'static str,
    pub(crate) dated: bool,
    pub(crate) pinned: Option<usize>,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            promote_first: false,
            validity: "last-2",
            until: "none",
            dated: true,
            pinned: None,
        }
    }
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) knobs: Vec<Knobs>,
    pub(crate) max_delete: u32,
    pub(crate) published: Vec<Vec<Build>>,
    pub(crate) failing: Vec<bool>,
    pub(crate) today: Date,
    pub(crate) cloud: Cloud,
    definitions: std::cell::OnceCell<Definitions>,
}

/// Something that happens.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Publish(usize),
    Withdraw(usize),
    Fail(usize, bool),
    Days(i64),
    Run(usize),
    Tamper(Tamper, usize),
    Stranger(usize),
}

/// What somebody does to an image by hand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tamper {
    Rename,
    Hide,
    Unhide,
    Property,
    Extra,
    Unlabel,
    Protect,
    Deactivate,
    Delete,
}

impl World {
    pub(crate) fn new(knobs: Vec<Knobs>, max_delete: u32) -> Self {
        let count = knobs.len();
        let mut world = Self {
            knobs,
            max_delete,
            published: vec![Vec::new(); count],
            failing: vec![false; count],
            today: date(2026, 1, 1),
            cloud: Cloud::default(),
            definitions: std::cell::OnceCell::new(),
        };
        (0..count).for_each(|of| world.publish(of));
        world
    }

    /// The catalogue; read once, unless the knobs are turned by [`World::turn`].
    pub(crate) fn definitions(&self) -> &Definitions {
        self.definitions.get_or_init(|| self.read())
    }

    /// Changes a definition.
    pub(crate) fn turn(&mut self, of: usize, how: impl FnOnce(&mut Knobs)) {
        how(&mut self.knobs[of]);
        self.definitions = std::cell::OnceCell::new();
    }

    fn read(&self) -> Definitions {
        let mut text = format!("catalogue: 1\nmax_delete: {}\nimages:\n", self.max_delete);
        for (index, knobs) in self.knobs.iter().enumerate() {
            let order = if knobs.promote_first {
                "promote-first"
            } else {
                "demote-first"
            };
            let build = match knobs.pinned {
                Some(number) => name(number),
                None => "newest".to_owned(),
            };
            text += &format!(
                "  os-{index}: {{name: 'OS {index}', family: fam{index}, release: '{index}', os_distro: fam{index}, \
                 login: user, min_disk: 2, min_ram: 512, replace_frequency: monthly, image_description: notes, \
                 rotation: {order}, uuid_validity: {}, provided_until: {}, build: {build}}}\n",
                knobs.validity, knobs.until
            );
        }
        let mut catalogue = Catalogue::empty().unwrap();
        catalogue.add(&text, "test.yaml").unwrap();
        let definitions = catalogue.settle().definitions;
        assert_eq!(definitions.faults(), []);
        definitions
    }

    pub(crate) fn builds(&self) -> Builds {
        let mut builds = Builds::new();
        for (index, published) in self.published.iter().enumerate() {
            let found = if self.failing[index] {
                Found::Failed("503".to_owned())
            } else {
                Found::Builds(published.clone())
            };
            let build = self.knobs[index]
                .pinned
                .map_or(Which::Newest, |number| Which::Pinned(name(number)));
            builds.insert(key(index, build), found);
        }
        builds
    }

    pub(crate) fn publish(&mut self, of: usize) {
        let number = self.published[of].len() + 1;
        let day = self.today;
        let dated = self.knobs[of].dated;
        self.published[of].push(build(of, number, dated.then_some(day)));
    }

    pub(crate) fn plan(&self) -> Plan {
        plan(
            self.definitions(),
            &self.builds(),
            &self.cloud.listed(),
            self.today,
        )
    }

    /// Plans and does all of it.
    pub(crate) fn sync(&mut self) -> Plan {
        let plan = self.plan();
        self.cloud.carry_out(&plan, usize::MAX, |_| {});
        plan
    }

    pub(crate) fn happens(&mut self, event: &Event) {
        let count = self.knobs.len();
        match event {
            Event::Publish(of) => self.publish(of % count),
            Event::Withdraw(of) => {
                let published = &mut self.published[of % count];
                if published.len() > 1 {
                    published.pop();
                }
            }
            Event::Fail(of, failing) => self.failing[of % count] = *failing,
            Event::Days(days) => self.today = self.today.checked_add((*days).days()).unwrap(),
            Event::Run(calls) => {
                let plan = self.plan();
                self.cloud.carry_out(&plan, *calls, |_| {});
            }
            Event::Tamper(what, which) => self.tamper(*what, *which),
            Event::Stranger(of) => self.stranger(of % count),
        }
    }

    fn tamper(&mut self, what: Tamper, which: usize) {
        if self.cloud.images.is_empty() {
            return;
        }
        let index = which % self.cloud.images.len();
        let image = &mut self.cloud.images[index];
        let id = image["id"].as_str().unwrap().to_owned();
        let mut set = |name: &str, value: serde_json::Value| image.insert(name.to_owned(), value);
        match what {
            Tamper::Rename => set("name", json!("Renamed")),
            Tamper::Hide => set("os_hidden", json!(true)),
            Tamper::Unhide => set("os_hidden", json!(false)),
            Tamper::Property => set("hw_disk_bus", json!("ide")),
            Tamper::Extra => set("hw_video_ram", json!("16")),
            Tamper::Unlabel => image.remove("ectype_build"),
            Tamper::Protect => set("protected", json!(true)),
            Tamper::Deactivate => set("status", json!("deactivated")),
            Tamper::Delete => {
                self.cloud.images.retain(|image| image["id"] != id.as_str());
                None
            }
        };
    }

    /// An image of the same name that is not ours: in our project without the tag, or in another with it.
    fn stranger(&mut self, of: usize) {
        let record = json!({
            "name": format!("OS {of}"), "visibility": "public", "os_purpose": "custom", "os_distro": format!("fam{of}"),
            "os_version": of.to_string(), "architecture": "x86_64", "ectype_definition": format!("os-{of}"),
            "ectype_build": "b1", "ectype_release": format!("fam{of}/{of}/x86_64"), "ectype_state": "current", "image_build_date": "2026-01-01",
            "ectype_file_digest": format!("sha256:{:064x}", of * 1000 + 1),
        });
        let id = self.cloud.create(record.as_object().unwrap());
        let image = self.cloud.images.last_mut().unwrap();
        assert_eq!(image["id"], id.as_str());
        image.insert("status".into(), json!("active"));
        if id.ends_with(['0', '2', '4', '6', '8']) {
            image.insert("owner".into(), json!("f".repeat(32)));
            image.insert("tags".into(), json!(["managed_by_ectype"]));
        }
    }

    /// The images that are not ours.
    pub(crate) fn strangers(&self) -> Vec<serde_json::Map<String, serde_json::Value>> {
        let tag = json!("managed_by_ectype");
        let ours = |image: &serde_json::Map<String, serde_json::Value>| {
            image["owner"] == PROJECT && image["tags"].as_array().unwrap().contains(&tag)
        };
        let all = self.cloud.images.iter();
        all.filter(|image| !ours(image)).cloned().collect()
    }
}

fn key(of: usize, build: Which) -> Key {
    Key {
        family: format!("fam{of}"),
        release: of.to_string(),
        arch: Arch::X86_64,
        build,
        original: None,
    }
}

pub(crate) fn name(number: usize) -> String {
    format!("b{number}")
}

pub(crate) fn build(of: usize, number: usize, date: Option<Date>) -> Build {
    let file = format!("os-{of}-{number}.qcow2");
    Build {
        family: format!("fam{of}"),
        release: of.to_string(),
        arch: Arch::X86_64,
        id: name(number),
        date,
        url: format!("https://vendor.example/{file}").parse().unwrap(),
        mirror: None,
        manifest: None,
        file,
        size: None,
        digests: vec![
            catalogue::digests::parse(&format!("sha256:{:064x}", of * 1000 + number)).unwrap(),
        ],
        evidence: Evidence::Tls,
        signer: None,
    }
}

prop_compose! {
    pub(crate) fn knobs()(
        promote_first: bool,
        dated: bool,
        validity in prop::sample::select(vec!["none", "last-1", "last-2", "notice", "2026-03-01"]),
        until in prop::sample::select(vec!["none", "none", "2026-03-01", "2026-06-01"]),
        pinned in prop::option::weighted(0.2, 1_usize..3),
    ) -> Knobs {
        let validity = if until == "2026-06-01" && validity == "2026-03-01" { "none" } else { validity };
        Knobs { promote_first, validity, until, dated, pinned }
    }
}

pub(crate) fn tamper() -> impl Strategy<Value = Tamper> {
    prop::sample::select(vec![
        Tamper::Rename,
        Tamper::Hide,
        Tamper::Unhide,
        Tamper::Property,
        Tamper::Extra,
        Tamper::Unlabel,
        Tamper::Protect,
        Tamper::Deactivate,
        Tamper::Delete,
    ])
}

pub(crate) fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (0_usize..3).prop_map(Event::Publish),
        1 => (0_usize..3).prop_map(Event::Withdraw),
        1 => (0_usize..3, any::<bool>()).prop_map(|(of, failing)| Event::Fail(of, failing)),
        3 => (1_i64..60).prop_map(Event::Days),
        4 => (0_usize..20).prop_map(Event::Run),
        3 => Just(Event::Run(usize::MAX)),
        1 => (tamper(), 0_usize..20).prop_map(|(what, which)| Event::Tamper(what, which)),
        1 => (0_usize..3).prop_map(Event::Stranger),
    ]
}

prop_compose! {
    /// A world after a history.
    pub(crate) fn worlds()(
        knobs in prop::collection::vec(knobs(), 1..4),
        max_delete in prop::sample::select(vec![0_u32, 1, 3, 50]),
        history in prop::collection::vec(event(), 0..16),
    ) -> (Vec<Knobs>, u32, Vec<Event>) {
        (knobs, max_delete, history)
    }
}

pub(crate) fn after((knobs, max_delete, history): (Vec<Knobs>, u32, Vec<Event>)) -> World {
    let mut world = World::new(knobs, max_delete);
    for event in &history {
        world.happens(event);
    }
    world
}
