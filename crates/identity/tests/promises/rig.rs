//! A service of our own on loopback for one test, and words to it.

use std::sync::Arc;

use identity::own::{Bootstrapped, Catalogue, Own, Settings, router};
use jiff::Timestamp;
use net::{Client, HeaderValue, Method, Options, Proxy, Redirects, Request, Url};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::postgres;

/// An answer.
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) token: Option<String>,
    pub(crate) body: Value,
    pub(crate) headers: net::HeaderMap,
}

/// Any identity service, by its address.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) root: String,
    client: Client,
}

impl Service {
    pub(crate) fn at(root: &str) -> Self {
        let options = Options {
            retries: 0,
            proxy: Proxy::Direct,
            ..Options::default()
        };
        Self {
            root: root.trim_end_matches('/').to_owned(),
            client: Client::new(&options).unwrap(),
        }
    }

    /// Says something; `tokens` are the caller's own and the one asked about.
    pub(crate) async fn say(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        tokens: [Option<&str>; 2],
    ) -> Said {
        let bytes = body.map(|body| body.to_string().into_bytes());
        self.say_bytes(method, path, bytes, tokens).await
    }

    pub(crate) async fn say_bytes(
        &self,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
        tokens: [Option<&str>; 2],
    ) -> Said {
        let url = Url::parse(&format!("{}{path}", self.root)).unwrap();
        let mut request = Request::get(url);
        request.method = Method::from_bytes(method.as_bytes()).unwrap();
        request.retry = false;
        request.redirects = Redirects::None;
        if let Some(body) = body {
            request.headers.insert(
                net::header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            request.body = Some(body.into());
        }
        for (name, token) in ["x-auth-token", "x-subject-token"].into_iter().zip(tokens) {
            if let Some(token) = token {
                request
                    .headers
                    .insert(name, HeaderValue::from_str(token).unwrap());
            }
        }
        let reply = self.client.exchange(request).await.unwrap();
        let token = reply.headers.get("x-subject-token");
        Said {
            status: reply.status.as_u16(),
            token: token.map(|token| token.to_str().unwrap().to_owned()),
            body: serde_json::from_slice(&reply.body).unwrap_or(Value::Null),
            headers: reply.headers,
        }
    }

    /// Logs in with a password.
    pub(crate) async fn password(&self, user: &str, password: &str, scope: Value) -> Said {
        let who = json!({"name": user, "domain": {"id": "default"}, "password": password});
        let identity = json!({"methods": ["password"], "password": {"user": who}});
        self.log_in(identity, scope).await
    }

    /// Logs in; a null scope is not sent.
    pub(crate) async fn log_in(&self, identity: Value, scope: Value) -> Said {
        let mut auth = json!({"identity": identity});
        if !scope.is_null() {
            auth["scope"] = scope;
        }
        let body = Some(json!({"auth": auth}));
        self.say("POST", "/v3/auth/tokens", body, [None, None])
            .await
    }

    /// The token of a log-in that must succeed.
    pub(crate) async fn token(&self, user: &str, password: &str, project: &str) -> String {
        let said = self.password(user, password, in_project(project)).await;
        assert_eq!(said.status, 201, "{}", said.body);
        said.token.unwrap()
    }
}

/// A project as a scope, by name.
pub(crate) fn in_project(name: &str) -> Value {
    json!({"project": {"name": name, "domain": {"id": "default"}}})
}

/// Our own service, with its database.
pub(crate) struct Rig {
    pub(crate) service: Service,
    pub(crate) own: Arc<Own>,
    pub(crate) first: Bootstrapped,
    pub(crate) address: String,
    _folder: TempDir,
}

impl Rig {
    /// On a new SQLite database.
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join("ectype.db").display());
        Self::on(&address, folder, Settings::default()).await
    }

    /// On each engine that there is, one after the other.
    pub(crate) async fn each(test: &str) -> Vec<Self> {
        let mut all = vec![Self::sqlite().await];
        if let Some(address) = postgres::fresh(test) {
            let folder = tempfile::tempdir().unwrap();
            all.push(Self::on(&address, folder, Settings::default()).await);
        }
        all
    }

    pub(crate) async fn on(address: &str, folder: TempDir, settings: Settings) -> Self {
        let pool = database::connect(address).await.unwrap();
        let own = Arc::new(Own::open(pool, settings).await.unwrap());
        let first = own
            .bootstrap(None, Timestamp::now())
            .await
            .unwrap()
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let url = Url::parse(&root).unwrap();
        let image = url.join("/image").unwrap();
        let app = router(Arc::clone(&own), Catalogue::new("RegionOne", &url, &image));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            service: Service::at(&root),
            own,
            first,
            address: address.to_owned(),
            _folder: folder,
        }
    }

    /// The first user's password.
    pub(crate) fn password(&self) -> &str {
        self.first.password.expose_secret()
    }

    /// A token of the first user's.
    pub(crate) async fn admin(&self) -> String {
        self.service.token("admin", self.password(), "admin").await
    }
}
