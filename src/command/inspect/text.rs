//! What was found, for people.

use disk::inspect::{Feature, Finding, GlanceVerdict, Partition, Severity, Table};

use super::{Told, map};
use crate::output::human::size;
use crate::output::visible;
use crate::terminal::Sink;

/// Features that are numbers of bytes.
const SIZES: [&str; 4] = ["cluster size", "grain size", "block size", "sector size"];

impl Told {
    /// Compact: a line for each thing, a line for each partition, a paragraph for each finding.
    pub(super) fn text(&self, sink: Sink) -> String {
        let image = self.look.image();
        let mut out = format!("{}\n", visible(&self.name));
        let mut line = |name: &str, value: String| {
            if !value.is_empty() {
                out.push_str(&format!("  {name:<12}{value}\n"));
            }
        };
        line("format", self.format());
        line("file", amount(self.look.file.size));
        line(
            "unpacked",
            amount(self.look.packed.as_ref().and_then(|inner| inner.size)),
        );
        line("disk", amount(image.virtual_size));
        if let Some(map) = &self.look.map {
            line(
                "allocation",
                format!("{} of data, {} of zeros", size(map.data), size(map.zero)),
            );
            line("", map::draw(map).unwrap_or_default());
        }
        line("boots", self.boots());
        line("glance", self.glance());
        if let Some(table) = &image.table {
            line("partitions", scheme(table));
            out.push_str(&partitions(table));
        }
        for finding in &self.findings {
            out.push_str(&paragraph(finding, sink.colour));
        }
        out
    }

    /// `qcow2 in xz: version 3, cluster size 64.0 KiB`.
    fn format(&self) -> String {
        let image = self.look.image();
        let mut text = match image.kinds.len() {
            0 | 1 => image.kind.title().to_owned(),
            _ => image
                .kinds
                .iter()
                .map(|kind| kind.title())
                .collect::<Vec<_>>()
                .join(" + "),
        };
        for packing in self.look.packings.iter().rev() {
            text.push_str(&format!(" in {}", packing.name()));
        }
        // What is off goes without saying.
        let told = image
            .features
            .iter()
            .filter(|feature| feature.value != "no");
        let features: Vec<String> = told.map(feature).collect();
        if !features.is_empty() {
            text.push_str(&format!(" ({})", features.join(", ")));
        }
        text
    }

    fn boots(&self) -> String {
        let boot = &self.look.image().boot;
        let ways = match (boot.bios, boot.uefi) {
            (true, true) => "BIOS and UEFI",
            (true, false) => "BIOS",
            (false, true) => "UEFI",
            (false, false) => return boot.signs.join(", "),
        };
        format!("{ways} ({})", boot.signs.join(", "))
    }

    fn glance(&self) -> String {
        let declared = visible(&self.declared.disk_format).into_owned();
        match self.look.image().glance_verdict(&self.declared) {
            GlanceVerdict::Accepted { .. } => format!("accepts it as {declared}"),
            GlanceVerdict::Refused { .. } => format!("refuses it as {declared}"),
            GlanceVerdict::NotInspected => format!("takes it as {declared} without a look"),
        }
    }
}

/// `3.0 GiB (3221225472 bytes)`.
fn amount(bytes: Option<u64>) -> String {
    match bytes {
        None => String::new(),
        Some(bytes) if bytes < 1024 => size(bytes),
        Some(bytes) => format!("{} ({bytes} bytes)", size(bytes)),
    }
}

fn feature(feature: &Feature) -> String {
    let bytes = feature
        .value
        .parse()
        .ok()
        .filter(|_| SIZES.contains(&feature.name));
    match (bytes, feature.value.as_str()) {
        (Some(bytes), _) => format!("{} {}", feature.name, size(bytes)),
        (None, "yes") => feature.name.to_owned(),
        (None, value) => format!("{} {}", feature.name, visible(value)),
    }
}

fn scheme(table: &Table) -> String {
    let sector = if table.sector == 512 {
        String::new()
    } else {
        format!(", sectors of {}", size(table.sector.into()))
    };
    let id = table
        .id
        .as_ref()
        .map(|id| format!(", {id}"))
        .unwrap_or_default();
    format!("{}{sector}{id}", table.scheme.name())
}

/// One line a partition, in columns.
fn partitions(table: &Table) -> String {
    let kind = |partition: &Partition| {
        let name = partition
            .kind_name
            .map_or_else(|| partition.kind.clone(), str::to_owned);
        if partition.active {
            format!("{name}, active")
        } else {
            name
        }
    };
    let width = table
        .partitions
        .iter()
        .map(|p| kind(p).chars().count())
        .max()
        .unwrap_or(0);
    let line = |p: &Partition| {
        let name = p.name.as_deref().map(visible).unwrap_or_default();
        let text = format!(
            "  {:>10}  {:<width$}  {:>11}  at {:>11}  {name}",
            p.number,
            kind(p),
            size(p.size),
            size(p.start),
        );
        text.trim_end().to_owned() + "\n"
    };
    table.partitions.iter().map(line).collect()
}

/// The code, then what it means, what stands in the file, what to do.
fn paragraph(finding: &Finding, colour: bool) -> String {
    let (word, paint) = match finding.severity {
        Severity::Warning => ("warning", "33"),
        Severity::Ectype => ("refused", "31"),
        Severity::Glance => ("refused", "1;31"),
    };
    let by = match finding.severity {
        Severity::Warning => "",
        Severity::Ectype => " by ectype",
        Severity::Glance => " by Glance",
    };
    let word = if colour {
        format!("\x1b[{paint}m{word}\x1b[0m")
    } else {
        word.to_owned()
    };
    let code = finding.code;
    let cve = code
        .cve()
        .map(|cve| format!(" ({cve})"))
        .unwrap_or_default();
    let detail = finding
        .detail
        .as_deref()
        .map(|detail| format!("    {}\n", visible(detail)));
    format!(
        "\n  {word}{by}: {}{cve}\n    {}\n{}    do: {}\n",
        code.code(),
        code.meaning(),
        detail.unwrap_or_default(),
        code.advice()
    )
}
