//! `descant mock FILE --upstream URL`: a service behind the mock.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use descant_mock::{Recorder, Upstream, UpstreamConfig};
use reqwest::{Certificate, ClientBuilder};

use crate::exit::{self, Exit};

#[derive(clap::Args)]
#[group(id = "proxy")]
pub(super) struct Args {
    /// Pass requests on to the service at this base URL, and hold both directions to the document
    #[arg(long = "upstream", value_name = "URL", help_heading = "Proxy")]
    url: Option<String>,
    /// Trust these certificates of an https service, too: a file of PEM
    #[arg(long, value_name = "FILE", requires = "url", help_heading = "Proxy")]
    upstream_ca: Option<PathBuf>,
    /// Stop what breaks the document: refuse the request, turn the response into 502
    #[arg(long, requires = "url", help_heading = "Proxy")]
    strict: bool,
    /// Mock what the service lacks: it cannot be reached, answers 501, or a 404 that the document does not describe
    #[arg(long, requires = "url", help_heading = "Proxy")]
    fallback: bool,
    /// Write what follows the document as rules, which `--rules FILE` answers by; those of the file stay
    #[arg(long, value_name = "FILE", requires = "url", help_heading = "Proxy")]
    record: Option<PathBuf>,
}

/// A service behind the mock, and what is recorded of it.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) upstream: Arc<Upstream>,
    record: Option<(PathBuf, Arc<Recorder>)>,
}

impl Args {
    /// Whether a service stands behind the mock.
    pub(super) fn is_there(&self) -> bool {
        self.url.is_some()
    }

    /// The service, where there is one.
    pub(super) fn proxy(&self) -> Result<Option<Proxy>, Exit> {
        let Some(url) = &self.url else { return Ok(None) };
        let config = UpstreamConfig::default().with_strict(self.strict).with_fallback(self.fallback);
        let mut upstream = Upstream::with_client_builder(url, config, self.client()?).map_err(exit::usage)?;
        let mut record = None;
        if let Some(file) = &self.record {
            let before = if file.exists() { super::read_rules(file)? } else { Vec::new() };
            let recorder = Arc::new(Recorder::new(before));
            upstream = upstream.with_recorder(recorder.clone());
            record = Some((file.clone(), recorder));
        }
        Ok(Some(Proxy { upstream: Arc::new(upstream), record }))
    }

    /// What speaks to the service.
    fn client(&self) -> Result<ClientBuilder, Exit> {
        let Some(file) = &self.upstream_ca else { return Ok(ClientBuilder::new()) };
        exit::existing(file)?;
        let broken =
            |error: &dyn std::fmt::Display| exit::broken(format_args!("{}: {error}", file.display()));
        let text = std::fs::read(file).map_err(|error| broken(&error))?;
        let certificates = Certificate::from_pem_bundle(&text).map_err(|error| broken(&error))?;
        if certificates.is_empty() {
            return Err(broken(&"there is no certificate in it"));
        }
        Ok(ClientBuilder::new().tls_certs_merge(certificates))
    }
}

/// How often what is new is written.
const PACE: Duration = Duration::from_secs(1);

impl Proxy {
    /// Writes what is recorded, over and over.
    pub(super) async fn keep(self) {
        loop {
            tokio::time::sleep(PACE).await;
            self.write();
        }
    }

    /// Writes what is recorded, where there is news: whole or not at all.
    pub(super) fn write(&self) -> Exit {
        let Some((file, recorder)) = &self.record else { return Exit::Ok };
        let Some(rules) = recorder.changed() else { return Exit::Ok };
        let mut beside = file.clone().into_os_string();
        beside.push(".new");
        let text = format!("{:#}\n", serde_json::json!(rules));
        let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, file));
        written.map_or_else(|error| exit::broken(format_args!("{}: {error}", file.display())), |()| Exit::Ok)
    }

    /// Writes the last of it, and says what there was no room for.
    pub(super) fn end(&self) -> Exit {
        let left_out = self.record.as_ref().map_or(0, |(_, recorder)| recorder.left_out());
        if left_out > 0 {
            anstream::eprintln!("{left_out} exchanges were not recorded: there are too many");
        }
        self.write()
    }
}
