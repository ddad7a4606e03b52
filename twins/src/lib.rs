//! Behaviour of Timbr, Cognitive3D and Timbre that their documents cannot state, written on the generated server
//! traits. Whatever is not written here the mock answers from the document.

mod cognitive3d;
mod timbr;
mod timbre;

mod registry;

pub use registry::{Twin, of_document, registry};
