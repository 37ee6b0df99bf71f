//! What commands that ask vendors have in common: which families there are, mirrors, and where one may go.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use jiff::civil::Date;
use origin::family::Error;
use origin::life::Dates;
use origin::{Cache, Client, Families, Family, Mirror, Trouble, feed};

use super::verify::seconds;
use crate::context::{cache_folder, config_folder};
use crate::failure::{Exit, Failure};

/// Ways to vendors.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Vendors")]
pub(crate) struct Vendors {
    /// A folder of further families, beside ~/.config/ectype/families, repeatable; the last one counts
    #[arg(long = "families", value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Ask this address instead of the vendor's, or instead of one of its hosts; repeatable
    #[arg(long = "mirror", value_name = "URL|HOST=URL", value_parser = Mirror::parse)]
    pub(crate) mirrors: Vec<Mirror>,
    /// Go to addresses of this machine and its own network, too
    #[arg(long)]
    allow_private: bool,
    /// How many seconds a server may send nothing
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds, hide_short_help = true)]
    stall_timeout: Duration,
}

impl Vendors {
    /// All families: the shipped ones, the user's, those of the folders given.
    pub(crate) fn families(&self) -> Result<Families, Failure> {
        for folder in &self.folders {
            if !folder.is_dir() {
                let message = format!("`{}` is no folder", folder.display());
                return Err(Failure::new(Exit::Config, message));
            }
        }
        families(&self.folders)
    }

    /// Whether addresses of the own network may be gone to.
    pub(crate) fn is_private(&self) -> bool {
        self.allow_private
    }

    /// The client for vendors' servers.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Ok(Client::new(&net::Options {
            stall_timeout: self.stall_timeout,
            private: self.allow_private,
            ..net::Options::default()
        })?)
    }
}

/// The shipped families, the user's, and those of `folders`.
pub(crate) fn families(folders: &[PathBuf]) -> Result<Families, Failure> {
    let own = config_folder().map(|folder| folder.join("families"));
    let folders: Vec<PathBuf> = own.into_iter().chain(folders.iter().cloned()).collect();
    Families::load(&folders).map_err(|error| {
        let failure = Failure::of(Exit::Config, &error);
        match error {
            Error::Syntax { .. } => failure.hint("docs/families.md says what a family file is"),
            Error::File { .. } => failure,
        }
    })
}

/// Where vendors' pages are kept.
pub(crate) fn pages() -> Option<Cache> {
    cache_folder().map(|folder| Cache::new(folder.join("pages")))
}

/// The life-cycle dates, with those of the user's.
pub(crate) fn dates() -> Result<Dates, Failure> {
    let own = config_folder().map(|folder| folder.join("lifecycle.json"));
    Dates::load(own.as_deref()).map_err(|error| Failure::of(Exit::Config, &error))
}

/// The day by UTC.
pub(crate) fn today() -> Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

/// The family of this name.
pub(crate) fn family<'a>(families: &'a Families, name: &str) -> Result<&'a Family, Failure> {
    families.get(name).ok_or_else(|| {
        let names: Vec<&str> = families.iter().map(|one| one.family.as_str()).collect();
        Failure::new(Exit::NotFound, format!("there is no family `{name}`"))
            .cause(format!("families: {}", names.join(", ")))
    })
}

/// A search for builds that failed.
pub(crate) fn failure(error: &feed::Error) -> Failure {
    use feed::Error as E;
    let exit = match error {
        E::Arch { .. } | E::Release { .. } | E::Missing { .. } | E::Nothing { .. } => {
            Exit::NotFound
        }
        E::Unreadable { .. } => Exit::Unreachable,
        E::File { .. } => Exit::Config,
        E::Page { source, .. } => match source.trouble() {
            Trouble::Gone => Exit::NotFound,
            Trouble::Refused => Exit::Refused,
            Trouble::Untrusted => Exit::Untrusted,
            _ => Exit::Unreachable,
        },
    };
    let failure = Failure::of(exit, error);
    match error {
        E::Page { source, .. } => match hint(source) {
            Some(hint) => failure.hint(hint),
            None => failure,
        },
        E::Nothing { .. } | E::Missing { .. } => failure
            .hint("vendors keep only their newest builds, and now and then change their pages"),
        _ => failure,
    }
}

/// What to do where the cause is plain.
pub(crate) fn hint(error: &origin::Error) -> Option<&'static str> {
    match error {
        origin::Error::Net(net::Error::Private { .. }) => {
            Some("if you mean a server of your own network: `--allow-private`")
        }
        error => error.hint(),
    }
}
