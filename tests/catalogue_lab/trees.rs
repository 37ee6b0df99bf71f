//! Vendors' trees that move, are renamed, or are left alone, and what vouches for nothing: the image stays as it is.

use world::Page;

use crate::build::Build;
use crate::disk::Original;
use crate::home::How;
use crate::operator::{Operator, text};
use crate::vendors::Mirror;

/// An operator who provides one image of the shipped catalogue, under a name and a version that no other test has.
struct Shop {
    operator: Operator,
    id: String,
}

impl Shop {
    /// With this build published and in the cloud.
    fn find(test: &str, build: &Build) -> Option<Self> {
        let mirror = || {
            let mut mirror = Mirror::new();
            mirror.publish([build.clone()]);
            mirror
        };
        let operator = Operator::find(test, mirror)?;
        let id = format!("{}-{}", build.family, build.release);
        let version = operator.mark.trim_start_matches('c').replace('-', ".");
        let text = format!(
            "catalogue: 1\nimages:\n  {id}: {{name: 'Shop {}', os_version: '{version}', provided_until: none}}\n",
            operator.mark
        );
        operator.file("shop.yaml", &text);
        let shop = Self { operator, id };
        shop.synced();
        Some(shop)
    }

    /// A run; its code and all that it said, on one line.
    fn sync(&self) -> (i32, String) {
        let run = self
            .operator
            .run(&["catalogue", "sync", "shop.yaml", "--only", &self.id]);
        let said = format!("{} {}", run.stdout, run.stderr);
        let flat: Vec<&str> = said.split_whitespace().collect();
        (run.code, flat.join(" "))
    }

    #[track_caller]
    fn synced(&self) -> String {
        let (code, said) = self.sync();
        assert_eq!(code, 0, "{said}");
        said
    }

    /// The next run changes nothing in the cloud, takes not even a lock, ends as an alarm, and says this.
    #[track_caller]
    fn frozen(&self, says: &str) {
        let before = self.operator.images();
        let (code, said) = self.sync();
        assert_eq!((code, self.operator.gate.writes()), (9, vec![]), "{said}");
        assert!(said.contains(says), "{says}: {said}");
        assert_eq!(self.operator.images(), before);
    }

    /// The same with another page in the place of this one, and then everything is as it should be again.
    #[track_caller]
    fn frozen_with(&mut self, at: &str, page: Page, says: &str) {
        self.operator.mirror.world.put(at, page);
        self.frozen(says);
        self.operator.mirror.show();
    }

    /// Publishes another build, and gives it.
    fn publish(&mut self, build: &Build, name: &str) -> Build {
        let new = Build {
            name: name.to_owned(),
            ..build.clone()
        };
        self.operator.mirror.publish([new.clone()]);
        new
    }

    /// The records of exactly these builds, the last of which has the name.
    #[track_caller]
    fn expect(&self, builds: &[&Build]) {
        let images = self.operator.images();
        assert_eq!(images.len(), builds.len(), "{images:#?}");
        for (index, build) in builds.iter().enumerate() {
            let mut all = images.iter();
            let image = all.find(|image| image["ectype_build"] == build.name);
            let image = image.unwrap_or_else(|| panic!("no {build:?} in {images:#?}"));
            let state = match index + 1 == builds.len() {
                true => "current",
                false => "old",
            };
            assert_eq!(text(image, "ectype_state"), state);
            assert_eq!(text(image, "image_source"), build.url());
        }
    }
}

