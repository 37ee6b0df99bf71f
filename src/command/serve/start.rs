//! The service is started, serves, and ends.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args as ClapArgs;
use server::{
    BlobStore, Collected, Files, Kept, Listening, Others, S3, Service, Settings, StartError,
    StoreError, Strays,
};
use tokio::net::TcpListener;
use url::Url;

use super::chosen::{File, Place, Where};
use super::first;
use super::log::{self, Form, Log};
use super::pages::{self, Dashboard, Pages};
use super::ready;
use super::records::database_failure;
use super::who;
use crate::command::serving::{self, Hangup, listener, tls};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::runtime;

/// How long the database may take to end.
const CLOSING: Duration = Duration::from_secs(3);

/// How the service is started.
#[derive(Debug, ClapArgs)]
pub(crate) struct Starting {
    #[command(flatten)]
    pub(crate) place: Where,
    /// Where to listen [default: 127.0.0.1:9292]
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        env = "ECTYPE_SERVE_LISTEN",
        hide_env_values = true
    )]
    listen: Option<SocketAddr>,
    /// The address that clients are told, where it is not the one listened on; a proxy takes its path off
    #[arg(
        long,
        value_name = "URL",
        env = "ECTYPE_SERVE_PUBLIC_URL",
        hide_env_values = true
    )]
    public_url: Option<String>,
    /// The service's certificate and its chain (PEM); with it the service speaks HTTPS
    #[arg(
        long,
        value_name = "FILE",
        env = "ECTYPE_SERVE_TLS_CERT",
        hide_env_values = true
    )]
    tls_cert: Option<PathBuf>,
    /// The key of the certificate (PEM)
    #[arg(
        long,
        value_name = "FILE",
        env = "ECTYPE_SERVE_TLS_KEY",
        hide_env_values = true
    )]
    tls_key: Option<PathBuf>,
    /// A host that `web-download` may fetch from although it is in this network, at any port; repeatable
    #[arg(
        long = "import-host",
        value_name = "NAME",
        env = "ECTYPE_SERVE_IMPORT_HOSTS",
        value_delimiter = ',',
        hide_env_values = true,
        hide_short_help = true
    )]
    import_hosts: Vec<String>,
    /// The administrator's password at the first start; a generated one without it
    #[arg(
        long,
        value_name = "FILE",
        env = "ECTYPE_SERVE_ADMIN_PASSWORD_FILE",
        hide_env_values = true,
        hide_short_help = true
    )]
    admin_password_file: Option<PathBuf>,
    /// Whom the dashboard shows images to [default: login]
    #[arg(
        long,
        value_name = "WHOM",
        value_enum,
        env = "ECTYPE_SERVE_DASHBOARD",
        hide_env_values = true
    )]
    dashboard: Option<Dashboard>,
    /// Let the dashboard verify by originals in this network, too
    #[arg(
        long,
        env = "ECTYPE_SERVE_VERIFY_PRIVATE",
        hide_env_values = true,
        hide_short_help = true
    )]
    verify_private: bool,
    /// How the log is written
    #[arg(
        long,
        value_name = "FORM",
        value_enum,
        default_value_t,
        env = "ECTYPE_SERVE_LOG",
        hide_env_values = true
    )]
    log: Form,
}

