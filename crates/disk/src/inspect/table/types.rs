//! What the types of partitions mean: those that are met on images for clouds.

/// An extended partition: a box for logical ones.
pub(super) const EXTENDED: &str = "extended";
/// The EFI system partition: a UEFI boots from it.
pub(crate) const EFI_SYSTEM: &str = "EFI system";
/// GRUB's second stage on a disk with a GPT that a BIOS boots.
pub(crate) const BIOS_BOOT: &str = "BIOS boot";
/// The firmware of a POWER machine boots from it.
pub(crate) const PREP: &str = "PowerPC PReP boot";

/// By the type in a GPT. Sources: UEFI 2.10 table 5.7, and the Discoverable Partitions Specification.
pub(super) fn gpt(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "C12A7328-F81F-11D2-BA4B-00A0C93EC93B" => EFI_SYSTEM,
        "21686148-6449-6E6F-744E-656564454649" => BIOS_BOOT,
        "9E1A2D38-C612-4316-AA26-8B49521E5A8B" => PREP,
        "BC13C2FF-59E6-4262-A352-B275FD6F7172" => "Linux extended boot",
        "0FC63DAF-8483-4772-8E79-3D69D8477DE4" => "Linux filesystem",
        "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709" => "Linux root (x86-64)",
        "B921B045-1DF0-41C3-AF44-4C6F280D3FAE" => "Linux root (ARM-64)",
        "8484680C-9521-48C6-9C11-B0720656F69E" => "Linux /usr (x86-64)",
        "B0E01050-EE5F-4390-949A-9101B17104E9" => "Linux /usr (ARM-64)",
        "933AC7E1-2EB4-4F13-B844-0E14E2AEF915" => "Linux home",
        "3B8F8425-20E0-4F3B-907F-1A25A76F98E8" => "Linux server data",
        "4D21B016-B534-45C2-A9FB-5C16E091FD2D" => "Linux variable data",
        "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F" => "Linux swap",
        "E6D6D379-F507-44C2-A23C-238F2A3DF928" => "Linux LVM",
        "A19D880F-05FC-4D3B-A006-743F0F84911E" => "Linux RAID",
        "CA7D7CCB-63ED-4C53-861C-1742536059CC" => "LUKS",
        "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7" => "Microsoft basic data",
        "E3C9E316-0B5C-4DB8-817D-F92DF00215AE" => "Microsoft reserved",
        "DE94BBA4-06D1-4D40-A16A-BFD50179D6AC" => "Windows recovery",
        "83BD6B9D-7F41-11DC-BE0B-001560B84F0F" => "FreeBSD boot",
        "516E7CB6-6ECF-11D6-8FF8-00022D09712B" => "FreeBSD UFS",
        "516E7CB5-6ECF-11D6-8FF8-00022D09712B" => "FreeBSD swap",
        "516E7CBA-6ECF-11D6-8FF8-00022D09712B" => "FreeBSD ZFS",
        _ => return None,
    })
}

/// By the type in a boot record.
pub(super) fn mbr(kind: u8) -> Option<&'static str> {
    Some(match kind {
        0x05 | 0x0f | 0x85 => EXTENDED,
        0x01 => "FAT12",
        0x04 | 0x06 | 0x0e => "FAT16",
        0x07 => "NTFS or exFAT",
        0x0b | 0x0c => "FAT32",
        0x27 => "Windows recovery",
        0x41 => PREP,
        0x82 => "Linux swap",
        0x83 => "Linux filesystem",
        0x8e => "Linux LVM",
        0xa5 => "FreeBSD",
        0xa6 => "OpenBSD",
        0xa9 => "NetBSD",
        0xee => "GPT protective",
        0xef => EFI_SYSTEM,
        0xfd => "Linux RAID",
        _ => return None,
    })
}
