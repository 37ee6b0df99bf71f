//! What is said on standard error while the work goes on: how far it has come, notes and warnings.
//!
//! A task is a label and a [`disk::Meter`] or a [`Count`] that the work advances; one thread looks at all of them and draws
//! them: bars on a terminal, a line every 10 seconds elsewhere, or JSON lines for programs.

mod count;
mod pace;
mod sample;

use std::io::{self, Write as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use disk::Meter;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

pub(crate) use self::count::{Count, Counted};
use self::pace::Pace;
use self::sample::Sample;
use crate::output::visible;
use crate::terminal::Terminal;

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Bars on a terminal, lines elsewhere
    #[default]
    Auto,
    /// Bars (lines where there is no terminal)
    Bar,
    /// A line every 10 seconds
    Lines,
    /// A JSON object a line, every second
    Json,
    /// Nothing
    None,
}

/// The drawing of all running tasks. Clones share it.
#[derive(Clone)]
pub(crate) struct Progress(Arc<Board>);

/// A task that is shown until this is dropped.
#[must_use]
pub(crate) struct Task {
    board: Arc<Board>,
    id: u64,
}

struct Board {
    kind: Kind,
    bars: MultiProgress,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    tasks: Vec<Running>,
    next: u64,
    drawing: bool,
}

struct Running {
    id: u64,
    label: String,
    measure: Measure,
    bar: Option<ProgressBar>,
    said: Instant,
}

/// What a task is measured by.
enum Measure {
    Bytes(Arc<Meter>, Pace),
    Count(Arc<Count>),
}

impl Progress {
    /// Progress of a kind; `Auto` is decided by what standard error is connected to.
    pub(crate) fn start(kind: Kind, terminal: Terminal) -> Self {
        let bars = terminal.stderr.terminal && terminal.cursor;
        let kind = match kind {
            Kind::Auto | Kind::Bar if bars => Kind::Bar,
            Kind::Auto | Kind::Bar => Kind::Lines,
            other => other,
        };
        Self(Arc::new(Board {
            kind,
            bars: MultiProgress::new(),
            state: Mutex::default(),
            changed: Condvar::new(),
        }))
    }

    /// Shows a task from now on. The label may come from outside.
    pub(crate) fn add(&self, label: &str, meter: Arc<Meter>) -> Task {
        self.show(label, Measure::Bytes(meter, Pace::new(Instant::now())))
    }

    /// Shows a task that is counted, from now on. The label may come from outside.
    pub(crate) fn count(&self, label: &str, count: Arc<Count>) -> Task {
        self.show(label, Measure::Count(count))
    }

    fn show(&self, label: &str, measure: Measure) -> Task {
        let board = &self.0;
        let mut state = board.state();
        let id = state.next;
        state.next += 1;
        let label = visible(label).into_owned();
        let bar = (board.kind == Kind::Bar).then(|| board.bars.add(bar(&label)));
        state.tasks.push(Running {
            id,
            label,
            measure,
            bar,
            said: Instant::now(),
        });
        if board.kind != Kind::None && !std::mem::replace(&mut state.drawing, true) {
            let board = Arc::clone(board);
            // Without the thread there is no progress to see; the work itself is not touched by that.
            drop(
                std::thread::Builder::new()
                    .name("progress".into())
                    .spawn(move || board.draw()),
            );
        }
        Task {
            board: Arc::clone(board),
            id,
        }
    }

    /// Writes a line beside the bars. What came from outside must have gone through [`visible()`] before.
    pub(crate) fn say(&self, line: &str) {
        self.aside(|| drop(writeln!(io::stderr().lock(), "{line}")));
    }

    /// Does something that writes to the terminal, with the bars out of the way.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        if self.0.kind == Kind::Bar {
            self.0.bars.suspend(write)
        } else {
            write()
        }
    }
}

impl Board {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs on a thread of its own for as long as there are tasks.
    fn draw(&self) {
        let period = Duration::from_millis(if self.kind == Kind::Bar { 100 } else { 1000 });
        let mut state = self.state();
        loop {
            state = self
                .changed
                .wait_timeout(state, period)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            if state.tasks.is_empty() {
                state.drawing = false;
                return;
            }
            let now = Instant::now();
            for task in &mut state.tasks {
                task.show(self.kind, now, false);
            }
        }
    }
}

impl Measure {
    /// The part done for a bar, the words for a person, the line for a program.
    fn look(&mut self, label: &str, now: Instant) -> (u64, String, String) {
        match self {
            Self::Bytes(meter, pace) => {
                let sample = Sample::of(meter);
                let speed = pace.at(now, &sample);
                let line = sample.json(label, &speed);
                (sample.permyriad(), sample.describe(&speed), line)
            }
            Self::Count(count) => {
                let counted = count.now();
                let line = counted.json(label);
                (counted.permyriad(), counted.describe(), line)
            }
        }
    }
}

impl Running {
    fn show(&mut self, kind: Kind, now: Instant, last: bool) {
        let (part, words, line) = self.measure.look(&self.label, now);
        let due = |seconds| last || now.duration_since(self.said) >= Duration::from_secs(seconds);
        let line = match kind {
            Kind::Bar => {
                if let Some(bar) = &self.bar {
                    bar.set_position(part);
                    bar.set_message(words);
                }
                return;
            }
            Kind::Lines if due(10) && !last => format!("{}: {words}", self.label),
            Kind::Json if due(1) => line,
            _ => return,
        };
        self.said = now;
        drop(writeln!(io::stderr().lock(), "{line}"));
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        let mut state = self.board.state();
        let Some(at) = state.tasks.iter().position(|task| task.id == self.id) else {
            return;
        };
        let mut task = state.tasks.remove(at);
        task.show(self.board.kind, Instant::now(), true);
        if let Some(bar) = &task.bar {
            bar.finish_and_clear();
            self.board.bars.remove(bar);
        }
        self.board.changed.notify_all();
    }
}

fn bar(label: &str) -> ProgressBar {
    let short: String = label.chars().take(32).collect();
    let style = ProgressStyle::with_template("{prefix} [{wide_bar}] {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ");
    ProgressBar::new(sample::WHOLE)
        .with_style(style)
        .with_prefix(short)
}
