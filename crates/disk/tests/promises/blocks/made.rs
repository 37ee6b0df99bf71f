//! Images made by `qemu-img`: every way of reading gives the disk that `qemu-img convert` gives.

use super::{RECIPES, assert_like_qemu, convert};
use crate::pattern::{Pattern, disk};
use crate::qemu::Bench;

#[test]
fn disks_of_all_patterns_and_odd_sizes_decode_like_qemu() {
    let test = "disks_of_all_patterns_and_odd_sizes_decode_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    let disks = [
        (Pattern::Islands, (6 << 20) + 512),
        (Pattern::Full, (3 << 20) - 512),
        (Pattern::Ends, 41 << 20),
        (Pattern::Empty, (2 << 20) + 1024),
        (Pattern::Full, 512),
        (Pattern::Ends, (1 << 20) + 512),
        (Pattern::Full, 1 << 20),
    ];
    let mut cases = 0;
    for (seed, (pattern, size)) in (1..).zip(disks) {
        bench.file("disk", &disk(pattern, size, seed));
        for recipe in RECIPES {
            convert(&bench, recipe, "disk", "image");
            let what = format!("{pattern:?} {size} {recipe:?}");
            assert_like_qemu(&bench, recipe.0, "image", &what);
            cases += 1;
        }
    }
    eprintln!("{test}: {cases} images");
}

#[test]
fn a_disk_of_no_bytes_decodes_like_qemu() {
    let Some(bench) = Bench::new("a_disk_of_no_bytes_decodes_like_qemu") else {
        return;
    };
    for (format, options) in RECIPES {
        bench.run(&[
            "qemu-img", "create", "-q", "-f", format, "-o", options, "image", "0",
        ]);
        assert_like_qemu(&bench, format, "image", &format!("{format} {options}"));
    }
}

#[test]
fn images_decode_like_qemu_inside_every_packing() {
    let tools = ["qemu-img", "gzip", "xz", "zstd", "bzip2"];
    let Some(bench) = Bench::with("images_decode_like_qemu_inside_every_packing", &tools) else {
        return;
    };
    let bytes = disk(Pattern::Islands, 5 << 20, 3);
    bench.file("disk", &bytes);
    for recipe in RECIPES {
        convert(&bench, recipe, "disk", "image");
        bench.run(&[
            "qemu-img", "convert", "-f", recipe.0, "-O", "raw", "image", "raw",
        ]);
        let (size, expected) = bench.sums(&bench.path("raw"));
        for tool in ["gzip", "xz", "zstd", "bzip2"] {
            let packed = bench.run(&[tool, "-k", "-c", "-1", "image"]);
            let path = bench.file("packed", &packed);
            crate::ways::assert_disk(&path, size, &expected, &format!("{recipe:?} in {tool}"));
        }
    }
}

/// More than the window holds, in blocks that lie in the order in which they were written.
#[test]
fn blocks_in_any_order_decode_like_qemu() {
    let Some(bench) = Bench::new("blocks_in_any_order_decode_like_qemu") else {
        return;
    };
    for (format, options) in [
        ("vpc", "subformat=dynamic"),
        ("vhdx", "subformat=dynamic,block_size=1M"),
        ("vdi", "static=off"),
    ] {
        bench.run(&[
            "qemu-img", "create", "-q", "-f", format, "-o", options, "image", "90M",
        ]);
        let mut line = vec!["qemu-io".to_owned(), "-f".to_owned(), format.to_owned()];
        for n in (0..44).rev() {
            line.extend([
                "-c".to_owned(),
                format!("write -P {} {}k 700k", n + 1, n * 2000 + 100),
            ]);
        }
        line.push("image".to_owned());
        bench.run(&line.iter().map(String::as_str).collect::<Vec<_>>());
        assert_like_qemu(&bench, format, "image", &format!("{format} backwards"));
    }
}

#[test]
fn the_largest_blocks_decode_like_qemu() {
    let Some(bench) = Bench::new("the_largest_blocks_decode_like_qemu") else {
        return;
    };
    let bytes = disk(Pattern::Islands, 3 << 20, 9);
    bench.file("disk", &bytes);
    let recipe = ("vhdx", "subformat=dynamic,block_size=256M");
    let image = convert(&bench, recipe, "disk", "image");
    let reading = crate::ways::lean_pass(crate::ways::Way::File.open(&image)).unwrap();
    assert!(crate::ways::is_disk(&reading, &bytes));
}
