//! What the operator has chosen: options before variables before the configuration file before defaults.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde::Deserialize;

use super::pages::Dashboard;
use super::records::Records;
use crate::failure::{Exit, Failure};

/// The configuration file's name in the service's folder.
const FILE: &str = "config.yaml";
/// Where Glance listens, on this machine only.
const LISTEN: &str = "127.0.0.1:9292";

/// Where the bytes of images are.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(next_help_heading = "Service")]
pub(crate) struct Bytes {
    /// Where to keep the bytes: a folder, or s3://BUCKET/PREFIX [default: `store` in the service's folder]
    #[arg(
        long,
        value_name = "PLACE",
        env = "ECTYPE_SERVE_STORE",
        hide_env_values = true
    )]
    store: Option<String>,
    /// The address of the S3 service, where it is not Amazon's
    #[arg(
        long,
        value_name = "URL",
        env = "ECTYPE_SERVE_S3_ENDPOINT",
        hide_env_values = true,
        hide_short_help = true
    )]
    s3_endpoint: Option<String>,
    /// The region of the bucket
    #[arg(
        long,
        value_name = "NAME",
        env = "ECTYPE_SERVE_S3_REGION",
        hide_env_values = true,
        hide_short_help = true
    )]
    s3_region: Option<String>,
}

/// What the configuration file may say. Everything is optional. It holds secrets, so it is not shown.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct File {
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) public_url: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) database: Option<String>,
    pub(crate) store: Option<String>,
    pub(crate) s3_endpoint: Option<String>,
    pub(crate) s3_region: Option<String>,
    pub(crate) s3_access_key: Option<String>,
    pub(crate) s3_secret_key: Option<String>,
    pub(crate) tls_cert: Option<PathBuf>,
    pub(crate) tls_key: Option<PathBuf>,
    pub(crate) keystone: Option<Keystone>,
    pub(crate) image_size_cap: Option<u64>,
    pub(crate) project_quota: Option<u64>,
    pub(crate) image_quota: Option<u64>,
    pub(crate) import_hosts: Option<Vec<String>>,
    pub(crate) import_ports: Option<Vec<u16>>,
    pub(crate) metrics: Option<bool>,
    pub(crate) dashboard: Option<Dashboard>,
    pub(crate) verify_private: Option<bool>,
}

/// A Keystone that is there already.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keystone {
    pub(crate) url: String,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    #[serde(default = "default_domain")]
    pub(crate) user_domain: String,
    pub(crate) project: Option<String>,
    #[serde(default = "default_domain")]
    pub(crate) project_domain: String,
    pub(crate) application_credential_id: Option<String>,
    pub(crate) application_credential_secret: Option<String>,
    pub(crate) cacert: Option<PathBuf>,
}

impl std::fmt::Debug for Keystone {
    /// Without secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keystone")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

fn default_domain() -> String {
    "Default".to_owned()
}

impl File {
    /// The file that is named, or the one in the service's folder if there is one.
    ///
    /// # Errors
    /// It cannot be read, or says what is not known.
    pub(crate) fn read(named: Option<&Path>, folder: &Path) -> Result<Self, Failure> {
        let path = named.map_or_else(|| folder.join(FILE), Path::to_owned);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => {
                let message = format!("cannot read `{}`", path.display());
                return Err(Failure::new(Exit::Config, message).cause(error.to_string()));
            }
        };
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        serde_saphyr::from_str(&text).map_err(|error| {
            let message = format!("`{}` is not as it should be", path.display());
            Failure::new(Exit::Config, message)
                .cause(error.to_string())
                .hint("docs/serve.md has all that it may say")
        })
    }

    /// Where to listen.
    pub(crate) fn listen(&self) -> SocketAddr {
        let usual = || SocketAddr::from(([127, 0, 0, 1], 9292));
        self.listen
            .unwrap_or_else(|| LISTEN.parse().unwrap_or_else(|_| usual()))
    }
}

/// Where the bytes are, once that is decided.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In files.
    Folder(PathBuf),
    /// In a bucket.
    Bucket(server::Bucket),
}

impl Bytes {
    /// Where the bytes are.
    ///
    /// # Errors
    /// The address of the bucket is none.
    pub(crate) fn place(&self, file: &File, folder: &Path) -> Result<Place, Failure> {
        let store = self.store.clone().or_else(|| file.store.clone());
        let Some(store) = store else {
            return Ok(Place::Folder(folder.join("store")));
        };
        let Some(rest) = store.strip_prefix("s3://") else {
            return Ok(Place::Folder(folder.join(store)));
        };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if name.is_empty() {
            let message = format!("`{store}` names no bucket");
            return Err(Failure::new(Exit::Config, message)
                .hint("s3://BUCKET, or s3://BUCKET/PREFIX, is how one is named"));
        }
        Ok(Place::Bucket(server::Bucket {
            name: name.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            endpoint: self
                .s3_endpoint
                .clone()
                .or_else(|| file.s3_endpoint.clone()),
            region: self.s3_region.clone().or_else(|| file.s3_region.clone()),
            access: match (&file.s3_access_key, &file.s3_secret_key) {
                (Some(id), Some(secret)) => Some(server::Access {
                    id: id.clone(),
                    secret: secret.clone(),
                }),
                (None, None) => None,
                _ => {
                    return Err(Failure::new(
                        Exit::Config,
                        "`s3_access_key` and `s3_secret_key` go together",
                    ));
                }
            },
        }))
    }
}

/// Records and bytes, as commands beside the service find them.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Where {
    #[command(flatten)]
    pub(crate) records: Records,
    #[command(flatten)]
    pub(crate) bytes: Bytes,
}
