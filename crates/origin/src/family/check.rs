//! What a family file must be beyond its form, so that it fails when it is read and not in the middle of the work.

use std::collections::BTreeSet;

use super::error::Wrong;
use super::template::compile;
use super::{Arch, Family, Template};

/// Checks a family. Answers what is wrong first.
pub(super) fn family(family: &Family) -> Result<(), Wrong> {
    names(family)?;
    hosts(family)?;
    for (name, pattern) in &family.fields {
        compile(&format!("^(?:{pattern})$"))
            .map_err(|why| wrong(name, format!("the pattern of `{name}` is none: {why}")))?;
    }
    gaps(family)?;
    for (file, digest) in &family.pinned {
        super::digest(digest).ok_or_else(|| {
            let what = format!("the digest of `{file}` is neither `sha256:…` nor `sha512:…`");
            wrong(file, what)
        })?;
    }
    Ok(())
}

fn names(family: &Family) -> Result<(), Wrong> {
    let good = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if !good(&family.family) {
        let what = "a family's name has small letters, digits and `-` only";
        return Err(wrong("family:", what.to_owned()));
    }
    if family.architectures.is_empty() || family.find.is_empty() {
        let what = "`architectures` and `find` must not be empty";
        return Err(wrong("", what.to_owned()));
    }
    for (ours, arch) in &family.architectures {
        if matches!(arch, Arch::Several(fields) if !fields.contains_key("arch")) {
            return Err(wrong(ours, format!("`{ours}` has no value for `arch`")));
        }
    }
    Ok(())
}

fn hosts(family: &Family) -> Result<(), Wrong> {
    if family.base.scheme() != "https" || !family.base.path().ends_with('/') {
        let what = "`base` has to be an https URL that ends with `/`";
        return Err(wrong("base:", what.to_owned()));
    }
    if !family.publishes(&family.base) {
        let what = "the host of `base` is not one of `hosts`";
        return Err(wrong("base:", what.to_owned()));
    }
    let placed = family
        .find
        .iter()
        .map(|step| &step.at)
        .chain([&family.url])
        .chain(&family.manifest);
    for template in placed {
        let text = template.to_string();
        let own = text.starts_with("{base}")
            || text.starts_with("{url}")
            || family
                .hosts
                .iter()
                .any(|host| text.starts_with(&format!("https://{host}/")));
        if !own {
            let what = format!("`{text}` is not at `{{base}}` or one of `hosts` over https");
            return Err(wrong(&text, what));
        }
    }
    Ok(())
}

/// Every gap has a value by the time it is needed.
fn gaps(family: &Family) -> Result<(), Wrong> {
    let mut known: BTreeSet<&str> = BTreeSet::from(["base"]);
    let arches = family.architectures.values();
    for arch in arches {
        match arch {
            Arch::One(_) => known.extend(["arch"]),
            Arch::Several(fields) => known.extend(fields.keys().map(String::as_str)),
        }
    }
    if family.releases.is_empty() {
        let first = family.find.first();
        if !first.is_some_and(|step| step.entry.gaps().any(|gap| gap == "release")) {
            let what = "without `releases` the first `entry` has to hold `{release}`";
            return Err(wrong("find:", what.to_owned()));
        }
    } else {
        known.insert("release");
        if family.releases.iter().all(|one| one.codename.is_some()) {
            known.insert("codename");
        }
    }
    for step in &family.find {
        filled(&step.at, &known)?;
        for gap in step.entry.gaps() {
            if !known.contains(gap) && !family.fields.contains_key(gap) {
                let what = format!("`{{{gap}}}` has neither a value yet nor a pattern in `fields`");
                return Err(wrong(&step.entry.to_string(), what));
            }
        }
        known.extend(step.entry.gaps());
    }
    filled(&family.build, &known)?;
    known.insert("build");
    filled(&family.url, &known)?;
    known.extend(["file", "url"]);
    let last = family.manifest.iter().chain(&family.raw);
    last.chain(&family.keys)
        .chain(&family.image.os_version)
        .try_for_each(|template| filled(template, &known))
}

fn filled(template: &Template, known: &BTreeSet<&str>) -> Result<(), Wrong> {
    match template.gaps().find(|gap| !known.contains(gap)) {
        None => Ok(()),
        Some(gap) => Err(wrong(
            &template.to_string(),
            format!("`{{{gap}}}` has no value yet"),
        )),
    }
}

fn wrong(near: &str, message: String) -> Wrong {
    Wrong {
        near: near.to_owned(),
        message,
    }
}
