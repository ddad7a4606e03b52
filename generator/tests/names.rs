//! Names: that they stay when a document grows, and that the user has the last word.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use descant_generator::{Config, Generated, Lock, Parts, Settings, generate};
use descant_model::load::{Options, load_text};
use descant_model::source::Sources;

/// Generates from components and one operation a line, with settings and a lock from before.
fn made(schemas: &[&str], paths: &str, config: &str, lock: &str) -> Generated {
    let schemas: Vec<String> = schemas.iter().map(|schema| format!("    {schema}\n")).collect();
    let text = format!(
        "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths:\n{paths}\ncomponents:\n  schemas:\n{}",
        schemas.concat()
    );
    let loaded = load_text("doc.yaml", text, &Options::default());
    let mut sources = Sources::default();
    let file = sources.add("descant.toml".to_owned(), None, config.to_owned().into());
    let (config, faults) = Config::parse(config, file);
    assert_eq!(faults.iter().count(), 0, "{faults:?}");
    let settings = Settings {
        name: "doc".to_owned(),
        source: "doc.yaml".to_owned(),
        parts: Parts::USUAL,
        config,
        lock: Lock::parse(lock).unwrap(),
        ..Settings::default()
    };
    generate(&loaded.api.unwrap(), &settings)
}

fn text<'g>(generated: &'g Generated, path: &str) -> &'g str {
    generated.files.iter().find(|file| file.path == path).map_or("", |file| &file.text)
}

/// The tables of the lock.
fn lock_of(generated: &Generated) -> &str {
    text(generated, "descant.lock").split_once("grows.\n\n").map_or("", |(_, tables)| tables)
}

/// What stands behind each `pub struct `, `pub enum ` and `pub type `.
fn types(generated: &Generated) -> Vec<&str> {
    let lines = text(generated, "types.rs").lines();
    let names = lines.filter_map(|line| {
        ["pub struct ", "pub enum ", "pub type "].iter().find_map(|start| line.strip_prefix(start))
    });
    names.filter_map(|rest| rest.split([' ', '(']).next()).collect()
}

const PING: &str = "  /ping: {get: {operationId: ping, responses: {'204': {description: Done}}}}";

#[test]
fn an_old_name_stays_when_a_document_grows() {
    let [kebab, snake, pascal] =
        ["foo-bar: {properties: {k: {}}}", "foo_bar: {properties: {s: {}}}", "FooBar: {properties: {p: {}}}"];
    let alone = made(&[kebab], PING, "", "");
    assert_eq!(lock_of(&alone), "[document]\nmodules = \"one\"\n\n[types]\nfoo-bar = \"FooBar\"\n");
    let two = made(&[snake, kebab], PING, "", "");
    assert!(
        lock_of(&two).ends_with("[types]\nfoo-bar = \"FooBar\"\nfoo_bar = \"FooBar2\"\n"),
        "{}",
        lock_of(&two)
    );
    let field = |generated: &Generated, name: &str| {
        let start = text(generated, "types.rs").split_once(&format!("pub struct {name} {{\n")).unwrap().1;
        start.trim_start().chars().nth("pub ".len()).unwrap()
    };
    let grown = made(&[pascal, snake, kebab], PING, "", text(&two, "descant.lock"));
    let kept = [field(&grown, "FooBar"), field(&grown, "FooBar2"), field(&grown, "FooBar3")];
    assert_eq!(kept, ['k', 's', 'p'], "{}", text(&grown, "types.rs"));
    let without = made(&[pascal, snake, kebab], PING, "", "");
    assert_eq!(field(&without, "FooBar"), 'p', "without the lock, the new one would have taken the name");
    let shrunk = made(&[snake], PING, "", text(&grown, "descant.lock"));
    assert_eq!(types(&shrunk), ["FooBar2"], "nor does a name change when what it collided with goes");
}

#[test]
fn equal_schemas_have_their_own_names() {
    let [pet, user] = ["Pet", "User"].map(|name| {
        format!("{name}: {{type: object, required: [mood], properties: {{mood: {{enum: [calm, wild]}}}}}}")
    });
    let alone = made(&[&user], PING, "", "");
    assert_eq!(types(&alone), ["User", "UserMood"]);
    let both = made(&[&pet, &user], PING, "", text(&alone, "descant.lock"));
    assert_eq!(types(&both), ["Pet", "PetMood", "User", "UserMood"]);
    assert!(text(&both, "types.rs").contains("pub type UserMood = PetMood;"), "{}", text(&both, "types.rs"));
}

