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
    /// Forward requests to the service at this base URL, and validate both directions
    #[arg(long = "upstream", value_name = "URL", help_heading = "Proxy")]
    url: Option<String>,
    /// Trust additional certificates of an https service: a PEM file
    #[arg(long, value_name = "FILE", requires = "url", help_heading = "Proxy")]
    upstream_ca: Option<PathBuf>,
    /// Block violations: refuse an invalid request, replace an invalid response with 502
    #[arg(long, requires = "url", help_heading = "Proxy")]
    strict: bool,
    /// Respond from the mock if the service cannot be reached, or answers 501 or a 404 that the document does not describe
    #[arg(long, requires = "url", help_heading = "Proxy")]
    fallback: bool,
    /// Let pages of any origin call the service: the mock answers preflights, and replaces the service's CORS fields
    #[arg(long, requires = "url", help_heading = "Proxy")]
    cors: bool,
    /// Record valid exchanges as rules for `--rules FILE`; existing rules of the file are kept
    #[arg(long, value_name = "FILE", requires = "url", help_heading = "Proxy")]
    record: Option<PathBuf>,
}

/// The upstream service, and its recorder.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) upstream: Arc<Upstream>,
    record: Option<(PathBuf, Arc<Recorder>)>,
}

impl Args {
    /// Whether there is an upstream service.
    pub(super) fn is_there(&self) -> bool {
        self.url.is_some()
    }

    /// Returns the service, if there is one.
    pub(super) fn proxy(&self) -> Result<Option<Proxy>, Exit> {
        let Some(url) = &self.url else { return Ok(None) };
        let config = UpstreamConfig::default();
        let config = config.with_strict(self.strict).with_fallback(self.fallback).with_cors(self.cors);
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

    /// Returns the HTTP client for the service.
    fn client(&self) -> Result<ClientBuilder, Exit> {
        let Some(file) = &self.upstream_ca else { return Ok(ClientBuilder::new()) };
        exit::existing(file)?;
        let broken =
            |error: &dyn std::fmt::Display| exit::broken(format_args!("{}: {error}", file.display()));
        let text = std::fs::read(file).map_err(|error| broken(&error))?;
        let certificates = Certificate::from_pem_bundle(&text).map_err(|error| broken(&error))?;
        if certificates.is_empty() {
            return Err(broken(&"it contains no certificate"));
        }
        Ok(ClientBuilder::new().tls_certs_merge(certificates))
    }
}

/// The interval between writes of new recordings.
const PACE: Duration = Duration::from_secs(1);

impl Proxy {
    /// Writes the recording repeatedly.
    pub(super) async fn keep(self) {
        loop {
            tokio::time::sleep(PACE).await;
            self.write();
        }
    }

    /// Writes the recording atomically, if it has changed.
    pub(super) fn write(&self) -> Exit {
        let Some((file, recorder)) = &self.record else { return Exit::Ok };
        let Some(rules) = recorder.changed() else { return Exit::Ok };
        let mut beside = file.clone().into_os_string();
        beside.push(".new");
        let text = format!("{:#}\n", serde_json::json!(rules));
        let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, file));
        written.map_or_else(|error| exit::broken(format_args!("{}: {error}", file.display())), |()| Exit::Ok)
    }

    /// Writes the final recording, and prints the number of omitted exchanges.
    pub(super) fn end(&self) -> Exit {
        let left_out = self.record.as_ref().map_or(0, |(_, recorder)| recorder.left_out());
        if left_out > 0 {
            anstream::eprintln!("{left_out} exchanges were not recorded: the recording is full");
        }
        self.write()
    }
}
