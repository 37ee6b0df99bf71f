//! What was found, for programs.

use disk::inspect::{Finding, GlanceVerdict, Inspection, Map, Partition, Table};
use serde_json::{Value, json};

use super::Told;

impl Told {
    /// The document `ectype/inspect/1`.
    pub(super) fn json(&self) -> Value {
        let image = self.look.image();
        let packings: Vec<&str> = self
            .look
            .packings
            .iter()
            .map(|packing| packing.name())
            .collect();
        let kinds: Vec<&str> = image.kinds.iter().map(|kind| kind.title()).collect();
        json!({
            "schema": "ectype/inspect/1",
            "file": self.name,
            "size": self.look.file.size,
            "packings": packings,
            "unpacked_size": self.look.packed.as_ref().and_then(|inner| inner.size),
            "format": image.kind.title(),
            "formats": kinds,
            "virtual_size": image.virtual_size,
            "features": features(image),
            "allocation": self.look.map.as_ref().map(allocation),
            "partition_table": image.table.as_ref().map(table),
            "boot": { "bios": image.boot.bios, "uefi": image.boot.uefi, "signs": image.boot.signs },
            "disk_format": self.declared.disk_format,
            "glance": self.prediction(),
            "usable": self.refusing().next().is_none(),
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
        })
    }

    /// What Glance would say.
    fn prediction(&self) -> Value {
        match self.look.image().glance_verdict(&self.declared) {
            GlanceVerdict::Accepted {
                format,
                virtual_size,
            } => {
                json!({"verdict": "accepted", "format": format, "virtual_size": virtual_size, "codes": []})
            }
            GlanceVerdict::NotInspected => {
                json!({"verdict": "not-inspected", "format": null, "virtual_size": null, "codes": []})
            }
            GlanceVerdict::Refused { codes } => {
                let codes: Vec<&str> = codes.iter().map(|code| code.code()).collect();
                json!({"verdict": "refused", "format": null, "virtual_size": null, "codes": codes})
            }
        }
    }

    /// One value each, for `-f value`, `-f shell` and `-c`.
    pub(super) fn fields(&self) -> Vec<(String, Value)> {
        let image = self.look.image();
        let codes: Vec<&str> = self.findings.iter().map(|f| f.code.code()).collect();
        let field = |name: &str, value: Value| (name.to_owned(), value);
        let scheme = image.table.as_ref().map(|table| table.scheme.name());
        let data = self.look.map.as_ref().map(|map| map.data);
        vec![
            field("file", json!(self.name)),
            field("size", json!(self.look.file.size)),
            field("format", json!(image.kind.title())),
            field("virtual_size", json!(image.virtual_size)),
            field("data", json!(data)),
            field("partition_table", json!(scheme)),
            field("bios", json!(image.boot.bios)),
            field("uefi", json!(image.boot.uefi)),
            field("disk_format", json!(self.declared.disk_format)),
            field("usable", json!(self.refusing().next().is_none())),
            field("findings", json!(codes.join(" "))),
        ]
    }
}

fn features(image: &Inspection) -> Value {
    let features = image.features.iter();
    let key = |name: &str| name.to_ascii_lowercase().replace([' ', '-', '/'], "_");
    Value::Object(features.map(|f| (key(f.name), json!(f.value))).collect())
}

fn allocation(map: &Map) -> Value {
    json!({"data": map.data, "zero": map.zero})
}

fn table(table: &Table) -> Value {
    json!({
        "scheme": table.scheme.name(),
        "sector_size": table.sector,
        "id": table.id,
        "partitions": table.partitions.iter().map(partition).collect::<Vec<_>>(),
    })
}

fn partition(partition: &Partition) -> Value {
    json!({
        "number": partition.number,
        "start": partition.start,
        "size": partition.size,
        "type": partition.kind,
        "type_name": partition.kind_name,
        "name": partition.name,
        "active": partition.active,
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "code": finding.code.code(),
        "severity": finding.severity.name(),
        "meaning": finding.code.meaning(),
        "detail": finding.detail,
        "cve": finding.code.cve(),
        "advice": finding.code.advice(),
    })
}
