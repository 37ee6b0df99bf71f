//! The server a case is run against: the real Glance of a lab, or our own; and who asks it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::http::Request;
use crate::own;
use crate::service::Service;

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    /// Without a token.
    Nobody,
    /// With a token that was never given out.
    Stranger,
    /// The role admin, in a project of its own.
    Admin,
    /// The role member in the project that most images of the cases belong to.
    Member,
    /// Only the role reader in that project.
    Reader,
    /// The role member in another project.
    Other,
    /// Only the role reader in that other project.
    OtherReader,
}

impl Who {
    pub(crate) const WITH_TOKEN: [Self; 5] = [
        Self::Admin,
        Self::Member,
        Self::Reader,
        Self::Other,
        Self::OtherReader,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Stranger => "stranger",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Reader => "reader",
            Self::Other => "other",
            Self::OtherReader => "other-reader",
        }
    }

    /// The cloud of the target's clouds.yaml.
    pub(crate) fn cloud(self) -> &'static str {
        match self {
            Self::Admin => "lab-admin",
            Self::Member => "lab-demo",
            Self::Reader => "lab-demo-reader",
            Self::Other => "lab-alt",
            Self::OtherReader => "lab-alt-reader",
            Self::Nobody | Self::Stranger => panic!("{self:?} has no cloud"),
        }
    }
}

/// A way to log in.
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) project: String,
}

/// Whose server it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Real,
    Own,
}

/// A running image service and what the callers need.
pub(crate) struct Target {
    pub(crate) kind: Kind,
    /// `http://127.0.0.1:PORT` of the image service.
    pub(crate) glance: String,
    /// `http://127.0.0.1:PORT/v3` of the identity service.
    pub(crate) keystone: String,
    /// A clouds.yaml with the clouds of [`Who::cloud`].
    pub(crate) clouds: PathBuf,
    tokens: BTreeMap<Who, String>,
    projects: BTreeMap<Who, String>,
}

impl Target {
    /// Logs everybody in.
    pub(crate) fn new(
        kind: Kind,
        glance: String,
        keystone: String,
        clouds: PathBuf,
        logins: &BTreeMap<Who, Login>,
    ) -> Self {
        let mut tokens = BTreeMap::new();
        let mut projects = BTreeMap::new();
        for (who, login) in logins {
            let (token, project) = log_in(&keystone, login);
            tokens.insert(*who, token);
            projects.insert(*who, project);
        }
        tokens.insert(Who::Stranger, "gAAAAABnobodyevergavethisout".to_owned());
        Self {
            kind,
            glance,
            keystone,
            clouds,
            tokens,
            projects,
        }
    }

    /// The lab's Glance, if there is a lab.
    pub(crate) fn real() -> Option<&'static Self> {
        static REAL: OnceLock<Option<Target>> = OnceLock::new();
        REAL.get_or_init(|| {
            let folder = PathBuf::from(std::env::var_os("ECTYPE_TEST_LAB")?);
            let clouds = folder.join("clouds.yaml");
            let text = std::fs::read_to_string(&clouds).expect("the lab's clouds.yaml");
            let after = |key: &str| {
                let line = text.lines().find_map(|l| l.trim().strip_prefix(key));
                line.expect("an address")
                    .trim()
                    .trim_matches('"')
                    .to_owned()
            };
            let keystone = after("auth_url:");
            let glance = real_glance(&keystone);
            Some(Self::new(Kind::Real, glance, keystone, clouds, &logins()))
        })
        .as_ref()
    }

    /// Our own server, started once for all cases, if there is one.
    pub(crate) fn own() -> Option<&'static Self> {
        static OWN: OnceLock<Option<Target>> = OnceLock::new();
        OWN.get_or_init(|| Service::there().then(own::start))
            .as_ref()
    }

    pub(crate) fn token(&self, who: Who) -> Option<&str> {
        self.tokens.get(&who).map(String::as_str)
    }

    /// The id of the project a caller works in.
    pub(crate) fn project(&self, who: Who) -> &str {
        &self.projects[&who]
    }
}

/// Users, passwords and projects: those of the lab, and the same in our own service.
pub(crate) fn logins() -> BTreeMap<Who, Login> {
    let login = |user: &str, password: &str, project: &str| Login {
        user: user.to_owned(),
        password: password.to_owned(),
        project: project.to_owned(),
    };
    BTreeMap::from([
        (Who::Admin, login("admin", "lab-admin", "admin")),
        (Who::Member, login("demo", "lab-demo", "demo")),
        (Who::Reader, login("demo-reader", "lab-demo", "demo")),
        (Who::Other, login("alt", "lab-alt", "alt")),
        (Who::OtherReader, login("alt-reader", "lab-alt", "alt")),
    ])
}

pub(crate) fn authenticate(keystone: &str, login: &Login) -> crate::http::Answer {
    let body = json!({ "auth": {
        "identity": { "methods": ["password"], "password": { "user": {
            "name": login.user, "domain": { "name": "Default" }, "password": login.password,
        } } },
        "scope": { "project": { "name": login.project, "domain": { "name": "Default" } } },
    } });
    Request::at("POST", keystone, "/auth/tokens")
        .json(&body)
        .send(&Request::server(keystone))
        .expect(201)
}

fn log_in(keystone: &str, login: &Login) -> (String, String) {
    let answer = authenticate(keystone, login);
    let token = answer
        .header("x-subject-token")
        .expect("a token")
        .to_owned();
    let project = answer.json()["token"]["project"]["id"].clone();
    (token, project.as_str().expect("a project").to_owned())
}

/// The image service's address, from the catalogue as every client finds it.
pub(crate) fn real_glance(keystone: &str) -> String {
    let answer = authenticate(keystone, &logins()[&Who::Admin]).json();
    let catalogue = answer["token"]["catalog"].as_array().expect("a catalogue");
    let image = catalogue.iter().find(|s| s["type"] == "image");
    let endpoints = image.expect("an image service")["endpoints"].as_array();
    let public = |e: &&Value| e["interface"] == "public";
    let found = endpoints.and_then(|all| all.iter().find(public));
    found.expect("a public endpoint")["url"]
        .as_str()
        .expect("an address")
        .trim_end_matches('/')
        .to_owned()
}
