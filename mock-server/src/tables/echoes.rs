//! Members of a response that repeat the path's parameters: `/users/5/orders/9` is order 9, of user 5.

use descant_model::api::{SchemaId, Schemas};
use serde_json::Value;

use super::schema_paths::{ending_path, exact_paths, property_path};
use crate::vocabulary::value_path::{ValuePath, at, put};

/// The members that repeat each parameter of a path, in the order of the parameters.
#[derive(Default)]
pub(crate) struct Echoes {
    paths: Vec<Vec<ValuePath>>,
    /// The member that the last parameter identifies an item by.
    identity: Option<ValuePath>,
}

impl Echoes {
    /// Finds the members in the schema of a response: of the parameter's own name, `userId`, or `id` of an object of that
    /// name, `user`; the last parameter also names the item itself, if the path ends with it by its `id` as well.
    pub(crate) fn new<'a>(
        schemas: &Schemas,
        response: SchemaId,
        parameters: impl Iterator<Item = &'a str>,
        names_item: bool,
    ) -> Self {
        let mut paths: Vec<Vec<ValuePath>> = Vec::new();
        let mut last = None;
        for parameter in parameters {
            paths.push(exact_paths(schemas, response, parameter));
            last = Some(parameter);
        }
        let identity = last.and_then(|parameter| property_path(schemas, response, parameter));
        if let Some(own) = paths.last_mut() {
            let id =
                last.filter(|_| names_item).and_then(|parameter| ending_path(schemas, response, parameter));
            for path in identity.iter().cloned().chain(id) {
                if !own.contains(&path) {
                    own.push(path);
                }
            }
        }
        Self { paths, identity }
    }

    /// Returns the path of the member that identifies the item.
    pub(crate) fn identity(&self) -> Option<&ValuePath> {
        self.identity.as_ref()
    }

    /// Returns a value with the values of the parameters, in the members that it has.
    pub(crate) fn apply(&self, mut value: Value, parameters: &[(&str, &Value)]) -> Value {
        for (paths, (_, wanted)) in self.paths.iter().zip(parameters) {
            for path in paths {
                if at(&value, path).is_some_and(|found| found.is_string() || found.is_number()) {
                    value = put(value, path, (*wanted).clone());
                }
            }
        }
        value
    }
}
