//! The settings given their types: address, log-in, scope, service, transport. What is missing is told all at once.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use url::Url;

use super::choose::Source;
use super::files::expand;
use super::layer::Layer;
use super::setting::{Origin, Setting};
use super::{Sources, Warning};
use crate::Error;

mod login;
mod scope;

pub(crate) use login::{Login, NameOrId};
pub(crate) use scope::{DomainRef, ScopeRef};

/// A connection, typed.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) auth_url: Url,
    pub(crate) login: Login,
    pub(crate) scope: ScopeRef,
    pub(crate) region: Option<String>,
    /// Interfaces in order of preference.
    pub(crate) interfaces: Vec<String>,
    pub(crate) image_endpoint: Option<Url>,
    pub(crate) tls: Tls,
}

/// How the other side is known, and how we are.
#[derive(Clone, Debug)]
pub(crate) struct Tls {
    pub(crate) verify: bool,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) client_cert: Option<(PathBuf, Option<PathBuf>)>,
}

impl fmt::Debug for Connection {
    /// Without secrets: an address may hold a password, too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("auth_url", &without_userinfo(self.auth_url.as_str()))
            .field("login", &self.login.kind())
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Whether a token was given that is used as it is: there is nothing to renew it with.
    pub(crate) fn as_is(&self) -> bool {
        matches!(
            (&self.login, &self.scope),
            (Login::Token(_), ScopeRef::Unsaid)
        )
    }

    /// Types the settings, adds defaults to `layer`, and collects what is worth a warning.
    pub(crate) fn new(
        sources: &Sources,
        source: &Source,
        layer: &mut Layer,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Error> {
        versions(layer)?;
        for (name, value) in [("interface", "public"), ("verify", "true")] {
            let said =
                layer.contains_key(name) || (name == "verify" && layer.contains_key("insecure"));
            if !said {
                layer.insert(name, Setting::new(value, Origin::Default));
            }
        }
        fill_regions(layer);
        scope::spread_domains(layer);
        let kind = login::kind(layer)?;
        let missing = login::missing(kind, layer);
        if !missing.is_empty() {
            let error = Error::missing(source, &missing);
            return Err(warnings
                .iter()
                .fold(error, |error, warning| error.detail(warning.to_string())));
        }
        let auth_url =
            url(layer, "auth_url")?.ok_or_else(|| Error::missing(source, &["auth_url"]))?;
        if auth_url.path().trim_end_matches('/').ends_with("/v2.0") {
            let origin = origin(layer, "auth_url");
            return Err(Error::config(format!(
                "auth_url ({origin}) is an address of identity v2, which is not supported"
            ))
            .with_hint("leave out `/v2.0`, or write `/v3` instead"));
        }
        let login = Login::new(kind, layer)?;
        let scope = ScopeRef::new(kind, layer, warnings)?;
        let interface = text(layer, "image_interface")
            .or_else(|| text(layer, "interface"))
            .unwrap_or("public");
        Ok(Self {
            auth_url,
            login,
            scope,
            region: text(layer, "image_region_name")
                .or_else(|| text(layer, "region_name"))
                .map(ToOwned::to_owned),
            interfaces: interfaces(interface),
            image_endpoint: url(layer, "image_endpoint_override")?,
            tls: tls(sources, layer, warnings)?,
        })
    }
}

/// The text of a setting.
pub(crate) fn text<'a>(layer: &'a Layer, name: &str) -> Option<&'a str> {
    layer.get(name).map(|setting| setting.value.expose())
}

pub(crate) fn secret(layer: &Layer, name: &str) -> Option<SecretString> {
    layer.get(name).map(|setting| setting.value.secret())
}

/// Where a setting came from, for messages.
pub(crate) fn origin(layer: &Layer, name: &str) -> String {
    layer
        .get(name)
        .map(|setting| setting.origin.to_string())
        .unwrap_or_default()
}

