//! My own types.
