//! The catalogue: where the services are, as a client sees them.

use serde_json::{Value, json};
use url::Url;

/// Where the services are, as a client sees them: behind a proxy these are the proxy's addresses.
#[derive(Clone, Debug)]
pub struct Catalogue {
    region: String,
    identity: String,
    image: String,
}

/// The interfaces of a service; all lead to the same address.
const INTERFACES: [&str; 3] = ["public", "internal", "admin"];

/// A service of the catalogue: its type, its name, its id, the first digits of its endpoints' ids.
const SERVICES: [(&str, &str, &str); 2] = [
    ("identity", "keystone", "5a2d0e1c3b4f4e0f9d6c7b8a90000001"),
    ("image", "glance", "5a2d0e1c3b4f4e0f9d6c7b8a90000002"),
];

impl Catalogue {
    /// A catalogue of one region. `identity` is the address at which the [`router`](super::router) is mounted, without
    /// `/v3`; `image` the image service's, without `/v2`.
    #[must_use]
    pub fn new(region: impl Into<String>, identity: &Url, image: &Url) -> Self {
        let root = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        Self {
            region: region.into(),
            identity: format!("{}/v3", root(identity)),
            image: root(image),
        }
    }

    /// The identity service's address, with `/v3`.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The region's name.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    fn url(&self, kind: &str) -> &str {
        match kind {
            "identity" => &self.identity,
            _ => &self.image,
        }
    }

    /// As it stands in a token.
    pub(super) fn in_token(&self) -> Value {
        let services = SERVICES.iter().map(|(kind, name, id)| {
            let endpoints = (1..).zip(INTERFACES).map(|(number, interface)| {
                json!({
                    "id": endpoint_id(id, number),
                    "interface": interface,
                    "region_id": self.region,
                    "url": self.url(kind),
                    "region": self.region,
                })
            });
            let endpoints: Vec<Value> = endpoints.collect();
            json!({"endpoints": endpoints, "id": id, "type": kind, "name": name})
        });
        Value::Array(services.collect())
    }

    /// As `GET /v3/services` lists it.
    pub(super) fn services(&self) -> Vec<Value> {
        let services = SERVICES.iter().map(|(kind, name, id)| {
            json!({
                "name": name,
                "id": id,
                "type": kind,
                "enabled": true,
                "links": {"self": format!("{}/services/{id}", self.identity)},
            })
        });
        services.collect()
    }

    /// As `GET /v3/endpoints` lists it.
    pub(super) fn endpoints(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for (kind, _, service) in SERVICES {
            for (number, interface) in (1..).zip(INTERFACES) {
                let id = endpoint_id(service, number);
                all.push(json!({
                    "id": id,
                    "interface": interface,
                    "region_id": self.region,
                    "service_id": service,
                    "url": self.url(kind),
                    "enabled": true,
                    "region": self.region,
                    "links": {"self": format!("{}/endpoints/{id}", self.identity)},
                }));
            }
        }
        all
    }
}

fn endpoint_id(service: &str, number: usize) -> String {
    let tail = service
        .get(service.len().saturating_sub(1)..)
        .unwrap_or_default();
    format!("5a2d0e1c3b4f4e0f9d6c7b8a910{tail}000{number}")
}
