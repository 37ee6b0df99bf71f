//! A panic is our bug: it is said in a sentence and ends with its own exit code, in whatever thread it happens.

use std::io::{self, Write as _};
use std::panic::PanicHookInfo;

use super::{Exit, Failure};

/// From here on a panic prints a sentence and ends the process with [`Exit::Bug`].
pub(crate) fn catch_panics() {
    std::panic::set_hook(Box::new(|info| {
        drop(
            io::stderr()
                .lock()
                .write_all(describe(info).render(false).as_bytes()),
        );
        std::process::exit(Exit::Bug as i32);
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> Failure {
    let mut failure = Failure::new(
        Exit::Bug,
        format!(
            "ectype {} has a bug and had to stop",
            env!("CARGO_PKG_VERSION")
        ),
    );
    if let Some(place) = info.location() {
        failure = failure.cause(format!("at {}:{}", place.file(), place.line()));
    }
    if let Some(text) = info.payload_as_str() {
        failure = failure.cause(text);
    }
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|v| v != "0") {
        let trace = std::backtrace::Backtrace::force_capture().to_string();
        failure.causes.extend(trace.lines().map(str::to_owned));
    }
    failure.hint("report these lines and the command you typed, without passwords")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    #[ignore = "panics on purpose, in a process that the next test starts"]
    fn panic_on_purpose() {
        catch_panics();
        std::thread::spawn(|| panic!("the impossible\nhas happened"))
            .join()
            .unwrap();
    }

    #[test]
    fn a_panic_in_any_thread_ends_in_70_and_a_sentence() {
        let out = Command::new(std::env::current_exe().unwrap())
            .args([
                "--ignored",
                "--exact",
                "failure::panic::tests::panic_on_purpose",
            ])
            .env_remove("RUST_BACKTRACE")
            .output()
            .unwrap();
        let stderr = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(70), "{stderr}");
        assert!(stderr.starts_with("error: ectype "), "{stderr}");
        assert!(stderr.contains("the impossible\\nhas happened"), "{stderr}");
    }
}
