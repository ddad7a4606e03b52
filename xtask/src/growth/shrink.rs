//! Takes parts of a document away by chance. What remains is a valid document: what refers to a part goes with it, or the
//! part stays.

use std::collections::HashSet;

use descant_model::tree::{escape_token, unescape_token};
use serde_json::{Map, Value};

/// Members of a path item that are operations.
const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];
/// Keywords that hold schemas by name, and those that hold one.
const NAMED: [&str; 4] = ["properties", "patternProperties", "$defs", "definitions"];
const SINGLE: [&str; 8] =
    ["items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"];
/// Values that describe nothing.
const DATA: [&str; 6] = ["example", "examples", "default", "const", "mapping", "enum"];

/// Removes about a fifth of the operations, tags, schemas, properties, enum values and branches, chosen by the seed.
pub(super) fn shrink(document: &mut Value, seed: u64) {
    let mut shrinking = Shrinking { seed, ..Shrinking::default() };
    shrinking.note(document);
    shrinking.operations(document);
    shrinking.visit(document, "", false);
    shrinking.drop_schemas(document);
}

#[derive(Default)]
struct Shrinking {
    seed: u64,
    /// References to the schemas that are to go.
    leaving: HashSet<String>,
    /// Properties that stay: tags, and those that are required where they are not described.
    fixed: HashSet<String>,
    /// Places inside of schemas and operations that references lead to.
    pinned: Vec<String>,
}

impl Shrinking {
    /// Whether chance takes what stands at a place: the same for the same seed.
    fn takes(&self, place: &str) -> bool {
        let leads = |target: &String| {
            target.strip_prefix(place).is_some_and(|rest| matches!(rest.get(..1), None | Some("/")))
        };
        if self.pinned.iter().any(leads) {
            return false;
        }
        let mut hash = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0xcbf2_9ce4_8422_2325;
        for byte in place.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (hash ^ (hash >> 31)).is_multiple_of(5)
    }

    /// Decides which schemas leave, and which properties cannot.
    fn note(&mut self, document: &Value) {
        let references =
            references(document).into_iter().filter_map(|to| Some(to.strip_prefix('#')?.to_owned()));
        let depth = |to: &str| if to.starts_with("/definitions") { 2 } else { 3 };
        let inner = references.filter(|to| to.matches('/').count() > depth(to));
        self.pinned =
            inner.map(|to| to.replace("%7B", "{").replace("%7D", "}").replace("%20", " ")).collect();
        for (folder, schemas) in folders(document) {
            let places = schemas.keys().map(|name| format!("#{folder}/{}", escape_token(name)));
            let leaving: Vec<String> = places.filter(|place| self.takes(place)).collect();
            self.leaving.extend(leaving);
        }
        each_object(document, &mut |object| {
            self.fix_repeated(object, document);
            let tag =
                object.get("discriminator").and_then(|one| one.get("propertyName").unwrap_or(one).as_str());
            self.fixed.extend(tag.map(str::to_owned));
            let described = object.get("properties").and_then(Value::as_object);
            let constants = described.into_iter().flatten().filter(|(_, property)| is_constant(property));
            self.fixed.extend(constants.map(|(name, _)| name.clone()));
            let required = object.get("required").and_then(Value::as_array);
            for name in required.into_iter().flatten().filter_map(Value::as_str) {
                if !described.is_some_and(|properties| properties.contains_key(name)) {
                    self.fixed.insert(name.to_owned());
                }
            }
        });
    }

    /// What several parts of an `allOf` describe is one property.
    fn fix_repeated(&mut self, schema: &Map<String, Value>, document: &Value) {
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        let mut seen: HashSet<&str> = property_names(schema, document, 0).into_iter().collect();
        for part in parts.filter_map(Value::as_object) {
            for name in property_names(part, document, 4) {
                if !seen.insert(name) {
                    self.fixed.insert(name.to_owned());
                }
            }
        }
    }

    fn operations(&self, document: &mut Value) {
        let mut ids = HashSet::new();
        let paths = document.get_mut("paths").and_then(Value::as_object_mut);
        for (path, item) in paths.into_iter().flatten() {
            let Some(item) = item.as_object_mut() else { continue };
            item.retain(|method, operation| {
                let place = format!("/paths/{}/{method}", escape_token(path));
                if !METHODS.contains(&method.as_str()) || !self.takes(&place) {
                    return true;
                }
                ids.extend(operation.get("operationId").and_then(Value::as_str).map(str::to_owned));
                false
            });
            for (method, operation) in item.iter_mut() {
                let Some(tags) = operation.get_mut("tags").and_then(Value::as_array_mut) else { continue };
                tags.retain(|tag| !self.takes(&format!("/paths/{path}/{method}/tags/{tag}")));
            }
        }
        // Links lead to operations.
        each_object_mut(document, &mut |object| {
            let Some(links) = object.get_mut("links").and_then(Value::as_object_mut) else { return };
            links.retain(|_, link| {
                let id = link.get("operationId").and_then(Value::as_str);
                link.get("operationRef").is_none() && !id.is_some_and(|id| ids.contains(id))
            });
        });
    }

