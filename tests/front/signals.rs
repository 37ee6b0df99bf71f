//! Ctrl-C and SIGTERM end a command that waits, with the codes that shells expect.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;
use world::Page;

use crate::fake::{cloud, user_of};

fn ended_by(signal: &str) -> (Option<i32>, String, String) {
    let world = cloud(&json!([]));
    world.put("/image/v2/images", Page::bytes("x").stall_before_answer());
    let ectype = user_of(&world);
    let mut command = ectype.command(&["image", "list"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while world.requests_to("/image/v2/images").is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let kill = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(kill.success());
    let out = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.code(), text(out.stdout), text(out.stderr))
}

#[test]
fn ctrl_c_ends_in_130_and_sigterm_in_143() {
    assert_eq!(
        ended_by("-INT"),
        (Some(130), String::new(), "error: interrupted\n".to_owned())
    );
    assert_eq!(
        ended_by("-TERM"),
        (Some(143), String::new(), "error: terminated\n".to_owned())
    );
}
