//! Findings: what is wrong with a file, how bad it is, what it means and what to do.

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing refuses the file for it.
    Warning,
    /// ectype refuses the file; Glance would take it.
    Ectype,
    /// Glance refuses the file, and so does ectype.
    Glance,
}

impl Severity {
    /// Its name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Ectype => "refused-by-ectype",
            Self::Glance => "refused-by-glance",
        }
    }
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What, by a stable code.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// What stands in this file: a name, a number. Safe for a terminal.
    pub detail: Option<String>,
}

impl Finding {
    pub(crate) fn refused(code: Code) -> Self {
        Self::new(code, Severity::Ectype)
    }

    pub(crate) fn warning(code: Code) -> Self {
        Self::new(code, Severity::Warning)
    }

    fn new(code: Code, severity: Severity) -> Self {
        Self {
            code,
            severity,
            detail: None,
        }
    }

    pub(crate) fn with(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

macro_rules! codes {
    ($($variant:ident $code:literal $cve:expr, $meaning:literal, $advice:literal;)+) => {
        /// What can be found. [`Code::ALL`] lists them; `docs/inspect.md` explains them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code, as JSON and documentation name it.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What it means, in one line.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }

            /// What to do about it.
            #[must_use]
            pub fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)+ }
            }

            /// The CVE of an attack by such a file, where there is one.
            #[must_use]
            pub fn cve(self) -> Option<&'static str> {
                match self { $(Self::$variant => $cve,)+ }
            }
        }
    };
}

// The CVE numbers were looked up in the advisories of OpenStack and of Linux distributions.
codes! {
    BackingFile "backing-file" Some("CVE-2015-5163"), "the image names a backing file, so it is not a whole disk", "flatten it where it was made: qemu-img convert writes an image without a backing file";
    ExternalDataFile "external-data-file" Some("CVE-2024-32498"), "the image keeps its data in another file", "convert it where it was made: qemu-img convert brings the data into one file";
    UnknownFeatures "unknown-features" None, "the image uses incompatible features that are not known", "convert it with the program that made it to plain qcow2 version 3, or to raw";
    ExtendedL2 "extended-l2" None, "the image has extended L2 entries (subclusters), which Glance does not know", "convert it: to raw, or to qcow2 without extended_l2";
    Qcow2Version "qcow2-version" None, "the qcow2 version is not 2 or 3", "convert it to qcow2 version 3, or to raw";
    Encrypted "encrypted" None, "the image is encrypted", "decrypt it first, or encrypt it by the cloud's own means";
    Luks "luks" None, "the file is a LUKS volume: nothing can be said of the disk in it", "decrypt it first, or use the cloud's own encryption";
    Snapshots "internal-snapshots" None, "the image has internal snapshots: data in the file that is not of the disk", "convert it, so that old data does not travel with it";
    NotClosed "not-closed" None, "the image was not closed cleanly", "let qemu-img check -r leaks, or a conversion, put it in order";
    MarkedCorrupt "marked-corrupt" None, "the image is marked as corrupt", "let qemu-img check find out; take a good copy if you have one";
    Corrupt "corrupt" None, "a structure of the image contradicts itself or its format", "take a good copy: this one is damaged, or was made to mislead";
    Truncated "truncated" None, "the file ends before what it says it contains", "download or copy it again";
    Empty "empty" None, "the file is empty", "check how it was made";
    Incomplete "incomplete" None, "a header that Glance checks is not whole, so the check cannot pass", "download or copy the file again";
    AbsurdSize "absurd-size" Some("CVE-2015-5162"), "the disk says that it is larger than the limit", "check where the file is from; a limit can be raised by --max-virtual-size";
    SizeUnreadable "size-unreadable" None, "Glance cannot read the size of the disk out of this file", "convert it to raw or qcow2";
    SeveralFormats "several-formats" None, "the bytes are of several formats at once: which one is read depends on the reader", "do not use it; a file that is two things was made to mislead";
    FormatMismatch "format-mismatch" None, "the content is not of the format that was declared", "declare the format that was found, or leave it to ectype";
    DeclaredRaw "declared-raw" Some("CVE-2024-40767"), "a disk-image format is declared as raw: readers that look for themselves will open it as what it is", "declare the format that was found";
    NotSupported "format-not-supported" None, "a format that ectype does not read and Glance does not know", "convert it to raw or qcow2 with a program that you trust";
    Qed "qed-banned" None, "the QED format is not allowed", "convert it to qcow2 or raw";
    Packed "packed" None, "the file is packed: a cloud would store it so, and no machine boots from it", "let ectype unpack it while it uploads";
    VmdkSubformat "vmdk-subformat" Some("CVE-2022-47951"), "a VMDK of a kind other than monolithicSparse and streamOptimized", "convert it: qemu-img convert -O vmdk -o subformat=streamOptimized, or to raw";
    VmdkDescriptor "vmdk-descriptor" None, "the VMDK has no descriptor where it must be, or one with a line that is not understood", "convert it again from its source";
    VmdkExtentPath "vmdk-extent-path" Some("CVE-2022-47951"), "an extent of the VMDK names a file by a path", "do not use it; it may have been made to read another file of the host";
    VmdkExtents "vmdk-extents" None, "the VMDK has no extent, or several, or one that is another file", "convert it into one file: subformat=streamOptimized, or to raw";
    VmdkParent "vmdk-parent" None, "the VMDK names a parent, so it is not a whole disk", "flatten it where it was made";
    VmdkFooter "vmdk-footer" None, "the footer of the VMDK is not there or not that of its header", "copy the file again; if that does not help, convert it from its source";
    VmdkText "vmdk-text" Some("CVE-2022-47951"), "the file is a VMDK descriptor: text that names other files", "convert the disk it names into one file, where those files are";
    Uninspected "not-inspected" None, "Glance would take this file without any look at it", "find out what the file is; it is no disk image";
    Differencing "differencing" None, "a differencing disk: its own bytes are not the whole disk", "merge it with its parent where it was made";
    FixedVhd "vhd-fixed" None, "a fixed VHD: Glance and QEMU read it as raw, 512 bytes too long", "convert it to raw: the same bytes without the last 512";
    DirtyLog "vhdx-log" None, "the log of the VHDX holds changes that are not in the disk yet", "open it once where it was made (Hyper-V, or qemu-img check -r all), so that the log is replayed";
    MbrBootFlag "mbr-boot-flag" None, "a partition of the boot record has a boot flag that is neither 0x00 nor 0x80", "write the partition table again; the first sector may be something else";
    MbrEmpty "mbr-empty" None, "there is a boot record without any partition", "partition the disk, or clear the signature 55 AA in its first sector";
    GptProtective "gpt-protective" None, "the protective boot record of the GPT does not begin at sector 1 as it must", "write it again: sgdisk or fdisk can";
    GptHybrid "gpt-hybrid" None, "the boot record beside the GPT has further partitions", "make a plain protective boot record; hybrid ones are refused";
    GptChecksum "gpt-checksum" None, "the GPT fails its own checksum", "repair it: sgdisk -e, gdisk";
    GptBackup "gpt-backup" None, "the backup GPT is not at the end of the disk", "none is needed if the disk was enlarged; else copy the file again";
    PartitionOutside "partition-outside" None, "a partition ends behind the end of the disk", "download or copy the file again: it is probably cut short";
    PartitionOverlap "partition-overlap" None, "partitions overlap", "repair the partition table before the disk is used";
    TableUnread "table-unread" None, "a part of the partition table could not be looked at", "none; look at it with fdisk if it matters";
}
