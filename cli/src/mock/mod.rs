//! `descant mock`: serves documents as mock servers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use descant_mock::{Errors, Examples, Rule, Rules, Settings};

use crate::exit::{self, Exit};
use crate::load;

mod call;
mod coverage;
mod limits;
mod log;
mod serve;
mod source;
mod watch;

use source::{Document, Source};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The OpenAPI documents, or `timbr`, `cognitive3d`, `timbre`, the built-in ones; without any, those three
    #[arg(value_name = "FILE")]
    documents: Vec<PathBuf>,
    /// The port of the first document, the others following; 0 takes any free ones [default: 4010, or a built-in
    /// document's own]
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Sample even where the document has examples
    #[arg(long)]
    dynamic: bool,
    /// What sampled values are made from: another number, other data
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// What becomes of an example that does not follow its schema
    #[arg(long, value_enum, default_value_t = OnExample::Checked)]
    examples: OnExample,
    /// How refusals are written
    #[arg(long, value_enum, default_value_t = OnRefusal::Problem)]
    errors: OnRefusal,
    /// Remember what requests create, change and delete: in `memory`, an SQLite FILE, or a `redis://` URL
    #[arg(long, value_name = "WHERE", num_args = 0..=1, default_missing_value = "memory")]
    state: Option<String>,
    /// Other answers, rates, limits and scenarios, as JSON
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Which exchanges are written to standard output
    #[arg(long, value_enum, default_value_t = log::Kind::Faults)]
    log: log::Kind,
    /// Write them as JSON, a line each
    #[arg(long)]
    json: bool,
    /// Answer under `/__descant/` even where the address is not of the loopback
    #[arg(long)]
    admin: bool,
    /// Do not look for changes of the documents
    #[arg(long)]
    no_watch: bool,
    #[command(flatten)]
    coverage: coverage::Args,
    #[command(flatten)]
    limits: limits::Args,
    #[command(flatten)]
    call: call::Args,
    #[command(flatten)]
    load: load::Args,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum OnExample {
    /// What breaks the schema in it is replaced
    Checked,
    /// It is sent as it stands
    Verbatim,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum OnRefusal {
    /// As problem details (RFC 9457)
    Problem,
    /// As the document says that the operation's errors look, where it does
    Document,
}

impl Args {
    fn settings(&self) -> Settings {
        let examples = match self.examples {
            OnExample::Checked => Examples::Checked,
            OnExample::Verbatim => Examples::Verbatim,
        };
        let errors = match self.errors {
            OnRefusal::Problem => Errors::Problem,
            OnRefusal::Document => Errors::Document,
        };
        Settings { seed: self.seed, dynamic: self.dynamic, examples, errors }
    }

    /// The documents to serve.
    fn sources(&self) -> Result<Vec<Source>, Exit> {
        let sources: Vec<Source> = match self.documents.as_slice() {
            [] => Source::built_in(),
            paths => paths.iter().map(|path| Source::named(path)).collect(),
        };
        sources.iter().try_for_each(Source::exists)?;
        Ok(sources)
    }

    fn rules(&self) -> Result<Arc<Rules>, Exit> {
        let rules = Rules::default();
        if let Some(path) = &self.rules {
            rules.set(read_rules(path)?);
        }
        Ok(Arc::new(rules))
    }
}

fn read_rules(path: &Path) -> Result<Vec<Rule>, Exit> {
    exit::existing(path)?;
    let broken = |error: String| exit::broken(format_args!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| broken(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| broken(error.to_string()))
}

/// Runs the subcommand.
pub(crate) fn run(args: Args) -> Exit {
    let documents = match args.sources().and_then(|sources| load(&args, sources)) {
        Ok(documents) => documents,
        Err(exit) => return exit,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::broken(error),
    };
    match (args.call.request(), documents.as_slice()) {
        (Err(exit), _) => exit,
        (Ok(None), _) => runtime.block_on(serve::serve(&args, documents)),
        (Ok(Some(request)), [one]) => {
            runtime.block_on(call::call(&one.mock, one.overlay.as_deref(), request))
        }
        (Ok(Some(_)), _) => exit::usage("--call needs one document"),
    }
}

/// Loads every document; findings go to standard error.
fn load(args: &Args, sources: Vec<Source>) -> Result<Vec<Document>, Exit> {
    let rules = args.rules()?;
    let places = sources.into_iter().enumerate();
    places.map(|(index, source)| Document::load(args, source, index, rules.clone())).collect()
}
