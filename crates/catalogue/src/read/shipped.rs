//! The catalogue that is shipped inside the program.

/// A file of `assets/catalogue`, read when the program is built.
macro_rules! shipped {
    ($name:literal) => {
        (
            concat!("shipped/", $name, ".yaml"),
            include_str!(concat!("../../../../assets/catalogue/", $name, ".yaml")),
        )
    };
}

/// The default values.
pub(super) const DEFAULTS: (&str, &str) = shipped!("defaults");

/// All of it. The names are for messages.
pub(super) const FILES: [(&str, &str); 8] = [
    DEFAULTS,
    shipped!("almalinux"),
    shipped!("cirros"),
    shipped!("debian"),
    shipped!("fedora"),
    shipped!("rocky"),
    shipped!("ubuntu"),
    shipped!("ubuntu-minimal"),
];
