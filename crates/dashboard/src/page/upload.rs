//! The page for an upload, and that of what came of one.

use std::sync::Arc;

use askama::Template;
use axum::extract::multipart::{Field, MultipartRejection};
use axum::extract::{Multipart, Path, State};
use http::{StatusCode, Uri};
use tokio::runtime::Handle;

use super::{Answer, Shell, go, show};
use crate::activity::Kind;
use crate::app::App;
use crate::fault::Fault;
use crate::limits::{DRAINED, MAX_VALUE, STALL};
use crate::session::Session;
use crate::upload::{Door, Outcome, Report, Wish, Work, door};
use crate::view::words::size;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "upload.html")]
struct Page {
    shell: Shell,
    may: bool,
    largest: String,
    reports: Vec<Arc<Report>>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage {
    shell: Shell,
    report: Arc<Report>,
}

pub(crate) async fn get(State(app): State<Arc<App>>, visitor: Visitor, uri: Uri) -> Answer {
    let session = app.session(&visitor)?;
    let page = Page {
        shell: Shell::new(&app, &visitor, "upload", &uri),
        may: session.may_change(),
        largest: size(app.options.max_upload),
        reports: session.reports(),
    };
    show(StatusCode::OK, &page)
}

pub(crate) async fn report(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    visitor: Visitor,
    uri: Uri,
) -> Answer {
    let report = app.session(&visitor)?.report(&id);
    let page = ReportPage {
        shell: Shell::new(&app, &visitor, "upload", &uri),
        report: report.ok_or_else(|| Fault::not_found("there is no report of that upload"))?,
    };
    show(StatusCode::OK, &page)
}

/// Takes an upload. The form's fields come before its file, and the token before them all: without it nothing is read.
pub(crate) async fn post(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    multipart: Result<Multipart, MultipartRejection>,
) -> Answer {
    let session = Arc::clone(app.session(&visitor)?);
    let mut multipart = multipart.map_err(|_| {
        Fault::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "a form with a file is wanted",
        )
    })?;
    let (mut wish, mut checked) = (None::<(String, bool)>, false);
    while let Some(field) = next(&mut multipart).await? {
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "token" => {
                visitor.check(&app, &text(field).await?)?;
                checked = true;
            }
            _ if !checked => visitor.check(&app, "")?,
            "name" => wish.get_or_insert_default().0 = text(field).await?,
            "raw" => wish.get_or_insert_default().1 = text(field).await? == "yes",
            "file" => {
                let (name, raw) = wish.take().unwrap_or_default();
                return take(app, session, name, raw, field).await;
            }
            _ => return Err(Fault::bad("the form has a field that is not asked for")),
        }
    }
    Err(Fault::bad("the form has no file"))
}

async fn next(multipart: &mut Multipart) -> Result<Option<Field<'_>>, Fault> {
    let broken = |_| Fault::bad("the form breaks off");
    let field = tokio::time::timeout(STALL, multipart.next_field()).await;
    field.map_err(|_| stalled())?.map_err(broken)
}

/// The next bytes of a field.
async fn chunk(field: &mut Field<'_>) -> Result<Option<bytes::Bytes>, Fault> {
    let broken = |_| Fault::bad("the upload breaks off");
    let chunk = tokio::time::timeout(STALL, field.chunk()).await;
    chunk.map_err(|_| stalled())?.map_err(broken)
}

fn stalled() -> Fault {
    Fault::new(StatusCode::REQUEST_TIMEOUT, "nothing has come for a minute")
}

/// A short value.
async fn text(mut field: Field<'_>) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    while let Some(chunk) = chunk(&mut field).await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_VALUE {
            return Err(Fault::bad("the form says more than is asked for"));
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| Fault::bad("the form holds no text"))?;
    Ok(text.trim().to_owned())
}

/// Takes the file, and answers with the address of the report.
async fn take(
    app: Arc<App>,
    session: Arc<Session>,
    name: String,
    raw: bool,
    mut field: Field<'_>,
) -> Answer {
    if !session.may_change() {
        return Err(Fault::forbidden("a reader makes no images"));
    }
    let file = field.file_name().unwrap_or_default();
    let file: String = file.chars().take(200).collect();
    let name = if name.is_empty() { file.clone() } else { name };
    if name.is_empty() || name.chars().count() > 255 {
        return Err(Fault::bad(
            "the image wants a name of at most 255 characters",
        ));
    }
    let Ok(place) = Arc::clone(&app.uploads).try_acquire_owned() else {
        let fault = Fault::new(StatusCode::SERVICE_UNAVAILABLE, "too many uploads at once");
        return Err(fault.hint("try again in some minutes"));
    };
    let (door, arrival) = door();
    let work = Work {
        glance: session.cloud.glance().clone(),
        wish: Wish { name, raw, file },
        at: app.now(),
    };
    // It goes on when the browser is gone: what it has begun it has to take away again.
    let (shared, owner) = (Arc::clone(&app), Arc::clone(&session));
    let handle = Handle::current();
    let working = async move || {
        let report = Arc::new(work.run(arrival).await);
        owner.listing.forget().await;
        tell(&shared, &owner, &report);
        owner.keep(Arc::clone(&report));
        drop(place);
        report
    };
    // The work stays on one thread, so it has one of its own; the runtime serves its requests.
    let working = tokio::task::spawn_blocking(move || handle.block_on(working()));
    hand_over(&mut field, door, app.options.max_upload).await?;
    let report = working.await.map_err(|_| {
        Fault::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the upload came to no end",
        )
    })?;
    go(&format!("{}/uploads/{}", app.root, report.id))
}

/// Hands the file over. Of one that is refused early some more is read, so that the browser gets to see the answer.
async fn hand_over(field: &mut Field<'_>, door: Door, largest: u64) -> Result<(), Fault> {
    let (mut open, mut all, mut needless) = (true, 0_u64, 0_u64);
    while let Some(bytes) = chunk(field).await? {
        let len = bytes.len() as u64;
        all = all.saturating_add(len);
        if all > largest {
            return Err(Fault::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the file is larger than {}", size(largest)),
            ));
        }
        open = open && door.put(bytes).await.is_ok();
        if !open {
            needless = needless.saturating_add(len);
            if needless > DRAINED {
                return Ok(());
            }
        }
    }
    // Nobody reads any more when the file was refused.
    let _ = door.end().await;
    Ok(())
}

/// Writes down what came of it.
fn tell(app: &App, session: &Session, report: &Report) {
    let kind = match report.outcome {
        Outcome::Refused => Kind::Refusal,
        _ => Kind::Upload,
    };
    let text = format!("{}: {}", report.name, report.word());
    app.happened(kind, &session.owner, text, report.image());
}
