//! Timbr: tokens, SQL over sample ontologies in the shape that the headers ask for, and queries in the background.

mod background;
mod ontology;
mod service;
mod shape;
mod warehouse;

pub(crate) use service::Service;

#[cfg(test)]
mod tests;
