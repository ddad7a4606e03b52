//! What is compiled from the model before, or when an operation is first called, and the rules that apply to it.

mod echoes;
pub(crate) mod example_repair;
pub(crate) mod file_content;
mod header_samples;
pub(crate) mod operation;
pub(crate) mod operation_table;
pub(crate) mod representation;
pub(crate) mod router;
pub(crate) mod rules;
pub(crate) mod schema_paths;
pub(crate) mod suggestion;
