//! Images made by the machine's `qemu-img`: every way of reading gives the disk that `qemu-img convert` gives.

use crate::pattern::{Pattern, disk};
use crate::qemu::Bench;

/// Format options and, for compressed clusters, the flag.
struct Recipe {
    options: String,
    compress: bool,
}

fn recipes(cluster: u64) -> Vec<Recipe> {
    let mut recipes = Vec::new();
    let mut add = |options: &str, compress| {
        recipes.push(Recipe {
            options: format!("{options},cluster_size={cluster}"),
            compress,
        });
    };
    for (options, compress) in [
        ("compat=0.10", false),
        ("compat=0.10", true),
        ("compat=1.1", false),
        ("compat=1.1", true),
        ("compat=1.1,compression_type=zstd", false),
        ("compat=1.1,compression_type=zstd", true),
    ] {
        add(options, compress);
        if cluster >= 16 << 10 && !options.contains("0.10") {
            add(&format!("{options},extended_l2=on"), compress);
        }
    }
    recipes
}

/// All recipes of a cluster size over disks of the given sizes.
fn matrix(test: &str, cluster: u64, disks: &[(Pattern, u64)]) {
    let Some(bench) = Bench::new(test) else {
        return;
    };
    let mut cases = 0;
    for (seed, (pattern, size)) in (1..).zip(disks) {
        let bytes = disk(*pattern, *size, seed);
        bench.file("disk", &bytes);
        for recipe in recipes(cluster) {
            let mut flags = vec!["-o", &recipe.options];
            flags.extend(recipe.compress.then_some("-c"));
            bench.convert(&flags, "disk", "image");
            let what = format!("{pattern:?} {size} {flags:?}");
            bench.assert_like_qemu("image", &what);
            cases += 1;
        }
    }
    eprintln!("{test}: {cases} images");
}

#[test]
fn clusters_of_512_bytes_decode_like_qemu() {
    let disks = [
        (Pattern::Islands, 300 << 10),
        (Pattern::Full, (64 << 10) + 512),
        (Pattern::Ends, 33 << 10),
    ];
    matrix("clusters_of_512_bytes_decode_like_qemu", 512, &disks);
}

#[test]
fn clusters_of_4_kib_decode_like_qemu() {
    let disks = [
        (Pattern::Islands, (3 << 20) + 512),
        (Pattern::Full, (1 << 20) - 512),
        (Pattern::Ends, 5 << 20),
    ];
    matrix("clusters_of_4_kib_decode_like_qemu", 4 << 10, &disks);
}

#[test]
fn clusters_of_16_kib_decode_like_qemu() {
    matrix(
        "clusters_of_16_kib_decode_like_qemu",
        16 << 10,
        &[(Pattern::Islands, (2 << 20) + 1536)],
    );
}

#[test]
fn clusters_of_64_kib_decode_like_qemu() {
    let disks = [
        (Pattern::Islands, (4 << 20) + 512),
        (Pattern::Full, (2 << 20) - 512),
        (Pattern::Ends, 7 << 20),
        (Pattern::Empty, 1 << 20),
    ];
    matrix("clusters_of_64_kib_decode_like_qemu", 64 << 10, &disks);
}

#[test]
fn clusters_of_2_mib_decode_like_qemu() {
    let disks = [
        (Pattern::Islands, (6 << 20) + 512),
        (Pattern::Ends, (4 << 20) - 512),
    ];
    matrix("clusters_of_2_mib_decode_like_qemu", 2 << 20, &disks);
}

#[test]
fn disks_of_odd_sizes_decode_like_qemu() {
    let test = "disks_of_odd_sizes_decode_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for size in [
        0,
        512,
        1024,
        65_024,
        65_536,
        66_048,
        131_072 - 512,
        (1 << 20) + 512,
    ] {
        bench.file("disk", &disk(Pattern::Full, size, size));
        for flags in [
            &["-o", "compat=0.10"][..],
            &["-c"],
            &["-o", "extended_l2=on"],
            &["-o", "cluster_size=2M"],
        ] {
            bench.convert(flags, "disk", "image");
            bench.assert_like_qemu("image", &format!("{size} bytes, {flags:?}"));
        }
    }
}

