//! A Descant model as Rust source: types, client and server.

mod emit;
mod plan;

use descant_model::api::Api;
use descant_model::diagnostic::Diagnostics;

/// The types of an API as one Rust file.
pub fn types(api: &Api) -> (String, Diagnostics) {
    let (plan, diagnostics) = plan::Plan::new(api);
    let docs = emit::file_doc(&plan.docs);
    let types = emit::types(&plan);
    (emit::print(quote::quote!(#docs #types)), diagnostics)
}
