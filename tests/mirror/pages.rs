//! The forms of vendors' pages, as their real ones are: directories by Apache (two ways) and nginx, and checksum files.

/// A directory as Apache shows it with `<pre>` (Ubuntu).
pub(crate) fn apache(title: &str, names: &[String]) -> String {
    let rows: String = names
        .iter()
        .map(|name| {
            format!(
                "<img src=\"../../../cdicons/folder.png\" alt=\"[DIR]\" width=\"22\" height=\"22\"> \
                 <a href=\"{name}\">{name}</a>               2026-07-13 16:27    -   \n"
            )
        })
        .collect();
    format!(
        "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">\n<html>\n <head><title>{title}</title></head>\n <body>\n\
         <p>See <a href=\"https://help.vendor.example/\">the help</a>.</p>\n<pre><a href=\"?C=N;O=D\">Name</a>   \
         <a href=\"?C=M;O=A\">Last modified</a>      <a href=\"?C=S;O=A\">Size</a><hr>\
         <a href=\"/\">Parent Directory</a>                             -   \n{rows}<hr></pre></body></html>\n"
    )
}

/// A directory as Apache shows it in a table, each name linked twice, behind a header that is a page itself (Debian).
pub(crate) fn table(title: &str, names: &[String]) -> String {
    let rows: String = names
        .iter()
        .map(|name| {
            format!(
                "   <tr class=\"odd\"><td class=\"indexcolicon\"><a href=\"{name}\"><img src=\"/icons2/folder.png\" \
                 alt=\"[DIR]\"></a></td><td class=\"indexcolname\"><a href=\"{name}\">{name}</a></td>\
                 <td class=\"indexcollastmod\">2026-07-12 08:51  </td><td class=\"indexcolsize\">  - </td></tr>\n"
            )
        })
        .collect();
    format!(
        "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<html>\n <head><title>Index of {title}</title></head>\n\
         <body>\n<title>Official Cloud Images</title>\n<div><a href=\"https://www.debian.org/\">Home</a></div>\n\
         <table id=\"indexlist\">\n   <tr class=\"indexhead\"><th><a href=\"?C=N;O=D\">Name</a></th></tr>\n\
         \x20  <tr class=\"even\"><td><a href=\"/images/\">Parent Directory</a></td></tr>\n{rows}</table></body></html>\n"
    )
}

/// A directory as nginx shows it (Rocky Linux, AlmaLinux).
pub(crate) fn nginx(title: &str, names: &[String]) -> String {
    let rows: String = names
        .iter()
        .map(|name| format!("<a href=\"{name}\">{name}</a>      26-May-2026 07:03       -\n"))
        .collect();
    format!(
        "<html>\n<head><title>Index of {title}</title></head>\n<body>\n<h1>Index of {title}</h1><hr><pre>\
         <a href=\"../\">../</a>\n{rows}</pre><hr></body>\n</html>\n"
    )
}

/// Lines of `sha256sum`, between digest and name whatever is given, sorted by digest.
pub(crate) fn gnu(between: &str, files: &[(String, String)]) -> String {
    let mut lines: Vec<String> = files
        .iter()
        .map(|(name, digest)| format!("{digest}{between}{name}\n"))
        .collect();
    lines.sort();
    lines.concat()
}

/// Lines as BSD's tools write them, each with the size before it.
pub(crate) fn bsd(files: &[(String, String)], size: usize) -> String {
    files
        .iter()
        .map(|(name, digest)| format!("# {name}: {size} bytes\nSHA256 ({name}) = {digest}\n"))
        .collect()
}
