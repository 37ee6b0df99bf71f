//! Which original an image says it is a copy of.

use origin::Address;
use wire::image::Image;

use crate::reason::{Code, Reason};

/// The image's `image_source` (SCS-0102), as an address to read from.
///
/// # Errors
/// A reason when it is missing, `private`, or anything but an http(s) URL: a property must never make us read a file
/// of the user's machine.
pub fn source_of(image: &Image) -> Result<Address, Reason> {
    let hint = "name the original yourself: `--original URL`";
    let text = image.property("image_source").map_or("", str::trim);
    match text {
        "" => Err(Reason::new(
            Code::SourceMissing,
            "the image has no property `image_source`",
        )
        .hint(hint)),
        "private" => Err(Reason::new(
            Code::SourcePrivate,
            "the image says that its original is private",
        )
        .hint(hint)),
        text => Address::in_property(text).map_err(|error| {
            Reason::new(
                Code::SourceUnusable,
                format!("the property `image_source` {error}"),
            )
            .hint(hint)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(source: Option<&str>) -> Image {
        let mut value = serde_json::json!({"id": "i", "name": "n", "status": "active"});
        if let (Some(source), Some(members)) = (source, value.as_object_mut()) {
            members.insert("image_source".into(), source.into());
        }
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_image_cannot_make_us_read_local_files() {
        for (source, code) in [
            (None, Code::SourceMissing),
            (Some(" "), Code::SourceMissing),
            (Some("private"), Code::SourcePrivate),
            (Some("file:///etc/shadow"), Code::SourceUnusable),
            (Some("/etc/shadow"), Code::SourceUnusable),
            (Some("s3://bucket/x"), Code::SourceUnusable),
        ] {
            assert_eq!(
                source_of(&image(source)).unwrap_err().code,
                code,
                "{source:?}"
            );
        }
        assert!(source_of(&image(Some("https://h.example/x.qcow2"))).is_ok());
    }
}
