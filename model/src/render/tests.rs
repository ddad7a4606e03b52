//! Tests: each format of the same findings, and the escaping of hostile text.

use expect_test::{Expect, expect};

use super::{Format, render};
use crate::check;
use crate::diagnostic::Diagnostics;
use crate::parse::parse;
use crate::source::Sources;

const BROKEN: &str = "openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /pets:
    get:
      operationID: list
      parameters: [{name: limit, in: body}]
      responses: {'200': {description: OK}}
";

/// Renders what is wrong with a document.
fn rendered(format: Format, name: &str, text: &str) -> String {
    let (mut sources, mut out) = (Sources::default(), Diagnostics::default());
    let (_, tree) = parse(&mut sources, name, None, text.as_bytes().to_vec(), &mut out);
    if let Some(tree) = tree {
        check::document(&tree, &mut out);
    }
    render(format, &out.into_sorted(), &sources)
}

fn check(format: Format, text: &str, expected: Expect) {
    let text = rendered(format, "dir/a:b.yaml", text);
    expected.assert_eq(&anstream::adapter::strip_str(&text).to_string());
}

#[test]
fn human() {
    check(
        Format::Human,
        BROKEN,
        expect![[r#"
            warning[unknown-field]: an operation has no field `operationID`
             --> dir/a:b.yaml:6:7
              |
            6 |       operationID: list
              |       ^^^^^^^^^^^ did you mean `operationId`?
              |
              = at: #/paths/~1pets/get/operationID
              = help: write `operationId`

            error[invalid-value]: `in` cannot be `body`
             --> dir/a:b.yaml:7:38
              |
            7 |       parameters: [{name: limit, in: body}]
              |                                      ^^^^ not an allowed value
              |
              = at: #/paths/~1pets/get/parameters/0/in
              = help: move it: `requestBody: {content: {application/json: {schema: …}}}`

            1 error, 1 warning
        "#]],
    );
}

#[test]
fn concise() {
    check(
        Format::Concise,
        BROKEN,
        expect![[r#"
        dir/a:b.yaml:6:7: warning[unknown-field]: an operation has no field `operationID`
        dir/a:b.yaml:7:38: error[invalid-value]: `in` cannot be `body`
    "#]],
    );
}

#[test]
fn json() {
    check(
        Format::Json,
        BROKEN,
        expect![[r#"
            {
              "diagnostics": [
                {
                  "code": "unknown-field",
                  "severity": "warning",
                  "message": "an operation has no field `operationID`",
                  "file": "dir/a:b.yaml",
                  "line": 6,
                  "column": 7,
                  "endLine": 6,
                  "endColumn": 18,
                  "pointer": "/paths/~1pets/get/operationID",
                  "label": "did you mean `operationId`?",
                  "help": "write `operationId`",
                  "related": []
                },
                {
                  "code": "invalid-value",
                  "severity": "error",
                  "message": "`in` cannot be `body`",
                  "file": "dir/a:b.yaml",
                  "line": 7,
                  "column": 38,
                  "endLine": 7,
                  "endColumn": 42,
                  "pointer": "/paths/~1pets/get/parameters/0/in",
                  "label": "not an allowed value",
                  "help": "move it: `requestBody: {content: {application/json: {schema: …}}}`",
                  "related": []
                }
              ],
              "summary": {
                "errors": 1,
                "warnings": 1,
                "notes": 0
              }
            }
        "#]],
    );
}

#[test]
fn sarif() {
    check(
        Format::Sarif,
        "openapi: 3.0\ninfo: {title: T, version: '1'}\npaths: {}\n",
        expect![[r#"
        {
          "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
          "version": "2.1.0",
          "runs": [
            {
              "tool": {
                "driver": {
                  "name": "descant",
                  "version": "0.1.0",
                  "rules": [
                    {
                      "id": "version-form",
                      "shortDescription": {
                        "text": "The version is not written as a string of the full form"
                      },
                      "defaultConfiguration": {
                        "level": "warning"
                      }
                    }
                  ]
                }
              },
              "columnKind": "unicodeCodePoints",
              "results": [
                {
                  "ruleId": "version-form",
                  "ruleIndex": 0,
                  "level": "warning",
                  "message": {
                    "text": "the version is a number, not a string; read as 3.0\nhelp: write `openapi: 3.0.4`"
                  },
                  "locations": [
                    {
                      "physicalLocation": {
                        "artifactLocation": {
                          "uri": "dir/a%3Ab.yaml"
                        },
                        "region": {
                          "startLine": 1,
                          "startColumn": 10,
                          "endLine": 1,
                          "endColumn": 13
                        }
                      },
                      "logicalLocations": [
                        {
                          "fullyQualifiedName": "/openapi",
                          "kind": "value"
                        }
                      ]
                    }
                  ],
                  "relatedLocations": []
                }
              ]
            }
          ]
        }
    "#]],
    );
}

#[test]
fn junit() {
    check(
        Format::Junit,
        BROKEN,
        expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites>
              <testsuite name="descant lint" tests="2" failures="1">
                <testcase classname="dir/a:b.yaml" name="unknown-field at 6:7 (#/paths/~1pets/get/operationID)">
                  <system-out>warning: an operation has no field `operationID`
            write `operationId`</system-out>
                </testcase>
                <testcase classname="dir/a:b.yaml" name="invalid-value at 7:38 (#/paths/~1pets/get/parameters/0/in)">
                  <failure type="invalid-value" message="`in` cannot be `body`">move it: `requestBody: {content: {application/json: {schema: …}}}`</failure>
                </testcase>
              </testsuite>
            </testsuites>
        "#]],
    );
    check(
        Format::Junit,
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {}\n",
        expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites>
          <testsuite name="descant lint" tests="1" failures="0">
            <testcase classname="dir/a:b.yaml" name="no findings"/>
          </testsuite>
        </testsuites>
    "#]],
    );
}

#[test]
fn github() {
    check(
        Format::Github,
        BROKEN,
        expect![[r#"
            ::warning file=dir/a%3Ab.yaml,line=6,endLine=6,col=7,endColumn=18,title=unknown-field::an operation has no field `operationID` (help: write `operationId`)
            ::error file=dir/a%3Ab.yaml,line=7,endLine=7,col=38,endColumn=42,title=invalid-value::`in` cannot be `body` (help: move it: `requestBody: {content: {application/json: {schema: …}}}`)
        "#]],
    );
}

#[test]
fn places_outside_the_text_are_shown_without_a_listing() {
    check(
        Format::Human,
        "",
        expect![[r#"
        error[not-openapi]: the document is empty
        --> dir/a:b.yaml:1:1

        1 error
    "#]],
    );
}

/// Escapes, ends of lines, marks of direction and long lines.
const HOSTILE: &str = "{\"openapi\": \"3.0.3\", \"info\": {\"title\": \"T\", \"version\": \"1\"}, \"paths\": {}, \
    \"a\\u001b[31m\\n::error::b%0A\u{202E}\u{7f}</failure>\": 1, \"long\": \"\
    ------------------------------------------------------------------------------------------------------\
    ------------------------------------------------------------------------------------------------------\"}";

#[test]
fn hostile_text_is_made_visible() {
    check(
        Format::Human,
        HOSTILE,
        expect![[r#"
        warning[unknown-field]: a document has no field `a␛[31m␊::error::b%0A�␡</failure>`
         --> dir/a:b.yaml:1:75
          |
         ::: 
        1 | ...": "1"}, "paths": {}, "a\u001b[31m\n::error::b%0A�␡</failure>": 1, "long": "------------------------------------------------------...
          |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ not a field of OpenAPI here; it has no effect
          |
          = at: #/a␛[31m␊::error::b%0A�␡<~1failure>
          = help: remove it, or mark it as an extension with `x-` before its name

        warning[unknown-field]: a document has no field `long`
         --> dir/a:b.yaml:1:120
          |
         ::: 
        1 | …, "paths": {}, "a\u001b[31m\n::error::b%0A�␡</failure>": 1, "long": "---------------------------------------------------------------...
          |                                                              ^^^^^^ not a field of OpenAPI here; it has no effect
          |
          = at: #/long
          = help: remove it, or mark it as an extension with `x-` before its name

        2 warnings
    "#]],
    );
    check(
        Format::Concise,
        HOSTILE,
        expect![[r#"
        dir/a:b.yaml:1:75: warning[unknown-field]: a document has no field `a␛[31m␊::error::b%0A�␡</failure>`
        dir/a:b.yaml:1:120: warning[unknown-field]: a document has no field `long`
    "#]],
    );
    check(
        Format::Github,
        HOSTILE,
        expect![[r#"
        ::warning file=dir/a%3Ab.yaml,line=1,endLine=1,col=75,endColumn=115,title=unknown-field::a document has no field `a␛[31m␊::error::b%250A�␡</failure>` (help: remove it, or mark it as an extension with `x-` before its name)
        ::warning file=dir/a%3Ab.yaml,line=1,endLine=1,col=120,endColumn=126,title=unknown-field::a document has no field `long` (help: remove it, or mark it as an extension with `x-` before its name)
    "#]],
    );
    check(
        Format::Junit,
        HOSTILE,
        expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites>
          <testsuite name="descant lint" tests="2" failures="0">
            <testcase classname="dir/a:b.yaml" name="unknown-field at 1:75 (#/a␛[31m␊::error::b%0A�␡&lt;~1failure&gt;)">
              <system-out>warning: a document has no field `a␛[31m␊::error::b%0A�␡&lt;/failure&gt;`
        remove it, or mark it as an extension with `x-` before its name</system-out>
            </testcase>
            <testcase classname="dir/a:b.yaml" name="unknown-field at 1:120 (#/long)">
              <system-out>warning: a document has no field `long`
        remove it, or mark it as an extension with `x-` before its name</system-out>
            </testcase>
          </testsuite>
        </testsuites>
    "#]],
    );
    for format in [Format::Human, Format::Concise, Format::Json, Format::Sarif, Format::Junit, Format::Github]
    {
        let text = rendered(format, "dir/\u{1b}[31m\n.yaml", HOSTILE);
        let text = anstream::adapter::strip_str(&text).to_string();
        let bad = |c: char| c != '\n' && (c.is_control() || ('\u{202A}'..='\u{202E}').contains(&c));
        assert!(!text.contains(bad), "{format:?} lets a control character through: {text:?}");
    }
}

#[test]
fn a_long_line_costs_no_more_than_a_short_one() {
    let keys: Vec<String> = (0..9_000).map(|i| format!("\"unknown{i}\": \"{}\"", "é".repeat(200))).collect();
    let text = format!("{{\"openapi\": \"3.0.3\", \"paths\": {{}}, {}}}", keys.join(", "));
    let started = std::time::Instant::now();
    let lines = rendered(Format::Concise, "a.json", &text).lines().count();
    assert_eq!(lines, 9_001);
    assert!(started.elapsed().as_secs() < 20, "a column is not counted from the start of its line");
}
