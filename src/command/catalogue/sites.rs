//! The clouds that a command is about: found in the configuration, logged in to, their images listed.

use catalogue::gather;
use catalogue::plan::{CloudImages, Site};
use cloud::config::Source;
use cloud::{Cloud, Config};
use futures_util::StreamExt as _;

use super::wish::To;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// How many clouds are asked at once.
const AT_ONCE: usize = 4;

/// A cloud and its images.
pub(super) struct Reached {
    /// Which.
    pub(super) site: Site,
    /// Logged in to.
    pub(super) cloud: Cloud,
    /// Its images, as a plan needs them.
    pub(super) images: CloudImages,
}

/// The clouds that were named, or the one in effect; nothing is contacted.
///
/// # Errors
/// One of them is not known, or what is configured for it cannot be used.
pub(super) fn configured(context: &Context, to: &[To]) -> Result<Vec<Config>, Failure> {
    if to.is_empty() {
        return Ok(vec![context.config()?]);
    }
    to.iter()
        .map(|to| context.config_of(&to.cloud, to.region.as_deref()))
        .collect()
}

/// Logs in to each and lists its images. One that was named before by another name counts once.
pub(super) async fn reach(context: &Context, configs: &[Config]) -> Vec<Result<Reached, Failure>> {
    let all: Vec<_> = futures_util::stream::iter(configs)
        .map(|config| one(context, config))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut seen: Vec<(Site, String)> = Vec::new();
    let mut once = |reached: Reached| {
        let project = reached.images.project();
        let same = |(site, of): &&(Site, String)| {
            site.image_endpoint == reached.site.image_endpoint && of == project
        };
        if let Some((site, _)) = seen.iter().find(same) {
            let message = format!("it is the same cloud and project as {site}");
            return Err(Failure::new(Exit::Usage, message));
        }
        seen.push((reached.site.clone(), project.to_owned()));
        Ok(reached)
    };
    all.into_iter()
        .map(|reached| reached.and_then(&mut once))
        .collect()
}

async fn one(context: &Context, config: &Config) -> Result<Reached, Failure> {
    let cloud = context.connect(config, net::Options::default()).await?;
    let images = listed(&cloud).await?;
    Ok(Reached {
        site: site(config, &cloud),
        cloud,
        images,
    })
}

/// The images of a cloud.
///
/// # Errors
/// The log-in is for no project, or the images cannot be listed.
pub(super) async fn listed(cloud: &Cloud) -> Result<CloudImages, Failure> {
    let Some(project) = &cloud.token().project else {
        return Err(Failure::new(
            Exit::Config,
            "the log-in is for no project, and images belong to one",
        )
        .hint("choose a project: `--os-project-name`"));
    };
    gather::cloud(cloud.glance(), &project.id)
        .await
        .map_err(|error| match error {
            gather::Error::Cloud(error) => error.into(),
            error => Failure::of(Exit::Unreachable, &error).hint("run it again"),
        })
}

/// How a cloud is named, and how it can be told from others.
pub(super) fn site(config: &Config, cloud: &Cloud) -> Site {
    Site {
        name: match config.source() {
            Source::Cloud { name, .. } => Some(name.clone()),
            _ => None,
        },
        region: config.region().map(str::to_owned),
        image_endpoint: cloud.glance().address(),
    }
}

/// How a run ends of which some clouds could not be reached; `reached` others could. Their failures are told in full.
///
/// # Errors
/// There is a failure.
pub(super) fn end(failures: &[(String, Failure)], reached: usize) -> Result<(), Failure> {
    let Some((_, first)) = failures.first() else {
        return Ok(());
    };
    let same = failures
        .iter()
        .all(|(_, failure)| failure.exit == first.exit);
    let exit = match reached == 0 && same {
        true => first.exit,
        false => Exit::Partly,
    };
    if let ([(_, only)], 0) = (failures, reached) {
        return Err(only.clone());
    }
    let message = format!(
        "{} of {} clouds could not be looked at",
        failures.len(),
        failures.len() + reached
    );
    let causes = failures
        .iter()
        .map(|(name, failure)| format!("{name}: {}", failure.on_one_line(": ")));
    Err(causes.fold(Failure::new(exit, message), Failure::cause))
}

/// How a cloud is called in messages before it is known where it is.
pub(super) fn called(config: &Config) -> String {
    match (config.source(), config.region()) {
        (Source::Cloud { name, .. }, Some(region)) => format!("{name}/{region}"),
        (Source::Cloud { name, .. }, None) => name.clone(),
        _ => config.auth_url(),
    }
}
