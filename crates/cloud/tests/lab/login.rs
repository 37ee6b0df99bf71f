//! Logging in: every kind, every scope, and what is told when it is refused.

use cloud::{Cloud, Error, Query};
use serde_json::{Value, json};

use crate::rig::{
    Rig, config, connect, from_env, glance_url, keystone_url, lab, port, refused, unique,
};

#[tokio::test]
async fn a_password_logs_in() {
    let Some(lab) = lab("a_password_logs_in") else {
        return;
    };
    let cloud = connect(&lab, "lab-demo").await;
    assert_eq!(cloud.token().project.as_ref().unwrap().name, "demo");
    assert_eq!(cloud.glance().address(), format!("{}/v2/", glance_url()));
    cloud.glance().list(&Query::default()).await.unwrap();
}

#[tokio::test]
async fn an_auth_url_without_a_version_logs_in() {
    let Some(lab) = lab("an_auth_url_without_a_version_logs_in") else {
        return;
    };
    for url in [
        &format!("http://127.0.0.1:{}", port("keystone")),
        &format!("http://127.0.0.1:{}/", port("keystone")),
        &format!("{}/", keystone_url()),
    ] {
        let config = config(&lab, "lab-demo", &[("auth_url", url)]);
        assert!(Cloud::connect(&config, None).await.is_ok(), "{url}");
    }
}

