//! `ectype demo`: the main job on an image that the program carries, with no cloud and no network.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use origin::Address;
use proof::Outcome;

use super::verify;
use crate::args::Form;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// The original: a small disk that qemu-img compressed; `assets/demo/make` makes it.
const ORIGINAL: &[u8] = include_bytes!("../../assets/demo/demo.qcow2");
/// Its checksum file, by sha512sum.
const MANIFEST: &[u8] = include_bytes!("../../assets/demo/SHA512SUMS");
/// The stored copy: the same disk as `qemu-img convert -O raw` writes it.
const STORED: &[u8] = include_bytes!("../../assets/demo/demo.raw");
/// The byte that is changed: inside a file on the disk.
const CHANGED: usize = 20_000;

/// See what ectype does, on a small image that it carries; no cloud, no network
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Leave the files in this new folder, to try more on them
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

/// Verifies a true copy, changes one byte of it, and verifies it again.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let shape = context.out.shape();
    if shape.format != Form::Table || !shape.columns.is_empty() {
        let failure = Failure::new(
            Exit::Usage,
            "the demonstration is for people: it has no other form",
        );
        return Err(failure.hint("`ectype demo --keep FOLDER`, then `ectype verify --stored … --original … -f json` there"));
    }
    let temporary = match &args.keep {
        Some(folder) => {
            fs::create_dir(folder).map_err(|error| cannot(folder, &error))?;
            None
        }
        None => Some(
            tempfile::Builder::new()
                .prefix("ectype-demo-")
                .tempdir()
                .map_err(|error| cannot(&std::env::temp_dir(), &error))?,
        ),
    };
    let kept = args.keep.unwrap_or_default();
    let folder = temporary
        .as_ref()
        .map_or(kept.as_path(), tempfile::TempDir::path);
    let stage = Stage {
        context,
        original: folder.join("demo.qcow2"),
        stored: folder.join("stored.raw"),
    };
    stage.play(folder).await?;
    context.out.text(NEXT)
}

const NEXT: &str = "\
That was a file on this machine. With a cloud, as any of its users:

  ectype cloud show                    which cloud, and where each setting comes from
  ectype image list                    its images
  ectype verify \"Debian 13\"            one of them beside its vendor's original
  ectype verify --all                  every image that names its original
";

struct Stage<'a> {
    context: &'a Context,
    original: PathBuf,
    stored: PathBuf,
}

impl Stage<'_> {
    async fn play(&self, folder: &Path) -> Result<(), Failure> {
        let Self {
            context,
            original,
            stored,
        } = self;
        write(original, ORIGINAL)?;
        write(&folder.join("SHA512SUMS"), MANIFEST)?;
        write(stored, STORED)?;
        context.out.text(&format!(
            "In {}\n  demo.qcow2   a vendor's original, compressed by qemu-img\n  SHA512SUMS   the vendor's checksum file\n  \
             stored.raw   what a cloud has stored: the same disk, raw\n\n",
            folder.display()
        ))?;
        self.verify(Outcome::Identical).await?;
        let mut changed = STORED.to_vec();
        let Some(byte) = changed.get_mut(CHANGED) else {
            return Err(Failure::new(
                Exit::Bug,
                "the demonstration's disk is too small",
            ));
        };
        *byte ^= 1;
        write(stored, &changed)?;
        context.out.text(&format!(
            "Now one bit of byte {CHANGED} of stored.raw is turned over.\n\n"
        ))?;
        self.verify(Outcome::Different).await
    }

    async fn verify(&self, expected: Outcome) -> Result<(), Failure> {
        let Self {
            context,
            original,
            stored,
        } = self;
        context
            .out
            .text("$ ectype verify --stored stored.raw --original demo.qcow2\n")?;
        let verdict =
            verify::device(context, stored.clone(), Address::Path(original.clone())).await?;
        context.out.text("\n")?;
        if verdict.verdict == expected {
            return Ok(());
        }
        Err(Failure::new(
            Exit::Bug,
            "the demonstration came to the wrong verdict",
        ))
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|error| cannot(path, &error))
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Config, format!("cannot write `{}`", path.display())).caused_by(Some(error))
}
