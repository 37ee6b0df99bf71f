//! Bytes that were written to a file go to the disk while more are written, so that little is left to wait for at the end.

use std::fs::File;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use crate::limits::SETTLED;

/// Has a file synced now and then, on a thread of its own that begins when there is something to do.
#[derive(Debug, Default)]
pub(super) struct Settler {
    /// Bytes that were written since the thread was last told.
    waiting: u64,
    thread: Option<(SyncSender<()>, JoinHandle<io::Result<()>>)>,
}

impl Settler {
    /// Takes note that so many bytes were written to `file`.
    ///
    /// # Errors
    /// The process has too many files open.
    pub(super) fn wrote(&mut self, file: &File, bytes: u64) -> io::Result<()> {
        self.waiting = self.waiting.saturating_add(bytes);
        if self.waiting < SETTLED {
            return Ok(());
        }
        self.waiting = 0;
        let (told, _) = match &mut self.thread {
            Some(thread) => thread,
            none => {
                let file = file.try_clone()?;
                let (tell, told) = sync_channel(1);
                none.insert((tell, std::thread::spawn(move || sync(&file, &told))))
            }
        };
        // One that is busy or has failed needs no more: what is left, or the reason, comes at the end.
        let _ = told.try_send(());
        Ok(())
    }

    /// Waits until all of `file` is on the disk.
    ///
    /// # Errors
    /// It cannot be put there, or something of it could not be earlier: the system says so only once.
    pub(super) fn finish(&mut self, file: &File) -> io::Result<()> {
        if let Some((tell, thread)) = self.thread.take() {
            drop(tell);
            crate::run::joined(thread)?;
        }
        file.sync_all()
    }
}

fn sync(file: &File, told: &Receiver<()>) -> io::Result<()> {
    told.iter().try_for_each(|()| file.sync_data())
}
