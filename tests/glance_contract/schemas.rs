//! The schemas that clients build their models from, compared whole.

use crate::talk::Talk;
use crate::target::Who::{Member, Reader};

pub(crate) fn of_images(t: &Talk) {
    t.get(Member, "/v2/schemas/image");
    t.get(Member, "/v2/schemas/images");
    t.get(Reader, "/v2/schemas/image").expect(200);
}

pub(crate) fn of_members_and_tasks(t: &Talk) {
    for name in ["member", "members", "task", "tasks", "nonsense"] {
        t.get(Member, &format!("/v2/schemas/{name}"));
    }
}

pub(crate) fn of_metadata_definitions(t: &Talk) {
    for name in [
        "namespace", "namespaces", "resource_type", "resource_types", "property", "properties", "object", "objects", "tag", "tags",
        "nonsense",
    ] {
        t.get(Member, &format!("/v2/schemas/metadefs/{name}"));
    }
}
