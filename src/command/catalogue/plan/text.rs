//! A plan for people: alarms first, then what is done for each image and why, and how much it is in the end.

use std::fmt::Write as _;

use catalogue::plan::{Action, Change, Import, Level, Note, Planned, Step};
use serde_json::Value;

use crate::output::human::size;
use crate::output::visible;

/// How it is shown.
#[derive(Clone, Copy, Debug)]
pub(in crate::command::catalogue) struct Look {
    /// Whether colours are used.
    pub(in crate::command::catalogue) colour: bool,
    /// Whether the images that stay are listed.
    pub(in crate::command::catalogue) kept: bool,
    /// Whether it is about to be done, and not only shown.
    pub(in crate::command::catalogue) done: bool,
}

impl Look {
    fn paint(self, code: &str, text: &str) -> String {
        match self.colour {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}

/// The colour of each action, all different.
const fn colour(action: Action) -> &'static str {
    match action {
        Action::Import => "32",
        Action::Promote => "36",
        Action::Demote => "33",
        Action::Retire => "35",
        Action::Repair => "34",
        Action::Discard => "90",
        Action::Delete => "1;31",
    }
}

/// A plan with its cloud, each line ended.
pub(in crate::command::catalogue) fn plan(planned: &Planned, look: Look) -> String {
    let (cloud, plan) = (&planned.cloud, &planned.plan);
    let named = match cloud.name {
        Some(_) => format!("{cloud}, {}", cloud.image_endpoint),
        None => cloud.image_endpoint.clone(),
    };
    let head = format!("{}, project {}, {}", named, plan.project, plan.day);
    let mut out = format!("{}\n", look.paint("1", &visible(&head)));
    let mut notes: Vec<&Note> = plan.notes.iter().collect();
    // Stable: of those that are equally bad the order of the plan stays.
    notes.sort_by_key(|note| std::cmp::Reverse(note.level));
    for one in notes {
        out += &note(one, look);
    }
    let mut last = None;
    for step in &plan.steps {
        if last != Some(&step.definition) {
            let _ = writeln!(out, "{}", look.paint("1", &visible(&step.definition)));
            last = Some(&step.definition);
        }
        out += &self::step(step, look);
    }
    if look.kept {
        for kept in &plan.kept {
            let line = format!(
                "{}  {} ({}): {}",
                kept.image, kept.name, kept.definition, kept.why
            );
            let _ = writeln!(out, "  stays    {}", visible(&line));
        }
    }
    out + &look.paint("1", &summary(planned, look)) + "\n"
}

fn note(note: &Note, look: Look) -> String {
    let (word, colour) = match note.level {
        Level::Alarm => ("alarm", "1;31"),
        Level::Warning => ("warning", "33"),
        Level::Info => ("note", "36"),
    };
    let text = format!("{}{}", about(note), note.message);
    format!(
        "{} {}\n",
        look.paint(colour, &format!("{word}:")),
        visible(&text)
    )
}

/// What a note is about, to be put before it.
pub(in crate::command::catalogue) fn about(note: &Note) -> String {
    match note.definition.as_str() {
        "" => String::new(),
        definition => format!("{definition}: "),
    }
}

fn step(step: &Step, look: Look) -> String {
    let word = look.paint(colour(step.action), &format!("{:<8}", step.action.word()));
    let what = format!("{}  {}", step.image, step.name);
    let mut out = format!("  {word} {}\n", visible(&what));
    let mut line = |text: &str| {
        let _ = writeln!(out, "           {}", visible(text));
    };
    line(&format!("because {}", step.why));
    if let Some(import) = &step.import {
        source(import).iter().for_each(|text| line(text));
    }
    step.changes.iter().for_each(|one| line(&change(one)));
    out
}

/// Where an import comes from, and how that is known to be the vendor's.
fn source(import: &Import) -> Vec<String> {
    let build = &import.build;
    let day = build.date.map(|date| format!(" of {date}"));
    let length = build.size.map(|bytes| format!(", {}", size(bytes)));
    let mut lines = vec![format!(
        "build {}{}{}, stored as {}",
        build.id,
        day.unwrap_or_default(),
        length.unwrap_or_default(),
        import.format
    )];
    lines.push(match &build.mirror {
        Some(mirror) => format!("from {mirror} in the place of {}", build.url),
        None => format!("from {}", build.url),
    });
    let digest = build.digest().map(catalogue::digests::text);
    let by = build.signer.as_ref().map(|signer| format!(", by {signer}"));
    let listed = digest.map(|digest| format!(", {}", short(&digest)));
    lines.push(format!(
        "evidence {}{}{}",
        build.evidence,
        by.unwrap_or_default(),
        listed.unwrap_or_default()
    ));
    lines
}

/// A digest by its beginning, which is enough to compare by eye; the file of the plan has all of it.
fn short(digest: &str) -> String {
    match digest.char_indices().nth(23) {
        Some((end, _)) => format!("{}…", digest.get(..end).unwrap_or(digest)),
        None => digest.to_owned(),
    }
}

/// One field: `name: Debian 13 → Debian 13 20260712`.
pub(super) fn change(change: &Change) -> String {
    let value = |value: &Value| match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("`{text}`"),
        other => other.to_string(),
    };
    format!(
        "{}: {} → {}",
        change.field,
        value(&change.from),
        value(&change.to)
    )
}

