//! `ectype image save`: an image's bytes into a file, verified while they stream.

mod check;
mod convert;
mod part;
mod stream;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use disk::Meter;
use proof::Recorded;
use tokio::runtime::Handle;
use wire::image::Image;

use self::check::Check;
use self::part::{Destination, Part, Target};
use crate::command::convert::{Compress, Form, plain};
use crate::command::verify::bytes;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Save an image's bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The bytes are compared with the digests that the cloud has recorded (os_hash_value and the MD5 checksum) while they \
stream. A file appears under its name only when all of them were right; until then they are in a hidden file beside it, \
where the same command goes on after an interruption. Zeros become holes. Of bytes that went to a pipe the exit code \
says whether they were right: 6 if not.
--convert decodes the image while it streams (its format is found by content) and writes the disk as another format. \
The stored bytes are compared as before, and the file appears only when they were right. A conversion that was interrupted \
begins again from the start.

  ectype image save \"Debian 13\" --file debian-13.qcow2
  ectype image save \"Debian 13\" --file debian-13.raw --convert raw
  ectype image save mine --file mine.qcow2 --convert qcow2 --compress zstd")]
pub(crate) struct Args {
    /// Name or id
    image: String,
    /// Where to; `-` or nothing for standard output
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Write the disk in this format, whatever the image is in
    #[arg(long, value_name = "FORMAT", value_enum)]
    convert: Option<Form>,
    /// Compress what --convert writes: zlib or zstd for qcow2, which is not compressed unless given; zlib for vmdk
    #[arg(long, value_name = "KIND", value_enum, requires = "convert")]
    compress: Option<Compress>,
    /// The largest disk to convert, such as 500GiB or 2TiB; 1TiB unless given
    #[arg(long, value_name = "SIZE", value_parser = bytes, requires = "convert")]
    max_virtual_size: Option<u64>,
    /// Bytes to read and write at a time
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20, hide_default_value = true, hide_short_help = true,
        value_parser = clap::value_parser!(u32).range(1..=64 << 20))]
    chunk_size: u32,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let named = |path: &&Path| *path != Path::new("-");
    let destination = Destination::of(args.file.as_deref().filter(named))?;
    if matches!(destination, Destination::Pipe) && context.out.sink().terminal {
        return Err(
            Failure::new(Exit::Usage, "a disk image does not belong on a terminal")
                .hint("name a file: --file FILE"),
        );
    }
    let image = args.convert.map(|form| plain(form, args.compress));
    let goal = image.transpose()?.map(|image| convert::Goal {
        image,
        to: &destination,
        largest: args.max_virtual_size,
    });
    goal.as_ref().map_or(Ok(()), convert::Goal::check)?;
    let cloud = context.cloud().await?;
    let image = cloud.glance().find(&args.image).await?;
    let recorded = Recorded::of(&image);
    if recorded.useless().is_some() {
        context.warn("the cloud has recorded no digest of this image that could be compared; only its length is");
    }
    let work = Work {
        context,
        image: &image,
        glance: cloud.glance(),
        recorded,
        chunk: args.chunk_size as usize,
    };
    if let Some(goal) = &goal {
        return work.converted(goal).await;
    }
    let target = destination.open(&image)?;
    let resumed = matches!(&target, Target::Part(part) if part.len() > 0);
    match work.run(target).await {
        // What was wrong may be what an earlier run had left; the same bytes all over again decide.
        Err(failure) if failure.exit == Exit::Untrusted && resumed => {
            context.note("what an earlier run had left does not fit; from the beginning");
            work.run(destination.open(&image)?).await
        }
        ended => ended,
    }
}

/// One download.
struct Work<'a> {
    context: &'a Context,
    image: &'a Image,
    glance: &'a cloud::Glance,
    recorded: Recorded,
    chunk: usize,
}

impl Work<'_> {
    async fn run(&self, mut target: Target) -> Result<(), Failure> {
        let meter = Arc::<Meter>::default();
        meter
            .file_len
            .store(self.image.size.unwrap_or_default(), Ordering::Relaxed);
        let task = self
            .context
            .progress
            .add(self.image.name(), Arc::clone(&meter));
        let part = match &mut target {
            Target::Part(part) => Some(part),
            Target::Pipe | Target::Device(_) => None,
        };
        let download = self.download(part).await?;
        let download = download.into_reader(&Handle::current());
        let job = stream::Job {
            check: Check::new(self.recorded.clone()),
            chunk: self.chunk,
            meter,
            cancel: self.context.cancel.clone(),
            id: self.image.id.clone(),
        };
        let done = tokio::task::spawn_blocking(move || job.run(download, target)).await;
        drop(task);
        done.map_err(|error| Failure::of(Exit::Bug, &error))?
    }

    /// The bytes that the part does not have; all of them where a cloud does not send parts.
    async fn download(&self, part: Option<&mut Part>) -> Result<net::Download, Failure> {
        let whole = || async {
            let data = self.glance.data(&self.image.id).await;
            data.map_err(|error| match error {
                cloud::Error::NoData { .. } => Failure::new(Exit::NotFound, self.empty()),
                other => other.into(),
            })
        };
        let Some(part) = part.filter(|part| part.len() > 0) else {
            return whole().await;
        };
        match whole().await?.from(part.len()).await {
            Ok(rest) => Ok(rest),
            Err(net::Error::NoRanges { .. }) => {
                part.restart()?;
                whole().await
            }
            Err(error) => Err(cloud::Error::from(error).into()),
        }
    }

    fn empty(&self) -> String {
        format!(
            "image {} has no data (it is {})",
            self.image.id, self.image.status
        )
    }
}
