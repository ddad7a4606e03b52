//! `cargo xtask schemathesis DOCUMENT…`: runs Schemathesis on every operation of a mock with state, in all its phases and
//! with several seeds. It must find no failure.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;

use descant_contract::Credentials;
use descant_mock::state::Memory;
use descant_mock::{Mock, Settings};
use descant_model::api::{Api, Credential, SchemeKind};
use descant_model::load::{Options, load};

use crate::{generate, python};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The documents; without any, those in `spec/`
    #[arg(value_name = "FILE")]
    documents: Vec<PathBuf>,
    /// A Python that has Schemathesis
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// How many seeds are tried, from 1 on
    #[arg(long, default_value_t = 10)]
    seeds: u32,
    /// How many calls Schemathesis makes of an operation and phase
    #[arg(long, default_value_t = 50)]
    examples: u32,
}

/// Runs the command: a line a document and seed, and the report of what was found.
pub(crate) fn run(args: &Args) -> ExitCode {
    if !python::has(&args.python, "schemathesis") {
        println!("skipped: {} lacks Schemathesis", args.python.display());
        return ExitCode::SUCCESS;
    }
    let documents = match (args.documents.as_slice(), generate::specs(&crate::root())) {
        ([], Ok(names)) => names.iter().map(|name| crate::root().join(format!("spec/{name}.yaml"))).collect(),
        ([], Err(error)) => {
            println!("spec/: {error}");
            return ExitCode::FAILURE;
        }
        (documents, _) => documents.to_vec(),
    };
    let mut failed = false;
    for document in &documents {
        for seed in 1..=args.seeds {
            let outcome = attempt(args, document, seed).unwrap_or_else(|error| Some(error.to_string()));
            let found = if outcome.is_none() { "nothing found" } else { "FAILED" };
            println!("{:40} seed {seed:2}: {found}", document.display());
            outcome.iter().for_each(|report| println!("{report}"));
            failed |= outcome.is_some();
        }
    }
    ExitCode::from(u8::from(failed))
}

/// One run against a new mock; what was found.
fn attempt(args: &Args, document: &Path, seed: u32) -> std::io::Result<Option<String>> {
    let Some(mut api) = load(document, &Options::default()).api else {
        return Err(std::io::Error::other("there is no document"));
    };
    let known = auth(&api);
    expect_credentials(&mut api);
    let mock = Mock::new(Arc::new(api), Settings::default()).with_state(Arc::new(Memory::default()));
    let mock = descant_mock::start(mock)?;
    let folder = crate::root().join("target/schemathesis").join(document.file_stem().unwrap_or_default());
    std::fs::create_dir_all(&folder)?;
    let config = folder.join("schemathesis.toml");
    let auth = toml::Table::from_iter([("openapi".to_owned(), known.into())]);
    std::fs::write(&config, toml::Table::from_iter([("auth".to_owned(), auth.into())]).to_string())?;
    let mut command = Command::new(&args.python);
    command.args(["-m", "schemathesis.cli", "--config-file"]).arg(config).current_dir(folder);
    command.arg("run").arg(document.canonicalize()?);
    command.args(["--url", &mock.url(), "--no-color", "--generation-database", "none"]);
    command.args([
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--checks",
        "all",
        "--continue-on-failure",
    ]);
    command.args(["--seed", &seed.to_string(), "--max-examples", &args.examples.to_string()]);
    command.env("SCHEMATHESIS_HOOKS", "hooks").env("PYTHONPATH", crate::root().join("xtask/judge"));
    let output = command.output()?;
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let report = ["= ERRORS", "= FAILURES"].into_iter().filter_map(|title| text.find(title)).min();
    Ok((!output.status.success()).then(|| text.get(report.unwrap_or(0)..).unwrap_or_default().to_owned()))
}

/// The credential of every scheme as Schemathesis is told of it, so that it knows which calls to leave it out of.
fn auth(api: &Api) -> toml::Table {
    let credentials = Credentials::made_up(api);
    let written = api.security_schemes.iter().filter_map(|(name, scheme)| {
        let fields = match &scheme.kind {
            SchemeKind::Basic => {
                let (user, password) = credentials.get(name)?.split_once(':')?;
                vec![("username", user.to_owned()), ("password", password.to_owned())]
            }
            SchemeKind::ApiKey { .. } => vec![("api_key", credentials.presented(api, name)?)],
            _ => vec![("bearer", credentials.presented(api, name)?)],
        };
        let fields = fields.into_iter().map(|(field, value)| (field.to_owned(), value.into()));
        Some((name.clone(), toml::Value::Table(fields.collect())))
    });
    written.collect()
}

/// Makes the mock refuse every credential but the made-up one, where the document states none.
fn expect_credentials(api: &mut Api) {
    let credentials = Credentials::made_up(api);
    for (name, scheme) in &mut api.security_schemes {
        let value = credentials.get(name).map(str::to_owned);
        let known = || vec![Credential { value, ..Credential::default() }];
        scheme.descant.credentials.get_or_insert_with(known);
    }
}
