//! `ectype dashboard`: the pages about a cloud's images, served to browsers.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args as ClapArgs;
use cloud::Config;
use dashboard::{Options, Place, Proving, Public};
use server::Listening;
use url::Url;

use super::serving::{self, ENDING, Hangup, Told, listener, tls};
use super::vendor;
use super::verify::bytes;
use crate::context::{Context, cache_folder};
use crate::failure::{Exit, Failure};
use crate::runtime;

/// Show a cloud's images in a browser: proofs, age, end of support
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Whoever opens the address sees public and community images. They are asked for with your log-in, and nothing is changed
with it. Visitors with an account of that cloud can log in, see what their project sees, and upload images.
Only this machine is served, over plain HTTP, unless you say otherwise: docs/dashboard.md. It serves until Ctrl-C.

  ectype dashboard --os-cloud prod
  ectype dashboard --os-cloud prod --no-public --listen 127.0.0.1:8000")]
pub(crate) struct Args {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8790")]
    listen: SocketAddr,
    /// Show nothing to visitors who have not logged in
    #[arg(long)]
    no_public: bool,
    /// Let nobody log in; nothing can be changed then
    #[arg(long, conflicts_with = "no_public")]
    no_login: bool,
    /// The address that browsers know, where it is not the one listened on; a proxy takes its path off
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// A name under which browsers ask for it, besides this machine's own; repeatable
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Browsers reach it over HTTPS, through a proxy: keep cookies off plain HTTP
    #[arg(long)]
    https: bool,
    /// The certificate and its chain (PEM); with it browsers are spoken to over HTTPS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Verify no images at the push of a button
    #[arg(long)]
    no_verify: bool,
    /// Read originals from addresses of this machine and its own network although others than this machine's users may ask
    #[arg(long, conflicts_with = "no_verify")]
    allow_private: bool,
    /// How many originals are read at once
    #[arg(long, value_name = "N", default_value = "2")]
    jobs: NonZeroUsize,
    /// The largest file that may be uploaded, such as 20GiB; 64GiB unless given
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_upload: Option<u64>,
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        runtime::run_for(&context.cancel, ENDING, run(context, self))
    }
}

/// Serves until the user wants an end.
async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let hangup = Hangup::watch()?;
    let tls = tls(args.tls_cert.as_deref(), args.tls_key.as_deref())?;
    let config = context.config()?;
    if !args.no_public {
        // What is wrong with the log-in is said now, and not to the first visitor.
        context.unless_cancelled(context.cloud()).await?;
    }
    let public = args.public_url.as_deref().map(serving::public);
    let public = public.transpose()?;
    let options = options(&args, config, public.as_ref())?;
    let listener = listener(args.listen).await?;
    let address = listener.local_addr().unwrap_or(args.listen);
    if !address.ip().is_loopback() && !options.secure {
        context.warn("this is plain HTTP, and other machines can reach it: passwords and images pass unprotected (--tls-cert, --https, docs/dashboard.md)");
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    let told = match &public {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("{scheme}://{address}"),
    };
    context.out.text(&format!("{told}/\n"))?;
    let end = context.cancel.clone();
    let end = async move { runtime::cancelled(&end).await };
    let listening = Listening {
        listener,
        tls: tls.clone(),
    };
    let served = server::serve(listening, dashboard::router(options), end);
    serving::renewing(hangup, tls, context, &context.cancel, served)
        .await
        .map_err(|error| Failure::of(Exit::Unreachable, &error))
}

impl Told for Context {
    fn good(&self, text: &str) {
        self.note(text);
    }

    fn bad(&self, text: &str) {
        self.warn(text);
    }
}

fn options(args: &Args, config: Config, public: Option<&Url>) -> Result<Options, Failure> {
    let open = is_open(args);
    let login = (!args.no_login).then(|| Place::of(&config));
    let proving = match args.no_verify {
        true => None,
        false => Some(Proving {
            // Somebody else's image names the address; from here on others push the button.
            client: origin::Client::new(&net::Options {
                private: !open || args.allow_private,
                ..net::Options::default()
            })?,
            cache: cache_folder().map(|folder| origin::Cache::new(folder.join("derived"))),
            jobs: args.jobs.get(),
        }),
    };
    Ok(Options {
        base: String::new(),
        outside: public.map(serving::outside).unwrap_or_default(),
        cloud: called(&config),
        public: (!args.no_public).then(|| Public::Login(Box::new(config))),
        login,
        shown: None,
        proving,
        public_proving: !open,
        families: vendor::families(&[])?,
        dates: vendor::dates()?,
        hosts: hosts(args, public),
        secure: args.https
            || args.tls_cert.is_some()
            || public.is_some_and(|url| url.scheme() == "https"),
        patience: dashboard::limits::ANSWER,
        max_upload: args.max_upload.unwrap_or(dashboard::limits::MAX_UPLOAD),
        now: Arc::new(jiff::Timestamp::now),
    })
}

/// Whether others than this machine's own users may come, by themselves or through a proxy.
fn is_open(args: &Args) -> bool {
    let proxied = !args.hosts.is_empty() || args.https || args.public_url.is_some();
    !args.listen.ip().is_loopback() || proxied
}

/// What people call the cloud: the name it was chosen by, or the host of its identity service.
fn called(config: &Config) -> String {
    if let cloud::config::Source::Cloud { name, .. } = config.source() {
        return name.clone();
    }
    let url = Url::parse(&config.auth_url()).ok();
    url.and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The names under which browsers may ask. Nobody knows those of other machines' networks, unless they are said.
fn hosts(args: &Args, public: Option<&Url>) -> Vec<String> {
    let mut hosts = args.hosts.clone();
    hosts.extend(public.and_then(Url::host_str).map(str::to_owned));
    match args.listen.ip() {
        ip if ip.is_loopback() => {
            hosts.extend(["127.0.0.1", "localhost", "[::1]"].map(str::to_owned));
        }
        ip if ip.is_unspecified() => {}
        IpAddr::V6(ip) => hosts.push(format!("[{ip}]")),
        IpAddr::V4(ip) => hosts.push(ip.to_string()),
    }
    if args.listen.ip().is_loopback() && !hosts.contains(&args.listen.ip().to_string()) {
        hosts.push(args.listen.ip().to_string());
    }
    hosts
}
