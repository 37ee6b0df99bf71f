//! The page of one image, and what its buttons do.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{Path, State};
use cloud::Op;
use http::{StatusCode, Uri};
use origin::keys::Pins;
use serde_json::{Value, json};
use wire::image::Image;

mod texts;

use super::{Answer, Shell, go, show, world};
use crate::activity::Kind;
use crate::app::App;
use crate::fault::Fault;
use crate::form::Form;
use crate::proving::{Refused, Standing, why};
use crate::view::chain::{self, Link};
use crate::view::facts::Maker;
use crate::view::groups::{self, Group};
use crate::view::list::{Row, VISIBILITIES};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "image.html")]
struct Page {
    shell: Shell,
    row: Row,
    maker: String,
    verdict_word: &'static str,
    verdict_class: &'static str,
    verdict_text: String,
    verdict_more: Vec<(&'static str, String)>,
    busy: bool,
    can_prove: bool,
    chain: Vec<Link>,
    built: String,
    support: String,
    provided: String,
    validity: String,
    boot: String,
    boot_hint: String,
    can_publish: bool,
    visibilities: Vec<&'static &'static str>,
    managed: bool,
    builds: Vec<Build>,
    /// The query of the list that has hidden builds, too, where they are left out here.
    all_builds: String,
    record: Vec<(&'static str, String)>,
    groups: Vec<Group>,
}

/// Another build of the same definition.
struct Build {
    id: String,
    build: String,
    state: String,
    verdict: &'static str,
    verdict_class: &'static str,
    hidden: bool,
    this: bool,
}

pub(crate) async fn get(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    visitor: Visitor,
    uri: Uri,
) -> Answer {
    let image = app.image(&visitor, &id).await?;
    let standing = app.standing(&image);
    let row = Row::of(&image, &standing, world(&app));
    let builds = builds(&app, &visitor, &image, &row).await;
    let text = |name: &str| image.property(name).unwrap_or_default().to_owned();
    let verdict = standing.verdict();
    let (verdict_word, verdict_class, verdict_text) = texts::verdict(&standing);
    let page = Page {
        shell: Shell::new(&app, &visitor, "images", &uri),
        maker: texts::maker(&image, &row.facts),
        verdict_word,
        verdict_class,
        verdict_text,
        verdict_more: verdict.map(texts::more).unwrap_or_default(),
        busy: standing.busy(),
        can_prove: app.may_prove(&visitor),
        chain: chain::of(&image, verdict, Pins::shipped().ok()),
        built: texts::built(&row),
        support: texts::support(&row.facts.support),
        provided: text("provided_until"),
        validity: text("uuid_validity"),
        boot: texts::boot(&row),
        boot_hint: texts::boot_hint(&image),
        can_publish: is_own(&visitor, &image),
        visibilities: VISIBILITIES.iter().rev().collect(),
        managed: matches!(row.facts.maker, Maker::Ectype { .. }),
        all_builds: match &row.facts.maker {
            Maker::Ectype { definition, .. } if visitor.session().is_none() => {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                let pairs = [("q", definition.as_str()), ("hidden", "both")];
                query.extend_pairs(pairs).finish()
            }
            _ => String::new(),
        },
        builds,
        record: groups::record(&image),
        groups: groups::of(&image),
        row,
    };
    show(StatusCode::OK, &page)
}

/// Whether the visitor's project owns the image, so that the visitor may say who sees it.
fn is_own(visitor: &Visitor, image: &Image) -> bool {
    let session = visitor.session().filter(|session| session.may_change());
    let project = session.and_then(|session| session.cloud.token().project.as_ref());
    project.is_some_and(|own| image.owner.as_deref() == Some(own.id.as_str()))
}

/// The builds of the image's definition by the same project, the newest first: all of them for who has logged in, and for
/// anybody those that are not hidden. Without the list there are none to show.
async fn builds(app: &App, visitor: &Visitor, image: &Image, row: &Row) -> Vec<Build> {
    let Maker::Ectype { definition, .. } = &row.facts.maker else {
        return Vec::new();
    };
    let Ok(images) = app.images(visitor).await else {
        return Vec::new();
    };
    let world = world(app);
    let all = visitor.session().is_some();
    let shown = |other: &Image| all || !other.os_hidden || other.id == image.id;
    let mut builds: Vec<Build> = images
        .iter()
        .filter(|other| other.owner == image.owner && shown(other))
        .filter_map(|other| {
            let row = Row::of(other, &app.standing(other), world);
            let verdict_class = row.verdict_class();
            match row.facts.maker {
                Maker::Ectype {
                    definition: own,
                    build,
                    state,
                } if own == *definition => Some(Build {
                    id: other.id.clone(),
                    build,
                    state,
                    verdict: row.verdict,
                    verdict_class,
                    hidden: other.os_hidden,
                    this: other.id == image.id,
                }),
                _ => None,
            }
        })
        .collect();
    builds.sort_by(|a, b| b.build.cmp(&a.build));
    if builds.len() == 1 {
        builds.clear();
    }
    builds
}

/// Begins to verify.
pub(crate) async fn verify(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    visitor: Visitor,
    form: Form,
) -> Answer {
    visitor.check(&app, form.get("token"))?;
    let image = app.image(&visitor, &id).await?;
    let proving = app.proving.as_ref().filter(|_| app.may_prove(&visitor));
    let Some(proving) = proving else {
        let fault = Fault::forbidden("verifying is not for visitors who have not logged in");
        return Err(fault);
    };
    let (shared, owner) = (Arc::clone(&app), visitor.owner().to_owned());
    let about = image.id.clone();
    let done = move |verdict: &proof::Verdict| {
        let text = format!("{}: {}", verdict.verdict.name(), why(verdict));
        shared.happened(Kind::Verification, &owner, text, Some(&about));
    };
    match proving.begin(image, app.now(), done) {
        Ok(()) | Err(Refused::UnderWay) => go(&format!("{}/images/{id}#proof", app.root)),
        Err(Refused::Full) => Err(Fault::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many images are waiting to be verified",
        )
        .hint("try again in some minutes")),
    }
}

/// How far a verification is, for the script.
pub(crate) async fn standing(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    visitor: Visitor,
) -> Result<Json<Value>, Fault> {
    let image = app.image(&visitor, &id).await?;
    let standing = app.standing(&image);
    let percent = match &standing {
        Standing::Running(percent) => *percent,
        _ => None,
    };
    Ok(Json(json!({
        "busy": standing.busy(),
        "verdict": standing.word(),
        "percent": percent,
    })))
}

/// Says who may see an image of the visitor's project.
pub(crate) async fn visibility(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    visitor: Visitor,
    form: Form,
) -> Answer {
    let session = app.session(&visitor)?;
    visitor.check(&app, form.get("token"))?;
    let word = form.get("visibility");
    if !VISIBILITIES.contains(&word) {
        return Err(Fault::bad(format!("`{word}` is no visibility")));
    }
    let image = app.image(&visitor, &id).await?;
    if !is_own(&visitor, &image) {
        return Err(Fault::forbidden("the image belongs to another project"));
    }
    let change = Op::Replace("visibility".to_owned(), json!(word));
    session.cloud.glance().patch(&id, &[change]).await?;
    session.listing.forget().await;
    let text = format!("from {} to {word}", image.visibility);
    app.happened(Kind::Publication, visitor.owner(), text, Some(&id));
    go(&format!("{}/images/{id}", app.root))
}
