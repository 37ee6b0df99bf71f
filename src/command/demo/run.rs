//! The demonstration's commands: this program again, with the arguments that a user types, in the demonstration's folder.
//!
//! They are processes of their own, so that the user's clouds, keys and caches are out of their sight: all of that is
//! found through the environment, which a process cannot change for a part of itself.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::context::Context;
use crate::failure::{Exit, Failure};

use super::folder::Folder;
use crate::command::serve::parent;

/// The folder of the service, in the demonstration's.
pub(super) const SERVICE: &str = "service";
/// What the service says last before it serves.
const DASHBOARD: &str = "dashboard at ";
/// Where the service writes its log.
const LOG: &str = "service.log";
/// What of the caller's environment the commands see: how to draw, and where to put what is temporary.
const SEEN: [&str; 10] = [
    "PATH",
    "TERM",
    "COLUMNS",
    "LANG",
    "LC_ALL",
    "NO_COLOR",
    "TMPDIR",
    "ECTYPE_PROGRESS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];
/// Where the folder's own home lies in it.
const HOME: &str = "home";

/// Runs commands in the demonstration's folder.
pub(super) struct Shell<'a> {
    context: &'a Context,
    folder: &'a Folder,
    program: PathBuf,
}

impl<'a> Shell<'a> {
    /// In this folder.
    ///
    /// # Errors
    /// It is not known which program this is.
    pub(super) fn new(context: &'a Context, folder: &'a Folder) -> Result<Self, Failure> {
        let program = std::env::current_exe().map_err(|error| {
            Failure::new(Exit::Config, "cannot find this program's own file")
                .cause(error.to_string())
        })?;
        Ok(Self {
            context,
            folder,
            program,
        })
    }

    /// Each holds the folder's lock, as its standard input, so that the folder is in use as long as it runs.
    fn command(&self, arguments: &[&str]) -> Result<Command, Failure> {
        let held = self.folder.lock().map_err(|error| cannot_start(&error))?;
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path().join(HOME))
            .env("OS_CLIENT_CONFIG_FILE", format!("{SERVICE}/clouds.yaml"))
            .env("OS_CLOUD", "ectype")
            .env(parent::VARIABLE, std::process::id().to_string())
            .stdin(held.map_or_else(Stdio::null, Stdio::from))
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        for name in SEEN {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        Ok(command)
    }

    /// Shows a command, runs it, and shows all that it says, which is returned. `expected` is the exit code that was
    /// foretold.
    ///
    /// # Errors
    /// It cannot be run, or comes out otherwise.
    pub(super) async fn run(&self, arguments: &[&str], expected: i32) -> Result<String, Failure> {
        let out = &self.context.out;
        out.text(&prompt(arguments))?;
        let colour = match out.sink().colour && std::io::stderr().is_terminal() {
            true => "--color=always",
            false => "--color=never",
        };
        // Errors are kept back until the answer is shown: a terminal shows the two as one text.
        let mut command = self.command(arguments)?;
        let child = command.arg(colour).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| cannot_start(&error))?;
        let heard = self.context.unless_cancelled(heard(&mut child)).await;
        let (code, answer, said) = match heard {
            Ok(heard) => heard,
            Err(failure) => return Err(killed(child, failure).await),
        };
        out.bytes(&answer)?;
        if !said.trim().is_empty() {
            self.context.progress.say(said.trim_end());
        }
        out.text("\n")?;
        if code == Some(expected) {
            return Ok(String::from_utf8_lossy(&answer).into_owned() + &said);
        }
        if let Some(130 | 143) = code {
            // Ctrl-C on a terminal reaches the command, too, and perhaps first.
            return Err(Failure::new(Exit::Interrupted, "interrupted"));
        }
        let code = code.map_or("a signal".to_owned(), |code| code.to_string());
        let command = arguments.join(" ");
        Err(otherwise(&format!(
            "`ectype {command}` ended with {code}, and not with {expected}"
        )))
    }

    /// Starts the service on a free port of loopback, and waits until it serves.
    ///
    /// # Errors
    /// It does not start.
    pub(super) async fn serve(&self) -> Result<Service, Failure> {
        let arguments = ["serve", "--data", SERVICE, "--listen", "127.0.0.1:0"];
        self.context.out.text(&prompt(&arguments))?;
        let path = self.folder.path().join(LOG);
        let log = std::fs::File::create(&path).map_err(|error| cannot_start(&error))?;
        let process = self.command(&arguments)?.stderr(log).spawn();
        let mut process = process.map_err(|error| cannot_start(&error))?;
        let out = process.stdout.take();
        let out = out.ok_or_else(|| Failure::new(Exit::Bug, "the service has no output"))?;
        let mut out = BufReader::new(out);
        let serving = self.context.unless_cancelled(serving(&mut out, &path));
        let said = match serving.await {
            Ok(said) => said,
            Err(failure) => return Err(killed(process, failure).await),
        };
        self.context.out.text(&format!("{said}\n"))?;
        let dashboard = between(&said, DASHBOARD, "\n").to_owned();
        Ok(Service {
            process,
            address: between(&dashboard, "http://", "/").to_owned(),
            dashboard,
            password: between(&said, "(shown once): ", "\n").to_owned(),
            _out: out,
        })
    }
}

