//! What the files say about one cloud: vendor profile, clouds.yaml, secure.yaml and region laid over each other.

use super::document::{Region, Section};
use super::files::{Files, Kind, Loaded, search};
use super::layer::{Layer, cover, from_section};
use super::setting::{Origin, Setting};
use super::{Sources, Warning};
use crate::Error;

/// A region that a cloud offers, and what it says differently.
struct Offer {
    name: String,
    layer: Layer,
}

/// The settings of a cloud, lowest source first, for the wanted region or else the first one listed.
pub(crate) fn layer(
    sources: &Sources,
    files: &Files,
    name: &str,
    wanted: Option<&Setting>,
    warnings: &mut Vec<Warning>,
) -> Result<Layer, Error> {
    let sections = files.sections(name);
    let mut layer = Layer::new();
    let mut offers = Vec::new();
    if let Some((file, section, profile)) = profile(sources, name, &sections, warnings)? {
        let profile = format!("profile {profile}");
        layer = from_section(&section, &file, &profile);
        offers = offered(&section.regions, &file, &profile);
    }
    for (file, section) in &sections {
        let own = from_section(section, file, name);
        if !section.regions.is_empty() || own.contains_key("region_name") {
            offers = offered(&section.regions, file, name);
        }
        cover(&mut layer, own);
    }
    let listed: Vec<&str> = match layer.get("region_name") {
        Some(only) if offers.is_empty() => vec![only.value.expose()],
        _ => offers.iter().map(|offer| offer.name.as_str()).collect(),
    };
    if let Some(wanted) = wanted
        && !listed.is_empty()
        && !listed.contains(&wanted.value.expose())
    {
        let (region, origin) = (wanted.value.expose(), &wanted.origin);
        let message =
            format!("{origin} asks for region `{region}`, which cloud `{name}` does not list");
        return Err(Error::config(message).detail(format!("it lists   {}", listed.join(", "))));
    }
    let wanted = wanted.map(|wanted| wanted.value.expose());
    let chosen = offers
        .into_iter()
        .find(|offer| wanted.is_none_or(|name| name == offer.name));
    cover(
        &mut layer,
        chosen.map(|offer| offer.layer).unwrap_or_default(),
    );
    Ok(layer)
}

/// The regions of a section with their settings.
fn offered(regions: &[Region], file: &Loaded, cloud: &str) -> Vec<Offer> {
    let offer = |region: &Region| {
        let mut layer = from_section(&region.values, file, cloud);
        let origin = Origin::File {
            path: file.path.clone(),
            label: file.label.clone(),
            cloud: cloud.to_owned(),
            key: "regions".to_owned(),
            line: Some(region.line).filter(|line| *line > 0),
        };
        layer.insert("region_name", Setting::new(region.name.clone(), origin));
        Offer {
            name: region.name.clone(),
            layer,
        }
    };
    regions.iter().map(offer).collect()
}

/// The vendor profile of a cloud, from clouds-public.yaml.
fn profile(
    sources: &Sources,
    cloud: &str,
    sections: &[(&Loaded, &Section)],
    warnings: &mut Vec<Warning>,
) -> Result<Option<(Loaded, Section, String)>, Error> {
    let named = sections
        .iter()
        .rev()
        .find_map(|(_, section)| section.profile.as_ref());
    let Some(profile) = named.map(|entry| entry.value.expose().to_owned()) else {
        return Ok(None);
    };
    let public = search(sources, Kind::Public)?;
    if let Some(file) = public.loaded
        && let Some(section) = file.document.profiles.get(&profile).cloned()
    {
        return Ok(Some((file, section, profile)));
    }
    warnings.push(Warning(format!(
        "cloud `{cloud}` names the vendor profile `{profile}`, which no clouds-public.yaml describes; there are none built in"
    )));
    Ok(None)
}
