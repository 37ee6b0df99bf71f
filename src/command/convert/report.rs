//! What a conversion answers: the digests of both sides.

use std::path::Path;

use disk::write::{Compression, Image};
use disk::{Algorithm, Contents};
use origin::Address;
use serde_json::{Map, Value, json};

use super::goal::Goal;
use crate::args::Form;
use crate::command::digest::{COLUMNS, lines};
use crate::command::pass::{Done, widened};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{List, visible};

/// A finished conversion.
pub(super) struct Report<'a> {
    pub(super) input: &'a str,
    pub(super) output: &'a Path,
    pub(super) image: Image,
    pub(super) algorithms: &'a [Algorithm],
    pub(super) done: &'a Done,
}

/// Whether the answer is a table of columns.
fn in_columns(context: &Context) -> bool {
    let shape = context.out.shape();
    !shape.columns.is_empty() || !matches!(shape.format, Form::Table | Form::Json | Form::Yaml)
}

impl Report<'_> {
    /// Checks beforehand that the answer can be given as wished.
    ///
    /// # Errors
    /// Columns that there are not; an answer for programs while standard output is the image.
    pub(super) fn expect(context: &Context, goal: &Goal) -> Result<(), Failure> {
        let plain = context.out.shape().format == Form::Table;
        if matches!(goal, Goal::Pipe) && (!plain || in_columns(context)) {
            let message = "standard output is the image, so that no other answer fits there";
            return Err(Failure::new(Exit::Usage, message)
                .hint("leave -f and -c out: the digests go to standard error"));
        }
        match in_columns(context) {
            true => context.out.expect_list(&COLUMNS),
            false => Ok(()),
        }
    }

    /// Prints it.
    pub(super) fn print(&self, context: &Context, goal: &Goal) -> Result<(), Failure> {
        widened(context, self.image, self.disk().size);
        if matches!(goal, Goal::Pipe) {
            for line in self.text().lines() {
                context.note(line);
            }
            return Ok(());
        }
        if in_columns(context) {
            return context.out.list(&List {
                columns: COLUMNS.to_vec(),
                rows: self.rows(),
            });
        }
        match context.out.shape().format {
            Form::Json | Form::Yaml => context.out.document(&self.json()),
            _ => context.out.text(&self.text()),
        }
    }

    fn disk(&self) -> &Contents {
        let reading = &self.done.reading;
        reading.disk.as_ref().unwrap_or(&reading.file)
    }

    /// The file that was written, with its digests.
    fn written(&self) -> Contents {
        let mut written = self.done.written.clone();
        if self.image == Image::Raw {
            written.digests.clone_from(&self.disk().digests);
        }
        written
    }

    /// Lines for `sha512sum -c`. What is no file here is in comments, which it skips.
    fn text(&self) -> String {
        let (reading, written) = (&self.done.reading, self.written());
        let packings = reading.packings.iter().rev();
        let packed: String = packings
            .map(|packing| format!(" in {}", packing.name()))
            .collect();
        let format = reading.format.name();
        let name = self.shown();
        let mut out = format!(
            "# from {name}: {format}{packed}, {} bytes\n",
            reading.file.size
        );
        let local = self.input != "-" && matches!(Address::typed(self.input), Ok(Address::Path(_)));
        match local {
            true => out.push_str(&lines(&reading.file, self.input, self.algorithms)),
            false => out.push_str(&comments(&reading.file)),
        }
        out.push_str(&format!("# its disk: {} bytes\n", self.disk().size));
        out.push_str(&comments(self.disk()));
        // A name cannot forge a line.
        let output = visible(&self.output.to_string_lossy()).into_owned();
        let size = written.size;
        out.push_str(&format!("# to {output}: {}, {size} bytes\n", self.kind()));
        match self.output == Path::new("-") {
            true => out.push_str(&comments(&written)),
            false => out.push_str(&lines(
                &written,
                &self.output.to_string_lossy(),
                self.algorithms,
            )),
        }
        out
    }

    /// `qcow2 compressed by zlib`.
    fn kind(&self) -> String {
        let name = self.image.name();
        match self.compression() {
            Some(kind) => format!("{name} compressed by {kind}"),
            None => name.to_owned(),
        }
    }

    fn compression(&self) -> Option<&'static str> {
        match self.image {
            Image::Raw => None,
            Image::Vmdk(_) => Some("zlib"),
            Image::Qcow2(options) => match options.compression() {
                Compression::None => None,
                Compression::Zlib(_) => Some("zlib"),
                Compression::Zstd(_) => Some("zstd"),
            },
        }
    }

    fn rows(&self) -> Vec<Vec<Value>> {
        let (input, output) = (self.shown(), self.output.display().to_string());
        let layers = [
            (&input, "file", self.done.reading.file.clone()),
            (&input, "disk", self.disk().clone()),
            (&output, "file", self.written()),
        ];
        let rows = layers.iter().flat_map(|(name, layer, contents)| {
            contents.digests.iter().map(move |digest| {
                let algorithm = digest.algorithm().name();
                let digest = digest.to_string();
                vec![
                    json!(name),
                    json!(layer),
                    json!(algorithm),
                    json!(digest),
                    json!(contents.size),
                ]
            })
        });
        rows.collect()
    }

    fn json(&self) -> Value {
        let reading = &self.done.reading;
        let packings: Vec<&str> = reading
            .packings
            .iter()
            .map(|packing| packing.name())
            .collect();
        let mut output = json!({
            "name": self.output.display().to_string(),
            "format": self.image.name(),
            "compression": self.compression(),
        });
        if let (Image::Qcow2(options), Some(output)) = (self.image, output.as_object_mut()) {
            output.insert("cluster_size".to_owned(), json!(options.cluster_size()));
        }
        if let Some(output) = output.as_object_mut() {
            output.insert("file".to_owned(), layer(&self.written()));
            let size = self.image.disk_size(self.disk().size);
            output.insert("disk".to_owned(), json!({ "size": size }));
        }
        json!({
            "schema": "ectype/convert/1",
            "input": {
                "name": self.shown(),
                "format": reading.format.name(),
                "packings": packings,
                "file": layer(&reading.file),
                "disk": layer(self.disk()),
            },
            "output": output,
        })
    }

    /// The input, without secrets.
    fn shown(&self) -> String {
        Address::typed(self.input)
            .map_or_else(|_| self.input.to_owned(), |address| address.to_string())
    }
}

fn layer(contents: &Contents) -> Value {
    let digests = contents.digests.iter();
    let digests: Map<String, Value> = digests
        .map(|digest| {
            (
                digest.algorithm().name().to_owned(),
                json!(digest.to_string()),
            )
        })
        .collect();
    json!({ "size": contents.size, "digests": digests })
}

/// Digests of what is no file here.
fn comments(contents: &Contents) -> String {
    let digests = contents.digests.iter();
    let line = |digest: &disk::Digest| format!("# {} {digest}\n", digest.algorithm().name());
    digests.map(line).collect()
}