/// How a command has ended, its answer, and what else it has said.
async fn heard(child: &mut Child) -> Result<(Option<i32>, Vec<u8>, String), Failure> {
    let (mut answer, mut said) = (Vec::new(), String::new());
    let (out, errors) = (child.stdout.take(), child.stderr.take());
    let read = async {
        let (Some(mut out), Some(mut errors)) = (out, errors) else {
            return Ok(());
        };
        let read = tokio::join!(
            out.read_to_end(&mut answer),
            errors.read_to_string(&mut said)
        );
        read.0.and(read.1).map(drop)
    };
    read.await.map_err(|error| cannot_start(&error))?;
    let status = child.wait().await.map_err(|error| cannot_start(&error))?;
    Ok((status.code(), answer, said))
}

/// What the service says up to the last line before it serves.
async fn serving(out: &mut BufReader<ChildStdout>, log: &Path) -> Result<String, Failure> {
    let mut said = String::new();
    while !said.contains(DASHBOARD) {
        let read = out.read_line(&mut said).await;
        if read.map_err(|error| cannot_start(&error))? == 0 {
            let why = std::fs::read_to_string(log).unwrap_or_default();
            let failure = Failure::new(Exit::Unreachable, "the service does not start");
            return Err(why.lines().map(str::to_owned).fold(failure, Failure::cause));
        }
    }
    Ok(said)
}

/// Ends a process that is not needed any more, and does not return before it is gone: it must not write into a folder
/// that is being removed.
async fn killed(mut process: Child, failure: Failure) -> Failure {
    // It may have ended already, and then there is nobody to kill.
    let _ = process.kill().await;
    failure
}

/// The running service.
pub(super) struct Service {
    process: Child,
    /// Where it listens.
    pub(super) address: String,
    /// The address of its dashboard.
    pub(super) dashboard: String,
    /// The administrator's.
    pub(super) password: String,
    /// It may have more to say, and must not fail at that.
    _out: BufReader<ChildStdout>,
}

impl Service {
    /// Returns when it ends by itself.
    pub(super) async fn ended(&mut self) -> Failure {
        match self.process.wait().await {
            Ok(status) => otherwise(&format!("the service has ended with {status}")),
            Err(error) => cannot_start(&error),
        }
    }

    /// Ends it. What it keeps is thrown away, or complete: it is made for being killed.
    pub(super) async fn end(mut self) {
        // It may have ended already, and then there is nobody to kill.
        let _ = self.process.kill().await;
    }
}

/// A step that came out other than foretold.
pub(super) fn otherwise(what: &str) -> Failure {
    Failure::new(Exit::Bug, "the demonstration came out other than foretold").cause(what)
}

fn cannot_start(error: &std::io::Error) -> Failure {
    Failure::new(Exit::Config, "cannot start a command of the demonstration")
        .cause(error.to_string())
}

/// What is between two marks.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).map_or("", |(_, rest)| rest);
    rest.split_once(after).map_or(rest, |(found, _)| found)
}

/// How many columns a line may have that a command is shown on.
const WIDTH: usize = 100;

/// A command as a user types it, in lines that fit.
fn prompt(arguments: &[&str]) -> String {
    let mut lines = vec!["$ ectype".to_owned()];
    for group in groups(arguments) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + group.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(&group);
            }
            _ => lines.push(format!("    {group}")),
        }
    }
    lines.join(" \\\n") + "\n"
}

/// The arguments, quoted where a shell wants it, each option with its value.
fn groups(arguments: &[&str]) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    let mut open = false;
    for argument in arguments {
        let quoted = match argument.contains(' ') {
            true => format!("\"{argument}\""),
            false => (*argument).to_owned(),
        };
        let option = argument.starts_with("--");
        match groups.last_mut() {
            Some(last) if open && !option => {
                last.push(' ');
                last.push_str(&quoted);
            }
            _ => groups.push(quoted),
        }
        open = option;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_a_shell_takes_it() {
        assert_eq!(
            prompt(&["verify", "Demo Linux 1", "--content"]),
            "$ ectype verify \"Demo Linux 1\" --content\n"
        );
        let long = "x".repeat(90);
        assert_eq!(
            prompt(&["verify", "--key", &long, "--full"]),
            format!("$ ectype verify \\\n    --key {long} \\\n    --full\n")
        );
    }
}
