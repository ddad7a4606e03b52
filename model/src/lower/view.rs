//! Lowering reads the graph through the same view as the check of what it means.

pub(super) use crate::view::View;
