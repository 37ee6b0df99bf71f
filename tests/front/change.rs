//! Changing images of a real cloud: the same wish by `openstack` and by ectype, and the same image afterwards.

use serde_json::Value;

use crate::live::{Lab, json, lab_to_change};

/// Two images that differ by their names, for one client each; deleted at the end by ours.
fn pair(lab: &Lab, what: &str) -> [String; 2] {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), vec![5_u8; 70_000]).unwrap();
    let file = file.path().to_str().unwrap();
    ["ours", "theirs"].map(|whose| {
        let name = format!("change {what} {whose} {}", std::process::id());
        let args = [
            "image",
            "create",
            "-f",
            "value",
            "-c",
            "id",
            "--disk-format",
            "raw",
        ];
        let made = lab.openstack(&[&args[..], &["--file", file, &name]].concat());
        made.trim().to_owned()
    })
}

/// An image without what differs between any two.
fn shown(lab: &Lab, id: &str) -> Value {
    let mut image = json(&lab.openstack(&["image", "show", id, "-f", "json"]));
    let object = image.as_object_mut().unwrap();
    for field in ["id", "created_at", "updated_at", "file", "name"] {
        object.remove(field);
    }
    let properties = image["properties"].as_object_mut().unwrap();
    properties.remove("owner_specified.openstack.object");
    let tags = image["tags"].as_array_mut().unwrap();
    tags.sort_by_key(ToString::to_string);
    image
}

/// Any id: Glance does not look whether there is such an image.
const KERNEL: &str = "11111111-1111-4111-8111-111111111111";

/// What both clients are told, one after the other.
const STEPS: [&[&str]; 9] = [
    &["set", "--min-disk", "3", "--min-ram", "512"],
    &[
        "set",
        "--property",
        "a b=c=d",
        "--property",
        "x/y~z=1",
        "--tag",
        "b",
        "--tag",
        "a",
    ],
    &[
        "set",
        "--architecture",
        "aarch64",
        "--kernel-id",
        KERNEL,
        "--ramdisk-id",
        KERNEL,
    ],
    &[
        "set",
        "--instance-id",
        "i",
        "--os-distro",
        "debian",
        "--os-version",
        "13",
    ],
    &["set", "--protected", "--hidden", "--private"],
    &["set", "--unprotected", "--unhidden", "--community"],
    &["set", "--deactivate"],
    &["set", "--activate", "--shared", "--tag", "c"],
    &[
        "unset",
        "--tag",
        "a",
        "--property",
        "a b",
        "--property",
        "x/y~z",
    ],
];

#[test]
fn set_and_unset_leave_what_the_real_client_leaves() {
    let Some(lab) = lab_to_change("set_and_unset_leave_what_the_real_client_leaves") else {
        return;
    };
    let [ours, theirs] = pair(&lab, "set");
    let before = shown(&lab, &ours);
    for step in STEPS {
        lab.ectype().answer(&[&["image"], step, &[&ours]].concat());
        lab.openstack(&[&["image"], step, &[&theirs]].concat());
        assert_eq!(shown(&lab, &ours), shown(&lab, &theirs), "{step:?}");
    }
    assert_ne!(shown(&lab, &ours), before);
    let again = lab
        .ectype()
        .run(&["image", "set", &ours, "--min-disk", "3"]);
    assert!(
        again.stderr.contains("nothing was sent"),
        "{}",
        again.stderr
    );
    lab.ectype().answer(&["image", "delete", &ours, &theirs]);
}

#[test]
fn deleting_spares_what_is_protected_or_ambiguous_and_goes_on() {
    let Some(lab) = lab_to_change("deleting_spares_what_is_protected_or_ambiguous_and_goes_on")
    else {
        return;
    };
    let [one, other] = pair(&lab, "delete");
    let ectype = lab.ectype();
    ectype.answer(&["image", "set", "--protected", &one]);
    let alone = ectype.run(&["image", "delete", &one]);
    assert_eq!(alone.code, 4, "{}", alone.stderr);
    assert!(alone.stderr.contains("--unprotected"), "{}", alone.stderr);
    let both = ectype.run(&["image", "delete", &one, "there is none", &other]);
    assert_eq!(both.code, 8, "{}", both.stderr);
    assert_eq!(ectype.run(&["image", "show", &other]).code, 5);
    let [twin, _] = [pair(&lab, "twin"), pair(&lab, "twin")];
    let name = format!("change twin ours {}", std::process::id());
    let ambiguous = ectype.run(&["image", "delete", &name]);
    assert_eq!(ambiguous.code, 5, "{}", ambiguous.stderr);
    assert!(ambiguous.stderr.contains(&twin[0]), "{}", ambiguous.stderr);
    ectype.answer(&["image", "set", "--unprotected", &one]);
    ectype.answer(&["image", "delete", &one]);
    let all = ectype.answer(&["image", "list", "-f", "value", "-c", "ID", "-c", "Name"]);
    for line in all.lines().filter(|line| line.contains("change twin")) {
        if line.ends_with(&std::process::id().to_string()) {
            ectype.answer(&["image", "delete", line.split(' ').next().unwrap()]);
        }
    }
}

