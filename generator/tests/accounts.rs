//! Nothing of a document is dropped in silence: everything stands in the report, and what is left out in a diagnostic.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use std::collections::HashSet;
use std::path::Path;

use descant_generator::report::{ElementKind, Treatment};
use descant_generator::{Generated, Layout, Parts, Settings, Versions, generate};
use descant_model::api::{Api, Operation};
use descant_model::load::{Loaded, Options, load, load_text};
use serde_json::Value;

fn settings() -> Settings {
    Settings {
        name: "test".to_owned(),
        source: "test.yaml".to_owned(),
        parts: Parts { contract: true, ..Parts::USUAL },
        ..Settings::default()
    }
}

/// What the generator reports of a document.
fn reported(text: &str) -> Vec<String> {
    let loaded = load_text("test.yaml", text, &Options::default());
    let generated = generate(&loaded.api.unwrap(), &settings());
    let findings = generated.diagnostics.into_sorted().into_iter();
    findings.map(|one| format!("{} {}: {}", one.code.as_str(), one.pointer, one.message)).collect()
}

#[test]
fn what_is_left_out_is_reported() {
    let reported = reported(
        "
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a:
    post:
      operationId: a
      requestBody:
        content:
          multipart/form-data:
            schema: {type: object, properties: {f: {type: string}}}
            encoding: {f: {style: form, headers: {X-Part: {schema: {type: string}}}}}
          multipart/form-data; charset=utf-8:
            schema: {type: object, properties: {f: {type: array, items: {type: string, format: binary}}}}
            encoding: {f: {explode: false}}
      responses:
        '200': {description: ok, links: {again: {operationId: a}, lost: {operationId: a, parameters: {b: $request.query.c}}, off: {operationId: a, requestBody: $request.query.c}}}
      callbacks:
        done: {'{$request.body#/url}': {post: {responses: {'200': {description: ok}}}}}
webhooks: {news: {post: {responses: {'200': {description: ok}}}}}
",
    );
    assert_eq!(
        reported,
        [
            "unsupported /paths/~1a/post/requestBody/content/multipart~1form-data/encoding/f/headers/X-Part: Header of a part `X-Part` is left out",
            "unchecked /paths/~1a/post/requestBody/content/multipart~1form-data/encoding/f/headers/X-Part/schema/type: `type` is neither checked nor documented by generated code",
            "unsupported /paths/~1a/post/requestBody/content/multipart~1form-data; charset=utf-8: Style of the part `f` is left out",
            "unchecked /paths/~1a/post/requestBody/content/multipart~1form-data; charset=utf-8/schema/properties/f/items/format: `format` is neither checked nor documented by generated code",
            "unchecked /paths/~1a/post/requestBody/content/multipart~1form-data; charset=utf-8/schema/type: `type` is neither checked nor documented by generated code",
            "link-unfollowed /paths/~1a/post/responses/200/links/lost: Link `lost` is in the documentation alone: `POST /a` has no parameter `b`",
            "link-unfollowed /paths/~1a/post/responses/200/links/off: Link `off` is in the documentation alone: `POST /a` takes no body that can be put together",
        ]
    );
}

/// How many things of each kind a document has, counted without regard to what the generator knows.
fn counted(api: &Api) -> [(ElementKind, usize); 6] {
    let mut counts = [
        (ElementKind::Parameter, 0),
        (ElementKind::RequestBody, 0),
        (ElementKind::Response, 0),
        (ElementKind::ResponseBody, 0),
        (ElementKind::Header, 0),
        (ElementKind::Link, 0),
    ];
    let mut open: Vec<&Operation> = api.operations.iter().chain(&api.webhooks).collect();
    while let Some(operation) = open.pop() {
        let responses = || operation.responses.iter().map(|(_, response)| response);
        let found = [
            operation.parameters.len(),
            operation.request_body.iter().map(|body| body.content.len()).sum(),
            responses().count(),
            responses().map(|response| response.content.len()).sum(),
            responses().map(|response| response.headers.len()).sum(),
            responses().map(|response| response.links.len()).sum(),
        ];
        counts.iter_mut().zip(found).for_each(|((_, count), found)| *count += found);
        open.extend(operation.callbacks.values().flatten());
    }
    counts
}

