//! `ectype demo`: a vendor, an image service and the way between, all on this machine, with no network.

mod folder;
mod run;
mod vendor;

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use self::folder::Folder;
use self::run::{SERVICE, Service, Shell, otherwise};
use self::vendor::{Mirror, ORIGINAL};
use crate::args::Form;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::runtime;

/// The byte that is changed: inside a file on the disk.
const CHANGED: u64 = 20_000;
/// What the image is called in the cloud.
const IMAGE: &str = "Demo Linux 1";

/// See what ectype does, on a service and an image of its own; no network
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Starts an image service and a mirror of a small vendor on loopback, puts the vendor's signed image
into the service, verifies it, changes one stored byte, and verifies it again. Each command is shown
as you would type it. On a terminal the service then stays for its dashboard, until Ctrl-C. All of
it lies in a temporary folder, which is removed at the end.

  ectype demo
  ectype demo --once --keep /tmp/demo")]
pub(crate) struct Args {
    /// Keep serving at the end, until Ctrl-C: what happens on a terminal
    #[arg(long, conflicts_with = "once")]
    stay: bool,
    /// End by itself: what happens elsewhere
    #[arg(long)]
    once: bool,
    /// Leave the files in this new folder, to try more on them
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

/// Plays it in a folder of its own, and leaves nothing behind however it ends.
pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let shape = context.out.shape();
    if shape.format != Form::Table || !shape.columns.is_empty() {
        let failure = Failure::new(
            Exit::Usage,
            "the demonstration is for people: it has no other form",
        );
        return Err(failure.hint("the commands that it shows have: `ectype verify … -f json`"));
    }
    let person = std::io::stdin().is_terminal() && context.out.sink().terminal;
    let stays = args.stay || (person && !args.once);
    let folder = Folder::make(args.keep.as_deref())?;
    folder.tidy(context);
    let played = play(context, &folder, stays).await;
    let removed = folder.end();
    played.and(removed)
}

/// From the start of the service to its end.
async fn play(context: &Context, folder: &Folder, stays: bool) -> Result<(), Failure> {
    vendor::lay_out(folder.path())?;
    let mirror = Mirror::start().await?;
    context.out.text(&introduction(folder))?;
    let shell = Shell::new(context, folder)?;
    let mut service = shell.serve().await?;
    let mut played = steps(context, folder, &shell, &mirror).await;
    if played.is_ok() {
        played = finish(context, folder, &mut service, stays).await;
    }
    service.end().await;
    played
}

fn introduction(folder: &Folder) -> String {
    let what = match folder.is_kept() {
        true => "",
        false => ", which is removed at the end",
    };
    format!(
        "In a folder of this demonstration{what}:\n\n\
         \x20 vendor/           what the vendor of \"Demo Linux\" publishes: an image, its checksum file, its signature\n\
         \x20 vendor.asc        the vendor's OpenPGP key, which you trust\n\
         \x20 families/         how the vendor publishes\n\
         \x20 catalogue.yaml    which image there should be\n\n\
         $ cd {}\n\n\
         First an image service of your own, on this machine only.\n\n",
        folder.path().display()
    )
}

/// The image gets into the service, is verified, changed, and verified again.
async fn steps(
    context: &Context,
    folder: &Folder,
    shell: &Shell<'_>,
    mirror: &Mirror,
) -> Result<(), Failure> {
    let say = |text: &str| context.out.text(text);
    let mirror = format!("http://{}/", mirror.address);
    say(&format!(
        "$ export OS_CLIENT_CONFIG_FILE={SERVICE}/clouds.yaml OS_CLOUD=ectype\n\n\
         What is to be done, so that the image of the catalogue is in the service? The vendor is asked\n\
         (a mirror, on this machine, too), and the signature checked.\n\n"
    ))?;
    let catalogue = |word| {
        [
            "catalogue",
            word,
            "catalogue.yaml",
            "--alone",
            "--families",
            "families",
            "--key",
            "vendor.asc",
            "--mirror",
            &mirror,
            "--allow-private",
        ]
    };
    shell.run(&catalogue("plan"), 0).await?;
    say(
        "That is done: decoded on the way, compared with what the service stored, and only then shown.\n\n",
    )?;
    shell.run(&catalogue("sync"), 0).await?;

    say("Is it the vendor's, bit for bit? Anybody who can see the image may ask.\n\n")?;
    let original = format!("{mirror}{ORIGINAL}");
    let verify = [
        "verify",
        IMAGE,
        "--original",
        &original,
        "--key",
        "vendor.asc",
        "--content",
    ];
    let identical = shell.run(&verify, 0).await?;
    told(&identical, "signature good")?;

    let blob = folder::only_file(&folder.path().join(SERVICE).join("store"))?;
    let byte = folder::turn_over(&blob, CHANGED)?;
    say(&format!(
        "Now somebody turns over one bit on the disk of the service, in byte {CHANGED} of the stored image.\n\n\
         $ blob=$(find {SERVICE}/store -type f)\n\
         $ printf '\\{byte:03o}' | dd of=\"$blob\" bs=1 seek={CHANGED} conv=notrunc status=none\n\n"
    ))?;
    let different = shell.run(&verify, 1).await?;
    told(&different, &format!("first at byte {CHANGED} "))
}

/// The answer has to have these words in it.
fn told(answer: &str, words: &str) -> Result<(), Failure> {
    match answer.contains(words) {
        true => Ok(()),
        false => Err(otherwise(&format!("the verdict does not say `{words}`"))),
    }
}

/// Says what next, and keeps the dashboard up if wished.
async fn finish(
    context: &Context,
    folder: &Folder,
    service: &mut Service,
    stays: bool,
) -> Result<(), Failure> {
    context.out.text(NEXT)?;
    if folder.is_kept() {
        let address = &service.address;
        context.out.text(&format!(
            "\nThe files stay. To start the service there again, at the address that its clouds.yaml says:\n\n\
             \x20 cd {}\n  ectype serve --data {SERVICE} --listen {address}\n",
            folder.path().display()
        ))?;
    }
    if !stays {
        let more = "\n`ectype demo --stay` keeps the service up, with its dashboard.\n";
        return context.out.text(more);
    }
    let Service {
        dashboard,
        password,
        ..
    } = &*service;
    context.out.text(&format!(
        "\nThe service stays up until Ctrl-C. Its dashboard:\n\n  {dashboard}\n  user admin, password {password}\n"
    ))?;
    tokio::select! {
        failure = service.ended() => match context.going_on() {
            Ok(()) => Err(failure),
            // Ctrl-C on a terminal reaches both.
            Err(_) => Ok(()),
        },
        () = runtime::cancelled(&context.cancel) => Ok(()),
    }
}

const NEXT: &str = "\
With a cloud, as any of its users:

  ectype cloud show                    which cloud, and where each setting comes from
  ectype image list                    its images
  ectype verify \"Debian 13\"            one of them beside its vendor's original
  ectype verify --all                  every image that names its original
";
