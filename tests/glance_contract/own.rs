//! Our own service, started for the tests and ended with them.

use crate::target::Target;

pub(crate) fn start() -> Target {
    panic!("no server yet")
}
