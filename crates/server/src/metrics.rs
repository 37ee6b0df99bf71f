//! What the service counts, in the text form that Prometheus reads.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::records::images;
use crate::refused::Refused;
use crate::service::Service;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    method: &'static str,
    status: u16,
}

/// The counters; clones are the same ones.
#[derive(Clone, Default)]
pub(crate) struct Metrics {
    answers: Family<Answer, Counter>,
    /// Bytes of images that were sent to clients.
    pub(crate) sent: Counter,
    /// Bytes of images that were stored.
    pub(crate) stored: Counter,
    /// Uploads and imports that were refused or failed.
    pub(crate) refused: Counter,
}

impl Metrics {
    pub(crate) fn answered(&self, method: &http::Method, status: u16) {
        // Any word can come as a method, and each would be a new line.
        let known = ["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD"];
        let method = known.into_iter().find(|known| method == known);
        let method = method.unwrap_or("other");
        self.answers.get_or_create(&Answer { method, status }).inc();
    }
}

/// How long answers took, in seconds: from a millisecond to about half an hour.
pub(crate) fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 4.0, 11))
}

impl Service {
    /// Everything that is counted.
    pub(crate) async fn metrics(&self) -> Result<String, Refused> {
        let totals = images::totals(&self.pool).await?;
        let mut registry = Registry::with_prefix("ectype");
        let own = &self.metrics;
        registry.register(
            "answers",
            "Answers by method and status",
            own.answers.clone(),
        );
        registry.register(
            "answer_seconds",
            "How long answers took",
            self.seconds.clone(),
        );
        registry.register(
            "sent_bytes",
            "Bytes of images sent to clients",
            own.sent.clone(),
        );
        registry.register(
            "stored_bytes",
            "Bytes of images taken in",
            own.stored.clone(),
        );
        registry.register(
            "refused_uploads",
            "Uploads and imports without success",
            own.refused.clone(),
        );
        for (name, help, value) in [
            ("images", "Images", totals.images),
            ("images_active", "Images with data", totals.active),
            ("images_bytes", "Bytes of all images", totals.bytes),
            ("blobs", "Different contents in the store", totals.blobs),
            (
                "blobs_bytes",
                "Bytes of the different contents",
                totals.blob_bytes,
            ),
            (
                "blobs_damaged",
                "Contents that the last scrub found damaged",
                totals.damaged,
            ),
        ] {
            let gauge: Gauge = Gauge::default();
            gauge.set(value);
            registry.register(name, help, gauge);
        }
        let mut text = String::new();
        encode(&mut text, &registry).map_err(|error| Refused::failed(&error))?;
        Ok(text)
    }
}
