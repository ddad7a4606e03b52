//! Which files a document becomes: one a half, and where it is large a module a tag.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;

use descant_generator::{Generated, Parts, Settings, generate};
use descant_model::codes::Code;
use descant_model::load::{Options, load_text};

/// Makes everything of a document of operations `(path, tag)`.
fn made(operations: &[(String, Option<&str>)]) -> Generated {
    let mut text = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n".to_owned();
    for (path, tag) in operations {
        let tags = tag.map(|tag| format!("tags: ['{tag}'], ")).unwrap_or_default();
        writeln!(text, "  {path}:\n    get: {{{tags}responses: {{'200': {{description: Ok, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Pet'}}}}}}}}}}}}").unwrap();
    }
    text += "components: {schemas: {Pet: {type: object, properties: {name: {type: string}}}}}\n";
    let loaded = load_text("doc.yaml", text, &Options::default());
    let settings = Settings {
        name: "doc".to_owned(),
        source: "doc.yaml".to_owned(),
        parts: Parts::USUAL,
        ..Settings::default()
    };
    generate(&loaded.api.unwrap(), &settings)
}

/// The modules of the client.
fn check(operations: &[(String, Option<&str>)], expected: &[&str]) {
    let generated = made(operations);
    let names = generated.files.iter().filter_map(|file| file.path.strip_prefix("client/"));
    assert_eq!(names.collect::<Vec<_>>(), expected);
}

fn paths<'t>(
    prefix: &str,
    count: usize,
    tag: Option<&'t str>,
) -> impl Iterator<Item = (String, Option<&'t str>)> {
    let prefix = prefix.to_owned();
    (0..count).map(move |index| (format!("{prefix}/o{index}"), tag))
}

#[test]
fn a_small_document_is_a_file_a_half() {
    let operations: Vec<_> = paths("/a", 40, Some("a")).chain(paths("/b", 40, Some("b"))).collect();
    check(&operations, &[]);
    let files = made(&operations).files;
    let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        names,
        ["client.rs", "descant.lock", "mod.rs", "operations.rs", "security.rs", "server.rs", "types.rs"]
    );
}

#[test]
fn a_large_document_has_a_module_a_tag() {
    let tagged = paths("/v1/x", 50, Some("Cats & dogs")).chain(paths("/v1/y", 30, Some("type")));
    let operations: Vec<_> = tagged.chain(paths("/v1/zebras", 2, None)).collect();
    check(&operations, &["cats_dogs.rs", "type.rs", "zebras.rs"]);
}

#[test]
fn a_tag_shadows_no_module_that_code_relies_on() {
    let tagged = paths("/a", 30, Some("checks")).chain(paths("/b", 30, Some("types")));
    let operations: Vec<_> = tagged.chain(paths("/c", 30, Some("rt"))).collect();
    check(&operations, &["checks2.rs", "rt2.rs", "types2.rs"]);
}

#[test]
fn paths_divide_what_tags_do_not() {
    let of_users = |tag| paths("/api/v1/users", 50, tag).chain(paths("/api/v1/{owner}/pets", 30, tag));
    let few = |tag| paths("/api/v1/ping", 2, tag);
    for tag in [None, Some("Everything")] {
        let operations: Vec<_> = of_users(tag).chain(few(tag)).collect();
        check(&operations, &["other.rs", "pets.rs", "users.rs"]);
    }
    let operations: Vec<_> = paths("/methods", 90, None).collect();
    check(&operations, &[]);
}

#[test]
fn a_file_has_a_name_that_every_system_admits() {
    let operations: Vec<_> = paths("/a", 50, Some("AUX")).chain(paths("/b", 50, Some("mod"))).collect();
    check(&operations, &["aux2.rs", "mod2.rs"]);
}

#[test]
fn what_one_tag_needs_stands_in_its_module() {
    let operations: Vec<_> = paths("/a", 50, Some("a")).chain(paths("/b", 50, Some("b"))).collect();
    let files = made(&operations).files;
    let shared = files.iter().find(|file| file.path == "types.rs").unwrap();
    assert!(shared.text.contains("pub struct Pet "), "{}", shared.text);
    assert!(!files.iter().any(|file| file.path.starts_with("types/")), "both tags need the only type");
}

/// Each of the patterns has a property that is all of `Pattern` and more, and `Pattern` is one of them all: without
/// knowing what was met before there are as many ways into it as orders of the patterns.
#[test]
fn conjunctions_that_hold_themselves_are_typed_once() {
    let names: Vec<String> = (0..12).map(|index| format!("P{index}")).collect();
    let mut text =
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n".to_owned();
    let branches: Vec<String> =
        names.iter().map(|n| format!("{{$ref: '#/components/schemas/{n}'}}")).collect();
    writeln!(text, "    Pattern: {{type: object, oneOf: [{}]}}", branches.join(", ")).unwrap();
    for name in &names {
        writeln!(text, "    {name}: {{type: object, required: [{name}], properties: {{{name}: {{oneOf: [{{type: string}}, {{allOf: [{{type: object, required: [e], properties: {{e: {{type: string}}}}}}, {{$ref: '#/components/schemas/Pattern'}}]}}]}}}}}}").unwrap();
    }
    let api = load_text("doc.yaml", text, &Options::default()).api.unwrap();
    let generated = generate(&api, &Settings { parts: Parts::USUAL, ..Settings::default() });
    let mut found = generated.diagnostics.iter();
    assert!(found.all(|finding| finding.code == Code::Unchecked), "{:?}", generated.diagnostics);
    let types = generated.files.iter().find(|file| file.path == "types.rs").unwrap();
    let lines = types.text.lines().count();
    assert!(lines < 5_000, "{lines} lines");
}

/// Shapes of forms are read in place: a schema that recurs through many properties must not grow without measure, and
/// what stands deep without recursion is read to its end.
#[test]
fn shapes_of_forms_end_where_they_recur_and_not_before() {
    let mut text = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    post:\n      requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {\n        deep: {type: object, properties: {b: {type: object, properties: {c: {type: object, properties: {d: {type: object, properties: {e: {type: object, properties: {count: {type: integer, maximum: 12345}}}}}}}}}}},\n        tree: {$ref: '#/components/schemas/Tree'}}}}}}\n      responses: {'204': {description: done}}\ncomponents:\n  schemas:\n    Tree: {type: object, properties: {\n".to_owned();
    for index in 0..40 {
        writeln!(text, "      p{index}: {{$ref: '#/components/schemas/Tree'}},").unwrap();
    }
    text += "      leaf: {type: string}}}\n";
    let api = load_text("doc.yaml", text, &Options::default()).api.unwrap();
    let generated = generate(&api, &Settings { parts: Parts::USUAL, ..Settings::default() });
    let code: String = generated.files.iter().map(|file| file.text.as_str()).collect();
    assert!(code.contains("12345") || code.contains("12_345"), "the deep number has no bound");
    assert!(code.lines().count() < 20_000, "{} lines", code.lines().count());
}
