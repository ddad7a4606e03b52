//! `descant mock`: serves documents as mock servers.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use descant_mock::state::describe_collections;
use descant_mock::{ErrorFormat, ExamplePolicy, Rule, Settings};

use crate::exit::{self, Exit};
use crate::load;

mod call;
mod coverage;
mod examples;
mod limits;
mod log;
mod proxy;
mod serve;
mod source;
mod tls;
mod watch;

use source::{Group, Source};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The OpenAPI documents, or `timbr`, `cognitive3d`, `timbre`, the built-in ones; without any, those three.
    /// `/PREFIX=FILE` puts one under a prefix; all such share a port
    #[arg(value_name = "[/PREFIX=]FILE")]
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
    /// Print which collections `--state` sees in the document, and do no more
    #[arg(long)]
    collections: bool,
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
    proxy: proxy::Args,
    #[command(flatten)]
    tls: tls::Args,
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
            OnExample::Checked => ExamplePolicy::Checked,
            OnExample::Verbatim => ExamplePolicy::Verbatim,
        };
        let errors = match self.errors {
            OnRefusal::Problem => ErrorFormat::Problem,
            OnRefusal::Document => ErrorFormat::Document,
        };
        let settings = Settings::default().with_seed(self.seed).with_dynamic(self.dynamic);
        settings.with_examples(examples).with_errors(errors)
    }

    /// The documents to serve, those together that share a port.
    fn sources(&self) -> Result<Vec<Vec<Source>>, Exit> {
        let sources: Vec<Source> = match self.documents.as_slice() {
            [] => Source::built_in(),
            paths => paths.iter().map(|path| Source::named(path)).collect::<Result<_, _>>()?,
        };
        let (prefixed, alone): (Vec<_>, Vec<_>) = sources.into_iter().partition(Source::has_prefix);
        let mut prefixes = HashSet::new();
        if let Some(twice) = prefixed.iter().find(|source| !prefixes.insert(&source.prefix)) {
            return Err(exit::usage(format_args!("two documents are under `{}`", twice.prefix)));
        }
        if self.proxy.is_there() && prefixed.len() + alone.len() != 1 {
            return Err(exit::usage("--upstream needs one document"));
        }
        let together = Some(prefixed).filter(|prefixed| !prefixed.is_empty());
        Ok(together.into_iter().chain(alone.into_iter().map(|source| vec![source])).collect())
    }

    fn rules(&self) -> Result<Vec<Rule>, Exit> {
        self.rules.as_deref().map_or_else(|| Ok(Vec::new()), read_rules)
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
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::broken(error),
    };
    // A store may live on the runtime.
    let within = runtime.enter();
    let groups = match args.sources().and_then(|sources| load(&args, sources)) {
        Ok(groups) => groups,
        Err(exit) => return exit,
    };
    drop(within);
    if args.collections {
        return collections(&groups);
    }
    let request = match args.call.request() {
        Ok(request) => request,
        Err(exit) => return exit,
    };
    let proxy = match args.proxy.proxy() {
        Ok(proxy) => proxy,
        Err(exit) => return exit,
    };
    let Some(request) = request else { return runtime.block_on(serve::serve(&args, groups, proxy)) };
    let [group] = groups.as_slice() else { return exit::usage("--call needs one document") };
    let [one] = group.documents.as_slice() else { return exit::usage("--call needs one document") };
    runtime.block_on(call::call(&one.mock, one.overlay.as_deref(), request))
}

/// Prints the collections of every document, as JSON.
fn collections(groups: &[Group]) -> Exit {
    for document in groups.iter().flat_map(|group| &group.documents) {
        exit::print(&format!("{:#}\n", describe_collections(document.mock.api())));
    }
    Exit::Ok
}

/// Loads every document; findings go to standard error.
fn load(args: &Args, sources: Vec<Vec<Source>>) -> Result<Vec<Group>, Exit> {
    let rules = args.rules()?;
    let places = sources.into_iter().enumerate();
    places.map(|(index, sources)| Group::load(args, sources, index, &rules)).collect()
}
