//! Tests: texts with their trees as one line, then each finding with line and column.

use expect_test::{Expect, expect};

use super::*;
use crate::tree::{NodeId, NodeKind};

fn show(tree: &Tree, id: NodeId, out: &mut String) {
    match &tree.get(id).kind {
        NodeKind::Null => out.push_str("null"),
        NodeKind::Bool(value) => out.push_str(&value.to_string()),
        NodeKind::Number(text) => out.push_str(text),
        NodeKind::String(text) => out.push_str(&format!("{text:?}")),
        NodeKind::Array(items) => {
            out.push('[');
            items.iter().for_each(|item| {
                show(tree, *item, out);
                out.push(',');
            });
            out.push(']');
        }
        NodeKind::Object(entries) => {
            out.push('{');
            entries.iter().for_each(|entry| {
                out.push_str(&format!("{}:", entry.key));
                show(tree, entry.value, out);
                out.push(',');
            });
            out.push('}');
        }
    }
}

fn read(name: &str, bytes: &[u8]) -> (String, Option<Tree>, Sources) {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let (file, tree) = parse(&mut sources, name, None, bytes.to_vec(), &mut diagnostics);
    let mut out = String::new();
    if let Some(tree) = &tree {
        show(tree, tree.root, &mut out);
    }
    for finding in diagnostics.into_sorted() {
        let (line, column) = sources.get(file).unwrap().line_column(finding.span.start);
        let code = finding.code.as_str();
        let pointer: String = finding.pointer.chars().take(40).collect();
        out.push_str(&format!("\n{code} {line}:{column} {pointer} {}", finding.message));
    }
    (out, tree, sources)
}

#[track_caller]
fn check(name: &str, text: impl AsRef<[u8]>, expected: Expect) {
    expected.assert_eq(&read(name, text.as_ref()).0);
}

