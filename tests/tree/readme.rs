//! What the README tells newcomers to type is what CI runs.

use std::fs;

/// The commands of a README's `console` and `sh` blocks that build or test, without the prompt.
fn commands(readme: &str) -> Vec<String> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in readme.lines() {
        if let Some(language) = line.trim().strip_prefix("```") {
            inside = !inside && matches!(language, "console" | "sh" | "bash");
            continue;
        }
        let line = line.trim();
        let command = line.strip_prefix("$ ").unwrap_or(line);
        if inside && command.starts_with("cargo ") {
            commands.push(
                command
                    .split('#')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned(),
            );
        }
    }
    commands
}

fn complaints(readme: &str, ci: &str) -> Vec<String> {
    let runs = |command: &str| {
        ci.lines().any(|line| {
            line.trim_start()
                .trim_start_matches("run ")
                .starts_with(command)
        })
    };
    let commands = commands(readme);
    let mut complaints: Vec<String> = commands
        .iter()
        .filter(|command| !runs(command))
        .map(|command| format!("README: `{command}` is not what .ci/run runs"))
        .collect();
    if !commands
        .iter()
        .any(|command| command == "cargo test --workspace")
    {
        complaints.push("README: `cargo test --workspace` is missing".to_owned());
    }
    complaints
}

#[test]
fn the_readme_s_commands_are_the_ones_ci_runs() {
    let read = |name: &str| fs::read_to_string(super::root().join(name)).unwrap();
    super::none(&complaints(&read("README.md"), &read(".ci/run")));
}

#[test]
fn a_command_that_ci_does_not_run_is_noticed() {
    let readme = "text\n```console\n$ cargo test --workspace\n$ cargo run -- demo   # look\n```\ncargo bench\n";
    let ci = "step tests\nrun cargo test --workspace\n";
    assert_eq!(
        complaints(readme, ci),
        ["README: `cargo run -- demo` is not what .ci/run runs"]
    );
    assert_eq!(complaints("", ci).len(), 1);
    assert!(complaints(readme, &format!("{ci}cargo run -- demo\n")).is_empty());
}
