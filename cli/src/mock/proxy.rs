//! `descant mock FILE --upstream URL`: a service behind the mock.

use std::sync::Arc;

use descant_mock::{Forwarding, Upstream};

use crate::exit::{self, Exit};

#[derive(clap::Args)]
#[group(id = "proxy")]
pub(super) struct Args {
    /// Pass requests on to the service at this base URL, and hold both directions to the document
    #[arg(long = "upstream", value_name = "URL", help_heading = "Proxy")]
    url: Option<String>,
    /// Stop what breaks the document: refuse the request, turn the response into 502
    #[arg(long, requires = "url", help_heading = "Proxy")]
    strict: bool,
    /// Mock what the service lacks: it cannot be reached, answers 501, or a 404 that the document does not describe
    #[arg(long, requires = "url", help_heading = "Proxy")]
    fallback: bool,
}

impl Args {
    /// Whether a service stands behind the mock.
    pub(super) fn is_there(&self) -> bool {
        self.url.is_some()
    }

    /// The service, where there is one.
    pub(super) fn upstream(&self) -> Result<Option<Arc<Upstream>>, Exit> {
        let Some(url) = &self.url else { return Ok(None) };
        let settings = Forwarding { strict: self.strict, fallback: self.fallback, ..Forwarding::default() };
        Upstream::new(url, settings).map(|upstream| Some(Arc::new(upstream))).map_err(exit::usage)
    }
}
