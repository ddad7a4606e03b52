//! Types that every other layer speaks of. Nothing here knows an operation of the document.

pub(crate) mod byte_range;
pub(crate) mod condition;
pub(crate) mod cors;
pub(crate) mod delay;
pub(crate) mod directive;
pub(crate) mod expression;
pub(crate) mod host;
pub(crate) mod message;
pub(crate) mod negotiate;
pub(crate) mod pending;
pub(crate) mod picture;
pub(crate) mod placeholder;
pub(crate) mod problem;
pub(crate) mod secret;
pub(crate) mod seed;
pub(crate) mod settings;
pub(crate) mod value_path;
