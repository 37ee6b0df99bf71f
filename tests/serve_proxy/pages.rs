//! The dashboard behind the proxy: links, forms, redirects, cookies and assets, before a log-in and after.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Behind;
use crate::binary::{ectype, free_port};
use crate::prefix::Prefix;
use crate::visitor::{Visitor, image, status};

/// The addresses in a page.
fn links(page: &str) -> Vec<String> {
    let mut all = Vec::new();
    for attribute in ["href=\"", "src=\"", "action=\"", "data-standing=\""] {
        for part in page.split(attribute).skip(1) {
            let link = part.split('"').next().unwrap();
            all.push(link.replace("&#38;", "&").replace("&amp;", "&"));
        }
    }
    all
}

fn headers<'a>(answer: &'a str, name: &str) -> Vec<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap();
    let pairs = head.lines().filter_map(|line| line.split_once(": "));
    let own = pairs.filter(|(own, _)| own.eq_ignore_ascii_case(name));
    own.map(|(_, value)| value).collect()
}

/// Follows every link from the first page on. Each is below `root`, and leads somewhere; so do all redirects, and no cookie goes
/// elsewhere. Returns the pages' paths.
fn walk(visitor: &Visitor, root: &str) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut waiting = vec!["/".to_owned()];
    while let Some(path) = waiting.pop() {
        let page = path.split('#').next().unwrap().to_owned();
        if !seen.insert(page.clone()) {
            continue;
        }
        let answer = visitor.get(&page);
        let mut next = Vec::new();
        match status(&answer) {
            "303" => next.extend(headers(&answer, "location").into_iter().map(str::to_owned)),
            "200" => next.extend(links(answer.split_once("\r\n\r\n").unwrap().1)),
            // What only takes forms.
            "405" => {}
            _ => panic!("{page}: {answer}"),
        }
        for cookie in headers(&answer, "set-cookie") {
            assert!(cookie.contains(&format!("; Path={root};")), "{cookie}");
        }
        for link in next {
            if link.starts_with('#') {
                continue;
            }
            let whole = match link.strip_prefix('?') {
                Some(query) => format!("{root}{}?{query}", page.split('?').next().unwrap()),
                None => link.clone(),
            };
            let below = whole
                .strip_prefix(root)
                .unwrap_or_else(|| panic!("{page}: {link}"));
            // The list in every order and filter says nothing new.
            if !below.starts_with("/images?") || seen.len() < 60 {
                waiting.push(below.to_owned());
            }
        }
    }
    seen
}

fn has(seen: &BTreeSet<String>, pages: &[&str]) {
    for page in pages {
        assert!(
            seen.iter().any(|path| path.starts_with(page)),
            "{page} in {seen:?}"
        );
    }
}

