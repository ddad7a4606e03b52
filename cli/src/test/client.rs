//! The HTTP client of `descant test`: its proxy, the certificates that it trusts, and its own.

use std::path::{Path, PathBuf};

use descant_contract::Client;
use reqwest::{Certificate, Identity, Proxy};

#[derive(clap::Args)]
#[group(id = "connection")]
pub(super) struct Args {
    /// Send requests through this proxy [default: HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the environment]
    #[arg(long, value_name = "URL", help_heading = "Connection")]
    proxy: Option<String>,
    /// Trust the certificates in this PEM file, too
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    ca: Option<PathBuf>,
    /// Present the certificate and private key in this PEM file
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    client_certificate: Option<PathBuf>,
}

impl Args {
    /// Returns what makes clients.
    pub(super) fn client(&self) -> Result<Client, String> {
        let proxy = self
            .proxy
            .as_deref()
            .map(|url| Proxy::all(url).map_err(|_| format!("`{url}` is no URL of a proxy")));
        let proxy = proxy.transpose()?;
        let named = |path: &Path, reason: String| format!("{}: {reason}", path.display());
        let read = |path: &Path| std::fs::read(path).map_err(|error| named(path, error.to_string()));
        let certificates = match &self.ca {
            Some(path) => Certificate::from_pem_bundle(&read(path)?)
                .ok()
                .filter(|all| !all.is_empty())
                .ok_or_else(|| named(path, "no certificate in PEM".to_owned()))?,
            None => Vec::new(),
        };
        let identity = match &self.client_certificate {
            Some(path) => {
                let identity = Identity::from_pem(&read(path)?);
                Some(identity.map_err(|_| named(path, "no certificate and private key in PEM".to_owned()))?)
            }
            None => None,
        };
        Ok(Client::new(move || {
            let mut builder = reqwest::Client::builder().tls_certs_merge(certificates.clone());
            if let Some(proxy) = &proxy {
                builder = builder.proxy(proxy.clone());
            }
            if let Some(identity) = &identity {
                builder = builder.identity(identity.clone());
            }
            builder
        }))
    }
}
