//! Which source wins: a named cloud, the variables, the flags, or the only cloud there is. Never a mixture of two.

use std::fmt;

use super::files::Files;
use super::layer::{Layer, cover, credentials, from_env, from_flags};
use super::named;
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
        Some((name, by)) => of_named(sources, &name, by, &env, env_speaks, &flags)?,
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
    env: &Layer,
    env_speaks: bool,
    flags: &Layer,
) -> Result<Choice, Error> {
    let files = Files::open(sources)?;
    let region = env.get("region_name").filter(|_| !env_speaks).cloned();
    if files.sections(name).is_empty() {
        return Err(Error::UnknownCloud {
            name: name.to_owned(),
            by: Box::new(by),
            looked: files.looked(),
            names: files.names(),
        });
    }
    let mut choice = of_files(sources, &files, name, region.as_ref(), flags)?;
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
    let region = env.remove("region_name");
    of_files(sources, &files, name, region.as_ref(), flags)
}

/// A cloud's settings from the files, and which file it is in.
fn of_files(
    sources: &Sources,
    files: &Files,
    name: &str,
    region: Option<&Setting>,
    flags: &Layer,
) -> Result<Choice, Error> {
    let mut warnings = files.unreadable();
    let wanted = flags.get("region_name").or(region);
    let mut layer = named::layer(sources, files, name, wanted, &mut warnings)?;
    if let Some(region) = region {
        layer.insert("region_name", region.clone());
    }
    let label = files
        .sections(name)
        .first()
        .map(|(file, _)| file.label.clone());
    let source = Source::Cloud {
        name: name.to_owned(),
        label: label.unwrap_or_default(),
        by: None,
    };
    Ok(Choice {
        source,
        layer,
        warnings,
    })
}

fn key_of(setting: &Setting) -> String {
    match &setting.origin {
        Origin::Env(name) => name.trim_start_matches("OS_").to_lowercase(),
        _ => String::new(),
    }
}