#[test]
fn equal_bodies_of_two_successes_are_one_value() {
    let body = "content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string}}}}}";
    let paths = format!(
        "  /a: {{post: {{operationId: add, responses: {{'200': {{description: There, {body}}}, '201': {{description: Made, {body}}}}}}}}}"
    );
    let generated = made(&["Pet: {type: object}"], &paths, "", "");
    let operations = text(&generated, "operations.rs");
    assert!(operations.contains("200 => Ok(json) ok, 201 => Created(json) ok"), "{operations}");
}

#[test]
fn values_have_the_names_and_descriptions_of_the_document() {
    let schemas = [
        "Status: {type: integer, enum: [0, 1], x-enum-varnames: [Pending, Done], x-enum-descriptions: [not yet, over]}",
        "State: {type: string, enum: [p, d], x-enumNames: [Pending, Done]}",
        "Part: {type: string, enum: [p, d], x-enum-varnames: [Pending]}",
        "Level: {oneOf: [{const: l, title: Low, description: whenever}, {const: h, title: High}]}",
        "Number: {oneOf: [{const: 1, title: Low, description: whenever}, {const: 2, title: High}]}",
        "Wrong: {type: string, enum: [p], x-enum-varnames: {p: Pending}}",
    ];
    let generated = made(&schemas, PING, "", "");
    let types = text(&generated, "types.rs");
    for line in [
        "rt::int_enum! { Status { Pending = 0, Done = 1, ..Other } }",
        "rt::string_enum! { State { Pending = \"p\", Done = \"d\", ..Other } }",
        "rt::string_enum! { Part { P = \"p\", D = \"d\", ..Other } }",
        "rt::string_enum! { Level { Low = \"l\", High = \"h\", ..Other } }",
        "rt::int_enum! { Number { Low = 1, High = 2, ..Other } }",
        "rt::string_enum! { Wrong { P = \"p\", ..Other } }",
    ] {
        assert!(types.lines().any(|found| found == line), "{line} in {types}");
    }
    for text in [
        "    /// not yet\n    Pending,\n",
        "    /// over\n    Done,\n",
        "    /// whenever\n    Low,\n    High,\n",
    ] {
        assert!(types.contains(text), "{text} in {types}");
    }
}