/// How often some keywords stand in schemas, as far as the report looks.
fn keywords(api: &Api, keyword: &str) -> usize {
    fn count(value: &Value, keyword: &str) -> usize {
        let Value::Object(keywords) = value else { return 0 };
        let inner = keywords.iter().map(|(key, value)| match (key.as_str(), value) {
            ("properties", Value::Object(named)) => named.values().map(|v| count(v, keyword)).sum(),
            ("items" | "additionalProperties", value) => count(value, keyword),
            ("allOf" | "oneOf" | "anyOf" | "prefixItems", Value::Array(parts)) => {
                parts.iter().map(|part| count(part, keyword)).sum()
            }
            _ => 0,
        });
        inner.sum::<usize>() + usize::from(keywords.contains_key(keyword))
    }
    api.schemas.entries.iter().map(|schema| count(&schema.schema.to_json(&api.schemas), keyword)).sum()
}

/// Everything is in the report; what is left out has a diagnostic of its code; names that are said to be emitted are.
fn account(path: &Path) {
    let Loaded { api: Some(api), .. } = load(path, &Options::default()) else { return };
    let name = path.display();
    let Generated { files, diagnostics, report, .. } = generate(&api, &settings());
    let of = |kind| report.entries.iter().filter(move |entry| entry.kind == kind);
    assert_eq!(of(ElementKind::Operation).count(), api.operations.len(), "{name}");
    assert_eq!(of(ElementKind::Webhook).count(), api.webhooks.len(), "{name}");
    for (kind, expected) in counted(&api) {
        assert_eq!(of(kind).count(), expected, "{name}: {kind:?}");
    }
    for keyword in ["type", "enum", "pattern", "not", "maxLength"] {
        let found = of(ElementKind::Constraint).filter(|entry| entry.name == keyword).count();
        assert_eq!(found, keywords(&api, keyword), "{name}: {keyword}");
    }
    let told: HashSet<_> = diagnostics.iter().map(|found| (found.pointer.clone(), found.code)).collect();
    for entry in &report.entries {
        if let Treatment::LeftOut(code) = entry.outcome {
            assert!(told.contains(&(entry.origin.pointer.clone(), code)), "{name}: {entry:?}");
        }
    }
    let text = |end: &str| {
        files.iter().filter(|file| file.path.contains(end)).map(|file| &*file.text).collect::<String>()
    };
    let (server, operations) = (text("server"), text("operations"));
    for entry in report.entries.iter().filter(|entry| entry.outcome == Treatment::Emitted) {
        let quoted = format!("{:?}", entry.name);
        match entry.kind {
            ElementKind::Operation => assert!(server.contains(&quoted), "{name}: {entry:?}"),
            ElementKind::Header if !entry.of.starts_with("POST {") => {
                assert!(operations.contains(&quoted), "{name}: {entry:?}");
            }
            _ => {}
        }
    }
}

/// The documents that a folder's `INDEX.tsv` names, else those that lie in it.
fn documents(folder: &Path) -> Vec<std::path::PathBuf> {
    match std::fs::read_to_string(folder.join("INDEX.tsv")) {
        Ok(index) => {
            index.lines().skip(1).filter_map(|row| Some(folder.join(row.split('\t').next()?))).collect()
        }
        Err(_) => {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
        }
    }
}

/// Larger documents have more of the same, and would take minutes.
const MAX_BYTES: u64 = 100_000;

