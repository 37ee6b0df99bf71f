//! What every identity service promises, told by a token: run against our own and against a real Keystone.

use std::path::Path;
use std::sync::Arc;

use identity::keystone::{Error, Keystone, ServiceLogin};
use identity::{Identity, Refusal};
use net::{Client, Options, Proxy, Url};
use serde_json::{Value, json};

use crate::rig::{Rig, Service, in_project};
use crate::same::address;

/// Two users, one project, and who is asked about them.
struct Case {
    service: Service,
    judge: Arc<dyn Identity>,
    admin: (String, String),
}

/// The whole suite.
// long: one list of promises
async fn promises(case: &Case) {
    let (service, judge) = (&case.service, &case.judge);
    let admin = service.token(&case.admin.0, &case.admin.1, "admin").await;
    let member = Member::make(service, &admin).await;

    let said = service
        .password(&member.name, "first", in_project(&member.name))
        .await;
    let token = said.token.clone().unwrap();
    let caller = judge.caller(&token).await.unwrap();
    assert_eq!(
        (caller.user.as_str(), caller.user_name.as_str()),
        (member.user.as_str(), member.name.as_str())
    );
    assert_eq!(caller.project.as_deref(), Some(member.project.as_str()));
    assert_eq!(caller.project_name.as_deref(), Some(member.name.as_str()));
    assert_eq!(caller.domain, "default");
    let mut roles = caller.roles.clone();
    roles.sort();
    assert_eq!(roles, ["member", "reader"]);
    assert!(caller.has("member") && caller.has("reader") && !caller.is_admin());
    let expires = said.body["token"]["expires_at"].as_str().unwrap();
    assert_eq!(caller.expires, expires.parse().unwrap());

    let all = judge.caller(&admin).await.unwrap();
    assert!(all.is_admin() && all.has("reader"));

    let unscoped = service
        .password(&member.name, "first", json!("unscoped"))
        .await;
    let caller = judge.caller(&unscoped.token.unwrap()).await.unwrap();
    assert_eq!((caller.project, caller.roles.len()), (None, 0));

    // In the middle: the last letter of a Fernet token has bits that say nothing.
    let (head, tail) = token.split_at(30);
    let other = if tail.starts_with('A') { "B" } else { "A" };
    let changed = format!("{head}{other}{}", &tail[1..]);
    for wrong in [
        "",
        "x",
        "two words",
        "line\nbreak",
        &"0".repeat(64),
        &"g".repeat(100_000),
        &changed,
    ] {
        let refused = judge.caller(wrong).await.unwrap_err();
        assert!(matches!(refused, Refusal::Unknown), "{wrong}: {refused:?}");
    }

    // One that was never asked about, so that nobody can remember it.
    let fresh = service.token(&member.name, "first", &member.name).await;
    let said = service
        .say(
            "DELETE",
            "/v3/auth/tokens",
            None,
            [Some(&admin), Some(&fresh)],
        )
        .await;
    assert_eq!(said.status, 204);
    assert!(matches!(judge.caller(&fresh).await, Err(Refusal::Unknown)));
    member.delete(service, &admin).await;
}

struct Member {
    name: String,
    user: String,
    project: String,
}

impl Member {
    async fn make(service: &Service, admin: &str) -> Self {
        let name = format!("judge-{}", std::process::id());
        let post = async |kind: &str, members: Value| {
            let body = json!({ kind: members });
            let said = service
                .say(
                    "POST",
                    &format!("/v3/{kind}s"),
                    Some(body),
                    [Some(admin), None],
                )
                .await;
            said.body[kind]["id"].as_str().unwrap().to_owned()
        };
        let project = post("project", json!({"name": name})).await;
        let user = post("user", json!({"name": name, "password": "first"})).await;
        let roles = service
            .say("GET", "/v3/roles?name=member", None, [Some(admin), None])
            .await;
        let role = roles.body["roles"][0]["id"].as_str().unwrap();
        let path = format!("/v3/projects/{project}/users/{user}/roles/{role}");
        let said = service.say("PUT", &path, None, [Some(admin), None]).await;
        assert_eq!(said.status, 204);
        Self {
            name,
            user,
            project,
        }
    }

    async fn delete(&self, service: &Service, admin: &str) {
        for path in [
            format!("/v3/users/{}", self.user),
            format!("/v3/projects/{}", self.project),
        ] {
            let said = service
                .say("DELETE", &path, None, [Some(admin), None])
                .await;
            assert_eq!(said.status, 204);
        }
    }
}

fn client() -> Client {
    let options = Options {
        retries: 0,
        proxy: Proxy::Direct,
        ..Options::default()
    };
    Client::new(&options).unwrap()
}

fn as_admin(root: &str, user: &str, password: &str) -> Keystone {
    let login = ServiceLogin::Password {
        user: user.to_owned(),
        user_domain: "Default".to_owned(),
        password: password.into(),
        project: "admin".to_owned(),
        project_domain: "Default".to_owned(),
    };
    Keystone::new(client(), &Url::parse(root).unwrap(), login).unwrap()
}

