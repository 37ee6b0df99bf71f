//! Several clouds from one look at the vendors.

use world::Page;

use crate::bench::{Bench, Cloud, actions, path};

/// A clouds.yaml with these clouds.
fn clouds(bench: &Bench, all: &[(&str, &str)]) {
    let mut text = "clouds:\n".to_owned();
    for (name, url) in all {
        text += &format!(
            "  {name}:\n    auth: {{auth_url: '{url}', username: demo, password: secret, project_name: demo, \
             user_domain_name: Default, project_domain_name: Default}}\n    regions: [R, S]\n"
        );
    }
    bench.file("clouds.yaml", &text);
}

#[test]
fn each_cloud_has_its_own_plan_and_the_vendors_are_asked_once() {
    let (bench, second) = (Bench::new(), Cloud::new());
    bench.debian(&["20260712-2537"]);
    bench.cloud.carry_out(&bench.planned(&[]));
    let before = bench.vendors.requests().len();
    let (one, two) = (bench.cloud.world.url("/v3"), second.world.url("/v3"));
    clouds(&bench, &[("one", &one), ("two", &two)]);
    let args = [
        "catalogue",
        "plan",
        "--only",
        "debian-13",
        "--to",
        "one",
        "--to",
        "two/R",
    ];
    let run = bench.run_as(&[], &[&args[..], &["-f", "json"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let plans = &run.json()["plans"];
    assert_eq!(plans[0]["cloud"]["name"], "one");
    assert_eq!(actions(&plans[0]["plan"]), Vec::<&str>::new());
    assert_eq!(plans[1]["cloud"]["region"], "R");
    assert_eq!(
        plans[1]["cloud"]["image_endpoint"],
        second.world.url("/image/v2/")
    );
    assert_eq!(actions(&plans[1]["plan"]), ["import", "promote"]);
    let page = path("https://cloud.debian.org/images/cloud/trixie/");
    assert_eq!(bench.vendors.requests_to(&page).len(), 2);
    assert!(bench.vendors.requests().len() <= before * 2);
    let people = bench.run_as(&[], &args);
    assert!(
        people.stdout.starts_with("one/R, http://127.0.0.1"),
        "{}",
        people.stdout
    );
}

#[test]
fn a_cloud_that_cannot_be_reached_leaves_the_others_their_plans() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    let (url, gone) = (bench.cloud.world.url("/v3"), Cloud::new());
    gone.world.put("/v3/auth/tokens", Page::refusal(401, "no"));
    clouds(
        &bench,
        &[
            ("good", &url),
            ("alias", &url),
            ("gone", &gone.world.url("/v3")),
        ],
    );
    let to = |clouds: &[&str], more: &[&str]| {
        let mut args = vec!["catalogue", "plan", "--only", "debian-13"];
        for cloud in clouds {
            args.extend(["--to", cloud]);
        }
        args.extend(more);
        bench.run_as(&[], &args)
    };
    let run = to(&["gone", "good"], &["--out", "plan.json"]);
    assert_eq!(run.code, 8, "{}", run.stderr);
    assert!(
        run.stdout.contains("would import 1, promote 1"),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr
            .contains("error: 1 of 2 clouds could not be looked at\n  gone/R: "),
        "{}",
        run.stderr
    );
    assert!(
        !bench.home().join("plan.json").exists(),
        "half of a plan was written"
    );
    let run = to(&["gone"], &[]);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{}", run.stderr);
    let run = to(&["good", "alias"], &[]);
    assert_eq!(run.code, 8, "{}", run.stderr);
    assert_eq!(run.stdout.matches("would import").count(), 1);
    assert!(
        run.stderr
            .contains("alias/R: it is the same cloud and project as good/R"),
        "{}",
        run.stderr
    );
    // What is not configured is noticed before anybody is asked.
    let asked = bench.vendors.requests().len();
    assert_eq!(to(&["good", "absent"], &[]).code, 5);
    assert_eq!(to(&["good/elsewhere"], &[]).code, 3);
    assert_eq!(bench.vendors.requests().len(), asked);
}
