//! What the safety gate says of a file, for a person.

use delivery::Way;
use delivery::gate::{self, line};
use disk::Look;
use disk::inspect::{Declared, Finding, Inspection};

use crate::context::Context;
use crate::failure::Failure;

/// Refuses a file by what is known of it before it is sent, and warns of what is odd about it.
///
/// # Errors
/// A finding that refuses it: Glance's own or ectype's.
pub(super) fn before(
    context: &Context,
    look: &Look,
    way: &Way,
    container: &str,
) -> Result<(), Failure> {
    warn(context, &gate::before(look, way, container)?);
    Ok(())
}

/// The same for a file that is not to pass through here.
///
/// # Errors
/// As [`before`].
pub(super) fn pass(
    context: &Context,
    inspection: &Inspection,
    declared: &Declared,
) -> Result<(), Failure> {
    warn(context, &gate::pass(inspection, declared)?);
    Ok(())
}

fn warn(context: &Context, odd: &[Finding]) {
    for finding in odd {
        context.warn(&line(finding));
    }
}
