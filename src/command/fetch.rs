//! `ectype fetch`: a vendor's image into a file, which is there only when it is right.

mod file;
mod target;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::{Args as ClapArgs, ValueEnum};
use disk::write::Existing;
use disk::{Algorithm, Algorithms, Meter, Reading, Wanted};
use origin::Address;
use proof::{Code, EvidencePart, OriginalPart, Reason, Take};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use self::file::Goal;
use self::target::{Asked, Target};
use super::keys::Signatures;
use super::pass::unwritable;
use super::vendor::Vendors;
use super::verify::bytes;
use crate::context::Context;
use crate::failure::{Exit, Failure, because};
use crate::output::Record;

/// Get a vendor's image into a file, verified; no cloud
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The image is downloaded, compared with the vendor's checksum file and decoded in one pass. The file appears under its name
only when everything was right.

Exit code: 0 the file is there, 5 there is no such image, 6 it is not what the vendor lists, 7 try later
(docs/exit-codes.md).

  ectype fetch debian:13
  ectype fetch ubuntu:24.04@20260705 --arch aarch64 -O raw -o noble.raw
  ectype fetch https://vendor.example/disk.qcow2 --digest sha256:9f86d0…")]
pub(crate) struct Args {
    /// A family's newest build, or that of a release, or a named one; or an address
    #[arg(value_name = "FAMILY[:RELEASE][@BUILD]|URL", value_parser = Asked::parse)]
    image: Asked,
    /// The file, or a folder for it; the image's own name in this folder unless given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What the file is to be
    #[arg(short = 'O', long, value_name = "FORMAT", value_enum, default_value_t)]
    output_format: Form,
    /// The architecture, for a family
    #[arg(long, value_name = "ARCH", default_value = "x86_64")]
    arch: String,
    /// The checksum file, instead of the family's or the one beside the image
    #[arg(long, value_name = "URL|PATH", value_parser = Address::typed)]
    checksums: Option<Address>,
    /// A digest that the image's file must have: sha256:… or sha512:…
    #[arg(long, value_name = "DIGEST", value_parser = origin::family::pin)]
    digest: Option<disk::Digest>,
    #[command(flatten)]
    signatures: Signatures,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
    /// The largest file or disk to take, such as 500GiB or 2TiB; 1TiB unless given
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_virtual_size: Option<u64>,
    #[command(flatten)]
    vendors: Vendors,
}

/// What a file is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The file as the vendor publishes it
    #[default]
    AsPublished,
    /// The disk in it, with holes where there are zeros
    Raw,
    /// The disk in it, as qcow2 that is not compressed
    Qcow2,
}

/// Fetches, and says what is there.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    context.out.expect_record()?;
    let client = args.vendors.client()?;
    let target = Target::of(&args.image, &args.arch, &args.vendors, &client).await?;
    let goal = goal(&args, &target)?;
    let fetched = fetch(context, &args, &target, &client, &goal).await?;
    context
        .out
        .record(&fetched.record(context, &goal, &target)?)
}

/// Where the file is to be.
fn goal(args: &Args, target: &Target) -> Result<PathBuf, Failure> {
    let name = Address::Url(target.url.clone()).name();
    let name = match args.output_format {
        Form::AsPublished => name,
        Form::Raw => ending(&name, "raw"),
        Form::Qcow2 => ending(&name, "qcow2"),
    };
    let in_folder = |folder: &Path| match name.as_str() {
        "" | "." | ".." => None,
        name => Some(folder.join(name)),
    };
    let goal = match &args.output {
        Some(path) if path.is_dir() => in_folder(path),
        Some(path) => path.file_name().map(|_| path.clone()),
        None => in_folder(Path::new("")),
    };
    let goal = goal.ok_or_else(|| {
        Failure::new(Exit::Usage, "there is no name for the file").hint("name it: `-o FILE`")
    })?;
    let refuse = |what: &str| {
        let message = format!("`{}` {what}", goal.display());
        Err(Failure::new(Exit::Usage, message).hint("name a file: `-o FILE`"))
    };
    let folder = goal.parent().filter(|path| !path.as_os_str().is_empty());
    if goal.is_dir() {
        return refuse("is a folder");
    }
    if goal.exists() && !args.force {
        return Err(taken(&goal));
    }
    match folder.is_none_or(Path::is_dir) {
        true => Ok(goal),
        false => refuse("is in a folder that does not exist"),
    }
}

fn taken(goal: &Path) -> Failure {
    let message = format!("`{}` is there already", goal.display());
    Failure::new(Exit::Usage, message).hint("replace it: `--force`")
}

/// `x.qcow2.xz` becomes `x.raw`.
fn ending(name: &str, new: &str) -> String {
    let mut stem = name;
    for old in [
        ".xz", ".gz", ".zst", ".bz2", ".ova", ".qcow2", ".img", ".raw", ".vmdk", ".vhd", ".vhdx",
        ".vdi",
    ] {
        stem = stem.strip_suffix(old).unwrap_or(stem);
    }
    format!("{stem}.{new}")
}

/// What was fetched.
struct Fetched {
    original: OriginalPart,
    evidence: Option<EvidencePart>,
    reading: Reading,
    seconds: f64,
}

