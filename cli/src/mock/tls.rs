//! `--tls`: the certificate of the mock, and how clients can trust it.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use descant_mock::{Connection, TlsHandshake};
use futures_util::future::BoxFuture;
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair};
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::exit::{self, Exit};

/// The validity of a created certificate: the maximum that browsers accept.
const LIFE: Duration = Duration::from_secs(90 * 24 * 3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(clap::Args)]
#[group(id = "tls-server")]
pub(super) struct Args {
    /// Serve https, with a certificate created for this host
    #[arg(long, help_heading = "TLS")]
    tls: bool,
    /// The certificate file (PEM); with `--tls` it is created if it does not exist
    #[arg(long, value_name = "FILE", requires = "tls_key", help_heading = "TLS")]
    tls_cert: Option<PathBuf>,
    /// The key file (PEM) of the certificate
    #[arg(long, value_name = "FILE", requires = "tls_cert", help_heading = "TLS")]
    tls_key: Option<PathBuf>,
}

/// The certificate and key of the mock.
pub(super) struct Tls {
    acceptor: TlsAcceptor,
    /// The certificate file for clients, and whether it is deleted at the end.
    file: PathBuf,
    is_passing: bool,
    fingerprint: String,
}

impl Args {
    /// Whether the mock speaks TLS.
    pub(super) fn is_on(&self) -> bool {
        self.tls
    }

    /// Returns the certificate and key, if connections are encrypted.
    pub(super) fn load(&self, host: &str) -> Result<Option<Arc<Tls>>, Exit> {
        let files = self.tls_cert.as_deref().zip(self.tls_key.as_deref());
        let broken = |error: String| exit::broken(format_args!("TLS: {error}"));
        let tls = match files {
            None if !self.tls => return Ok(None),
            Some((cert, key)) if !self.tls || cert.exists() || key.exists() => {
                exit::existing(cert).and_then(|()| exit::existing(key))?;
                Tls::read(cert, key)
            }
            files => made(host).and_then(|(cert, key)| Tls::write(&cert, &key, files)),
        };
        tls.map(|tls| Some(Arc::new(tls))).map_err(broken)
    }
}

/// Creates a certificate for this host and the names of the loopback address, with its key.
fn made(host: &str) -> Result<(String, KeyPair), String> {
    let names =
        ["localhost", "127.0.0.1", "::1"].into_iter().chain(Some(host).filter(|host| *host != "127.0.0.1"));
    let make = || {
        let mut params = CertificateParams::new(names.map(str::to_owned).collect::<Vec<_>>())?;
        params.distinguished_name.push(rcgen::DnType::CommonName, "descant mock");
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
        let now = SystemTime::now();
        params.not_before = (now - DAY).into();
        params.not_after = (now + LIFE).into();
        let key = KeyPair::generate()?;
        params.self_signed(&key).map(|cert| (cert.pem(), key))
    };
    make().map_err(|error: rcgen::Error| error.to_string())
}

impl Tls {
    /// Writes a created certificate and key to the named files, or only the certificate to a temporary file.
    fn write(cert: &str, key: &KeyPair, files: Option<(&Path, &Path)>) -> Result<Self, String> {
        let der =
            PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).map_err(|it| it.to_string())?;
        let mut tls = Self::new(cert.as_bytes(), der)?;
        let short: String = tls.fingerprint.chars().filter(|c| *c != ':').take(16).collect();
        tls.is_passing = files.is_none();
        tls.file = match files {
            Some((file, _)) => file.to_owned(),
            None => std::env::temp_dir().join(format!("descant-{short}.pem")),
        };
        // Never overwrite an existing file.
        let create = |file: &Path, text: &str, mode: u32| {
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
            #[cfg(not(unix))]
            let _ = mode;
            let written =
                options.open(file).and_then(|mut file| io::Write::write_all(&mut file, text.as_bytes()));
            written.map_err(|error| format!("{}: {error}", file.display()))
        };
        create(&tls.file, cert, 0o644)?;
        if let Some((_, file)) = files {
            create(file, &key.serialize_pem(), 0o600)?;
        }
        Ok(tls)
    }

    fn read(cert: &Path, key: &Path) -> Result<Self, String> {
        let at = |file: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = std::fs::read(cert).map_err(|error| at(cert, &error))?;
        let der = PrivateKeyDer::from_pem_file(key).map_err(|error| at(key, &error))?;
        let mut tls = Self::new(&text, der).map_err(|error| at(cert, &error))?;
        tls.file = cert.to_owned();
        Ok(tls)
    }

    fn new(cert: &[u8], key: PrivateKeyDer<'static>) -> Result<Self, String> {
        let chain: Vec<_> =
            CertificateDer::pem_slice_iter(cert).collect::<Result<_, _>>().map_err(|it| it.to_string())?;
        let first = chain.first().ok_or("it contains no certificate")?;
        let hex = Sha256::digest(first).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>();
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
        let config = builder.with_no_client_auth().with_single_cert(chain, key);
        let mut config = config.map_err(|error| error.to_string())?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { acceptor, file: PathBuf::new(), is_passing: false, fingerprint: hex.join(":") })
    }

    /// Returns instructions for clients to trust the certificate.
    pub(super) fn describe(&self) -> String {
        let (file, fingerprint) = (self.file.display(), &self.fingerprint);
        format!("certificate: {file} (SHA-256 {fingerprint}), as in `curl --cacert {file}`\n")
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        if self.is_passing {
            let _ = std::fs::remove_file(&self.file);
        }
    }
}

impl TlsHandshake for Tls {
    fn accept(&self, stream: TcpStream) -> BoxFuture<'_, io::Result<Pin<Box<dyn Connection>>>> {
        let shaken = self.acceptor.accept(stream);
        Box::pin(async move { shaken.await.map(|stream| Box::pin(stream) as Pin<Box<dyn Connection>>) })
    }
}
