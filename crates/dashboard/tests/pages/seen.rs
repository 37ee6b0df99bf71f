//! What who gets to see, and how it is written.

use crate::rig::{Rig, Setup};

const PAGES: [&str; 5] = [
    "/images",
    "/life",
    "/activity",
    "/about",
    "/images?hidden=both&sort=-size",
];

#[test]
fn anybody_sees_public_and_community_images_and_nobody_s_private_ones() {
    let rig = Rig::start();
    let list = rig.get("/images", "");
    assert_eq!(list.status, 200);
    assert!(list.body.contains("Debian 13") && list.body.contains("alert(1)"));
    // The cloud of this test gives out everything, whatever is asked for.
    for page in PAGES {
        let body = rig.get(page, "").body;
        assert!(
            !body.contains("private one") && !body.contains("shared one"),
            "{page}"
        );
    }
    for id in ["c3", "d4"] {
        let page = rig.get(&format!("/images/{id}"), "");
        assert_eq!(page.status, 404);
        assert!(!page.body.contains("private one") && !page.body.contains("shared one"));
        assert_eq!(rig.get(&format!("/images/{id}/standing"), "").status, 404);
    }
}

#[test]
fn without_public_mode_everything_leads_to_the_log_in() {
    let rig = Rig::with(Setup {
        public: false,
        ..Setup::default()
    });
    for page in ["/images", "/images/a1", "/life", "/activity", "/upload"] {
        let answer = rig.get(page, "");
        assert_eq!(answer.status, 303, "{page}");
        assert!(
            answer.header("location").starts_with("/login?next="),
            "{page}"
        );
    }
    assert!(rig.cloud.requests_to("/v2/images").is_empty());
    assert_eq!(rig.get("/health", "").status, 200);
}

#[test]
fn whatever_a_cloud_says_is_text_and_never_markup() {
    let rig = Rig::start();
    for page in [
        "/images",
        "/images/b2",
        "/activity",
        "/life",
        "/images?q=%3Cscript%3Ealert(1)%3C/script%3E",
    ] {
        let body = rig.get(page, "").body;
        assert!(!body.contains("<script>alert"), "{page}");
        assert!(!body.contains("<img src=x"), "{page}");
    }
    let page = rig.get("/images/b2", "");
    assert!(
        page.body
            .contains("&#60;script&#62;alert(1)&#60;/script&#62;"),
        "{}",
        page.body
    );
    // Where the operator keeps the bytes is nobody's business.
    assert!(!page.body.contains("/secret/place"));
}

#[test]
fn a_visitor_who_is_logged_in_sees_what_their_project_sees() {
    let rig = Rig::start();
    let session = rig.log_in();
    let list = rig.get("/images", &session);
    assert!(list.body.contains("private one") && list.body.contains("visitor"));
    assert_eq!(rig.get("/images/c3", &session).status, 200);
    // Asked with the visitor's token, and not with the operator's.
    let asked = rig.cloud.requests_to("/v2/images");
    let last = asked.last().unwrap();
    assert_eq!(last.header("x-auth-token"), Some(crate::rig::VISITOR));
}

#[test]
fn under_a_path_of_another_service_links_and_cookies_stay_there() {
    for outside in ["", "/images"] {
        let rig = Rig::with(Setup {
            base: "/dashboard",
            outside,
            ..Setup::default()
        });
        let root = format!("{outside}/dashboard");
        let first = format!("{root}/images");
        for home in ["/dashboard", "/dashboard/"] {
            let home = rig.get(home, "");
            assert_eq!((home.status, home.header("location")), (303, &*first));
        }
        let list = rig.get("/dashboard/images", "");
        assert_eq!(list.status, 200);
        let links = list.body.split("href=\"").skip(1);
        for part in links.chain(list.body.split("action=\"").skip(1)) {
            let inside = part.starts_with(&format!("{root}/"));
            let here = part.starts_with('?') || part.starts_with('#');
            assert!(inside || here, "{}", &part[..60]);
        }
        let cookie = list.header("set-cookie");
        assert!(cookie.contains(&format!("Path={root};")), "{cookie}");
        let back = format!("/dashboard/theme/dark?back={outside}%2Fdashboard%2Flife");
        let dark = rig.get(&back, "");
        assert_eq!(dark.header("location"), format!("{root}/life"));
        assert_eq!(rig.get("/dashboard/assets/style.css", "").status, 200);
    }
}
