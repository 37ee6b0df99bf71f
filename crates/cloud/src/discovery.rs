//! Finding the versioned address behind the one that was given, without believing the hosts that services write.
//!
//! Services behind a proxy often write their inner host, port or scheme into the documents that list their versions.
//! Only the *path* of such a link is used, and only when the link names the host that was asked; otherwise the usual
//! path is appended.

use net::{Client, Request, shown};
use url::Url;
use wire::versions::Versions;

use crate::Error;

/// The most that a list of versions may be long, in bytes.
const LONGEST: usize = 1 << 20;

/// The base of identity v3: `…/v3/`.
pub(crate) async fn identity(client: &Client, given: &Url) -> Result<Url, Error> {
    match last_segment(given).as_str() {
        "v3" => Ok(folder(given.clone())),
        _ => versioned(client, given, 3, "identity").await,
    }
}

/// The base of image v2: `…/v2/`. A version at the end of the address (`/v2`, `/v2.17`) is taken at its word.
pub(crate) async fn image(client: &Client, given: &Url) -> Result<Url, Error> {
    let last = last_segment(given);
    if last == "v2" || last.starts_with("v2.") {
        let mut base = given.clone();
        if let Ok(mut path) = base.path_segments_mut() {
            path.pop_if_empty().pop().push("v2");
        }
        return Ok(folder(base));
    }
    if last == "v1" {
        let url = shown(given);
        return Err(Error::Protocol {
            url,
            what: "is an address of image v1, which is no more".to_owned(),
            request_id: None,
        });
    }
    versioned(client, given, 2, "image").await
}

/// Asks which versions there are. An answer that is no list of versions is not held against the service: some
/// proxies only let the versioned paths through.
async fn versioned(client: &Client, given: &Url, major: u32, service: &str) -> Result<Url, Error> {
    let usual = append(given, &format!("v{major}"));
    let mut request = Request::get(given.clone());
    request.limit = LONGEST;
    let reply = client.exchange(request).await?;
    let Ok(versions) = serde_json::from_slice::<Versions>(&reply.body) else {
        return if reply.status.is_server_error() {
            Err(reply.to_error().into())
        } else {
            Ok(usual)
        };
    };
    let Some(version) = versions.highest(major) else {
        let ids: Vec<&str> = versions
            .all()
            .iter()
            .map(|version| version.id.as_str())
            .collect();
        let what = format!("speaks no {service} v{major}, only {}", ids.join(", "));
        return Err(Error::Protocol {
            url: shown(given),
            what,
            request_id: reply.request_id(),
        });
    };
    let linked = version.href().and_then(|href| given.join(href).ok());
    let linked = linked.filter(|link| {
        link.host() == given.host() && link.port_or_known_default() == given.port_or_known_default()
    });
    Ok(linked.map_or(usual, |link| {
        let mut base = given.clone();
        base.set_path(link.path());
        folder(base)
    }))
}

fn last_segment(url: &Url) -> String {
    url.path()
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn append(url: &Url, segment: &str) -> Url {
    let mut base = url.clone();
    if let Ok(mut path) = base.path_segments_mut() {
        path.pop_if_empty().push(segment);
    }
    folder(base)
}

/// The same address as a base to join paths to.
fn folder(mut url: Url) -> Url {
    url.set_query(None);
    url.set_fragment(None);
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("");
    }
    url
}
