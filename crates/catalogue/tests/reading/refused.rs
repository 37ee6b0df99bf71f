//! What is no catalogue, what is a fault of one definition, and that both name the line.

use catalogue::Catalogue;
use catalogue::plan::Plan;
use proptest::prelude::*;

use super::over;

// long: a table.
#[test]
fn what_is_no_catalogue_is_refused_with_its_line() {
    for (text, line, said) in [
        ("catalogue: 1\nimage: {}\n", 2, "image"),
        (
            "catalogue: 1\nimages:\n  debian-13:\n    min_dsk: 8\n",
            4,
            "min_dsk",
        ),
        (
            "catalogue: 1\nimages:\n  debian-13:\n    min_disk: much\n",
            4,
            "min_disk",
        ),
        (
            "catalogue: 1\nimages:\n  debian-13:\n    min_disk: -1\n",
            4,
            "",
        ),
        (
            "catalogue: 1\nimages:\n  debian-13:\n    uuid_validity: last\n",
            4,
            "last-N",
        ),
        (
            "catalogue: 1\nimages:\n  debian-13:\n    provided_until: 2026-02-30\n",
            4,
            "YYYY-MM-DD",
        ),
        (
            "catalogue: 1\nimages:\n  debian-13:\n    os_purpose: general\n",
            4,
            "generic",
        ),
        ("catalogue: 1\nimages:\n  a: {}\n  a: {}\n", 4, "a"),
        ("catalogue: 2\n", 1, "form 2"),
        ("images: {}\n", 0, "catalogue"),
        (
            "catalogue: 1\ndefaults: {name: x}\n",
            2,
            "`name` is for single images",
        ),
        (
            "catalogue: 1\nimages: {Debian 13: {}}\n",
            0,
            "small letters",
        ),
        ("catalogue: 1\nimages: [\n", 0, ""),
        ("", 0, ""),
        ("- a\n- b\n", 0, ""),
    ] {
        let error = Catalogue::shipped()
            .unwrap()
            .add(text, "mine.yaml")
            .unwrap_err()
            .to_string();
        let place = if line > 0 {
            format!("mine.yaml:{line}: ")
        } else {
            "mine.yaml:".to_owned()
        };
        assert!(error.starts_with(&place), "{text:?}: {error}");
        assert!(error.contains(said), "{text:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

// long: a table.
#[test]
fn a_fault_of_one_definition_leaves_the_others_alone() {
    for (patch, said) in [
        ("name: ''", "1.yaml:3: debian-13: `name` is empty"),
        ("min_disk: 0", "1 GiB"),
        ("os_purpose: oldgeneric", "oldgeneric"),
        ("os_distro: Debian", "small letters"),
        ("uuid_validity: 2026-12-31", "ends before"),
        (
            "properties: {os_version: '13'}",
            "`os_version` has a key of its own",
        ),
        ("properties: {ectype_build: x}", "not for definitions"),
        ("image_description: \"a\\tb\"", "control character"),
        (
            "evidence: pinned, original: {url: 'https://example.org/a', build: a, date: 2026-01-01}",
            "needs the `digest`",
        ),
        (
            "original: {url: 'ftp://example.org/a', build: a, date: 2026-01-01}",
            "https or http",
        ),
        (
            "original: {url: 'https://example.org/a', build: a, date: 2026-01-01, digest: 'md5:00'}",
            "too weak",
        ),
        (
            "original: {url: 'https://example.org/a', build: a, date: January}",
            "no date",
        ),
    ] {
        let settled = over(&[&format!(
            "catalogue: 1\nimages:\n  debian-13: {{{patch}}}\n"
        )]);
        let faults: Vec<_> = settled
            .definitions
            .faults()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(
            faults.iter().any(|fault| fault.contains(said)),
            "{patch}: {faults:?}"
        );
        assert!(settled.definitions.get("debian-13").is_none());
        assert!(settled.definitions.get("debian-12").is_some());
        assert!(
            settled
                .definitions
                .faults()
                .iter()
                .all(|fault| fault.definition == "debian-13")
        );
    }
    let settled = over(&["catalogue: 1\nimages: {mine: {family: mine}}\n"]);
    let missing: Vec<_> = settled
        .definitions
        .faults()
        .iter()
        .map(|f| f.message.as_str())
        .collect();
    assert!(
        missing.contains(&"`name` is missing") && missing.contains(&"`login` is missing"),
        "{missing:?}"
    );
}

#[test]
fn two_definitions_that_cannot_both_be_are_both_at_fault() {
    let same_name = over(&["catalogue: 1\nimages: {debian-12: {name: Debian 13}}\n"]);
    let same_system = over(&["catalogue: 1\nimages: {debian-12: {os_version: '13'}}\n"]);
    for settled in [same_name, same_system] {
        let ids: Vec<_> = settled
            .definitions
            .faults()
            .iter()
            .map(|f| f.definition.as_str())
            .collect();
        assert_eq!(ids, ["debian-12", "debian-13"]);
        let places = settled
            .definitions
            .faults()
            .iter()
            .map(|f| f.place.is_some());
        assert_eq!(places.collect::<Vec<_>>(), [true, true]);
        assert!(settled.definitions.get("debian-13").is_none());
    }
}

#[test]
fn hostile_files_cost_little_and_end_in_an_error() {
    let bomb = "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n";
    let deep = format!("images: {}", "[".repeat(5_000));
    for text in [bomb, &deep] {
        assert!(
            Catalogue::empty()
                .unwrap()
                .add(text, "hostile.yaml")
                .is_err()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_more_than_an_error(
        file in prop::sample::select(vec![
            include_str!("../../../../assets/catalogue/debian.yaml"),
            include_str!("../samples/openstack-image-manager/cirros.yml"),
        ]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 1..6),
        noise in any::<String>(),
    ) {
        let mut text: Vec<char> = file.chars().collect();
        for (at, to) in changes {
            let at = at.index(text.len());
            text[at] = to;
        }
        for text in [text.into_iter().collect(), noise] {
            let text: String = text;
            let mut catalogue = Catalogue::empty().unwrap();
            if catalogue.add(&text, "x").is_ok() {
                drop(catalogue.settle());
            }
            prop_assert!(Plan::read(&text).is_err());
        }
    }
}
