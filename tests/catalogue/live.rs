//! Plans on a real Keystone and Glance: what is there is found, hidden and not, and nothing is changed by looking.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::bench::actions;
use crate::run::{Run, ectype};

struct Lab {
    home: tempfile::TempDir,
    clouds: PathBuf,
    cloud: &'static str,
}

impl Lab {
    fn find(cloud: &'static str, test: &str) -> Option<Self> {
        let Some(folder) = std::env::var_os("ECTYPE_TEST_LAB") else {
            eprintln!("skipped: {test}: no lab (ECTYPE_TEST_LAB)");
            return None;
        };
        Some(Self {
            home: tempfile::tempdir().unwrap(),
            clouds: Path::new(&folder).join("clouds.yaml"),
            cloud,
        })
    }

    fn run(&self, args: &[&str]) -> Run {
        let connection = [
            "--clouds",
            self.clouds.to_str().unwrap(),
            "--os-cloud",
            self.cloud,
        ];
        ectype(self.home.path(), &[], &[args, &connection].concat())
    }

    fn answer(&self, args: &[&str]) -> Run {
        let run = self.run(args);
        assert_eq!(run.code, 0, "{args:?}\n{}\n{}", run.stdout, run.stderr);
        run
    }

    fn plan(&self) -> Value {
        let run = self.answer(&["catalogue", "plan", "own.yaml", "--alone", "-f", "json"]);
        run.json()["plans"][0]["plan"].clone()
    }

    /// Makes the image that the plan would make, as it would be in the end.
    fn make(&self, plan: &Value) -> String {
        let record = &plan["steps"][0]["import"]["record"];
        let mut fields = record.as_object().unwrap().clone();
        for change in plan["steps"][1]["changes"].as_array().unwrap() {
            fields.insert(
                change["field"].as_str().unwrap().to_owned(),
                change["to"].clone(),
            );
        }
        let disk = self.home.path().join("disk.raw");
        std::fs::write(&disk, vec![7; 1 << 20]).unwrap();
        let text = |name: &str| fields[name].to_string().trim_matches('"').to_owned();
        let mut args = vec!["image".to_owned(), "create".to_owned(), text("name")];
        args.extend(["--file", "disk.raw", "-f", "value", "-c", "id"].map(str::to_owned));
        args.push(format!("--{}", text("visibility")));
        for tag in fields["tags"].as_array().unwrap() {
            args.extend(["--tag".to_owned(), tag.as_str().unwrap().to_owned()]);
        }
        for name in ["min_disk", "min_ram", "disk_format"] {
            args.extend([format!("--{}", name.replace('_', "-")), text(name)]);
        }
        let base = [
            "name",
            "visibility",
            "tags",
            "min_disk",
            "min_ram",
            "disk_format",
            "container_format",
            "os_hidden",
        ];
        for (name, value) in fields
            .iter()
            .filter(|(name, _)| !base.contains(&name.as_str()))
        {
            args.extend([
                "--property".to_owned(),
                format!("{name}={}", value.as_str().unwrap()),
            ]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        self.answer(&args).stdout.trim().to_owned()
    }
}

/// The same for somebody who provides images to all, and for an ordinary member of a project.
fn is_found_hidden_or_not(cloud: &'static str, visibility: &str) {
    let Some(lab) = Lab::find(cloud, "an_image_is_found_hidden_or_not") else {
        return;
    };
    let id = format!("live-{visibility}");
    let text = format!(
        "catalogue: 1\ndefaults: {{visibility: {visibility}}}\nimages:\n  {id}: {{name: Live {visibility}, family: live, \
         release: {visibility}, os_distro: live, login: none, min_disk: 4, min_ram: 512, replace_frequency: monthly, \
         image_description: notes, evidence: pinned, original: {{url: 'https://vendor.example/a.raw', build: '1', \
         date: 2020-01-01, digest: 'sha256:{}'}}}}\n",
        "7".repeat(64)
    );
    std::fs::write(lab.home.path().join("own.yaml"), text).unwrap();
    let plan = lab.plan();
    assert_eq!(actions(&plan), ["import", "promote"], "{plan}");
    let image = lab.make(&plan);
    let before = lab.answer(&["image", "show", &image, "-f", "json"]).json();
    let plan = lab.plan();
    assert_eq!(actions(&plan), Vec::<&str>::new(), "{plan}");
    assert_eq!(plan["kept"][0]["image"], json!(image));
    let status = ["catalogue", "status", "own.yaml", "--alone", "-f", "json"];
    let rows = lab.answer(&status).json();
    assert_eq!(
        (&rows[0]["ID"], &rows[0]["State"]),
        (&json!(image), &json!("late"))
    );
    let late = lab.run(&[&status[..], &["--exit-code"]].concat());
    assert_eq!(late.code, 1, "{}", late.stderr);
    let after = lab.answer(&["image", "show", &image, "-f", "json"]).json();
    assert_eq!(before, after);
    // Somebody hides it: it is in the other list then, and is not made again.
    lab.answer(&["image", "set", &image, "--hidden"]);
    let plan = lab.plan();
    assert_eq!(actions(&plan), ["repair"], "{plan}");
    let change = json!([{"field": "os_hidden", "from": true, "to": false}]);
    assert_eq!(plan["steps"][0]["changes"], change);
    lab.answer(&["image", "delete", &image]);
    assert_eq!(actions(&lab.plan()), ["import", "promote"]);
}

#[test]
fn a_public_image_is_found_hidden_or_not() {
    is_found_hidden_or_not("lab-admin", "public");
}

#[test]
fn a_private_image_is_found_hidden_or_not() {
    is_found_hidden_or_not("lab-demo", "private");
}
