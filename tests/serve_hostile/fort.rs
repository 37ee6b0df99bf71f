//! A service under attack.

use std::process::Command;
use std::time::Duration;

use crate::http::{Answer, Request, exchange};
use crate::replica::{Caller, Places, Replica, ectype};

/// MiB that the service may have at most, whatever comes. A test build takes more than a release.
const MEMORY: u64 = 256;

/// A service under attack.
pub(crate) struct Fort {
    pub(crate) service: Replica,
    pub(crate) token: String,
    _folder: tempfile::TempDir,
}

impl Fort {
    pub(crate) fn new() -> Self {
        Self::by(ectype(), "")
    }

    /// Started by a command that ends in the program's name, with this configuration.
    pub(crate) fn by(command: Command, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("service");
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("config.yaml"), config).unwrap();
        let mut service = Replica::begin_as(command, &data, &Places::default(), &[]);
        service.wait();
        Self {
            token: service.log_in(),
            service,
            _folder: folder,
        }
    }

    pub(crate) fn caller(&self) -> Caller<'_> {
        self.service.caller(&self.token)
    }

    pub(crate) fn host(&self) -> &str {
        self.service.url.trim_start_matches("http://")
    }

    pub(crate) fn raw(&self, wire: &[u8]) -> std::io::Result<Answer> {
        exchange(self.host(), wire, false)
    }

    /// A refusal, or no answer at all.
    #[track_caller]
    pub(crate) fn refused(&self, what: &str, answer: &std::io::Result<Answer>) {
        if let Ok(answer) = answer {
            let status = answer.status;
            assert!((400..500).contains(&status), "{what}: {answer}");
        }
    }

    /// It lives, it answers, and it has not grown.
    #[track_caller]
    pub(crate) fn stands(&mut self) {
        assert!(self.service.is_alive());
        let health = Request::new("GET", "/healthcheck").send(&self.service.url);
        assert_eq!(health.status, 200, "{health}");
        let peak = self.service.peak();
        assert!(peak <= MEMORY, "{peak} MiB");
        let log = self.service.log();
        assert!(!log.contains("panicked"), "{log}");
    }
}

/// Waits until nobody is at work on an image, which is then as it was.
#[track_caller]
pub(crate) fn settled(caller: Caller<'_>, id: &str, what: &str) {
    for _ in 0..1200 {
        let status = caller.status(id);
        if status == "queued" {
            return;
        }
        assert!(
            ["saving", "uploading", "importing"].contains(&&status[..]),
            "{what}: {status}"
        );
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("{what}: it comes to no end: {}", caller.show(id));
}
