//! The help: each command shows the options that mean something to it. All of them are taken everywhere.

use clap::{Arg, Command};

/// Commands that ask no cloud, with all under them.
const WITHOUT_CLOUD: &[&str] = &[
    "fetch",
    "keys",
    "digest",
    "convert",
    "inspect",
    "serve",
    "demo",
    "completions",
    "man",
    "catalogue newest",
    "catalogue show",
];

/// Commands whose answer has no format.
const WITHOUT_FORMAT: &[&str] = &["serve", "dashboard", "demo", "completions", "man"];

const CLOUD: &str = "Cloud of clouds.yaml to talk to (or OS_CLOUD); openstackclient's other --os-… options are taken, too: \
                     `ectype --help` lists them";

const CONNECTION: &str = "Connection";
const OUTPUT: &str = "Output";

/// The tree as help and manual pages show it: below the top, without what a command has no use for, and with the two options
/// that choose a cloud in place of all that describe one.
pub(super) fn shown(mut tree: Command) -> Command {
    tree.build();
    for command in tree.get_subcommands_mut() {
        let name = command.get_name().to_owned();
        show(command, &name);
    }
    tree
}

fn show(command: &mut Command, path: &str) {
    let below = |parent: &&str| {
        path.strip_prefix(*parent)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let cloud = !WITHOUT_CLOUD.iter().any(below);
    let format = !WITHOUT_FORMAT.contains(&path);
    *command = std::mem::take(command).mut_args(|option| fit(option, cloud, format));
    for command in command.get_subcommands_mut() {
        let path = format!("{path} {}", command.get_name());
        show(command, &path);
    }
}

fn fit(option: Arg, cloud: bool, format: bool) -> Arg {
    let first = !option.is_hide_short_help_set();
    match option.get_help_heading() {
        Some(CONNECTION) if cloud && first => match option.get_id().as_str() {
            "os_cloud" => option.long_help(CLOUD),
            _ => option,
        },
        Some(CONNECTION) => option.hide(true),
        Some(OUTPUT) if !format => option.hide(true),
        _ => option,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_that_are_named_are_there() {
        for path in [WITHOUT_CLOUD, WITHOUT_FORMAT].concat() {
            let mut command = &super::super::tree();
            for name in path.split(' ') {
                command = command.find_subcommand(name).unwrap();
            }
        }
    }
}