    fn visit(&self, value: &mut Value, place: &str, is_schema: bool) {
        match value {
            Value::Object(object) => {
                if is_schema {
                    self.schema(object, place);
                }
                for (key, value) in object.iter_mut() {
                    let inner = format!("{place}/{}", escape_token(key));
                    if DATA.contains(&key.as_str()) || key.starts_with("x-") {
                        continue;
                    }
                    let named = is_schema && NAMED.contains(&key.as_str())
                        || ["/components/schemas", "/definitions"].contains(&inner.as_str());
                    if named {
                        let members = value.as_object_mut().into_iter().flatten();
                        members.for_each(|(name, one)| {
                            self.visit(one, &format!("{inner}/{}", escape_token(name)), true)
                        });
                    } else {
                        let single = is_schema && SINGLE.contains(&key.as_str());
                        let list =
                            is_schema && ["allOf", "anyOf", "oneOf", "prefixItems"].contains(&key.as_str());
                        let begins = ["schema", "itemSchema"].contains(&key.as_str());
                        self.visit(value, &inner, single || list || begins);
                    }
                }
            }
            Value::Array(items) => {
                let items = items.iter_mut().enumerate();
                items.for_each(|(index, item)| self.visit(item, &format!("{place}/{index}"), is_schema));
            }
            _ => {}
        }
    }

    /// Takes properties, values and branches of one schema.
    fn schema(&self, schema: &mut Map<String, Value>, place: &str) {
        let mut gone: Vec<String> = Vec::new();
        if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
            let names: Vec<String> = properties.keys().cloned().collect();
            for name in names.into_iter().filter(|name| !self.fixed.contains(name)) {
                let leads = properties.get(&name).is_some_and(|property| self.leads_to_leaving(property));
                if properties.len() > 1
                    && (leads || self.takes(&format!("{place}/properties/{}", escape_token(&name))))
                {
                    properties.shift_remove(&name);
                    gone.push(name);
                }
            }
        }
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| !name.as_str().is_some_and(|name| gone.iter().any(|one| one == name)));
            if required.is_empty() {
                schema.shift_remove("required");
            }
        }
        self.values(schema, place);
        for keyword in ["oneOf", "anyOf"] {
            let Some(branches) = schema.get_mut(keyword).and_then(Value::as_array_mut) else { continue };
            for index in (0..branches.len()).rev() {
                let branch = branches.get(index);
                let leads = branch.is_some_and(|branch| self.leads_to_leaving(branch));
                let real = branches.iter().filter(|branch| !is_null(branch)).count();
                if !branch.is_some_and(is_null)
                    && real > 2
                    && (leads || self.takes(&format!("{place}/{keyword}/{index}")))
                {
                    branches.remove(index);
                }
            }
        }
    }

    fn values(&self, schema: &mut Map<String, Value>, place: &str) {
        let Some(values) = schema.get("enum").and_then(Value::as_array) else { return };
        // Two values stay: one alone may be what tells branches apart.
        let first = values.iter().position(|value| !value.is_null()).unwrap_or_default();
        let keeps = |index: &usize| *index <= first + 1 || !self.takes(&format!("{place}/enum/{index}"));
        let kept: Vec<usize> = (0..values.len()).filter(keeps).collect();
        let count = values.len();
        for keyword in ["enum", "x-enum-varnames", "x-enumNames", "x-enum-descriptions"] {
            let Some(list) = schema.get_mut(keyword).and_then(Value::as_array_mut) else { continue };
            if list.len() == count {
                *list = kept.iter().filter_map(|index| list.get(*index).cloned()).collect();
            }
        }
    }

    fn leads_to_leaving(&self, value: &Value) -> bool {
        let mut leads = false;
        each_object(value, &mut |object| {
            let reference = object.get("$ref").and_then(Value::as_str);
            leads |= reference.is_some_and(|reference| self.leaving.contains(reference));
        });
        leads
    }

    /// Removes the schemas that nothing refers to any more.
    fn drop_schemas(&self, document: &mut Value) {
        let mut bodies: Vec<(String, Value)> = Vec::new();
        for (folder, schemas) in folders(document) {
            let schemas =
                schemas.iter().map(|(name, schema)| (format!("#{folder}/{}", escape_token(name)), schema));
            let leaving = schemas.filter(|(place, _)| self.leaving.contains(place));
            bodies.extend(leaving.map(|(place, schema)| (place, schema.clone())));
        }
        for folder in ["/components/schemas", "/definitions"] {
            let Some(schemas) = document.pointer_mut(folder).and_then(Value::as_object_mut) else { continue };
            schemas.retain(|name, _| !self.leaving.contains(&format!("#{folder}/{}", escape_token(name))));
        }
        let mut open = references(document);
        let mut kept = HashSet::new();
        while let Some(reference) = open.pop() {
            let body = bodies
                .iter()
                .find(|(place, _)| reference == *place || reference.starts_with(&format!("{place}/")));
            if let Some((place, body)) = body.filter(|(place, _)| kept.insert(place.clone())) {
                open.extend(references(body));
                _ = place;
            }
        }
        for (place, body) in bodies {
            let Some((folder, name)) = place.trim_start_matches('#').rsplit_once('/') else { continue };
            let schemas = document.pointer_mut(folder).and_then(Value::as_object_mut);
            if let Some(schemas) = schemas.filter(|_| kept.contains(&place)) {
                schemas.insert(unescape_token(name).into_owned(), body);
            }
        }
        self.mend_mappings(document, &kept);
    }

    /// A mapping leads to what is there, and to branches of its own union.
    fn mend_mappings(&self, document: &mut Value, kept: &HashSet<String>) {
        each_object_mut(document, &mut |object| {
            let branches = object.get("oneOf").or(object.get("anyOf")).and_then(Value::as_array);
            let targets = branches.map(|branches| {
                let targets =
                    branches.iter().filter_map(|branch| branch.get("$ref")?.as_str().map(str::to_owned));
                targets.collect::<Vec<_>>()
            });
            let mapping = object.get_mut("discriminator").and_then(|one| one.get_mut("mapping"));
            let Some(mapping) = mapping.and_then(Value::as_object_mut) else { return };
            mapping.retain(|_, target| {
                let Some(target) = target.as_str() else { return true };
                let place = match target.starts_with(['#', '.', '/']) || target.contains('/') {
                    true => target.to_owned(),
                    false => format!("#/components/schemas/{target}"),
                };
                let is_there = !self.leaving.contains(&place) || kept.contains(&place);
                is_there && targets.as_ref().is_none_or(|targets| targets.contains(&place))
            });
        });
    }
}

