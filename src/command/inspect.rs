//! `ectype inspect`: what an image file is, found by its bytes, and whether it may be used.

mod json;
mod map;
mod text;

use std::sync::Arc;
use std::time::Duration;

use clap::Args as ClapArgs;
use disk::inspect::{Code, Declared, Finding, Look, Severity, Wish};
use disk::{Meter, limits};
use origin::Address;
use proof::Reason;

use super::digest::source;
use super::verify::{bytes, seconds};
use crate::args::Form;
use crate::context::Context;
use crate::failure::{Exit, Failure, because};
use crate::output::Record;

/// Say what an image file is, and whether it may be used
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The format is found by the bytes, never by the name, and no file that an image names is opened. The findings tell what
speaks against the file, and what Glance would say to it, before a byte is sent (docs/inspect.md).

Exit code: 0 nothing refuses the file, 6 it must not be used, 5 or 7 it could not be read (docs/exit-codes.md).

  ectype inspect debian-13-genericcloud-amd64.qcow2
  ectype inspect https://vendor.example/disk.qcow2 -f json
  zstd -dc disk.raw.zst | ectype inspect - --disk-format raw")]
pub(crate) struct Args {
    /// An image file, its URL, or `-` for standard input
    #[arg(value_name = "FILE|URL")]
    image: String,
    /// The disk_format under which it is to come to a cloud; the one that fits unless given
    #[arg(long, value_name = "FORMAT")]
    disk_format: Option<String>,
    /// Find out where data is in the disk, which takes a pass over all of it; always done for files
    #[arg(long, conflicts_with = "no_map")]
    map: bool,
    /// Read no more of a file than headers and partition tables
    #[arg(long)]
    no_map: bool,
    /// The largest disk that may be, such as 500GiB or 2TiB; 1TiB unless given
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_virtual_size: Option<u64>,
    /// How many seconds a server may send nothing
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds, hide_short_help = true)]
    stall_timeout: Duration,
}

/// What is told of one file.
struct Told {
    /// Its name, without secrets.
    name: String,
    look: Look,
    declared: Declared,
    findings: Vec<Finding>,
}

/// Looks at the file, tells what it is, and ends with 6 when it must not be used.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let shape = context.out.shape();
    let fields = !shape.columns.is_empty() || matches!(shape.format, Form::Value | Form::Shell);
    context.out.expect_record()?;
    let told = told(context, &args).await?;
    let printed = match shape.format {
        _ if fields => {
            let mut record = Record(told.fields());
            if !shape.columns.is_empty() {
                record = Record::of(record.0, &shape.columns)?;
            }
            context.out.record(&record)
        }
        Form::Json | Form::Yaml => context.out.document(&told.json()),
        _ => context.out.text(&told.text(context.out.sink())),
    };
    printed.or_else(Failure::unless_unheard)?;
    told.end()
}

async fn told(context: &Context, args: &Args) -> Result<Told, Failure> {
    let asked = &args.image;
    let address = Address::typed(asked).ok();
    let is_url = matches!(address, Some(Address::Url(_)));
    let wish = Wish {
        map: args.map || !(is_url || args.no_map),
        to_the_end: !is_url,
        max_virtual_size: args.max_virtual_size.unwrap_or(limits::MAX_VIRTUAL_SIZE),
    };
    let source = source(asked, args.stall_timeout).await?;
    let (meter, cancel) = (Arc::<Meter>::default(), context.cancel.clone());
    let task = context.progress.add(asked, Arc::clone(&meter));
    let looking = move || disk::inspect::look(source, wish, &meter, &cancel);
    let looked = tokio::task::spawn_blocking(looking).await;
    drop(task);
    let looked = looked.map_err(|error| Failure::of(Exit::Bug, &error))?;
    let look = looked.map_err(|error| {
        let reason = Reason::of_pass(&error);
        because(&reason, format!("`{asked}`: {}", reason.message))
    })?;
    let fits = || look.image().disk_format().to_owned();
    let declared = Declared::bare(&args.disk_format.clone().unwrap_or_else(fits));
    let name = address.map_or_else(|| asked.clone(), |address| address.to_string());
    let mut findings = look.image().findings(&declared);
    // What is said of the packing is true of the file, whatever is in it.
    if look.packed.is_some() {
        let packed = look.file.findings(&declared).into_iter();
        findings.extend(packed.filter(|finding| finding.code == Code::Packed));
    }
    Ok(Told {
        findings,
        name: if asked == "-" {
            "standard input".to_owned()
        } else {
            name
        },
        declared,
        look,
    })
}

impl Told {
    fn refusing(&self) -> impl Iterator<Item = &Finding> {
        let refuses = |finding: &&Finding| finding.severity > Severity::Warning;
        self.findings.iter().filter(refuses)
    }

    fn end(&self) -> Result<(), Failure> {
        let Some(worst) = self.refusing().next() else {
            return Ok(());
        };
        let codes: Vec<&str> = self.refusing().map(|finding| finding.code.code()).collect();
        let message = format!("`{}` must not be used: {}", self.name, codes.join(", "));
        let failure = Failure::new(Exit::Untrusted, message);
        Err(failure.hint(worst.code.advice()))
    }
}
