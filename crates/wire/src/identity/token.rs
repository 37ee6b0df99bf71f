//! A token as Keystone describes it: whose it is, how long it holds, and the catalogue of services.

use serde::{Deserialize, Serialize};

use crate::lenient::null_as_default;

/// The answer to `POST /v3/auth/tokens` and `GET /v3/auth/tokens`. The token itself is in the header `X-Subject-Token`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenReply {
    /// What the token is.
    pub token: Token,
}

/// What a token is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Token {
    /// When it ends, in UTC (`2026-11-22T21:01:35.000000Z`).
    pub expires_at: String,
    /// When it was made.
    #[serde(default)]
    pub issued_at: Option<String>,
    /// Whose it is.
    #[serde(default)]
    pub user: Option<Named>,
    /// The project it is good for.
    #[serde(default)]
    pub project: Option<Named>,
    /// The domain it is good for.
    #[serde(default)]
    pub domain: Option<Named>,
    /// Present when it is good for the whole system.
    #[serde(default)]
    pub system: Option<serde_json::Value>,
    /// What its owner may do there.
    #[serde(default, deserialize_with = "null_as_default")]
    pub roles: Vec<Role>,
    /// The services, absent for a token without a scope.
    #[serde(default)]
    pub catalog: Option<Vec<Service>>,
}

impl Token {
    /// Whether it is good for nothing but asking for another token.
    #[must_use]
    pub fn unscoped(&self) -> bool {
        self.project.is_none() && self.domain.is_none() && self.system.is_none()
    }
}

/// A user, a project or a domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// The domain it belongs to; a domain belongs to none.
    #[serde(default)]
    pub domain: Option<Box<Named>>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its id.
    #[serde(default, deserialize_with = "null_as_default")]
    pub id: String,
    /// Its name: `reader`, `member`, `admin` …
    pub name: String,
}

/// A service of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// What it is: `image`, `identity` …
    #[serde(rename = "type")]
    pub kind: String,
    /// What the operator calls it: `glance` …
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Where it is.
    #[serde(default, deserialize_with = "null_as_default")]
    pub endpoints: Vec<Endpoint>,
}

/// One address of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// `public`, `internal` or `admin`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub interface: String,
    /// The region's id.
    #[serde(default)]
    pub region_id: Option<String>,
    /// The same under its older name.
    #[serde(default)]
    pub region: Option<String>,
    /// The address.
    #[serde(default, deserialize_with = "null_as_default")]
    pub url: String,
}

impl Endpoint {
    /// Whether it is in this region, under either of the two names.
    #[must_use]
    pub fn is_in(&self, region: &str) -> bool {
        [&self.region_id, &self.region]
            .into_iter()
            .flatten()
            .any(|own| own == region)
    }

    /// The region, under whichever of its two names; empty when there is none.
    #[must_use]
    pub fn region(&self) -> &str {
        self.region_id
            .as_deref()
            .or(self.region.as_deref())
            .unwrap_or_default()
    }
}
