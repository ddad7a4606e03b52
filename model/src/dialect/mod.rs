//! Where OpenAPI's versions end: each file's way of saying things becomes the one that the model has. The schema half
//! is brought to JSON Schema 2020-12 value by value; 2.0's HTTP half is rebuilt in the shape of 3.x before it is lowered.

mod data;
mod keywords;
mod nullable;
mod schema;

pub(crate) use data::data;
pub(crate) use schema::{References, canonical, is_pure_reference};
