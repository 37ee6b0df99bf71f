//! Which source wins: a named cloud, the variables, the flags, or the only cloud there is. Never a mixture of two.

use std::fmt;

use super::document::{Region, Section};
use super::files::{Found, Kind, Loaded, Place, Search, search};
use super::layer::{Layer, cover, credentials, from_env, from_flags, from_section};
use super::setting::{Origin, Setting};
use super::{Sources, Warning};
use crate::Error;

/// The source that won.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// A cloud of a clouds.yaml.
    Cloud {
        /// Its name.
        name: String,
        /// The file as people write it.
        label: String,
        /// Who named it; nobody if it is the only one.
        by: Option<Origin>,
    },
    /// The `OS_*` variables.
    Environment,
    /// The `--os-*` flags.
    Flags,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cloud {
                name,
                label,
                by: Some(by),
            } => write!(f, "cloud `{name}` of {label}, named by {by}"),
            Self::Cloud {
                name,
                label,
                by: None,
            } => write!(f, "cloud `{name}` of {label}, the only one there"),
            Self::Environment => f.write_str("the OS_* variables"),
            Self::Flags => f.write_str("the --os-* flags"),
        }
    }
}

/// The winner and what it says, flags laid over it.
pub(crate) struct Choice {
    pub(crate) source: Source,
    pub(crate) layer: Layer,
    pub(crate) warnings: Vec<Warning>,
}

/// Variables that change nothing here whatever they say, so that nobody need be told of a clash.
const HARMLESS: &[&str] = &["identity_api_version", "image_api_version", "auth_type"];

/// Decides.
pub(crate) fn choose(sources: &Sources) -> Result<Choice, Error> {
    let (env, flags) = (from_env(sources), from_flags(sources));
    let env_speaks = credentials(&env).any(|setting| !HARMLESS.contains(&key_of(setting).as_str()));
    let flag = sources.cloud.as_ref().filter(|name| !name.is_empty());
    let named = flag.map(|name| (name.clone(), Origin::Flag("--os-cloud".to_owned())));
    let named = named.or_else(|| {
        let name = sources.variable("OS_CLOUD")?.to_owned();
        Some((name, Origin::Env("OS_CLOUD".to_owned())))
    });
    let environment_name = sources.variable("OS_CLOUD_NAME").unwrap_or("envvars");
    let mut choice = match named {
        Some((name, _)) if env_speaks && name == environment_name => {
            of_layer(Source::Environment, env)
        }
        Some((name, by)) => of_named(sources, &name, by, env, env_speaks, &flags)?,
        None if env_speaks => of_layer(Source::Environment, env),
        None if flags.contains_key("auth_url") => of_layer(Source::Flags, env),
        None => of_only(sources, env, &flags)?,
    };
    cover(&mut choice.layer, flags);
    Ok(choice)
}

fn of_layer(source: Source, layer: Layer) -> Choice {
    Choice {
        source,
        layer,
        warnings: Vec::new(),
    }
}

/// The cloud that a flag or `OS_CLOUD` names. The variables' log-in is left out, and that is told.
fn of_named(
    sources: &Sources,
    name: &str,
    by: Origin,
    env: Layer,
    env_speaks: bool,
    flags: &Layer,
) -> Result<Choice, Error> {
    let files = Files::open(sources)?;
    let region = env.get("region_name").filter(|_| !env_speaks).cloned();
    let Some(section) = files.sections(name) else {
        return Err(Error::UnknownCloud {
            name: name.to_owned(),
            by,
            looked: files.looked(),
            names: files.names(),
        });
    };
    let mut choice = of_sections(sources, &files, name, &section, region.as_ref(), flags)?;
    let used = |setting: &Setting| {
        region
            .as_ref()
            .is_some_and(|region| region.origin == setting.origin)
    };
    let left_out: Vec<String> = env
        .iter()
        .filter(|(key, setting)| (env_speaks || !HARMLESS.contains(key)) && !used(setting))
        .map(|(_, setting)| setting.origin.to_string())
        .collect();
    if !left_out.is_empty() {
        let message = format!(
            "{by} names the cloud `{name}`, so these variables are left out: {}",
            left_out.join(", ")
        );
        choice.warnings.push(Warning(message));
    }
    if let Source::Cloud { by: who, .. } = &mut choice.source {
        *who = Some(by);
    }
    Ok(choice)
}

/// The only cloud of the only file, as openstacksdk does it.
fn of_only(sources: &Sources, mut env: Layer, flags: &Layer) -> Result<Choice, Error> {
    let files = Files::open(sources)?;
    let names = files.names();
    let [name] = names.as_slice() else {
        return Err(Error::NoCloud {
            looked: files.looked(),
            names,
        });
    };
    let Some(section) = files.sections(name) else {
        return Err(Error::NoCloud {
            looked: files.looked(),
            names,
        });
    };
    let region = env.remove("region_name");
    of_sections(sources, &files, name, &section, region.as_ref(), flags)
}

/// clouds.yaml and secure.yaml.
struct Files {
    clouds: Search,
    secure: Search,
}

impl Files {
    fn open(sources: &Sources) -> Result<Self, Error> {
        Ok(Self {
            clouds: search(sources, Kind::Clouds)?,
            secure: search(sources, Kind::Secure)?,
        })
    }

