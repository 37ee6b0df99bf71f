//! When files are read anew, by a clock of the test's own.

use std::sync::Mutex;
use std::time::Duration;

use world::Authority;

use super::*;

/// What was said: nothing where the renewal came about.
type Said = Arc<Mutex<Vec<Option<String>>>>;

struct Files {
    folder: tempfile::TempDir,
    authority: Authority,
}

impl Files {
    fn new() -> Self {
        let files = Self {
            folder: tempfile::tempdir().unwrap(),
            authority: Authority::new("ours"),
        };
        files.renew();
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts another certificate with its key in the place of the old ones, as those who renew them do.
    fn renew(&self) {
        let (certificate, key) = self.authority.server("localhost");
        self.put("certificate", &certificate);
        self.put("key", &key);
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.path("new"), text).unwrap();
        std::fs::rename(self.path("new"), self.path(name)).unwrap();
    }

    fn open(&self) -> Arc<Tls> {
        Arc::new(Tls::open(&self.path("certificate"), &self.path("key")).unwrap())
    }
}

/// Keeps it on a task of its own.
fn keep(tls: &Arc<Tls>) -> (mpsc::Sender<()>, Said) {
    let (ask, asked) = mpsc::channel(1);
    let said = Said::default();
    let told = Arc::clone(&said);
    let say = move |renewed: Result<(), TlsError>| {
        let text = renewed.err().map(|error| error.to_string());
        told.lock().unwrap().push(text);
    };
    tokio::spawn(Arc::clone(tls).keep(asked, say));
    (ask, said)
}

/// Lets a time go by. The clock of a test stands still while a thread reads, so this waits for more than one look.
async fn later(time: Duration, until: impl Fn() -> bool) {
    let end = Instant::now() + time;
    while Instant::now() < end || !until() {
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(Instant::now() < end + time, "nothing has come of it");
    }
}

#[tokio::test(start_paused = true)]
async fn files_that_have_changed_are_found_by_themselves_and_read_once() {
    let files = Files::new();
    let tls = files.open();
    let (_ask, said) = keep(&tls);
    let count = || said.lock().unwrap().len();
    let before = tls.current();
    later(CERTIFICATE_LOOK * 3, || true).await;
    assert!(Arc::ptr_eq(&before, &tls.current()) && count() == 0);
    files.renew();
    later(CERTIFICATE_LOOK, || count() == 1).await;
    assert!(!Arc::ptr_eq(&before, &tls.current()));
    later(CERTIFICATE_LOOK * 3, || true).await;
    assert_eq!(*said.lock().unwrap(), [None]);
}

#[tokio::test(start_paused = true)]
async fn a_pair_in_the_middle_of_its_renewal_is_told_once_and_taken_when_it_is_whole() {
    let files = Files::new();
    let tls = files.open();
    let (_ask, said) = keep(&tls);
    let count = || said.lock().unwrap().len();
    let before = tls.current();
    let (certificate, key) = files.authority.server("localhost");
    files.put("certificate", &certificate);
    later(CERTIFICATE_LOOK * 3, || count() == 1).await;
    assert!(Arc::ptr_eq(&before, &tls.current()));
    files.put("key", &key);
    later(CERTIFICATE_LOOK, || count() == 2).await;
    assert!(!Arc::ptr_eq(&before, &tls.current()));
    let said = said.lock().unwrap().clone();
    let first = said[0].clone().unwrap();
    for name in ["certificate", "key"] {
        let path = files.path(name).display().to_string();
        assert!(first.contains(&path), "{first}");
    }
    assert_eq!(said[1], None);
}

#[tokio::test(start_paused = true)]
async fn who_asks_gets_the_files_read_whether_they_have_changed_or_not() {
    let files = Files::new();
    let tls = files.open();
    let (ask, said) = keep(&tls);
    ask.send(()).await.unwrap();
    later(CERTIFICATE_LOOK / 2, || said.lock().unwrap().len() == 1).await;
    assert_eq!(*said.lock().unwrap(), [None]);
}

#[test]
fn what_is_no_certificate_or_key_is_named_with_its_file() {
    let files = Files::new();
    let open = || Tls::open(&files.path("certificate"), &files.path("key"));
    let long = "x".repeat(usize::try_from(MAX_CERTIFICATE).unwrap() + 1);
    for (name, what) in [("certificate", "certificate"), ("key", "private key")] {
        for text in ["", "words", &long] {
            files.renew();
            files.put(name, text);
            let said = open().unwrap_err().to_string();
            let path = files.path(name);
            assert_eq!(said, format!("{} holds no {what}", path.display()));
        }
        std::fs::remove_file(files.path(name)).unwrap();
        assert!(matches!(open(), Err(TlsError::File { .. })));
    }
}
