//! The files of `assets/keys`, compiled in.

/// `keys.yaml`.
pub(super) const DATA: &str = include_str!("../../../../assets/keys/keys.yaml");

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../../../assets/keys/", $name)))),*]
    };
}

/// Every key file by its name.
const FILES: &[(&str, &str)] = files! {
    "almalinux-10.asc"
    "almalinux-8.asc"
    "almalinux-9.asc"
    "fedora-41.asc"
    "fedora-42.asc"
    "fedora-43.asc"
    "fedora-44.asc"
    "fedora-45.asc"
    "fedora-46.asc"
    "fedora-47.asc"
    "flatcar-image-signing-key-2024.asc"
    "opensuse-2022.asc"
    "rocky-10.asc"
    "rocky-8.asc"
    "rocky-9.asc"
    "ubuntu-cloud-image-builder-key.asc"
    "ubuntu-uec-image-signing-key-2025.asc"
};

/// The text of a key file.
pub(super) fn text(name: &str) -> Option<&'static str> {
    FILES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}
