//! Our own service, started for the tests and ended with them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::http::Request;
use crate::service::Service;
use crate::target::{Kind, Login, Target, Who, authenticate, logins};

/// Starts the service on an empty directory and makes the users of the cases.
pub(crate) fn start() -> Target {
    // It lives as long as its standard input, which is closed when the test program ends.
    static SERVICE: OnceLock<Service> = OnceLock::new();
    let service = SERVICE.get_or_init(Service::start_for_all);
    let logins = logins();
    let admin = authenticate(&service.keystone, &logins[&Who::Admin]);
    let token = admin.header("x-subject-token").expect("a token").to_owned();
    populate(&service.keystone, &token, &logins);
    let clouds = service.folder.join("contract-clouds.yaml");
    write_clouds(&clouds, &service.keystone, &logins);
    Target::new(
        Kind::Own,
        service.glance.clone(),
        service.keystone.clone(),
        clouds,
        &logins,
    )
}

/// Makes the projects and users that are not there, by the identity service's own interface.
fn populate(keystone: &str, token: &str, logins: &BTreeMap<Who, Login>) {
    let ask = |method: &str, path: &str, body: Option<Value>| {
        let request = Request::at(method, keystone, path).header("X-Auth-Token", token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send(&Request::server(keystone));
        assert!(answer.status < 300, "{path}: {answer}");
        answer
    };
    let roles = ask("GET", "/roles", None).json();
    let role = |name: &str| {
        let all = roles["roles"].as_array().expect("roles");
        let found = all.iter().find(|role| role["name"] == name);
        found.expect("the role")["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    };
    let mut projects: BTreeMap<&str, String> = BTreeMap::new();
    for (who, login) in logins.iter().filter(|(who, _)| **who != Who::Admin) {
        let project = projects.entry(&login.project).or_insert_with(|| {
            let body = json!({ "project": { "name": login.project, "domain_id": "default" } });
            let made = ask("POST", "/projects", Some(body)).json();
            made["project"]["id"].as_str().expect("an id").to_owned()
        });
        let body = json!({ "user": { "name": login.user, "password": login.password, "domain_id": "default" } });
        let made = ask("POST", "/users", Some(body)).json();
        let user = made["user"]["id"].as_str().expect("an id");
        let name = match who {
            Who::Reader | Who::OtherReader => "reader",
            _ => "member",
        };
        let path = format!("/projects/{project}/users/{user}/roles/{}", role(name));
        ask("PUT", &path, None);
    }
}

fn write_clouds(path: &Path, keystone: &str, logins: &BTreeMap<Who, Login>) {
    let cloud = |who: &Who| {
        let login = &logins[who];
        json!({
            "auth": {
                "auth_url": keystone, "username": login.user, "password": login.password, "project_name": login.project,
                "user_domain_name": "Default", "project_domain_name": "Default",
            },
            "region_name": "RegionOne", "interface": "public", "identity_api_version": 3,
        })
    };
    let all: serde_json::Map<String, Value> = logins
        .keys()
        .map(|who| (who.cloud().to_owned(), cloud(who)))
        .collect();
    // JSON is YAML.
    std::fs::write(path, json!({ "clouds": all }).to_string()).expect("clouds.yaml");
}
