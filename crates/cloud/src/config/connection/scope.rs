//! What the token shall be good for: a project, a domain, the system, a trust, or whatever the server decides.

use super::login::Kind;
use super::{origin, text};
use crate::Error;
use crate::config::Warning;
use crate::config::layer::Layer;
use crate::config::setting::{Origin, Setting};

/// A domain, by id or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DomainRef {
    Id(String),
    Name(String),
}

/// What the token shall be good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ScopeRef {
    /// Nothing was asked for: the server takes the user's default project, or the application credential's own.
    Unsaid,
    ProjectId(String),
    ProjectName(String, DomainRef),
    Domain(DomainRef),
    System,
    Trust(String),
}

/// `domain_id` and `domain_name` beside a project are the domain of both user and project, unless those say their
/// own (openstacksdk, `_handle_domain_id`).
pub(crate) fn spread_domains(layer: &mut Layer) {
    if !layer.contains_key("project_id") && !layer.contains_key("project_name") {
        return;
    }
    for suffix in [
        &["domain_id", "user_domain_id", "project_domain_id"],
        &["domain_name", "user_domain_name", "project_domain_name"],
    ] {
        let [common, own @ ..] = suffix;
        let Some(setting) = layer.remove(common) else {
            continue;
        };
        for name in own {
            layer.entry(name).or_insert_with(|| setting.clone());
        }
    }
}

impl DomainRef {
    /// The domain of a user or a project. The default is the domain with the id `default`, as for the `openstack` command.
    pub(crate) fn of(layer: &mut Layer, id: &'static str, name: &'static str) -> Self {
        let given = |layer: &Layer, id: &str, name: &str| {
            let id = text(layer, id).map(|id| Self::Id(id.to_owned()));
            id.or_else(|| Some(Self::Name(text(layer, name)?.to_owned())))
        };
        if let Some(domain) = given(layer, id, name)
            .or_else(|| given(layer, "default_domain_id", "default_domain_name"))
        {
            return domain;
        }
        let setting = layer
            .get("default_domain")
            .cloned()
            .unwrap_or_else(|| Setting::new("default", Origin::Default));
        let domain = Self::Id(setting.value.expose().to_owned());
        layer.insert(id, setting);
        domain
    }
}

/// Settings that ask for a scope, those of one kind of scope beside each other.
const NAMES: &[&str] = &[
    "project_id",
    "project_name",
    "domain_id",
    "domain_name",
    "system_scope",
    "trust_id",
];

impl ScopeRef {
    /// Reads the scope. Two scopes at once are a contradiction; an id beside a name of the same thing is not.
    pub(crate) fn new(
        kind: Kind,
        layer: &mut Layer,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Error> {
        let said: Vec<&str> = NAMES
            .iter()
            .copied()
            .filter(|name| layer.contains_key(name))
            .collect();
        let spoken = |name: &&str| format!("{name} ({})", origin(layer, name));
        let list = said.iter().map(spoken).collect::<Vec<_>>().join(", ");
        if kind == Kind::Application {
            if !said.is_empty() {
                warnings.push(Warning(format!(
                    "an application credential carries its own scope; {list} is left out"
                )));
                layer.retain(|name, _| !NAMES.contains(name));
            }
            return Ok(Self::Unsaid);
        }
        let mut kinds: Vec<&str> = said
            .iter()
            .filter_map(|name| name.split('_').next())
            .collect();
        kinds.dedup();
        match kinds.as_slice() {
            [] => Ok(Self::Unsaid),
            [kind] => Self::of(kind, layer),
            _ => Err(
                Error::config(format!("more than one scope is asked for: {list}"))
                    .with_hint("leave all but one out"),
            ),
        }
    }

    /// A scope of one kind; an id goes before a name.
    fn of(kind: &str, layer: &mut Layer) -> Result<Self, Error> {
        let said = |layer: &Layer, name: &str| text(layer, name).map(ToOwned::to_owned);
        let id = said(layer, &format!("{kind}_id"));
        let name = said(layer, &format!("{kind}_name"));
        Ok(match (kind, id, name) {
            ("project", Some(id), _) => Self::ProjectId(id),
            ("project", None, Some(name)) => Self::ProjectName(
                name,
                DomainRef::of(layer, "project_domain_id", "project_domain_name"),
            ),
            ("domain", Some(id), _) => Self::Domain(DomainRef::Id(id)),
            ("domain", None, Some(name)) => Self::Domain(DomainRef::Name(name)),
            ("trust", Some(id), _) => Self::Trust(id),
            _ => match text(layer, "system_scope").unwrap_or_default() {
                "all" => Self::System,
                other => {
                    return Err(Error::config(format!(
                        "system_scope is `{other}`, but there is only `all`"
                    )));
                }
            },
        })
    }
}
