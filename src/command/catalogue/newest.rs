//! `ectype catalogue newest`: the newest build of every release in support, as the vendors publish it now.

use clap::Args as ClapArgs;
use futures_util::StreamExt as _;
use jiff::civil::Date;
use origin::life::{Dates, Support};
use origin::{Build, Cache, Client, Family, Route, feed};
use serde_json::{Value, json};

use super::super::vendor::{self, Vendors};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, List};

/// How many families are asked at once.
const AT_ONCE: usize = 6;

/// Show what vendors publish now
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Asks the vendors' own pages, never a `latest` link, and leaves dailies and release candidates out. No cloud is asked.

Exit code: 0 everything is known, 5 to 8 something is not (docs/exit-codes.md).

  ectype catalogue newest
  ectype catalogue newest debian ubuntu --arch x86_64 --arch aarch64 -f json
  ectype catalogue newest fedora -f value -c URL")]
pub(crate) struct Args {
    /// A family; all of them unless given
    #[arg(value_name = "FAMILY")]
    families: Vec<String>,
    /// An architecture, repeatable: x86_64, aarch64; x86_64 unless given
    #[arg(long = "arch", value_name = "ARCH")]
    arches: Vec<String>,
    /// Releases whose support has ended, too
    #[arg(long)]
    all_releases: bool,
    #[command(flatten)]
    vendors: Vendors,
}

const COLUMNS: [Column; 19] = [
    column("Family", true),
    column("Release", true),
    column("Build", true),
    column("Date", true),
    column("Age", true),
    column("Support Ends", true),
    column("URL", true),
    column("Arch", false),
    column("Support", false),
    column("Support Source", false),
    column("Days Left", false),
    column("File", false),
    column("Size", false),
    column("Digest", false),
    column("Manifest", false),
    column("Signed By", false),
    column("OS Distro", false),
    column("OS Version", false),
    column("Login", false),
];

const fn column(heading: &'static str, shown: bool) -> Column {
    Column {
        heading,
        alias: heading,
        shown,
    }
}

/// A build and how long its release is supported.
struct Line<'a> {
    family: &'a Family,
    build: Build,
    support: Support,
}

/// Asks, and prints what is known. What could not be found out is said and decides how the run ends.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    context.out.expect_list(&COLUMNS)?;
    let (all, dates, today) = (args.vendors.families()?, vendor::dates()?, vendor::today());
    let client = args.vendors.client()?;
    let chosen: Vec<&Family> = match args.families.is_empty() {
        true => all.iter().collect(),
        false => {
            let named = args.families.iter().map(|name| vendor::family(&all, name));
            named.collect::<Result<_, _>>()?
        }
    };
    let arches = match args.arches.is_empty() {
        true => vec!["x86_64".to_owned()],
        false => args.arches.clone(),
    };
    let asked = chosen.iter().flat_map(|family| {
        let known =
            |arch: &&String| !args.families.is_empty() || family.architectures.contains_key(*arch);
        arches.iter().filter(known).map(move |arch| (*family, arch))
    });
    let cache = vendor::pages();
    let search = Search {
        client: &client,
        cache: cache.as_ref(),
        args: &args,
        dates: &dates,
        today,
    };
    let found: Vec<Vec<feed::Found>> = futures_util::stream::iter(asked)
        .map(|(family, arch)| search.of(family, arch))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let (mut lines, mut failures) = (Vec::new(), Vec::new());
    for (_, build) in found.into_iter().flatten() {
        match build {
            Ok(build) => {
                let family = vendor::family(&all, &build.family)?;
                let support = dates.support(family.lifecycle.as_ref(), &build.release, today);
                lines.push(Line {
                    family,
                    build,
                    support,
                });
            }
            Err(error) => failures.push(vendor::failure(&error)),
        }
    }
    warn(context, &lines);
    context.out.list(&List {
        columns: COLUMNS.to_vec(),
        rows: lines.iter().map(|line| line.row(today)).collect(),
    })?;
    end(context, &lines, failures)
}

struct Search<'a> {
    client: &'a Client,
    cache: Option<&'a Cache>,
    args: &'a Args,
    dates: &'a Dates,
    today: Date,
}

impl Search<'_> {
    async fn of(&self, family: &Family, arch: &str) -> Vec<feed::Found> {
        let route = Route::new(family, &self.args.vendors.mirrors);
        let web = feed::Web {
            client: self.client,
            route: &route,
            cache: self.cache,
        };
        let wanted = feed::Wanted {
            arch,
            release: None,
            build: None,
        };
        let counts = |release: &str| {
            let counts = family.lifecycle.as_ref();
            self.args.all_releases || self.dates.support(counts, release, self.today).counts()
        };
        feed::newest(family, wanted, &counts, &web).await
    }
}

/// Says what ends soon, and what the dates know nothing of.
fn warn(context: &Context, lines: &[Line<'_>]) {
    let mut said = Vec::new();
    for Line { build, support, .. } in lines {
        let what = match (support, support.near()) {
            (Support::Until { end, .. }, Some(days)) => {
                format!("support ends on {} ({days} days)", end.date)
            }
            _ => continue,
        };
        let text = format!("{} {}: {what}", build.family, build.release);
        if !said.contains(&text) {
            context.warn(&text);
            said.push(text);
        }
    }
}

fn end(context: &Context, lines: &[Line<'_>], mut failures: Vec<Failure>) -> Result<(), Failure> {
    if lines.is_empty() && failures.len() == 1 {
        return failures.pop().map_or(Ok(()), Err);
    }
    let Some(first) = failures.first() else {
        if lines.is_empty() {
            context.note("no release is in support: `--all-releases` shows the others");
        }
        return Ok(());
    };
    let same = failures.iter().all(|failure| failure.exit == first.exit);
    let exit = if lines.is_empty() && same {
        first.exit
    } else {
        Exit::Partly
    };
    let message = format!(
        "{} of {} releases could not be found out",
        failures.len(),
        failures.len() + lines.len()
    );
    let causes = failures.iter().map(|failure| failure.on_one_line(": "));
    Err(causes.fold(Failure::new(exit, message), Failure::cause))
}

impl Line<'_> {
    fn row(&self, today: Date) -> Vec<Value> {
        let (build, support, image) = (&self.build, &self.support, &self.family.image);
        let age = build
            .date
            .and_then(|date| Some(date.until(today).ok()?.get_days()));
        let end = support.end();
        let days = match support {
            Support::Until { days, .. } => Some(*days),
            _ => None,
        };
        let digest = build.digests.first().or(build.pinned.as_ref());
        vec![
            json!(build.family),
            json!(build.release),
            json!(build.build),
            json!(build.date.map(|date| date.to_string())),
            json!(age.map(|days| format!("{days} d"))),
            json!(end.map(|end| end.date.to_string())),
            json!(build.url.as_str()),
            json!(build.arch),
            json!(match support {
                Support::Old => "ended",
                _ => end.map_or("unknown", |end| end.kind.as_str()),
            }),
            json!(end.map(|end| &end.source)),
            json!(days),
            json!(build.file),
            json!(build.size),
            json!(digest.map(|digest| format!("{}:{digest}", digest.algorithm().name()))),
            json!(build.manifest.as_ref().map(url::Url::as_str)),
            json!(
                build
                    .signers
                    .as_ref()
                    .map(|signers| signers.keys.join(", "))
            ),
            json!(image.os_distro),
            json!(image.version(build)),
            json!(image.login),
        ]
    }
}