/// E1: what a definition or a vendor lists is compared with the bytes themselves, by the vendor's algorithm (SHA-256),
/// which is not that of the cloud (SHA-512).
#[test]
fn a_listed_digest_is_compared_whatever_algorithm_the_cloud_has() {
    let test = "a_listed_digest_is_compared_whatever_algorithm_the_cloud_has";
    let old = Build::of("ubuntu", "24.04", "x86_64", "20260720");
    let Some(mut shop) = Shop::find(test, &old) else {
        return;
    };
    let new = shop.publish(&old, "20260801");
    let other = Original::make(shop.operator.mirror.home.path(), "another").bytes();
    let at = new.folder() + &new.file();
    shop.operator.mirror.put(&at, other);
    let before = shop.operator.images();
    let (code, said) = shop.sync();
    assert_eq!(code, 6, "{said}");
    assert!(said.contains("SHA256SUMS"), "{said}");
    assert_eq!(shop.operator.images(), before);
    assert!(shop.operator.locks().is_empty());
    // A digest of one's own that is not the vendor's stops the import before a byte is asked for.
    shop.operator.mirror.show();
    let pinned = format!(
        "catalogue: 1\nimages:\n  mine: {{name: 'Mine {0}', family: mine, release: '1', os_distro: ubuntu, os_version: \
         '{0}', login: ubuntu, min_disk: 3, min_ram: 512, replace_frequency: never, image_description: notes, evidence: \
         signed, original: {{url: '{1}', build: '1', date: 2026-08-01, digest: 'sha256:{2}'}}}}\n",
        shop.operator.mark,
        new.url(),
        "d".repeat(64)
    );
    shop.operator.file("shop.yaml", &pinned);
    shop.id = "mine".to_owned();
    shop.frozen("lists another sha256 digest than the one that is pinned");
}

/// E4: `latest` is never what an image is said to come from, and never enough.
#[test]
fn a_moving_name_is_resolved_to_the_build_that_it_stood_for() {
    let test = "a_moving_name_is_resolved_to_the_build_that_it_stood_for";
    let old = Build::of("almalinux", "9", "x86_64", "9.8-20260526");
    let Some(mut shop) = Shop::find(test, &old) else {
        return;
    };
    shop.expect(&[&old]);
    let major = "repo.almalinux.org/almalinux/9/cloud/x86_64/images/CHECKSUM";
    let alone = format!(
        "{}  AlmaLinux-9-GenericCloud-latest.x86_64.qcow2\n",
        "a".repeat(64)
    );
    shop.frozen_with(major, Page::bytes(alone), "lists no build of AlmaLinux");
    // The moving name stands for another build now, and the image still says what it was made from.
    let new = shop.publish(&old, "9.8-20260810");
    shop.synced();
    shop.expect(&[&old, &new]);
    let asked = shop.operator.mirror.world.requests();
    assert!(!asked.iter().any(|seen| seen.target.contains("latest")));
}

/// E11: the folder of a minor version goes into an archive, or is laid out in another way.
#[test]
fn a_minor_version_that_moves_away_takes_no_image_with_it() {
    let test = "a_minor_version_that_moves_away_takes_no_image_with_it";
    let old = Build::of("rocky", "9", "x86_64", "9.7-20251123.2");
    let Some(mut shop) = Shop::find(test, &old) else {
        return;
    };
    let sums = old.manifest_at();
    // The folder is still listed, and empty; or it leads into an archive, which is another host.
    shop.frozen_with(&sums, Page::status(404), "lists no build of Rocky Linux");
    let archive = "https://vault.example/rocky/9.7/images/x86_64/CHECKSUM";
    shop.frozen_with(&sums, Page::redirect(301, archive), "vault.example");
    // The folder is gone and that of the next minor version has no images yet.
    let listing = |rows: &str| {
        let text = format!("<html><body><pre>{rows}</pre></body></html>");
        Page::bytes(text)
    };
    let top = "dl.rockylinux.org/pub/rocky/";
    shop.frozen_with(top, listing("<a href=\"8/\">8/</a>\n"), "lists no build");
    let next = listing("<a href=\"9.8/\">9.8/</a>\n");
    shop.frozen_with(top, next, "lists no build");
    // It has them, where they belong, and the old ones are gone for good.
    let new = shop.publish(&old, "9.8-20260525.0");
    shop.operator.mirror.withdraw(&old);
    shop.synced();
    shop.expect(&[&old, &new]);
    let said = shop.synced();
    assert!(said.contains("nothing to do"), "{said}");
}

