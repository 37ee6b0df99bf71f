//! The images of a cloud are read whole or not at all.

use serde_json::{Value, json};
use world::{Page, Seen};

use crate::bench::Bench;
use crate::run::Run;

const LIST: &str = "/image/v2/images";

fn plan(bench: &Bench) -> Run {
    bench.run(&["catalogue", "plan", "--only", "debian-13", "-f", "json"])
}

fn page(images: &Value, next: bool) -> Page {
    let mut body = json!({"images": images});
    if next {
        body["next"] = json!("/v2/images?marker=x");
    }
    Page::refusal(200, body.to_string()).header("Content-Type", "application/json")
}

/// A bench with one image of ours, which is as it should be, and its two records: shown, and hidden since.
fn bench() -> (Bench, Value, Value) {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    bench.cloud.carry_out(&bench.planned(&[]));
    let shown = bench.cloud.images()[0].clone();
    let mut hidden = shown.clone();
    hidden["os_hidden"] = json!(true);
    (bench, shown, hidden)
}

#[test]
fn an_image_that_changes_between_the_lists_is_looked_at_again() {
    let (bench, shown, hidden) = bench();
    let none = page(&json!([]), false);
    let torn = [page(&json!([shown]), false), page(&json!([hidden]), false)];
    let whole = [page(&json!([shown]), false), none];
    bench
        .cloud
        .world
        .put_each(LIST, [torn.clone(), whole].concat());
    let before = bench.cloud.world.requests_to(LIST).len();
    let run = plan(&bench);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.json()["plans"][0]["plan"]["steps"], json!([]));
    assert_eq!(bench.cloud.world.requests_to(LIST).len() - before, 4);
    // A cloud that never holds still is not guessed at.
    bench
        .cloud
        .world
        .put_each(LIST, [torn.clone(), torn].concat());
    let run = plan(&bench);
    assert_eq!((run.code, run.stdout.as_str()), (7, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("changed while the images were listed"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_list_is_read_to_its_end_and_one_that_breaks_off_is_no_list() {
    let (bench, shown, _) = bench();
    let mut other = shown.clone();
    other["id"] = json!("00000000-0000-4000-8000-0000000000ff");
    other["owner"] = json!("somebody");
    let answer = move |seen: &Seen| match () {
        () if seen.target.contains("os_hidden=true") => page(&json!([]), false),
        () if seen.target.contains("marker=") => page(&json!([shown]), false),
        () => page(&json!([other]), true),
    };
    bench.cloud.world.put(LIST, Page::made_by(answer.clone()));
    let run = plan(&bench);
    let plan_of = |run: &Run| run.json()["plans"][0]["plan"].clone();
    // The image of ours is on the second page: without it, it would be made again.
    assert_eq!(plan_of(&run)["kept"][0]["definition"], "debian-13");
    let broken = move |seen: &Seen| match seen.target.contains("marker=") {
        true => Page::status(403),
        false => answer(seen),
    };
    bench.cloud.world.put(LIST, Page::made_by(broken));
    let run = plan(&bench);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{}", run.stderr);
}
