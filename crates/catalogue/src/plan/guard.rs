//! What must be sure before anything of a definition is touched.

use std::cmp::Ordering;

use super::Planning;
use super::builds::{Build, Found, Key, newer};
use super::owned::{self, Claim, Owned, State};
use super::touched::System;
use crate::definition::Definition;
use crate::words::{Until, Which};

/// What is to be done for a definition.
#[derive(Clone, Debug)]
pub(super) enum Course {
    /// This build is to be the image.
    Provide(Box<Build>),
    /// There is no support any more since the day after this one; no image is to have the name.
    Retire(jiff::civil::Date),
    /// Nothing is sure enough: nothing is touched.
    Frozen(String),
    /// It is switched off: nothing is touched.
    Off,
}

pub(super) fn course(planning: &Planning<'_>, definition: &Definition) -> Course {
    if !definition.enabled {
        return Course::Off;
    }
    match decide(planning, definition) {
        Ok(course) => course,
        Err(why) => Course::Frozen(format!("{why}; nothing of it is touched")),
    }
}

fn decide(planning: &Planning<'_>, definition: &Definition) -> Result<Course, String> {
    let owned = mine(planning, definition)?;
    if let Until::Day(end) = definition.provided_until
        && planning.now > end
    {
        return Ok(Course::Retire(end));
    }
    alone(planning, definition)?;
    let build = wanted(planning, definition)?;
    believable(definition, &build, &owned)?;
    Ok(Course::Provide(Box::new(build)))
}

/// The images of the definition, if all of them are as we left them.
fn mine(planning: &Planning<'_>, definition: &Definition) -> Result<Vec<Owned>, String> {
    let mut all = Vec::new();
    for claim in owned::claims(&planning.cloud, planning.definitions.tag()) {
        match claim {
            Claim::Ours(owned) if owned.definition == definition.id => all.push(owned),
            Claim::Incomplete {
                definition: Some(of),
                id,
                what,
            } if of == definition.id => return Err(format!("of image {id} {what}")),
            _ => {}
        }
    }
    for one in &all {
        let Some(image) = planning.cloud.get(&one.id) else {
            continue;
        };
        if one.release != definition.stands_for() {
            return Err(format!(
                "image {} is of {}, and the definition says {} now: give that a definition of its own",
                one.id,
                one.release,
                definition.stands_for()
            ));
        }
        let shown = matches!(one.state, State::Current | State::Ready);
        if shown && image.status != "active" {
            return Err(format!("image {} is {}", one.id, image.status));
        }
        if one.state == State::Incoming && image.visibility != "private" {
            return Err(format!(
                "somebody made the unfinished image {} {}",
                one.id, image.visibility
            ));
        }
    }
    Ok(all)
}

/// No other image may be the public generic one of the same system (SCS-0102 v2).
fn alone(planning: &Planning<'_>, definition: &Definition) -> Result<(), String> {
    let Some(system) = System::of(definition) else {
        return Ok(());
    };
    let own = owned::of(&planning.cloud, planning.definitions.tag(), &definition.id);
    let other = planning
        .cloud
        .iter()
        .find(|image| system.is_served_by(image) && !own.iter().any(|one| one.id == image.id));
    match other {
        None => Ok(()),
        Some(image) => Err(format!(
            "image {} `{}` is the public generic image of {} {} on {} already, and is not of this \
             definition: hide it or give it another os_purpose",
            image.id,
            image.name(),
            system.os_distro,
            system.os_version,
            system.architecture
        )),
    }
}

/// The build that is wanted.
fn wanted(planning: &Planning<'_>, definition: &Definition) -> Result<Build, String> {
    let found = planning.builds.get(&Key::of(definition));
    if let (None, Some(build)) = (found, Build::named(definition)) {
        return Ok(build);
    }
    let builds = match found {
        None => return Err("it is not known which builds there are".to_owned()),
        Some(Found::Failed(why)) => {
            return Err(format!(
                "it could not be found out which build there is: {why}"
            ));
        }
        Some(Found::Builds(builds)) => builds,
    };
    let build = match &definition.build {
        Which::Newest => builds.iter().max_by(|a, b| newer(&a.id, &b.id)),
        Which::Pinned(id) => builds.iter().find(|build| build.id == *id),
    };
    let build = match (build, &definition.build) {
        (Some(build), _) => build,
        (None, Which::Pinned(id)) => return Err(format!("the vendor does not list build {id}")),
        (None, Which::Newest) => return Err("the vendor lists no build".to_owned()),
    };
    let twice = |other: &&Build| other.id == build.id && *other != build;
    if builds.iter().any(|other| twice(&other)) {
        return Err(format!("build {} is listed twice, differently", build.id));
    }
    Ok(build.clone())
}

/// Nothing about the build contradicts what is asked for, or what was seen before.
fn believable(definition: &Definition, build: &Build, owned: &[Owned]) -> Result<(), String> {
    if build.evidence < definition.evidence {
        return Err(format!(
            "the evidence for build {} is `{}`, and `{}` is asked for",
            build.id, build.evidence, definition.evidence
        ));
    }
    for one in owned.iter().filter(|one| one.build == build.id) {
        if let Some(recorded) = &one.digest
            && build.contradicts(recorded)
        {
            return Err(format!(
                "build {} is listed with another digest than when image {} was made from it",
                build.id, one.id
            ));
        }
    }
    let chosen = definition.original.is_some() || definition.build != Which::Newest;
    let done = owned.iter().filter(|one| one.state != State::Incoming);
    let newest = done.max_by(|a, b| newer(&a.build, &b.build));
    if let Some(newest) = newest
        && !chosen
        && newer(&build.id, &newest.build) == Ordering::Less
    {
        return Err(format!(
            "the newest build is {}, older than {}, which is here already",
            build.id, newest.build
        ));
    }
    Ok(())
}
