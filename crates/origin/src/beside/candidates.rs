//! Where vendors put their checksum files, in the order in which it is worth looking.

use crate::Address;
use crate::manifest::Role;

/// A place worth looking at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where.
    pub address: Address,
    /// What a checksum file of that name speaks of.
    pub role: Role,
}

/// A name: of its own, or made from the original's.
#[derive(Clone, Copy)]
enum Name {
    /// Beside the original.
    Own(&'static str),
    /// The original's name with this ending.
    Ending(&'static str),
}

use Name::{Ending, Own};

/// The usual names, strongest and likeliest first; those of MD5 and SHA-1 at the end.
const NAMES: [Name; 23] = [
    Own("SHA512SUMS"),      // Debian
    Own("SHA256SUMS"),      // Ubuntu
    Ending(".CHECKSUM"),    // Rocky
    Own("CHECKSUM"),        // AlmaLinux, CentOS
    Ending(".sha512"),      // Alpine
    Ending(".sha256"),      // openSUSE
    Ending(".SHA256"),      // Arch
    Ending(".SHA512"),      //
    Ending(".sha512sum"),   //
    Ending(".sha256sum"),   //
    Ending(".SHA256SUM"),   // CentOS Stream
    Ending(".DIGESTS"),     // Flatcar
    Own("CHECKSUM.SHA512"), // FreeBSD
    Own("CHECKSUM.SHA256"), //
    Own("sha512sum.txt"),   //
    Own("sha256sum.txt"),   // CentOS 7
    Own("SHA512SUM"),       //
    Own("SHA256SUM"),       //
    Own("SHA1SUMS"),        //
    Own("MD5SUMS"),         // CirrOS
    Ending(".md5"),         //
    Ending(".md5sum"),      //
    Own("md5sum.txt"),      //
];

/// What a family is known to publish, by the beginning of its images' names.
const KNOWN: [(&str, Name); 7] = [
    ("debian-", Own("SHA512SUMS")),
    ("Rocky-", Ending(".CHECKSUM")),
    ("AlmaLinux-", Own("CHECKSUM")),
    ("CentOS-Stream-", Own("CHECKSUM")),
    ("openSUSE-", Ending(".sha256")),
    ("Leap-", Ending(".sha256")),
    ("cirros-", Own("MD5SUMS")),
];

/// The places where a checksum file for `original` may lie. What its family is known to publish comes first, except
/// that MD5 and SHA-1 always come last.
#[must_use]
pub fn candidates(original: &Address) -> Vec<Candidate> {
    let name = original.name();
    let mut places: Vec<Candidate> = Vec::new();
    let mut add = |address: Option<Address>, role| {
        if let Some(address) = address.filter(|a| places.iter().all(|p| p.address != *a)) {
            places.push(Candidate { address, role });
        }
    };
    if name.is_empty() {
        return places;
    }
    for own in fedora(&name) {
        add(original.sibling(&own), Role::Directory);
    }
    let known = KNOWN
        .iter()
        .filter(|(start, _)| name.starts_with(start))
        .map(|(_, name)| *name);
    for name in known.filter(|name| !is_weak(*name)).chain(NAMES) {
        match name {
            Own(own) => add(original.sibling(own), Role::Directory),
            Ending(ending) => add(original.with_ending(ending), Role::OneFile),
        }
    }
    places
}

fn is_weak(name: Name) -> bool {
    let (Own(text) | Ending(text)) = name;
    let text = text.to_ascii_lowercase();
    text.contains("md5") || text.contains("sha1")
}

/// The names of Fedora's checksum files, which are named after the compose:
/// `Fedora-Cloud-Base-Generic-44-1.7.x86_64.qcow2` → `Fedora-Cloud-44-1.7-x86_64-CHECKSUM`. Until release 40 the
/// architecture stood before the version.
fn fedora(name: &str) -> Vec<String> {
    let parsed = || {
        let rest = name.strip_prefix("Fedora-Cloud-")?;
        let arch = ["x86_64", "aarch64", "ppc64le", "s390x", "riscv64", "armhfp"]
            .into_iter()
            .find(|arch| rest.contains(&format!(".{arch}")))?;
        let rest = rest.replacen(&format!(".{arch}"), "", 1);
        let end = [".qcow2", ".raw", ".vhd", ".tar", ".vagrant", ".box"]
            .iter()
            .filter_map(|e| rest.find(e))
            .min()?;
        let mut parts = rest.get(..end)?.rsplit('-');
        let (compose, version) = (parts.next()?, parts.next()?);
        version
            .starts_with(|c: char| c.is_ascii_digit())
            .then(|| format!("{version}-{compose}-{arch}"))
    };
    let Some(build) = parsed() else {
        return Vec::new();
    };
    vec![
        format!("Fedora-Cloud-{build}-CHECKSUM"),
        format!("Fedora-Cloud-images-{build}-CHECKSUM"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(url: &str) -> String {
        candidates(&Address::typed(url).unwrap())
            .first()
            .unwrap()
            .address
            .name()
    }

    #[test]
    fn each_family_s_own_checksum_file_is_looked_at_first() {
        for (url, expected) in [
            (
                "https://h/trixie/20260712-2537/debian-13-genericcloud-amd64-20260712-2537.qcow2",
                "SHA512SUMS",
            ),
            (
                "https://h/Rocky-9-GenericCloud.latest.x86_64.qcow2",
                "Rocky-9-GenericCloud.latest.x86_64.qcow2.CHECKSUM",
            ),
            (
                "https://h/AlmaLinux-9-GenericCloud-9.8-20260526.x86_64.qcow2",
                "CHECKSUM",
            ),
            (
                "https://h/Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2",
                "Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2.sha256",
            ),
            (
                "https://h/Fedora-Cloud-Base-Generic-44-1.7.x86_64.qcow2",
                "Fedora-Cloud-44-1.7-x86_64-CHECKSUM",
            ),
            (
                "https://h/Fedora-Cloud-Base-UEFI-UKI-44-1.7.aarch64.qcow2",
                "Fedora-Cloud-44-1.7-aarch64-CHECKSUM",
            ),
            (
                "https://h/Fedora-Cloud-Base-Generic.x86_64-40-1.14.qcow2",
                "Fedora-Cloud-40-1.14-x86_64-CHECKSUM",
            ),
            (
                "https://h/Fedora-Cloud-Base-39-1.5.x86_64.qcow2",
                "Fedora-Cloud-39-1.5-x86_64-CHECKSUM",
            ),
        ] {
            assert_eq!(first(url), expected, "{url}");
        }
    }

    #[test]
    fn a_fedora_beta_is_looked_for_under_both_of_its_names() {
        let places = candidates(
            &Address::typed("https://h/Fedora-Cloud-Base-Generic-45_Beta-1.3.x86_64.qcow2")
                .unwrap(),
        );
        let names: Vec<_> = places.iter().map(|p| p.address.name()).collect();
        assert!(names.contains(&"Fedora-Cloud-images-45_Beta-1.3-x86_64-CHECKSUM".to_owned()));
    }

    #[test]
    fn weak_digests_come_last_and_no_place_twice() {
        for url in [
            "https://h/cirros-0.6.3-x86_64-disk.img",
            "https://h/a/x.qcow2?sig=1",
            "https://h/debian-13.qcow2",
        ] {
            let places = candidates(&Address::typed(url).unwrap());
            let names: Vec<_> = places
                .iter()
                .map(|p| p.address.name().to_ascii_lowercase())
                .collect();
            let weak = |n: &String| n.contains("md5") || n.contains("sha1");
            assert!(names.iter().skip_while(|n| !weak(n)).all(weak), "{names:?}");
            assert!(names.iter().any(weak));
            let mut all: Vec<_> = places.iter().map(|p| p.address.clone()).collect();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), places.len());
        }
    }

    #[test]
    fn a_directory_has_nothing_beside_it() {
        assert_eq!(
            candidates(&Address::typed("https://h/images/").unwrap()),
            []
        );
    }
}
