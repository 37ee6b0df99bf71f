//! Keystone v3: what is sent to log in, and the token with its catalogue that comes back.

mod login;
mod token;

pub use login::{
    Application, AuthRequest, Domain, Identity, Login, Password, Project, Scope, TokenLogin, User,
};
pub use token::{Endpoint, Named, Role, Service, Token, TokenReply};
