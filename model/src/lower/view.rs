//! Lowering reads the graph through the same view as the semantic checks.

pub(super) use crate::view::View;
