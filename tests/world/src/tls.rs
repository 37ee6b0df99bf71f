//! A private certificate authority, and servers that present its certificates.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};

/// An authority nobody knows but the test.
pub struct Authority {
    pem: String,
    der: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// A fresh one.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self {
            pem: certificate.pem(),
            der: certificate.der().clone(),
            issuer: Issuer::new(params, key),
        }
    }

    /// Its certificate in PEM, for a CA file.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for a server of this name and its key, in PEM.
    #[must_use]
    pub fn server(&self, name: &str) -> (String, String) {
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a valid name");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    /// A client certificate and its key, in PEM.
    #[must_use]
    pub fn client(&self, name: &str) -> (String, String) {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }
}

/// How a server presents itself: with a certificate for 127.0.0.1 and localhost, unless told otherwise.
pub struct Tls<'a> {
    authority: &'a Authority,
    names: Vec<String>,
    expired: bool,
    wants_client: bool,
}

impl<'a> Tls<'a> {
    /// A server certified by this authority.
    #[must_use]
    pub fn by(authority: &'a Authority) -> Self {
        Self {
            authority,
            names: vec!["127.0.0.1".to_owned(), "localhost".to_owned()],
            expired: false,
            wants_client: false,
        }
    }

    /// With a certificate for this name only.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.names = vec![name.to_owned()];
        self
    }

    /// With a certificate for these names and no others.
    #[must_use]
    pub fn for_hosts(mut self, names: &[&str]) -> Self {
        self.names = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// With a certificate that is no longer valid.
    #[must_use]
    pub fn expired(mut self) -> Self {
        self.expired = true;
        self
    }

    /// Lets only clients in that have a certificate by the same authority.
    #[must_use]
    pub fn for_certified_clients(mut self) -> Self {
        self.wants_client = true;
        self
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(self.names.clone()).expect("valid names");
        if self.expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let key = KeyPair::generate().expect("a key");
        let issuer = &self.authority.issuer;
        let certificate = params.signed_by(&key, issuer).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("TLS 1.2 and 1.3");
        let builder = if self.wants_client {
            let mut roots = RootCertStore::empty();
            roots.add(self.authority.der.clone()).expect("our own root");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .expect("a verifier");
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = builder
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a certificate that fits its key");
        Arc::new(config)
    }
}
