//! Help, version, completions, manual: instant, offline, and pinned.

use std::fs;

use world::World;

use crate::run::Ectype;

/// Every command line that must neither read a configuration nor open a connection.
const OFFLINE: &[&[&str]] = &[
    &["--version"],
    &["--help"],
    &["-h"],
    &["image", "list", "--help"],
    &["completions", "bash"],
    &["completions", "zsh"],
    &["completions", "fish"],
    &["man"],
];

#[test]
fn help_version_and_completions_need_no_cloud_and_no_configuration() {
    let world = World::start();
    let ectype = Ectype::new()
        .env("OS_AUTH_URL", world.url("/v3"))
        .env("OS_CLOUD", "nowhere")
        .env("OS_CLIENT_CONFIG_FILE", "broken.yaml");
    fs::write(ectype.home().join("broken.yaml"), "clouds: [").unwrap();
    for args in OFFLINE {
        assert!(!ectype.answer(args).is_empty(), "{args:?}");
    }
    assert_eq!(world.connections(), 0);
    let left = fs::read_dir(ectype.home()).unwrap().count();
    assert_eq!(left, 1, "something was written into the home");
}

#[test]
fn the_help_of_the_whole_tree_changes_only_on_purpose() {
    let ectype = Ectype::new().env("COLUMNS", "100");
    let mut tree = ectype.answer(&["--help"]);
    let mut paths: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(path) = paths.pop() {
        let mut args: Vec<&str> = path.iter().map(String::as_str).collect();
        args.push("-h");
        let help = ectype.answer(&args);
        for name in subcommands(&help) {
            paths.push([path.clone(), vec![name]].concat());
        }
        tree.push_str(&format!(
            "\n{:=<100}\n{help}",
            format!("== ectype {} ", args.join(" "))
        ));
    }
    insta::assert_snapshot!("help", tree);
}

fn subcommands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    // A further line of a command's help is indented more.
    let lines = lines
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "));
    let mut names: Vec<String> = lines
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect();
    names.sort();
    names.reverse();
    names
}

#[test]
fn global_options_work_before_and_after_the_command() {
    let ectype = Ectype::new();
    let before = ectype.run(&["--os-cloud", "x", "-f", "json", "cloud", "show"]);
    let after = ectype.run(&["cloud", "show", "-f", "json", "--cloud", "x"]);
    assert_eq!(before.stderr, after.stderr);
    assert!(after.stderr.contains("`x`"), "{}", after.stderr);
}

#[test]
fn a_command_shows_the_options_that_mean_something_to_it() {
    let ectype = Ectype::new();
    for (command, shown, hidden) in [
        (vec![], "--os-username --prefix", "--stored"),
        (
            vec!["image", "list"],
            "--os-cloud --prefix",
            "--os-username",
        ),
        (vec!["digest"], "--format --prefix", "--os-cloud --clouds"),
        (vec!["serve"], "--listen --quiet", "--os-cloud --format"),
        (
            vec!["serve", "user", "list"],
            "--data --format",
            "--os-cloud",
        ),
        (vec!["dashboard"], "--os-cloud --quiet", "--format --prefix"),
    ] {
        let help = ectype.answer(&[&command[..], &["--help"]].concat());
        let has = |option: &str| help.split_whitespace().any(|word| word == option);
        for option in shown.split(' ') {
            assert!(has(option), "{command:?} {option}: {help}");
        }
        for option in hidden.split(' ') {
            assert!(!has(option), "{command:?} {option}: {help}");
        }
    }
    // What is not shown is taken all the same: the same words may stand before any command.
    ectype.answer(&["keys", "list", "--os-cloud", "x"]);
}

#[test]
fn a_manual_page_is_written_for_every_command() {
    let ectype = Ectype::new();
    ectype.answer(&["man", "pages"]);
    let list = fs::read_to_string(ectype.home().join("pages/ectype-image-list.1")).unwrap();
    assert!(list.contains("\\-\\-member\\-status"), "{list}");
}
