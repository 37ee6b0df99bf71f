//! The first start, the first log-in, and whom a token stands for.

use identity::own::{Catalogue, Own, Settings, router};
use identity::{Identity, Refusal};
use jiff::Timestamp;
use net::Url;
use serde_json::json;

use crate::rig::{Rig, Service, in_project};

#[tokio::test]
async fn the_first_start_makes_one_administrator_and_later_ones_make_none() {
    for rig in Rig::each("the_first_start").await {
        let again = rig.own.bootstrap(None, Timestamp::now()).await.unwrap();
        assert!(again.is_none());
        let token = rig.admin().await;
        let caller = rig.own.caller(&token).await.unwrap();
        assert!(caller.is_admin() && caller.has("member") && caller.has("reader"));
        assert_eq!(caller.user, rig.first.user.id);
        assert_eq!(
            caller.project.as_deref(),
            Some(rig.first.project.id.as_str())
        );
        assert_eq!(caller.project_name.as_deref(), Some("admin"));
    }
}

#[tokio::test]
async fn processes_that_start_together_make_one_administrator() {
    let folder = tempfile::tempdir().unwrap();
    let mut addresses = vec![format!("sqlite:{}", folder.path().join("db").display())];
    addresses.extend(crate::postgres::fresh("processes_that_start_together"));
    for address in addresses {
        let starts = (0..4).map(|_| {
            let address = address.clone();
            tokio::spawn(async move {
                let pool = database::connect(&address).await.unwrap();
                let own = Own::open(pool, Settings::default()).await.unwrap();
                own.bootstrap(None, Timestamp::now())
                    .await
                    .unwrap()
                    .is_some()
            })
        });
        let mut made = 0;
        for start in starts.collect::<Vec<_>>() {
            made += u32::from(start.await.unwrap());
        }
        assert_eq!(made, 1, "{address}");
    }
}

#[tokio::test]
async fn a_token_that_nobody_made_stands_for_nobody() {
    for rig in Rig::each("a_token_that_nobody_made").await {
        for token in [
            "",
            "x",
            "' OR 1=1 --",
            &"0".repeat(64),
            &"9".repeat(100_000),
        ] {
            let refused = rig.own.caller(token).await.unwrap_err();
            assert!(matches!(refused, Refusal::Unknown), "{token}");
        }
    }
}

#[tokio::test]
async fn a_wrong_password_gives_no_token() {
    for rig in Rig::each("a_wrong_password").await {
        let said = rig.service.password("admin", "wrong", json!(null)).await;
        assert_eq!((said.status, said.token), (401, None));
        let said = rig
            .service
            .password("nobody", rig.password(), in_project("admin"))
            .await;
        assert_eq!((said.status, said.token), (401, None));
    }
}

#[tokio::test]
async fn several_processes_on_one_database_are_one_service() {
    for rig in Rig::each("several_processes_on_one_database").await {
        let token = rig.admin().await;
        let pool = database::connect(&rig.address).await.unwrap();
        let other = Own::open(pool, Settings::default()).await.unwrap();
        assert!(other.caller(&token).await.is_ok());
        other.revoke_all(&rig.first.user.id).await.unwrap();
        let refused = rig.own.caller(&token).await.unwrap_err();
        assert!(matches!(refused, Refusal::Unknown));
    }
}

#[tokio::test]
async fn a_refusal_says_where_to_log_in() {
    let rig = Rig::sqlite().await;
    let said = rig
        .service
        .say("GET", "/v3/projects", None, [None, None])
        .await;
    assert_eq!(said.status, 401);
    let expected = format!("Keystone uri=\"{}/v3\"", rig.service.root);
    assert_eq!(said.headers["www-authenticate"], expected.as_str());
}

#[tokio::test]
async fn behind_a_proxy_and_under_a_path_clients_are_led_to_where_they_came_from() {
    let rig = Rig::sqlite().await;
    let public = Url::parse("https://cloud.example/identity/").unwrap();
    let image = Url::parse("https://cloud.example/image/").unwrap();
    let catalogue = Catalogue::new("north", &public, &image);
    let app = axum::Router::new().nest("/identity", router(rig.own.clone(), catalogue));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let service = Service::at(&format!(
        "http://{}/identity",
        listener.local_addr().unwrap()
    ));
    tokio::spawn(async move { axum::serve(listener, app).await });
    for (path, status) in [("", 300), ("/v3", 200), ("/v3/", 200), ("/v3/nothing", 404)] {
        let said = service.say("GET", path, None, [None, None]).await;
        assert_eq!(said.status, status, "{path}");
        let text = said.body.to_string();
        assert!(
            status == 404 || text.contains("https://cloud.example/identity/v3/"),
            "{text}"
        );
    }
    let said = service
        .password("admin", rig.password(), in_project("admin"))
        .await;
    let mut urls: Vec<&str> = Vec::new();
    for service in said.body["token"]["catalog"].as_array().unwrap() {
        for endpoint in service["endpoints"].as_array().unwrap() {
            assert_eq!(endpoint["region_id"], "north");
            urls.push(endpoint["url"].as_str().unwrap());
        }
    }
    urls.dedup();
    assert_eq!(
        urls,
        [
            "https://cloud.example/identity/v3",
            "https://cloud.example/image"
        ]
    );
}
