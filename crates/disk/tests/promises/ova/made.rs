//! Tar archives and OVF descriptors made by hand, for what `tar` does not write.

/// A descriptor of one disk in the file `href`.
pub(crate) fn envelope(href: &str, attributes: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\" xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1\">\n\
         <References><File ovf:href=\"{href}\" ovf:id=\"f1\"{attributes}/><File ovf:href=\"x.nvram\" ovf:id=\"n\"/></References>\n\
         <DiskSection><Info>Disks</Info><Disk ovf:diskId=\"d\" ovf:fileRef=\"f1\" ovf:capacity=\"4\"/></DiskSection>\n\
         <VirtualSystem ovf:id=\"vm\"><Info>A machine</Info></VirtualSystem>\n</Envelope>\n"
    )
}

/// An archive of plain files.
pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let members: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (*name, b'0', *bytes))
        .collect();
    tar_of(&members)
}

/// An archive of members of any type. An empty one has a folder, so that it can be told from zeros.
pub(crate) fn tar_of(members: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let mut out = header("folder/", b'5', 0);
    if !members.is_empty() {
        out.clear();
    }
    for (name, kind, bytes) in members {
        out.extend(header(name, *kind, bytes.len()));
        out.extend_from_slice(bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

fn header(name: &str, kind: u8, size: usize) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    sum(&mut header);
    header
}

/// Puts the right checksum into a header.
pub(crate) fn sum(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}