#[test]
fn members_are_what_the_real_client_sees() {
    let Some(lab) = lab_to_change("members_are_what_the_real_client_sees") else {
        return;
    };
    let [ours, theirs] = pair(&lab, "member");
    let project = "0123456789abcdef0123456789abcdef";
    let ectype = lab.ectype();
    ectype.answer(&["image", "member", "add", &ours, project]);
    let args = ["image", "member", "list", &ours, "-f", "json"];
    let (mine, real) = lab.both(&args);
    assert_eq!(json(&mine), json(&real));
    assert_eq!(json(&mine).as_array().unwrap().len(), 1);
    let (mine, real) = lab.both(&["image", "member", "get", &ours, project, "-f", "json"]);
    assert_eq!(json(&mine), json(&real));
    let twice = ectype.run(&["image", "add", "project", &ours, project]);
    assert_eq!(twice.code, 4, "{}", twice.stderr);
    let foreign = ectype.run(&["image", "member", "accept", &ours, "--project", project]);
    assert_eq!(
        foreign.code, 4,
        "only the member answers: {}",
        foreign.stderr
    );
    ectype.answer(&["image", "remove", "project", &ours, project]);
    assert!(
        lab.openstack(&["image", "member", "list", &ours, "-f", "value"])
            .is_empty()
    );
    ectype.answer(&["image", "delete", &ours, &theirs]);
}

#[test]
fn what_is_saved_is_what_the_real_client_saves() {
    let Some(lab) = lab_to_change("what_is_saved_is_what_the_real_client_saves") else {
        return;
    };
    let [ours, theirs] = pair(&lab, "save");
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    lab.ectype()
        .answer(&["image", "save", &ours, "--file", &path("a")]);
    lab.openstack(&["image", "save", &ours, "--file", &path("b")]);
    let read = |name: &str| std::fs::read(path(name)).unwrap();
    assert!(read("a") == read("b") && !read("a").is_empty());
    let piped = lab
        .ectype()
        .command(&["image", "save", &ours])
        .output()
        .unwrap();
    assert!(piped.status.success() && piped.stdout == read("b"));
    lab.ectype().answer(&["image", "delete", &ours, &theirs]);
}

#[test]
fn a_preset_is_shown_sent_and_overridden() {
    let Some(lab) = lab_to_change("a_preset_is_shown_sent_and_overridden") else {
        return;
    };
    let [one, other] = pair(&lab, "preset");
    let ectype = lab.ectype();
    let unknown = ectype.run(&["image", "set", &one, "--os", "debain:13"]);
    assert_eq!(unknown.code, 2, "{}", unknown.stderr);
    assert!(unknown.stderr.contains("debian"), "{}", unknown.stderr);
    let set = [
        "image",
        "set",
        &one,
        "--os",
        "debian:13",
        "--property",
        "hw_disk_bus=virtio",
    ];
    let would = json(&ectype.answer(&[&set[..], &["--dry-run"]].concat()));
    assert_eq!(
        shown(&lab, &one),
        shown(&lab, &other),
        "a dry run has changed something"
    );
    let sent = ectype.run(&set);
    assert_eq!(sent.code, 0, "{}", sent.stderr);
    assert!(sent.stderr.contains(&would.to_string()), "{}", sent.stderr);
    let now = shown(&lab, &one);
    for (name, value) in [
        ("os_distro", "debian"),
        ("os_version", "13"),
        ("hw_disk_bus", "virtio"),
        ("hw_scsi_model", "virtio-scsi"),
        ("image_original_user", "debian"),
        ("architecture", "x86_64"),
    ] {
        assert_eq!(now["properties"][name], value, "{name}");
    }
    ectype.answer(&["image", "delete", &one, &other]);
}