/// The answer to an upload.
fn upload(visitor: &Visitor) -> String {
    let field = |name: &str, value: &str| {
        format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let form = format!(
        "{}{}{}--B--\r\n",
        field("token", &visitor.token),
        field("name", "sent"),
        field("file\"; filename=\"disk", &"7".repeat(70_000)),
    );
    let kind = "Content-Type: multipart/form-data; boundary=B";
    let len = form.len();
    let rest = format!("{kind}\r\nContent-Length: {len}\r\n\r\n{form}");
    visitor.send("POST", "/upload", &rest)
}

/// Whoever logs in and out, uploads and publishes is always sent on to a page of the dashboard.
fn forms(admin: &Visitor, root: &str, id: &str) {
    let sent = upload(admin);
    let changed = admin.post(&format!("/images/{id}/visibility"), "&visibility=shared");
    let verified = admin.post(&format!("/images/{id}/verify"), "");
    let dark = admin.get(&format!("/theme/dark?back={root}/life"));
    let out = admin.post("/logout", "");
    for (answer, to) in [
        (sent, "/uploads/"),
        (changed, "/images/"),
        (verified, "/images/"),
        (dark, "/life"),
        (out, "/"),
    ] {
        assert_eq!(status(&answer), "303", "{answer}");
        let place = headers(&answer, "location")[0];
        assert!(place.starts_with(&format!("{root}{to}")), "{place}");
        for cookie in headers(&answer, "set-cookie") {
            assert!(cookie.contains(&format!("; Path={root};")), "{cookie}");
        }
    }
}

const PAGES: [&str; 8] = [
    "/images",
    "/life",
    "/activity",
    "/about",
    "/login",
    "/theme/dark",
    "/assets/style.css",
    "/assets/dashboard.js",
];

/// An image that everybody sees.
fn shown(behind: &Behind) -> String {
    let original = "image_source=http://127.0.0.1:9/disk";
    let options = ["--public", "--property", original];
    image(&behind.clouds(), "ectype", "shown", &options)
}

#[test]
fn every_link_of_the_service_s_dashboard_leads_through_the_proxy() {
    let behind = Behind::start(&["--dashboard", "public"]);
    let root = "/images/dashboard";
    let id = shown(&behind);
    let port = behind.proxy.port();
    let own = format!("/images/{id}");
    let seen = walk(&Visitor::new(port, root), root);
    has(&seen, &PAGES);
    has(&seen, &[&own, "/upload"]);
    let admin = Visitor::admin(port, root, &behind.clouds());
    let seen = walk(&admin, root);
    has(&seen, &PAGES[..4]);
    has(
        &seen,
        &[&own, &format!("{own}/visibility"), "/upload", "/logout"],
    );
    let about = admin.get("/about");
    assert!(
        about.contains(&format!("{}/v2/", behind.proxy.url())),
        "{about}"
    );
    forms(&admin, root, &id);
    behind.end();
}

/// A dashboard before another cloud, at an address of its own.
struct Dashboard(Child);

impl Dashboard {
    fn start(clouds: &Path, port: u16, url: &str) -> Self {
        let mut command = ectype();
        command
            .arg("--clouds")
            .arg(clouds)
            .args(["--os-cloud", "ectype", "dashboard"]);
        command.args([
            "--listen",
            &format!("127.0.0.1:{port}"),
            "--public-url",
            url,
        ]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, format!("{url}/\n"));
        Self(process)
    }

    fn end(mut self) {
        let id = self.0.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(self.0.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn every_link_of_a_dashboard_before_another_cloud_leads_through_its_proxy() {
    let behind = Behind::start(&[]);
    let id = shown(&behind);
    let port = free_port();
    let root = "/pictures/of/clouds";
    let proxy = Prefix::before(port, root);
    let dashboard = Dashboard::start(&behind.clouds(), port, &proxy.url());
    let seen = walk(&Visitor::new(proxy.port(), root), root);
    has(&seen, &PAGES);
    has(&seen, &[&format!("/images/{id}"), "/upload"]);
    let admin = Visitor::admin(proxy.port(), root, &behind.clouds());
    has(&walk(&admin, root), &["/upload", "/logout"]);
    forms(&admin, root, &id);
    assert_eq!(proxy.strays(), Vec::<String>::new());
    dashboard.end();
    behind.end();
}

#[test]
fn with_an_https_address_the_cookies_stay_there() {
    let port = free_port();
    let mut command = ectype();
    command.args([
        "dashboard",
        "--no-public",
        "--os-auth-url",
        "http://127.0.0.1:9/v3",
        "--os-username",
        "u",
        "--os-password",
        "p",
    ]);
    command.args([
        "--listen",
        &format!("127.0.0.1:{port}"),
        "--public-url",
        "https://localhost/a",
    ]);
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let dashboard = Dashboard(process);
    let page = Visitor::new(port, "").get("/login");
    assert_eq!(line, "https://localhost/a/\n");
    let shown = links(&page);
    assert!(
        shown
            .iter()
            .all(|link| link.starts_with("/a/") || link.starts_with('#')),
        "{shown:?}"
    );
    let first =
        crate::http::Request::new("GET", "/login").send(&format!("http://localhost:{port}"));
    let cookie = first.header("set-cookie").unwrap();
    assert!(
        cookie.contains("; Path=/a;") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
    dashboard.end();
}
