//! Cognitive3D: invented sessions that can be filtered, aggregated and tagged, and files that come back in the content
//! type that they were uploaded with.

mod files;
mod filter;
mod objectives;
mod service;
mod sessions;
mod slicer;

pub(crate) use service::Service;

#[cfg(test)]
mod tests;
