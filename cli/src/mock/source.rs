//! Where the documents to serve come from, and what becomes of each.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use descant_mock::state::{Memory, Redis, Sqlite, Store, StoreError};
use descant_mock::{Mock, Overlay, Rule, Rules, Settings};
use descant_model::api::Api;
use descant_model::load::{self as model, Loaded, Options};
use descant_twins::{Twin, of_document, registry};

use super::Args;
use crate::exit::{self, Exit};
use crate::load;

/// Where a document comes from, and where it goes.
#[derive(Clone)]
pub(super) struct Source {
    origin: Origin,
    /// What its paths begin with, `/billing`; empty where it has a port of its own.
    pub(super) prefix: String,
}

#[derive(Clone)]
enum Origin {
    File(PathBuf),
    Twin(Twin),
}

impl Source {
    /// Every built-in document.
    pub(super) fn built_in() -> Vec<Self> {
        let alone = |twin| Self { origin: Origin::Twin(twin), prefix: String::new() };
        registry().into_iter().map(alone).collect()
    }

    /// A file that exists, or else the built-in document of that name; `/prefix=name` puts it under a prefix.
    pub(super) fn named(name: &Path) -> Result<Self, Exit> {
        let pair = name.to_str().filter(|text| text.starts_with('/') && !name.exists());
        let (prefix, path) = match pair.and_then(|text| text.split_once('=')) {
            Some((prefix, path)) => (prefix.trim_end_matches('/'), Path::new(path)),
            None => ("", name),
        };
        if prefix.contains(['?', '#', '{', '}', ' ']) {
            return Err(exit::usage(format_args!("`{prefix}` is no prefix of paths")));
        }
        let twin = registry().into_iter().find(|twin| path.as_os_str() == twin.name);
        let origin = match twin.filter(|_| !path.exists()) {
            Some(twin) => Origin::Twin(twin),
            None => exit::existing(path).map(|()| Origin::File(path.to_owned()))?,
        };
        Ok(Self { origin, prefix: prefix.to_owned() })
    }

    pub(super) fn has_prefix(&self) -> bool {
        !self.prefix.is_empty()
    }

    pub(super) fn load(&self, options: &Options) -> Loaded {
        match &self.origin {
            Origin::File(path) => model::load(path, options),
            Origin::Twin(twin) => twin.load(),
        }
    }

    /// As findings name it.
    pub(super) fn name(&self) -> String {
        match &self.origin {
            Origin::File(path) => path.display().to_string(),
            Origin::Twin(twin) => twin.file.to_owned(),
        }
    }

    /// What keeps its items from those of other documents in one store: a prefix is unique on its server.
    fn key(&self) -> String {
        if self.has_prefix() { self.prefix.clone() } else { self.name() }
    }

    /// The port to serve it on, `index` ports after the first.
    fn port(&self, wanted: Option<u16>, index: usize) -> Result<u16, Exit> {
        let after = |first: u16| u16::try_from(index).ok().and_then(|index| first.checked_add(index));
        let port = match (&self.origin, wanted) {
            (_, Some(0)) => Some(0),
            (Origin::Twin(twin), None) if !self.has_prefix() => Some(twin.port),
            (_, first) => after(first.unwrap_or(4010)),
        };
        port.ok_or_else(|| exit::usage("there are not that many ports"))
    }

    /// A mock of its document as the command line has it.
    pub(super) fn mock(&self, api: Api, making: &Making) -> Mock {
        let mock = Mock::new(Arc::new(api), making.settings.clone());
        let mock = mock.with_rules(making.rules.clone()).with_prefix(&self.prefix);
        let mock = if making.trusting { mock.accept_any_credentials() } else { mock };
        match &making.store {
            Some(store) => mock.with_state(store.clone()),
            None => mock,
        }
    }
}

/// What a mock is made with beside its document, whenever that changes.
pub(super) struct Making {
    settings: Settings,
    /// Where its items are kept, if they are.
    store: Option<Arc<dyn Store>>,
    rules: Arc<Rules>,
    /// Whether another judges credentials.
    trusting: bool,
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
    pub(super) making: Making,
    /// Every file that it was read from.
    pub(super) files: Vec<PathBuf>,
}

impl Document {
    fn load(args: &Args, source: Source, rules: &[Rule]) -> Result<Self, Exit> {
        let mut loaded = source.load(&args.load.options()?);
        let store = match &args.state {
            Some(place) => Some(store(place, &source.key()).map_err(exit::broken)?),
            None => None,
        };
        let api = loaded.api.take();
        // Each document has rules of its own, which begin as the file has them.
        let rules = Arc::new(Rules::new(rules.to_vec()));
        let making = Making { settings: args.settings(), store, rules, trusting: args.proxy.is_there() };
        let mock = api.map(|api| source.mock(api, &making));
        loaded.diagnostics.extend(mock.iter().flat_map(Mock::diagnostics));
        load::report(&source.name(), &loaded);
        let Some(mock) = mock else { return Err(Exit::Failed) };
        Ok(Self {
            overlay: of_document(mock.api()).and_then(|twin| twin.overlay(args.seed)),
            mock: Arc::new(mock),
            making,
            files: files(&loaded),
            source,
        })
    }
}

/// Every file that a document was read from.
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
            let reason =
                format!("`{scheme}://` names no store: there are `memory`, a file and `redis://HOST`");
            return Err(StoreError::Failed(reason));
        }
    })
}