async fn fetch(
    context: &Context,
    args: &Args,
    target: &Target,
    client: &origin::Client,
    goal: &Path,
) -> Result<Fetched, Failure> {
    let address = target.asked()?;
    let checksums = match &args.checksums {
        Some(checksums) => Some(checksums.clone()),
        None => target.checksums()?,
    };
    let (images, pages) = target.clients(client);
    let handle = Handle::current();
    let mut trust = args.signatures.trust()?;
    if args.checksums.is_none() {
        let expectation = target.expectation(&trust);
        trust = trust.expecting(expectation);
    }
    let take = Take {
        images: &images,
        pages: &pages,
        handle: &handle,
        address: &address,
        checksums: checksums.as_ref(),
        by_user: args.checksums.is_some(),
        trust: &trust,
        pinned: args.digest.as_ref().or_else(|| target.pinned()),
        wanted: wanted(args.max_virtual_size),
    };
    let limit = args.max_virtual_size;
    let limit = limit.unwrap_or(disk::limits::MAX_VIRTUAL_SIZE);
    let existing = match args.force {
        true => Existing::Replace,
        false => Existing::Keep,
    };
    let file = Goal::new(goal, args.output_format, existing, limit);
    let (meter, begun) = (Arc::<Meter>::default(), Instant::now());
    let task = context.progress.add(&address.name(), Arc::clone(&meter));
    let taken = take.run(&|| file.begin(), &meter, &context.cancel).await;
    drop(task);
    for warning in &taken.warnings {
        context.warn(&warning.message);
    }
    let reading = taken
        .result
        .map_err(|reason| refused(args, target, goal, &reason))?;
    Ok(Fetched {
        reading: finished(reading, goal)?,
        original: taken.original,
        evidence: taken.evidence,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

fn wanted(max_virtual_size: Option<u64>) -> Wanted {
    let sha512 = Algorithms::NONE.with(Algorithm::Sha512);
    Wanted {
        file: sha512,
        // Decoded whatever is written: a file that cannot be is of no use.
        disk: sha512.with(Algorithm::Md5),
        max_virtual_size,
        ..Wanted::default()
    }
}

/// Gives the file its name.
fn finished(mut reading: Reading, goal: &Path) -> Result<Reading, Failure> {
    let Some(sink) = reading.sink.take() else {
        return Err(Failure::new(Exit::Bug, "nothing was written"));
    };
    sink.finish().map_err(|error| match error.kind() {
        // It was not, when this began.
        io::ErrorKind::AlreadyExists => taken(goal),
        _ => unwritable(goal, &error),
    })?;
    Ok(reading)
}

fn refused(args: &Args, target: &Target, goal: &Path, reason: &Reason) -> Failure {
    if reason.code == Code::OutputFailed {
        return because(reason, format!("cannot write `{}`", goal.display()));
    }
    let failure = because(reason, format!("`{}`: {}", target.url, reason.message));
    let private = reason
        .causes
        .iter()
        .any(|cause| cause.contains("private address"));
    if private && !args.vendors.is_private() {
        return failure.hint("if you mean a server of your own network: `--allow-private`");
    }
    failure
}

impl Fetched {
    fn record(&self, context: &Context, goal: &Path, target: &Target) -> Result<Record, Failure> {
        let build = target.build.as_ref();
        let of = |value: fn(&origin::Build) -> &String| build.map(value);
        let digest = |contents: &disk::Contents| {
            let digest = contents.digests.get(Algorithm::Sha512);
            json!(digest.map(|digest| format!("sha512:{digest}")))
        };
        let evidence = self.evidence.as_ref();
        let manifest = evidence.and_then(|evidence| evidence.manifest.as_ref());
        let asked = target.asked()?;
        let disk = self.reading.disk.as_ref();
        let fields: Vec<(&str, Value)> = vec![
            ("file", json!(goal.display().to_string())),
            ("family", json!(of(|build| &build.family))),
            ("release", json!(of(|build| &build.release))),
            ("build", json!(of(|build| &build.build))),
            ("arch", json!(of(|build| &build.arch))),
            ("url", json!(target.url.as_str())),
            (
                "mirror",
                json!((asked != Address::Url(target.url.clone())).then(|| asked.to_string())),
            ),
            ("format", json!(self.original.format)),
            ("packings", json!(self.original.packings)),
            ("file_size", json!(self.reading.file.size)),
            ("file_digest", digest(&self.reading.file)),
            ("disk_size", json!(disk.map(|disk| disk.size))),
            ("disk_digest", disk.map_or(Value::Null, digest)),
            ("evidence", json!(evidence.map(|evidence| evidence.class))),
            (
                "evidence_text",
                json!(evidence.map(|evidence| &evidence.text)),
            ),
            (
                "manifest",
                json!(manifest.map(|manifest| &manifest.address)),
            ),
            ("seconds", json!(self.seconds)),
        ];
        let known = fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let columns = &context.out.shape().columns;
        match columns.is_empty() {
            true => Ok(Record(known)),
            false => Record::of(known, columns),
        }
    }
}
