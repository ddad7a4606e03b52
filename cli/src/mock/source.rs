//! Where the documents to serve come from, and what becomes of each.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use descant_mock::state::{Memory, Redis, Sqlite, Store, StoreError};
use descant_mock::{Mock, Overlay, Rules, Settings};
use descant_model::api::Api;
use descant_model::load::{self as model, Loaded, Options};
use descant_twins::{Twin, of_document, registry};

use super::Args;
use crate::exit::{self, Exit};
use crate::load;

/// Where a document comes from.
#[derive(Clone)]
pub(super) enum Source {
    File(PathBuf),
    Twin(Twin),
}

impl Source {
    /// Every built-in document.
    pub(super) fn built_in() -> Vec<Self> {
        registry().into_iter().map(Self::Twin).collect()
    }

    /// A file, or else the built-in document of that name.
    pub(super) fn named(path: &Path) -> Self {
        let twin = registry().into_iter().find(|twin| path.as_os_str() == twin.name);
        twin.filter(|_| !path.exists()).map_or_else(|| Self::File(path.to_owned()), Self::Twin)
    }

    /// Refuses a file that does not exist.
    pub(super) fn exists(&self) -> Result<(), Exit> {
        if let Self::File(path) = self { exit::existing(path) } else { Ok(()) }
    }

    pub(super) fn load(&self, options: &Options) -> Loaded {
        match self {
            Self::File(path) => model::load(path, options),
            Self::Twin(twin) => twin.load(),
        }
    }

    /// As findings name it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Twin(twin) => twin.file.to_owned(),
        }
    }

    /// The port to serve it on, `index` documents after the first.
    fn port(&self, wanted: Option<u16>, index: usize) -> Result<u16, Exit> {
        let after = |first: u16| u16::try_from(index).ok().and_then(|index| first.checked_add(index));
        let port = match (self, wanted) {
            (_, Some(0)) => Some(0),
            (Self::Twin(twin), None) => Some(twin.port),
            (_, first) => after(first.unwrap_or(4010)),
        };
        port.ok_or_else(|| exit::usage("there are not that many ports"))
    }
}

/// A document to be served.
pub(super) struct Document {
    pub(super) source: Source,
    pub(super) port: u16,
    pub(super) mock: Arc<Mock>,
    pub(super) overlay: Option<Arc<dyn Overlay>>,
    /// Where its items are kept, if they are.
    pub(super) store: Option<Arc<dyn Store>>,
    /// Every file that it was read from.
    pub(super) files: Vec<PathBuf>,
}

impl Document {
    /// Loads a document; findings go to standard error.
    pub(super) fn load(args: &Args, source: Source, index: usize, rules: Arc<Rules>) -> Result<Self, Exit> {
        let mut loaded = source.load(&args.load.options()?);
        let store = match &args.state {
            Some(place) => Some(store(place, &source.name()).map_err(exit::broken)?),
            None => None,
        };
        let api = loaded.api.take();
        let mock = api.map(|api| mock(args.settings(), api, store.clone(), rules));
        loaded.diagnostics.extend(mock.iter().flat_map(Mock::diagnostics));
        load::report(&source.name(), &loaded);
        let Some(mock) = mock else { return Err(Exit::Failed) };
        Ok(Self {
            port: source.port(args.port, index)?,
            overlay: of_document(mock.api()).and_then(|twin| twin.overlay(args.seed)),
            mock: Arc::new(mock),
            store,
            files: files(&loaded),
            source,
        })
    }
}

/// A mock of a document as the command line has it.
pub(super) fn mock(settings: Settings, api: Api, store: Option<Arc<dyn Store>>, rules: Arc<Rules>) -> Mock {
    let mock = Mock::new(Arc::new(api), settings).with_rules(rules);
    match store {
        Some(store) => mock.with_state(store),
        None => mock,
    }
}

/// Every file that a document was read from.
pub(super) fn files(loaded: &Loaded) -> Vec<PathBuf> {
    loaded.sources.iter().filter_map(|file| file.path.clone()).collect()
}

/// Where a document's items are kept.
fn store(place: &str, document: &str) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match place {
        "memory" => Arc::new(Memory::default()),
        url if url.starts_with("redis://") => Arc::new(Redis::connect(url, document)?),
        file => Arc::new(Sqlite::open(Path::new(file))?),
    })
}
