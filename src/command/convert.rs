//! `ectype convert`: an image file into another format, in one pass, with the digests of both sides.

mod goal;
mod report;
mod target;
mod work;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use disk::Algorithm;

use self::goal::Goal;
use self::report::Report;
use self::target::Setting;
pub(crate) use self::target::{Compress, Form, plain};
use self::work::Work;
use super::verify::{bytes, seconds};
use crate::context::Context;
use crate::failure::Failure;

/// Convert an image file, and print the digests of both sides
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
The format of IN is found by its content, packed (gz, xz, zst, bz2) or not. OUT appears under its name only when it is \
complete; what is zero is not stored. The same disk and options give the same bytes, whatever the number of cores. The \
lines that are printed can be given to `sha512sum -c`. docs/convert.md tells more, also to users of qemu-img.

  ectype convert debian-13.qcow2 debian-13.raw
  ectype convert disk.qcow2 smaller.qcow2 --compress zstd
  ectype convert https://vendor.example/disk.raw.xz disk.qcow2 --compress zlib
  ectype convert disk.qcow2 - -O vmdk | ssh host 'cat > disk.vmdk'")]
pub(crate) struct Args {
    /// An image file, its URL, or `-` for standard input
    #[arg(value_name = "IN")]
    input: String,
    /// Where to: a file, a device, or `-` for standard output
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// Format of OUT; what OUT's name ends in (.qcow2, .vmdk) unless given, or else raw
    #[arg(short = 'O', long, value_name = "FORMAT", value_enum)]
    output_format: Option<Form>,
    /// Compress: zlib or zstd for qcow2, zlib for vmdk; qcow2 is not compressed unless given
    #[arg(long, value_name = "KIND", value_enum)]
    compress: Option<Compress>,
    /// How hard to compress: zlib 1 to 12, zstd 1 to 22
    #[arg(long, value_name = "N")]
    level: Option<i32>,
    /// Bytes of a qcow2 cluster, from 512 to 2MiB; 64KiB unless given
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    cluster_size: Option<u64>,
    /// As qemu-img has it: cluster_size, compression_type, compat, subformat, adapter_type
    #[arg(
        short,
        long = "options",
        value_name = "KEY=VALUE",
        value_delimiter = ',',
        hide_short_help = true
    )]
    options: Vec<Setting>,
    /// Replace OUT if it is there; write to a block device
    #[arg(long)]
    overwrite: bool,
    /// Digests by this algorithm, repeatable: md5, sha1, sha256, sha512; sha512 unless given
    #[arg(short, long = "algorithm", value_name = "ALGORITHM")]
    algorithms: Vec<Algorithm>,
    /// Compute no digests
    #[arg(long, conflicts_with = "algorithms")]
    no_digests: bool,
    /// The largest disk to convert, such as 500GiB or 2TiB; 1TiB unless given
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    max_virtual_size: Option<u64>,
    /// How many seconds a server may send nothing
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds, hide_short_help = true)]
    stall_timeout: Duration,
}

/// Converts and prints what came of it.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let goal = Goal::of(&args.output, args.overwrite, context.out.sink())?;
    let image = target::image(&args)?;
    Report::expect(context, &goal)?;
    let work = Work {
        context,
        args: &args,
        image,
        goal: &goal,
    };
    let done = work.run().await?;
    Report {
        input: &args.input,
        output: &args.output,
        image,
        algorithms: &args.algorithms,
        done: &done,
    }
    .print(context, &goal)
}
