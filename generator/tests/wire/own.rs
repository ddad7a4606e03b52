//! Our own document: what no probe has.
