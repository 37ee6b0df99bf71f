//! Logging in as gophercloud does, which Terraform and Kubernetes' tools are built on: which requests it sends, which status
//! codes it takes, and how it finds the image service in the catalogue.

use serde_json::{Value, json};

use crate::binary::Running;
use crate::http::{Answer, Request};

/// Who logs in where; the user has no default project.
struct Cloud<'a> {
    /// The identity service's address without a version.
    root: &'a str,
    user: &'a str,
    password: &'a str,
    project: &'a str,
}

/// A request with the headers that gophercloud gives it.
fn ask(method: &str, address: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
    let server = Request::server(address);
    let request =
        Request::new(method, &address[server.len()..]).header("Accept", "application/json");
    let request = match token {
        Some(token) => request.header("X-Auth-Token", token),
        None => request,
    };
    match body {
        Some(body) => request.json(body).send(&server),
        None => request.send(&server),
    }
}

/// The address of the third version, as it is found from one without a version.
fn chosen(root: &str) -> String {
    let answer = ask("GET", root, None, None);
    assert!([200, 300].contains(&answer.status), "{answer}");
    let versions = answer.json();
    let all = versions["versions"]["values"].as_array().expect("versions");
    let good = |version: &&Value| {
        let status = version["status"].as_str().unwrap().to_lowercase();
        version["id"].as_str().unwrap().contains("v3")
            && ["current", "supported", "stable"].contains(&status.as_str())
    };
    let links = all.iter().find(good).expect("v3")["links"].clone();
    let links = links.as_array().unwrap();
    let own = links.iter().find(|link| link["rel"] == "self").unwrap();
    format!("{}/", own["href"].as_str().unwrap().trim_end_matches('/'))
}

/// A log-in that has to succeed.
fn log_in(v3: &str, identity: &Value, scope: Option<Value>) -> Answer {
    let mut body = json!({ "auth": { "identity": identity } });
    if let Some(scope) = scope {
        body["auth"]["scope"] = scope;
    }
    ask("POST", &format!("{v3}auth/tokens"), None, Some(&body)).expect(201)
}

fn token(answer: &Answer) -> String {
    answer.header("X-Subject-Token").unwrap().to_owned()
}

/// The address of a service, as gophercloud looks it up.
fn endpoint(answer: &Answer, kind: &str, region: &str) -> Option<String> {
    let body = answer.json();
    let services = body["token"]["catalog"].as_array()?.clone();
    let of_kind = services.iter().filter(|service| service["type"] == kind);
    let all = of_kind.flat_map(|service| service["endpoints"].as_array().unwrap());
    let fits = |found: &&Value| {
        found["interface"] == "public"
            && (region.is_empty() || found["region"] == region || found["region_id"] == region)
    };
    let found = all.clone().find(fits)?;
    let url = found["url"].as_str().unwrap().trim_end_matches('/');
    Some(format!("{url}/"))
}