#[tokio::test]
async fn our_own_service_keeps_the_promises() {
    for rig in Rig::each("our_own_service_keeps_the_promises").await {
        let case = Case {
            service: rig.service.clone(),
            judge: rig.own.clone(),
            admin: ("admin".to_owned(), rig.password().to_owned()),
        };
        promises(&case).await;
    }
}

#[tokio::test]
async fn our_service_asked_as_if_it_were_a_keystone_keeps_them() {
    let rig = Rig::sqlite().await;
    let root = format!("{}/v3/", rig.service.root);
    let case = Case {
        service: rig.service.clone(),
        judge: Arc::new(as_admin(&root, "admin", rig.password())),
        admin: ("admin".to_owned(), rig.password().to_owned()),
    };
    promises(&case).await;
}

#[tokio::test]
async fn a_real_keystone_keeps_them() {
    let Some(lab) = std::env::var_os("ECTYPE_TEST_LAB") else {
        eprintln!("skipped: a_real_keystone_keeps_them, for want of ECTYPE_TEST_LAB");
        return;
    };
    let root = address(Path::new(&lab));
    let keystone = as_admin(&root, "admin", "lab-admin");
    keystone.check().await.unwrap();
    let case = Case {
        service: Service::at(&root),
        judge: Arc::new(keystone),
        admin: ("admin".to_owned(), "lab-admin".to_owned()),
    };
    promises(&case).await;
    // The same asked by a program with an application credential.
    let openrc = std::fs::read_to_string(Path::new(&lab).join("openrc-appcred")).unwrap();
    let value = |name: &str| {
        let line = openrc.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim_matches(['\'', '"']).to_owned()
    };
    let login = ServiceLogin::Credential {
        id: value("export OS_APPLICATION_CREDENTIAL_ID="),
        secret: value("export OS_APPLICATION_CREDENTIAL_SECRET=").into(),
    };
    let root = Url::parse(&root).unwrap();
    let keystone = Keystone::new(client(), &root, login).unwrap();
    let case = Case {
        judge: Arc::new(keystone),
        ..case
    };
    promises(&case).await;
}

#[tokio::test]
async fn the_service_s_own_token_is_renewed_when_it_has_ended() {
    let rig = Rig::sqlite().await;
    let keystone = as_admin(&rig.service.root, "admin", rig.password());
    keystone.check().await.unwrap();
    // Ends every token there is, that of the service too.
    rig.own.revoke_all(&rig.first.user.id).await.unwrap();
    let token = rig.admin().await;
    assert!(keystone.caller(&token).await.unwrap().is_admin());
}

#[tokio::test]
async fn the_service_can_log_in_with_an_application_credential() {
    let rig = Rig::sqlite().await;
    let token = rig.admin().await;
    let path = format!("/v3/users/{}/application_credentials", rig.first.user.id);
    let body = json!({"application_credential": {"name": "glance"}});
    let said = rig
        .service
        .say("POST", &path, Some(body), [Some(&token), None])
        .await;
    let made = &said.body["application_credential"];
    let login = ServiceLogin::Credential {
        id: made["id"].as_str().unwrap().to_owned(),
        secret: made["secret"].as_str().unwrap().into(),
    };
    let root = Url::parse(&rig.service.root).unwrap();
    let keystone = Keystone::new(client(), &root, login).unwrap();
    assert!(keystone.caller(&token).await.unwrap().is_admin());
}

fn why(refused: Refusal) -> Error {
    match refused {
        Refusal::Unavailable(error) => *error.downcast::<Error>().unwrap(),
        Refusal::Unknown => panic!("unknown is not what happened"),
    }
}

#[tokio::test]
async fn a_keystone_that_cannot_be_asked_makes_no_token_unknown() {
    let rig = Rig::sqlite().await;
    let token = rig.admin().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let refused = as_admin(&nobody, "admin", "x").caller(&token).await;
    assert!(matches!(why(refused.unwrap_err()), Error::Transport(_)));
    let refused = as_admin(&rig.service.root, "admin", "wrong")
        .caller(&token)
        .await;
    assert!(matches!(why(refused.unwrap_err()), Error::Login { .. }));
    // A member of the project only.
    let new = identity::own::NewUser {
        name: "weak".to_owned(),
        password: Some("weak".into()),
        ..Default::default()
    };
    let weak = rig
        .own
        .create_user(new, jiff::Timestamp::now())
        .await
        .unwrap();
    let member = &identity::own::ROLES[1];
    rig.own
        .assign(&weak.id, &rig.first.project.id, member)
        .await
        .unwrap();
    let refused = as_admin(&rig.service.root, "weak", "weak")
        .caller(&token)
        .await;
    assert!(matches!(why(refused.unwrap_err()), Error::Forbidden { .. }));
    // The address of something else.
    let elsewhere = format!("{}/v3/nothing", rig.service.root);
    let refused = as_admin(&elsewhere, "admin", rig.password())
        .caller(&token)
        .await;
    assert!(matches!(why(refused.unwrap_err()), Error::Login { .. }));
}
