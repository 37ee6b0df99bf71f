//! `ectype catalogue check`: are the definitions well-formed?

use std::path::PathBuf;

use catalogue::Catalogue;
use clap::Args as ClapArgs;
use serde_json::{Value, json};

use super::{files, scs};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, List};

/// Check a catalogue, or the images of a cloud by the rules of SCS.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Without --scs nothing is contacted. Files of openstack-image-manager (etc/images/*.yml) are read as they are;
what is not used of them is listed, and is no fault.
Exit code 1: there is a fault, or a mandatory rule is broken.")]
pub(crate) struct Args {
    /// Catalogue files, laid over the shipped catalogue in this order
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Leave the images of the shipped catalogue out
    #[arg(long)]
    alone: bool,
    /// Judge the images of the cloud by SCS-0102 and SCS-0104 instead
    #[arg(long, conflicts_with_all = ["files", "alone"])]
    scs: bool,
}

const COLUMNS: [Column; 4] = [
    Column::shown("Kind", "kind"),
    Column::shown("Image", "image"),
    Column::shown("Place", "place"),
    Column::shown("Message", "message"),
];

pub(super) fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    if args.scs {
        return context.run(scs::run(context));
    }
    context.out.expect_list(&COLUMNS)?;
    let catalogue = files::read(&args.files, args.alone)?;
    let settled = catalogue.settle();
    let definitions = &settled.definitions;
    let faults = definitions.faults();
    let mut rows: Vec<Vec<Value>> = faults
        .iter()
        .map(|fault| {
            let place = fault.place.as_ref().map(ToString::to_string);
            vec![
                json!("fault"),
                json!(fault.definition),
                json!(place),
                json!(fault.message),
            ]
        })
        .collect();
    rows.extend(ignored(&catalogue));
    context.out.list(&List {
        columns: COLUMNS.to_vec(),
        rows,
    })?;
    let on = definitions.iter().filter(|one| one.enabled).count();
    let off = definitions.iter().count() - on;
    context.note(&format!("images: {on}, and {off} that are switched off"));
    if faults.is_empty() {
        return Ok(());
    }
    let message = format!("the catalogue has {}", counted(faults.len()));
    let failure = Failure::new(Exit::No, message);
    Err(match !catalogue.foreign().is_empty() && !args.alone {
        true => failure.hint("leave the shipped images out: `--alone`"),
        false => failure,
    })
}

/// What of openstack-image-manager's files is not used.
fn ignored(catalogue: &Catalogue) -> impl Iterator<Item = Vec<Value>> {
    let all = catalogue
        .foreign()
        .iter()
        .flat_map(|foreign| &foreign.ignored);
    all.map(|one| {
        vec![
            json!("ignored"),
            json!(one.image),
            json!(one.place.to_string()),
            json!(format!("{}: {}", one.what, one.why)),
        ]
    })
}

fn counted(faults: usize) -> String {
    match faults {
        1 => "a fault".to_owned(),
        several => format!("{several} faults"),
    }
}