/// Only identity v3 and image v2 are spoken.
fn versions(layer: &Layer) -> Result<(), Error> {
    for (name, major, service) in [
        ("identity_api_version", "3", "identity"),
        ("image_api_version", "2", "image"),
    ] {
        if let Some(version) = text(layer, name) {
            let asked = version.trim_start_matches('v');
            if asked.split('.').next() != Some(major) {
                let origin = origin(layer, name);
                return Err(Error::config(format!(
                    "{name} is `{version}` ({origin}), but only {service} v{major} is spoken"
                )));
            }
        }
    }
    Ok(())
}

/// `{region_name}` in an address stands for the region, as in openstacksdk.
fn fill_regions(layer: &mut Layer) {
    let region = text(layer, "region_name").unwrap_or_default().to_owned();
    for name in ["auth_url", "image_endpoint_override"] {
        if let Some(setting) = layer.get_mut(name)
            && setting.value.expose().contains("{region_name}")
        {
            let filled = setting.value.expose().replace("{region_name}", &region);
            *setting = Setting::new(filled, setting.origin.clone());
        }
    }
}

/// An address.
fn url(layer: &Layer, name: &str) -> Result<Option<Url>, Error> {
    let Some(written) = text(layer, name) else {
        return Ok(None);
    };
    let origin = origin(layer, name);
    let wrong = |why: &str| {
        Error::config(format!(
            "{name} ({origin}) is no address: {why}: `{}`",
            without_userinfo(written)
        ))
    };
    let url = Url::parse(written.trim()).map_err(|error| wrong(&error.to_string()))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(Some(url)),
        _ => Err(wrong("it must begin with https:// or http://")),
    }
}

/// Interfaces in order of preference, in the catalogue's spelling (`publicURL` is an old one).
fn interfaces(written: &str) -> Vec<String> {
    let words = written
        .split(',')
        .map(|word| word.trim().trim_end_matches("URL").to_lowercase());
    words.filter(|word| !word.is_empty()).collect()
}

/// Certificates: `insecure` is the strongest word, as in openstacksdk.
fn tls(sources: &Sources, layer: &Layer, warnings: &mut Vec<Warning>) -> Result<Tls, Error> {
    let insecure = boolean(layer, "insecure")?.unwrap_or(false);
    let verify = boolean(layer, "verify")?.unwrap_or(true) && !insecure;
    let path = |name: &str| {
        text(layer, name).map(|path| sources.current_dir.join(expand(sources, Path::new(path))))
    };
    let (mut ca_file, cert, key) = (path("cacert"), path("cert"), path("key"));
    for (name, file) in [("cacert", &ca_file), ("cert", &cert), ("key", &key)] {
        if let Some(file) = file
            && !file.is_file()
        {
            let origin = origin(layer, name);
            return Err(Error::config(format!(
                "{name} ({origin}) names {}, which is no file",
                file.display()
            )));
        }
    }
    if !verify {
        let by = if insecure { "insecure" } else { "verify" };
        let origin = origin(layer, by);
        warnings.push(Warning(format!(
            "the server's certificate is not checked ({by}, {origin})"
        )));
        ca_file = None;
    }
    Ok(Tls {
        verify,
        ca_file,
        client_cert: cert.map(|cert| (cert, key)),
    })
}

/// A yes or no in any of the spellings that YAML and shells know.
fn boolean(layer: &Layer, name: &str) -> Result<Option<bool>, Error> {
    let Some(written) = text(layer, name) else {
        return Ok(None);
    };
    match written.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "y" => Ok(Some(true)),
        "false" | "no" | "off" | "0" | "n" => Ok(Some(false)),
        _ => Err(Error::config(format!(
            "{name} ({}) is `{written}`, neither true nor false",
            origin(layer, name)
        ))),
    }
}

/// An address without a user's name and password in it. Other texts come back as they are.
pub(crate) fn without_userinfo(text: &str) -> String {
    match Url::parse(text) {
        Ok(mut url)
            if url.password().is_some() || (!url.username().is_empty() && url.has_host()) =>
        {
            let cleared = url.set_username("").and_then(|()| url.set_password(None));
            if cleared.is_ok() {
                url.to_string()
            } else {
                "***".to_owned()
            }
        }
        _ => text.to_owned(),
    }
}
