//! No text of a document becomes code: hostile payloads in every position of a document that takes text, all of it
//! generated, compiled as one crate with warnings denied, and its documentation tested.
//!
//! The crate has the runtime's source beside it, so that this also shows that such output stands on its own.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use descant_generator::output::{Mode, apply};
use descant_generator::{Build, Config, Parts, Runtime, Settings, generate};
use descant_model::diagnostic::Severity;
use descant_model::load::{Options, load_text};
use descant_model::source::FileId;
use serde_json::{Value, json};

/// What would show: code that does not compile, or, in an example that is run, a file.
const PAYLOADS: [&str; 40] = [
    "\"); compile_error!(\"injected\"); (\"",
    "\"#); compile_error!(\"injected\"); (r#\"",
    "\"##; compile_error!(\"injected\"); r##\"",
    "*/ compile_error!(\"injected\"); /*",
    "/* unclosed",
    "// line\ncompile_error!(\"injected\");",
    "\r\ncompile_error!(\"injected\");\r",
    "a\rcompile_error!(\"injected\");",
    "\u{2028}compile_error!(\"injected\");\u{2029}",
    "\u{85}compile_error!(\"injected\");\u{b}\u{c}",
    "}\ncompile_error!(\"injected\");\nmod x {",
    "#![doc = include_str!(\"/etc/hostname\")]",
    "#[doc = include!(\"/etc/hostname\")]",
    "include!(\"/etc/hostname\")",
    "```\nstd::fs::write(\"injected\", \"\").unwrap();\n```",
    "~~~rust\nstd::fs::write(\"injected\", \"\").unwrap();\n~~~",
    "````\n```\nstd::fs::write(\"injected\", \"\").unwrap();\n````",
    "    std::fs::write(\"injected\", \"\").unwrap();",
    "\tstd::fs::write(\"injected\", \"\").unwrap();",
    "text\n\n    std::fs::write(\"injected\", \"\").unwrap();\n\ntext",
    "- a\n\n      std::fs::write(\"injected\", \"\").unwrap();",
    "> ```\n> std::fs::write(\"injected\", \"\").unwrap();\n> ```",
    "1. ```rust,should_panic\n   std::fs::write(\"injected\", \"\").unwrap();\n   ```",
    "<script>alert(1)</script><!--",
    "{} {0} {name} {{ }} %s $x ${x} #x",
    "../../../injected",
    "..\\..\\injected",
    "/injected",
    "C:\\injected",
    "mod",
    "self",
    "r#type",
    "_",
    "",
    " ",
    "1st",
    "\u{0}\u{1}\u{7f}",
    "\u{202e}\u{2066}evil\u{2069}",
    "\u{1f980}\u{301} \u{540d}\u{524d}",
    "aux",
];

