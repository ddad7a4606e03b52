//! Behaviour of Timbr, Cognitive3D and Timbre that their documents cannot describe, implemented on the generated server
//! traits. The mock answers all other operations from the document.

#![warn(missing_docs)]

mod cognitive3d;
mod timbr;
mod timbre;

mod registry;
pub mod token;

pub use registry::{Twin, of_document, registry};
