fn main() {
    use disk::*;
    let path = std::env::args().nth(1).unwrap();
    let src = if path == "-" {
        Source::stream(std::io::stdin(), None)
    } else {
        Source::file(path.as_ref()).unwrap()
    };
    let all = Algorithms::NONE
        .with(Algorithm::Md5)
        .with(Algorithm::Sha512);
    let w = Wanted {
        file: Algorithms::NONE.with(Algorithm::Sha512),
        unpacked: Algorithms::NONE,
        disk: all,
        max_virtual_size: None,
    };
    match read(src, &w, None, &Default::default(), &Cancel::default()) {
        Ok(r) => {
            println!("{:?} {:?}", r.format, r.packings);
            println!(
                "disk {} {:?}",
                r.disk.as_ref().unwrap().size,
                r.disk.as_ref().unwrap().digests
            );
            println!("file {:?}", r.file);
        }
        Err(e) => {
            println!("ERR {} {e} {:?}", e.code(), std::error::Error::source(&e));
            std::process::exit(1)
        }
    }
}