/// What a log-in has given: for whom, and whether the image service is there.
fn told(title: &str, answer: &Answer) -> String {
    let body = answer.json();
    let token = &body["token"];
    assert!(
        token["user"]["id"].is_string() && token["expires_at"].is_string(),
        "{answer}"
    );
    let lists = answer.header("X-Subject-Token").is_none_or(|token| {
        let image = endpoint(answer, "image", "RegionOne");
        image.is_none_or(|image| {
            let list = ask(
                "GET",
                &format!("{image}v2/images?limit=1"),
                Some(token),
                None,
            );
            list.status == 200
        })
    });
    let found = |region| endpoint(answer, "image", region).is_some();
    let regions = [found("RegionOne"), found(""), found("Elsewhere")];
    let project = token["project"]["domain"]["name"]
        .as_str()
        .unwrap_or("none");
    let domain = token["user"]["domain"]["name"].as_str().unwrap_or("none");
    // A set: Keystone gives it in another order each time it is started.
    let mut methods: Vec<&str> = token["methods"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    methods.sort_unstable();
    format!(
        "{title}: {methods:?}, project in {project}, user in {domain}, image {regions:?}, lists {lists}"
    )
}

/// Every way to log in, and what came of it.
fn walk(cloud: &Cloud<'_>) -> Vec<String> {
    let v3 = chosen(&format!("{}/", cloud.root));
    assert_eq!(v3, chosen(cloud.root));
    assert_eq!(v3, format!("{}/v3/", cloud.root));
    let user = |domain: Value| {
        json!({ "methods": ["password"], "password": { "user": {
            "name": cloud.user, "password": cloud.password, "domain": domain } } })
    };
    let project = json!({ "project": { "name": cloud.project, "domain": { "name": "Default" } } });
    let mut all = Vec::new();

    let unscoped = log_in(&v3, &user(json!({ "id": "default" })), None);
    all.push(told("unscoped", &unscoped));
    let whole = log_in(
        &v3,
        &user(json!({ "name": "Default" })),
        Some(project.clone()),
    );
    all.push(told("password", &whole));
    let by_token = json!({ "methods": ["token"], "token": { "id": token(&unscoped) } });
    let from_token = log_in(&v3, &by_token, Some(project.clone()));
    all.push(told("token, then a project by name", &from_token));
    let id = whole.json()["token"]["project"]["id"].clone();
    let by_id = log_in(&v3, &by_token, Some(json!({ "project": { "id": id } })));
    all.push(told("token, then a project by id", &by_id));

    let shown = Request::at("GET", &v3, "auth/tokens")
        .header("X-Auth-Token", &token(&whole))
        .header("X-Subject-Token", &token(&whole))
        .send(&Request::server(&v3))
        .expect(200);
    all.push(told("a token as it is", &shown));
    let identity = endpoint(&whole, "identity", "RegionOne").expect("an identity service");
    all.push(format!(
        "identity in the catalogue {}",
        identity.trim_end_matches("v3/") == format!("{}/", cloud.root)
    ));

    with_credential(&v3, &whole, cloud, &mut all);
    let wrong = json!({ "methods": ["password"], "password": { "user": {
        "name": cloud.user, "password": "wrong", "domain": { "id": "default" } } } });
    let body = json!({ "auth": { "identity": wrong } });
    let refused = ask("POST", &format!("{v3}auth/tokens"), None, Some(&body));
    all.push(format!("a wrong password: {}", refused.status));
    all
}

/// The three forms in which an application credential is named.
fn with_credential(v3: &str, whole: &Answer, cloud: &Cloud<'_>, all: &mut Vec<String>) {
    let user = whole.json()["token"]["user"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let place = format!("{v3}users/{user}/application_credentials");
    let name = format!("go-{}", std::process::id());
    let body = json!({ "application_credential": { "name": name } });
    let made = ask("POST", &place, Some(&token(whole)), Some(&body))
        .expect(201)
        .json();
    let made = &made["application_credential"];
    let (id, secret) = (&made["id"], &made["secret"]);
    let forms = [
        ("by id", json!({ "id": id, "secret": secret })),
        (
            "by name and user",
            json!({ "name": name, "secret": secret,
            "user": { "name": cloud.user, "domain": { "name": "Default" } } }),
        ),
        (
            "by name and user's id",
            json!({ "name": name, "secret": secret, "user": { "id": user } }),
        ),
    ];
    for (form, credential) in forms {
        let identity =
            json!({ "methods": ["application_credential"], "application_credential": credential });
        all.push(told(
            &format!("application credential {form}"),
            &log_in(v3, &identity, None),
        ));
    }
    let one = format!("{place}/{}", id.as_str().unwrap());
    all.push(format!(
        "deleted: {}",
        ask("DELETE", &one, Some(&token(whole)), None).status
    ));
}

/// Makes the user `go`, an admin of the project `admin`, who has no default project.
fn make_user(root: &str) {
    let v3 = format!("{root}/v3/");
    let admin = json!({ "methods": ["password"], "password": { "user": {
        "name": "admin", "password": "our-own-word", "domain": { "id": "default" } } } });
    let scope = json!({ "project": { "name": "admin", "domain": { "id": "default" } } });
    let admin = log_in(&v3, &admin, Some(scope));
    let token = token(&admin);
    let project = admin.json()["token"]["project"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let ask = |method: &str, path: &str, body: Option<&Value>| {
        let answer = ask(method, &format!("{v3}{path}"), Some(&token), body);
        assert!(answer.status < 300, "{answer}");
        answer
    };
    let body = json!({ "user": { "name": "go", "password": "go-word", "domain_id": "default" } });
    let user = ask("POST", "users", Some(&body)).json()["user"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let roles = ask("GET", "roles", None).json();
    let roles = roles["roles"].as_array().unwrap().clone();
    let role = roles.iter().find(|role| role["name"] == "admin").unwrap()["id"].clone();
    ask(
        "PUT",
        &format!(
            "projects/{project}/users/{user}/roles/{}",
            role.as_str().unwrap()
        ),
        None,
    );
}

#[test]
fn what_gophercloud_asks_leads_to_the_images_as_it_does_with_a_keystone() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(
        folder.path(),
        &[],
        &[("ECTYPE_SERVE_ADMIN_PASSWORD", "our-own-word")],
    );
    let address = running.said().split("serving images at ").nth(1).unwrap();
    let root = format!("{}identity", address.lines().next().unwrap());
    make_user(&root);
    let ours = walk(&Cloud {
        root: &root,
        user: "go",
        password: "go-word",
        project: "admin",
    });
    running.end();
    let found = ours
        .iter()
        .filter(|line| line.contains("image [true, true, false], lists true"));
    assert_eq!(found.count(), 7, "{ours:#?}");

    let Some(lab) = std::env::var_os("ECTYPE_TEST_LAB") else {
        eprintln!("skipped: gophercloud's requests to a Keystone, for want of ECTYPE_TEST_LAB");
        return;
    };
    let clouds = std::fs::read_to_string(std::path::Path::new(&lab).join("clouds.yaml")).unwrap();
    let line = clouds
        .lines()
        .find_map(|line| line.trim().strip_prefix("auth_url:"));
    let root = line
        .unwrap()
        .trim()
        .trim_matches('"')
        .trim_end_matches("/v3")
        .to_owned();
    let theirs = walk(&Cloud {
        root: &root,
        user: "admin",
        password: "lab-admin",
        project: "admin",
    });
    assert_eq!(ours, theirs);
}
