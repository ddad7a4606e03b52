//! Serves the documents until the process is stopped.

use std::sync::Arc;

use descant_mock::{MountedApi, Server, TlsHandshake, Upstream};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::proxy::Proxy;
use super::source::{Document, Group};
use super::{Args, coverage, examples, log, requests, terminal, watch as changes};
use crate::exit::{self, Exit};

/// Serves until the process is stopped.
pub(super) async fn serve(args: &Args, groups: Vec<Group>, proxy: Option<Proxy>) -> Exit {
    let interrupted = interrupted();
    let (stop, stopped) = watch::channel(());
    let mut servers = JoinSet::new();
    let mut served = Vec::new();
    let tls = match args.tls.load(&args.host) {
        Ok(tls) => tls,
        Err(exit) => return exit,
    };
    let upstream = proxy.as_ref().map(|proxy| proxy.upstream.clone());
    let keeping = proxy.clone().map(|proxy| tokio::spawn(proxy.keep()));
    for Group { port, documents } in groups {
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
        let judged = documents.iter().map(|one| (one.source.name(), one.mock.clone())).collect();
        let apis: Vec<_> =
            documents.into_iter().map(|document| mount(args, document, upstream.clone())).collect();
        for api in &apis {
            let mock = api.mock().get();
            let scheme = if tls.is_some() { "https" } else { "http" };
            let url = format!("{scheme}://{address}{}", api.prefix());
            exit::print(&terminal::greeting(&mock, &url, admin));
            served.push((api.mock().clone(), api.journal().clone()));
        }
        let mut server = Server::new(apis).with_limits(args.limits.limits()).with_admin(admin);
        if let Some(tls) = tls.clone() {
            server = server.with_tls(tls as Arc<dyn TlsHandshake>);
        }
        let mut stopped = stopped.clone();
        servers.spawn(server.run(listener, async move { _ = stopped.changed().await }));
        examples::judge(judged);
    }
    tls.iter().for_each(|tls| exit::print(&tls.describe()));
    interrupted.await;
    drop(stop);
    while servers.join_next().await.is_some() {}
    keeping.iter().for_each(|keeping| keeping.abort());
    let recorded = proxy.map_or(Exit::Ok, |proxy| proxy.end());
    let met = served.iter().map(|(live, journal)| (live.get(), journal.as_ref()));
    match coverage::report(&args.coverage, met) {
        Exit::Ok => recorded,
        worse => worse,
    }
}

/// Returns a document as a mounted API, and starts watching its files.
fn mount(args: &Args, document: Document, upstream: Option<Arc<Upstream>>) -> MountedApi {
    let Document { source, mock, overlay, config, files, report } = document;
    let mut api = MountedApi::new(mock).with_requests(Arc::new(requests::request));
    api.mock().set_report(report);
    if let Some(overlay) = overlay {
        api = api.with_overlay(overlay);
    }
    if let Some(upstream) = upstream {
        api = api.with_upstream(upstream);
    }
    if let Some(observer) = log::observer(args.log, args.json) {
        api = api.with_observer(observer);
    }
    if !args.no_watch {
        changes::watch(args, source, config, files, api.mock().clone());
    }
    api
}

/// Waits for Ctrl-C or SIGTERM. Installs the signal handlers before returning, so that a signal sent right after the
/// address is printed is not lost.
fn interrupted() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let mut terminated = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate()).ok()
    };
    async move {
        let asked = tokio::signal::ctrl_c();
        #[cfg(unix)]
        if let Some(terminated) = &mut terminated {
            tokio::select! {
                _ = asked => {}
                _ = terminated.recv() => {}
            }
            return;
        }
        _ = asked.await;
    }
}
