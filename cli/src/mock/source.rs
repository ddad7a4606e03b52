//! Loads the documents to serve, and builds a mock of each.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use descant_mock::state::{Memory, Redis, Snapshot, Sqlite, Store, StoreError};
use descant_mock::{Mock, Overlay, Rule, Rules, Settings};
use descant_model::api::Api;
use descant_model::load::{Loaded, Options};
use descant_model::parse::MAX_BYTES;
use descant_twins::{Twin, of_document, registry};

use serde_json::Value;

use super::{Args, report};
use crate::exit::{self, Exit};
use crate::input::Input;
use crate::load;

/// The source of a document, and its path prefix.
#[derive(Clone)]
pub(super) struct Source {
    origin: Origin,
    /// The prefix of its paths, `/billing`; empty if it has a separate port.
    pub(super) prefix: String,
}

#[derive(Clone)]
enum Origin {
    Document(Input),
    Twin(Twin),
}

impl Source {
    /// Returns every built-in document.
    pub(super) fn built_in() -> Vec<Self> {
        let alone = |twin| Self { origin: Origin::Twin(twin), prefix: String::new() };
        registry().into_iter().map(alone).collect()
    }

    /// Returns an existing file, a URL or standard input, or else the built-in document of that name; `/prefix=name` adds a prefix.
    pub(super) fn named(name: &Path) -> Result<Self, Exit> {
        let pair = name.to_str().filter(|text| text.starts_with('/') && !name.exists());
        let (prefix, path) = match pair.and_then(|text| text.split_once('=')) {
            Some((prefix, path)) => (prefix.trim_end_matches('/'), Path::new(path)),
            None => ("", name),
        };
        if prefix.contains(['?', '#', '{', '}', ' ']) {
            return Err(exit::usage(format_args!("`{prefix}` is not a valid path prefix")));
        }
        let twin = registry().into_iter().find(|twin| path.as_os_str() == twin.name);
        let origin = match twin.filter(|_| !path.exists()) {
            Some(twin) => Origin::Twin(twin),
            None => Origin::Document(Input::named(path)?),
        };
        Ok(Self { origin, prefix: prefix.to_owned() })
    }

    pub(super) fn has_prefix(&self) -> bool {
        !self.prefix.is_empty()
    }

    pub(super) fn load(&self, options: &Options) -> Loaded {
        match &self.origin {
            Origin::Document(input) => input.load(options),
            Origin::Twin(twin) => twin.load(),
        }
    }

    /// Returns the rules that a built-in API has by name.
    pub(super) fn rules(&self) -> &'static [(&'static str, &'static str)] {
        match &self.origin {
            Origin::Document(_) => &[],
            Origin::Twin(twin) => twin.rules,
        }
    }

    /// Returns the name in findings.
    pub(super) fn name(&self) -> String {
        match &self.origin {
            Origin::Document(input) => input.name(),
            Origin::Twin(twin) => twin.file.to_owned(),
        }
    }

    /// Returns the key that separates its items from those of other documents in one store: a prefix is unique on its server.
    fn key(&self) -> String {
        if self.has_prefix() { self.prefix.clone() } else { self.name() }
    }

    /// Returns its port, `index` ports after the first.
    fn port(&self, wanted: Option<u16>, index: usize) -> Result<u16, Exit> {
        let after = |first: u16| u16::try_from(index).ok().and_then(|index| first.checked_add(index));
        let port = match (&self.origin, wanted) {
            (_, Some(0)) => Some(0),
            (Origin::Twin(twin), None) if !self.has_prefix() => Some(twin.port),
            (_, first) => after(first.unwrap_or(4010)),
        };
        port.ok_or_else(|| exit::usage("too many documents: the ports exceed 65535"))
    }

    /// Returns a mock of its document with the settings of the command line.
    pub(super) fn mock(&self, api: Api, config: &MockConfig) -> Mock {
        let mock = Mock::new(Arc::new(api), config.settings.clone());
        let mock = mock.with_rules(config.rules.clone()).with_prefix(&self.prefix);
        let mock = if config.accepts_any_credentials { mock.accept_any_credentials() } else { mock };
        match &config.store {
            Some(store) => mock.with_state(store.clone()),
            None => mock,
        }
    }
}

/// The configuration of a mock, which survives reloads of its document.
pub(super) struct MockConfig {
    settings: Settings,
    /// The storage of its state, if it keeps state.
    store: Option<Arc<dyn Store>>,
    rules: Arc<Rules>,
    /// Whether the upstream verifies credentials.
    accepts_any_credentials: bool,
}

