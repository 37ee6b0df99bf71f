//! A walk through an identity service: calls, and what was answered, written down so that two services can be compared.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::rig::{Said, Service, in_project};

/// One walk. Whatever differs from service to service by nature (ids, times, secrets, addresses) is written by a name.
pub(crate) struct Walk {
    service: Service,
    image: String,
    /// What names of this walk begin with.
    run: String,
    names: BTreeMap<String, String>,
    tokens: BTreeMap<String, String>,
    /// Whether times of revocation are kept in whole seconds.
    slow: bool,
    lines: String,
}

impl Walk {
    pub(crate) fn new(service: &Service, image: &str, slow: bool) -> Self {
        Self {
            service: service.clone(),
            image: image.to_owned(),
            run: format!("w{}-", std::process::id()),
            names: BTreeMap::new(),
            tokens: BTreeMap::new(),
            slow,
            lines: String::new(),
        }
    }

    /// What was written down.
    pub(crate) fn written(self) -> String {
        self.lines
    }

    /// A heading.
    pub(crate) fn about(&mut self, what: &str) {
        let _ = write!(self.lines, "\n== {what}\n");
    }

    /// A name for this walk.
    pub(crate) fn own(&self, name: &str) -> String {
        format!("{}{name}", self.run)
    }

    /// From now on, this id is written by this name.
    pub(crate) fn call(&mut self, id: &str, name: &str) {
        self.names.insert(id.to_owned(), format!("<{name}>"));
    }

    /// The id that is written by this name.
    pub(crate) fn id(&self, name: &str) -> String {
        let name = format!("<{name}>");
        let found = self.names.iter().find(|(_, own)| **own == name);
        found.unwrap_or_else(|| panic!("no {name}")).0.clone()
    }

    /// Keeps a token under a name.
    pub(crate) fn keep(&mut self, name: &str, said: &Said) {
        if let Some(token) = &said.token {
            self.tokens.insert(name.to_owned(), token.clone());
        }
    }

    /// The token that is kept under a name.
    pub(crate) fn token(&self, name: &str) -> Option<String> {
        match name {
            "-" => None,
            "rubbish" => Some("rubbish".to_owned()),
            name => Some(self.tokens[name].clone()),
        }
    }

    /// Waits where a service counts time in whole seconds.
    pub(crate) async fn settle(&self) {
        if self.slow {
            tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        }
    }

    /// Says something as somebody, and writes down the whole answer.
    pub(crate) async fn say(&mut self, who: &str, what: &str, body: Value) -> Said {
        self.about_token(who, "-", what, body).await
    }

    /// Says something as somebody about somebody's token, and writes down the whole answer.
    pub(crate) async fn about_token(
        &mut self,
        who: &str,
        whose: &str,
        what: &str,
        body: Value,
    ) -> Said {
        let said = self.ask(who, whose, what, &body).await;
        let line = self.plain(said.body.clone());
        let _ = writeln!(self.lines, "    {line}");
        said
    }

    /// Says something as somebody, and writes down only the status: the words are each service's own.
    pub(crate) async fn status(&mut self, who: &str, what: &str, body: Value) -> Said {
        self.ask(who, "-", what, &body).await
    }

    /// The same about somebody's token.
    pub(crate) async fn status_about(&mut self, who: &str, whose: &str, what: &str) -> Said {
        self.ask(who, whose, what, &Value::Null).await
    }

    /// Logs in, writes the answer down, and keeps the token.
    pub(crate) async fn log_in(&mut self, name: &str, identity: Value, scope: Value) -> Said {
        let mut auth = json!({"identity": identity});
        if !scope.is_null() {
            auth["scope"] = scope;
        }
        let said = self
            .say("-", "POST /v3/auth/tokens?nocatalog", json!({"auth": auth}))
            .await;
        self.keep(name, &said);
        said
    }

    /// Logs in with a password, to a project of this walk.
    pub(crate) async fn password(&mut self, name: &str, password: &str, project: &str) -> Said {
        let identity = self.with_password(name, password);
        let scope = match project {
            "-" => Value::Null,
            project => in_project(&self.own(project)),
        };
        self.log_in(name, identity, scope).await
    }

    /// The proof of a user of this walk.
    pub(crate) fn with_password(&self, name: &str, password: &str) -> Value {
        let user =
            json!({"name": self.own(name), "domain": {"id": "default"}, "password": password});
        json!({"methods": ["password"], "password": {"user": user}})
    }

    async fn ask(&mut self, who: &str, whose: &str, what: &str, body: &Value) -> Said {
        let (method, path) = what.split_once(' ').unwrap();
        let sent = (!body.is_null()).then(|| body.clone());
        let (own, subject) = (self.token(who), self.token(whose));
        let tokens = [own.as_deref(), subject.as_deref()];
        let said = self.service.say(method, path, sent, tokens).await;
        let shown = match body {
            Value::Null => String::new(),
            body => format!(" {}", self.plain(body.clone())),
        };
        let about = match whose {
            "-" => String::new(),
            whose => format!(" about {whose}"),
        };
        let path = self.words(path);
        let status = said.status;
        let _ = writeln!(
            self.lines,
            "{who}{about}: {method} {path}{shown}\n  {status}"
        );
        said
    }

    /// A document without what differs by nature, members and rows in order.
    fn plain(&self, value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let sorted: BTreeMap<String, Value> = members.into_iter().collect();
                let plain = sorted.into_iter().map(|(key, value)| {
                    let value = match (key.as_str(), value) {
                        ("audit_ids", Value::Array(ids)) => json!(ids.len()),
                        ("expires_at" | "issued_at", Value::String(_)) => json!("<time>"),
                        ("secret" | "password", Value::String(_)) => json!("<secret>"),
                        // The first token may have been made in another order.
                        ("token", Value::Object(own)) if own.len() == 1 => json!("<token>"),
                        (_, value) => self.plain(value),
                    };
                    (key, value)
                });
                Value::Object(plain.collect::<Map<_, _>>())
            }
            Value::Array(rows) => {
                let mut rows: Vec<Value> = rows.into_iter().map(|row| self.plain(row)).collect();
                rows.sort_by_key(ToString::to_string);
                Value::Array(rows)
            }
            Value::String(text) => Value::String(self.words(&text)),
            other => other,
        }
    }

    fn words(&self, text: &str) -> String {
        let mut text = text
            .replace(&self.image, "<image>")
            .replace(&self.service.root, "<root>")
            .replace(&self.run, "run-");
        for (id, name) in &self.names {
            text = text.replace(id, name);
        }
        for token in self.tokens.values() {
            text = text.replace(token, "<token>");
        }
        without_ids(&text)
    }
}

/// The text with `<id>` for each run of 32 hexadecimal digits.
pub(crate) fn without_ids(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for letter in text.chars().chain(['\0']) {
        if letter.is_ascii_hexdigit() && !letter.is_ascii_uppercase() {
            run.push(letter);
            continue;
        }
        out.push_str(if run.len() == 32 { "<id>" } else { &run });
        run.clear();
        if letter != '\0' {
            out.push(letter);
        }
    }
    out
}
