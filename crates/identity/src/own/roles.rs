//! The roles, and which of them imply which.

use super::Error;

/// A role. There are no others than [`ROLES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its id, the same in every ectype.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The role that its holder has, too.
    pub implies: Option<&'static str>,
}

/// All roles: those that Keystone's bootstrap makes, with the same implications (keystone-manage, `cmd/bootstrap.py`).
pub const ROLES: [Role; 5] = [
    role("7c1a53dbd8a54f40a1b39c2a9f5be001", "reader", None),
    role("7c1a53dbd8a54f40a1b39c2a9f5be002", "member", Some("reader")),
    role(
        "7c1a53dbd8a54f40a1b39c2a9f5be003",
        "manager",
        Some("member"),
    ),
    role("7c1a53dbd8a54f40a1b39c2a9f5be004", "admin", Some("manager")),
    role("7c1a53dbd8a54f40a1b39c2a9f5be005", "service", None),
];

const fn role(id: &'static str, name: &'static str, implies: Option<&'static str>) -> Role {
    Role { id, name, implies }
}

/// The role of this name; there are no others than [`ROLES`].
///
/// # Errors
/// There is none.
pub fn named(name: &str) -> Result<&'static Role, Error> {
    let found = ROLES.iter().find(|role| role.name == name);
    found.ok_or_else(|| Error::missing("role", name))
}

/// The role with this id.
///
/// # Errors
/// There is none.
pub(crate) fn with_id(id: &str) -> Result<&'static Role, Error> {
    let found = ROLES.iter().find(|role| role.id == id);
    found.ok_or_else(|| Error::missing("role", id))
}

/// These roles and all that they imply, each once.
pub(crate) fn expanded<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'static Role> {
    let mut all: Vec<&'static Role> = Vec::new();
    for name in names {
        let mut next = Some(name);
        while let Some(Ok(role)) = next.map(named) {
            if !all.contains(&role) {
                all.push(role);
            }
            next = role.implies;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_admin_is_everything_and_a_reader_nothing_else() {
        let names = |of: &[&str]| -> Vec<&str> {
            expanded(of.iter().copied())
                .iter()
                .map(|role| role.name)
                .collect()
        };
        assert_eq!(names(&["admin"]), ["admin", "manager", "member", "reader"]);
        assert_eq!(names(&["reader", "member"]), ["reader", "member"]);
        assert_eq!(names(&["service"]), ["service"]);
        assert!(names(&["unheard-of"]).is_empty());
    }
}
