//! Conversions to and from a real cloud, beside the real client and qemu-img.

use std::fs;

use crate::create_live::Maker;
use crate::create_qcow2::{assert_is, disk, made};

#[test]
fn the_real_client_gets_a_qcow2_of_the_disk_that_was_given() {
    let Some(maker) = Maker::new("the_real_client_gets_a_qcow2_of_the_disk_that_was_given") else {
        return;
    };
    maker.file("disk.raw", &disk());
    let vmdk = made(&disk(), "vmdk", "subformat=monolithicSparse");
    maker.file("disk.vmdk", &vmdk);
    for file in ["disk.raw", "disk.vmdk"] {
        for more in [
            &[][..],
            &["--compress", "zstd"],
            &["--compress", "none"],
            &["--import"],
        ] {
            let what = format!("{file} {more:?}");
            let image = maker.create(&[&["--file", file, "--convert", "qcow2"], more].concat());
            assert_eq!(image["disk_format"], "qcow2", "{what}");
            assert_eq!(image["min_disk"], 1, "{what}");
            maker.saved(&image);
            assert_is(&maker.ectype.home().join("saved"), "qcow2", &disk(), &what);
            maker.delete(&image);
        }
    }
}

#[test]
fn a_real_image_is_saved_as_another_format() {
    let Some(maker) = Maker::new("a_real_image_is_saved_as_another_format") else {
        return;
    };
    maker.file("disk.raw", &disk());
    let out = maker.ectype.home().join("out");
    for stored in ["raw", "qcow2"] {
        let image = maker.create(&["--file", "disk.raw", "--convert", stored]);
        let id = image["id"].as_str().unwrap();
        for format in ["raw", "qcow2", "vmdk"] {
            let args = ["image", "save", id, "--file", "out", "--convert", format];
            assert_eq!(maker.ectype.answer(&args), "");
            assert_is(&out, format, &disk(), &format!("{stored} to {format}"));
            fs::remove_file(&out).unwrap();
        }
        maker.delete(&image);
    }
}
