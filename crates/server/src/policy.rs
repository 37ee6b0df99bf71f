//! Who may do what with which image: Glance's default rules (its `policies/image.py` and `api/v2/policy.py`).

use identity::Caller;

use crate::records::{Image, Visibility};
use crate::refused::Refused;

/// Whether the caller sees the image at all; `member` is whether it is shared with the caller's project.
pub(crate) fn sees(caller: &Caller, image: &Image, member: bool) -> bool {
    caller.is_admin()
        || owns(caller, image)
        || match image.visibility {
            Visibility::Public | Visibility::Community => true,
            Visibility::Shared => member,
            Visibility::Private => false,
        }
}

/// Whether the caller's project owns the image.
pub(crate) fn owns(caller: &Caller, image: &Image) -> bool {
    caller.project.is_some() && image.owner == caller.project
}

/// # Errors
/// 404 for whoever may not read anything.
pub(crate) fn read(caller: &Caller) -> Result<(), Refused> {
    match caller.has("reader") {
        true => Ok(()),
        false => Err(Refused::nothing()),
    }
}

/// # Errors
/// 403 for whoever may not list images.
pub(crate) fn list(caller: &Caller) -> Result<(), Refused> {
    match caller.is_admin() || (caller.has("reader") && caller.project.is_some()) {
        true => Ok(()),
        false => Err(refusal("get_images")),
    }
}

/// Only admins, and members of the owning project. `action` is the name of Glance's rule.
///
/// # Errors
/// 403, of an image that the caller sees.
pub(crate) fn change(caller: &Caller, image: &Image, action: &str) -> Result<(), Refused> {
    if caller.is_admin() || (caller.has("member") && owns(caller, image)) {
        return Ok(());
    }
    // Whoever cannot even read is not told that there is something.
    read(caller)?;
    Err(refusal(action))
}

/// # Errors
/// 403 for readers.
pub(crate) fn download(caller: &Caller) -> Result<(), Refused> {
    match caller.is_admin() || caller.has("member") {
        true => Ok(()),
        false => Err(refusal("download_image")),
    }
}

/// # Errors
/// 403 for everybody but admins.
pub(crate) fn admin(caller: &Caller, action: &str) -> Result<(), Refused> {
    match caller.is_admin() {
        true => Ok(()),
        false => Err(refusal(action)),
    }
}

/// Whether the caller may give an image this visibility.
///
/// # Errors
/// 403.
pub(crate) fn publish(
    caller: &Caller,
    visibility: Visibility,
    owner: Option<&str>,
) -> Result<(), Refused> {
    match visibility {
        Visibility::Public => admin(caller, "publicize_image"),
        Visibility::Community
            if !(caller.is_admin()
                || (caller.has("member") && caller.project.as_deref() == owner)) =>
        {
            Err(refusal("communitize_image"))
        }
        _ => Ok(()),
    }
}

/// 403 as Glance words it for one of its rules.
pub(crate) fn refusal(action: &str) -> Refused {
    Refused::forbidden(format!(
        "You are not authorized to complete {action} action."
    ))
}
