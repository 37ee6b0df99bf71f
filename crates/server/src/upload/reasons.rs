//! Reasons against an upload: no format, no room, other bytes than were said, nowhere to keep them.

use disk::Digest;
use disk::inspect::Declared;

use crate::blobs::Unkept;
use crate::intake::{self, Cut, Taken};
use crate::records::{Image, images as records};
use crate::refused::Refused;
use crate::service::Service;

/// # Errors
/// 400 when the record does not say of what format the data will be.
pub(super) fn formats(image: &Image) -> Result<(), Refused> {
    let missing: Vec<&str> = [
        ("disk_format", &image.disk_format),
        ("container_format", &image.container_format),
    ]
    .into_iter()
    .filter(|(_, value)| value.is_none())
    .map(|(name, _)| name)
    .collect();
    match missing.as_slice() {
        [] => Ok(()),
        [one] => Err(Refused::bad(format!(
            "Property {one} must be set prior to saving data."
        ))),
        all => Err(Refused::bad(format!(
            "Properties {} must be set prior to saving data.",
            all.join(", ")
        ))),
    }
}

/// How many bytes the image may have.
pub(super) async fn room(service: &Service, image: &Image) -> Result<u64, Refused> {
    let cap = service.settings.image_size_cap;
    let (Some(quota), Some(owner)) = (service.settings.project_quota, &image.owner) else {
        return Ok(cap);
    };
    let used = records::usage(&service.pool, owner).await?;
    let used = u64::try_from(used.stored.saturating_add(used.staged)).unwrap_or(u64::MAX);
    match quota.checked_sub(used).filter(|left| *left > 0) {
        Some(left) => Ok(cap.min(left)),
        None => Err(Refused::too_large(format!(
            "Image exceeds the storage quota: the project uses {used} of {quota} bytes"
        ))),
    }
}

pub(super) fn too_large(cap: u64) -> Refused {
    Refused::too_large(format!(
        "The incoming image is too large: it may have {cap} bytes"
    ))
}

/// Holds what came in to what the record says of it.
pub(super) fn judge(image: &Image, taken: &Taken) -> Result<Option<u64>, String> {
    let declared = Declared {
        disk_format: image.disk_format.clone().unwrap_or_default(),
        container_format: image.container_format.clone().unwrap_or_default(),
    };
    intake::admit(&taken.inspection, &declared)
}

pub(super) fn as_wanted(found: &Digest, wanted: &Digest) -> Result<(), Refused> {
    match found == wanted {
        true => Ok(()),
        false => Err(Refused::bad(format!(
            "the data has the {} digest {found} and not {wanted}",
            wanted.algorithm()
        ))),
    }
}

pub(super) fn refusal(cut: Cut, cap: u64) -> Refused {
    match cut {
        Cut::TooLarge(_) => too_large(cap),
        Cut::Sender(_) => Refused::bad(cut.to_string()),
        Cut::Store(error) => Refused::from(&error),
    }
}

pub(super) fn unkept_refusal(unkept: Unkept) -> Refused {
    match unkept {
        Unkept::Store(error) => Refused::from(&error),
        Unkept::Dying => Refused::unavailable("The same bytes are being deleted; try again later."),
        Unkept::Database(error) => error.into(),
    }
}
