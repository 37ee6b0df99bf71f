//! Secrets that are handed to browsers: ids that nobody guesses, and what a form carries to show that it is ours.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// An id of 244 random bits, in hexadecimal.
#[must_use]
pub(crate) fn random() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// What the forms of the visitor with this id carry. Who does not know the server's secret cannot make it from the id.
#[must_use]
pub(crate) fn of_forms(secret: &str, id: &str) -> String {
    let mut digest = Sha256::new();
    for part in [secret, "form", id] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let bytes = digest.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
#[must_use]
pub(crate) fn same(one: &str, other: &str) -> bool {
    let differing = one
        .bytes()
        .zip(other.bytes())
        .fold(0, |sum, (a, b)| sum | (a ^ b));
    one.len() == other.len() && differing == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_of_one_visitor_is_not_that_of_another() {
        let (one, other) = (random(), random());
        assert_ne!(one, other);
        assert!(same(&of_forms("s", &one), &of_forms("s", &one)));
        assert!(!same(&of_forms("s", &one), &of_forms("s", &other)));
        assert!(!same(&of_forms("s", &one), &of_forms("t", &one)));
        assert!(!same("", "a"));
    }
}
