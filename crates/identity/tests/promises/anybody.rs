//! The token of a service's own pages: it is good for reading, and for nothing that is somebody's.

use std::sync::Arc;

use identity::{Anybody, Caller, CallerFuture, Identity, Refusal};
use secrecy::ExposeSecret;

/// Knows one token.
struct One;

fn somebody() -> Caller {
    Caller {
        user: "u".to_owned(),
        user_name: "somebody".to_owned(),
        project: Some("p".to_owned()),
        project_name: None,
        domain: "default".to_owned(),
        roles: vec!["member".to_owned()],
        expires: jiff::Timestamp::MAX,
    }
}

impl Identity for One {
    fn caller<'a>(&'a self, token: &'a str) -> CallerFuture<'a> {
        let known = token == "theirs";
        Box::pin(async move { known.then(somebody).ok_or(Refusal::Unknown) })
    }
}

#[tokio::test]
async fn anybody_reads_and_is_in_nobody_s_project() {
    let (both, token) = Anybody::beside(Arc::new(One)).unwrap();
    let caller = both.caller(token.expose_secret()).await.unwrap();
    assert!(caller.has("reader") && !caller.has("member") && !caller.is_admin());
    let (other, second) = Anybody::beside(Arc::new(One)).unwrap();
    assert_ne!(token.expose_secret(), second.expose_secret());
    let second = other.caller(second.expose_secret()).await.unwrap();
    assert!(caller.project.is_some() && caller.project != second.project);
}

#[tokio::test]
async fn all_other_tokens_are_those_of_the_identity_service() {
    let (both, token) = Anybody::beside(Arc::new(One)).unwrap();
    assert_eq!(both.caller("theirs").await.unwrap(), somebody());
    let cut = token.expose_secret().get(1..).unwrap();
    for wrong in ["", "x", cut] {
        let refused = both.caller(wrong).await;
        assert!(matches!(refused, Err(Refusal::Unknown)), "{wrong}");
    }
}
