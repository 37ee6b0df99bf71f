//! What happened: here, and as far as the cloud's records tell when images were made and changed.

use jiff::Timestamp;
use wire::image::Image;

use crate::activity::Event;
use crate::limits::ACTIVITY;

/// A line of what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) at: Timestamp,
    /// The word for its kind.
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    /// The image: id and what to call it.
    pub(crate) image: Option<(String, String)>,
    /// Whether it happened here, or is told by the cloud.
    pub(crate) here: bool,
}

impl Line {
    /// The day.
    pub(crate) fn day(&self) -> String {
        self.when().0
    }

    /// The hour of the day.
    pub(crate) fn hour(&self) -> String {
        self.when().1
    }

    fn when(&self) -> (String, String) {
        let text = super::words::moment(self.at);
        let (day, hour) = text.split_once(' ').unwrap_or((&text, ""));
        (day.to_owned(), hour.to_owned())
    }
}

/// The newest lines first. What happened here names whatever it was done to; the cloud tells of images that are `shown`.
#[must_use]
pub(crate) fn lines(
    events: Vec<Event>,
    images: &[Image],
    shown: impl Fn(&Image) -> bool,
) -> Vec<Line> {
    let title = |image: &Image| match image.name().trim() {
        "" => image.id.clone(),
        name => name.to_owned(),
    };
    let named = |id: &String| {
        let image = images.iter().find(|image| image.id == *id);
        (id.clone(), image.map_or_else(|| id.clone(), title))
    };
    let mut lines: Vec<Line> = events
        .into_iter()
        .map(|event| Line {
            at: event.at,
            kind: event.kind.word(),
            text: event.text,
            image: event.image.as_ref().map(named),
            here: true,
        })
        .collect();
    for image in images.iter().filter(|image| shown(image)) {
        let at = |text: &Option<String>| text.as_ref()?.parse::<Timestamp>().ok();
        let (created, updated) = (at(&image.created_at), at(&image.updated_at));
        let mut told = |at: Option<Timestamp>, kind, text: &str| {
            if let Some(at) = at {
                lines.push(Line {
                    at,
                    kind,
                    text: text.to_owned(),
                    image: Some((image.id.clone(), title(image))),
                    here: false,
                });
            }
        };
        told(created, "created", "the record was made");
        if updated != created {
            told(updated, "updated", "the record was last changed");
        }
    }
    lines.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.here.cmp(&a.here)));
    lines.truncate(ACTIVITY);
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::activity::Kind;

    #[test]
    fn the_newest_comes_first_and_says_who_tells_it() {
        let image: Image = serde_json::from_value(json!({"id": "1", "name": "a",
            "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-20T00:00:00Z"}))
        .unwrap();
        let event = Event {
            at: "2026-11-10T00:00:00Z".parse().unwrap(),
            kind: Kind::Verification,
            owner: String::new(),
            text: "identical".to_owned(),
            image: Some("1".to_owned()),
        };
        let lines = lines(vec![event], &[image], |_| true);
        let kinds: Vec<&str> = lines.iter().map(|line| line.kind).collect();
        assert_eq!(kinds, ["updated", "verification", "created"]);
        assert!(lines[1].here && !lines[0].here);
        assert_eq!(lines[1].image.as_ref().unwrap().1, "a");
    }

    #[test]
    fn what_was_done_to_a_hidden_image_is_told_and_what_the_cloud_says_of_it_is_not() {
        let image: Image =
            serde_json::from_value(json!({"id": "1", "name": "a", "os_hidden": true,
            "created_at": "2026-11-01T00:00:00Z"}))
            .unwrap();
        let event = Event {
            at: "2026-11-10T00:00:00Z".parse().unwrap(),
            kind: Kind::Upload,
            owner: "me".to_owned(),
            text: "stored".to_owned(),
            image: Some("1".to_owned()),
        };
        let lines = lines(vec![event], &[image], |image| !image.os_hidden);
        let told: Vec<(&str, &str)> = lines
            .iter()
            .map(|line| (line.kind, line.image.as_ref().unwrap().1.as_str()))
            .collect();
        assert_eq!(told, [("upload", "a")]);
    }
}
