//! The service over TLS: the certificate is signed by an authority that nobody knows, and clients are told to trust it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use world::{Page, World};

use crate::binary::{Running, ectype, free_port};

/// A service with a certificate.
struct Secured {
    folder: tempfile::TempDir,
    running: Running,
    root: String,
}

/// Makes an authority and a certificate for this machine's loopback, as people do it.
fn certificates(folder: &Path) {
    let script = "
        set -e
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Our authority' \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem
        openssl req -newkey rsa:2048 -nodes -subj '/CN=images' -keyout key.pem -out request.pem
        printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\nextendedKeyUsage=serverAuth\\n' >extensions
        openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out leaf.pem
        cat leaf.pem ca.pem >certificate.pem";
    let made = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}

impl Secured {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        certificates(folder.path());
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let port = free_port();
        let arguments = [
            "--tls-cert",
            &file("certificate.pem"),
            "--tls-key",
            &file("key.pem"),
            "--import-host",
            "127.0.0.1",
        ];
        let variables = [("ECTYPE_SERVE_ADMIN_PASSWORD", "lab-admin")];
        let running =
            Running::start_at(&folder.path().join("service"), port, &arguments, &variables);
        let root = format!("https://127.0.0.1:{port}");
        assert!(
            running
                .said()
                .contains(&format!("serving images at {root}/")),
            "{}",
            running.said()
        );
        let secured = Self {
            folder,
            running,
            root,
        };
        for (user, project) in [("demo", "demo"), ("alt", "alt")] {
            secured.records(&["project", "create", project]);
            secured.records(&[
                "user",
                "create",
                user,
                "--project",
                project,
                "--role",
                "member",
                "--password",
                "word",
            ]);
        }
        secured
    }

    /// Manages the service's users beside it.
    fn records(&self, arguments: &[&str]) -> String {
        let mut command = ectype();
        command
            .arg("serve")
            .args(arguments)
            .arg("--data")
            .arg(self.folder.path().join("service"));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A clouds.yaml of both users; with the authority's certificate or without.
    fn clouds(&self, name: &str, cacert: Option<&Path>) -> PathBuf {
        let cloud = |user: &str| {
            let mut cloud = json!({
                "auth": { "auth_url": format!("{}/identity/v3", self.root), "username": user, "password": "word",
                    "project_name": user, "user_domain_name": "Default", "project_domain_name": "Default" },
                "region_name": "RegionOne",
            });
            if let Some(cacert) = cacert {
                cloud["cacert"] = json!(cacert);
            }
            cloud
        };
        let path = self.file(name);
        let text = json!({ "clouds": { "demo": cloud("demo"), "alt": cloud("alt") } }).to_string();
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// What one of the contract's scripts says.
fn script(python: &Path, name: &str, clouds: &Path, arguments: &[&str]) -> Result<Value, String> {
    let home = tempfile::tempdir().unwrap();
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/glance_contract/clients");
    let out = Command::new(python)
        .arg(scripts.join(name))
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.path())
        .env("PYTHONWARNINGS", "ignore")
        .env("OS_CLIENT_CONFIG_FILE", clouds)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&out.stderr).into_owned();
    serde_json::from_slice(&out.stdout).map_err(|_| errors)
}

/// Runs a program's lines, each of which has to end so.
fn lines(python: &Path, program: &str, clouds: &Path, all: &[(i64, String)]) -> Vec<String> {
    let words: Vec<Vec<&str>> = all
        .iter()
        .map(|(_, line)| line.split_whitespace().collect())
        .collect();
    let said = script(
        python,
        "command_line.py",
        clouds,
        &[program, &json!(words).to_string()],
    )
    .unwrap();
    let said = said.as_array().unwrap();
    for ((code, line), said) in all.iter().zip(said) {
        assert_eq!(said["code"], *code, "{line}: {said}");
    }
    said.iter()
        .map(|said| {
            format!(
                "{}{}",
                said["out"].as_str().unwrap(),
                said["err"].as_str().unwrap()
            )
        })
        .collect()
}

#[test]
fn over_tls_openstack_does_what_it_does_without() {
    let Some(python) = world::python_for("over_tls_openstack_does_what_it_does_without") else {
        return;
    };
    let secured = Secured::start();
    let (ca, disk, copy) = (
        secured.file("ca.pem"),
        secured.file("disk.raw"),
        secured.file("copy"),
    );
    std::fs::write(&disk, [b's'; 300_000]).unwrap();
    let (file, cacert) = (disk.display(), ca.display());
    let with = |line: String| (0, format!("--os-cloud demo --os-cacert {cacert} {line}"));
    let said = lines(
        &python,
        "openstack",
        &secured.clouds("plain.yaml", None),
        &[
            with(format!(
                "image create secured --file {file} --disk-format raw -f value -c status"
            )),
            with("image list -f value -c Name".to_owned()),
            with(format!("image save secured --file {}", copy.display())),
            with("image set secured --property a=b".to_owned()),
            (1, "--os-cloud demo image list".to_owned()),
            with("image delete secured".to_owned()),
        ],
    );
    assert_eq!((said[0].trim(), said[1].trim()), ("active", "secured"));
    assert!(said[4].contains("CERTIFICATE_VERIFY_FAILED"), "{}", said[4]);
    assert!(std::fs::read(&copy).unwrap() == [b's'; 300_000]);
    secured.running.end();
}

