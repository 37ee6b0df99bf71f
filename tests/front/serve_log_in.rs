//! ectype logs in to our own identity service in every way in which it logs in to a Keystone.

use std::sync::Arc;

use identity::own::{Catalogue, Own, Settings, router};
use jiff::Timestamp;
use serde_json::{Value, json};
use world::World;

use crate::fake::{cloud, image};
use crate::run::{Ectype, Ended};

/// A password for the first user; it must never be seen in any output.
const PASSWORD: &str = "our-4d0c1b7e-word";

/// Our identity service on a thread of its own, and an image service that it points to.
struct Cloud {
    world: World,
    root: String,
    user: String,
    _folder: tempfile::TempDir,
}

impl Cloud {
    fn start() -> Self {
        let world = cloud(&json!([image(1, "one")]));
        let folder = tempfile::tempdir().unwrap();
        let address = database::file(&folder.path().join("db")).unwrap();
        let image = url::Url::parse(&world.url("/image/v2")).unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                let pool = database::connect(&address).await.unwrap();
                let own = Arc::new(Own::open(pool, Settings::default()).await.unwrap());
                let made = own.bootstrap(Some(PASSWORD.into()), Timestamp::now()).await;
                let user = made.unwrap().unwrap().user.id;
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                let root = format!("http://{}", listener.local_addr().unwrap());
                let catalogue = Catalogue::new("R", &url::Url::parse(&root).unwrap(), &image);
                tell.send((root, user)).unwrap();
                axum::serve(listener, router(own, catalogue)).await.unwrap();
            });
        });
        let (root, user) = told.recv().unwrap();
        Self {
            world,
            root,
            user,
            _folder: folder,
        }
    }

    /// The binary with the address, and nothing that says who asks.
    fn ectype(&self) -> Ectype {
        Ectype::new().env("OS_AUTH_URL", format!("{}/v3", self.root))
    }

    fn with_password(&self, password: &str) -> Ectype {
        self.ectype()
            .env("OS_USERNAME", "admin")
            .env("OS_PASSWORD", password)
            .env("OS_PROJECT_NAME", "admin")
            .env("OS_USER_DOMAIN_NAME", "Default")
            .env("OS_PROJECT_DOMAIN_NAME", "Default")
    }

    /// The token that the image service was shown last.
    fn shown_token(&self) -> String {
        let seen = self.world.requests_to("/image/v2/images");
        seen.last()
            .unwrap()
            .header("x-auth-token")
            .unwrap()
            .to_owned()
    }

    /// Makes an application credential with a token, by another program than ours.
    fn credential(&self, token: &str) -> Value {
        let to = format!(
            "{}/v3/users/{}/application_credentials",
            self.root, self.user
        );
        let script = "import json, sys, urllib.request
ask = urllib.request.Request(sys.argv[1], data=json.dumps({'application_credential': {'name': 'robot'}}).encode(),
    headers={'X-Auth-Token': sys.argv[2], 'Content-Type': 'application/json'})
print(urllib.request.urlopen(ask).read().decode())";
        let made = std::process::Command::new("python3")
            .args(["-c", script, &to, token])
            .output()
            .unwrap();
        let body: Value = serde_json::from_slice(&made.stdout).unwrap();
        body["application_credential"].clone()
    }
}

fn lists(ended: &Ended) {
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains("one"), "{}", ended.stdout);
}

#[test]
fn a_password_a_token_and_an_application_credential_let_ectype_in() {
    let cloud = Cloud::start();
    lists(&cloud.with_password(PASSWORD).run(&["image", "list"]));
    let token = cloud.shown_token();
    let with_token = cloud
        .ectype()
        .env("OS_AUTH_TYPE", "token")
        .env("OS_TOKEN", &token);
    lists(&with_token.run(&["image", "list"]));
    let robot = cloud.credential(&token);
    let text = |name: &str| robot[name].as_str().unwrap().to_owned();
    let with_credential = |secret: String| {
        cloud
            .ectype()
            .env("OS_AUTH_TYPE", "v3applicationcredential")
            .env("OS_APPLICATION_CREDENTIAL_ID", text("id"))
            .env("OS_APPLICATION_CREDENTIAL_SECRET", secret)
    };
    lists(&with_credential(text("secret")).run(&["image", "list"]));
    assert_ne!(cloud.shown_token(), token);
    let refused = with_credential("wrong".to_owned()).run(&["image", "list"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
}

#[test]
fn a_wrong_password_ends_in_4_and_is_not_repeated() {
    let cloud = Cloud::start();
    let refused = cloud
        .with_password("guess-9f3b")
        .run(&["image", "list", "-vv"]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(refused.stderr.contains("(401)"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("guess-9f3b"));
    assert!(cloud.world.requests_to("/image/v2/images").is_empty());
}
