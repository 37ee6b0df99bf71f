//! What every command is given: where to answer, where to talk, which cloud, and how to stop.

use std::future::Future;
use std::path::PathBuf;

use cloud::{Cloud, Config, Sources};
use disk::Cancel;

use crate::args::{Connection, Manner, Shape};
use crate::failure::{Exit, Failure};
use crate::output::{Output, visible};
use crate::progress::{self, Progress};
use crate::runtime;
use crate::terminal::Terminal;

/// What every command is given.
pub(crate) struct Context {
    /// Where the answer goes.
    pub(crate) out: Output,
    /// Where it is shown how far the work has come.
    pub(crate) progress: Progress,
    /// Set when the user wants an end; passes that run on threads look at it.
    pub(crate) cancel: Cancel,
    connection: Connection,
    quiet: bool,
    verbose: u8,
    terminal: Terminal,
}

impl Context {
    /// Puts together what the command line said.
    pub(crate) fn new(
        connection: Connection,
        shape: Shape,
        manner: &Manner,
        terminal: Terminal,
    ) -> Self {
        let kind = if manner.quiet {
            progress::Kind::None
        } else {
            manner.progress
        };
        let progress = Progress::start(kind, terminal);
        Self {
            out: Output::new(terminal.stdout, shape, progress.clone()),
            progress,
            cancel: Cancel::default(),
            connection,
            quiet: manner.quiet,
            verbose: manner.verbose,
            terminal,
        }
    }

    /// Runs what needs the network, until its end or a signal.
    pub(crate) fn run<T>(
        &self,
        future: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        runtime::run(&self.cancel, future)
    }

    /// The same for a command that makes something it has to take away again when it is interrupted.
    pub(crate) fn run_tidily<T>(
        &self,
        future: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        runtime::run_for(&self.cancel, runtime::TIDYING, future)
    }

    /// Stops a future when the user wants an end.
    ///
    /// # Errors
    /// The future's own, or the interruption.
    pub(crate) async fn unless_cancelled<T>(
        &self,
        future: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            done = future => done,
            () = runtime::cancelled(&self.cancel) => Err(interrupted()),
        }
    }

    /// Whether nobody wants an end.
    ///
    /// # Errors
    /// The interruption.
    pub(crate) fn going_on(&self) -> Result<(), Failure> {
        match self.cancel.is_cancelled() {
            true => Err(interrupted()),
            false => Ok(()),
        }
    }

    /// Says something that may be wrong but does not stop the work.
    pub(crate) fn warn(&self, text: &str) {
        let (yellow, off) = if self.terminal.stderr.colour {
            ("\x1b[33m", "\x1b[0m")
        } else {
            ("", "")
        };
        self.progress
            .say(&format!("{yellow}warning:{off} {}", visible(text)));
    }

    /// Says something that helps a person, unless they asked for quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.progress.say(&format!("note: {}", visible(text)));
        }
    }

    /// Whether the user asked for more.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose > 0
    }

    /// From which level on a service's log is written.
    pub(crate) fn loudness(&self) -> tracing::level_filters::LevelFilter {
        use tracing::level_filters::LevelFilter;
        match (self.quiet, self.verbose) {
            (true, _) => LevelFilter::WARN,
            (false, 0) => LevelFilter::INFO,
            (false, 1) => LevelFilter::DEBUG,
            (false, _) => LevelFilter::TRACE,
        }
    }

    /// Says something only to who asked for more: `level` 1 for `-v`, 2 for `-vv`.
    pub(crate) fn detail(&self, level: u8, text: &str) {
        if self.verbose >= level {
            self.progress.say(&visible(text));
        }
    }

    /// The connection in effect, from options, environment and files. Nothing is contacted.
    ///
    /// # Errors
    /// No cloud is chosen, or what is configured cannot be used.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        self.resolved(&self.sources())
    }

    /// The connection to a cloud that was named as one of several. Nothing is contacted.
    ///
    /// # Errors
    /// There is no such cloud or region, or what is configured cannot be used.
    pub(crate) fn config_of(&self, cloud: &str, region: Option<&str>) -> Result<Config, Failure> {
        let mut sources = self.sources();
        sources.cloud = Some(cloud.to_owned());
        if let Some(region) = region {
            sources.flag("region_name", region);
        }
        self.resolved(&sources)
    }

    fn resolved(&self, sources: &Sources) -> Result<Config, Failure> {
        let (config, warnings) = Config::resolve(sources)?;
        for warning in warnings {
            self.warn(&warning.to_string());
        }
        self.detail(1, &format!("credentials from {}", config.source()));
        for (name, value, origin) in config.values() {
            self.detail(2, &format!("  {name} = {value} ({origin})"));
        }
        Ok(config)
    }

    /// Logs in to the cloud in effect, or takes up an earlier log-in.
    ///
    /// # Errors
    /// As [`Context::config`]; the cloud cannot be reached, or refuses.
    pub(crate) async fn cloud(&self) -> Result<Cloud, Failure> {
        self.cloud_with(net::Options::default()).await
    }

    /// The same with other transport settings.
    ///
    /// # Errors
    /// As [`Context::cloud`].
    pub(crate) async fn cloud_with(&self, options: net::Options) -> Result<Cloud, Failure> {
        self.connect(&self.config()?, options).await
    }

    /// Logs in to the cloud of this configuration, or takes up an earlier log-in.
    ///
    /// # Errors
    /// The cloud cannot be reached, or refuses.
    pub(crate) async fn connect(
        &self,
        config: &Config,
        options: net::Options,
    ) -> Result<Cloud, Failure> {
        let cloud = Cloud::connect_with(config, options, cache_folder().as_deref()).await?;
        let how = if cloud.from_cache() {
            "earlier log-in"
        } else {
            "new log-in"
        };
        self.detail(
            1,
            &format!("image service {} ({how})", cloud.glance().address()),
        );
        Ok(cloud)
    }

    /// Everything that says which cloud: the only place that looks at the process' environment for it.
    fn sources(&self) -> Sources {
        let text = |value: std::ffi::OsString| value.into_string().ok();
        let env = std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?)));
        let mut sources = Sources::new(env, std::env::current_dir().unwrap_or_default());
        sources.cloud.clone_from(&self.connection.cloud);
        sources.clouds_file.clone_from(&self.connection.clouds);
        for (name, value) in &self.connection.settings {
            sources.flag(name, value.clone());
        }
        sources
    }
}

fn interrupted() -> Failure {
    Failure::new(Exit::Interrupted, "interrupted")
}

/// Where what can be had again is kept between runs; `None` without a home.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    folder("XDG_CACHE_HOME", ".cache")
}

/// Where it is kept what this machine is at; `None` without a home.
pub(crate) fn state_folder() -> Option<PathBuf> {
    folder("XDG_STATE_HOME", ".local/state")
}

/// Where the user keeps families and dates of their own; `None` without a home.
pub(crate) fn config_folder() -> Option<PathBuf> {
    folder("XDG_CONFIG_HOME", ".config")
}

/// Where a service of the user's own keeps its data; `None` without a home.
pub(crate) fn data_folder() -> Option<PathBuf> {
    folder("XDG_DATA_HOME", ".local/share")
}

/// As the XDG base directory specification has it.
fn folder(variable: &str, in_home: &str) -> Option<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let folder = absolute(variable).or_else(|| Some(absolute("HOME")?.join(in_home)))?;
    Some(folder.join("ectype"))
}
