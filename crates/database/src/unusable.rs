//! Telling a database that is away from one that will never do.

use sqlx::error::DatabaseError;

use crate::Error;

/// An error of the database at this address, as what it means for whoever wants to use it.
pub(crate) fn judged(address: &str, error: sqlx::Error) -> Error {
    let code = error.as_database_error().and_then(DatabaseError::code);
    match code.is_some_and(|code| is_lasting(&code)) {
        true => Error::Unusable {
            place: place(address),
            source: error,
        },
        false => Error::Database(error),
    }
}

/// PostgreSQL: who we are (28), which database (3D), what we may (42501). SQLite: read-only (8), damaged (11), cannot be
/// opened (14), no database (26), with what is added in higher bits.
fn is_lasting(code: &str) -> bool {
    if code.len() == 5 {
        return code.starts_with("28") || code.starts_with("3D") || code == "42501";
    }
    let code = code.parse::<u32>();
    code.is_ok_and(|code| matches!(code & 0xff, 8 | 11 | 14 | 26))
}

/// The address without user, password and options.
fn place(address: &str) -> String {
    let (_, place) = address.split_once(':').unwrap_or(("", address));
    let place = place.split('?').next().unwrap_or_default();
    let place = place.rsplit('@').next().unwrap_or_default();
    place.trim_start_matches("//").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_shows_no_secret() {
        for (address, shown) in [
            ("sqlite:/srv/images/ectype.db", "/srv/images/ectype.db"),
            ("sqlite:ectype.db?mode=rwc", "ectype.db"),
            (
                "postgres://me:se@cret@db.example.org/ectype",
                "db.example.org/ectype",
            ),
            (
                "postgres://db.example.org:5432/ectype?password=secret",
                "db.example.org:5432/ectype",
            ),
        ] {
            assert_eq!(place(address), shown);
        }
    }
}