#[test]
fn preallocated_images_decode_like_qemu() {
    let test = "preallocated_images_decode_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for preallocation in ["metadata", "falloc", "full"] {
        for extra in [
            "compat=0.10",
            "compat=1.1",
            "extended_l2=on,cluster_size=16k",
            "cluster_size=512",
        ] {
            let options = format!("preallocation={preallocation},{extra}");
            bench.create("image", &options, (1 << 20) + 512);
            bench.assert_like_qemu("image", &format!("{options}, untouched"));
            bench.io(
                "image",
                &[
                    "write -P 17 100k 30k",
                    "write -P 18 1048576 512",
                    "write -P 19 3k 512",
                ],
            );
            bench.assert_like_qemu("image", &options);
        }
    }
}

#[test]
fn zero_clusters_decode_like_qemu() {
    let test = "zero_clusters_decode_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    let scripts: [&[&str]; 5] = [
        &[
            "write -P 5 0 2M",
            "write -z 64k 128k",
            "write -z -u 512k 300k",
        ],
        &["write -z 0 1M", "write -P 9 100k 1k"],
        &["write -P 5 0 2M", "discard 128k 1M"],
        &[
            "write -P 5 0 2M",
            "write -z 70k 9k",
            "write -z -u 1M 512",
            "discard 1536k 64k",
            "write -P 6 1540k 2k",
        ],
        &[
            "write -c -P 7 0 64k",
            "write -c -P 8 128k 64k",
            "write -P 9 64k 512",
            "write -z 0 4k",
            "write -P 1 2047k 1k",
        ],
    ];
    for options in [
        "compat=0.10",
        "compat=1.1",
        "extended_l2=on",
        "cluster_size=4k",
        "extended_l2=on,cluster_size=16k",
    ] {
        for script in scripts {
            // A compressed write takes one whole cluster.
            if script[0].contains("-c") && options.contains("cluster_size") {
                continue;
            }
            bench.create("image", options, 2 << 20);
            bench.io("image", script);
            bench.assert_like_qemu("image", &format!("{options} {script:?}"));
        }
    }
}

#[test]
fn snapshots_are_not_followed_and_flags_of_refcounts_do_not_matter() {
    let test = "snapshots_are_not_followed_and_flags_of_refcounts_do_not_matter";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for options in ["compat=0.10", "compat=1.1", "extended_l2=on"] {
        bench.create("image", options, 3 << 20);
        bench.io("image", &["write -P 1 0 1M", "write -P 2 2M 100k"]);
        bench.run(&["qemu-img", "snapshot", "-c", "before", "image"]);
        bench.io("image", &["write -P 3 100k 1M", "write -z 2M 64k"]);
        bench.run(&["qemu-img", "snapshot", "-c", "between", "image"]);
        bench.io("image", &["write -P 4 0 512"]);
        bench.assert_like_qemu("image", &format!("snapshots, {options}"));
    }
    bench.create("image", "lazy_refcounts=on", 1 << 20);
    let dirtied = bench.try_run(&[
        "qemu-io",
        "-c",
        "write -P 7 0 100k",
        "-c",
        "flush",
        "-c",
        "abort",
        "image",
    ]);
    assert!(!dirtied.status.success());
    let mut image = std::fs::read(bench.path("image")).unwrap();
    assert_eq!(image[79] & 1, 1, "qemu-io left the image dirty");
    bench.assert_like_qemu("image", "dirty");
    image[79] = 2;
    bench.file("image", &image);
    bench.assert_like_qemu("image", "marked as corrupt");
}

#[test]
fn bitmaps_and_other_extensions_do_not_change_the_disk() {
    let test = "bitmaps_and_other_extensions_do_not_change_the_disk";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    bench.create("image", "", 1 << 20);
    bench.run(&["qemu-img", "bitmap", "--add", "image", "seen"]);
    bench.io("image", &["write -P 7 10k 100k"]);
    bench.assert_like_qemu("image", "a persistent bitmap");
    for bits in [1, 8, 64] {
        bench.create("image", &format!("refcount_bits={bits}"), 1 << 20);
        bench.io("image", &["write -P 7 10k 100k"]);
        bench.assert_like_qemu("image", &format!("refcounts of {bits} bits"));
    }
}
