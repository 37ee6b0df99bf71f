//! Reading what was sent: JSON objects, member by member, with Keystone's complaints.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::answer::Fault;
use crate::own::DomainRef;

/// A body, or why there is none.
pub(super) type Sent = Result<Bytes, BytesRejection>;

/// The object in the body.
pub(super) fn object(sent: Sent) -> Result<Map<String, Value>, Fault> {
    let bytes = sent.map_err(|refused| Fault::new(refused.status(), refused.body_text()))?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(Fault::expecting("valid JSON", "request body")),
    }
}

/// The object in the body's only member.
pub(super) fn inside(sent: Sent, name: &str) -> Result<Members, Fault> {
    match object(sent)?.remove(name) {
        Some(Value::Object(members)) => Ok(Members {
            of: name.to_owned(),
            members,
        }),
        Some(_) => Err(invalid(name, "is not of type 'object'")),
        None => Err(Fault::expecting(name, "request body")),
    }
}

/// A complaint about a member.
pub(super) fn invalid(name: &str, what: &str) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        format!("Invalid input for field/attribute {name}. It {what}"),
    )
}

/// A text without a NUL, which PostgreSQL cannot keep.
fn whole(name: &str, text: String) -> Result<String, Fault> {
    if text.contains('\0') {
        return Err(invalid(name, "has a NUL"));
    }
    Ok(text)
}

/// The members of an object that was sent, taken out one after the other.
#[derive(Debug)]
pub(super) struct Members {
    of: String,
    members: Map<String, Value>,
}

impl Members {
    /// A member, whatever it is.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name)
    }

    /// A text; a null is none.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Fault> {
        match self.take(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => whole(name, text).map(Some),
            Some(_) => Err(invalid(name, "is not of type 'string'")),
        }
    }

    /// A text that may be null to take away what there was.
    pub(super) fn nullable(&mut self, name: &str) -> Result<Option<Option<String>>, Fault> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(Value::String(text)) => whole(name, text).map(|text| Some(Some(text))),
            Some(_) => Err(invalid(name, "is not of type 'string', 'null'")),
        }
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, name: &str) -> Result<String, Fault> {
        let text = self.text(name)?;
        text.ok_or_else(|| invalid(&self.of, &format!("lacks '{name}', a required property")))
    }

    /// A secret text.
    pub(super) fn secret(&mut self, name: &str) -> Result<Option<SecretString>, Fault> {
        Ok(self.text(name)?.map(SecretString::from))
    }

    /// A truth value, also in the words that Keystone takes for one.
    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Fault> {
        match self.take(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(Value::String(text)) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "y" | "on" | "yes" => Ok(Some(true)),
                "false" | "0" | "n" | "off" | "no" => Ok(Some(false)),
                _ => Err(invalid(name, "is no truth value")),
            },
            Some(_) => Err(invalid(name, "is no truth value")),
        }
    }

    /// Checks that what is to be made or changed is to be in the only domain.
    pub(super) fn domain(&mut self) -> Result<(), Fault> {
        match self.text("domain_id")? {
            Some(id) if !DomainRef::Id(id.clone()).known() => Err(Fault::new(
                StatusCode::BAD_REQUEST,
                format!("Could not find domain: {id}."),
            )),
            _ => Ok(()),
        }
    }

    /// What was not taken.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.members
    }
}
