//! Behaviour of Timbr, Cognitive3D and Timbre that their documents cannot state, written on the generated server
//! traits. Whatever is not written here the mock answers from the document.

#[cfg_attr(
    not(test),
    expect(dead_code, reason = "called by the overlay, which the generated server trait makes possible")
)]
mod timbr;

mod registry;

pub use registry::{Twin, of_document, registry};
