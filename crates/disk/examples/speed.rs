fn main() {
    use md5::Digest as _;
    let buf = vec![7u8; 1 << 20];
    for round in 0..3 {
        for a in [disk::Algorithm::Md5, disk::Algorithm::Sha256, disk::Algorithm::Sha512] {
            let t = std::time::Instant::now();
            let mut h = disk::Hasher::new(a);
            for _ in 0..512 { h.update(&buf); }
            let d = h.finish();
            println!("{round} {a} {:.0} MB/s {d}", 512.0 * 1.048576 / t.elapsed().as_secs_f64());
        }
        let t = std::time::Instant::now();
        let mut h = md5::Md5::new();
        for _ in 0..512 { h.update(&buf); }
        let d = h.finalize();
        println!("{round} md-5 crate {:.0} MB/s {:x?}", 512.0 * 1.048576 / t.elapsed().as_secs_f64(), &d[..4]);
        let t = std::time::Instant::now();
        let mut h = sha2::Sha512::new();
        for _ in 0..512 { h.update(&buf); }
        let _ = h.finalize();
        println!("{round} sha2 crate sha512 {:.0} MB/s", 512.0 * 1.048576 / t.elapsed().as_secs_f64());
    }
}
