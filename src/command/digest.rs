//! `ectype digest`: the file digest and the disk digest of an image, in one pass.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use clap::Args as ClapArgs;
use disk::{Algorithm, Algorithms, Contents, Meter, Reading, Source, Wanted};
use origin::Address;
use proof::Reason;
use serde_json::{Map, Value, json};
use tokio::runtime::Handle;

use super::verify::{bytes, client, seconds};
use crate::args::Form;
use crate::context::Context;
use crate::failure::{Failure, because};
use crate::output::{Column, List};

/// Print the digests of an image file and of the disk in it
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The file digest is over the bytes as published. The disk digest is over the disk that a virtual machine sees: what
`qemu-img convert -O raw` followed by sha512sum gives, and what Glance records for an image stored raw.
Read are qcow2, VMDK, VHD, VHDX, VDI, ISO and raw disks, as they are or inside gz, xz, zst, bz2 or ova; the format is found by content.
The lines can be given to `sha512sum -c`; with several --algorithm to `cksum -c`.

  ectype digest debian-13-genericcloud-amd64.qcow2
  curl -s https://vendor.example/disk.raw.xz | ectype digest -")]
pub(crate) struct Args {
    /// An image file, its URL, or `-` for standard input
    #[arg(value_name = "FILE|URL", required = true)]
    images: Vec<String>,
    /// Digests by this algorithm, repeatable: md5, sha1, sha256, sha512; sha512 unless given
    #[arg(short, long = "algorithm", value_name = "ALGORITHM")]
    algorithms: Vec<Algorithm>,
    /// The largest disk to decode, such as 500GiB or 2TiB; 1TiB unless given
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_virtual_size: Option<u64>,
    /// How many seconds a server may send nothing
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds, hide_short_help = true)]
    stall_timeout: Duration,
}

/// One image, read.
struct Digested {
    asked: String,
    reading: Reading,
}

/// Reads every image and prints its digests.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let form = context.out.shape().format;
    let in_columns = !context.out.shape().columns.is_empty()
        || matches!(form, Form::Csv | Form::Value | Form::Shell);
    if in_columns {
        context.out.expect_list(&COLUMNS)?;
    }
    let (mut all, mut failed) = (Vec::new(), 0);
    for asked in &args.images {
        let reading = match read(context, &args, asked).await {
            Ok(reading) => reading,
            Err(failure) if args.images.len() == 1 => return Err(failure),
            Err(failure) => {
                context.warn(&failure.on_one_line(": "));
                failed += 1;
                continue;
            }
        };
        let digested = Digested {
            asked: asked.clone(),
            reading,
        };
        if form == Form::Table && !in_columns {
            context.out.text(&digested.text(&args.algorithms))?;
        }
        all.push(digested);
    }
    if in_columns {
        let rows = all.iter().flat_map(Digested::rows).collect();
        context.out.list(&List {
            columns: COLUMNS.to_vec(),
            rows,
        })?;
    } else if matches!(form, Form::Json | Form::Yaml) {
        let mut values: Vec<Value> = all.iter().map(Digested::json).collect();
        let value = if args.images.len() == 1 {
            values.pop().unwrap_or_default()
        } else {
            Value::Array(values)
        };
        context.out.document(&value)?;
    }
    match failed {
        0 => Ok(()),
        _ => {
            let message = format!("{failed} of {} images could not be read", args.images.len());
            Err(Failure::new(crate::failure::Exit::Partly, message))
        }
    }
}

async fn read(context: &Context, args: &Args, asked: &str) -> Result<Reading, Failure> {
    let source = source(asked, args.stall_timeout).await?;
    let chosen: Algorithms = args.algorithms.iter().copied().collect();
    let sha512 = Algorithms::NONE.with(Algorithm::Sha512);
    let (file, disk) = if chosen.is_empty() {
        (sha512, sha512.with(Algorithm::Md5))
    } else {
        (chosen, chosen)
    };
    let wanted = Wanted {
        file,
        disk,
        max_virtual_size: args.max_virtual_size,
        ..Wanted::default()
    };
    let (meter, cancel) = (Arc::<Meter>::default(), context.cancel.clone());
    let task = context.progress.add(asked, Arc::clone(&meter));
    let read = tokio::task::spawn_blocking(move || {
        disk::read(source, &wanted, disk::Ends::default(), &meter, &cancel)
    })
    .await;
    drop(task);
    let read = read.map_err(|error| Failure::of(crate::failure::Exit::Bug, &error))?;
    read.map_err(|error| {
        let reason = Reason::of_pass(&error);
        because(&reason, format!("`{asked}`: {}", reason.message))
    })
}

/// Opens what was typed: a file, a URL, or `-` for standard input.
pub(super) async fn source(asked: &str, stall_timeout: Duration) -> Result<Source, Failure> {
    if asked == "-" {
        return Ok(Source::stream(io::stdin(), None));
    }
    let address =
        Address::typed(asked).map_err(|error| Failure::of(crate::failure::Exit::Usage, &error))?;
    let client = client(stall_timeout)?;
    let opened = origin::open(&address, &client, &Handle::current()).await;
    let opened = opened.map_err(|error| {
        let mut reason = Reason::of_opening(&address, &error);
        // What else would be told is an option of `verify`.
        reason.hint = error.hint().map(str::to_owned);
        because(&reason, reason.message.clone())
    })?;
    Ok(opened.source)
}

pub(super) const COLUMNS: [Column; 5] = [
    column("Name"),
    column("Layer"),
    column("Algorithm"),
    column("Digest"),
    column("Size"),
];

const fn column(heading: &'static str) -> Column {
    Column {
        heading,
        alias: heading,
        shown: true,
    }
}

