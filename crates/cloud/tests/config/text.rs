//! The text of a clouds.yaml: bounded, and never a reason to fall over.

use cloud::config::parse_clouds;

use super::bench::LAB;

#[test]
fn a_hostile_text_costs_little_and_ends_in_an_error() {
    let bomb = format!(
        "a: &a [x,x,x,x,x,x,x,x,x]\n{}clouds: {{lab: {{regions: *i}}}}\n",
        "bcdefghi"
            .chars()
            .zip("abcdefgh".chars())
            .fold(String::new(), |text, (new, old)| {
                let list = vec![format!("*{old}"); 9].join(",");
                text + &format!("{new}: &{new} [{list}]\n")
            })
    );
    let deep = format!("clouds: {}", "[".repeat(20_000));
    let wide = format!("clouds:\n{}", "  a: {auth: {username: u}}\n".repeat(30_000));
    let long = format!("clouds: {{}}\n# {}", "x".repeat(2 << 20));
    for (what, text) in [
        ("aliases", bomb),
        ("depth", deep),
        ("width", wide),
        ("length", long),
    ] {
        assert!(parse_clouds(&text).is_err(), "{what}");
    }
}

#[test]
fn every_beginning_of_a_file_is_read_or_refused() {
    let text = format!(
        "{LAB}    regions: [a, {{name: b, values: {{interface: admin}}}}]\n    networks: [{{name: x}}]\npublic-clouds: {{v: {{}}}}\n"
    );
    let all = parse_clouds(&text).unwrap();
    assert_eq!(all.names(), ["lab"]);
    for end in 0..text.len() {
        let _outcome = parse_clouds(&text[..end]);
    }
    for (at, byte) in text.bytes().enumerate() {
        for other in [b'\t', b':', b'&', b'\'', b'{', 0, 0x80] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = byte ^ other;
            let _outcome = parse_clouds(&String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn an_empty_file_and_json_are_read() {
    assert!(parse_clouds("").unwrap().names().is_empty());
    assert!(parse_clouds("clouds:\n").unwrap().names().is_empty());
    assert!(
        parse_clouds("cache: {auth: true}\n")
            .unwrap()
            .names()
            .is_empty()
    );
    let json = r#"{"clouds": {"b": {"auth": {"username": "u"}}, "a": null}}"#;
    assert_eq!(parse_clouds(json).unwrap().names(), ["a", "b"]);
}
