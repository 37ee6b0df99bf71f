//! The oracle: a Python that answers what Glance would say, and the comparison with what ectype says.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use disk::inspect::{self, Declared, GlanceVerdict, Inspection, Severity};
use tempfile::TempDir;

use crate::documents::is_stricter;

/// A running oracle, and a folder for the files that it is shown.
pub(crate) struct Oracle {
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
    dir: TempDir,
    compared: usize,
}

fn interpreter() -> Option<PathBuf> {
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/oslo/bin/python");
    let named = std::env::var_os("ECTYPE_TEST_OSLO").map(PathBuf::from);
    let works = |python: &PathBuf| {
        let check = "import oslo_utils.imageutils.format_inspector";
        let run = Command::new(python).args(["-c", check]).output();
        run.is_ok_and(|output| output.status.success())
    };
    [named, Some(made), Some("python3".into())]
        .into_iter()
        .flatten()
        .find(works)
}

impl Oracle {
    /// `None` where it, or one of `tools`, is missing: the test says so and is skipped.
    pub(crate) fn start(test: &str, tools: &[&str]) -> Option<Self> {
        let found = interpreter();
        let missing = tools.iter().find(|tool| {
            let run = Command::new(tool).arg("--version").output();
            run.is_err()
        });
        let missing = match &found {
            None => Some("Python with oslo.utils and cryptography"),
            Some(_) => missing.copied(),
        };
        if let Some(missing) = missing {
            assert!(
                std::env::var("CI").as_deref() != Ok("true"),
                "{test}: no {missing}"
            );
            eprintln!("skipped: {test}: no {missing}");
            return None;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inspect/oracle.py");
        let mut child = Command::new(found?)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Some(Self {
            ask: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            child,
            dir: tempfile::tempdir().unwrap(),
            compared: 0,
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs a program in the folder; it must succeed.
    pub(crate) fn run(&self, line: &[&str]) {
        let output = Command::new(line[0])
            .args(&line[1..])
            .current_dir(self.dir.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line:?}: {said}");
    }

    /// Both look at these bytes. See [`same`](Self::same).
    pub(crate) fn same_bytes(&mut self, bytes: &[u8], what: &str) -> Inspection {
        let path = self.path("bytes");
        std::fs::write(&path, bytes).unwrap();
        self.same(&path, what)
    }

    /// Both look at the file; their verdicts must be the same under every name, and ectype's list of findings must tell
    /// of a refusal where there is one.
    pub(crate) fn same(&mut self, path: &Path, what: &str) -> Inspection {
        writeln!(self.ask, "{}", path.display()).unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "{what}: the oracle has ended");
        let file = std::fs::File::open(path).unwrap();
        let len = file.metadata().unwrap().len();
        let inspection = inspect::at(&file, len).unwrap();
        for answer in line.trim_end().split('\t') {
            let (declared, theirs) = answer.split_once('=').unwrap();
            let declared = Declared::bare(declared);
            let ours = said(&inspection.glance_verdict(&declared));
            assert_eq!(
                same_size(&ours),
                same_size(theirs),
                "{what}, declared {declared:?}"
            );
            let findings = inspection.findings(&declared);
            let refused = findings.iter().any(|f| f.severity == Severity::Glance);
            assert_eq!(
                refused,
                theirs == "refused",
                "{what}, declared {declared:?}: {findings:?}"
            );
            let ours = findings.iter().filter(|f| f.severity == Severity::Ectype);
            for finding in ours {
                assert!(
                    is_stricter(finding.code),
                    "{what}: {:?} is not listed",
                    finding.code
                );
            }
            self.compared += 1;
        }
        inspection
    }

    /// How many verdicts were compared.
    pub(crate) fn finish(self, test: &str) -> usize {
        eprintln!("{test}: {} verdicts, all the same", self.compared);
        self.compared
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn said(verdict: &GlanceVerdict) -> String {
    match verdict {
        GlanceVerdict::Refused { .. } => "refused".to_owned(),
        GlanceVerdict::NotInspected => "blind".to_owned(),
        GlanceVerdict::Accepted {
            format,
            virtual_size,
        } => format!("{format}:{}", virtual_size.unwrap_or(0)),
    }
}

/// Sizes that are no size of a disk are all the same: none is recorded of them.
fn same_size(said: &str) -> String {
    let Some((format, size)) = said.split_once(':') else {
        return said.to_owned();
    };
    let size = size.parse::<u64>().unwrap_or(0);
    format!("{format}:{size}")
}