#[test]
fn the_default_ids_of_fastapi_are_short() {
    let operation = |id: &str, method: &str, path: &str| {
        format!(
            "  {path}: {{{method}: {{operationId: {id}, responses: {{'204': {{description: Done}}}}}}}}\n"
        )
    };
    let flows = operation("read_flows_flows_filter_post", "post", "/flows/filter");
    let item = operation("read_flow_flows__id__get", "get", "/flows/{id}").replace(
        "responses:",
        "parameters: [{name: id, in: path, required: true, schema: {type: string}}], requestBody: {content: {application/json: \
         {schema: {$ref: '#/components/schemas/Body_read_flow_flows__id__get'}}}}, responses:",
    );
    let own = operation("ping", "get", "/ping");
    let body = "Body_read_flow_flows__id__get: {type: object, properties: {a: {type: string}}}";
    let methods = |generated: &Generated| {
        let lines = text(generated, "server.rs").lines();
        let names = lines.filter_map(|line| line.strip_prefix("    fn ")?.strip_suffix('('));
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = made(&[body], &[&*flows, &item, &own].concat(), "", "");
    assert_eq!(methods(&before), ["read_flows", "read_flow", "ping"]);
    assert_eq!(types(&before), ["BodyReadFlow"]);
    let more = operation("read_flows_old_flows_get", "get", "/old/flows");
    let paths = [&*more, &flows, &item, &own].concat();
    let after = made(&[body], &paths, "", text(&before, "descant.lock"));
    assert_eq!(methods(&after), ["read_flows_old_flows_get", "read_flows", "read_flow", "ping"]);
    let renamed = made(&[body], &paths, "[rename.operations]\nread_flow_flows__id__get = 'flow'\n", "");
    let names = ["read_flows_old_flows_get", "read_flows_flows_filter_post", "flow", "ping"];
    assert_eq!(methods(&renamed), names, "a name that two would have is neither's");
    assert_eq!(renamed.diagnostics.iter().count(), 0);
}

#[test]
fn a_branch_that_is_inserted_renames_no_type() {
    let branch = |values: &str| {
        format!(
            "{{type: object, required: [kind], properties: {{kind: {{enum: [{values}]}}, to: {{type: string}}}}}}"
        )
    };
    let [go, say, wait] = ["go, run", "say, sing", "wait, sleep"].map(branch);
    let step = |branches: &[&String]| {
        let branches: Vec<&str> = branches.iter().map(|branch| branch.as_str()).collect();
        format!("Step: {{oneOf: [{}]}}", branches.join(", "))
    };
    let kind = |generated: &Generated, value: &str| {
        let (before, _) = text(generated, "types.rs").split_once(&format!("= \"{value}\"")).unwrap();
        before.rsplit_once("rt::string_enum! { ").unwrap().1.split_once(' ').unwrap().0.to_owned()
    };
    let before = made(&[&step(&[&go, &wait])], PING, "", "");
    let after = made(&[&step(&[&say, &go, &wait])], PING, "", text(&before, "descant.lock"));
    for value in ["go", "wait"] {
        assert_eq!(kind(&before, value), kind(&after, value), "{value}");
    }
    let without = made(&[&step(&[&say, &go, &wait])], PING, "", "");
    assert_ne!(kind(&before, "go"), kind(&without, "go"), "without the lock, the new one would be the first");
}

#[test]
fn a_small_document_stays_in_one_module() {
    let path = |index| {
        format!(
            "  /p{index}: {{get: {{tags: [t{}], responses: {{'204': {{description: Done}}}}}}}}",
            index % 3
        )
    };
    let paths = |count| (0..count).map(path).collect::<Vec<_>>().join("\n");
    let small = made(&["Pet: {type: object}"], &paths(80), "", "");
    let large = made(&["Pet: {type: object}"], &paths(81), "", text(&small, "descant.lock"));
    let is_divided = |generated: &Generated| !text(generated, "client/t1.rs").is_empty();
    assert_eq!([is_divided(&small), is_divided(&large)], [false, false]);
    assert!(is_divided(&made(&["Pet: {type: object}"], &paths(81), "", "")));
}

#[test]
fn a_lock_makes_no_code() {
    let lock = "[types]\nfoo = 'Foo;} fn evil() {'\nbar = 'Elsewhere'\n";
    let generated =
        made(&["foo: {type: object, required: [a]}", "bar: {type: object, required: [b]}"], PING, "", lock);
    assert_eq!(types(&generated), ["Elsewhere", "Foo"], "a name, but nothing that is none");
}

#[test]
fn the_user_names_types_operations_fields_and_variants() {
    let config = "[rename.types]\nfoo = 'Thing'\n[rename.operations]\n'GET /ping' = 'is_up'\n\
                  [rename.fields]\n'#/components/schemas/foo/properties/a-b' = 'first'\n[rename.variants]\n'Size.xl' = 'Huge'\n";
    let schemas =
        ["foo: {type: object, required: [a-b], properties: {a-b: {type: string}}}", "Size: {enum: [xl, m]}"];
    let generated = made(&schemas, PING, config, "");
    assert_eq!(generated.diagnostics.iter().count(), 0);
    assert_eq!(types(&generated), ["Size", "Thing"]);
    let (types, client) = (text(&generated, "types.rs"), text(&generated, "client.rs"));
    for line in ["    pub first: String,", "    Huge,"] {
        assert!(types.lines().any(|found| found == line), "{line} in {types}");
    }
    assert!(client.contains("pub fn is_up("), "{client}");
    assert_eq!(lock_of(&generated), "[document]\nmodules = \"one\"\n", "`descant.toml` says the other names");
}

#[test]
fn a_type_of_the_users_own_takes_the_place_of_a_schema_or_a_format() {
    let schemas = [
        "Money: {type: string}",
        "Bill: {type: object, required: [sum, id, at], properties: {sum: {$ref: '#/components/schemas/Money'}, \
         id: {type: string, format: uuid}, at: {type: string, format: date}}}",
    ];
    let config = "[replace]\nMoney = 'crate::Money'\n[formats]\nuuid = 'uuid'\ndate = 'jiff'\n";
    let generated = made(&schemas, PING, config, "");
    assert_eq!(types(&generated), ["Bill"]);
    let types = text(&generated, "types.rs");
    for line in ["    pub sum: crate::Money,", "    pub id: uuid::Uuid,", "    pub at: jiff::civil::Date,"] {
        assert!(types.lines().any(|found| found == line), "{line} in {types}");
    }
    let names: Vec<&str> = generated.dependencies.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["axum", "descant-runtime", "jiff", "uuid"], "no crate that nothing comes from");
}

