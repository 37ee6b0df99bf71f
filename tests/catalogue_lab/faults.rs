//! What goes wrong at vendors: nothing in the cloud is written, the image stays as it is, and the alarm says why.

use world::Page;

use crate::build::Build;
use crate::disk::Original;
use crate::one::{One, debian};
use crate::operator::Operator;
use crate::vendors::Mirror;

/// The next run changes nothing in the cloud, ends as an alarm or a failure, and says this.
#[track_caller]
fn refused(one: &One, code: i32, says: &str) {
    let before = one.operator.images();
    let run = one.sync();
    let said = format!("{}{}", run.stdout, run.stderr);
    let flat: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(run.code, code, "{said}");
    assert!(flat.contains(says), "{says}: {said}");
    assert_eq!(one.operator.images(), before);
}

/// The same, and there was not even a lock.
#[track_caller]
fn frozen(one: &One, says: &str) {
    refused(one, 9, says);
    assert_eq!(one.operator.gate.writes(), []);
}

fn listing() -> &'static str {
    "cloud.debian.org/images/cloud/trixie/"
}

/// Another page in the place of this one, then everything as it should be.
#[track_caller]
fn with(one: &mut One, at: &str, page: Page, says: &str) {
    one.operator.mirror.world.put(at, page);
    frozen(one, says);
    one.operator.mirror.show();
}

#[test]
fn a_vendor_whose_pages_fail_or_lie_changes_nothing_in_the_cloud() {
    let test = "a_vendor_whose_pages_fail_or_lie_changes_nothing_in_the_cloud";
    let Some(mut one) = One::find(test) else {
        return;
    };
    one.synced();
    let new = one.publish(1);
    let (sums, name) = (new.manifest_at(), new.file());
    // E2: a failed look is not "gone", and a page of HTML is no checksum file.
    with(&mut one, listing(), Page::status(403), "403");
    with(&mut one, listing(), Page::status(500), "500");
    with(
        &mut one,
        &sums,
        Page::bytes(*b"<html><body>Sign in</body></html>"),
        "could not be found out",
    );
    // E9, E10: the folder is there and its checksum file is not, or everything was wiped.
    with(
        &mut one,
        listing(),
        Page::bytes(*b"<html><pre></pre></html>"),
        "could not be found out",
    );
    // E15: two lines that contradict each other.
    let twice = format!("{}  {name}\n{}  {name}\n", "a".repeat(128), "b".repeat(128));
    with(&mut one, &sums, Page::bytes(twice), "two different digests");
    // E3, E6: a digest without a name: the new folder is one that is just being filled, and the build before it counts.
    one.operator.mirror.put(&sums, "a".repeat(128));
    refused(&one, 0, "nothing to do");
    one.operator.mirror.show();
    // Upstream that goes backwards.
    one.synced();
    one.expect(&[debian(0), debian(1)], true);
    one.operator.mirror.withdraw(&new);
    frozen(&one, "older");
    one.operator.mirror.publish([new.clone()]);
    one.synced();
    assert_eq!(one.operator.gate.writes(), []);
    // E14: the digest of what was published is not what it was.
    let other = format!("{}  {name}\n", "c".repeat(128));
    with(&mut one, &sums, Page::bytes(other), "digest");
    one.expect(&[debian(0), debian(1)], true);
}

#[test]
fn an_image_that_is_not_what_its_vendor_lists_is_never_seen_in_the_cloud() {
    let test = "an_image_that_is_not_what_its_vendor_lists_is_never_seen_in_the_cloud";
    let Some(mut one) = One::find(test) else {
        return;
    };
    one.synced();
    let new = one.publish(1);
    let at = new.folder() + &new.file();
    // E5: the checksum file is ahead of the image. The two are well formed; only the bytes are of another build.
    let behind = Original::make(one.operator.mirror.home.path(), "behind").bytes();
    one.operator.mirror.put(&at, behind);
    refused(&one, 6, "SHA512SUMS");
    // Cut off for good, and gone.
    let whole = Page::bytes(one.operator.mirror.original(&new).bytes());
    let cut = whole.clone().cut_after(300_000).without_ranges();
    one.operator.mirror.world.put(&at, cut);
    refused(&one, 7, "");
    one.operator.mirror.world.put(&at, Page::status(404));
    refused(&one, 5, "404");
    one.expect(&[debian(0)], true);
    // The race is over.
    one.operator.mirror.show();
    one.synced();
    one.expect(&[debian(0), debian(1)], true);
}

/// An operator who provides Ubuntu 24.04, which is signed.
fn ubuntu(test: &str) -> Option<(Operator, Build)> {
    let build = Build::of("ubuntu", "24.04", "x86_64", "20260720");
    let mirror = || {
        let mut mirror = Mirror::new();
        mirror.publish([build.clone()]);
        mirror
    };
    let operator = Operator::find(test, mirror)?;
    let version = operator.mark.trim_start_matches('c').replace('-', ".");
    let text = format!(
        "catalogue: 1\nimages:\n  ubuntu-24.04: {{name: 'Ubuntu {}', os_version: '{version}', provided_until: none}}\n",
        operator.mark
    );
    operator.file("ubuntu.yaml", &text);
    Some((operator, build))
}

#[test]
fn a_bad_foreign_missing_or_revoked_signature_changes_nothing_in_the_cloud() {
    let test = "a_bad_foreign_missing_or_revoked_signature_changes_nothing_in_the_cloud";
    let Some((mut operator, _)) = ubuntu(test) else {
        return;
    };
    let sync = ["catalogue", "sync", "ubuntu.yaml", "--only", "ubuntu-24.04"];
    let first = operator.run(&sync);
    assert_eq!(first.code, 0, "{}{}", first.stdout, first.stderr);
    let before = operator.images();
    let new = Build::of("ubuntu", "24.04", "x86_64", "20260801");
    operator.mirror.publish([new.clone()]);
    let frozen = |operator: &Operator, says: &str| {
        let run = operator.run(&sync);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert_eq!((run.code, operator.gate.writes()), (9, vec![]), "{said}");
        let flat: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(says), "{says}: {said}");
        assert_eq!(operator.images(), before);
    };
    operator.mirror.sign_as(&new, "stranger");
    frozen(&operator, "not signed by a key of ubuntu");
    // E7: the checksum file was written anew, and its signature was not.
    let old = operator.mirror.signed("ubuntu", b"something else");
    operator.mirror.put(&new.signature_at(), old);
    frozen(&operator, "not good");
    // E9: not on this server of the pool.
    operator.mirror.world.remove(&new.signature_at());
    frozen(&operator, "signs its checksum files");
    // E8: the vendor's key is no longer one that may be trusted.
    operator.mirror.show();
    operator.mirror.revoke("ubuntu");
    frozen(&operator, "revoked");
}
