//! Listening, until the process is told to stop.

use std::sync::Arc;

use descant_mock::{Journal, Live, Server};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::source::Document;
use super::{Args, coverage, log, watch as changes};
use crate::exit::{self, Exit};

/// Serves until the process is told to stop.
pub(super) async fn serve(args: &Args, documents: Vec<Document>) -> Exit {
    let (stop, stopped) = watch::channel(());
    let mut servers = JoinSet::new();
    let mut served = Vec::new();
    for document in documents {
        let Document { source, port, mock, overlay, store, files } = document;
        let host = args.host.as_str();
        let listening = TcpListener::bind((host, port)).await;
        let bound = listening.and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = match bound {
            Ok(bound) => bound,
            Err(error) => {
                return exit::broken(format_args!("cannot listen on {host}:{port}: {error} (see --port)"));
            }
        };
        let admin = args.admin || address.ip().is_loopback();
        let page =
            if admin { format!(" (what happens: http://{address}/__descant/)") } else { String::new() };
        exit::print(&format!("{} on http://{address}{page}\n", mock.api().info.title));
        let journal = Arc::new(Journal::default());
        let live = Arc::new(Live::new(mock.clone()));
        served.push((live.clone(), journal.clone()));
        if !args.no_watch {
            changes::watch(args, source, store, files, live.clone());
        }
        let observer = log::observer(args.log, args.json);
        let limits = args.limits.limits();
        let server = Server { mock: live, overlay, journal, observer, admin, limits };
        let mut stopped = stopped.clone();
        servers.spawn(server.run(listener, async move { _ = stopped.changed().await }));
    }
    interrupted().await;
    drop(stop);
    while servers.join_next().await.is_some() {}
    let met = served.iter().map(|(live, journal)| (live.get(), journal.as_ref()));
    coverage::report(&args.coverage, met)
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
