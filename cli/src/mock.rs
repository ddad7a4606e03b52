//! `descant mock`: serves documents as mock servers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use descant_mock::state::{Memory, Redis, Sqlite, Store, StoreError};
use descant_mock::{Examples, Limits, Mock, Overlay, Server, Settings};
use descant_model::diagnostic::{Diagnostic, Severity};
use descant_model::load::{Loaded, Options, load, load_text};
use descant_model::render::{Format, render};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::builtin::{self, Builtin};
use crate::call;
use crate::exit::{self, Exit};

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
    let named = args.documents.iter().map(|path| (path.as_path(), builtin::named(path)));
    let mut sources: Vec<(&Path, Option<Builtin>)> = named.collect();
    if sources.is_empty() {
        sources = builtin::ALL.iter().map(|builtin| (Path::new(builtin.name), Some(*builtin))).collect();
    }
    for (path, _) in sources.iter().filter(|(_, builtin)| builtin.is_none()) {
        exit::existing(path)?;
    }
    let places = sources.into_iter().enumerate();
    places.map(|(index, (path, builtin))| document(args, index, path, builtin)).collect()
}

fn document(args: &Args, index: usize, path: &Path, builtin: Option<Builtin>) -> Result<Document, Exit> {
    let options = Options::default();
    let mut loaded = match builtin {
        Some(builtin) => load_text(builtin.file, builtin.text, &options),
        None => load(path, &options),
    };
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
        let store = store(place, path).map_err(exit::broken)?;
        mock = mock.map(|mock| mock.with_state(store));
    }
    loaded.diagnostics.extend(mock.iter().flat_map(Mock::diagnostics));
    report(path, &loaded);
    let Some(mock) = mock else { return Err(Exit::Failed) };
    let following = u16::try_from(index).ok().and_then(|index| args.port.unwrap_or(4010).checked_add(index));
    let port = match (args.port, builtin) {
        (Some(0), _) => 0,
        (None, Some(builtin)) => builtin.port,
        _ => following.ok_or_else(|| exit::usage("there are not that many ports"))?,
    };
    let overlay = builtin.and_then(|builtin| (builtin.overlay)(&mock));
    Ok(Document { name: mock.api().info.title.clone(), port, mock: Arc::new(mock), overlay })
}

/// Where a document's items are kept.
fn store(place: &str, document: &Path) -> Result<Box<dyn Store>, StoreError> {
    Ok(match place {
        "memory" => Box::new(Memory::default()),
        url if url.starts_with("redis://") => Box::new(Redis::connect(url, &document.to_string_lossy())?),
        file => Box::new(Sqlite::open(Path::new(file))?),
    })
}

/// Shows errors in full, and how many warnings there are.
fn report(path: &Path, loaded: &Loaded) {
    let is_error = |finding: &&Diagnostic| finding.severity == Severity::Error;
    let errors: Vec<_> = loaded.diagnostics.iter().filter(is_error).cloned().collect();
    if !errors.is_empty() {
        anstream::eprint!("{}", render(Format::Human, &errors, &loaded.sources));
    }
    let warnings = loaded.diagnostics.iter().filter(|finding| finding.severity == Severity::Warning).count();
    if warnings > 0 {
        let plural = if warnings == 1 { "" } else { "s" };
        let path = path.display();
        anstream::eprintln!("{path}: {warnings} warning{plural}; `descant lint {path}` shows them");
    }
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