/// Serves until the user wants an end.
pub(crate) async fn run(context: &Context, args: &Starting) -> Result<(), Failure> {
    log::start(args.log, context.loudness());
    let hangup = Hangup::watch()?;
    let folder = args.place.records.folder()?;
    first::folder(&folder)?;
    // Before anything is written that only a whole start makes good.
    first::folder(&folder.join("spool"))?;
    let file = args.place.records.file(&folder)?;
    let lock = first::lock(&folder)?;
    let (outside, address) = listening(args, &file).await?;
    let public = public(context, args, &file, address, outside.tls.is_some())?;

    let database = args.place.records.address_with(&file, &folder)?;
    let alone = database.starts_with("sqlite:");
    let pool = database::connect(&database).await;
    let pool = pool.map_err(|error| database_failure(&error))?;
    let store = store(&args.place.bytes.place(&file, &folder)?)?;
    let kept = Kept::open(pool.clone(), store).await;
    let kept = kept.map_err(|error| unstarted(&error))?;
    let settings = settings(args, &file, &folder, &public);
    let keystone = file.keystone.as_ref().map(|keystone| keystone.url.as_str());
    let password = first::password(args.admin_password_file.as_deref())?;
    let found = who::identity(context, password, &file, &folder, &public, pool.clone());
    let (who, routes) = found.await?;
    let dashboard = args.dashboard.or(file.dashboard).unwrap_or_default();
    let (who, anybody) = pages::with_anybody(who, dashboard)?;
    let service = Service::new(kept, who, settings).map_err(|error| unstarted(&error))?;
    let others = if alone { Others::None } else { Others::Maybe };
    say(service.collect(others, Strays::Keep).await);
    let care = tokio::spawn(care(service.clone()));

    let mut router = service.bounded(routes);
    router = router.fallback_service(server::router(service));
    context.out.text(&format!("serving images at {public}\n"))?;
    let mut beside = None;
    if dashboard != Dashboard::Off {
        let asked;
        (asked, beside) = asked_at(&outside, address).await?;
        let pages = Pages {
            inside: asked,
            identity: keystone,
            public: &public,
            anybody,
            verify_private: args.verify_private || file.verify_private.unwrap_or_default(),
        };
        router = router.merge(pages.router()?);
        let told = public.as_str().trim_end_matches('/');
        let told = format!("dashboard at {told}/dashboard/\n");
        context.out.text(&told)?;
    }
    let tls = outside.tls.clone();
    let served = both(context, outside, beside, router);
    let ended = serving::renewing(hangup, tls, &Log, &context.cancel, served).await;
    care.abort();
    close(&pool).await;
    drop(lock);
    ended.map_err(|error| Failure::of(Exit::Unreachable, &error))
}

/// Takes the place where clients come, and says which it is.
async fn listening(args: &Starting, file: &File) -> Result<(Listening, SocketAddr), Failure> {
    let address = args.listen.unwrap_or_else(|| file.listen());
    let certificate = args.tls_cert.as_ref().or(file.tls_cert.as_ref());
    let key = args.tls_key.as_ref().or(file.tls_key.as_ref());
    let tls = tls(certificate.map(PathBuf::as_path), key.map(PathBuf::as_path))?;
    let listener = listener(address).await?;
    let address = listener.local_addr().unwrap_or(address);
    Ok((Listening { listener, tls }, address))
}

/// Where the dashboard asks the service: where clients do, or, since no certificate is good for this machine, over a socket of its
/// own.
async fn asked_at(
    outside: &Listening,
    address: SocketAddr,
) -> std::io::Result<(SocketAddr, Option<TcpListener>)> {
    if outside.tls.is_none() {
        return Ok((inside(address), None));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    Ok((listener.local_addr()?, Some(listener)))
}

/// Lets SQLite put what was written into its one file, so that a copy of that is a whole backup.
async fn close(pool: &database::Pool) {
    if tokio::time::timeout(CLOSING, pool.close()).await.is_err() {
        tracing::warn!("the database was left as it is");
    }
}

/// The address at which this machine reaches itself.
fn inside(address: SocketAddr) -> SocketAddr {
    match address.ip().is_unspecified() {
        true if address.is_ipv6() => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), address.port()),
        true => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port()),
        false => address,
    }
}

/// Serves on the socket for others, and on the one for the dashboard if there is one.
async fn both(
    context: &Context,
    outside: Listening,
    inside: Option<TcpListener>,
    router: axum::Router,
) -> std::io::Result<()> {
    if let Err(error) = ready::tell() {
        tracing::warn!(%error, "nobody takes the word that the service is ready");
    }
    let end = || {
        let cancel = context.cancel.clone();
        async move { runtime::cancelled(&cancel).await }
    };
    let Some(listener) = inside else {
        return server::serve(outside, router, end()).await;
    };
    let plain = Listening {
        listener,
        tls: None,
    };
    let served = tokio::join!(
        server::serve(outside, router.clone(), end()),
        server::serve(plain, router, end())
    );
    served.0.and(served.1)
}

