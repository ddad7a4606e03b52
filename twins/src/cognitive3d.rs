//! Cognitive3D: invented sessions that can be filtered, aggregated and tagged, and files that are returned with the content
//! type of their upload.

mod exports;
mod files;
mod filter;
mod objectives;
mod organization;
mod recordings;
mod service;
mod sessions;
mod slicer;
mod state;
mod surveys;

pub(crate) use service::Service;

#[cfg(test)]
mod tests;
