//! Mocks inside tests: each listens on a free port of the loopback, and stops when it is dropped.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::journal::{Journal, JournalEntry};
use super::limits::Limits;
use super::mounted_api::MountedApi;
use super::server::Server;
use crate::mock::Mock;
use crate::sources::overlay::Overlay;

/// A mock that is being served.
pub struct Running {
    address: SocketAddr,
    mock: Arc<Mock>,
    journal: Arc<Journal>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

/// Serves a mock on a free port of the loopback, on a thread of its own.
///
/// ```
/// use descant_mock::{Mock, start};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mock = start(Mock::open("../docs/demo/pets.yaml")?)?;
/// let response = reqwest::get(format!("{}/pets/7", mock.url())).await?;
/// assert_eq!(response.status(), 200);
///
/// let calls = mock.calls_of("GET /pets/{petId}");
/// assert_eq!(calls[0].target, "/pets/7");
/// assert_eq!(calls[0].request, None, "the request follows the document");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where no port or thread is available.
pub fn start(mock: Mock) -> io::Result<Running> {
    start_with(mock, None, Limits::default())
}

/// Serves a mock as [`start`] does, with handlers and limits.
///
/// # Errors
/// Where no port or thread is available.
pub fn start_with(mock: Mock, overlay: Option<Arc<dyn Overlay>>, limits: Limits) -> io::Result<Running> {
    let mock = Arc::new(mock);
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut api = MountedApi::new(mock.clone());
    if let Some(overlay) = overlay {
        api = api.with_overlay(overlay);
    }
    let journal = api.journal().clone();
    let server = Server::new([api]).with_limits(limits);
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new().name("descant-mock".into()).spawn(move || {
        runtime.block_on(async {
            // A sender that is dropped stops the server, too.
            let stopped = async { _ = stopped.await };
            server.run(TcpListener::from_std(listener)?, stopped).await
        })
    })?;
    Ok(Running { address, mock, journal, stop: Some(stop), thread: Some(thread) })
}

impl Running {
    /// Returns its URL, `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the last thousand exchanges, the oldest first.
    pub fn calls(&self) -> Vec<JournalEntry> {
        self.journal.since(0)
    }

    /// Returns the last exchanges of an operation, `POST /pets`.
    pub fn calls_of(&self, operation: &str) -> Vec<JournalEntry> {
        let mut calls = self.calls();
        calls.retain(|call| call.operation.as_deref() == Some(operation));
        calls
    }

    /// Returns the journal: for coverage, or to begin anew.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Returns the mock: for its credentials, say.
    pub fn mock(&self) -> &Mock {
        &self.mock
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
