//! `descant test`: calls every operation of a document at a URL and reports each cause of failure.

mod args;
mod baseline;
mod client;
mod config;
mod environment;
mod login;
mod output;
mod progress;

use clap::Parser;
use descant_contract::report::{Cause, causes, junit, rust};
use descant_contract::{Credentials, Report, Settings, Severity, plan, variable};
use descant_model::api::Api;
use descant_model::source::Sources;

pub(crate) use self::args::Args;
use self::baseline::Baseline;
use self::config::Config;
use self::login::{Login, log_in};
use crate::exit::{self, Exit};

/// The subcommand alone, to read a command line again behind the options of a file.
#[derive(clap::Parser)]
#[command(name = "descant test")]
struct Alone {
    #[command(flatten)]
    args: Args,
}

/// Runs the subcommand.
pub(crate) fn run(args: Args) -> Exit {
    let (args, logins) = match configured(args) {
        Ok(configured) => configured,
        Err(exit) => return exit,
    };
    let (api, sources, faults) = match args.load.api(&args.document) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let prepared = credentials(&api, &args).and_then(|it| Ok((it, args.settings(&api)?)));
    let (credentials, settings) = match prepared {
        Ok(prepared) => prepared,
        Err(message) => return exit::usage(message),
    };
    if args.plan {
        exit::print(&plan(&api, &credentials, &settings).human(&api));
        return faults;
    }
    let run = Run { args, api, sources, settings, logins };
    match run.test(credentials) {
        Ok(Exit::Ok) => faults,
        Ok(exit) | Err(exit) => exit,
    }
}

/// Reads the file beside the document, or the one that is named: its options stand before those of the command line.
fn configured(args: Args) -> Result<(Args, Vec<Login>), Exit> {
    let config = Config::read(&args.document, args.config.as_deref()).map_err(exit::usage)?;
    if config.words.is_empty() {
        return Ok((args, config.logins));
    }
    let typed = std::env::args_os().skip(2);
    let words = std::iter::once("descant test".into()).chain(config.words).chain(typed);
    let read = Alone::try_parse_from(words).map_err(|error| {
        anstream::eprint!("{}", error.render().ansi());
        Exit::Usage
    })?;
    Ok((read.args, config.logins))
}

/// Returns the credentials of the document, overridden by those of the command line.
fn credentials(api: &Api, args: &Args) -> Result<Credentials, String> {
    let mut credentials = Credentials::of_document(api);
    for argument in &args.credential {
        let (scheme, value) = credential(api, argument, "")?;
        credentials.give(scheme, value);
    }
    for argument in &args.other_credential {
        let (scheme, value) = credential(api, argument, "OTHER_")?;
        credentials.give_other(scheme, value);
    }
    Ok(credentials)
}

fn credential<'a>(api: &Api, argument: &'a str, prefix: &str) -> Result<(&'a str, String), String> {
    let (scheme, value) = match argument.split_once('=') {
        Some((scheme, value)) => (scheme, value.to_owned()),
        None => {
            let name = variable(&format!("{prefix}{argument}"));
            let value = std::env::var(&name);
            (argument, value.map_err(|_| format!("the environment variable {name} is not set"))?)
        }
    };
    match api.security_schemes.contains_key(scheme) {
        true => Ok((scheme, value)),
        false => Err(format!("the document has no security scheme `{scheme}`")),
    }
}

/// What a run needs.
struct Run {
    args: Args,
    api: Api,
    sources: Sources,
    settings: Settings,
    logins: Vec<Login>,
}

impl Run {
    fn test(&self, mut credentials: Credentials) -> Result<Exit, Exit> {
        let Self { args, api, settings, .. } = self;
        let url = args.url.as_deref().ok_or_else(|| exit::usage("--url is required"))?;
        let baseline = args.baseline.as_deref().map(|path| Baseline::read(path, args.write_baseline));
        let baseline = baseline.transpose().map_err(exit::usage)?;
        let runtime = tokio::runtime::Runtime::new().map_err(exit::broken)?;
        commands(&args.setup).map_err(exit::untested)?;
        let tested = runtime.block_on(async {
            log_in(&self.logins, api, url, &settings.client, &mut credentials)
                .await
                .map_err(exit::untested)?;
            let interrupted = async || _ = tokio::signal::ctrl_c().await;
            let run = descant_contract::test_until(api, url, &credentials, settings, interrupted);
            let mut report =
                progress::shown(run, &settings.progress, !args.github).await.map_err(exit::usage)?;
            report.sources = Some(&self.sources);
            self.settle(&mut report, baseline.as_ref())
        });
        commands(&args.teardown).map_err(exit::broken)?;
        tested
    }

    /// Compares a report with the baseline, publishes it, and returns the exit code.
    fn settle(&self, report: &mut Report<'_>, baseline: Option<&Baseline>) -> Result<Exit, Exit> {
        let path = self.args.baseline.as_deref();
        if let (Some(path), Some(baseline), true) = (path, baseline, self.args.write_baseline) {
            let count = baseline.write(path, report).map_err(exit::broken)?;
            exit::print(&format!("{}: {count} causes written\n", path.display()));
            return Ok(Exit::Ok);
        }
        let today = jiff::Zoned::now().date().to_string();
        let faults = baseline.map(|it| it.apply(report, &today)).unwrap_or_default();
        if report.untestable.is_none() {
            publish(&self.args, report)?;
        }
        if let Some(reason) = report.proves_nothing() {
            return Ok(exit::untested(reason));
        }
        for fault in &faults {
            anstream::eprintln!("error: the baseline: {fault}");
        }
        let verdict = verdict(&self.args, report);
        Ok(if faults.is_empty() { verdict } else { Exit::Failed })
    }
}

/// Runs commands of the shell, one after another, until one fails.
fn commands(all: &[String]) -> Result<(), String> {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    for command in all {
        let status = std::process::Command::new(shell).args([option, command]).status();
        let status = status.map_err(|error| format!("`{command}` cannot be run: {error}"))?;
        if !status.success() {
            return Err(format!("`{command}` failed: {status}"));
        }
    }
    Ok(())
}

/// Returns the exit code: errors, and what the command line makes errors.
fn verdict(args: &Args, report: &Report<'_>) -> Exit {
    let causes = causes(report);
    let is_open = |cause: &&Cause<'_>| !report.known.contains_key(&cause.id);
    let of = |severity| causes.iter().filter(is_open).any(|cause| cause.failure.severity == severity);
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
    if args.github {
        output::github(report).map_err(exit::broken)?;
    }
    if let Some(path) = &args.junit {
        output::write(path, &junit(report)).map_err(exit::broken)?;
    }
    if let Some(path) = &args.emit_rust {
        output::write(path, &rust(report, &args.document.to_string_lossy())).map_err(exit::broken)?;
    }
    args.report.iter().try_for_each(|output| output.write(report, &args.document)).map_err(exit::broken)
}