#[test]
#[ignore = "needs the corpus beside the repository"]
fn everything_of_published_documents_is_accounted_for() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let mut accounted = 0;
    for path in ["dev", "probes"].iter().flat_map(|folder| documents(&corpus.join(folder))) {
        if path.metadata().is_ok_and(|file| file.len() <= MAX_BYTES) {
            account(&path);
            accounted += 1;
        }
    }
    assert!(accounted > 50, "only {accounted} documents were found");
}

#[test]
fn a_client_alone_is_what_calls_need() {
    let text = "
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a:
    post:
      operationId: a
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Used'}}}}
      callbacks:
        done: {'{$request.body#/url}': {post: {responses: {'200': {description: ok}}}}}
webhooks: {news: {post: {responses: {'200': {description: ok}}}}}
components:
  schemas:
    Used: {type: object, properties: {x: {$ref: '#/components/schemas/Inner'}}}
    Inner: {type: object, properties: {x: {type: string, pattern: inner}}}
    Unused: {type: object, properties: {x: {type: string, pattern: unused}}}
";
    let loaded = load_text("test.yaml", text, &Options::default());
    let made = |parts| generate(loaded.api.as_ref().unwrap(), &Settings { parts, ..settings() });
    let paths = |made: &Generated| made.files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
    let reported = |made: &Generated| made.report.to_json(&loaded.sources);
    let client = made(Parts { client: true, ..Parts::default() });
    assert_eq!(
        paths(&client),
        ["client.rs", "descant.lock", "mod.rs", "operations.rs", "security.rs", "types.rs"]
    );
    let types = &client.files.last().unwrap().text;
    assert!(
        types.contains("struct Inner") && !types.contains("Unused") && !types.contains("PartialEq"),
        "{types}"
    );
    for (word, told) in [("Inner", true), ("Unused", false), ("webhook", false), ("callback", false)] {
        assert_eq!(reported(&client).contains(word), told, "{word}: {}", reported(&client));
        assert!(reported(&made(Parts::USUAL)).contains(word), "{word}");
    }
    let sender = made(Parts { client: true, webhooks: true, ..Parts::default() });
    assert!(paths(&sender).contains(&"webhooks/sender.rs".to_owned()), "{:?}", paths(&sender));
    assert!(
        made(Parts { types: true, ..Parts::default() }).files.last().unwrap().text.contains("struct Unused")
    );
}

/// What becomes of a keyword in a property of a JSON body, in a crate with a server.
fn outcome(schema: &str, keyword: &str) -> Treatment {
    let text = format!(
        "
openapi: 3.1.0
info: {{title: t, version: '1'}}
paths:
  /a:
    post:
      operationId: a
      requestBody: {{content: {{application/json: {{schema: {{type: object, properties: {{p: {schema}}}}}}}}}}}
      responses: {{'204': {{description: none}}}}
"
    );
    let loaded = load_text("test.yaml", text.as_str(), &Options::default());
    let generated = generate(&loaded.api.unwrap(), &settings());
    let own = |pointer: &str| pointer.ends_with(&format!("/properties/p/{keyword}"));
    let mut entries = generated.report.entries.iter();
    entries.find(|entry| own(&entry.origin.pointer)).map(|entry| entry.outcome).unwrap()
}