/// The properties of a schema, and of what it includes.
fn property_names<'d>(schema: &'d Map<String, Value>, document: &'d Value, depth: usize) -> Vec<&'d str> {
    let own = schema.get("properties").and_then(Value::as_object);
    let mut found: Vec<&str> = own.into_iter().flat_map(Map::keys).map(String::as_str).collect();
    if depth > 0 {
        let target =
            schema.get("$ref").and_then(Value::as_str).and_then(|to| document.pointer(to.strip_prefix('#')?));
        let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        for part in target.into_iter().chain(parts).filter_map(Value::as_object) {
            found.extend(property_names(part, document, depth - 1));
        }
    }
    found
}

/// Whether a branch is null alone, as documents before 3.1 write it, too.
fn is_null(branch: &Value) -> bool {
    branch.get("type") == Some(&"null".into())
        || branch.get("nullable") == Some(&true.into())
            && (branch.get("$ref").is_none() && branch.get("properties").is_none())
}

/// Whether a property has one value, which tells branches apart.
fn is_constant(property: &Value) -> bool {
    property.get("const").is_some()
        || property.get("enum").and_then(Value::as_array).is_some_and(|values| values.len() == 1)
}

/// The schemas that have a name, by folder.
fn folders(document: &Value) -> impl Iterator<Item = (&'static str, &Map<String, Value>)> {
    let found = ["/components/schemas", "/definitions"];
    found.into_iter().filter_map(|folder| Some((folder, document.pointer(folder)?.as_object()?)))
}

fn references(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    each_object(value, &mut |object| {
        found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned))
    });
    found
}

fn each_object(value: &Value, visit: &mut impl FnMut(&Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(object);
            object.values().for_each(|value| each_object(value, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| each_object(item, visit)),
        _ => {}
    }
}

fn each_object_mut(value: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(object);
            object.values_mut().for_each(|value| each_object_mut(value, visit));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_object_mut(item, visit)),
        _ => {}
    }
}
