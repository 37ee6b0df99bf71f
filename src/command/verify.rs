//! `ectype verify`: is an image a true copy of the vendor's original?

mod exit;
mod select;
mod size;
mod text;
mod work;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use origin::Address;
use proof::{Outcome, Verdict};
use serde_json::{Value, json};

use super::keys;
use crate::args::Form;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, List};

pub(crate) use size::bytes;
use text::Look;
pub(crate) use work::client;

/// Compare images with their vendors' originals, bit for bit
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
By default the digests that the cloud has recorded are compared with those of the original, which is downloaded,
unpacked and decoded in one pass, without a copy on disk. --content downloads the stored bytes, too. Where the vendor
lists the digest of the disk itself, or an earlier run has read the file that the vendor lists, nothing is downloaded
unless --full says so.

Exit code: 0 all identical, 1 something is different, 5 to 8 it could not be told (docs/exit-codes.md).

  ectype verify \"Debian 13\"
  ectype verify --all --jobs 4 -f json
  ectype verify 0c2f… --original https://vendor.example/disk.qcow2 --content
  ectype verify --stored /dev/vdb --original debian-13.qcow2")]
pub(crate) struct Args {
    /// Name or id of an image
    #[arg(value_name = "IMAGE", required_unless_present_any = ["all", "stored"])]
    images: Vec<String>,
    /// Every image that you see and that names its original in `image_source`
    #[arg(long, conflicts_with_all = ["images", "original", "checksums"])]
    all: bool,
    /// With --all: hidden images, too
    #[arg(long, requires = "all", conflicts_with_all = ["images", "stored"])]
    hidden: bool,
    /// The original, instead of what the image's `image_source` says
    #[arg(long, value_name = "URL|PATH", value_parser = Address::typed)]
    original: Option<Address>,
    /// Download the stored bytes as well and compare them with the original's
    #[arg(long)]
    content: bool,
    /// Compare this file or block device with --original; no cloud is asked
    #[arg(long, value_name = "PATH", requires = "original", conflicts_with_all = ["images", "all", "content"])]
    stored: Option<PathBuf>,
    /// The vendor's checksum file, instead of the one beside the original
    #[arg(long, value_name = "URL|PATH", value_parser = Address::typed)]
    checksums: Option<Address>,
    /// Download the original even where the answer is known without
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    signatures: keys::Signatures,
    /// How many originals are read at once
    #[arg(long, value_name = "N", default_value = "2")]
    jobs: NonZeroUsize,
    /// The largest disk to decode, such as 500GiB or 2TiB; 1TiB unless given
    #[arg(long, value_name = "SIZE", value_parser = size::bytes)]
    max_virtual_size: Option<u64>,
    /// How many seconds a server may send nothing
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds, hide_short_help = true)]
    stall_timeout: Duration,
}

pub(crate) fn seconds(text: &str) -> Result<Duration, std::num::ParseIntError> {
    Ok(Duration::from_secs(
        text.parse::<std::num::NonZeroU32>()?.get().into(),
    ))
}

/// Verifies, prints every verdict, and ends as the worst of them says.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let report = Report {
        context,
        single: args.images.len() == 1 || args.stored.is_some(),
    };
    report.expect()?;
    let verdicts = work::verdicts(context, &args, |verdict| report.at_once(verdict)).await?;
    let printed = report.at_the_end(&verdicts);
    // A reader that has gone changes nothing about the answer: 0 would say that all are identical.
    printed.or_else(Failure::unless_unheard)?;
    exit::of_all(&verdicts)
}

/// Where verdicts go: for people one after the other, for programs all at the end.
struct Report<'a> {
    context: &'a Context,
    single: bool,
}

impl Report<'_> {
    /// Whether the answer is a table of chosen columns and not whole verdicts.
    fn in_columns(&self) -> bool {
        let shape = self.context.out.shape();
        !shape.columns.is_empty() || !matches!(shape.format, Form::Table | Form::Json | Form::Yaml)
    }

    fn expect(&self) -> Result<(), Failure> {
        if self.in_columns() {
            self.context.out.expect_list(&COLUMNS)
        } else {
            Ok(())
        }
    }

    fn at_once(&self, verdict: &Verdict) -> Result<(), Failure> {
        if self.in_columns() || self.context.out.shape().format != Form::Table {
            return Ok(());
        }
        let look = Look {
            colour: self.context.out.sink().colour,
        };
        let printed = self.context.out.text(&text::verdict(verdict, look));
        // Verdicts that nobody reads any more still decide the exit code.
        printed.or_else(Failure::unless_unheard)
    }

    fn at_the_end(&self, verdicts: &[Verdict]) -> Result<(), Failure> {
        if self.in_columns() {
            let rows = verdicts.iter().map(row).collect();
            return self.context.out.list(&List {
                columns: COLUMNS.to_vec(),
                rows,
            });
        }
        let values = verdicts
            .iter()
            .map(serde_json::to_value)
            .collect::<Result<Vec<_>, _>>();
        let mut values = values.map_err(|error| Failure::of(Exit::Bug, &error))?;
        let value = match values.pop() {
            Some(only) if self.single => only,
            last => Value::Array(values.into_iter().chain(last).collect()),
        };
        match self.context.out.shape().format {
            Form::Json | Form::Yaml => self.context.out.document(&value),
            _ => Ok(()),
        }
    }
}

const COLUMNS: [Column; 10] = [
    column("Name", "name", true),
    column("ID", "id", true),
    column("Verdict", "verdict", true),
    column("Reason", "reason", true),
    column("Level", "level", false),
    column("Layer", "layer", false),
    column("Evidence", "evidence", true),
    column("Original", "original", false),
    column("Message", "message", false),
    column("Seconds", "seconds", false),
];

const fn column(heading: &'static str, alias: &'static str, shown: bool) -> Column {
    Column {
        heading,
        alias,
        shown,
    }
}

fn row(verdict: &Verdict) -> Vec<Value> {
    let image = verdict.image.as_ref();
    let reason = verdict.reason.as_ref();
    vec![
        json!(verdict.asked),
        json!(image.map(|image| &image.id)),
        json!(verdict.verdict),
        json!(reason.map(|reason| reason.code)),
        json!(verdict.level),
        json!(verdict.layer.map(proof::judge::layer_name)),
        json!(verdict.evidence.as_ref().map(|evidence| evidence.class)),
        json!(verdict.original.as_ref().map(|original| &original.address)),
        json!(reason.map(|reason| &reason.message)),
        json!(verdict.seconds),
    ]
}

/// Whether the answer is yes.
fn is_identical(verdict: &Verdict) -> bool {
    verdict.verdict == Outcome::Identical
}