fn summary(planned: &Planned, look: Look) -> String {
    let plan = &planned.plan;
    let counted = |action: Action| {
        let count = plan
            .steps
            .iter()
            .filter(|step| step.action == action)
            .count();
        (count > 0).then(|| format!("{} {count}", action.word()))
    };
    let counts: Vec<String> = Action::ALL.into_iter().filter_map(counted).collect();
    let mut text = match (counts.is_empty(), look.done) {
        (true, _) => "nothing to do".to_owned(),
        (false, false) => format!("would {}", counts.join(", ")),
        (false, true) => format!("to do: {}", counts.join(", ")),
    };
    let (_, warnings, alarms) = planned.count();
    let mut also = |count: usize, one: &str, several: &str| match count {
        0 => {}
        1 => text += &format!("; 1 {one}"),
        count => text += &format!("; {count} {several}"),
    };
    also(plan.kept.len(), "image stays", "images stay");
    also(alarms, "alarm", "alarms");
    also(warnings, "warning", "warnings");
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A plan with a step of every kind, a note of every level, and an image that stays.
    fn planned() -> Planned {
        let step = |action: &str, changes: Value| {
            json!({"action": action, "definition": "debian-13", "image": {"id": action}, "name": "Debian 13",
                "why": "that is so", "changes": changes})
        };
        let note = |level: &str, definition: &str| json!({"level": level, "definition": definition, "message": format!("an {level}")});
        let import = json!({"action": "import", "definition": "debian-13", "image": {"imported": "debian-13"},
            "name": "Debian 13", "why": "there is no image of this name", "import": {"format": "raw", "record": {},
                "build": {"family": "debian", "release": "13", "arch": "x86_64", "id": "20260712-2537",
                    "date": "2026-07-12", "url": "https://cloud.debian.org/a.qcow2", "file": "a.qcow2",
                    "size": 361_758_720, "digests": [format!("sha256:{}", "ab".repeat(32))],
                    "evidence": "signed", "signer": "0123456789ABCDEF0123456789ABCDEF01234567"}}});
        let rename = json!([{"field": "name", "from": "Debian 13", "to": "Debian 13 20260712"},
            {"field": "os_hidden", "from": false, "to": true}, {"field": "hw_x", "from": "\u{1b}[2J", "to": null}]);
        let value = json!({
            "cloud": {"name": "prod", "region": "dx1", "image_endpoint": "https://glance/v2/"},
            "plan": {"schema": "ectype/plan/1", "day": "2026-11-25", "project": "p1", "tag": "managed_by_ectype",
                "max_delete": 1, "touches": [], "seen": {},
                "steps": [import, step("demote", rename), step("promote", json!([])), step("retire", json!([])),
                    step("repair", json!([])), step("discard", json!([])), step("delete", json!([]))],
                "kept": [{"image": "k", "name": "Debian 12", "definition": "debian-12", "why": "it is the image of its name"}],
                "notes": [note("info", ""), note("warning", "debian-12"), note("alarm", "rocky-9")]}
        });
        serde_json::from_value(value).unwrap()
    }

    const TEXT: &str = "\
prod/dx1, https://glance/v2/, project p1, 2026-11-25
alarm: rocky-9: an alarm
warning: debian-12: an warning
note: an info
debian-13
  import   (the new image)  Debian 13
           because there is no image of this name
           build 20260712-2537 of 2026-07-12, 345.0 MiB, stored as raw
           from https://cloud.debian.org/a.qcow2
           evidence signed, by 0123456789ABCDEF0123456789ABCDEF01234567, sha256:abababababababab…
  demote   demote  Debian 13
           because that is so
           name: `Debian 13` → `Debian 13 20260712`
           os_hidden: false → true
           hw_x: `\\x1b[2J` → nothing
  promote  promote  Debian 13
           because that is so
  retire   retire  Debian 13
           because that is so
  repair   repair  Debian 13
           because that is so
  discard  discard  Debian 13
           because that is so
  delete   delete  Debian 13
           because that is so
would import 1, demote 1, promote 1, retire 1, repair 1, discard 1, delete 1; 1 image stays; 1 alarm; 1 warning
";

    #[test]
    fn a_plan_for_people_says_alarms_first_then_what_and_why_and_how_much() {
        let look = Look {
            colour: false,
            kept: false,
            done: false,
        };
        let text = plan(&planned(), look);
        assert_eq!(text, TEXT);
        let kept = plan(&planned(), Look { kept: true, ..look });
        let stays = "  stays    k  Debian 12 (debian-12): it is the image of its name\n";
        assert!(kept.contains(stays), "{kept}");
        let done = plan(&planned(), Look { done: true, ..look });
        assert!(done.contains("\nto do: import 1, demote 1"), "{done}");
    }

    #[test]
    fn every_action_has_a_colour_of_its_own() {
        let mut colours: Vec<&str> = Action::ALL.into_iter().map(colour).collect();
        colours.sort_unstable();
        colours.dedup();
        assert_eq!(colours.len(), Action::ALL.len());
        let look = Look {
            colour: true,
            kept: false,
            done: false,
        };
        let text = plan(&planned(), look);
        assert!(text.contains("\u{1b}[1;31mdelete  \u{1b}[0m"), "{text}");
        assert!(
            text.contains("\u{1b}[1;31malarm:\u{1b}[0m rocky-9"),
            "{text}"
        );
    }
}
