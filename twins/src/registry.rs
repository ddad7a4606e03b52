//! The registry of twins: the document of each, its default port, and its hand-written behaviour.

use std::io;
use std::sync::Arc;

use descant_mock::{ErrorFormat, Limits, Mock, Overlay, Running, Settings};
use descant_model::api::Api;
use descant_model::load::{Loaded, Options, load_text};

use crate::{cognitive3d, timbr, timbre};

/// A twin.
#[derive(Clone, Copy, Debug)]
pub struct Twin {
    /// The name for `descant mock NAME` and a document's `x-descant.twin`.
    pub name: &'static str,
    /// The path of its document.
    pub file: &'static str,
    /// The text of its document.
    pub document: &'static str,
    /// The default port of `descant mock`.
    pub port: u16,
    /// Rules for `descant mock NAME --rules RULES`: failures that the API is known for, each with its name, as JSON.
    pub rules: &'static [(&'static str, &'static str)],
    /// Creates the hand-written behaviour; the seed determines invented data.
    overlay: fn(u64) -> Option<Arc<dyn Overlay>>,
}

/// Returns the twins, in the order of their ports.
pub fn registry() -> [Twin; 3] {
    [
        Twin {
            name: "timbr",
            file: "spec/timbr.yaml",
            document: include_str!("../../spec/timbr.yaml"),
            port: 4010,
            rules: &[],
            overlay: |seed| Some(Arc::new(descant_timbr::server::service(timbr::Service::new(seed)))),
        },
        Twin {
            name: "cognitive3d",
            file: "spec/cognitive3d.yaml",
            document: include_str!("../../spec/cognitive3d.yaml"),
            port: 4011,
            rules: &[
                ("html-errors", include_str!("../../spec/rules/cognitive3d/html-errors.json")),
                ("rate-limited", include_str!("../../spec/rules/cognitive3d/rate-limited.json")),
                ("unbounded-ranges", include_str!("../../spec/rules/cognitive3d/unbounded-ranges.json")),
            ],
            overlay: |seed| {
                Some(Arc::new(descant_cognitive3d::server::service(cognitive3d::Service::new(seed))))
            },
        },
        Twin {
            name: "timbre",
            file: "spec/timbre.yaml",
            document: include_str!("../../spec/timbre.yaml"),
            port: 4012,
            rules: &[],
            overlay: |seed| Some(Arc::new(descant_timbre::server::service(timbre::Service::new(seed)))),
        },
    ]
}

/// Returns the twin that a document names (`x-descant.twin`).
pub fn of_document(api: &Api) -> Option<Twin> {
    let name = api.descant.twin.as_deref()?;
    registry().into_iter().find(|twin| twin.name == name)
}

impl Twin {
    /// Loads its document.
    pub fn load(&self) -> Loaded {
        load_text(self.file, self.document, &Options::default())
    }

    /// Returns its hand-written behaviour, with fresh state.
    pub fn overlay(&self, seed: u64) -> Option<Arc<dyn Overlay>> {
        (self.overlay)(seed)
    }

    /// Serves it with the settings of `descant mock` on a free port of the loopback address until the returned value is dropped.
    ///
    /// # Errors
    /// Returns an error if no port or thread is available.
    pub fn start(&self) -> io::Result<Running> {
        let api =
            self.load().api.ok_or_else(|| io::Error::other(format!("{} cannot be loaded", self.file)))?;
        let settings = Settings::default().with_errors(ErrorFormat::Document);
        let overlay = self.overlay(settings.seed);
        descant_mock::start_with(Mock::new(Arc::new(api), settings), overlay, Limits::default())
    }
}