/// Documents that share a port.
pub(super) struct Group {
    pub(super) port: u16,
    pub(super) documents: Vec<Document>,
}

impl Group {
    /// Loads documents that share a port, `index` ports after the first; findings go to standard error.
    pub(super) fn load(
        args: &Args,
        sources: Vec<Source>,
        index: usize,
        rules: &[Rule],
    ) -> Result<Self, Exit> {
        let port = sources.first().map_or(Ok(0), |first| first.port(args.port, index))?;
        let documents = sources.into_iter().map(|source| Document::load(args, source, rules));
        Ok(Self { port, documents: documents.collect::<Result<_, _>>()? })
    }
}

/// A document to be served.
pub(super) struct Document {
    pub(super) source: Source,
    pub(super) mock: Arc<Mock>,
    pub(super) overlay: Option<Arc<dyn Overlay>>,
    pub(super) config: MockConfig,
    /// Every file of the document.
    pub(super) files: Vec<PathBuf>,
    /// What the page shows of the document.
    pub(super) report: Value,
}

impl Document {
    fn load(args: &Args, source: Source, rules: &[Rule]) -> Result<Self, Exit> {
        let mut loaded = source.load(&args.load.options()?);
        let store = match args.state() {
            Some(place) => Some(store(place, &source.key()).map_err(exit::broken)?),
            None => None,
        };
        let api = loaded.api.take();
        // Each document has its own rules, initialised from the file.
        let rules = Arc::new(Rules::new(rules.to_vec()));
        let config = MockConfig {
            settings: args.settings(),
            store,
            rules,
            accepts_any_credentials: args.proxy.is_there(),
        };
        let mock = api.map(|api| source.mock(api, &config));
        loaded.diagnostics.extend(mock.iter().flat_map(Mock::diagnostics));
        load::report(&source.name(), &loaded);
        let Some(mock) = mock else { return Err(Exit::Failed) };
        let mock = filled(mock, args)?;
        Ok(Self {
            report: report::report(Some(mock.api()), &loaded, &[], true),
            overlay: of_document(mock.api()).and_then(|twin| twin.overlay(args.seed)),
            mock: Arc::new(mock),
            config,
            files: files(&loaded),
            source,
        })
    }
}

/// Parses `NAME=FILE`.
pub(super) fn fixture(text: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("expected NAME=FILE")?;
    Ok((name.to_owned(), file.into()))
}

/// Returns a mock with the state and the fixtures of the command line.
fn filled(mut mock: Mock, args: &Args) -> Result<Mock, Exit> {
    for (name, file) in &args.fixtures {
        let snapshot = snapshot(&mock, file)?;
        mock.fixtures()
            .put(name, snapshot)
            .map_err(|error| exit::broken(format_args!("--fixture {name}: {error}")))?;
    }
    if let Some(file) = &args.state_from {
        let beginning = Arc::new(snapshot(&mock, file)?);
        let begun = tokio::runtime::Handle::current().block_on(mock.with_beginning(beginning));
        mock = begun.map_err(|error| exit::broken(format_args!("{}: {error}", file.display())))?;
    }
    Ok(mock)
}

/// Reads the state in a file, within the limit of documents.
fn snapshot(mock: &Mock, file: &Path) -> Result<Snapshot, Exit> {
    exit::existing(file)?;
    let broken = |error: String| exit::broken(format_args!("{}: {error}", file.display()));
    let mut text = Vec::new();
    let opened = std::fs::File::open(file).map_err(|error| broken(error.to_string()))?;
    opened.take(MAX_BYTES + 1).read_to_end(&mut text).map_err(|error| broken(error.to_string()))?;
    let state = mock.state().ok_or_else(|| broken("the mock keeps no state".to_owned()))?;
    state.read_text(&file.display().to_string(), text).map_err(exit::broken)
}

/// Returns every file of a document.
pub(super) fn files(loaded: &Loaded) -> Vec<PathBuf> {
    loaded.sources.iter().filter_map(|file| file.path.clone()).collect()
}

/// Opens the store of a document's items.
fn store(place: &str, document: &str) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match place.split_once("://") {
        None if place == "memory" => Arc::new(Memory::default()),
        None => Arc::new(Sqlite::open(Path::new(place), document)?),
        Some(("redis" | "rediss", _)) => {
            let connect = Redis::connect(place, document);
            Arc::new(tokio::runtime::Handle::current().block_on(connect)?)
        }
        Some((scheme, _)) => {
            let reason = format!("unknown store `{scheme}://`: use `memory`, a file or `redis://HOST`");
            return Err(StoreError::Failed(reason));
        }
    })
}