#[tokio::test]
async fn a_token_logs_in_as_it_is_and_for_another_scope() {
    if lab("a_token_logs_in_as_it_is_and_for_another_scope").is_none() {
        return;
    }
    let rig = Rig::new().await;
    let plain = [
        ("OS_AUTH_URL", keystone_url()),
        ("OS_TOKEN", rig.token.as_str()),
    ];
    let cloud = Cloud::connect(&from_env(&plain), None).await.unwrap();
    assert_eq!(cloud.token().project.as_ref().unwrap().name, "demo");
    cloud.glance().list(&Query::default()).await.unwrap();
    let scoped = [
        plain[0],
        plain[1],
        ("OS_PROJECT_NAME", "demo"),
        ("OS_AUTH_TYPE", "v3token"),
    ];
    let cloud = Cloud::connect(&from_env(&scoped), None).await.unwrap();
    cloud.glance().list(&Query::default()).await.unwrap();
    let error = refused(&from_env(&[plain[0], ("OS_TOKEN", "gAAAAAB-nonsense")])).await;
    assert!(
        matches!(
            error,
            Error::Unauthorized(_) | Error::Refused(_) | Error::Protocol { .. }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn an_application_credential_logs_in_by_id_and_by_name() {
    let Some(lab) = lab("an_application_credential_logs_in_by_id_and_by_name") else {
        return;
    };
    let cloud = connect(&lab, "lab-demo-appcred").await;
    assert_eq!(cloud.token().project.as_ref().unwrap().name, "demo");

    let (rig, name) = (Rig::new().await, unique("credential"));
    let user = cloud.token().user.as_ref().unwrap().id.clone();
    let body = json!({"application_credential": {"name": name}})
        .to_string()
        .into_bytes();
    let credentials = format!("{}/users/{user}/application_credentials", keystone_url());
    let reply = rig
        .ask("POST", &credentials, "application/json", body)
        .await;
    let made: Value = serde_json::from_slice(&reply.body).unwrap();
    let (id, secret) = (
        &made["application_credential"]["id"],
        &made["application_credential"]["secret"],
    );
    let config = from_env(&[
        ("OS_AUTH_URL", keystone_url()),
        ("OS_APPLICATION_CREDENTIAL_NAME", &name),
        ("OS_APPLICATION_CREDENTIAL_SECRET", secret.as_str().unwrap()),
        ("OS_USERNAME", "demo"),
        ("OS_USER_DOMAIN_NAME", "Default"),
    ]);
    let by_name = Cloud::connect(&config, None).await;
    rig.ask(
        "DELETE",
        &format!("{credentials}/{}", id.as_str().unwrap()),
        "text/plain",
        Vec::new(),
    )
    .await;
    assert_eq!(
        by_name.unwrap().token().project.as_ref().unwrap().name,
        "demo"
    );
    let gone = refused(&config).await;
    assert!(matches!(gone, Error::Unauthorized(_)), "{gone}");
}

#[tokio::test]
async fn a_wrong_password_is_unauthorized_and_quotes_the_request() {
    let Some(lab) = lab("a_wrong_password_is_unauthorized_and_quotes_the_request") else {
        return;
    };
    let error = refused(&config(&lab, "lab-demo", &[("password", "wr0ng-s3cret")])).await;
    assert!(matches!(error, Error::Unauthorized(_)), "{error}");
    let told = error.to_string();
    let start = format!(
        "the log-in of user `demo` of domain `Default` for project `demo` at {}/auth/tokens was refused (401, req-",
        keystone_url()
    );
    assert!(told.starts_with(&start), "{told}");
    assert!(
        told.ends_with("): The request you have made requires authentication."),
        "{told}"
    );
    assert!(!format!("{error:?} {told} {:?}", error.hint()).contains("wr0ng"));
}

#[tokio::test]
async fn a_project_that_is_not_the_users_is_unauthorized() {
    let Some(lab) = lab("a_project_that_is_not_the_users_is_unauthorized") else {
        return;
    };
    let error = refused(&config(&lab, "lab-demo", &[("project_name", "alt")])).await;
    assert!(matches!(error, Error::Unauthorized(_)), "{error}");
    assert!(
        error.hint().unwrap().contains("or no right to that scope"),
        "{error}"
    );
}

#[tokio::test]
async fn a_log_in_without_a_project_says_which_words_choose_one() {
    if lab("a_log_in_without_a_project_says_which_words_choose_one").is_none() {
        return;
    }
    // Users of the lab have a default project, which Keystone takes when no scope is asked for; this one has none.
    let (rig, name) = (Rig::of("admin", "lab-admin").await, unique("nobody"));
    let users = format!("{}/users", keystone_url());
    let body = json!({"user": {"name": name, "password": "p", "domain_id": "default"}}).to_string();
    let reply = rig
        .ask("POST", &users, "application/json", body.into_bytes())
        .await;
    let made: Value = serde_json::from_slice(&reply.body).unwrap();
    let user = [
        ("OS_AUTH_URL", keystone_url()),
        ("OS_USERNAME", name.as_str()),
        ("OS_PASSWORD", "p"),
    ];
    let error = refused(&from_env(&user)).await;
    let id = made["user"]["id"].as_str().unwrap();
    rig.ask("DELETE", &format!("{users}/{id}"), "text/plain", Vec::new())
        .await;
    assert!(matches!(error, Error::Unscoped { .. }), "{error}");
    assert_eq!(
        error.hint().unwrap(),
        "export OS_PROJECT_NAME=… OS_PROJECT_DOMAIN_NAME=…"
    );
}

#[tokio::test]
async fn glance_refuses_the_systems_scope_and_it_is_told_why() {
    let Some(lab) = lab("glance_refuses_the_systems_scope_and_it_is_told_why") else {
        return;
    };
    let cloud = connect(&lab, "lab-system").await;
    assert!(cloud.token().system.is_some());
    let error = cloud.glance().list(&Query::default()).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden(_)), "{error}");
    assert!(
        error
            .to_string()
            .ends_with("): You are not authorized to complete get_images action."),
        "{error}"
    );
    assert!(error.to_string().contains("(403, req-"), "{error}");
    assert!(
        error
            .hint()
            .unwrap()
            .starts_with("the token is for the system"),
        "{error}"
    );
}

#[tokio::test]
async fn a_region_or_an_interface_that_is_not_there_is_told_with_those_that_are() {
    let Some(lab) = lab("a_region_or_an_interface_that_is_not_there_is_told_with_those_that_are")
    else {
        return;
    };
    let error = refused(&config(
        &lab,
        "lab-demo",
        &[("image_region_name", "Nowhere")],
    ))
    .await;
    assert_eq!(
        error.to_string(),
        "the catalogue has no public address of an image service in region `Nowhere`"
    );
    assert_eq!(
        error.details(),
        [
            "it has     admin in region `RegionOne`, internal in region `RegionOne`, public in region `RegionOne`"
        ]
    );
    let error = refused(&config(&lab, "lab-demo", &[("interface", "private")])).await;
    assert_eq!(
        error.to_string(),
        "the catalogue has no private address of an image service in region `RegionOne`"
    );
}
