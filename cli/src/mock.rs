//! `descant mock`: serves documents as mock servers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use descant_mock::state::{Memory, Redis, Sqlite, Store, StoreError};
use descant_mock::{Examples, Limits, Mock, Overlay, Server, Settings};
use descant_model::load::Loaded;
use descant_twins::{Twin, of_document, registry};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::call;
use crate::exit::{self, Exit};
use crate::load;

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
    /// Remember what requests create, change and delete: in `memory`, an SQLite FILE, or a `redis://` URL
    #[arg(long, value_name = "WHERE", num_args = 0..=1, default_missing_value = "memory")]
    state: Option<String>,
    #[command(flatten)]
    call: call::Args,
    #[command(flatten)]
    load: load::Args,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum OnExample {
    /// A sampled value is sent in its place
    Checked,
    /// It is sent as it stands
    Verbatim,
}

/// A document to be served.
struct Document {
    name: String,
    port: u16,
    mock: Arc<Mock>,
    overlay: Option<Arc<dyn Overlay>>,
}

/// Runs the subcommand.
pub(crate) fn run(args: Args) -> Exit {
    let documents = match documents(&args) {
        Ok(documents) => documents,
        Err(exit) => return exit,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::broken(error),
    };
    match (args.call.request(), documents.as_slice()) {
        (Err(exit), _) => exit,
        (Ok(None), _) => runtime.block_on(serve(&args.host, documents)),
        (Ok(Some(request)), [one]) => {
            runtime.block_on(call::call(&one.mock, one.overlay.as_deref(), request))
        }
        (Ok(Some(_)), _) => exit::usage("--call needs one document"),
    }
}

/// Loads every document; findings go to standard error.
fn documents(args: &Args) -> Result<Vec<Document>, Exit> {
    let mut sources: Vec<Source> = args.documents.iter().map(|path| Source::named(path)).collect();
    if sources.is_empty() {
        sources = registry().into_iter().map(Source::Twin).collect();
    }
    let places = sources.into_iter().enumerate();
    places.map(|(index, source)| document(args, index, &source)).collect()
}

/// Where a document comes from.
enum Source {
    File(PathBuf),
    Twin(Twin),
}

impl Source {
    /// A file, or else the built-in document of that name.
    fn named(path: &Path) -> Self {
        let twin = registry().into_iter().find(|twin| path.as_os_str() == twin.name);
        twin.filter(|_| !path.exists()).map_or_else(|| Self::File(path.to_owned()), Self::Twin)
    }

    fn load(&self, load: &load::Args) -> Result<Loaded, Exit> {
        match self {
            Self::File(path) => load.load(path),
            Self::Twin(twin) => Ok(twin.load()),
        }
    }

    /// As findings name it.
    fn name(&self) -> String {
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

fn document(args: &Args, index: usize, source: &Source) -> Result<Document, Exit> {
    let mut loaded = source.load(&args.load)?;
    let settings = Settings {
        seed: args.seed,
        dynamic: args.dynamic,
        examples: match args.examples {
            OnExample::Checked => Examples::Checked,
            OnExample::Verbatim => Examples::Verbatim,
        },
    };
    let mut mock = loaded.api.take().map(|api| Mock::new(Arc::new(api), settings));
    if let Some(place) = &args.state {
        let store = store(place, &source.name()).map_err(exit::broken)?;
        mock = mock.map(|mock| mock.with_state(store));
    }
    loaded.diagnostics.extend(mock.iter().flat_map(Mock::diagnostics));
    load::report(&source.name(), &loaded);
    let Some(mock) = mock else { return Err(Exit::Failed) };
    let overlay = of_document(mock.api()).and_then(|twin| twin.overlay(args.seed));
    let port = source.port(args.port, index)?;
    Ok(Document { name: mock.api().info.title.clone(), port, mock: Arc::new(mock), overlay })
}

/// Where a document's items are kept.
fn store(place: &str, document: &str) -> Result<Box<dyn Store>, StoreError> {
    Ok(match place {
        "memory" => Box::new(Memory::default()),
        url if url.starts_with("redis://") => Box::new(Redis::connect(url, document)?),
        file => Box::new(Sqlite::open(Path::new(file))?),
    })
}

/// Serves until the process is told to stop.
async fn serve(host: &str, documents: Vec<Document>) -> Exit {
    let (stop, stopped) = watch::channel(());
    let mut servers = JoinSet::new();
    for document in documents {
        let listening = TcpListener::bind((host, document.port)).await;
        let bound = listening.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = match bound {
            Ok(bound) => bound,
            Err(error) => {
                let port = document.port;
                return exit::broken(format_args!("cannot listen on {host}:{port}: {error} (see --port)"));
            }
        };
        exit::print(&format!("{} on http://{address}\n", document.name));
        let Document { mock, overlay, .. } = document;
        let server = Server { mock, overlay, limits: Limits::default() };
        let mut stopped = stopped.clone();
        servers.spawn(server.run(listener, async move { _ = stopped.changed().await }));
    }
    interrupted().await;
    drop(stop);
    while servers.join_next().await.is_some() {}
    Exit::Ok
}

/// Waits for Ctrl-C, or what an operating system stops a service with.
async fn interrupted() {
    let asked = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = asked => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    _ = asked.await;
}
