//! The clients that people have: the real `openstack` command, openstacksdk and keystoneauth do against our service what
//! they do against a Keystone, and print the same.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::rig::Rig;
use crate::same::address;
use crate::walk::without_ids;

/// The lab's Python programs, and its Keystone's address.
fn lab(test: &str) -> Option<(PathBuf, String)> {
    let Some(lab) = std::env::var_os("ECTYPE_TEST_LAB") else {
        eprintln!("skipped: {test}, for want of ECTYPE_TEST_LAB");
        return None;
    };
    let lab = Path::new(&lab);
    let glance = std::fs::read_to_string(lab.join("etc/glance-api.conf")).unwrap();
    let mut lines = glance.lines();
    let line = lines.find_map(|line| line.strip_prefix("python_interpreter"));
    let python = line.unwrap().trim_start_matches([' ', '=']).trim();
    let bin = Path::new(python).parent().unwrap();
    Some((bin.to_owned(), address(lab)))
}

/// A program of the lab's as a user of a cloud; nothing of the caller's cloud reaches it.
fn program(bin: &Path, name: &str, root: &str, password: &str) -> Command {
    let mut command = Command::new(bin.join(name));
    command
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("PYTHONWARNINGS", "ignore")
        .envs([
            ("OS_AUTH_URL", format!("{root}/v3").as_str()),
            ("OS_IDENTITY_API_VERSION", "3"),
            ("OS_USERNAME", "admin"),
            ("OS_PASSWORD", password),
            ("OS_PROJECT_NAME", "admin"),
            ("OS_USER_DOMAIN_NAME", "Default"),
            ("OS_PROJECT_DOMAIN_NAME", "Default"),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a program prints when it is told something; both outputs, without ids and addresses.
async fn told(command: Command, input: &'static str, root: &str) -> String {
    let root = root.to_owned();
    let thread = tokio::task::spawn_blocking(move || printed(command, input, &root));
    thread.await.unwrap()
}

fn printed(mut command: Command, input: &str, root: &str) -> String {
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let both = format!("{}{}", text(&output.stdout), text(&output.stderr));
    let lines = both.lines().filter(|line| !line.contains("req-"));
    let plain: Vec<&str> = lines.collect();
    let text = plain.join("\n").replace(root, "<root>");
    // A project that could not be made has an id only in Keystone.
    without_ids(&text).replace(", project id <id>", "")
}

const COMMANDS: &str = "\
project create cli-red --description red -f json
project create cli-red -f json
project list -f value -c Name --my-projects
project show cli-red -f json
project set cli-red --description crimson
project show cli-red -f value -c description
user create cli-alice --password first --project cli-red --email alice@example.org -f json
user create cli-alice --password first -f json
user show cli-alice -f json
user set cli-alice --description Alice --email alice@example.net
user show cli-alice -f value -c description -c email
role list -f value -c Name --sort-column Name
role add member --user cli-alice --project cli-red
role add member --user cli-alice --project cli-none
role add king --user cli-alice --project cli-red
role assignment list --user cli-alice --names -f value
role assignment list --project cli-red --effective --names -f value --sort-column Role
project list --user cli-alice -f value -c Name
user list --project cli-red -f value -c Name
role remove member --user cli-alice --project cli-red
role assignment list --user cli-alice --names -f value
role add reader --user cli-alice --project cli-red
application credential create cli-robot --secret hush --role admin -f value -c name -c unrestricted -c description
application credential show cli-robot -f value -c name -c description
application credential delete cli-robot
application credential show cli-robot -f value -c name
catalog list -f value -c Name -c Type --sort-column Name
token issue -f value -c project_id -c user_id
domain list -f value -c Name
domain show default -f value -c name -c enabled
user set cli-alice --disable
user show cli-alice -f value -c enabled
user delete cli-alice
user delete cli-alice
project delete cli-red
project delete cli-red
";

#[tokio::test]
async fn the_openstack_command_prints_what_it_prints_with_a_keystone() {
    let Some((bin, keystone)) = lab("the_openstack_command_prints_the_same") else {
        return;
    };
    let rig = Rig::sqlite().await;
    let ours = told(
        program(&bin, "openstack", &rig.service.root, rig.password()),
        COMMANDS,
        &rig.service.root,
    )
    .await;
    let theirs = told(
        program(&bin, "openstack", &keystone, "lab-admin"),
        COMMANDS,
        &keystone,
    )
    .await;
    assert!(
        theirs.contains("cli-alice") && theirs.contains("alice@example.net"),
        "{theirs}"
    );
    assert_eq!(ours, theirs);
}

/// Logging in in every way, with keystoneauth and with openstacksdk.
const SCRIPT: &str = r#"
import json, os, sys
import keystoneauth1.exceptions as wrong
import openstack
from keystoneauth1 import session
from keystoneauth1.identity import v3
url, password = os.environ['OS_AUTH_URL'], os.environ['OS_PASSWORD']
names = dict(username='admin', user_domain_name='Default')
project = dict(project_name='admin', project_domain_name='Default')
def told(auth, *what):
    s = session.Session(auth=auth)
    try:
        access = auth.get_access(s)
    except Exception as error:
        return print('refused', type(error).__name__, getattr(error, 'http_status', None))
    print(access.username, access.project_name, sorted(access.role_names), access.project_scoped,
          access.user_domain_id, access.will_expire_soon(60),
          sorted(access.service_catalog.get_endpoints()) if access.has_service_catalog() else None)
    return s
s = told(v3.Password(url, password=password, **names, **project))
root = url.removesuffix('/v3')
from keystoneauth1.identity import generic
told(generic.Password(root, password=password, **names, **project))
told(generic.Password(url, password='wrong', **names, **project))
token = s.get_token()
told(v3.Token(url, token, **project))
told(v3.Token(url, 'rubbish', **project))
told(v3.Password(url, password=password, unscoped=True, **names))
told(v3.Password(url, password=password, system_scope='none', **names))
cloud = openstack.connection.Connection(session=s, identity_interface='public')
user = cloud.current_user_id
made = cloud.identity.create_application_credential(user, name='sdk-robot')
print(made.name, made.unrestricted, sorted(role['name'] for role in made.roles), len(made.secret) > 40)
print([c.name for c in cloud.identity.application_credentials(user) if c.name == 'sdk-robot'])
robot = told(v3.ApplicationCredential(url, made.secret, application_credential_id=made.id))
told(v3.ApplicationCredential(url, made.secret, application_credential_name='sdk-robot', **names))
told(v3.ApplicationCredential(url, 'wrong', application_credential_id=made.id))
try:
    robot.post(f'{url}/users/{user}/application_credentials', json={'application_credential': {'name': 'x'}})
except Exception as error:
    print(type(error).__name__, error.http_status)
told(v3.Token(url, robot.get_token(), **project))
cloud.identity.delete_application_credential(user, made.id)
told(v3.ApplicationCredential(url, made.secret, application_credential_id=made.id))
p = cloud.create_project('sdk-red', domain_id='default', description='red')
u = cloud.create_user('sdk-alice', password='first', domain_id='default', default_project=p.id)
print(p.name, p.description, p.is_enabled, u.name, u.is_enabled)
print(cloud.grant_role('member', user='sdk-alice', project='sdk-red'))
print([(a.role['name'] if 'name' in a.role else 'role') for a in cloud.list_role_assignments(filters={'user': u.id})])
print(sorted(role.name for role in cloud.list_roles()), [d.name for d in cloud.list_domains()])
print([q.name for q in cloud.identity.user_projects(u.id)])
alice = dict(username='sdk-alice', user_domain_id='default', project_name='sdk-red', project_domain_id='default')
told(v3.Password(url, password='first', **alice))
cloud.update_user('sdk-alice', password='second')
told(v3.Password(url, password='first', **alice))
told(v3.Password(url, password='second', **alice))
print(cloud.revoke_role('member', user='sdk-alice', project='sdk-red'))
told(v3.Password(url, password='second', **alice))
print(cloud.delete_user('sdk-alice'), cloud.delete_user('sdk-alice'), cloud.delete_project('sdk-red'))
print(cloud.identity.get_endpoint_data().api_version)
"#;

#[tokio::test]
async fn keystoneauth_and_openstacksdk_do_what_they_do_with_a_keystone() {
    let Some((bin, keystone)) = lab("keystoneauth_and_openstacksdk_do_the_same") else {
        return;
    };
    let rig = Rig::sqlite().await;
    let ours = told(
        program(&bin, "python", &rig.service.root, rig.password()),
        SCRIPT,
        &rig.service.root,
    )
    .await;
    let theirs = told(
        program(&bin, "python", &keystone, "lab-admin"),
        SCRIPT,
        &keystone,
    )
    .await;
    assert!(
        theirs.contains("sdk-alice") && !theirs.contains("Traceback"),
        "{theirs}"
    );
    assert_eq!(ours, theirs);
}
