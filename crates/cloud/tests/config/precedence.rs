//! One source wins; flags lie over it; every value knows where it came from.

use super::bench::{Bench, LAB, TWO};

const OPENRC: &[(&str, &str)] = &[
    ("OS_AUTH_URL", "http://env.example:5000"),
    ("OS_USERNAME", "env-user"),
    ("OS_PASSWORD", "env-s3cret"),
    ("OS_PROJECT_NAME", "env-project"),
    ("OS_REGION_NAME", "EnvRegion"),
];

fn own(value: &str, origin: &str) -> Option<(String, String)> {
    Some((value.to_owned(), origin.to_owned()))
}

#[test]
fn a_named_cloud_is_never_mixed_with_the_log_in_of_the_environment() {
    for bench in [
        Bench::new().cloud("lab"),
        Bench::new().env(&[("OS_CLOUD", "lab")]),
    ] {
        let bench = bench.file("here/clouds.yaml", LAB).env(OPENRC);
        assert_eq!(
            bench.value("auth_url"),
            own("http://lab.example:5000/v3", "./clouds.yaml:5")
        );
        assert_eq!(bench.value("username"), own("demo", "./clouds.yaml:6"));
        assert_eq!(bench.value("password"), own("***", "./clouds.yaml:7"));
        assert_eq!(
            bench.value("region_name"),
            own("RegionOne", "./clouds.yaml:11")
        );
        let by = if bench.cloud.is_some() {
            "--os-cloud"
        } else {
            "OS_CLOUD"
        };
        let told = format!(
            "{by} names the cloud `lab`, so these variables are left out: OS_AUTH_URL, OS_PASSWORD, OS_PROJECT_NAME, OS_REGION_NAME, OS_USERNAME"
        );
        assert_eq!(bench.warnings(), [told]);
    }
}

#[test]
fn the_environment_wins_over_a_file_when_no_cloud_is_named() {
    let bench = Bench::new().file("here/clouds.yaml", LAB).env(OPENRC);
    assert_eq!(bench.value("username"), own("env-user", "OS_USERNAME"));
    assert_eq!(
        bench.value("region_name"),
        own("EnvRegion", "OS_REGION_NAME")
    );
    assert_eq!(
        bench.resolve().unwrap().0.source().to_string(),
        "the OS_* variables"
    );
    assert!(bench.warnings().is_empty());
}

#[test]
fn a_flag_wins_over_everything() {
    let named = Bench::new()
        .file("here/clouds.yaml", LAB)
        .cloud("lab")
        .flag("username", "flag-user");
    assert_eq!(named.value("username"), own("flag-user", "--os-username"));
    assert_eq!(
        named.value("auth_url"),
        own("http://lab.example:5000/v3", "./clouds.yaml:5")
    );
    let environment = Bench::new().env(OPENRC).flag("project_id", "0123");
    assert_eq!(
        environment.value("project_id"),
        own("0123", "--os-project-id")
    );
    assert_eq!(
        environment.value("project_name"),
        None,
        "a project given by id takes the place of one given by name"
    );
}

#[test]
fn a_region_alone_in_the_environment_chooses_among_the_clouds_regions() {
    let text = LAB.replace("region_name: RegionOne", "regions: [RegionOne, RegionTwo]");
    let bench = Bench::new().file("here/clouds.yaml", &text).cloud("lab");
    assert_eq!(
        bench.value("region_name"),
        own("RegionOne", "./clouds.yaml")
    );
    let bench = bench.env(&[("OS_REGION_NAME", "RegionTwo")]);
    assert_eq!(
        bench.value("region_name"),
        own("RegionTwo", "OS_REGION_NAME")
    );
    assert!(bench.warnings().is_empty());
    let bench = bench.env(&[("OS_REGION_NAME", "RegionTen")]);
    assert_eq!(
        bench.complaint(),
        "OS_REGION_NAME asks for region `RegionTen`, which cloud `lab` does not list\nit lists   RegionOne, RegionTwo"
    );
}

#[test]
fn the_only_cloud_is_taken_and_two_are_not() {
    let one = Bench::new().file("home/.config/openstack/clouds.yaml", LAB);
    let (config, _) = one.resolve().unwrap();
    assert_eq!(
        config.source().to_string(),
        "cloud `lab` of ~/.config/openstack/clouds.yaml, the only one there"
    );
    let two = Bench::new().file("home/.config/openstack/clouds.yaml", TWO);
    assert_eq!(
        two.complaint(),
        "no cloud chosen\n\
         looked at  OS_CLOUD (not set), OS_AUTH_URL (not set)\n\
         looked at  ./clouds.yaml (absent), ~/.config/openstack/clouds.yaml (2 clouds: lab, prod)\n\
         hint: name one: --os-cloud lab"
    );
}