#[test]
fn each_keyword_is_checked_or_told() {
    for (schema, keyword) in [
        ("{const: {a: 1}}", "const"),
        ("{enum: [1, a, 2.5, [x]]}", "enum"),
        ("{type: integer, maximum: 9007199254740993}", "maximum"),
        ("{type: string, pattern: '^(?!x)'}", "pattern"),
        ("{type: array, contains: {const: 1}}", "contains"),
        ("{type: array, prefixItems: [{maxLength: 1}], items: {maxLength: 2}}", "prefixItems"),
        ("{type: object, dependentRequired: {a: [b]}}", "dependentRequired"),
        ("{type: object, dependentSchemas: {a: {minProperties: 2}}}", "dependentSchemas"),
        ("{type: object, propertyNames: {maxLength: 3}}", "propertyNames"),
        (
            "{type: object, patternProperties: {'^x': {maxLength: 3}}, additionalProperties: false}",
            "patternProperties",
        ),
        ("{type: object, patternProperties: {'(?=a)b': {maxLength: 3}}}", "patternProperties"),
        ("{type: object, properties: {a: {}}, unevaluatedProperties: false}", "unevaluatedProperties"),
        ("{not: {required: [a]}}", "not"),
        ("{anyOf: [{required: [a]}, {required: [b]}]}", "anyOf"),
        ("{oneOf: [{type: string, maxLength: 2}, {type: integer}]}", "oneOf"),
        ("{oneOf: [{type: string, maxLength: 2}, {type: integer}]}", "oneOf/0/maxLength"),
    ] {
        assert_eq!(outcome(schema, keyword), Treatment::Checked, "{schema}");
    }
    for (schema, keyword) in [
        ("{if: {required: [a]}, then: {required: [b]}}", "if"),
        ("{not: {properties: {a: {const: 1}}}}", "not"),
        ("{type: array, contains: {const: 1}, maxContains: 2}", "contains"),
        ("{type: array, contains: {const: 1}, maxContains: 2}", "maxContains"),
        ("{type: array, items: {}, unevaluatedItems: false}", "unevaluatedItems"),
        ("{type: object, patternProperties: {'^(a{9999}){9999}$': {maxLength: 3}}}", "patternProperties"),
    ] {
        let told = outcome(schema, keyword);
        assert!(
            matches!(told, Treatment::LeftOut(code) if code.as_str() == "unchecked"),
            "{schema}: {told:?}"
        );
    }
}

#[test]
fn a_server_asks_for_backtracking_only_where_a_pattern_needs_it() {
    let manifest = |pattern: &str| {
        let text = format!(
            "
openapi: 3.1.0
info: {{title: t, version: '1'}}
paths:
  /a:
    get:
      operationId: a
      parameters: [{{name: q, in: query, schema: {{type: string, pattern: '{pattern}'}}}}]
      responses: {{'204': {{description: none}}}}
"
        );
        let loaded = load_text("test.yaml", text.as_str(), &Options::default());
        let layout = Layout::Crate { package: "a".to_owned(), versions: Versions::Own };
        let generated = generate(&loaded.api.unwrap(), &Settings { layout, ..settings() });
        generated.files.into_iter().find(|file| file.path == "Cargo.toml").unwrap().text
    };
    assert!(manifest(r"(x)\1").contains("descant-runtime/backtracking"));
    assert!(!manifest("^(?!x)").contains("backtracking"));
}

#[test]
fn pages_are_reported_and_those_that_cannot_be_followed_told() {
    let text = include_str!("pages/openapi.yaml");
    let report = |text: &str| {
        let generated =
            generate(&load_text("test.yaml", text, &Options::default()).api.unwrap(), &settings());
        let pages = generated.report.entries.into_iter().filter(|entry| entry.kind == ElementKind::Pages);
        pages.map(|entry| format!("{}: {}", entry.of, entry.name)).collect::<Vec<_>>()
    };
    assert_eq!(
        report(text),
        [
            "GET /numbered: page: page from 0",
            "GET /skipped: offset: offset",
            "GET /continued: cursor: page_token from /next_page_token",
            "GET /linked: link: header",
            "GET /after: last: starting_after from /id",
            "GET /urls: link: /next",
            "GET /stated: cursor: bis from /weiter",
        ]
    );
    let wrong = text.replace("parameter: bis", "parameter: ter");
    assert!(!report(&wrong).contains(&"GET /stated: cursor: bis from /weiter".to_owned()));
    let told = reported(&wrong).into_iter().find(|one| one.contains("/stated")).unwrap();
    assert!(
        told.starts_with("unsupported /paths/~1stated/get: `GET /stated` has no pages by cursor: "),
        "{told}"
    );
}
