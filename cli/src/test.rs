//! `descant test`: calls every operation of a document at a URL and reports each violation.

use std::path::PathBuf;

use descant_contract::{Assumptions, Credentials, Report, unreachable, variable};
use descant_model::api::Api;

use crate::exit::{self, Exit};
use crate::load;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The OpenAPI document
    document: PathBuf,
    /// The base URL of the service, to which the document's paths are appended
    #[arg(long)]
    url: String,
    /// A credential for a security scheme; without `=VALUE` it is read from the environment variable SCHEME (upper
    /// case, `_` for characters other than letters and digits) [default: those of the document's `x-descant`]
    #[arg(long, value_name = "SCHEME[=VALUE]")]
    credential: Vec<String>,
    /// Write the verdict of every case as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Expect calls with the document's examples to succeed: the resources that they name exist
    #[arg(long)]
    examples_exist: bool,
    /// Expect refusals of malformed optional query parameters, too
    #[arg(long)]
    strict: bool,
    /// The number of concurrent calls that change nothing
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    concurrency: u16,
    /// The seed of values sampled where there is no example
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    load: load::Args,
}

/// Runs the subcommand.
pub(crate) fn run(args: Args) -> Exit {
    let (api, faults) = match args.load.api(&args.document) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let credentials = match credentials(&api, &args.credential) {
        Ok(credentials) => credentials,
        Err(message) => return exit::usage(message),
    };
    match test(&args, &api, &credentials) {
        Ok(Exit::Ok) => faults,
        Ok(exit) | Err(exit) => exit,
    }
}

/// Returns the credentials of the document, overridden by those of the command line.
fn credentials(api: &Api, given: &[String]) -> Result<Credentials, String> {
    let mut credentials = Credentials::of_document(api);
    for argument in given {
        let (scheme, value) = match argument.split_once('=') {
            Some((scheme, value)) => (scheme, value.to_owned()),
            None => {
                let name = variable(argument);
                let value = std::env::var(&name);
                (argument.as_str(), value.map_err(|_| format!("the environment variable {name} is not set"))?)
            }
        };
        if !api.security_schemes.contains_key(scheme) {
            return Err(format!("the document has no security scheme `{scheme}`"));
        }
        credentials.give(scheme, value);
    }
    Ok(credentials)
}

fn test(args: &Args, api: &Api, credentials: &Credentials) -> Result<Exit, Exit> {
    let assume = Assumptions { seed: args.seed, examples_exist: args.examples_exist, strict: args.strict };
    let runtime = tokio::runtime::Runtime::new().map_err(exit::broken)?;
    let run = descant_contract::test(api, &args.url, credentials, &assume, usize::from(args.concurrency));
    let report = runtime.block_on(run).map_err(exit::usage)?;
    if let Some(reason) = unreachable(&report.verdicts) {
        return Err(exit::broken(format_args!("{} cannot be reached: {reason}", report.base)));
    }
    publish(args, &report)?;
    Ok(if report.counts().broken == 0 { Exit::Ok } else { Exit::Failed })
}

fn publish(args: &Args, report: &Report<'_>) -> Result<(), Exit> {
    exit::print(&report.human());
    let Some(path) = &args.junit else { return Ok(()) };
    let xml = descant_contract::report::junit(report);
    std::fs::write(path, xml).map_err(|error| exit::broken(format_args!("{}: {error}", path.display())))
}
