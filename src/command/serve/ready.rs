//! Word to whoever has started the service that it serves now, in the way that systemd waits for (sd_notify(3)).

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Sends the word to the socket that `NOTIFY_SOCKET` names, if there is one.
///
/// # Errors
/// There is one, and it does not take it.
pub(super) fn tell() -> io::Result<()> {
    std::env::var_os("NOTIFY_SOCKET").map_or(Ok(()), |name| send(&name))
}

fn send(name: &OsStr) -> io::Result<()> {
    // A name that begins with @ is no path.
    let address = match name.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(name)?,
    };
    UnixDatagram::unbound()?.send_to_addr(b"READY=1", &address)?;
    Ok(())
}
