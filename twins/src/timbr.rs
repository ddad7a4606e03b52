//! Timbr: tokens, SQL over sample ontologies in the form that the headers request, and background queries.

mod background;
mod ontology;
mod service;
mod shape;
mod warehouse;

pub(crate) use service::Service;

#[cfg(test)]
mod tests;