#[test]
fn over_tls_glance_does_what_it_does_without() {
    let Some(python) = world::python_for("over_tls_glance_does_what_it_does_without") else {
        return;
    };
    let secured = Secured::start();
    let (ca, disk) = (secured.file("ca.pem"), secured.file("disk.raw"));
    std::fs::write(&disk, [b'g'; 300_000]).unwrap();
    let options = format!(
        "--os-auth-url {}/identity/v3 --os-username demo --os-password word --os-project-name demo \
         --os-user-domain-name Default --os-project-domain-name Default",
        secured.root
    );
    let with = |line: &str| (0, format!("--os-cacert {} {options} {line}", ca.display()));
    let create = format!(
        "image-create --name ours --file {} --disk-format raw --container-format bare",
        disk.display()
    );
    let said = lines(
        &python,
        "glance",
        &secured.clouds("plain.yaml", None),
        &[
            with(&create),
            with("image-list"),
            (1, format!("{options} image-list")),
        ],
    );
    assert!(
        said[0].contains("active") && said[1].contains("ours"),
        "{said:?}"
    );
    assert!(said[2].contains("CERTIFICATE_VERIFY_FAILED"), "{}", said[2]);
    secured.running.end();
}

#[test]
fn over_tls_openstacksdk_and_glanceclient_do_what_they_do_without() {
    let Some(python) =
        world::python_for("over_tls_openstacksdk_and_glanceclient_do_what_they_do_without")
    else {
        return;
    };
    let secured = Secured::start();
    let projects = secured.records(&["project", "list", "-f", "json"]);
    let projects: Value = serde_json::from_str(&projects).unwrap();
    let all = projects.as_array().unwrap();
    let other = all.iter().find(|project| project["Name"] == "alt").unwrap()["ID"].clone();
    let world = World::start();
    world.put("/disk.raw", Page::bytes(b"from the web".to_vec()));
    let plain = secured.clouds("plain.yaml", None);
    let trusting = secured.clouds("trusting.yaml", Some(&secured.file("ca.pem")));
    for name in ["with_sdk.py", "with_glanceclient.py"] {
        let arguments = [
            name,
            "demo",
            "alt",
            other.as_str().unwrap(),
            &world.url("/disk.raw"),
        ];
        let said = script(&python, name, &trusting, &arguments).unwrap();
        assert_eq!(said["fetched"]["status"], "active", "{name}: {said}");
        assert_eq!(said["imported"]["status"], "active", "{name}: {said}");
        assert_eq!(
            (&said["accepted"], &said["left"]),
            (&json!("accepted"), &json!([])),
            "{name}: {said}"
        );
        let refused = script(&python, name, &plain, &arguments).unwrap_err();
        assert!(
            refused.contains("CERTIFICATE_VERIFY_FAILED"),
            "{name}: {refused}"
        );
    }
    secured.running.end();
}

#[test]
fn ectype_takes_the_authority_from_clouds_yaml_an_option_or_variables() {
    let secured = Secured::start();
    let (ca, disk) = (secured.file("ca.pem"), secured.file("disk.raw"));
    std::fs::write(&disk, [b'e'; 100_000]).unwrap();
    let (plain, trusting) = (
        secured.clouds("plain.yaml", None),
        secured.clouds("trusting.yaml", Some(&ca)),
    );
    let with = |clouds: &Path, arguments: &[&str]| {
        let mut command = ectype();
        command
            .arg("--clouds")
            .arg(clouds)
            .args(["--os-cloud", "demo"])
            .args(arguments);
        command
    };
    let create = ["image", "create", "ours", "--file", disk.to_str().unwrap()];
    let made = with(&trusting, &create).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let list = ["image", "list", "-f", "value", "-c", "Name"];
    let by_option = with(&plain, &list)
        .arg("--os-cacert")
        .arg(&ca)
        .output()
        .unwrap();
    assert_eq!(by_option.stdout, b"ours\n", "{by_option:?}");
    let mut by_variables = ectype();
    let auth_url = format!("{}/identity/v3", secured.root);
    let variables = [
        ("AUTH_URL", auth_url.as_str()),
        ("USERNAME", "demo"),
        ("PASSWORD", "word"),
        ("PROJECT_NAME", "demo"),
        ("USER_DOMAIN_NAME", "Default"),
        ("PROJECT_DOMAIN_NAME", "Default"),
        ("CACERT", ca.to_str().unwrap()),
    ];
    by_variables.envs(variables.map(|(name, value)| (format!("OS_{name}"), value)));
    let by_variables = by_variables.args(list).output().unwrap();
    assert_eq!(by_variables.stdout, b"ours\n", "{by_variables:?}");
    let refused = with(&plain, &list).output().unwrap();
    assert_eq!(refused.status.code(), Some(7), "{refused:?}");
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(text.contains("--os-cacert FILE"), "{text}");
    secured.running.end();
}

#[test]
fn a_certificate_of_an_authority_is_no_server_s_and_the_message_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    // What openssl makes when it is told nothing else.
    let script = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=images -addext subjectAltName=IP:127.0.0.1 \
        -keyout key.pem -out certificate.pem";
    let made = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let (certificate, key) = (
        folder.path().join("certificate.pem"),
        folder.path().join("key.pem"),
    );
    let arguments = [
        "--tls-cert",
        certificate.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
    ];
    let data = folder.path().join("service");
    let running = Running::start(&data, &arguments, &[]);
    let mut list = ectype();
    list.arg("--clouds").arg(data.join("clouds.yaml")).args([
        "--os-cloud",
        "ectype",
        "image",
        "list",
        "--os-cacert",
    ]);
    let refused = list.arg(&certificate).output().unwrap();
    assert_eq!(refused.status.code(), Some(7), "{refused:?}");
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        text.contains("an authority's, not a server's") && text.contains("CA:FALSE"),
        "{text}"
    );
    running.end();
}