impl Digested {
    /// The file's name, and the name that the disk has after `qemu-img convert -O raw`.
    fn names(&self) -> (String, String) {
        if self.asked == "-" {
            return ("-".to_owned(), "disk.raw".to_owned());
        }
        let file = match Address::typed(&self.asked) {
            Ok(address @ Address::Url(_)) => address.name(),
            _ => self.asked.clone(),
        };
        let mut stem = file.as_str();
        for packing in &self.reading.packings {
            stem = stem
                .strip_suffix(&format!(".{}", packing.name()))
                .unwrap_or(stem);
        }
        let stem = [
            ".qcow2", ".vmdk", ".vhdx", ".vhd", ".vdi", ".iso", ".img", ".raw",
        ]
        .iter()
        .find_map(|end| stem.strip_suffix(end))
        .unwrap_or(stem);
        let disk = format!("{stem}.raw");
        // A raw disk called `x.raw` is one file; anything else that would take its own name gets another.
        let taken = disk == file && !self.plain();
        (file, if taken { format!("{disk}.raw") } else { disk })
    }

    /// Whether the file is the disk.
    fn plain(&self) -> bool {
        self.reading.packings.is_empty() && self.reading.format.is_plain()
    }

    /// Lines for `sha512sum -c`. What is said beside them is in comments, which it skips.
    fn text(&self, chosen: &[Algorithm]) -> String {
        let (file, disk) = self.names();
        let mut out = format!(
            "# file: {} bytes, {}\n",
            self.reading.file.size,
            self.kind()
        );
        out.push_str(&lines(&self.reading.file, &file, chosen));
        let Some(contents) = &self.reading.disk else {
            return out;
        };
        if self.plain() {
            let format = self.reading.format.name();
            out.push_str(&format!("# disk: the same, because the file is {format}\n"));
            if chosen.is_empty() {
                out.push_str(&md5(contents));
            }
            return out;
        }
        out.push_str(&format!(
            "# disk: {} bytes, as `qemu-img convert -O raw` writes them\n",
            contents.size
        ));
        out.push_str(&lines(contents, &disk, chosen));
        if chosen.is_empty() {
            out.push_str(&md5(contents));
        }
        out
    }

    /// `qcow2 in xz`.
    fn kind(&self) -> String {
        let packings = self
            .reading
            .packings
            .iter()
            .rev()
            .map(|packing| format!(" in {}", packing.name()));
        format!(
            "{}{}",
            self.reading.format.name(),
            packings.collect::<String>()
        )
    }

    fn layers(&self) -> impl Iterator<Item = (&'static str, &Contents)> {
        std::iter::once(("file", &self.reading.file))
            .chain(self.reading.disk.iter().map(|disk| ("disk", disk)))
    }

    fn rows(&self) -> Vec<Vec<Value>> {
        let row = |layer: &str, contents: &Contents, digest: &disk::Digest| {
            let algorithm = digest.algorithm().name();
            vec![
                json!(self.shown()),
                json!(layer),
                json!(algorithm),
                json!(digest.to_string()),
                json!(contents.size),
            ]
        };
        let rows = self.layers().flat_map(|(layer, contents)| {
            contents
                .digests
                .iter()
                .map(move |digest| row(layer, contents, digest))
        });
        rows.collect()
    }

    fn json(&self) -> Value {
        let mut value = Map::new();
        value.insert("schema".to_owned(), json!("ectype/digest/1"));
        value.insert("original".to_owned(), json!(self.shown()));
        value.insert("format".to_owned(), json!(self.reading.format.name()));
        let packings: Vec<&str> = self
            .reading
            .packings
            .iter()
            .map(|packing| packing.name())
            .collect();
        value.insert("packings".to_owned(), json!(packings));
        for (layer, contents) in self.layers() {
            let digests = contents.digests.iter();
            let digests: Map<String, Value> = digests
                .map(|digest| {
                    (
                        digest.algorithm().name().to_owned(),
                        json!(digest.to_string()),
                    )
                })
                .collect();
            value.insert(
                layer.to_owned(),
                json!({"size": contents.size, "digests": digests}),
            );
        }
        Value::Object(value)
    }

    /// What was asked for, without secrets.
    fn shown(&self) -> String {
        Address::typed(&self.asked)
            .map_or_else(|_| self.asked.clone(), |address| address.to_string())
    }
}

/// One algorithm: as its own program writes it (`sha512sum`). Several: with the algorithm's name, for `cksum -c`.
pub(super) fn lines(contents: &Contents, name: &str, chosen: &[Algorithm]) -> String {
    let (name, escaped) = escape(name);
    let mark = if escaped { "\\" } else { "" };
    let wanted = |algorithm: &Algorithm| {
        if chosen.is_empty() {
            *algorithm == Algorithm::Sha512
        } else {
            true
        }
    };
    let digests = contents
        .digests
        .iter()
        .filter(|digest| wanted(&digest.algorithm()));
    let tagged = chosen.len() > 1;
    let line = |digest: &disk::Digest| match tagged {
        true => format!(
            "{mark}{} ({name}) = {digest}\n",
            digest.algorithm().name().to_ascii_uppercase()
        ),
        false => format!("{mark}{digest}  {name}\n"),
    };
    digests.map(line).collect()
}

/// Glance's `checksum`, for the eye; in a comment, so that `sha512sum -c` takes the whole output.
fn md5(contents: &Contents) -> String {
    contents
        .digests
        .get(Algorithm::Md5)
        .map_or_else(String::new, |digest| format!("# disk md5 {digest}\n"))
}

/// As GNU coreutils escape names; without it a name could forge a line.
fn escape(name: &str) -> (String, bool) {
    let escaped = name
        .replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "\\r");
    let changed = escaped != name;
    (escaped, changed)
}
