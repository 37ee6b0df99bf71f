//! Rot is found, named with the images that it hurts, and repaired by the right bytes.

use std::io::{Seek as _, SeekFrom, Write as _};

use crate::rig::{Rig, noise, stored, sum};

#[tokio::test]
async fn a_flipped_bit_a_cut_and_a_loss_are_found_and_repaired() {
    let rig = Rig::plain().await;
    let contents: Vec<Vec<u8>> = (0..4).map(|seed| noise(seed, 300_000)).collect();
    let mut ids = Vec::new();
    for bytes in &contents {
        ids.push(rig.active(bytes).await);
    }
    let sharing = rig.active(&contents[0]).await;
    assert!(rig.service.scrub(|_, _| {}).await.unwrap().rot.is_empty());

    let files: Vec<_> = contents
        .iter()
        .map(|bytes| stored(&rig, &sum("sha512sum", bytes)))
        .collect();
    let mut file = std::fs::File::options()
        .write(true)
        .open(&files[0])
        .unwrap();
    file.seek(SeekFrom::Start(150_000)).unwrap();
    file.write_all(&[contents[0][150_000] ^ 1]).unwrap();
    let cut = std::fs::File::options()
        .write(true)
        .open(&files[1])
        .unwrap();
    cut.set_len(299_999).unwrap();
    std::fs::remove_file(&files[2]).unwrap();

    let found = rig.service.scrub(|_, _| {}).await.unwrap();
    assert_eq!(found.blobs, 4);
    assert_eq!(found.rot.len(), 3);
    let of = |at: usize| {
        let hash = sum("sha512sum", &contents[at]);
        found.rot.iter().find(|rot| rot.hash == hash).unwrap()
    };
    assert!(of(0).finding.starts_with("other bytes"), "{:?}", of(0));
    let mut hurt = vec![ids[0].clone(), sharing.clone()];
    hurt.sort();
    assert_eq!(of(0).images, hurt);
    assert_eq!(of(1).finding, "299999 bytes instead of 300000");
    assert_eq!(of(2).finding, "missing");

    // The right bytes, uploaded to any image, make all whole.
    for bytes in &contents[..3] {
        rig.active(bytes).await;
    }
    assert!(rig.service.scrub(|_, _| {}).await.unwrap().rot.is_empty());
    for (id, bytes) in ids.iter().zip(&contents) {
        assert!(rig.down(id).await.expect(200).body == *bytes);
    }
    assert!(rig.down(&sharing).await.expect(200).body == contents[0]);
}

#[tokio::test]
async fn every_store_can_be_read_through() {
    for rig in Rig::every("a scrub").await {
        rig.active(&noise(9, 20_000)).await;
        rig.active(b"").await;
        let found = rig.service.scrub(|_, _| {}).await.unwrap();
        assert_eq!((found.blobs, found.bytes), (2, 20_000));
        assert!(found.rot.is_empty(), "{found:?}");
    }
}
