//! A dump in which schemas are called by the order in which operations reach them, not by their names: bundling gives
//! some of them others.

use std::collections::HashMap;

use descant_model::api::{Api, Schemas};
use descant_model::dump;
use regex::{Captures, Regex};

pub(crate) fn dump(api: &Api) -> String {
    let mut names = Names { schemas: &api.schemas, order: Vec::new(), numbers: HashMap::new() };
    let keyed = dump::dump(api);
    let end = keyed.len() - schema_part(api).len();
    let position = Regex::new(r" : ([A-Za-z0-9._-]+)").unwrap();
    let mut text = names.renamed(&position, &keyed[..end], " : ");
    let reference = Regex::new(r"#/\$defs/([A-Za-z0-9._-]+)").unwrap();
    let mut next = 0;
    while let Some(key) = names.order.get(next).cloned() {
        let value = api.schemas.schema(api.schemas.by_key[&key]).unwrap().to_json(&api.schemas);
        let value = names.renamed(&reference, &value.to_string(), "#");
        text.push_str(&format!("schema {next} {value}\n"));
        next += 1;
    }
    let mut unreached: Vec<String> = Vec::new();
    for schema in &api.schemas.entries {
        if !names.numbers.contains_key(&schema.key) {
            let mut alone = Names { schemas: &api.schemas, order: Vec::new(), numbers: HashMap::new() };
            let value = schema.schema.to_json(&api.schemas);
            unreached.push(format!("unreached {}\n", alone.renamed(&reference, &value.to_string(), "#")));
        }
    }
    unreached.sort();
    text + &unreached.concat()
}

/// The part of a dump that is about schemas.
fn schema_part(api: &Api) -> String {
    let only = Api { schemas: api.schemas.clone(), ..Api::default() };
    let text = dump::dump(&only);
    text.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default()
}

struct Names<'a> {
    schemas: &'a Schemas,
    order: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Names<'_> {
    fn renamed(&mut self, pattern: &Regex, text: &str, prefix: &str) -> String {
        let rename = |captures: &Captures<'_>| {
            let key = &captures[1];
            if !self.schemas.by_key.contains_key(key) {
                return captures[0].to_owned();
            }
            if !self.numbers.contains_key(key) {
                self.numbers.insert(key.to_owned(), self.order.len());
                self.order.push(key.to_owned());
            }
            format!("{prefix}{}", self.numbers[key])
        };
        pattern.replace_all(text, rename).into_owned()
    }
}