/// A document with a text wherever one may stand.
fn document(p: &str) -> Value {
    let text = json!({"type": "string", "title": p, "description": p, "default": p, "enum": [p, "other"],
        "pattern": p, "example": p, "examples": [p], "$comment": p, "format": p});
    let plain = json!({"$ref": "#/components/schemas/Plain"});
    let form =
        json!({"type": "object", "properties": {p: text, "file": {"type": "string", "format": "binary"}}});
    let answer = json!({
        "description": p,
        "headers": {p: {"description": p, "schema": text}},
        "content": {p: {"schema": text, "examples": {p: {"summary": p, "description": p, "value": p}}},
            "application/json": {"schema": plain, "example": p}, "application/xml": {"schema": plain}},
        "links": {p: {"operationId": p, "description": p, "parameters": {p: p}}},
    });
    let body = json!({
        "description": p,
        "content": {"multipart/form-data": {"schema": form, "encoding": {p: {"contentType": p, "headers": {p: {"schema": text}}}}},
            "application/x-www-form-urlencoded": {"schema": form}, "application/json": {"schema": plain}},
    });
    let parameter = |place: &str| json!({"name": p, "in": place, "required": place == "path", "description": p, "schema": text, "example": p});
    let operation = json!({
        "operationId": p, "tags": [p], "summary": p, "description": p, "deprecated": true,
        "parameters": [parameter("query"), parameter("header"), parameter("cookie")],
        "responses": {"200": answer, "4XX": answer, "default": {"description": p}},
        "security": [{p: [p]}, {"http": []}],
    });
    let mut posted = operation.clone();
    let own = [
        ("requestBody", body),
        ("operationId", json!(format!("{p} post"))),
        ("callbacks", json!({p: {p: {"post": operation}}})),
    ];
    posted.as_object_mut().unwrap().extend(own.map(|(key, value)| (key.to_owned(), value)));
    let long = p.repeat(1 + 300 / p.len().max(1));
    json!({
        "openapi": "3.1.0",
        "info": {"title": p, "version": p, "summary": p, "description": p, "license": {"name": p}},
        "servers": [{"url": p, "description": p},
            {"url": "https://{v}.example.com", "variables": {"v": {"default": p, "enum": [p], "description": p}}}],
        "tags": [{"name": p, "description": p, "externalDocs": {"url": p, "description": p}}],
        "paths": {
            format!("/{p}"): {"summary": p, "description": p, "get": operation, "post": posted},
            format!("/x/{{{p}}}"): {"parameters": [parameter("path")], "get": {"tags": [long], "responses": {"200": answer}}},
        },
        "webhooks": {p: {"post": posted}},
        "components": {
            "schemas": {
                p: {"type": "object", "title": p, "description": p, "required": [p, long], "deprecated": true,
                    "properties": {p: text, "xml": text, long.clone(): {"type": "integer", "enum": [1, -1]}},
                    "xml": {"name": p, "namespace": p, "prefix": p}},
                "Plain": {"type": "object", "description": p, "properties": {p: text, "list": {"type": "array", "items": text}},
                    "additionalProperties": text},
                "Union": {"oneOf": [plain, {"$ref": "#/components/schemas/Other"}],
                    "discriminator": {"propertyName": p, "mapping": {p: "#/components/schemas/Plain", "other": "Other"}}},
                "Other": {"type": "object", "required": [p], "properties": {p: {"const": p}}},
                long: {"enum": [p, "", " ", "a"]},
            },
            "securitySchemes": {
                p: {"type": "apiKey", "in": "header", "name": p, "description": p},
                "http": {"type": "http", "scheme": p, "description": p},
            },
        },
    })
}

/// Generates a document's modules into a folder of the crate; its name.
fn write(crate_root: &Path, index: usize, payload: &str) -> String {
    let module = format!("d{index}");
    let loaded = load_text("doc.json", document(payload).to_string(), &Options::default());
    let (config, _) = Config::parse("modules = 'tags'\n", FileId(0));
    let settings = Settings {
        name: payload.to_owned(),
        source: payload.to_owned(),
        parts: Parts { contract: true, ..Parts::USUAL },
        runtime: if index == 0 { Runtime::Vendored } else { Runtime::Registry },
        config,
        ..Settings::default()
    };
    let generated = generate(&loaded.api.unwrap(), &settings);
    for file in &generated.files {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
        assert!(file.path.chars().all(plain) && !file.path.contains(".."), "{:?} of {payload:?}", file.path);
        assert!(!file.text.contains('\r'), "a carriage return in {} of {payload:?}", file.path);
    }
    apply(&crate_root.join("src").join(&module), &generated.files, Mode::Write).unwrap();
    module
}

/// Names of APIs that are, or look like, what generated code itself says: type parameters, the prelude, imports, keywords.
const NAMES: [&str; 42] = [
    "A",
    "a2",
    "T",
    "x",
    "E",
    "Service",
    "Self",
    "self",
    "Box",
    "Option",
    "Result",
    "String",
    "Vec",
    "Ok",
    "Some",
    "Future",
    "Send",
    "Sync",
    "Default",
    "From",
    "Into",
    "Iterator",
    "Client",
    "Context",
    "Builder",
    "Credentials",
    "Error",
    "HandlerResult",
    "Receiver",
    "Router",
    "Request",
    "Response",
    "Config",
    "Core",
    "rt",
    "axum",
    "fn",
    "async",
    "2fast",
    "7",
    "é",
    "名前",
];

