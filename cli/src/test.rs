//! `descant test`: calls every operation of a document at a URL and reports each cause of failure.

mod args;

use descant_contract::report::{Cause, causes, junit};
use descant_contract::{Credentials, Report, Settings, Severity, plan, variable};
use descant_model::api::Api;

pub(crate) use self::args::Args;
use crate::exit::{self, Exit};

/// Runs the subcommand.
pub(crate) fn run(args: Args) -> Exit {
    let (api, faults) = match args.load.api(&args.document) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let prepared = credentials(&api, &args.credential).and_then(|it| Ok((it, args.settings(&api)?)));
    let (credentials, settings) = match prepared {
        Ok(prepared) => prepared,
        Err(message) => return exit::usage(message),
    };
    if args.plan {
        exit::print(&plan(&api, &credentials, &settings).human(&api));
        return faults;
    }
    match test(&args, &api, &credentials, &settings) {
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

fn test(args: &Args, api: &Api, credentials: &Credentials, settings: &Settings) -> Result<Exit, Exit> {
    let url = args.url.as_deref().ok_or_else(|| exit::usage("--url is required"))?;
    let runtime = tokio::runtime::Runtime::new().map_err(exit::broken)?;
    let interrupted = async { _ = tokio::signal::ctrl_c().await };
    let run = descant_contract::test_until(api, url, credentials, settings, interrupted);
    let report = runtime.block_on(run).map_err(exit::usage)?;
    if report.untestable.is_none() {
        publish(args, &report)?;
    }
    if let Some(reason) = report.proves_nothing() {
        return Ok(exit::untested(reason));
    }
    Ok(verdict(args, &report))
}

/// Returns the exit code: errors, and what the command line makes errors.
fn verdict(args: &Args, report: &Report<'_>) -> Exit {
    let causes = causes(report);
    let of = |severity| causes.iter().any(|cause: &Cause<'_>| cause.failure.severity == severity);
    let tested = report.selected.len().saturating_sub(report.untested().len());
    let is_covered = args.min_coverage.is_none_or(|least| {
        let percent = tested * 100 / report.selected.len().max(1);
        let is_covered = percent >= usize::from(least);
        if !is_covered {
            anstream::eprintln!(
                "error: {percent} % of the operations were tested, and --min-coverage is {least}"
            );
        }
        is_covered
    });
    let fails = of(Severity::Error) || args.deny_warnings() && of(Severity::Warning) || !is_covered;
    if fails || report.stopped.is_some() { Exit::Failed } else { Exit::Ok }
}

fn publish(args: &Args, report: &Report<'_>) -> Result<(), Exit> {
    exit::print(&report.human());
    let Some(path) = &args.junit else { return Ok(()) };
    std::fs::write(path, junit(report))
        .map_err(|error| exit::broken(format_args!("{}: {error}", path.display())))
}
