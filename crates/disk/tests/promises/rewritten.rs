//! Images whose file order is far from the order of the disk: what leaves the window is found again.

use crate::pattern::{Dice, Pattern, disk};
use crate::qemu::Bench;

#[test]
fn an_image_written_backwards_decodes_like_qemu() {
    let test = "an_image_written_backwards_decodes_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for options in ["", "extended_l2=on"] {
        bench.create("image", options, 36 << 20);
        let writes: Vec<String> = (0..18)
            .rev()
            .map(|n| format!("write -P {} {}M 2M", n + 1, n * 2))
            .collect();
        bench.io(
            "image",
            &writes.iter().map(String::as_str).collect::<Vec<_>>(),
        );
        bench.assert_like_qemu("image", &format!("written backwards, {options}"));
    }
}

#[test]
fn an_image_rewritten_at_random_decodes_like_qemu() {
    let test = "an_image_rewritten_at_random_decodes_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    bench.file("disk", &disk(Pattern::Full, 28 << 20, 3));
    bench.convert(&["-c"], "disk", "image");
    let mut dice = Dice::new(8);
    let writes: Vec<String> = (0..120)
        .map(|n| match dice.below(4) {
            0 => format!("discard {}k 192k", dice.below(440) * 64),
            1 => format!("write -z {}k {}k", dice.below(28_000), 1 + dice.below(300)),
            _ => format!(
                "write -P {} {}k {}k",
                n + 1,
                dice.below(28_000),
                1 + dice.below(300)
            ),
        })
        .collect();
    bench.io(
        "image",
        &writes.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    bench.assert_like_qemu("image", "rewritten at random");
}

#[test]
fn an_image_written_out_of_order_decodes_like_qemu() {
    let test = "an_image_written_out_of_order_decodes_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    bench.file("disk", &disk(Pattern::Full, 36 << 20, 5));
    for flags in [
        &["-c", "-W", "-m", "16"][..],
        &["-c", "-W", "-m", "16", "-o", "compression_type=zstd"],
        &["-W", "-m", "16"],
    ] {
        bench.convert(flags, "disk", "image");
        bench.assert_like_qemu("image", &format!("{flags:?}"));
    }
}