/// A document whose API, tag, operation, schema and scheme all have one name.
fn named(name: &str) -> Value {
    let schema = json!({"$ref": format!("#/components/schemas/{}", percent(name))});
    let content = json!({"application/json": {"schema": schema}});
    let operation = json!({
        "operationId": name, "tags": [name], "security": [{"key": []}],
        "requestBody": {"content": content}, "responses": {"200": {"description": "Ok", "content": content}},
    });
    json!({
        "openapi": "3.1.0",
        "info": {"title": name, "version": "1"},
        "servers": [{"url": "http://localhost"}],
        "paths": {"/a": {"post": operation}},
        "webhooks": {name: {"post": operation}},
        "components": {
            "schemas": {name: {"type": "object", "properties": {name: {"type": "string"}}}},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    })
}

/// Characters that a URI's fragment cannot have, escaped.
fn percent(text: &str) -> String {
    let escaped = text.bytes().map(|byte| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    escaped.collect()
}

/// Generates an API of a name into a folder of the crate, as one module or one for each tag; the module's name.
fn write_named(crate_root: &Path, index: usize, name: &str, modules: &str) -> String {
    let module = format!("n{index}_{modules}");
    let loaded = load_text("doc.json", named(name).to_string(), &Options::default());
    assert!(
        loaded.diagnostics.iter().all(|found| found.severity < Severity::Error),
        "{:?}",
        loaded.diagnostics
    );
    let (config, _) = Config::parse(&format!("modules = '{modules}'\n"), FileId(0));
    let settings = Settings {
        name: name.to_owned(),
        source: "doc.json".to_owned(),
        parts: Parts { contract: true, ..Parts::USUAL },
        config,
        ..Settings::default()
    };
    let generated = generate(&loaded.api.unwrap(), &settings);
    apply(&crate_root.join("src").join(&module), &generated.files, Mode::Write).unwrap();
    module
}

/// The crate's manifest, with the profiles of the workspace, so that what is built already is not built again.
fn manifest(workspace: &Path) -> String {
    let own = fs::read_to_string(workspace.join("Cargo.toml")).unwrap();
    let profiles = own.find("[profile.").map_or("", |at| &own[at..]);
    format!(
        "[package]\nname = \"safety\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[features]\n\
         default = [\"client\", \"server\"]\nclient = []\nserver = []\n\n[dependencies]\n\
         axum = {{ version = \"0.8\", default-features = false }}\n\
         descant-runtime = {{ path = \"src/d0/runtime\", features = [\"client\", \"server\", \"pattern\"] }}\n\n{profiles}"
    )
}

/// What a build script would write of a document in two files.
fn built(root: &Path) -> PathBuf {
    fs::create_dir_all(root.join("src/doc")).unwrap();
    let (document, other) = (root.join("src/doc/my-api.yaml"), root.join("src/doc/other.yaml"));
    fs::write(&other, "Pet: {type: object, properties: {id: {type: integer}}}\n").unwrap();
    let text = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /pets:\n    get: {responses: {'200': \
                {description: Ok, content: {application/json: {schema: {$ref: 'other.yaml#/Pet'}}}}}}\n";
    fs::write(&document, text).unwrap();
    let told = Build::new(&document).write_to(&root.join("src/out")).unwrap();
    for file in [&document, &other] {
        let line = format!("cargo::rerun-if-changed={}", file.canonicalize().unwrap().display());
        assert!(told.lines.contains(&line), "{line} in {:?}", told.lines);
    }
    fs::write(&document, text.replace("/pets:", "pets: []\n  /pets:").replace("#/Pet", "#/Dog")).unwrap();
    let told = Build::new(&document).write_to(&root.join("src/none")).unwrap();
    assert!(
        told.failed && told.lines.iter().any(|line| line.starts_with("cargo::error=")),
        "{:?}",
        told.lines
    );
    root.join("src/out/my_api.rs")
}

#[test]
#[ignore = "compiles what is generated, and tests its documentation"]
fn no_text_becomes_code() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("safety");
    if root.exists() {
        fs::remove_dir_all(&root).unwrap();
    }
    let mut lib =
        String::from("//! Every payload's output.\n\n#![deny(warnings)]\n#![allow(rustdoc::all)]\n\n");
    for (index, payload) in PAYLOADS.iter().enumerate() {
        writeln!(lib, "pub mod {};", write(&root, index, payload)).unwrap();
    }
    for (index, name) in NAMES.iter().enumerate() {
        for modules in ["one", "tags"] {
            writeln!(lib, "pub mod {};", write_named(&root, index, name, modules)).unwrap();
        }
    }
    writeln!(lib, "pub mod built {{\n    include!({:?});\n}}", built(&root)).unwrap();
    fs::write(root.join("src/lib.rs"), lib).unwrap();
    fs::write(root.join("Cargo.toml"), manifest(workspace)).unwrap();
    fs::copy(workspace.join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["test", "--doc", "--offline", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", PathBuf::from(env!("CARGO_TARGET_TMPDIR")).parent().unwrap())
        .current_dir(&root)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stdout));
    assert!(!root.join("injected").exists(), "an example of a document was run");
    let mut left: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["Cargo.lock", "Cargo.toml", "src"], "nothing else appeared");
}
