//! The service's log, on standard error.

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;

use crate::command::serving::Told;

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// Who reads it is told about the certificate there.
pub(super) struct Log;

impl Told for Log {
    fn good(&self, text: &str) {
        tracing::info!("{text}");
    }

    fn bad(&self, text: &str) {
        tracing::warn!("{text}");
    }
}

/// Begins to write the log, of everything from `least` on.
pub(super) fn start(form: Form, least: LevelFilter) {
    let log = tracing_subscriber::fmt()
        .with_max_level(least)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // It would say on standard error that standard error takes nothing, and panic over that.
        .log_internal_errors(false)
        .with_target(false);
    // A second log is asked for only by tests in one process; the first one stays.
    let _ = match form {
        Form::Text => log.try_init(),
        Form::Json => log.json().flatten_event(true).try_init(),
    };
}
