//! Every setting that is understood, with the names under which files, variables and flags spell it.
//!
//! Source: openstacksdk's `config/loader.py` (the backward-compatible spellings) and keystoneauth's plug-in options.

/// One setting.
#[derive(Debug)]
#[non_exhaustive]
pub struct Key {
    /// Its name as clouds.yaml spells it. The variable is `OS_` and this in capitals, the flag `--os-` and this with dashes.
    pub name: &'static str,
    /// Older spellings, which lose against the name.
    pub aliases: &'static [&'static str],
    /// Whether its value is never shown.
    pub secret: bool,
    /// Whether clouds.yaml keeps it under `auth:`.
    pub auth: bool,
    /// Whether it says who asks and where. Only these make a set of variables or flags a connection of its own.
    pub credential: bool,
    /// Whether the same key outside `auth:` wins over the one inside (openstacksdk's rule for these).
    pub(crate) outer_wins: bool,
    /// What it is, for help texts.
    pub help: &'static str,
}

const fn auth(name: &'static str, aliases: &'static [&'static str], help: &'static str) -> Key {
    Key {
        name,
        aliases,
        secret: false,
        auth: true,
        credential: true,
        outer_wins: false,
        help,
    }
}

const fn scope(name: &'static str, aliases: &'static [&'static str], help: &'static str) -> Key {
    Key {
        outer_wins: true,
        ..auth(name, aliases, help)
    }
}

const fn secret(name: &'static str, aliases: &'static [&'static str], help: &'static str) -> Key {
    Key {
        secret: true,
        ..auth(name, aliases, help)
    }
}

const fn plain(name: &'static str, aliases: &'static [&'static str], help: &'static str) -> Key {
    Key {
        auth: false,
        credential: false,
        ..auth(name, aliases, help)
    }
}

/// All settings, in the order in which they are shown.
pub const KEYS: &[Key] = &[
    Key {
        auth: false,
        ..auth(
            "auth_type",
            &["auth_plugin"],
            "kind of log-in: password, token, v3applicationcredential",
        )
    },
    auth(
        "auth_url",
        &[],
        "address of the identity service, with or without /v3",
    ),
    auth("username", &["user_name"], "user's name"),
    auth("user_id", &[], "user's id"),
    scope("user_domain_name", &[], "name of the user's domain"),
    scope("user_domain_id", &[], "id of the user's domain"),
    secret("password", &[], "user's password"),
    Key {
        outer_wins: true,
        ..secret(
            "token",
            &["auth_token"],
            "token to use instead of a password",
        )
    },
    auth(
        "application_credential_id",
        &[],
        "id of an application credential",
    ),
    auth(
        "application_credential_name",
        &[],
        "name of an application credential (needs the user too)",
    ),
    secret(
        "application_credential_secret",
        &[],
        "secret of the application credential",
    ),
    scope(
        "project_name",
        &["tenant_name"],
        "project to work in, by name",
    ),
    scope("project_id", &["tenant_id"], "project to work in, by id"),
    scope("project_domain_name", &[], "name of the project's domain"),
    scope("project_domain_id", &[], "id of the project's domain"),
    scope(
        "domain_name",
        &[],
        "domain to work in, by name; beside a project, the domain of user and project",
    ),
    scope(
        "domain_id",
        &[],
        "domain to work in, by id; beside a project, the domain of user and project",
    ),
    auth("system_scope", &[], "`all`: work on the whole system"),
    auth("trust_id", &[], "trust to act under"),
    Key {
        credential: false,
        ..auth(
            "default_domain",
            &[],
            "id of the domain of users and projects given without one",
        )
    },
    Key {
        credential: false,
        ..auth("default_domain_id", &[], "the same")
    },
    Key {
        credential: false,
        ..auth("default_domain_name", &[], "the same, by name")
    },
    plain("region_name", &[], "region of the image service"),
    plain(
        "image_region_name",
        &[],
        "the same, for the image service alone",
    ),
    plain(
        "interface",
        &["endpoint_type"],
        "which of the service's addresses: public, internal, admin",
    ),
    plain(
        "image_interface",
        &["image_endpoint_type"],
        "the same, for the image service alone",
    ),
    plain(
        "image_endpoint_override",
        &["image_endpoint"],
        "address of the image service, instead of the catalogue's",
    ),
    plain(
        "identity_api_version",
        &[],
        "version of the identity API: 3",
    ),
    plain("image_api_version", &[], "version of the image API: 2"),
    plain(
        "verify",
        &[],
        "check the server's certificate, which is the default",
    ),
    plain("insecure", &[], "do not check the server's certificate"),
    plain(
        "cacert",
        &[],
        "file of certificate authorities to trust besides the system's",
    ),
    plain("cert", &[], "client certificate"),
    plain("key", &[], "private key of the client certificate"),
];

/// The flag of a setting by this name; openstackclient spells switches without `os`.
pub(super) fn flag(name: &str) -> String {
    match name {
        "verify" | "insecure" => format!("--{name}"),
        _ => format!("--os-{}", name.replace('_', "-")),
    }
}

impl Key {
    /// Finds a setting by its name or an older spelling; dashes count as underscores.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        let name = name.replace('-', "_");
        KEYS.iter()
            .find(|key| key.name == name || key.aliases.contains(&name.as_str()))
    }

    /// The environment variable of this setting.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("OS_{}", self.name.to_uppercase())
    }

    /// The flag of this setting.
    #[must_use]
    pub fn flag(&self) -> String {
        flag(self.name)
    }

    /// Its place within a cloud of clouds.yaml.
    #[must_use]
    pub fn path(&self) -> String {
        if self.auth {
            format!("auth.{}", self.name)
        } else {
            self.name.to_owned()
        }
    }
}
