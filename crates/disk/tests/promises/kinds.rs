//! Kinds of image that are refused, made by `qemu-img`: each with its own code.

use crate::qemu::Bench;
use crate::ways::{WAYS, pass};

fn assert_code(bench: &Bench, image: &str, code: &str) {
    for way in WAYS {
        let error = pass(way.open(&bench.path(image))).expect_err(image);
        assert_eq!(error.code(), code, "{image}, {way:?}: {error}");
    }
}

#[test]
fn an_image_with_a_backing_file_is_refused_and_the_file_named() {
    let Some(bench) = Bench::new("an_image_with_a_backing_file_is_refused_and_the_file_named")
    else {
        return;
    };
    bench.create("base", "", 1 << 20);
    for options in ["compat=0.10", "compat=1.1", "extended_l2=on"] {
        let line = [
            "qemu-img", "create", "-q", "-f", "qcow2", "-o", options, "-b", "base", "-F", "qcow2",
            "overlay",
        ];
        bench.run(&line);
        assert_code(&bench, "overlay", "backing-file");
        let error = pass(crate::ways::Way::Pipe.open(&bench.path("overlay"))).unwrap_err();
        assert!(error.to_string().contains("`base`"), "{error}");
    }
}

#[test]
fn an_image_with_an_external_data_file_is_refused() {
    let Some(bench) = Bench::new("an_image_with_an_external_data_file_is_refused") else {
        return;
    };
    bench.create("image", "data_file=elsewhere", 1 << 20);
    assert_code(&bench, "image", "external-data-file");
    bench.create(
        "image",
        "data_file=/etc/passwd.not-there,data_file_raw=on",
        0,
    );
    assert_code(&bench, "image", "external-data-file");
    std::fs::remove_file("/etc/passwd.not-there").ok();
}

#[test]
fn an_encrypted_image_is_refused() {
    let Some(bench) = Bench::new("an_encrypted_image_is_refused") else {
        return;
    };
    for options in [
        "encrypt.format=aes,encrypt.key-secret=key",
        "encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10",
    ] {
        let secret = "secret,id=key,data=swordfish";
        let line = [
            "qemu-img", "create", "-q", "-f", "qcow2", "--object", secret, "-o", options, "image",
            "1M",
        ];
        bench.run(&line);
        assert_code(&bench, "image", "encrypted");
    }
}

#[test]
fn other_formats_are_named_and_refused_not_taken_for_raw() {
    let Some(bench) = Bench::new("other_formats_are_named_and_refused_not_taken_for_raw") else {
        return;
    };
    for (format, options) in [
        ("qed", ""),
        ("parallels", ""),
        ("qcow", ""),
        ("luks", "iter-time=10,key-secret=key"),
    ] {
        let mut line = vec![
            "qemu-img",
            "create",
            "-q",
            "-f",
            format,
            "--object",
            "secret,id=key,data=swordfish",
        ];
        if !options.is_empty() {
            line.extend(["-o", options]);
        }
        line.extend(["image", "4M"]);
        bench.run(&line);
        assert_code(&bench, "image", "format-not-supported");
        let error = pass(crate::ways::Way::File.open(&bench.path("image"))).unwrap_err();
        assert!(error.to_string().contains(format), "{format}: {error}");
    }
}
