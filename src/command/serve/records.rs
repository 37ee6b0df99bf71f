//! Where the service keeps its records, opened by its owner without the service.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use database::Pool;
use identity::own::{Error, Own, Settings};

use super::chosen::File;
use crate::context::data_folder;
use crate::failure::{Exit, Failure};

/// The database's name in the service's folder.
const FILE: &str = "ectype.db";

/// Where the service keeps its records.
#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "Service")]
pub(crate) struct Records {
    /// The service's folder [default: ~/.local/share/ectype]
    #[arg(long, value_name = "DIR", env = "ECTYPE_DATA", hide_env_values = true)]
    data: Option<PathBuf>,
    /// The service's database, where it is none in its folder: postgres://USER@HOST/NAME or sqlite:PATH
    #[arg(
        long,
        value_name = "URL",
        env = "ECTYPE_DATABASE",
        hide_env_values = true
    )]
    database: Option<String>,
    /// The configuration file [default: `config.yaml` in the service's folder]
    #[arg(
        long,
        value_name = "FILE",
        env = "ECTYPE_SERVE_CONFIG",
        hide_env_values = true
    )]
    config: Option<PathBuf>,
}

impl Records {
    /// Opens what they say of users. A service that was never started has none: the first start makes its administrator.
    ///
    /// # Errors
    /// There are none, they cannot be read, or the users are a Keystone's.
    pub(super) async fn open(&self) -> Result<Own, Failure> {
        let folder = self.folder()?;
        let file = self.file(&folder)?;
        if let Some(keystone) = &file.keystone {
            let message = format!("the users of this service are those of {}", keystone.url);
            return Err(Failure::new(Exit::Config, message).hint(
                "manage them there: `openstack user …`, `openstack project …`, `openstack role …`",
            ));
        }
        let own = Own::open(self.connect(&file, &folder).await?, Settings::default()).await;
        own.map_err(|error| failure(&error))
    }

    /// What the configuration file says.
    ///
    /// # Errors
    /// It cannot be read, or says what is not known.
    pub(super) fn file(&self, folder: &Path) -> Result<File, Failure> {
        File::read(self.config.as_deref(), folder)
    }

    /// Connects to the database of a service that was started before.
    ///
    /// # Errors
    /// There is none, or it does not answer.
    pub(super) async fn pool(&self) -> Result<Pool, Failure> {
        let folder = self.folder()?;
        let file = self.file(&folder)?;
        self.connect(&file, &folder).await
    }

    async fn connect(&self, file: &File, folder: &Path) -> Result<Pool, Failure> {
        let address = self.address_with_existing(file, folder)?;
        let pool = database::connect(&address).await;
        pool.map_err(|error| failure(&error.into()))
    }

    /// The service's folder.
    ///
    /// # Errors
    /// Nothing says where it is.
    pub(super) fn folder(&self) -> Result<PathBuf, Failure> {
        let folder = self.data.clone().or_else(data_folder);
        folder.ok_or_else(|| {
            Failure::new(Exit::Config, "it is not known where the service is")
                .hint("name its folder with `--data DIR`")
        })
    }

    /// The database's address: the one that was chosen, or that of the file in the folder, which is made.
    ///
    /// # Errors
    /// The file cannot be made.
    pub(super) fn address_with(&self, file: &File, folder: &Path) -> Result<String, Failure> {
        let chosen = self.database.clone().or_else(|| file.database.clone());
        match chosen {
            Some(address) => Ok(address),
            None => database::file(&folder.join(FILE)).map_err(|error| failure(&error.into())),
        }
    }

    /// The same of a service that was started before.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn address_with_existing(
        &self,
        file: &File,
        folder: &Path,
    ) -> Result<String, Failure> {
        let chosen = self.database.is_some() || file.database.is_some();
        if !chosen && !folder.join(FILE).exists() {
            let message = format!("there is no service in `{}`", folder.display());
            return Err(Failure::new(Exit::NotFound, message).hint(
                "name its folder with `--data DIR`, or start it there once: `ectype serve --data DIR`",
            ));
        }
        self.address_with(file, folder)
    }
}

/// What an error of the identity service means for the one who typed the command.
pub(super) fn failure(error: &Error) -> Failure {
    let exit = match error {
        Error::Missing { .. } => Exit::NotFound,
        Error::Invalid(_) => Exit::Usage,
        Error::Database(error) => return database_failure(error),
        Error::Broken(_) => Exit::Bug,
        _ => Exit::Refused,
    };
    Failure::of(exit, error)
}

/// What an error of the database means for the one who typed the command.
pub(super) fn database_failure(error: &database::Error) -> Failure {
    use database::Error;
    match error {
        Error::Address(_) | Error::Newer { .. } => Failure::of(Exit::Config, error),
        Error::Unusable { .. } => Failure::of(Exit::Config, error).hint(
            "nothing was changed; name another (`--data DIR`, `--database URL`), or restore this one from a backup",
        ),
        Error::Database(_) => Failure::of(Exit::Unreachable, error),
    }
}

/// What of several could not be done: one failure as it is, several as a report.
pub(super) fn outcome(
    context: &crate::context::Context,
    kind: &str,
    of: usize,
    mut failures: Vec<(String, Failure)>,
) -> Result<(), Failure> {
    if of == 1
        && let Some((_, failure)) = failures.pop()
    {
        return Err(failure);
    }
    if failures.is_empty() {
        return Ok(());
    }
    for (name, failure) in &failures {
        let why = failure.on_one_line("; ");
        context.warn(&format!("`{name}` is not deleted: {why}"));
    }
    let message = format!("{} of {of} {kind} are not deleted", failures.len());
    Err(Failure::new(Exit::Partly, message))
}