/// E12, E13: files that are called otherwise, and checksum files that cannot be found or understood.
#[test]
fn what_a_vendor_has_renamed_is_not_guessed_and_nothing_goes_unverified() {
    let test = "what_a_vendor_has_renamed_is_not_guessed_and_nothing_goes_unverified";
    let old = Build::of("fedora", "44", "x86_64", "44-1.6");
    let Some(mut shop) = Shop::find(test, &old) else {
        return;
    };
    let new = shop.publish(&old, "44-1.7");
    let mirror = &shop.operator.mirror;
    let releases = "fedoraproject.org/releases.json";
    let json = |link: &str| {
        let text = format!(
            "[{{\"version\": \"44\", \"arch\": \"x86_64\", \"link\": \"{link}\", \"variant\": \"Cloud\", \
             \"subvariant\": \"Cloud_Base\", \"sha256\": \"{}\", \"size\": \"5\"}}]",
            "a".repeat(64)
        );
        Page::bytes(text)
    };
    let link = new.url().replace("dl.fedora", "download.fedora");
    let renamed = json(&link.replace("Cloud-Base-Generic", "Cloud-Base"));
    let sums = new.manifest_at();
    let signed =
        |text: &str| Page::bytes(mirror.gpg.sign("fedora", How::Clear, text.as_bytes(), &[]));
    let digest = mirror.original(&new).sum("sha256sum");
    let other_name = signed(&format!("SHA256 (Fedora-Cloud-Base.qcow2) = {digest}\n"));
    let other_form = signed(&format!("{{\"{}\": \"{digest}\"}}\n", new.file()));
    shop.frozen_with(releases, renamed, "lists no build of Fedora");
    shop.frozen_with(&sums, other_name, "does not list");
    shop.frozen_with(&sums, other_form, "");
    // The checksum file itself is called otherwise.
    shop.frozen_with(&sums, Page::status(404), "");
    shop.expect(&[&old]);
    shop.synced();
    shop.expect(&[&old, &new]);
}

/// E16 (and E8): what is not pinned is no anchor, wherever it lies, and an expired key is none any more.
#[test]
fn a_key_that_lies_beside_the_files_or_has_expired_vouches_for_nothing() {
    let test = "a_key_that_lies_beside_the_files_or_has_expired_vouches_for_nothing";
    let old = Build::of("ubuntu", "24.04", "x86_64", "20260720");
    let Some(mut shop) = Shop::find(test, &old) else {
        return;
    };
    let new = shop.publish(&old, "20260801");
    let mirror = &mut shop.operator.mirror;
    // The vendor's new key, as far as anybody can tell by its place.
    let stranger = mirror.gpg.export("stranger");
    for name in ["RPM-GPG-KEY-ubuntu", "SHA256SUMS.key", "unpinned.gpg"] {
        mirror.put(&(new.folder() + name), stranger.clone());
    }
    mirror.sign_as(&new, "stranger");
    shop.frozen("not signed by a key of ubuntu");
    // A key of the user's that was good when it signed, and is so no longer.
    let mirror = &shop.operator.mirror;
    mirror
        .gpg
        .key("expired", "ed25519", "1y", Some("20230101T000000"));
    let file = mirror.config().join("keys/expired.gpg");
    std::fs::write(file, mirror.gpg.export("expired")).unwrap();
    let then = ["--faked-system-time=20230601T000000!"];
    let sums = mirror.page(&new.manifest_at());
    let signature = mirror.gpg.sign("expired", How::Armoured, &sums, &then);
    mirror.put(&new.signature_at(), signature);
    shop.frozen("has expired");
    shop.operator.mirror.show();
    shop.synced();
    shop.expect(&[&old, &new]);
}

/// E17: a feed that nobody renews any more says "nothing new" for ever.
#[test]
fn a_feed_that_was_left_alone_is_named_though_there_is_nothing_to_do() {
    let test = "a_feed_that_was_left_alone_is_named_though_there_is_nothing_to_do";
    let old = Build::of("ubuntu-minimal", "24.04", "x86_64", "20260717");
    let Some(mut shop) = Shop::find(test, &old) else {
        return;
    };
    let warning = "warning: ubuntu-minimal-24.04: the vendor's newest build is 20260717,";
    let said = shop.synced();
    assert!(said.contains(warning), "{said}");
    assert!(said.contains("nothing to do"), "{said}");
    assert_eq!(shop.operator.gate.writes(), []);
    shop.expect(&[&old]);
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let new = shop.publish(&old, &today.date().strftime("%Y%m%d").to_string());
    let said = shop.synced();
    assert!(!said.contains("warning:"), "{said}");
    shop.expect(&[&old, &new]);
}
