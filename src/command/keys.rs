//! `ectype keys`: the keys that vouch for originals, pinned and the user's own.

use std::time::SystemTime;

use clap::{Args as ClapArgs, Subcommand};
use origin::keys::Pins;
use origin::pgp::{About, Key, Window};
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, List, Record};

mod own;

pub(crate) use own::{Signatures, trust};

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the keys that vendors' checksum files are checked with
    List,
    /// Show one key
    Show(ShowArgs),
}

/// Show one key
#[derive(Debug, ClapArgs)]
pub(crate) struct ShowArgs {
    /// Its name, or its fingerprint or the end of it
    #[arg(value_name = "KEY")]
    key: String,
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List => list(context),
            Self::Show(args) => show(context, &args.key),
        }
    }
}

const COLUMNS: [Column; 7] = [
    Column::shown("Name", "name"),
    Column::shown("Fingerprint", "fingerprint"),
    Column::shown("For", "families"),
    Column::shown("From", "from"),
    Column::shown("Until", "until"),
    Column::shown("Expires", "expires"),
    Column::shown("State", "state"),
];

/// One key, and why it is trusted.
struct Known {
    name: String,
    source: String,
    families: Vec<String>,
    hosts: Vec<String>,
    window: Window,
    about: About,
}

fn list(context: &Context) -> Result<(), Failure> {
    context.out.expect_list(&COLUMNS)?;
    let all = known()?;
    let rows = all.iter().map(|known| {
        vec![
            json!(known.name),
            json!(known.about.fingerprint),
            json!(families(known)),
            json!(day(known.window.from.or(Some(known.about.created)))),
            json!(day(known.window.until)),
            json!(day(known.about.expires)),
            json!(state(known)),
        ]
    });
    let rows = rows.collect();
    context.out.list(&List {
        columns: COLUMNS.to_vec(),
        rows,
    })
}

fn show(context: &Context, asked: &str) -> Result<(), Failure> {
    context.out.expect_record()?;
    let hex = asked.replace(' ', "").to_ascii_uppercase();
    // Eight digits and fewer are no fingerprint: anybody can make a key that ends so.
    let fits = |known: &&Known| {
        known.name == asked || (hex.len() >= 16 && known.about.fingerprint.ends_with(&hex))
    };
    let all = known()?;
    let Some(known) = all.iter().find(fits) else {
        let failure = Failure::new(Exit::NotFound, format!("there is no key `{asked}`"));
        return Err(failure.hint("`ectype keys list` lists them"));
    };
    let about = &known.about;
    let fields: [(&str, Value); 13] = [
        ("name", json!(known.name)),
        ("fingerprint", json!(about.fingerprint)),
        ("user_ids", json!(about.user_ids)),
        ("algorithm", json!(about.algorithm)),
        ("signing_subkeys", json!(about.signing_subkeys)),
        ("families", json!(known.families)),
        ("hosts", json!(known.hosts)),
        ("source", json!(known.source)),
        ("created", json!(day(Some(about.created)))),
        ("from", json!(day(known.window.from))),
        ("until", json!(day(known.window.until))),
        ("expires", json!(day(about.expires))),
        ("state", json!(state(known))),
    ];
    let fields = fields
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
    let record = match context.out.shape().columns.as_slice() {
        [] => Record(fields),
        columns => Record::of(fields, columns)?,
    };
    context.out.record(&record)
}

/// Pinned keys first, then the user's.
fn known() -> Result<Vec<Known>, Failure> {
    let now = SystemTime::now();
    let pins = Pins::shipped().map_err(|error| Failure::of(Exit::Bug, &error))?;
    let mut all = Vec::new();
    for pin in pins.keys() {
        let key = pin.key().map_err(|error| Failure::of(Exit::Bug, &error))?;
        let families: Vec<String> = pins
            .families_of(&pin.name)
            .into_iter()
            .map(str::to_owned)
            .collect();
        let vendors = pins
            .vendors()
            .iter()
            .filter(|vendor| families.contains(&vendor.family));
        let mut hosts: Vec<String> = vendors.flat_map(|vendor| vendor.hosts.clone()).collect();
        hosts.dedup();
        all.push(Known {
            name: pin.name.clone(),
            source: "ectype".to_owned(),
            families,
            hosts,
            window: pin.window,
            about: key.about(now),
        });
    }
    all.extend(
        own::kept()?
            .into_iter()
            .map(|own| of_user(own.file, &own.key, now)),
    );
    Ok(all)
}

fn of_user(file: String, key: &Key, now: SystemTime) -> Known {
    let about = key.about(now);
    Known {
        name: about.user_ids.first().cloned().unwrap_or_default(),
        source: file,
        families: Vec::new(),
        hosts: Vec::new(),
        window: Window::default(),
        about,
    }
}

fn families(known: &Known) -> String {
    if known.source == "ectype" {
        known.families.join(", ")
    } else {
        "everything (yours)".to_owned()
    }
}

fn state(known: &Known) -> &'static str {
    match (&known.about.unusable, known.window.until) {
        _ if known.about.revoked => "revoked",
        (_, Some(_)) => "past",
        (Some(_), None) => "unusable",
        (None, None) => "good",
    }
}

/// `2024-01-12`, UTC.
fn day(time: Option<SystemTime>) -> Option<String> {
    let time = jiff::Timestamp::try_from(time?).ok()?;
    Some(time.strftime("%Y-%m-%d").to_string())
}
