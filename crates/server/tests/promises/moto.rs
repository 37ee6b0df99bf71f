//! Buckets of an object store that all tests share: moto's S3.

use std::sync::OnceLock;

use server::{Access, Bucket, S3};
use world::Moto;

/// An empty bucket of its own; nothing, and a line that says so, without `ECTYPE_TEST_MOTO`, the path of `moto_server`.
pub(crate) fn fresh(test: &str) -> Option<S3> {
    static SERVER: OnceLock<Option<Moto>> = OnceLock::new();
    let Some(server) = SERVER.get_or_init(Moto::start) else {
        eprintln!("skipped: {test} in an object store, for want of ECTYPE_TEST_MOTO");
        return None;
    };
    let bucket = Bucket {
        name: server.fresh(),
        prefix: "some/where".to_owned(),
        endpoint: Some(format!("http://{}", server.address())),
        region: Some("us-east-1".to_owned()),
        access: Some(Access {
            id: "id".to_owned(),
            secret: "secret".to_owned(),
        }),
    };
    Some(S3::new(&bucket).unwrap())
}
