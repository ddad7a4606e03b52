//! The documents that are part of the binary, each with the port it is served on and what is hand-written over it.

use std::path::Path;
use std::sync::Arc;

use descant_mock::{Mock, Overlay};

/// A document that is part of the binary.
#[derive(Clone, Copy)]
pub(crate) struct Builtin {
    /// What the command line calls it.
    pub(crate) name: &'static str,
    pub(crate) port: u16,
    /// What diagnostics call it.
    pub(crate) file: &'static str,
    pub(crate) text: &'static str,
    /// What the document cannot say.
    pub(crate) overlay: fn(&Mock) -> Option<Arc<dyn Overlay>>,
}

/// Every built-in document, by port.
pub(crate) const ALL: [Builtin; 3] = [
    Builtin {
        name: "timbr",
        port: 4010,
        file: "spec/timbr.yaml",
        text: include_str!("../../spec/timbr.yaml"),
        overlay: |_| None,
    },
    Builtin {
        name: "cognitive3d",
        port: 4011,
        file: "spec/cognitive3d.yaml",
        text: include_str!("../../spec/cognitive3d.yaml"),
        overlay: |_| None,
    },
    Builtin {
        name: "timbre",
        port: 4012,
        file: "spec/timbre.yaml",
        text: include_str!("../../spec/timbre.yaml"),
        overlay: |_| None,
    },
];

/// The built-in document of a name; a file of that name goes before it.
pub(crate) fn named(name: &Path) -> Option<Builtin> {
    let known = ALL.into_iter().find(|builtin| name.as_os_str() == builtin.name);
    known.filter(|_| !name.exists())
}
