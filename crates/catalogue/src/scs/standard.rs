//! SCS-0104 v1 with its list of images, version 5: which images there must be, and where they must come from.

use std::collections::BTreeMap;

use wire::image::Image;

use super::{Check, Offence, Verdict};

/// An image of the list.
struct Standard {
    source_id: &'static str,
    /// The case that asks whether it is there, and whether that is mandatory.
    image_id: Option<(&'static str, bool)>,
    name: Name,
    sources: &'static [&'static str],
}

/// How its name is found.
enum Name {
    Exactly(&'static str),
    /// `name_scheme`: this, then a version.
    Versioned(&'static str),
}

const CAPI: &[&str] = &[
    "https://nbg1.your-objectstorage.com/osism/openstack-k8s-capi-images/",
    "https://swift.services.a.regiocloud.tech/swift/v1/AUTH_b182637428444b9aa302bb8d5a5a418c/openstack-k8s-capi-images/ubuntu-2404-kube",
    "https://swift.services.a.regiocloud.tech/swift/v1/AUTH_b182637428444b9aa302bb8d5a5a418c/openstack-k8s-capi-images/ubuntu-2204-kube",
];

/// The two places where Debian publishes a release.
macro_rules! debian {
    ($codename:literal) => {
        &[
            concat!("https://cloud.debian.org/images/cloud/", $codename, "/"),
            concat!("https://cdimage.debian.org/cdimage/cloud/", $codename, "/"),
        ]
    };
}

/// The two places where Ubuntu publishes a release.
macro_rules! ubuntu {
    ($codename:literal) => {
        &[
            concat!("https://cloud-images.ubuntu.com/releases/", $codename, "/"),
            concat!("https://cloud-images.ubuntu.com/", $codename, "/"),
        ]
    };
}

const LIST: [Standard; 9] = [
    Standard {
        source_id: "scs-0104-source-capi-1",
        image_id: Some(("scs-0104-image-capi-1", false)),
        name: Name::Versioned("ubuntu-capi-image v"),
        sources: CAPI,
    },
    Standard {
        source_id: "scs-0104-source-capi-2",
        image_id: Some(("scs-0104-image-capi-2", false)),
        name: Name::Versioned("ubuntu-capi-image-v"),
        sources: CAPI,
    },
    Standard {
        source_id: "scs-0104-source-ubuntu-2404",
        image_id: Some(("scs-0104-image-ubuntu-2404", true)),
        name: Name::Exactly("Ubuntu 24.04"),
        sources: ubuntu!("noble"),
    },
    Standard {
        source_id: "scs-0104-source-ubuntu-2204",
        image_id: None,
        name: Name::Exactly("Ubuntu 22.04"),
        sources: ubuntu!("jammy"),
    },
    Standard {
        source_id: "scs-0104-source-ubuntu-2004",
        image_id: None,
        name: Name::Exactly("Ubuntu 20.04"),
        sources: ubuntu!("focal"),
    },
    Standard {
        source_id: "scs-0104-source-debian-13",
        image_id: None,
        name: Name::Exactly("Debian 13"),
        sources: debian!("trixie"),
    },
    Standard {
        source_id: "scs-0104-source-debian-12",
        image_id: Some(("scs-0104-image-debian-12", false)),
        name: Name::Exactly("Debian 12"),
        sources: debian!("bookworm"),
    },
    Standard {
        source_id: "scs-0104-source-debian-11",
        image_id: None,
        name: Name::Exactly("Debian 11"),
        sources: debian!("bullseye"),
    },
    Standard {
        source_id: "scs-0104-source-debian-10",
        image_id: None,
        name: Name::Exactly("Debian 10"),
        sources: debian!("buster"),
    },
];

/// Judges the list. The test and the text differ in one thing: of several images of one name the test sees the last.
pub(super) fn checks(listed: &[&Image]) -> Vec<Check> {
    let by_name: BTreeMap<&str, &Image> =
        listed.iter().map(|image| (image.name(), *image)).collect();
    let seen: Vec<&Image> = by_name.into_values().collect();
    let mut checks = Vec::new();
    for standard in &LIST {
        checks.push(Check {
            id: standard.source_id,
            mandatory: true,
            official: Verdict::of(standard.strange_sources(&seen)),
            text: Verdict::of(standard.strange_sources(listed)),
        });
        if let Some((id, mandatory)) = standard.image_id {
            let verdict = Verdict::of(standard.missing(listed));
            checks.push(Check {
                id,
                mandatory,
                official: verdict.clone(),
                text: verdict,
            });
        }
    }
    checks
}

impl Standard {
    fn is(&self, image: &Image) -> bool {
        match self.name {
            Name::Exactly(name) => image.name() == name,
            // A digit, a point, a digit; whatever follows is not looked at.
            Name::Versioned(start) => image.name().strip_prefix(start).is_some_and(|rest| {
                matches!(rest.as_bytes(), [b'0'..=b'9', b'.', b'0'..=b'9', ..])
            }),
        }
    }

    fn strange_sources(&self, images: &[&Image]) -> Vec<Offence> {
        let strange = |image: &&&Image| {
            let source = image.property("image_source").unwrap_or_default();
            self.is(image) && !self.sources.iter().any(|start| source.starts_with(start))
        };
        let what = |image: &&Image| {
            let source = image.property("image_source").unwrap_or_default();
            Offence::of(
                image,
                format!("image_source, `{source}`, is not where the vendor publishes it"),
            )
        };
        images.iter().filter(strange).map(what).collect()
    }

    fn missing(&self, images: &[&Image]) -> Vec<Offence> {
        if images.iter().any(|image| self.is(image)) {
            return Vec::new();
        }
        let name = match self.name {
            Name::Exactly(name) => name.to_owned(),
            Name::Versioned(start) => format!("{start}…"),
        };
        vec![Offence {
            image: String::new(),
            name,
            what: "there is no such image".to_owned(),
        }]
    }
}