#[test]
fn json_keeps_order_and_the_text_of_numbers() {
    check(
        "a.json",
        r#"{"b": [1, 1.10, -0, 12345678901234567890123], "a": {}, "é": null}"#,
        expect!["{b:[1,1.10,-0,12345678901234567890123,],a:{},é:null,}"],
    );
    check("a.json", "[]", expect!["[]"]);
    check("a.json", r#"["\ud83d\ude00 \\u \"", true, false]"#, expect![[r#"["😀 \\u \"",true,false,]"#]]);
}

#[test]
fn json_faults_have_a_place() {
    check(
        "a.json",
        "{\n  \"a\": NaN}",
        expect![[r#"

        syntax 2:8 /a JSON has no `NaN` and no `Infinity`"#]],
    );
    check(
        "a.json",
        "{\n  \"a\": [1, -Infinity]}",
        expect![[r#"

        syntax 2:13 /a/1 JSON has no `NaN` and no `Infinity`"#]],
    );
    check(
        "a.json",
        "{\"a\": [1,",
        expect![[r#"

        syntax 1:10 /a/1 the text ends in the middle of a value"#]],
    );
    check(
        "a.json",
        "{\"a\": [1,]}",
        expect![[r#"

        syntax 1:10 /a/1 this is not JSON: trailing comma"#]],
    );
    check(
        "a.json",
        "{\"a\": 1} x",
        expect![[r#"

        syntax 1:10  this is not JSON: trailing characters"#]],
    );
    check(
        "a.json",
        "{\"a\": \"\\q\"}",
        expect![[r#"

        syntax 1:9 /a this is not JSON: invalid escape"#]],
    );
    check(
        "a.json",
        r#"{"a": "x\ud800y", "b": "\udc00\\ud800"}"#,
        expect![[r#"
        {a:"x�y",b:"�\\ud800",}
        lone-surrogate 1:9  the escape is half of a surrogate pair; it is replaced by U+FFFD
        lone-surrogate 1:25  the escape is half of a surrogate pair; it is replaced by U+FFFD"#]],
    );
    check(
        "a.json",
        r#"{"p": {"/a": 1, "b": 2, "/a": {"c": 3}}}"#,
        expect![[r#"
        {p:{b:2,/a:{c:3,},},}
        duplicate-key 1:25 /p/~1a the key `/a` occurs twice"#]],
    );
}

#[test]
fn yaml_scalars_follow_the_core_schema() {
    check(
        "a.yaml",
        "[no, y, on, 2020-01-01, 1:30, 1_000, 1.10, '1', ~, null, True]",
        expect![[r#"["no","y","on","2020-01-01","1:30","1_000",1.10,"1",null,null,true,]"#]],
    );
    check(
        "a.yaml",
        "[0x1F, 0o17, +1, .5, 007, 1., 1e5, -1.5E-3, 1e, 0x, +, ., -.inf, !!str 1, !!int '5', !x 3]",
        expect![[r#"
            [31,15,1,0.5,7,1,1e5,-1.5E-3,"1e","0x","+",".","-.inf","1",5,"3",]
            number-inexact 1:59 /12 `-.inf` is not a number in JSON; it is read as a string"#]],
    );
    check(
        "a.yaml",
        "200: a\ntrue: b\n~: c\n'': d\n1.0: e\n",
        expect![[r#"{200:"a",true:"b",~:"c",:"d",1.0:"e",}"#]],
    );
}

#[test]
fn yaml_aliases_and_merges() {
    check(
        "a.yaml",
        "a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\nd: {y: 0, <<: [{z: 9, x: 8}, *a]}\n",
        expect!["{a:{x:1,y:2,},b:{x:1,y:2,},c:{x:1,y:3,},d:{y:0,z:9,x:8,},}"],
    );
    check(
        "a.yaml",
        "a: &k key\n*k : v\n'<<': {a: 1}\n<<: 3\n",
        expect![[r#"{a:"key",key:"v",<<:{a:1,},<<:3,}"#]],
    );
    check(
        "a.yaml",
        "a: &a [*a]\n",
        expect![[r#"

        syntax 1:8 /a/0 an alias refers to a value that contains it"#]],
    );
    check(
        "a.yaml",
        "? [a]\n: b\n",
        expect![[r#"

        syntax 1:3  a key must be a scalar"#]],
    );
    check(
        "a.yaml",
        "a: *nowhere\n",
        expect![[r#"

        syntax 1:4 /a this is not YAML: while parsing node, found unknown anchor"#]],
    );
}

#[test]
fn yaml_between_brackets_and_quotes_may_stand_too_far_left() {
    check(
        "a.yaml",
        "a:\n  b: {\n    x: 1\n  }\n  c: é\n  d: [\n1\n]\n  e: 2\n",
        expect![[r#"
        {a:{b:{x:1,},c:"é",d:[1,],e:2,},}
        syntax 7:1  this line is indented less than its block; it is accepted
        syntax 8:1  this line is indented less than its block; it is accepted"#]],
    );
    check(
        "a.yaml",
        "a:\n  b: \"one\ntwo \\\"\nthree\"\n  c: 'don''t\nstop'\n  d: [1, 1e]\n",
        expect![[r#"
            {a:{b:"one two \" three",c:"don't stop",d:[1,"1e",],},}
            syntax 3:1  this line is indented less than its block; it is accepted
            syntax 6:1  this line is indented less than its block; it is accepted"#]],
    );
    check(
        "a.yaml",
        "a:\n  b: {\n}\n  c: [\n",
        expect![[r#"

        syntax 3:1  this line is indented less than its block; it is accepted
        syntax 5:1 /a/c/0 this is not YAML: while parsing a node, did not find expected node content"#]],
    );
}

#[test]
fn yaml_faults_have_a_place() {
    check(
        "a.yaml",
        "a:\n  b: 1\n\tc: 2\n",
        expect![[r#"

            syntax 3:1 /a/b a tab is used for indentation; YAML allows spaces only (YAML 1.2, 6.1)"#]],
    );
    check(
        "a.yaml",
        "a: [1\nb: 2",
        expect![[r#"

        syntax 2:2 /a/0 this is not YAML: illegal placement of ':' indicator"#]],
    );
    check(
        "a.yaml",
        "a: 1\nb: 2\na: 3\n",
        expect![[r#"
        {b:2,a:3,}
        duplicate-key 3:1 /a the key `a` occurs twice"#]],
    );
    check(
        "a.yaml",
        "# nothing\n",
        expect![[r#"

        not-openapi 1:1  the document is empty"#]],
    );
    check(
        "a.yaml",
        "a: 1\n---\nb: 2\n",
        expect![[r#"
        {a:1,}
        syntax 2:1  a second YAML document begins here; only the first is read"#]],
    );
}

#[test]
fn files_that_are_something_else() {
    check(
        "a.yaml",
        "",
        expect![[r#"

        not-openapi 1:1  the document is empty"#]],
    );
    check(
        "a.yaml",
        "\n<!doctype html><html>",
        expect![[r#"

        not-openapi 2:1  this is not an OpenAPI document: it looks like HTML or XML"#]],
    );
    check(
        "a.yaml",
        b"a: caf\xE9",
        expect![[r#"

        encoding 1:7  invalid UTF-8: byte 0xE9 at byte offset 6"#]],
    );
    check(
        "a.yaml",
        b"\xFF\xFEa\0:\0",
        expect![[r#"

        encoding 1:1  the text is UTF-16 (little endian), not UTF-8: save it as UTF-8"#]],
    );
    check(
        "a.yaml",
        b"\xEF\xBB\xBFa: 1\r\nb: 'x\r\n\r\n  y'\r\nc: |\r\n  l\r\n  m\r\n",
        expect![[r#"{a:1,b:"x\ny",c:"l\nm\n",}"#]],
    );
    check("a.yaml", "{a: b}", expect![[r#"{a:"b",}"#]]);
    check(
        "a.json",
        "{a: b}",
        expect![[r#"

        syntax 1:2  this is not JSON: key must be a string"#]],
    );
}

#[test]
fn bombs_and_depth_end_the_parse() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..10 {
        let aliases = vec![format!("*a{}", i - 1); 9].join(", ");
        bomb.push_str(&format!("a{i}: &a{i} [{aliases}]\n"));
    }
    check(
        "a.yaml",
        bomb,
        expect![[r#"

        too-large 7:40 /a6/7 the document expands to more than 4000000 values"#]],
    );
    check(
        "a.json",
        "[".repeat(100_000),
        expect![[r#"

            too-deep 1:129 /0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0 values are nested more than 128 levels deep"#]],
    );
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let chain = format!("a: &a {deep}\nb: [[*a]]\nc: {}*a{}", "[".repeat(40), "]".repeat(40));
    check(
        "a.yaml",
        chain,
        expect![[r#"

            too-deep 3:44 /c/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0 values are nested more than 128 levels deep"#]],
    );
}

/// Every value's span is its text.
#[track_caller]
fn spans(name: &str, text: &str, expected: Expect) {
    let (_, tree, sources) = read(name, text.as_bytes());
    let tree = tree.unwrap();
    let text = &sources.get(tree.file).unwrap().text;
    let mut out = String::new();
    for (index, node) in tree.nodes.iter().enumerate() {
        let pointer = tree.pointer(NodeId(index as u32));
        out.push_str(&format!("{pointer} {:?}\n", &text[node.start as usize..node.end as usize]));
        if let NodeKind::Object(entries) = &node.kind {
            for entry in entries {
                out.push_str(&format!("  key {:?}\n", &text[entry.start as usize..entry.end as usize]));
            }
        }
    }
    expected.assert_eq(&out);
}

#[test]
fn spans_are_bytes() {
    spans(
        "a.json",
        "{ \"é\" : [1, \"b\\n\"], \"/\":\n{\"c\":{ }} }",
        expect![[r#"
        /é/0 "1"
        /é/1 "\"b\\n\""
        /é "[1, \"b\\n\"]"
        /~1/c "{ }"
        /~1 "{\"c\":{ }}"
          key "\"c\""
         "{ \"é\" : [1, \"b\\n\"], \"/\":\n{\"c\":{ }} }"
          key "\"é\""
          key "\"/\""
    "#]],
    );
    spans(
        "a.yaml",
        "é: [1, {b: 'ü'}]\r\nc:\n  - x y  # no\n  - |\n    text\n    more\n  - d: {}\n    e:\n\nf: &x\n  g: 1\nh: *x\n",
        expect![[r#"
            /é/0 "1"
            /é/1/b "'ü'"
            /é/1 "{b: 'ü'}"
              key "b"
            /é "[1, {b: 'ü'}]"
            /c/0 "x y"
            /c/1 "text\n    more"
            /c/2/d "{}"
            /c/2/e ""
            /c/2 "d: {}\n    e"
              key "d"
              key "e"
            /c "- x y  # no\n  - |\n    text\n    more\n  - d: {}\n    e"
            /f/g "1"
            /f "&x\n  g: 1"
              key "g"
             "é: [1, {b: 'ü'}]\r\nc:\n  - x y  # no\n  - |\n    text\n    more\n  - d: {}\n    e:\n\nf: &x\n  g: 1\nh"
              key "é"
              key "c"
              key "f"
              key "h"
        "#]],
    );
}
