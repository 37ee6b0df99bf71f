//! What commands that look at clouds with the catalogue have in common: which images, in which clouds, from which vendors.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;

use catalogue::gather;
use catalogue::plan::{Builds, Definitions};
use clap::Args as ClapArgs;
use jiff::civil::Date;

use super::files;
use crate::command::keys::Signatures;
use crate::command::vendor::{self, Vendors};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::progress::{Count, Counted};

/// Which images of the catalogue, and in which clouds.
#[derive(Debug, ClapArgs)]
pub(super) struct Which {
    /// Catalogue files, laid over the shipped catalogue in this order
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Leave the images of the shipped catalogue out
    #[arg(long)]
    alone: bool,
    /// Only this image, as the catalogue calls it: debian-13; repeatable
    #[arg(long, value_name = "IMAGE")]
    only: Vec<String>,
    /// Only the images of this family: debian; repeatable, and added to those of --only
    #[arg(long = "family", value_name = "FAMILY")]
    families: Vec<String>,
    /// A cloud of clouds.yaml, and one of its regions, instead of the one cloud of --os-cloud or OS_*; repeatable
    #[arg(long, value_name = "CLOUD[/REGION]", value_parser = To::parse)]
    pub(super) to: Vec<To>,
}

/// A cloud that was named, and perhaps a region of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct To {
    pub(crate) cloud: String,
    pub(crate) region: Option<String>,
}

impl To {
    fn parse(text: &str) -> Result<Self, String> {
        let (cloud, region) = match text.split_once('/') {
            Some((cloud, region)) => (cloud, Some(region)),
            None => (text, None),
        };
        if cloud.is_empty() || region == Some("") {
            return Err("neither CLOUD nor CLOUD/REGION".to_owned());
        }
        Ok(Self {
            cloud: cloud.to_owned(),
            region: region.map(str::to_owned),
        })
    }
}

impl Which {
    /// The definitions that are meant.
    ///
    /// # Errors
    /// A file cannot be read, or something is named that there is not.
    pub(super) fn definitions(&self) -> Result<Definitions, Failure> {
        let settled = files::read(&self.files, self.alone)?.settle();
        settled.only(&self.only, &self.families).map_err(|error| {
            let known = format!("known: {}", error.known.join(", "));
            Failure::of(Exit::NotFound, &error).cause(known)
        })
    }
}

/// How vendors are asked, and what is trusted of them.
#[derive(Debug, ClapArgs)]
pub(super) struct Sources {
    #[command(flatten)]
    pub(super) signatures: Signatures,
    #[command(flatten)]
    pub(super) vendors: Vendors,
}

impl Sources {
    /// The definitions, less demanding where the user puts up with a missing signature.
    pub(super) fn content_with(&self, definitions: Definitions) -> Definitions {
        match self.signatures.are_dispensable() {
            true => definitions.with_unsigned(),
            false => definitions,
        }
    }

    /// Asks the vendors for what the definitions want, and shows who is asked and how many have answered.
    ///
    /// # Errors
    /// What the user said of vendors or keys cannot be used; a vendor's failure is part of the answer.
    pub(super) async fn builds(
        &self,
        context: &Context,
        definitions: &Definitions,
        now: Date,
    ) -> Result<Builds, Failure> {
        let (families, client) = (self.vendors.families()?, self.vendors.client()?);
        let (trust, cache) = (self.signatures.trust()?, vendor::pages());
        let vendors = gather::Vendors {
            families: &families,
            client: &client,
            trust: &trust,
            mirrors: &self.vendors.mirrors,
            cache: cache.as_ref(),
        };
        let count = Arc::new(Count::default());
        // Not shown where nobody has to be asked.
        let task = OnceCell::new();
        let watch = |answers: gather::Answers| {
            count.set(Counted {
                done: answers.answered,
                total: answers.families,
                waiting_for: answers.asked,
            });
            task.get_or_init(|| context.progress.count("asking vendors", Arc::clone(&count)));
        };
        Ok(gather::builds(definitions, &vendors, now, &watch).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloud_is_named_with_its_region_or_without() {
        let to = |cloud: &str, region: Option<&str>| {
            Ok(To {
                cloud: cloud.to_owned(),
                region: region.map(str::to_owned),
            })
        };
        assert_eq!(To::parse("prod"), to("prod", None));
        assert_eq!(To::parse("prod/dx1"), to("prod", Some("dx1")));
        for text in ["", "/dx1", "prod/"] {
            assert!(To::parse(text).is_err(), "{text}");
        }
    }
}
