//! Which images are ours, and what their records say. A name alone never makes an image ours.

use disk::Digest;
use jiff::civil::Date;
use wire::image::Image;

use super::cloud::CloudImages;
use crate::digests;
use crate::words;

/// The properties that ectype records.
pub mod records {
    /// The definition that the image was made for.
    pub const DEFINITION: &str = "ectype_definition";
    /// The release it is of: `debian/13/x86_64`. A definition stands for one of them for good.
    pub const RELEASE: &str = "ectype_release";
    /// The vendor's build.
    pub const BUILD: &str = "ectype_build";
    /// The file digest of the original: `sha512:…`.
    pub const FILE_DIGEST: &str = "ectype_file_digest";
    /// The evidence that the original is the vendor's.
    pub const EVIDENCE: &str = "ectype_evidence";
    /// The full fingerprint of the key that signed the vendor's manifest.
    pub const SIGNER: &str = "ectype_signer";
    /// How far the image is: [`super::State`].
    pub const STATE: &str = "ectype_state";
}

/// How far an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Being filled, or left unfinished: never seen by anybody, not compared.
    Incoming,
    /// Compared with its original, not yet shown.
    Ready,
    /// The image of its name.
    Current,
    /// Replaced or retired.
    Old,
}

impl State {
    const ALL: [Self; 4] = [Self::Incoming, Self::Ready, Self::Current, Self::Old];

    /// The word in the property.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Incoming => "incoming",
            Self::Ready => "ready",
            Self::Current => "current",
            Self::Old => "old",
        }
    }
}

/// An image of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owned {
    /// Its id.
    pub id: String,
    /// The definition that it was made for.
    pub definition: String,
    /// The release it is of.
    pub release: String,
    /// The vendor's build.
    pub build: String,
    /// The day of the build. Always there once the image was compared.
    pub date: Option<Date>,
    /// The file digest of the original. Always there once the image was compared.
    pub digest: Option<Digest>,
    /// How far it is.
    pub state: State,
}

/// An image with our owner and tag.
#[derive(Clone, Debug)]
pub(super) enum Claim {
    Ours(Owned),
    /// It lacks a record, so nothing is done with it.
    Incomplete {
        definition: Option<String>,
        id: String,
        what: String,
    },
}

/// All images with our owner and tag.
pub(super) fn claims<'a>(cloud: &'a CloudImages, tag: &'a str) -> impl Iterator<Item = Claim> + 'a {
    cloud
        .iter()
        .filter(move |image| is_claimed(image, cloud.project(), tag))
        .map(|image| match read(image) {
            Ok(owned) => Claim::Ours(owned),
            Err(what) => Claim::Incomplete {
                definition: image.property(records::DEFINITION).map(ToOwned::to_owned),
                id: image.id.clone(),
                what,
            },
        })
}

/// The images that were made for a definition.
pub(super) fn of(cloud: &CloudImages, tag: &str, definition: &str) -> Vec<Owned> {
    claims(cloud, tag)
        .filter_map(|claim| match claim {
            Claim::Ours(owned) if owned.definition == definition => Some(owned),
            _ => None,
        })
        .collect()
}

/// Whether an image has our owner and tag and is not gone already.
pub(super) fn is_claimed(image: &Image, project: &str, tag: &str) -> bool {
    image.owner.as_deref() == Some(project)
        && image.tags.iter().any(|one| one == tag)
        && !matches!(image.status.as_str(), "deleted" | "pending_delete")
}

fn read(image: &Image) -> Result<Owned, String> {
    let record = |name: &str| {
        let found = image.property(name).filter(|text| !text.is_empty());
        found.ok_or_else(|| format!("its record `{name}` is missing"))
    };
    let definition = record(records::DEFINITION)?.to_owned();
    let release = record(records::RELEASE)?.to_owned();
    let build = record(records::BUILD)?.to_owned();
    let word = record(records::STATE)?;
    let state = State::ALL.into_iter().find(|state| state.word() == word);
    let state = state.ok_or_else(|| format!("its state is `{word}`"))?;
    let unfinished = state == State::Incoming;
    let date = match record("image_build_date") {
        Ok(built) => {
            let day = built.get(..10).and_then(words::day);
            Some(day.ok_or_else(|| format!("its `image_build_date` is `{built}`"))?)
        }
        Err(_) if unfinished => None,
        Err(missing) => return Err(missing),
    };
    let digest = match record(records::FILE_DIGEST) {
        Ok(text) => Some(digests::parse(text)?),
        Err(_) if unfinished => None,
        Err(missing) => return Err(missing),
    };
    Ok(Owned {
        id: image.id.clone(),
        definition,
        release,
        build,
        date,
        digest,
        state,
    })
}
