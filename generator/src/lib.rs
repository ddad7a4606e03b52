//! A Descant model as Rust source: types, client and server.

mod emit;
mod plan;

use descant_model::api::Api;
use descant_model::diagnostic::Diagnostics;

/// The types of an API as one Rust file.
pub fn types(api: &Api) -> (String, Diagnostics) {
    let (plan, diagnostics) = plan::Plan::new(api);
    (emit::types_file(&plan), diagnostics)
}

#[cfg(test)]
mod tests {
    use super::*;
    use descant_model::api::*;
    use serde_json::Value;

    fn api(document: &Value) -> Api {
        let text = document["components"]["schemas"].to_string().replace("#/components/schemas/", "#/$defs/");
        let schemas: Value = serde_json::from_str(&text).unwrap();
        let mut api = Api::default();
        for (name, value) in schemas.as_object().unwrap() {
            let key = name.clone();
            api.schemas.by_key.insert(key.clone(), SchemaId(api.schemas.entries.len() as u32));
            api.schemas.entries.push(Schema {
                key,
                name: SchemaName::Component(name.clone()),
                value: value.clone().into(),
                origin: Default::default(),
            });
        }
        api
    }

    #[test]
    fn dev() {
        let Ok(file) = std::env::var("DOC") else { return };
        let doc: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let (text, diagnostics) = types(&api(&doc));
        println!("{text}");
        for d in diagnostics.iter() {
            eprintln!("{d:?}");
        }
    }
}
