//! Which twins there are: a document that the program carries, the port that it is served on, and what is written for it.

use std::io;
use std::sync::Arc;

use descant_mock::{Limits, Mock, Overlay, Running, Settings};
use descant_model::api::Api;
use descant_model::load::{Loaded, Options, load_text};

use crate::{cognitive3d, timbr, timbre};

/// One of the three systems.
#[derive(Clone, Copy, Debug)]
pub struct Twin {
    /// As `descant mock NAME` and a document's `x-descant.twin` write it.
    pub name: &'static str,
    /// The name of its document.
    pub file: &'static str,
    /// The text of its document.
    pub document: &'static str,
    /// Where `descant mock` serves it.
    pub port: u16,
    /// Makes what is written for it; the seed decides what it invents.
    overlay: fn(u64) -> Option<Arc<dyn Overlay>>,
}

/// The three systems, in the order of their ports.
pub fn registry() -> [Twin; 3] {
    [
        Twin {
            name: "timbr",
            file: "spec/timbr.yaml",
            document: include_str!("../../spec/timbr.yaml"),
            port: 4010,
            overlay: |seed| Some(Arc::new(descant_timbr::server::service(timbr::Service::new(seed)))),
        },
        Twin {
            name: "cognitive3d",
            file: "spec/cognitive3d.yaml",
            document: include_str!("../../spec/cognitive3d.yaml"),
            port: 4011,
            overlay: |seed| {
                Some(Arc::new(descant_cognitive3d::server::service(cognitive3d::Service::new(seed))))
            },
        },
        Twin {
            name: "timbre",
            file: "spec/timbre.yaml",
            document: include_str!("../../spec/timbre.yaml"),
            port: 4012,
            overlay: |seed| Some(Arc::new(descant_timbre::server::service(timbre::Service::new(seed)))),
        },
    ]
}

/// The twin that a document names (`x-descant`, `twin`).
pub fn of_document(api: &Api) -> Option<Twin> {
    let name = api.descant.twin.as_deref()?;
    registry().into_iter().find(|twin| twin.name == name)
}

impl Twin {
    /// Its document, loaded.
    pub fn load(&self) -> Loaded {
        load_text(self.file, self.document, &Options::default())
    }

    /// What is written for it, with fresh state.
    pub fn overlay(&self, seed: u64) -> Option<Arc<dyn Overlay>> {
        (self.overlay)(seed)
    }

    /// Serves it on a free port of the loopback until what is returned is dropped.
    ///
    /// # Errors
    /// Where no port or thread is to be had.
    pub fn start(&self) -> io::Result<Running> {
        let api =
            self.load().api.ok_or_else(|| io::Error::other(format!("{} cannot be loaded", self.file)))?;
        let settings = Settings::default();
        let overlay = self.overlay(settings.seed);
        descant_mock::start_with(Mock::new(Arc::new(api), settings), overlay, Limits::default())
    }
}
