//! Creating in a real cloud: the real client gets the oracle's bytes back, and recognises what we made.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use world::{Page, World};

use crate::create::{noise, qcow2};
use crate::live::{Lab, json, lab_that_converts, lab_to_change};
use crate::run::Ectype;
use crate::save::sum;

/// A disk with holes.
fn disk() -> Vec<u8> {
    let mut disk = noise(9 << 20);
    disk[3 << 20..7 << 20].fill(0);
    disk
}

/// One test's user, and names of its own.
pub(crate) struct Maker {
    lab: Lab,
    pub(crate) ectype: Ectype,
    name: String,
}

impl Maker {
    pub(crate) fn new(test: &str) -> Option<Self> {
        Some(Self::of(lab_to_change(test)?, test))
    }

    fn of(lab: Lab, test: &str) -> Self {
        let ectype = lab.ectype();
        let name = format!("{test} {}", std::process::id());
        Self { lab, ectype, name }
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) {
        fs::write(self.ectype.home().join(name), bytes).unwrap();
    }

    pub(crate) fn create(&self, args: &[&str]) -> Value {
        let all = [&["image", "create", &self.name, "-f", "json"], args].concat();
        let ended = self.ectype.run(&all);
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.stderr);
        json(&ended.stdout)
    }

    /// What the real client downloads.
    pub(crate) fn saved(&self, image: &Value) -> Vec<u8> {
        let file = self.ectype.home().join("saved");
        let (file, id) = (file.to_str().unwrap(), image["id"].as_str().unwrap());
        self.lab.openstack(&["image", "save", "--file", file, id]);
        fs::read(file).unwrap()
    }

    /// Begins to create an image and kills the client after a while.
    fn kill(&self, way: &[&str], after: Duration) {
        let args = [&["image", "create", &self.name, "--file"], way].concat();
        let mut child = self
            .ectype
            .command(&args)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// All images of this name, once the cloud has noticed that nobody sends any more.
    fn settled(&self) -> Vec<Value> {
        loop {
            let args = [
                "image", "list", "--name", &self.name, "-f", "value", "-c", "id",
            ];
            let ids = self.ectype.answer(&args);
            let show = |id: &str| json(&self.ectype.answer(&["image", "show", id, "-f", "json"]));
            let images: Vec<Value> = ids.lines().map(show).collect();
            let busy = |image: &Value| {
                ["saving", "importing"].contains(&image["status"].as_str().unwrap())
            };
            if !images.iter().any(busy) {
                return images;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    pub(crate) fn delete(&self, image: &Value) {
        let id = image["id"].as_str().unwrap();
        self.ectype.answer(&["image", "delete", id]);
    }
}

#[test]
fn the_real_client_gets_what_qemu_img_makes_of_the_file() {
    let Some(maker) = Maker::new("the_real_client_gets_what_qemu_img_makes_of_the_file") else {
        return;
    };
    let (raw, packed) = (disk(), qcow2(&disk()));
    maker.file("disk.raw", &raw);
    maker.file("disk.qcow2", &packed);
    let world = World::start();
    world.put("/disk.qcow2", Page::bytes(packed.clone()));
    let url = world.url("/disk.qcow2");
    for (args, format, bytes) in [
        (&["--file", "disk.raw"][..], "raw", &raw),
        (&["--file", "disk.qcow2"], "qcow2", &packed),
        (&["--file", "disk.qcow2", "--convert", "raw"], "raw", &raw),
        (&["--file", "disk.qcow2", "--import"], "qcow2", &packed),
        (&["--file", &url], "qcow2", &packed),
        (&["--file", &url, "--convert", "raw"], "raw", &raw),
        (&["--uri", &url], "qcow2", &packed),
    ] {
        let image = maker.create(args);
        assert_eq!(image["status"], "active", "{args:?}");
        assert_eq!(image["disk_format"], format, "{args:?}");
        assert_eq!(image["min_disk"], 1, "{args:?}");
        assert!(maker.saved(&image) == *bytes, "{args:?}");
        maker.delete(&image);
    }
}

/// Format and options of every kind of file that `qemu-img` writes and ectype reads.
const KINDS: [(&str, &str); 10] = [
    ("qcow2", "compat=0.10"),
    ("qcow2", "compression_type=zstd"),
    ("qcow2", "extended_l2=on"),
    ("vmdk", "subformat=monolithicSparse"),
    ("vmdk", "subformat=streamOptimized"),
    ("vhdx", "subformat=dynamic"),
    ("vhdx", "subformat=fixed"),
    ("vpc", "subformat=dynamic"),
    ("vpc", "subformat=fixed"),
    ("vdi", "static=on"),
];

#[test]
fn every_format_that_is_read_arrives_as_the_disk_that_qemu_img_decodes() {
    let Some(maker) =
        Maker::new("every_format_that_is_read_arrives_as_the_disk_that_qemu_img_decodes")
    else {
        return;
    };
    let home = maker.ectype.home().to_owned();
    let qemu = |args: &[&str]| {
        let mut run = Command::new("qemu-img");
        run.args(args).current_dir(&home);
        assert!(run.status().unwrap().success(), "{args:?}");
    };
    maker.file("disk", &disk());
    for (format, options) in KINDS {
        let convert = ["convert", "-f", "raw", "-O", format, "-o", options];
        qemu(&[&convert[..], &["disk", "image"]].concat());
        qemu(&["convert", "-f", format, "-O", "raw", "image", "oracle"]);
        let image = maker.create(&["--file", "image", "--convert", "raw"]);
        let what = format!("{format} {options}");
        assert_eq!(image["disk_format"], "raw", "{what}");
        let oracle = fs::read(home.join("oracle")).unwrap();
        assert!(maker.saved(&image) == oracle, "{what}");
        maker.delete(&image);
        // Without a wish the cloud gets what every cloud takes.
        if format != "qcow2" {
            let image = maker.create(&["--file", "image"]);
            assert_eq!(image["disk_format"], "raw", "{what}");
            assert!(maker.saved(&image) == oracle, "{what}");
            maker.delete(&image);
        }
    }
}

#[test]
fn a_pipe_arrives_whole_and_unpacked() {
    let Some(maker) = Maker::new("a_pipe_arrives_whole_and_unpacked") else {
        return;
    };
    maker.file("disk.raw", &disk());
    let script = format!(
        "xz -T1 -0 -c disk.raw | {} image create pipe --file - -f json",
        env!("CARGO_BIN_EXE_ectype")
    );
    let mut shell = Command::new("sh");
    let ectype = maker.ectype.command(&[]);
    shell.envs(
        ectype
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let out = shell
        .args(["-c", &script])
        .current_dir(maker.ectype.home())
        .output()
        .unwrap();
    let image = json(&String::from_utf8(out.stdout).unwrap());
    assert!(maker.saved(&image) == disk());
    maker.delete(&image);
}

/// Asks openstacksdk to create an image of a file unless it is there; prints the id that it ends with.
const SDK: &str = "
import openstack, sys
name, file, digests = sys.argv[1:]
from openstack import utils
md5, sha256 = utils._get_file_hashes(file)
given = dict(validate_checksum=True) if digests == 'no' else dict(md5=md5, sha256=sha256)
image = openstack.connect().image.create_image(name, filename=file, allow_duplicates=False, disk_format='qcow2', **given)
print(image.id)
";

#[test]
fn openstacksdk_recognises_an_image_of_the_same_file_as_up_to_date() {
    let test = "openstacksdk_recognises_an_image_of_the_same_file_as_up_to_date";
    let Some(maker) = Maker::new(test) else {
        return;
    };
    maker.file("disk.qcow2", &qcow2(&disk()));
    maker.file("other.qcow2", &qcow2(&noise(70_000)));
    for convert in [&[][..], &["--convert", "raw"]] {
        let image = maker.create(&[&["--file", "disk.qcow2"], convert].concat());
        let name = image["name"].as_str().unwrap();
        for digests in ["no", "yes"] {
            let args = ["-c", SDK, name, "disk.qcow2", digests];
            assert_eq!(maker.lab.python(&args, maker.ectype.home()), image["id"]);
        }
        // And of another file it is not.
        let args = ["-c", SDK, name, "other.qcow2", "yes"];
        let other = maker.lab.python(&args, maker.ectype.home());
        assert_ne!(other, image["id"]);
        maker.ectype.answer(&["image", "delete", &other]);
        maker.delete(&image);
    }
}

#[test]
fn a_client_that_is_killed_never_leaves_an_active_image_with_wrong_bytes() {
    let test = "a_client_that_is_killed_never_leaves_an_active_image_with_wrong_bytes";
    let Some(maker) = Maker::new(test) else {
        return;
    };
    let (raw, packed) = (noise(64 << 20), qcow2(&noise(64 << 20)));
    maker.file("disk.raw", &raw);
    maker.file("disk.qcow2", &packed);
    let right = [sum("sha512sum", &raw), sum("sha512sum", &packed)];
    let ways: [&[&str]; 4] = [
        &["disk.raw"],
        &["disk.qcow2"],
        &["disk.qcow2", "--convert", "raw"],
        &["disk.qcow2", "--import"],
    ];
    let kills: u64 = std::env::var("ECTYPE_TEST_KILLS").map_or(8, |text| text.parse().unwrap());
    for kill in 0..kills {
        let way = ways[usize::try_from(kill).unwrap() % ways.len()];
        // Spread over the whole run, from before the log-in to after the end.
        maker.kill(way, Duration::from_millis(kill * 7919 % 900));
    }
    for image in maker.settled() {
        let hash = image["properties"]["os_hash_value"]
            .as_str()
            .unwrap_or_default();
        let whole = right.iter().any(|right| right == hash);
        assert!(image["status"] != "active" || whole, "{image}");
        // Before it has been compared only its project sees it.
        let compared = image["properties"]
            .get("owner_specified.openstack.md5")
            .is_some();
        assert_eq!(image["visibility"] == "private", !compared, "{image}");
        maker.delete(&image);
    }
}

#[test]
fn what_a_cloud_converts_while_it_imports_is_compared_as_a_disk() {
    let test = "what_a_cloud_converts_while_it_imports_is_compared_as_a_disk";
    let Some(lab) = lab_that_converts(test) else {
        return;
    };
    let maker = Maker::of(lab, test);
    maker.file("disk.qcow2", &qcow2(&disk()));
    let world = World::start();
    world.put("/disk.qcow2", Page::bytes(qcow2(&disk())));
    for args in [
        &["--file", "disk.qcow2", "--import"][..],
        &["--uri", &world.url("/disk.qcow2")],
    ] {
        let image = maker.create(args);
        assert_eq!(image["disk_format"], "raw", "{args:?}");
        assert!(maker.saved(&image) == disk(), "{args:?}");
        maker.delete(&image);
    }
}

#[test]
fn what_a_real_cloud_refuses_is_told_in_its_words_and_leaves_nothing() {
    let test = "what_a_real_cloud_refuses_is_told_in_its_words_and_leaves_nothing";
    let Some(maker) = Maker::new(test) else {
        return;
    };
    maker.file("disk.raw", &disk());
    let world = World::start();
    world.put("/disk.raw", Page::bytes(disk()));
    // A name that the lab's Glance does not fetch from, and an address that is not there.
    let (filtered, gone) = (
        world.url_by_name("127.0.0.2", "/disk.raw"),
        world.url("/gone.raw"),
    );
    for (args, words) in [
        (
            &["--file", "disk.raw", "--store", "nowhere"][..],
            "nowhere not found",
        ),
        (&["--file", "disk.raw", "--public"], "publicize_image"),
        (
            &["--file", "disk.raw", "--import", "--store", "nowhere"],
            "nowhere",
        ),
        (
            &["--uri", &filtered, "--disk-format", "raw"],
            "does not pass filtering",
        ),
        (&["--uri", &gone, "--disk-format", "raw"], "Task failed"),
    ] {
        let all = [&["image", "create", &maker.name], args].concat();
        let ended = maker.ectype.run(&all);
        assert_eq!(ended.code, 4, "{args:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(words), "{args:?}: {}", ended.stderr);
        assert_eq!(maker.settled(), Vec::<Value>::new(), "{args:?}");
    }
}

#[test]
fn the_ways_to_import_are_what_the_real_client_shows() {
    let Some(lab) = lab_to_change("the_ways_to_import_are_what_the_real_client_shows") else {
        return;
    };
    for form in ["table", "value", "json"] {
        let (ours, theirs) = lab.both(&["image", "import", "info", "-f", form]);
        match form {
            "json" => assert_eq!(json(&ours), json(&theirs)),
            _ => assert_eq!(ours, theirs),
        }
    }
}
