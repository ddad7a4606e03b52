//! The document that a command line names: a file, a URL, or `-` for standard input.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use descant_model::load::{Loaded, Options, load, load_text};
use descant_model::parse::MAX_BYTES;
use descant_model::references::Remote;
use reqwest::Url;

use crate::exit::{self, Exit};
use crate::fetch::{self, Http};

/// A document that exists.
#[derive(Clone)]
pub(crate) enum Input {
    File(PathBuf),
    /// A text that was read once, with the URL that it came from.
    Text {
        name: String,
        text: Arc<[u8]>,
        url: Option<Url>,
    },
}

impl Input {
    /// Finds a file, fetches a URL of http or https, or reads standard input (`-`).
    pub(crate) fn named(name: &Path) -> Result<Self, Exit> {
        let text = name.to_str().unwrap_or_default();
        if text == "-" {
            return standard_input();
        }
        if !text.starts_with("http://") && !text.starts_with("https://") {
            return exit::existing(name).map(|()| Self::File(name.to_owned()));
        }
        let url =
            Url::parse(text).map_err(|error| exit::usage(format_args!("`{text}` is no URL: {error}")))?;
        let name = shown(&url);
        match fetch::document(&url) {
            Ok((url, text)) => Ok(Self::Text { name, text: text.into(), url: Some(url) }),
            Err(reason) => Err(exit::broken(format_args!("cannot fetch {name}: {reason}"))),
        }
    }

    /// Returns the name in findings.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Text { name, .. } => name.clone(),
        }
    }

    /// Loads the document. References of a document by URL are relative to it, and those to its own host are permitted.
    pub(crate) fn load(&self, options: &Options) -> Loaded {
        match self {
            Self::File(path) => load(path, options),
            Self::Text { name, text, url } => {
                let mut options = options.clone();
                if let Some((url, host)) = url.as_ref().and_then(|url| Some((url, url.host()?.to_owned()))) {
                    let none = || Remote::new(&[], Arc::new(Http::default())).ok();
                    let remote = options.access.remote.take().or_else(none);
                    options.access.remote = remote.map(|remote| remote.allowing(host));
                    options.access.base = Some(url.clone());
                }
                load_text(name, text.to_vec(), &options)
            }
        }
    }
}

fn standard_input() -> Result<Input, Exit> {
    let mut text = Vec::new();
    match std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut text) {
        Ok(_) => Ok(Input::Text { name: "stdin".to_owned(), text: text.into(), url: None }),
        Err(error) => Err(exit::broken(format_args!("cannot read standard input: {error}"))),
    }
}

/// Returns a URL without what may be secret in it.
fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    let _ = (shown.set_username(""), shown.set_password(None));
    shown.set_query(None);
    shown.set_fragment(None);
    shown.to_string()
}
