//! A qcow2 made on the way into a cloud: measured in a first pass, so that its size can be said ahead, and sent in a second.

use std::sync::Arc;

use delivery::Way;
use disk::Meter;
use disk::write::Image;

use super::origin::{self, From, Opened};
use super::way::Convert;
use super::{Work, spoilt};
use crate::command::convert::{Compress, Form, plain};
use crate::command::pass::widened;
use crate::failure::Failure;

impl Work<'_> {
    /// Measures the qcow2, if one is to be made, and opens the file again to make it.
    pub(super) async fn measured(
        &self,
        from: &From,
        opened: Opened,
        way: Way,
    ) -> Result<(Opened, Way), Failure> {
        if self.args.convert != Some(Convert::Qcow2) {
            return Ok((opened, way));
        }
        let compress = self.args.compress.unwrap_or(Compress::Zlib);
        let image = plain(Form::Qcow2, Some(compress))?;
        let Image::Qcow2(options) = image else {
            return Ok((opened, way));
        };
        let (meter, largest) = (Arc::<Meter>::default(), self.args.max_virtual_size);
        let label = format!("{} (measuring)", self.args.name);
        let task = self.context.progress.add(&label, Arc::clone(&meter));
        let cancel = &self.context.cancel;
        let measured = delivery::measure(opened.source, options, largest, &meter, cancel).await;
        drop(task);
        let measured = measured.map_err(|broken| spoilt(self.args, &broken))?;
        widened(self.context, image, measured.disk_size());
        let way = Way {
            disk: Some(measured.disk_size()),
            qcow2: Some(measured),
            ..way
        };
        let opened = origin::open(self.context, self.args, from).await?;
        Ok((opened, way))
    }
}
