//! A first pass that measures the qcow2 which a second one makes on the way, so that its size can be said ahead.

use std::sync::Arc;

use disk::write::{Workers, qcow2};
use disk::{Cancel, Ends, Layer, Meter, Output, Source, Wanted};

use crate::Broken;

/// Reads the disk in `source` and measures the qcow2 that is made of it; for [`crate::Way::qcow2`].
///
/// # Errors
/// The file cannot be read.
pub async fn measure(
    source: Source,
    options: qcow2::Options,
    max_virtual_size: Option<u64>,
    meter: &Arc<Meter>,
    cancel: &Cancel,
) -> Result<Arc<qcow2::Plan>, Broken> {
    let (sink, measured) = qcow2::measure(options, Workers::Cores);
    let ends = Ends {
        stored: None,
        output: Some(Output {
            sink,
            layer: Layer::Disk,
        }),
    };
    let wanted = Wanted {
        max_virtual_size,
        ..Wanted::default()
    };
    let (meter, cancel) = (Arc::clone(meter), cancel.clone());
    let pass = tokio::task::spawn_blocking(move || {
        let mut reading = disk::read(source, &wanted, ends, &meter, &cancel)?;
        let finished = reading.sink.take().map(disk::Sink::finish).transpose();
        finished.map_err(|source| disk::Error::Output { source })
    });
    let passed = pass
        .await
        .map_err(|error| Broken::Crashed(error.to_string()))?;
    passed.map_err(|error| Broken::of(&error))?;
    let plan = measured.plan();
    plan.ok_or_else(|| Broken::Crashed("nothing was measured".to_owned()))
}