/// Collects now and then.
async fn care(service: Service) {
    loop {
        tokio::time::sleep(server::limits::COLLECTION).await;
        say(service.collect(Others::Maybe, Strays::Keep).await);
    }
}

fn say(collected: Result<Collected, server::SweepError>) {
    match collected {
        Ok(collected) if collected.is_nothing() => {}
        Ok(collected) => {
            let Collected {
                images,
                blobs,
                parts,
                files,
                tasks,
            } = collected;
            tracing::info!(
                images,
                blobs,
                parts,
                files,
                tasks,
                "collected what was left behind"
            );
        }
        Err(error) => tracing::warn!(%error, "the collection came to no end"),
    }
}

/// Where clients reach the service.
fn public(
    context: &Context,
    args: &Starting,
    file: &File,
    address: SocketAddr,
    secure: bool,
) -> Result<Url, Failure> {
    let scheme = if secure { "https" } else { "http" };
    let chosen = args.public_url.as_ref().or(file.public_url.as_ref());
    let text = match chosen {
        Some(url) => url.clone(),
        None if address.ip().is_unspecified() => {
            context.warn("clients are told that the service is at 127.0.0.1: say where others reach it with `--public-url`");
            format!("{scheme}://127.0.0.1:{}", address.port())
        }
        None => format!("{scheme}://{address}"),
    };
    let inside = address.ip().is_loopback() || chosen.is_some_and(|url| url.starts_with("https:"));
    if !secure && !inside {
        context.warn("this is plain HTTP, and other machines can reach it: passwords and images pass unprotected (--tls-cert, docs/serve.md)");
    }
    serving::public(&text)
}

fn settings(args: &Starting, file: &File, folder: &Path, public: &Url) -> Settings {
    let mut settings = Settings::new(folder.join("spool"));
    settings.public_url = Some(public.as_str().trim_end_matches('/').to_owned());
    settings.identity_url = Some(match &file.keystone {
        Some(keystone) => keystone.url.clone(),
        None => format!("{}/identity/v3", public.as_str().trim_end_matches('/')),
    });
    settings.image_size_cap = file.image_size_cap.unwrap_or(settings.image_size_cap);
    settings.project_quota = file.project_quota;
    settings.image_quota = file.image_quota;
    settings.metrics = file.metrics.unwrap_or(settings.metrics);
    settings.import_hosts = match args.import_hosts.as_slice() {
        [] => file.import_hosts.clone().unwrap_or_default(),
        hosts => hosts.to_vec(),
    };
    if let Some(ports) = &file.import_ports {
        settings.import_ports.clone_from(ports);
    }
    settings
}

/// The store in this place; whether that is there is for [`Kept`] to see.
pub(super) fn store(place: &Place) -> Result<Arc<dyn BlobStore>, Failure> {
    Ok(match place {
        Place::Folder(folder) => Arc::new(Files::new(folder)),
        Place::Bucket(bucket) => {
            Arc::new(S3::new(bucket).map_err(|error| Failure::of(Exit::Config, &error))?)
        }
    })
}

/// What an error of the store means for the one who typed the command.
pub(super) fn store_failure(error: &StoreError) -> Failure {
    match error {
        StoreError::Nowhere(_) => Failure::of(Exit::Config, error).hint(
            "nothing was changed; mount or make it, or name the one that is meant (`--store PLACE`, `--s3-endpoint URL`)",
        ),
        StoreError::Unmade(..) => Failure::of(Exit::Config, error),
        error => Failure::of(Exit::Unreachable, error),
    }
}

/// Why a service cannot be started, or its records and bytes not be used without it.
pub(super) fn unstarted(error: &StartError) -> Failure {
    match error {
        StartError::Database(error) => database_failure(error),
        StartError::Spool(..) => Failure::of(Exit::Config, error),
        StartError::Store(error) => store_failure(error),
    }
}
