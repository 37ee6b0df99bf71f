//! Lists of images: in which order, and how many at a time.

use serde_json::json;

use crate::http::Request;
use crate::plain;
use crate::talk::{Talk, upload};
use crate::target::Kind;
use crate::target::Who::{Member, Other};

/// Five images, made in the order c, a, e, b, d.
fn stock(t: &Talk) -> Vec<String> {
    let mark = t.mark();
    let of = |letter: &str, format: &str, bytes: usize| {
        let body = json!({ "name": format!("{letter}-{mark}"), "tags": [mark], "disk_format": format, "container_format": "bare" });
        let id = t.image(Member, &body);
        if bytes > 0 {
            t.quiet(Member, upload(&id, &vec![1; bytes])).expect(204);
        }
        id
    };
    vec![of("c", "raw", 30), of("a", "raw", 10), of("e", "aki", 30), of("b", "iso", 0), of("d", "aki", 0)]
}

pub(crate) fn by_one_key_and_by_several(t: &Talk) {
    stock(t);
    let mark = t.mark();
    for query in [
        "", "sort=name", "sort=name:asc", "sort=name:desc", "sort=size:asc,name:asc", "sort=size:desc,name:asc",
        "sort=disk_format,name", "sort=disk_format:asc,size:desc,name:asc", "sort=created_at:asc", "sort=created_at:desc",
        "sort=updated_at:asc", "sort=status:asc,name:desc", "sort=container_format:asc,name:asc", "sort=%20name%20:%20asc%20",
        "sort_key=name", "sort_key=name&sort_dir=asc", "sort_dir=asc",
    ] {
        t.list(Member, &format!("tag={mark}&{query}"));
    }
}

/// The real Glance forgets all but one of the keys in the links of its pages.
pub(crate) fn by_keys_given_apart(t: &Talk) {
    stock(t);
    for query in ["sort_key=size&sort_key=name&sort_dir=asc", "sort_key=size&sort_key=name&sort_dir=asc&sort_dir=desc"] {
        let list = |more: &str| {
            let path = format!("/v2/images?tag={}&{query}{more}", t.mark());
            t.quiet(Member, Request::new("GET", &path)).expect(200).json()
        };
        let whole = plain::names(&list(""));
        t.note(&format!("{query}: {whole}"));
        if t.target.kind == Kind::Own {
            let mut names = Vec::new();
            let mut page = list("&limit=2");
            loop {
                names.push(plain::names(&page));
                let Some(next) = page["next"].as_str() else { break };
                page = t.quiet(Member, Request::new("GET", next)).expect(200).json();
            }
            assert_eq!(names.join(" ").trim(), whole);
        }
    }
}

pub(crate) fn refused(t: &Talk) {
    for query in [
        "sort=nonsense", "sort=name:up", "sort=name:ASC", "sort=", "sort=name,,size", "sort=name:asc&sort_key=name",
        "sort=name:asc&sort_dir=asc", "sort_key=nonsense", "sort_dir=up", "sort_key=name&sort_dir=asc&sort_dir=desc",
        "sort_key=min_disk", "sort_key=visibility", "limit=-1", "limit=a", "limit=", "limit=1.5", "limit=99999999999999999999x", "marker=nonsense",
        "marker=ba7ba7a2-0000-4000-8000-000000000000", "limit=1&marker=",
    ] {
        t.list(Member, query);
    }
}

pub(crate) fn page_by_page(t: &Talk) {
    let ids = stock(t);
    let mark = t.mark();
    let first = t.list(Member, &format!("tag={mark}&limit=2&sort=name:asc"));
    let second = follow(t, &first.str("next"));
    let third = follow(t, &second.str("next"));
    assert_eq!(third.json().get("next"), None, "{third}");
    t.note("with a filter and two keys");
    let mut page = t.list(Member, &format!("limit=1&sort=disk_format:desc,name:desc&tag={mark}&os_hidden=false"));
    while let Some(next) = page.json()["next"].as_str() {
        page = follow(t, next);
    }
    t.note("in the order of making");
    let mut page = t.list(Member, &format!("limit=2&tag={mark}"));
    while let Some(next) = page.json()["next"].as_str() {
        page = follow(t, next);
    }
    t.list(Member, &format!("tag={mark}&limit=0"));
    t.list(Member, &format!("tag={mark}&limit=5&sort=name:asc"));
    t.list(Member, &format!("tag={mark}&limit=6&sort=name:asc"));
    t.list(Member, &format!("tag={mark}&sort=name:asc&marker={}", ids[4]));
    t.list(Member, &format!("tag={mark}&sort=name:asc&limit=2&marker={}", ids[1]));
    t.note("a marker that others may not see, one that the filter leaves out");
    t.list(Other, &format!("tag={mark}&marker={}", ids[1]));
    t.list(Member, &format!("tag={mark}&disk_format=aki&sort=name:asc&marker={}", ids[1]));
}

fn follow(t: &Talk, next: &str) -> crate::http::Answer {
    t.list(Member, next.strip_prefix("/v2/images?").unwrap_or_else(|| panic!("{next}")))
}

pub(crate) fn at_most_a_thousand_and_by_default_twenty_five(t: &Talk) {
    let body = json!({ "name": t.mark(), "tags": [t.mark()] });
    for _ in 0..26 {
        t.image(Member, &body);
    }
    let count = |query: &str| {
        let path = format!("/v2/images?tag={}&{query}", t.mark());
        let list = t.quiet(Member, Request::new("GET", &path)).expect(200).json();
        t.note(&format!(
            "{query:?}: {} images, next {}",
            list["images"].as_array().unwrap().len(),
            list["next"].is_string()
        ));
    };
    for query in ["", "limit=25", "limit=26", "limit=1000", "limit=1001", "limit=100000"] {
        count(query);
    }
}
