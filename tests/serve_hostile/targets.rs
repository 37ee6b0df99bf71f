//! Paths, questions and headers that are long, deep or odd.

use crate::fort::Fort;
use crate::http::Request;

/// Targets that are long, deep or odd.
fn targets(id: &str) -> Vec<String> {
    let long = "x".repeat(60_000);
    let many = |part: &str| part.repeat(60_000 / part.len());
    vec![
        format!("/v2/images/{long}"),
        format!("/v2/images/{long}/file"),
        format!("/v2/images/{}", many("%f0%9f%92%a3")),
        format!("/v2/images{}", many("/a")),
        format!("/v2{}", many("/..")),
        format!("/v2{}", many("/%2e%2e")),
        format!("/{}", many("/")),
        format!("/v2/images/{id}%00"),
        format!("/v2/images/{id}%2ffile"),
        format!("/v2//images/{id}"),
        format!("/v2/images//{id}"),
        format!("/v2/images/{id}/file/"),
        format!("/v2/images/{id}/members/{long}"),
        format!("/v2/images/{id}/tags/{long}"),
        format!("/v2/images/{id}/tags/%00"),
        format!("/v2/images/{id}/members/%00"),
        format!("/v2/images/{id}/actions/{long}"),
        format!("/v2/stores/{long}/{id}"),
        format!("/v2/tasks/{long}"),
        format!("/v2/schemas/{long}"),
        format!("/v2/cache/{long}"),
        format!("/v2/metadefs/namespaces/{long}"),
        "/v2/metadefs/namespaces/%00/objects/%00".to_owned(),
        format!("/identity/v3/users/{long}"),
        "/identity/v3/users/%00".to_owned(),
        format!("/identity/v3/projects/{}", many("%2e%2e%2f")),
        format!("/dashboard/{long}"),
        format!("/dashboard/{}", many("%2e%2e/")),
        "/dashboard/%00".to_owned(),
        "/dashboard/assets/../../../etc/passwd".to_owned(),
        "/dashboard/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd".to_owned(),
        format!("/dashboard/images/{id}%00"),
    ]
}

#[test]
fn targets_that_are_long_deep_or_odd_lead_nowhere() {
    let mut fort = Fort::new();
    let id = fort.caller().active(b"inside");
    for target in targets(&id) {
        for method in [
            "GET", "HEAD", "DELETE", "POST", "PUT", "PATCH", "TRACE", "PROPFIND",
        ] {
            let request = Request::new(method, &target);
            if let Ok(answer) = fort.caller().try_ask(request) {
                let status = answer.status;
                // The start page and versions are for every path outside the API.
                let fine = (300..500).contains(&status);
                assert!(
                    fine,
                    "{method} {}: {answer}",
                    &target[..target.len().min(60)]
                );
                assert!(!answer.text().contains("root:"), "{target}");
            }
        }
    }
    for line in [
        format!("GET http://elsewhere.example/v2/images/{id} HTTP/1.1"),
        "CONNECT 169.254.169.254:80 HTTP/1.1".to_owned(),
        "OPTIONS * HTTP/1.1".to_owned(),
        "get /v2/images HTTP/1.1".to_owned(),
        "GET v2/images HTTP/1.1".to_owned(),
        "GET /v2/images\tHTTP/1.1".to_owned(),
        "GET /v2/images\u{0} HTTP/1.1".to_owned(),
        "PRI * HTTP/2.0".to_owned(),
    ] {
        let wire = format!("{line}\r\nHost: a\r\nConnection: close\r\n\r\n");
        if let Ok(answer) = fort.raw(wire.as_bytes()) {
            assert!(answer.status < 500, "{line}: {answer}");
        }
    }
    assert!(fort.caller().down(&id).expect(200).body == b"inside");
    fort.stands();
}

/// Questions that are long or odd.
fn queries() -> Vec<String> {
    let list = |part: &str| part.repeat(60_000 / part.len());
    let numbered = |part: &str| {
        let all = (0..60_000 / (part.len() + 6)).map(|n| part.replace('#', &n.to_string()));
        all.collect::<Vec<_>>().join("&")
    };
    vec![
        format!("name=in:{}", list("a,")),
        format!("id=in:{}", list("\"b\",")),
        format!("status=in:{}", list("active,")),
        format!("name=in:{}", list("\"")),
        list("tag=a&"),
        numbered("tag=t#"),
        numbered("p#=v"),
        numbered("p#=in:a,b"),
        list("name=a&"),
        list("sort=name:asc&"),
        format!("sort={}", list("name:asc,")),
        list("sort_key=name&sort_dir=asc&"),
        list("sort_key=created_at&"),
        format!("marker={}", list("x")),
        "marker=%00".to_owned(),
        "name=%00".to_owned(),
        "tag=%00".to_owned(),
        "a%00b=c".to_owned(),
        "%ff=%fe".to_owned(),
        "limit=-1".to_owned(),
        "limit=99999999999999999999".to_owned(),
        "limit=NaN".to_owned(),
        "size_min=-1".to_owned(),
        "size_max=99999999999999999999".to_owned(),
        "created_at=gt:99999-99-99T99:99:99Z".to_owned(),
        "created_at=gt:".to_owned(),
        "updated_at=in:a,b".to_owned(),
        "protected=maybe".to_owned(),
        "visibility=%27".to_owned(),
        "member_status=%00".to_owned(),
        list("&"),
        list("="),
        list("%"),
    ]
}

#[test]
fn questions_that_are_long_or_odd_are_answered_or_refused() {
    let mut fort = Fort::new();
    fort.caller().queued();
    for query in &queries() {
        for path in [
            "/v2/images",
            "/v2/tasks",
            "/v2/metadefs/namespaces",
            "/v2/metadefs/resource_types",
            "/identity/v3/users",
            "/identity/v3/role_assignments",
            "/dashboard/images",
            "/dashboard/",
        ] {
            let request = Request::new("GET", &format!("{path}?{query}"));
            if let Ok(answer) = fort.caller().try_ask(request) {
                assert!(
                    answer.status < 500,
                    "{path}?{}: {answer}",
                    &query[..query.len().min(60)]
                );
            }
        }
    }
    fort.stands();
}

#[test]
fn headers_that_are_long_or_odd_are_answered_or_refused() {
    let mut fort = Fort::new();
    let list = |part: &str| part.repeat(60_000 / part.len());
    for (name, value) in [
        ("Accept", list("a/b,")),
        ("Accept-Language", list("x;q=0.1,")),
        ("X-Auth-Token", list("t")),
        ("X-Auth-Token", "\u{e9}\u{e9}".to_owned()),
        ("X-Openstack-Request-Id", list("r")),
        ("Forwarded", list("for=1.2.3.4,")),
        ("X-Forwarded-Proto", list("https,")),
        ("Cookie", list("a=b;")),
        ("Expect", "200-maybe".to_owned()),
        ("Upgrade", "h2c".to_owned()),
        ("If-None-Match", list("\"e\",")),
    ] {
        for path in ["/v2/images", "/identity/v3/users", "/dashboard/"] {
            let request = Request::new("GET", path).header(name, &value);
            if let Ok(answer) = fort.caller().try_ask(request) {
                assert!(answer.status < 500, "{name}: {answer}");
            }
        }
    }
    fort.stands();
}
