//! Timbr: tokens, SQL over sample ontologies in the shape that the headers ask for, and queries in the background.

mod background;
mod ontology;
mod shape;
mod warehouse;

#[cfg(test)]
mod tests;
