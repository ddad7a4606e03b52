//! `descant mock`: serves documents as mock servers.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use descant_mock::state::describe_collections;
use descant_mock::{Delay, ErrorFormat, ExamplePolicy, Rule, ServerUrls, Settings};

use crate::exit::{self, Exit};
use crate::load;

mod call;
mod coverage;
mod examples;
mod limits;
mod log;
mod now;
mod proxy;
mod report;
mod requests;
mod serve;
mod source;
mod terminal;
mod tls;
mod watch;

use source::{Group, Source};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The OpenAPI documents: files, URLs, `-` for standard input, or the built-in `timbr`, `cognitive3d` and `timbre`, which
    /// are the default.
    /// `/PREFIX=FILE` serves a document under a prefix; these documents share a port
    #[arg(value_name = "[/PREFIX=]FILE")]
    documents: Vec<PathBuf>,
    /// The port of the first document; others use the following ports; 0 selects free ports [default: 4010, or the
    /// port of a built-in document]
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Sample values even if the document has examples
    #[arg(long)]
    dynamic: bool,
    /// The seed of sampled values: another seed produces other values
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The number of records that a collection begins with, unless an example shows its list
    #[arg(long, value_name = "N", default_value_t = 25)]
    items: u16,
    /// The day that dates of sampled values lie near, as YYYY-MM-DD [default: today, in UTC]
    #[arg(long, value_name = "DATE", value_parser = now::parse)]
    now: Option<i64>,
    /// The treatment of examples that violate their schemas
    #[arg(long, value_enum, default_value_t = OnExample::Checked)]
    examples: OnExample,
    /// The format of refusals
    #[arg(long, value_enum, default_value_t = OnRefusal::Document)]
    errors: OnRefusal,
    /// The delay of responses, unless a rule or the request states another: `250`, `1s` or a range, `200..800ms`
    #[arg(long, value_name = "TIME")]
    delay: Option<Delay>,
    /// The time between the events or lines of a stream: `250`, `1s` or a range, `200..800ms`
    #[arg(long, value_name = "TIME")]
    pace: Option<Delay>,
    /// Keep streams of events open after their last event, until `--failure-timeout`
    #[arg(long)]
    hold: bool,
    /// The document's server URLs in responses
    #[arg(long, value_enum, default_value_t = OnServerUrl::Own)]
    urls: OnServerUrl,
    /// Keep the state that requests create, change and delete: in `memory`, an SQLite FILE, or a `redis://` URL
    #[arg(long, value_name = "WHERE", num_args = 0..=1, default_missing_value = "memory")]
    state: Option<String>,
    /// The records that the state begins with, by collection, as YAML or JSON: `users: [{name: Ann}]`. Implies `--state`
    #[arg(long, value_name = "FILE")]
    state_from: Option<PathBuf>,
    /// A named state that tests load, `POST /__descant/fixtures/NAME`, as `--state-from` has it (repeatable)
    #[arg(long = "fixture", value_name = "NAME=FILE", value_parser = source::fixture)]
    fixtures: Vec<(String, PathBuf)>,
    /// Print the collections that `--state` infers from the document, and exit
    #[arg(long)]
    collections: bool,
    /// Rules that override responses, as JSON: rates, limits and scenarios; or the name of rules of a built-in API
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// The exchanges that are logged to standard output [default: all on a terminal, else faults]
    #[arg(long, value_enum)]
    log: Option<log::Kind>,
    /// Log as JSON, one line per exchange
    #[arg(long)]
    json: bool,
    /// Serve `/__descant/` even if the address is not a loopback address
    #[arg(long)]
    admin: bool,
    /// Do not reload changed documents
    #[arg(long)]
    no_watch: bool,
    /// A name by which this machine is reached, beside its own, `localhost` and addresses: the interface under
    /// `/__descant/` and a proxy refuse others (repeatable)
    #[arg(long = "allow-host", value_name = "NAME")]
    allowed_hosts: Vec<String>,
    /// The origin that tokens of the authorization server name, `https://login.test` [default: that of the request]
    #[arg(long, value_name = "ORIGIN")]
    issuer: Option<String>,
    /// Ask people at the authorization endpoint who they are, even if the client does not ask for it by `prompt`
    #[arg(long)]
    login_page: bool,
    /// A host, beside the loopback, that callbacks and webhooks may be sent to (repeatable)
    #[arg(long = "allow-callbacks", value_name = "HOST")]
    callback_hosts: Vec<String>,
    /// The URL that webhooks are sent to, by rules and by `POST /__descant/webhooks/NAME`
    #[arg(long, value_name = "URL")]
    webhooks: Option<String>,
    /// Whether the schemes that verify JWTs are enabled [default: as the document says]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    jwt: Option<bool>,
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
    /// Use another example or a sampled value instead
    Checked,
    /// Send the example unchanged
    Verbatim,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum OnRefusal {
    /// Problem details (RFC 9457)
    Problem,
    /// The operation's documented error response, if there is one
    Document,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnServerUrl {
    /// Replace them by the mock's own address
    Own,
    /// Send them unchanged
    Verbatim,
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
        let urls = match (self.urls, self.tls.is_on()) {
            (OnServerUrl::Verbatim, _) => ServerUrls::Verbatim,
            (OnServerUrl::Own, true) => ServerUrls::OwnByTls,
            (OnServerUrl::Own, false) => ServerUrls::Own,
        };
        settings
            .with_examples(examples)
            .with_errors(errors)
            .with_issuer(self.issuer.clone())
            .with_jwt(self.jwt)
            .with_hosts(self.hosts())
            .with_callbacks(self.callback_hosts.clone(), self.webhooks.clone())
            .with_urls(urls)
            .with_delay(self.delay)
            .with_pace(self.pace, self.hold)
            .with_login_page(self.login_page)
            .with_items(self.items.into())
            .with_now(self.now.unwrap_or_else(now::today))
    }

    /// Returns the names of this machine: its own, as a container has it, and those that are allowed.
    fn hosts(&self) -> Vec<String> {
        let own = gethostname::gethostname().into_string().ok();
        self.allowed_hosts.iter().cloned().chain(own).collect()
    }

    /// Returns the documents to serve, grouped by port.
    fn sources(&self) -> Result<Vec<Vec<Source>>, Exit> {
        let sources: Vec<Source> = match self.documents.as_slice() {
            [] => Source::built_in(),
            paths => paths.iter().map(|path| Source::named(path)).collect::<Result<_, _>>()?,
        };
        let (prefixed, alone): (Vec<_>, Vec<_>) = sources.into_iter().partition(Source::has_prefix);
        let mut prefixes = HashSet::new();
        if let Some(twice) = prefixed.iter().find(|source| !prefixes.insert(&source.prefix)) {
            return Err(exit::usage(format_args!("two documents have the prefix `{}`", twice.prefix)));
        }
        if self.proxy.is_there() && prefixed.len() + alone.len() != 1 {
            return Err(exit::usage("--upstream requires exactly one document"));
        }
        let together = Some(prefixed).filter(|prefixed| !prefixed.is_empty());
        Ok(together.into_iter().chain(alone.into_iter().map(|source| vec![source])).collect())
    }

    /// Returns where the state is kept; `None` where there is none.
    fn state(&self) -> Option<&str> {
        let is_filled = self.state_from.is_some() || !self.fixtures.is_empty();
        self.state.as_deref().or(is_filled.then_some("memory"))
    }

    /// Returns the rules of a file, or those that a built-in API has by that name.
    fn rules(&self, sources: &[Vec<Source>]) -> Result<Vec<Rule>, Exit> {
        let Some(path) = self.rules.as_deref() else { return Ok(Vec::new()) };
        let mut named = sources.iter().flatten().flat_map(Source::rules);
        match named.find(|(name, _)| path.as_os_str() == *name).filter(|_| !path.exists()) {
            Some((_, text)) => parse_rules(path, text),
            None => read_rules(path),
        }
    }
}

