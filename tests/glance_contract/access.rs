//! Who may do what to whose image: a matrix of roles, operations and visibilities, each a table of status codes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::http::Request;
use crate::talk::{Talk, patch, upload};
use crate::target::Who;

/// What the image of an operation must be at first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Queued,
    Active,
    Deactivated,
}

/// What is done: its name, what the image must be, and the request.
struct Deed {
    name: &'static str,
    state: State,
    request: fn(&Talk, &str) -> Request,
}

const fn deed(name: &'static str, state: State, request: fn(&Talk, &str) -> Request) -> Deed {
    Deed {
        name,
        state,
        request,
    }
}

fn plain(method: &str, image: &str, more: &str) -> Request {
    Request::new(method, &format!("/v2/images/{image}{more}"))
}

fn set(image: &str, path: &str, value: &Value) -> Request {
    patch(
        image,
        &json!([{ "op": "add", "path": path, "value": value }]),
    )
}

fn member(t: &Talk, method: &str, image: &str) -> Request {
    plain(
        method,
        image,
        &format!("/members/{}", t.project(Who::Other)),
    )
}

/// In this order: what changes nothing comes first, so that few images are needed.
const DEEDS: [Deed; 29] = [
    deed("show", State::Active, |_, i| plain("GET", i, "")),
    deed("show deactivated", State::Deactivated, |_, i| plain("GET", i, "")),
    deed("download", State::Active, |_, i| plain("GET", i, "/file")),
    deed("download deactivated", State::Deactivated, |_, i| plain("GET", i, "/file")),
    deed("list members", State::Active, |_, i| plain("GET", i, "/members")),
    deed("show member", State::Active, |t, i| member(t, "GET", i)),
    deed("list tasks", State::Active, |_, i| plain("GET", i, "/tasks")),
    deed("show locations", State::Active, |_, i| plain("GET", i, "/locations")),
    deed("rename", State::Active, |_, i| set(i, "/name", &json!("renamed"))),
    deed("set property", State::Active, |_, i| set(i, "/a", &json!("b"))),
    deed("set reserved property", State::Active, |_, i| set(i, "/os_glance_a", &json!("b"))),
    deed("protect", State::Queued, |_, i| set(i, "/protected", &json!(true))),
    deed("hide", State::Queued, |_, i| set(i, "/os_hidden", &json!(true))),
    deed("make private", State::Queued, |_, i| set(i, "/visibility", &json!("private"))),
    deed("make shared", State::Queued, |_, i| set(i, "/visibility", &json!("shared"))),
    deed("make community", State::Queued, |_, i| set(i, "/visibility", &json!("community"))),
    deed("make public", State::Queued, |_, i| set(i, "/visibility", &json!("public"))),
    deed("give away", State::Queued, |t, i| patch(
            i,
            &json!([{ "op": "replace", "path": "/owner", "value": t.project(Who::Other) }]),
        )),
    deed("tag", State::Active, |_, i| plain("PUT", i, "/tags/a")),
    deed("untag", State::Queued, |t, i| plain("DELETE", i, &format!("/tags/{}", t.mark()))),
    deed("upload", State::Queued, |_, i| upload(i, b"abc")),
    deed("upload again", State::Active, |_, i| upload(i, b"abc")),
    deed("stage", State::Queued, |_, i| {
        plain("PUT", i, "/stage").header("Content-Type", "application/octet-stream").bytes(b"abc")
    }),
    deed("deactivate", State::Active, |_, i| plain("POST", i, "/actions/deactivate")),
    deed("reactivate", State::Deactivated, |_, i| plain("POST", i, "/actions/reactivate")),
    deed("add member", State::Active, |t, i| {
        plain("POST", i, "/members").json(&json!({ "member": t.project(Who::Admin) }))
    }),
    deed("accept", State::Active, |t, i| member(t, "PUT", i).json(&json!({ "status": "accepted" }))),
    deed("remove member", State::Active, |t, i| member(t, "DELETE", i)),
    deed("delete", State::Active, |_, i| plain("DELETE", i, "")),
];

/// An image of the member's project; `sharing` is the status that the other project has given it.
struct Subject<'a> {
    t: &'a Talk,
    visibility: &'static str,
    sharing: Option<&'static str>,
    more: Value,
    ready: BTreeMap<State, String>,
}

impl Subject<'_> {
    /// An untouched image in this state.
    fn image(&mut self, state: State) -> String {
        if let Some(image) = self.ready.get(&state) {
            return image.clone();
        }
        let t = self.t;
        let mut body = t.body();
        let fields = body.as_object_mut().unwrap();
        fields.insert("visibility".to_owned(), json!(self.visibility));
        fields.insert("owner".to_owned(), json!(t.project(Who::Member)));
        fields.extend(self.more.as_object().unwrap().clone());
        let image = t.image(Who::Admin, &body);
        if state != State::Queued {
            t.quiet(Who::Admin, upload(&image, b"abc")).expect(204);
        }
        if let Some(status) = self.sharing {
            let invite = json!({ "member": t.project(Who::Other) });
            t.quiet(Who::Member, plain("POST", &image, "/members").json(&invite))
                .expect(200);
            let answer = json!({ "status": status });
            t.quiet(Who::Other, member(t, "PUT", &image).json(&answer))
                .expect(200);
        }
        if state == State::Deactivated {
            t.quiet(Who::Admin, plain("POST", &image, "/actions/deactivate"))
                .expect(204);
        }
        self.ready.insert(state, image.clone());
        image
    }

    fn table(&mut self) -> String {
        let mut table = format!("{:<24}", "");
        for who in Who::WITH_TOKEN {
            let _ = write!(table, "{:<13}", who.name());
        }
        for deed in &DEEDS {
            let _ = write!(table, "\n  {:<22}", deed.name);
            for who in Who::WITH_TOKEN {
                let image = self.image(deed.state);
                let request = (deed.request)(self.t, &image);
                let looked_only = request.method == "GET";
                let status = self.t.quiet(who, request).status;
                let _ = write!(table, "{status:<13}");
                if status < 300 && !looked_only {
                    self.ready.remove(&deed.state);
                }
            }
        }
        table.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }
}

fn matrix(t: &Talk, visibility: &'static str, sharing: Option<&'static str>, more: Value) {
    let mut subject = Subject {
        t,
        visibility,
        sharing,
        more,
        ready: BTreeMap::new(),
    };
    t.note(&subject.table());
}

pub(crate) fn to_private_images(t: &Talk) {
    matrix(t, "private", None, json!({}));
}

pub(crate) fn to_shared_images_without_members(t: &Talk) {
    matrix(t, "shared", None, json!({}));
}

pub(crate) fn to_images_offered_to_the_other_project(t: &Talk) {
    matrix(t, "shared", Some("pending"), json!({}));
}

pub(crate) fn to_images_the_other_project_has_accepted(t: &Talk) {
    matrix(t, "shared", Some("accepted"), json!({}));
}

pub(crate) fn to_images_the_other_project_has_rejected(t: &Talk) {
    matrix(t, "shared", Some("rejected"), json!({}));
}

pub(crate) fn to_community_images(t: &Talk) {
    matrix(t, "community", None, json!({}));
}

pub(crate) fn to_public_images(t: &Talk) {
    matrix(t, "public", None, json!({}));
}

pub(crate) fn to_protected_images(t: &Talk) {
    matrix(t, "shared", Some("accepted"), json!({ "protected": true }));
}

pub(crate) fn to_hidden_public_images(t: &Talk) {
    matrix(t, "public", None, json!({ "os_hidden": true }));
}
