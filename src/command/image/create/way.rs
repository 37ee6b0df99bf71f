//! What is done to the bytes on their way, from the user's words.

use delivery::{Contradiction, Goal, KNOWN, Way};
use disk::Look;

use super::Args;
use crate::failure::{Exit, Failure};

/// What to send, whatever the file is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Convert {
    /// raw and qcow2 as they are, everything else as raw
    Auto,
    /// The disk itself
    Raw,
    /// A compressed qcow2; the file is read twice
    Qcow2,
}

/// What is to be done to a file that looks so.
///
/// # Errors
/// The user's words contradict each other, or the file.
pub(super) fn of(look: &Look, args: &Args) -> Result<Way, Failure> {
    let goal = match args.convert {
        Some(Convert::Raw) => Some(Goal::Raw),
        Some(Convert::Qcow2) => Some(Goal::Qcow2),
        Some(Convert::Auto) | None => None,
    };
    Ok(Way::of(look, goal, args.fields.disk_format.as_deref())?)
}

impl From<Contradiction> for Failure {
    fn from(contradiction: Contradiction) -> Self {
        let said = contradiction.to_string();
        match contradiction {
            Contradiction::Goal { goal, declared } => {
                let message =
                    format!("--convert {goal} and --disk-format {declared} contradict each other");
                Self::new(Exit::Usage, message).hint("leave --disk-format out")
            }
            Contradiction::Unknown { .. } => {
                Self::new(Exit::Usage, said).cause(format!("known: {}", KNOWN.join(", ")))
            }
            Contradiction::NotSo { declared, .. } => {
                Self::new(Exit::Usage, said).hint(match declared.as_str() {
                    "raw" => {
                        "leave --disk-format out to send it as it is, or add --convert raw instead"
                    }
                    _ => "leave --disk-format out",
                })
            }
        }
    }
}
