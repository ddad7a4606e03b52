//! A mock inside a test: it listens on a free port of the loopback, and stops when it is dropped.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::{Entry, Journal, Limits, Mock, Overlay, Server, Site};

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
/// Where no port or thread is to be had.
pub fn start(mock: Mock) -> io::Result<Running> {
    start_with(mock, None, Limits::default())
}

/// As [`start`], with hand-written operations and limits.
///
/// # Errors
/// Where no port or thread is to be had.
pub fn start_with(mock: Mock, overlay: Option<Arc<dyn Overlay>>, limits: Limits) -> io::Result<Running> {
    let mock = Arc::new(mock);
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let site = Site { overlay, ..Site::new(mock.clone()) };
    let journal = site.journal.clone();
    let server = Server { limits, ..Server::new(site) };
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new().name("descant-mock".into()).spawn(move || {
        runtime.block_on(async {
            // A sender that is gone means the same as one that says stop.
            let stopped = async { _ = stopped.await };
            server.run(TcpListener::from_std(listener)?, stopped).await
        })
    })?;
    Ok(Running { address, mock, journal, stop: Some(stop), thread: Some(thread) })
}

impl Running {
    /// Where it listens: `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The calls that it received, the oldest first, at most the last thousand.
    pub fn calls(&self) -> Vec<Entry> {
        self.journal.since(0)
    }

    /// Those of one operation, `POST /pets`.
    pub fn calls_of(&self, operation: &str) -> Vec<Entry> {
        let mut calls = self.calls();
        calls.retain(|call| call.operation.as_deref() == Some(operation));
        calls
    }

    /// What it saw: for coverage, or to begin anew.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The mock itself: its credentials, say.
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
