//! The first start: a folder, a lock, an administrator, and a clouds.yaml to log in with.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use identity::own::Bootstrapped;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use url::Url;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// The name of the cloud in the clouds.yaml.
const CLOUD: &str = "ectype";

/// Makes the service's folder, for its owner's eyes only.
pub(super) fn folder(path: &Path) -> Result<(), Failure> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| {
        Failure::new(
            Exit::Config,
            format!("cannot make the service's folder `{}`", path.display()),
        )
        .cause(error.to_string())
        .hint("name another folder with `--data DIR`")
    })
}

/// Holds the folder against a second service. The lock ends with the process, however that ends.
pub(super) fn lock(folder: &Path) -> Result<File, Failure> {
    let path = folder.join("lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path);
    let file = file.map_err(|error| {
        Failure::new(Exit::Config, format!("cannot write `{}`", path.display()))
            .cause(error.to_string())
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(Failure::new(
            Exit::Config,
            format!("a service is running in `{}`", folder.display()),
        )
        .hint("end it first, or name another folder with `--data DIR`")),
    }
}

/// The administrator's password, if one was given: from a file, or from a variable for containers and tests.
pub(super) fn password(file: Option<&Path>) -> Result<Option<SecretString>, Failure> {
    let text = match file {
        Some(path) => std::fs::read_to_string(path).map_err(|error| {
            Failure::new(Exit::Config, format!("cannot read `{}`", path.display()))
                .cause(error.to_string())
        })?,
        None => match std::env::var("ECTYPE_SERVE_ADMIN_PASSWORD") {
            Ok(text) => text,
            Err(_) => return Ok(None),
        },
    };
    let line = text.lines().next().unwrap_or_default();
    Ok(Some(line.to_owned())
        .filter(|line| !line.is_empty())
        .map(Into::into))
}

/// Says who may log in and how, once. The password is shown only if nobody knows it yet, and not to a journal, which keeps it.
pub(super) fn tell(
    context: &Context,
    folder: &Path,
    identity: &Url,
    region: &str,
    made: &Bootstrapped,
    given: bool,
) -> Result<(), Failure> {
    let clouds = clouds(folder, identity, region, made)?;
    let shown = clouds.display();
    let password = if given {
        "with the password that was given".to_owned()
    } else if is_journal() {
        "with a password that is not for the journal".to_owned()
    } else {
        format!("password (shown once): {}", made.password.expose_secret())
    };
    context.out.text(&format!(
        "This is the first start. Everything is kept in {}.\n\
         User `admin` of the project `admin`, {password}\n\
         It is in {shown}, too, which only you can read. Next:\n\n  \
         OS_CLIENT_CONFIG_FILE={shown} openstack --os-cloud {CLOUD} image list\n  \
         ectype --clouds {shown} --os-cloud {CLOUD} image list\n\n",
        folder.display(),
    ))?;
    Ok(())
}

/// Whether standard output goes into systemd's journal: `JOURNAL_STREAM` names its device and inode (systemd.exec(5)).
fn is_journal() -> bool {
    let Ok(journal) = std::env::var("JOURNAL_STREAM") else {
        return false;
    };
    let out = std::fs::metadata("/proc/self/fd/1");
    out.is_ok_and(|out| format!("{}:{}", out.dev(), out.ino()) == journal)
}

/// Writes a clouds.yaml with which the administrator logs in.
fn clouds(
    folder: &Path,
    identity: &Url,
    region: &str,
    made: &Bootstrapped,
) -> Result<PathBuf, Failure> {
    let path = folder.join("clouds.yaml");
    // JSON is YAML, and quotes what has to be quoted.
    let quoted = |text: &str| json!(text).to_string();
    let text = format!(
        "# Written at the first start of `ectype serve`. Whoever reads it can do everything there.\n\
         clouds:\n  {CLOUD}:\n    auth:\n      auth_url: {}\n      username: {}\n      password: {}\n      \
         project_name: {}\n      user_domain_name: Default\n      project_domain_name: Default\n    \
         region_name: {}\n    identity_api_version: 3\n",
        quoted(&format!("{identity}/v3")),
        quoted(&made.user.name),
        quoted(made.password.expose_secret()),
        quoted(&made.project.name),
        quoted(region),
    );
    let written = write(&path, &text);
    written.map_err(|error| {
        Failure::new(Exit::Config, format!("cannot write `{}`", path.display()))
            .cause(error.to_string())
    })?;
    Ok(path)
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    // One of an earlier service may be there, with a password that is good no more.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