fn read_rules(path: &Path) -> Result<Vec<Rule>, Exit> {
    exit::existing(path)?;
    let broken = |error| exit::broken(format_args!("{}: {error}", path.display()));
    parse_rules(path, &std::fs::read_to_string(path).map_err(broken)?)
}

fn parse_rules(path: &Path, text: &str) -> Result<Vec<Rule>, Exit> {
    serde_json::from_str(text).map_err(|error| exit::broken(format_args!("{}: {error}", path.display())))
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
    let Some(request) = request else {
        let exit = runtime.block_on(serve::serve(&args, groups, proxy));
        // Work that has outlasted the time of grace is not waited for.
        runtime.shutdown_background();
        return exit;
    };
    let [group] = groups.as_slice() else { return exit::usage("--call requires exactly one document") };
    let [one] = group.documents.as_slice() else {
        return exit::usage("--call requires exactly one document");
    };
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
    let rules = args.rules(&sources)?;
    let places = sources.into_iter().enumerate();
    let groups = places.map(|(index, sources)| Group::load(args, sources, index, &rules));
    let groups: Vec<Group> = groups.collect::<Result<_, _>>()?;
    let reasons = |rule: &Rule| -> Option<Vec<String>> {
        let mut documents = groups.iter().flat_map(|group| &group.documents);
        documents.by_ref().map(|document| document.mock.unknown_operation(rule)).collect()
    };
    match rules.iter().filter_map(reasons).next().and_then(|reasons| reasons.into_iter().next()) {
        Some(reason) => Err(exit::usage(reason)),
        None => Ok(groups),
    }
}
