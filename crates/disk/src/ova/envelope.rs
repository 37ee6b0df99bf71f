//! The OVF descriptor of a package: which file its disk is (DMTF DSP0243, 7.1 and 9.1).

use roxmltree::{Document, Node};

use crate::{Error, Refusal};

/// What of the descriptor matters: the name of the file that the disk is in.
pub(super) fn disk_of(text: &[u8], offset: u64) -> Result<String, Error> {
    let corrupt = |what: String| Error::Corrupt { what, offset };
    let text = std::str::from_utf8(text)
        .map_err(|_| corrupt("the package's descriptor is not in UTF-8".into()))?;
    // A document type, and with it entities, is refused by the parser.
    let document = Document::parse(text.trim_start_matches('\u{feff}'))
        .map_err(|error| corrupt(format!("the package's descriptor is no XML: {error}")))?;
    let elements = |name: &'static str, parent: &'static str| {
        document.descendants().filter(move |node| {
            node.tag_name().name() == name
                && node
                    .parent_element()
                    .is_some_and(|above| above.tag_name().name() == parent)
        })
    };
    let disks: Vec<_> = elements("Disk", "DiskSection").collect();
    let [disk] = disks.as_slice() else {
        let count = disks.len();
        return Err(refused(Refusal::NotOneDisk { count }));
    };
    if let Some(parent) = attribute(disk, "parentRef") {
        return Err(refused(Refusal::BackingFile {
            name: printable(parent),
        }));
    }
    // A disk without a file is empty.
    let Some(reference) = attribute(disk, "fileRef") else {
        return Err(refused(Refusal::NotOneDisk { count: 0 }));
    };
    let mut files =
        elements("File", "References").filter(|file| attribute(file, "id") == Some(reference));
    let (Some(file), None) = (files.next(), files.next()) else {
        return Err(corrupt(
            "the package's descriptor does not say which file its disk is".into(),
        ));
    };
    if attribute(&file, "chunkSize").is_some() {
        return Err(refused(Refusal::Kind {
            format: "ova",
            kind: "a disk in several files".into(),
        }));
    }
    let name = attribute(&file, "href").unwrap_or_default();
    let elsewhere = name.contains("://") || name.starts_with('/') || name.contains("..");
    if elsewhere || name.is_empty() {
        return Err(refused(Refusal::OtherFile {
            name: printable(name),
        }));
    }
    Ok(name.strip_prefix("./").unwrap_or(name).to_owned())
}

/// The value of an attribute, whatever prefix its namespace has in this file.
fn attribute<'a>(node: &Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes()
        .find(|attribute| attribute.name() == name)
        .map(|attribute| attribute.value())
}

fn refused(refusal: Refusal) -> Error {
    Error::Refused { refusal }
}

fn printable(name: &str) -> String {
    name.chars()
        .take(200)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