    /// Every place looked at for a clouds.yaml, and a secure.yaml that was found.
    fn looked(&self) -> Vec<Place> {
        let secure = self
            .secure
            .looked
            .iter()
            .filter(|place| place.found != Found::Absent);
        self.clouds.looked.iter().chain(secure).cloned().collect()
    }

    fn loaded(&self) -> impl Iterator<Item = &Loaded> {
        self.clouds.loaded.iter().chain(&self.secure.loaded)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .loaded()
            .flat_map(|file| file.document.names())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// What the files say about a cloud, lowest first.
    fn sections(&self, name: &str) -> Option<Vec<(&Loaded, &Section)>> {
        let section = |file: &&Loaded| {
            file.document
                .clouds
                .as_ref()
                .is_some_and(|clouds| clouds.contains_key(name))
        };
        let found: Vec<_> = self
            .loaded()
            .filter(section)
            .filter_map(|file| Some((file, file.document.clouds.as_ref()?.get(name)?)))
            .collect();
        Some(found).filter(|found| !found.is_empty())
    }
}

/// Lays profile, clouds.yaml, secure.yaml and the region's own values over each other.
fn of_sections(
    sources: &Sources,
    files: &Files,
    name: &str,
    sections: &[(&Loaded, &Section)],
    region: Option<&Setting>,
    flags: &Layer,
) -> Result<Choice, Error> {
    let (mut layer, mut warnings) = (Layer::new(), Vec::new());
    let mut known: Vec<(Region, &Loaded, String)> = Vec::new();
    let public = profile(sources, name, sections, &mut warnings)?;
    if let Some((file, section, profile)) = &public {
        let profile = format!("profile {profile}");
        let regions = section
            .regions
            .iter()
            .map(|region| (region.clone(), file, profile.clone()));
        known.extend(regions);
        cover(&mut layer, from_section(section, file, &profile));
    }
    for (file, section) in sections {
        let own = from_section(section, file, name);
        if !section.regions.is_empty() || own.contains_key("region_name") {
            known = section
                .regions
                .iter()
                .map(|region| (region.clone(), *file, name.to_owned()))
                .collect();
        }
        layer.extend(own);
    }
    let wanted = flags.get("region_name").or(region);
    let listed: Vec<&str> = match (known.is_empty(), layer.get("region_name")) {
        (true, Some(only)) => vec![only.value.expose()],
        _ => known
            .iter()
            .map(|(region, ..)| region.name.as_str())
            .collect(),
    };
    if let Some(wanted) = wanted
        && !listed.is_empty()
        && !listed.contains(&wanted.value.expose())
    {
        let (region, origin) = (wanted.value.expose(), &wanted.origin);
        return Err(Error::config(format!(
            "{origin} asks for region `{region}`, which cloud `{name}` does not list"
        ))
        .detail(format!("it lists {}", listed.join(", "))));
    }
    let chosen = wanted.map(|wanted| wanted.value.expose().to_owned());
    let chosen = known
        .iter()
        .find(|(region, ..)| chosen.as_ref().is_none_or(|name| *name == region.name));
    if let Some((region, file, cloud)) = chosen {
        let mut own = from_section(&region.values, file, cloud);
        let origin = Origin::File {
            path: file.path.clone(),
            label: file.label.clone(),
            cloud: cloud.clone(),
            key: "regions".to_owned(),
            line: Some(region.line).filter(|line| *line > 0),
        };
        own.insert("region_name", Setting::new(region.name.clone(), origin));
        layer.extend(own);
    }
    if let Some(region) = region {
        layer.insert("region_name", region.clone());
    }
    let label = sections
        .first()
        .map(|(file, _)| file.label.clone())
        .unwrap_or_default();
    warnings.extend(unreadable(files));
    Ok(Choice {
        source: Source::Cloud {
            name: name.to_owned(),
            label,
            by: None,
        },
        layer,
        warnings,
    })
}

/// The vendor profile of a cloud, from clouds-public.yaml.
fn profile(
    sources: &Sources,
    cloud: &str,
    sections: &[(&Loaded, &Section)],
    warnings: &mut Vec<Warning>,
) -> Result<Option<(Loaded, Section, String)>, Error> {
    let Some(entry) = sections
        .iter()
        .rev()
        .find_map(|(_, section)| section.profile.as_ref())
    else {
        return Ok(None);
    };
    let profile = entry.value.expose().to_owned();
    let public = search(sources, Kind::Public)?;
    if let Some(file) = public.loaded
        && let Some(section) = file.document.profiles.get(&profile).cloned()
    {
        return Ok(Some((file, section, profile)));
    }
    warnings.push(Warning(format!(
        "cloud `{cloud}` names the vendor profile `{profile}`, which no clouds-public.yaml describes; there are none built in"
    )));
    Ok(None)
}

/// Files that come first but cannot be read, so that another was taken.
fn unreadable(files: &Files) -> Vec<Warning> {
    let all = files.clouds.looked.iter().chain(&files.secure.looked);
    let unread = all.filter(|place| matches!(place.found, Found::Unreadable(_)));
    unread
        .map(|place| Warning(format!("passed over {place}")))
        .collect()
}

fn key_of(setting: &Setting) -> String {
    match &setting.origin {
        Origin::Env(name) => name.trim_start_matches("OS_").to_lowercase(),
        _ => String::new(),
    }
}