#[test]
fn operations_are_picked_by_id_tag_and_path() {
    let paths = "  /a/x: {get: {operationId: ax, tags: [one], responses: {'204': {description: Done}}}}\n  \
                 /a/y: {get: {operationId: ay, tags: [two], responses: {'204': {description: Done}}}}\n  \
                 /b: {get: {operationId: b, tags: [one], responses: {'204': {description: Done}}}}";
    let methods = |config: &str| {
        let generated = made(&["Unused: {type: object, required: [a]}"], paths, config, "");
        let lines = text(&generated, "server.rs").lines();
        let names = lines.filter_map(|line| line.strip_prefix("    fn ")?.strip_suffix('('));
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(methods(""), ["ax", "ay", "b"]);
    assert_eq!(methods("include = {paths = ['/a/*']}\n"), ["ax", "ay"]);
    assert_eq!(methods("include = {tags = ['one']}\nexclude = {operations = ['b']}\n"), ["ax"]);
}

#[test]
fn a_setting_that_nothing_answers_to_is_told() {
    let config = "exclude = {tags = ['nope']}\n[rename.types]\nNope = 'Yes'\n[rename.fields]\n'Pet.nope' = 'yes'\n\
                  [replace]\nNope = 'crate::Nope'\n[formats]\nuuid = 'uuid'\n";
    let generated = made(&["Pet: {type: object, required: [id]}"], PING, config, "");
    let told = generated.diagnostics.iter().map(|found| found.code.as_str());
    let told: Vec<&str> = told.filter(|code| code.starts_with("settings")).collect();
    assert_eq!(told, ["settings-unused"; 5]);
}

#[test]
fn a_body_of_several_media_types_is_called_after_what_it_holds() {
    let pet = "{schema: {$ref: '#/components/schemas/Pet'}}";
    let body = format!("content: {{application/json: {pet}, application/x-www-form-urlencoded: {pet}}}");
    let paths = format!(
        "  /a: {{post: {{operationId: add, requestBody: {{{body}}}, responses: {{'204': {{description: Done}}}}}}}}\n  \
         /b: {{post: {{operationId: change, requestBody: {{{body}}}, responses: {{'200': {{description: Done, \
         content: {{text/plain: {{}}, application/json: {{}}}}}}}}}}}}"
    );
    let generated =
        made(&["Pet: {type: object, required: [id], properties: {id: {type: integer}}}"], &paths, "", "");
    let operations = text(&generated, "operations.rs");
    let enums: Vec<&str> = operations.lines().filter_map(|line| line.strip_prefix("pub enum ")).collect();
    assert_eq!(enums, ["PetBody {", "TextOrJsonBody {", "AddResponse {", "ChangeResponse {"], "{operations}");
}

#[test]
fn heirs_of_a_discriminator_are_the_branches_of_their_base() {
    let schemas = [
        "Pet: {type: object, required: [kind], properties: {kind: {type: string}}, discriminator: {propertyName: kind}}",
        "Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {properties: {lives: {type: integer}}}]}",
        "Kitten: {allOf: [{$ref: '#/components/schemas/Cat'}, {properties: {weeks: {type: integer}}}]}",
    ];
    let generated = made(&schemas, PING, "", "");
    assert_eq!(types(&generated), ["Cat", "Kitten", "Pet", "PetBase"]);
    let branches = "pub enum Pet {\n    Cat(Cat),\n    Kitten(Kitten),\n    Base(PetBase),\n}";
    assert!(text(&generated, "types.rs").contains(branches), "{}", text(&generated, "types.rs"));
}