#[test]
fn files_are_looked_for_where_openstack_people_put_them_and_the_first_wins() {
    let other = |name: &str| LAB.replace("username: demo", &format!("username: {name}"));
    let mut bench = Bench::new()
        .cloud("lab")
        .file("etc/openstack/clouds.yaml", &other("etc"));
    assert_eq!(bench.value("username").unwrap().0, "etc");
    bench = bench.file("etc/xdg/openstack/clouds.yaml", &other("site"));
    assert_eq!(bench.value("username").unwrap().0, "site");
    bench = bench.file("home/.config/openstack/clouds.yml", &other("yml"));
    assert_eq!(bench.value("username").unwrap().0, "yml");
    bench = bench.file("home/.config/openstack/clouds.yaml", &other("home"));
    assert_eq!(bench.value("username").unwrap().0, "home");
    let xdg = bench.path("xdg").display().to_string();
    bench = bench
        .file("xdg/openstack/clouds.yaml", &other("xdg"))
        .env(&[("XDG_CONFIG_HOME", &xdg)]);
    assert_eq!(bench.value("username").unwrap().0, "xdg");
    bench = bench.file("here/clouds.yaml", &other("here"));
    assert_eq!(bench.value("username").unwrap().0, "here");
    let named = bench.path("named.yaml").display().to_string();
    bench = bench
        .file("named.yaml", &other("variable"))
        .env(&[("OS_CLIENT_CONFIG_FILE", &named)]);
    assert_eq!(bench.value("username").unwrap().0, "variable");
    bench = bench.file("here/mine.yaml", &other("flag"));
    bench.clouds_file = Some("mine.yaml".into());
    assert_eq!(bench.value("username"), own("flag", "./mine.yaml:6"));
}

#[test]
fn secrets_come_from_the_secure_file() {
    let open = LAB.replace("      password: file-s3cret\n", "");
    let secure = "clouds:\n  lab:\n    auth:\n      password: hidden\n";
    let bench = Bench::new()
        .cloud("lab")
        .file("here/clouds.yaml", &open)
        .file("home/.config/openstack/secure.yaml", secure);
    assert_eq!(
        bench.value("password"),
        own("***", "~/.config/openstack/secure.yaml:4")
    );
}

#[test]
fn a_vendor_profile_lies_under_the_cloud() {
    let public = "public-clouds:\n  vendor:\n    auth:\n      auth_url: https://{region_name}.vendor.example/v3\n      user_domain_name: V\n    regions: [east, west]\n    interface: internal\n";
    let text = "clouds:\n  mine:\n    profile: vendor\n    auth: {username: u, password: p, project_name: q, user_domain_name: Own}\n";
    let bench = Bench::new()
        .cloud("mine")
        .file("here/clouds.yaml", text)
        .file("home/.config/openstack/clouds-public.yaml", public);
    assert_eq!(
        bench.value("interface"),
        own("internal", "~/.config/openstack/clouds-public.yaml:7")
    );
    assert_eq!(
        bench.value("user_domain_name"),
        own("Own", "./clouds.yaml:4")
    );
    assert_eq!(bench.value("region_name").unwrap().0, "east");
    let (config, _) = bench.resolve().unwrap();
    assert_eq!(config.auth_url(), "https://east.vendor.example/v3");
    let west = bench.flag("region_name", "west");
    assert_eq!(
        west.resolve().unwrap().0.auth_url(),
        "https://west.vendor.example/v3"
    );
}

#[test]
fn empty_variables_and_null_values_count_as_unset() {
    let text = LAB.replace(
        "region_name: RegionOne",
        "region_name: null\n    cacert: ''\n    interface: ~",
    );
    let empty = [
        ("OS_AUTH_URL", ""),
        ("OS_CACERT", ""),
        ("OS_USERNAME", ""),
        ("OS_REGION_NAME", ""),
        ("OS_CLIENT_CONFIG_FILE", ""),
    ];
    let bench = Bench::new()
        .file("here/clouds.yaml", &text)
        .env(&empty)
        .env(&[("OS_CLOUD", "")])
        .flag("region_name", "");
    assert_eq!(bench.value("region_name"), None);
    assert_eq!(bench.value("cacert"), None);
    assert_eq!(bench.value("interface"), own("public", "default"));
    assert!(bench.warnings().is_empty());
}

#[test]
fn scalars_stay_as_they_are_written() {
    let text = LAB
        .replace("project_name: demo", "project_id: 0123456")
        .replace("password: file-s3cret", "password: 1e3")
        .replace("username: demo", "username: yes");
    let bench = Bench::new().file("here/clouds.yaml", &text);
    assert_eq!(bench.value("project_id").unwrap().0, "0123456");
    assert_eq!(bench.value("username").unwrap().0, "yes");
}

#[test]
fn verification_is_only_given_up_when_somebody_says_so_and_then_it_is_told() {
    let with = |line: &str| Bench::new().file("here/clouds.yaml", &format!("{LAB}    {line}\n"));
    for line in [
        "verify: no",
        "verify: false",
        "verify: 'False'",
        "insecure: true",
        "insecure: 1",
    ] {
        let bench = with(line);
        assert!(
            !bench
                .resolve()
                .unwrap()
                .0
                .transport(net::Options::default())
                .verify,
            "{line}"
        );
        assert_eq!(bench.warnings().len(), 1, "{line}");
        assert!(
            bench.warnings()[0].starts_with("the server's certificate is not checked"),
            "{line}"
        );
    }
    for line in ["verify: true", "insecure: false", "region: x"] {
        assert!(
            with(line)
                .resolve()
                .unwrap()
                .0
                .transport(net::Options::default())
                .verify,
            "{line}"
        );
    }
    let back = with("verify: false").flag("verify", "true");
    assert!(
        back.resolve()
            .unwrap()
            .0
            .transport(net::Options::default())
            .verify
    );
    let environment = Bench::new().env(OPENRC).env(&[("OS_INSECURE", "True")]);
    assert!(
        !environment
            .resolve()
            .unwrap()
            .0
            .transport(net::Options::default())
            .verify
    );
}
