//! The format to write and its options, out of what was typed in ectype's words or in qemu-img's.

use std::path::Path;
use std::str::FromStr;

use clap::ValueEnum;
use disk::write::{Compression, Image, Level, qcow2, vmdk};

use super::{Args, bytes};
use crate::failure::{Exit, Failure};

/// A format to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// The disk's bytes, with holes for zeros
    Raw,
    /// Version 3
    Qcow2,
    /// streamOptimized
    Vmdk,
}

/// A kind of compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compress {
    /// None
    None,
    /// Deflate
    Zlib,
    /// Zstandard
    Zstd,
}

/// `key=value` as qemu-img has it.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    key: String,
    value: String,
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key, value) = text.split_once('=').ok_or("want KEY=VALUE")?;
        Ok(Self {
            key: key.to_owned(),
            value: value.to_owned(),
        })
    }
}

/// Endings that say another thing than what would be written.
const OTHERS: [&str; 12] = [
    "vhd", "vpc", "vhdx", "vdi", "iso", "ova", "gz", "xz", "zst", "bz2", "qed", "hdd",
];

/// The format and options that were asked for.
///
/// # Errors
/// Options that the format does not have.
pub(super) fn image(args: &Args) -> Result<Image, Failure> {
    let form = match args.output_format {
        Some(form) => form,
        None => by_name(&args.output)?,
    };
    let mut wish = Wish {
        compress: args.compress,
        cluster_size: args.cluster_size,
        level: args.level,
    };
    for setting in &args.options {
        wish.add(form, setting)?;
    }
    wish.image(form)
}

/// A format with this compression, or its default one, and nothing else that is special.
///
/// # Errors
/// The format does not have it.
pub(crate) fn plain(form: Form, compress: Option<Compress>) -> Result<Image, Failure> {
    let wish = Wish {
        compress,
        cluster_size: None,
        level: None,
    };
    wish.image(form)
}

fn by_name(path: &Path) -> Result<Form, Failure> {
    let ending = path.extension().unwrap_or_default();
    let ending = ending.to_string_lossy().to_ascii_lowercase();
    match ending.as_str() {
        "qcow2" => Ok(Form::Qcow2),
        "vmdk" => Ok(Form::Vmdk),
        other if OTHERS.contains(&other) => {
            let message = format!("`.{other}` is nothing that ectype writes");
            Err(usage(message).hint("say which format: `-O raw`, `-O qcow2` or `-O vmdk`"))
        }
        _ => Ok(Form::Raw),
    }
}

fn compression(kind: Compress, level: Option<i32>) -> Result<Compression, Failure> {
    let (made, levels) = match kind {
        Compress::None if level.is_some() => {
            return Err(usage("`--level` is for compression")
                .hint("add `--compress zlib` or `--compress zstd`"));
        }
        Compress::None => return Ok(Compression::None),
        Compress::Zlib => {
            let level = level.unwrap_or(Level::ZLIB_DEFAULT.get());
            (Compression::zlib(level), Level::ZLIB)
        }
        Compress::Zstd => {
            let level = level.unwrap_or(Level::ZSTD_DEFAULT.get());
            (Compression::zstd(level), Level::ZSTD)
        }
    };
    made.ok_or_else(|| {
        let (from, to) = levels.into_inner();
        usage(format!(
            "the level of this compression goes from {from} to {to}"
        ))
    })
}

/// What was asked for so far.
struct Wish {
    compress: Option<Compress>,
    cluster_size: Option<u64>,
    level: Option<i32>,
}

impl Wish {
    /// The format with these options.
    fn image(&self, form: Form) -> Result<Image, Failure> {
        match form {
            Form::Raw => {
                let given = [
                    (
                        self.compress.is_some_and(|kind| kind != Compress::None),
                        "--compress",
                    ),
                    (self.cluster_size.is_some(), "--cluster-size"),
                    (self.level.is_some(), "--level"),
                ];
                match given.iter().find(|(given, _)| *given) {
                    Some((_, option)) => Err(usage(format!("a raw disk has no `{option}`"))
                        .hint("qcow2 is a format that has")),
                    None => Ok(Image::Raw),
                }
            }
            Form::Qcow2 => {
                let kind = self.compress.unwrap_or(Compress::None);
                let cluster = self.cluster_size.unwrap_or(64 << 10);
                let options = qcow2::Options::new(cluster, compression(kind, self.level)?);
                options.map(Image::Qcow2).ok_or_else(|| {
                    let text =
                        "the size of a qcow2 cluster is a power of two from 512 bytes to 2 MiB";
                    usage(format!("{text}, not {cluster}"))
                })
            }
            Form::Vmdk if self.cluster_size.is_some() => {
                Err(usage("a streamOptimized vmdk has no `--cluster-size`"))
            }
            Form::Vmdk => {
                let kind = self.compress.unwrap_or(Compress::Zlib);
                let options = vmdk::Options::new(compression(kind, self.level)?);
                let refuse =
                    || usage("a streamOptimized vmdk is compressed by zlib and nothing else");
                options.map(Image::Vmdk).ok_or_else(refuse)
            }
        }
    }

    /// Adds what an option of qemu-img asks for.
    fn add(&mut self, form: Form, setting: &Setting) -> Result<(), Failure> {
        let Setting { key, value } = setting;
        let only = |good: &[&str], what: &str| match good.contains(&value.as_str()) {
            true => Ok(()),
            false => Err(usage(format!("`-o {key}={value}`: ectype writes {what}"))),
        };
        match (form, key.as_str()) {
            (Form::Qcow2, "compat") => only(&["1.1", "v3"], "qcow2 version 3 (compat=1.1)"),
            (Form::Vmdk, "subformat") => only(&["streamOptimized"], "streamOptimized"),
            (Form::Vmdk, "adapter_type") => only(&["lsilogic"], "adapter_type=lsilogic"),
            (Form::Qcow2, "compression_type") => {
                let kind = Compress::from_str(value, false);
                let kind =
                    kind.map_err(|_| usage(format!("`-o {key}={value}`: want zlib or zstd")))?;
                self.compress = self.compress.or(Some(kind));
                Ok(())
            }
            (Form::Qcow2, "cluster_size") => {
                let size = bytes(value);
                let size = size.map_err(|error| usage(format!("`-o {key}={value}`: {error}")))?;
                self.cluster_size = self.cluster_size.or(Some(size));
                Ok(())
            }
            _ => {
                let known = match form {
                    Form::Raw => "a raw disk has no options",
                    Form::Qcow2 => "for qcow2 there are cluster_size, compression_type, compat",
                    Form::Vmdk => "for vmdk there are subformat, adapter_type",
                };
                Err(usage(format!("`-o {key}={value}` is not known: {known}")))
            }
        }
    }
}

fn usage(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, message)
}
