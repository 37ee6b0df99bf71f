//! One build of one vendor: what it is called, and where its files lie.

/// A build as a vendor publishes it, for one architecture.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Build {
    pub(crate) family: &'static str,
    pub(crate) release: &'static str,
    pub(crate) arch: &'static str,
    pub(crate) name: String,
}

impl Build {
    pub(crate) fn of(
        family: &'static str,
        release: &'static str,
        arch: &'static str,
        name: &str,
    ) -> Self {
        Self {
            family,
            release,
            arch,
            name: name.to_owned(),
        }
    }

    /// The architecture as the vendor writes it.
    pub(crate) fn vendor_arch(&self) -> &'static str {
        match (self.family, self.arch) {
            ("ubuntu" | "ubuntu-minimal" | "debian", "x86_64") => "amd64",
            ("ubuntu" | "ubuntu-minimal" | "debian", _) => "arm64",
            (_, arch) => arch,
        }
    }

    /// What the vendor calls the release in its folders.
    pub(crate) fn codename(&self) -> &'static str {
        match self.release {
            "12" => "bookworm",
            "13" => "trixie",
            "22.04" => "jammy",
            "24.04" => "noble",
            "26.04" => "resolute",
            release => release,
        }
    }

    /// The minor version with which the build's name begins (`9.8` of `9.8-20260525.0`).
    pub(crate) fn minor(&self) -> &str {
        self.name.split('-').next().unwrap_or(&self.name)
    }

    /// The folder of the build, with host and without `https://`; it ends with `/`.
    pub(crate) fn folder(&self) -> String {
        let (arch, name, code, release) = (self.arch, &self.name, self.codename(), self.release);
        match self.family {
            "ubuntu" => format!("cloud-images.ubuntu.com/releases/{code}/release-{name}/"),
            "ubuntu-minimal" => {
                format!("cloud-images.ubuntu.com/minimal/releases/{code}/release-{name}/")
            }
            "debian" => format!("cloud.debian.org/images/cloud/{code}/{name}/"),
            "fedora" => format!(
                "dl.fedoraproject.org/pub/fedora/linux/releases/{release}/Cloud/{arch}/images/"
            ),
            "almalinux" => format!(
                "repo.almalinux.org/almalinux/{}/cloud/{arch}/images/",
                self.minor()
            ),
            "rocky" => format!(
                "dl.rockylinux.org/pub/rocky/{}/images/{arch}/",
                self.minor()
            ),
            "cirros" => format!("download.cirros-cloud.net/{name}/"),
            other => panic!("no vendor {other}"),
        }
    }

    /// The file's name.
    pub(crate) fn file(&self) -> String {
        let (arch, name, release) = (self.vendor_arch(), &self.name, self.release);
        match self.family {
            "ubuntu" => format!("ubuntu-{release}-server-cloudimg-{arch}.img"),
            "ubuntu-minimal" => format!("ubuntu-{release}-minimal-cloudimg-{arch}.img"),
            "debian" => format!("debian-{release}-genericcloud-{arch}-{name}.qcow2"),
            "fedora" => format!("Fedora-Cloud-Base-Generic-{name}.{arch}.qcow2"),
            "almalinux" => format!("AlmaLinux-{release}-GenericCloud-{name}.{arch}.qcow2"),
            "rocky" => format!("Rocky-{release}-GenericCloud-Base-{name}.{arch}.qcow2"),
            "cirros" => format!("cirros-{name}-{arch}-disk.img"),
            other => panic!("no vendor {other}"),
        }
    }

    /// The checksum file's name.
    pub(crate) fn manifest(&self) -> String {
        match self.family {
            "ubuntu" | "ubuntu-minimal" => "SHA256SUMS".to_owned(),
            "debian" => "SHA512SUMS".to_owned(),
            "fedora" => format!("Fedora-Cloud-{}-{}-CHECKSUM", self.name, self.arch),
            "cirros" => "MD5SUMS".to_owned(),
            _ => "CHECKSUM".to_owned(),
        }
    }

    /// The image's own address.
    pub(crate) fn url(&self) -> String {
        format!("https://{}{}", self.folder(), self.file())
    }

    /// Where the checksum file lies, without `https://`.
    pub(crate) fn manifest_at(&self) -> String {
        self.folder() + &self.manifest()
    }

    /// Where the detached signature lies, without `https://`.
    pub(crate) fn signature_at(&self) -> String {
        let ending = match self.family {
            "ubuntu" | "ubuntu-minimal" => "gpg",
            _ => "asc",
        };
        format!("{}.{ending}", self.manifest_at())
    }

    /// Which key signs its checksum file, if one does.
    pub(crate) fn key(&self) -> Option<&'static str> {
        match (self.family, self.release) {
            ("ubuntu" | "ubuntu-minimal", _) => Some("ubuntu"),
            ("fedora", _) => Some("fedora"),
            ("almalinux", _) => Some("almalinux"),
            ("rocky", "8" | "10") => Some("rocky"),
            _ => None,
        }
    }
}

/// The newest builds of what the shipped catalogue has, for both architectures, as if those that have a day in their name
/// were of this one (`20260712`).
pub(crate) fn shipped(day: &str) -> Vec<Build> {
    const BUILDS: [(&str, &str, &str); 17] = [
        ("almalinux", "8", "8.10-DAY"),
        ("almalinux", "9", "9.8-DAY"),
        ("almalinux", "10", "10.2-DAY.0"),
        ("cirros", "0.6", "0.6.3"),
        ("debian", "12", "DAY-2537"),
        ("debian", "13", "DAY-2537"),
        ("fedora", "43", "43-1.6"),
        ("fedora", "44", "44-1.7"),
        // Unchanged for years.
        ("rocky", "8", "8.10-20240528.0"),
        ("rocky", "9", "9.8-DAY.0"),
        ("rocky", "10", "10.2-DAY.0"),
        ("ubuntu", "22.04", "DAY"),
        ("ubuntu", "24.04", "DAY"),
        ("ubuntu", "26.04", "DAY"),
        ("ubuntu-minimal", "22.04", "DAY"),
        ("ubuntu-minimal", "24.04", "DAY"),
        ("ubuntu-minimal", "26.04", "DAY.1"),
    ];
    BUILDS
        .iter()
        .flat_map(|(family, release, name)| {
            let name = name.replace("DAY", day);
            ["x86_64", "aarch64"].map(|arch| Build::of(family, release, arch, &name))
        })
        // There never was one of 22.04 for arm64.
        .filter(|build| {
            (build.family, build.release, build.arch) != ("ubuntu-minimal", "22.04", "aarch64")
        })
        .collect()
}
