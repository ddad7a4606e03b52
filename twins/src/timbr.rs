//! Timbr: tokens, SQL over sample ontologies in the form that the headers request, background queries, and knowledge
//! bases.

mod agents;
mod authority;
mod background;
mod coffee;
mod database;
mod functions;
mod insert;
mod knowledge;
mod lexer;
mod ontology;
mod path;
mod refusal;
mod resource;
mod service;
mod shape;
mod statements;
mod system;
mod translate;
mod warehouse;

pub(crate) use service::Service;

/// A query that cannot be run, with a message for the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueryError(pub(crate) String);

#[cfg(test)]
mod tests;
