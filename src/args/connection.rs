//! The options that say which cloud, and as whom: one `--os-…` option for every setting that `cloud` knows.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};
use cloud::config::{KEYS, Key};

/// What was given on the command line about the connection. Nothing of it is checked here.
#[derive(Clone, Default)]
pub(crate) struct Connection {
    /// The cloud's name in clouds.yaml.
    pub(crate) cloud: Option<String>,
    /// The file to read instead of clouds.yaml in its usual places.
    pub(crate) clouds: Option<PathBuf>,
    /// Settings by name, such as `auth_url`.
    pub(crate) settings: Vec<(String, String)>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("cloud", &self.cloud)
            .finish_non_exhaustive()
    }
}

/// Settings without a value of their own, which openstackclient spells without `os`.
fn is_switch(key: &Key) -> bool {
    matches!(key.name, "verify" | "insecure")
}

/// The help as the other options have it: with a capital letter.
fn sentence(help: &str) -> String {
    let mut letters = help.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

fn option(key: &'static Key) -> Arg {
    let arg = Arg::new(key.name)
        .global(true)
        .help(sentence(key.help))
        .hide_short_help(true);
    if is_switch(key) {
        let long = key.name;
        let other = if long == "verify" {
            "insecure"
        } else {
            "verify"
        };
        return arg
            .long(long)
            .action(ArgAction::SetTrue)
            .conflicts_with(other);
    }
    let dashed = |name: &str| format!("os-{}", name.replace('_', "-"));
    let value = if key.secret { "SECRET" } else { "VALUE" };
    arg.long(dashed(key.name))
        .aliases(key.aliases.iter().map(|name| dashed(name)))
        .value_name(value)
        .value_parser(value_parser!(String))
}

impl Args for Connection {
    fn augment_args(command: Command) -> Command {
        let cloud = Arg::new("os_cloud")
            .long("os-cloud")
            .visible_alias("cloud")
            .global(true)
            .value_name("NAME")
            .help("Cloud of clouds.yaml to talk to (or OS_CLOUD)");
        let clouds = Arg::new("clouds")
            .long("clouds")
            .global(true)
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("Read this file instead of looking for clouds.yaml (or OS_CLIENT_CONFIG_FILE)");
        command
            .next_help_heading("Connection")
            .args([cloud, clouds])
            .args(KEYS.iter().map(option))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Connection {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut connection = Self::default();
        connection.update_from_arg_matches(matches)?;
        Ok(connection)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.cloud = matches.get_one::<String>("os_cloud").cloned();
        self.clouds = matches.get_one::<PathBuf>("clouds").cloned();
        let given = |key: &Key| {
            if is_switch(key) {
                return matches.get_flag(key.name).then(|| "true".to_owned());
            }
            matches.get_one::<String>(key.name).cloned()
        };
        self.settings = KEYS
            .iter()
            .filter_map(|key| Some((key.name.to_owned(), given(key)?)))
            .collect();
        Ok(())
    }
}
