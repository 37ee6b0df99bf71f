//! The part of an address behind the question mark, and the links of a list.

use axum::http::Uri;
use serde_json::{Map, Value, json};

use super::Api;
use super::answer::{Answer, ok};

/// The pairs of a query, in order.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn of(uri: &Uri) -> Self {
        let text = uri.query().unwrap_or_default();
        Self(
            url::form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// A value.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(key, _)| key == name);
        pair.map(|(_, value)| value.as_str())
    }

    /// Whether it is there and not `0` or `false`; being there without a value is enough.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| !matches!(value.to_ascii_lowercase().as_str(), "0" | "false"))
    }

    /// Whether a record passes the filters `name`, `enabled` and `domain_id`.
    pub(super) fn fits(&self, name: &str, enabled: bool) -> bool {
        self.get("name").is_none_or(|wanted| wanted == name)
            && self
                .get("domain_id")
                .is_none_or(|id| id == super::super::DOMAIN)
            && (self.get("enabled").is_none() || self.flag("enabled") == enabled)
    }
}

impl Api {
    /// The address of something below `/v3`.
    pub(super) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.catalogue.identity())
    }

    /// A list with its links. Lists have one page.
    pub(super) fn list(&self, name: &str, rows: Vec<Value>, path: &str, uri: &Uri) -> Answer {
        let query = uri
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        let own = self.link(&format!("{path}{query}"));
        let mut body = Map::new();
        body.insert(name.to_owned(), Value::Array(rows));
        body.insert(
            "links".to_owned(),
            json!({"next": null, "self": own, "previous": null}),
        );
        ok(Value::Object(body))
    }
}
