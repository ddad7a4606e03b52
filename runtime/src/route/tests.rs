//! Tests of routing: which route a target finds, and why.

use expect_test::{Expect, expect};
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use super::*;

const ROUTES: &[&str] = &[
    "GET /",
    "GET /pets/{petId}",
    "GET /pets/mine",
    "DELETE /pets/{petId}",
    "PUT /pets/{petId}/",
    "GET /compare/{base}...{head}",
    "GET /files/{name}.json",
    "GET /files/{name}.{extension}",
    "GET /files/{name}",
    "GET /files/{name}.tar.gz",
    "GET /a b/ü/{x}",
    "GET /worker",
    "GET /worker?cmd=check",
    "GET /lookup?id={id}",
    "POST /#X-Amz-Target=Db.Scan",
    "POST /#X-Amz-Target=Db.Query",
    "GET /folders/{id}#get_link",
    "GET /folders/{id}",
    "GET /shared",
    "GET /shared#folders",
    "GET /{a}/{b}/{c}",
    "GET /{a}/deep/{c}/end",
];

fn table() -> Table<&'static str> {
    let mut table = Table::new().head_is_get();
    for route in ROUTES {
        let (method, path) = route.split_once(' ').unwrap();
        table.add(method, &parse(path), TrailingSlash::Strict, *route);
    }
    table
}

fn show(find: Find<'_, '_, &str>) -> String {
    match find {
        Find::NotFound => "not found".to_owned(),
        Find::MethodNotAllowed(allowed) => format!("allowed: {}", allowed.join(", ")),
        Find::Found(found) => {
            let texts: Vec<String> =
                found.parameters.iter().map(|(name, text)| format!(" {name}=`{text}`")).collect();
            let others: String = found.alternatives.iter().map(|other| format!(" (or {other})")).collect();
            format!("{}{}{others}", found.value, texts.concat())
        }
    }
}

fn check(requests: &[&str], expected: Expect) {
    let table = table();
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-target", HeaderValue::from_static("Db.Query"));
    let answers: Vec<String> = requests
        .iter()
        .map(|request| {
            let (method, target) = request.split_once(' ').unwrap();
            format!("{request} -> {}\n", show(table.find(method, target, &headers)))
        })
        .collect();
    expected.assert_eq(&answers.concat());
}

#[test]
fn concrete_before_partial_before_templated() {
    check(
        &[
            "GET /pets/mine",
            "GET /pets/m%69ne",
            "GET /pets/7",
            "DELETE /pets/mine",
            "GET /files/x.tar.gz",
            "GET /files/x.y.json",
            "GET /files/x.y.csv",
            "GET /files/json",
            "GET /files/.json",
            "GET /x/deep/y",
            "GET /x/deep/y/end",
        ],
        expect![[r#"
            GET /pets/mine -> GET /pets/mine
            GET /pets/m%69ne -> GET /pets/mine
            GET /pets/7 -> GET /pets/{petId} petId=`7`
            DELETE /pets/mine -> allowed: GET, HEAD
            GET /files/x.tar.gz -> GET /files/{name}.tar.gz name=`x`
            GET /files/x.y.json -> GET /files/{name}.json name=`x.y`
            GET /files/x.y.csv -> GET /files/{name}.{extension} name=`x.y` extension=`csv`
            GET /files/json -> GET /files/{name} name=`json`
            GET /files/.json -> GET /files/{name} name=`.json`
            GET /x/deep/y -> GET /{a}/{b}/{c} a=`x` b=`deep` c=`y`
            GET /x/deep/y/end -> GET /{a}/deep/{c}/end a=`x` c=`y`
        "#]],
    );
}

#[test]
fn of_two_parameters_side_by_side_the_second_begins_at_the_last_dot() {
    let mut table = Table::new();
    table.add("GET", &parse("/v{page}{extension}"), TrailingSlash::Strict, "page");
    let found = |path: &str| show(table.find("GET", path, &HeaderMap::new()));
    assert_eq!(found("/va.b.json"), "page page=`a.b` extension=`.json`");
    assert_eq!(found("/v.json"), "page page=`.jso` extension=`n`");
    assert_eq!(found("/vab"), "page page=`a` extension=`b`");
    assert_eq!(found("/va"), "not found");
}

#[test]
fn parameters_stay_encoded_and_literals_match_decoded() {
    check(
        &[
            "GET /compare/a%2Fb...c%20d",
            "GET /compare/a%2e%2E.b",
            "GET /compare/...",
            "GET /a%20b/%C3%BC/%FF",
            "GET /pets/a%23b",
            "GET /pets/",
            "GET //pets",
        ],
        expect![[r#"
            GET /compare/a%2Fb...c%20d -> GET /compare/{base}...{head} base=`a%2Fb` head=`c%20d`
            GET /compare/a%2e%2E.b -> GET /compare/{base}...{head} base=`a` head=`b`
            GET /compare/... -> not found
            GET /a%20b/%C3%BC/%FF -> GET /a b/ü/{x} x=`%FF`
            GET /pets/a%23b -> GET /pets/{petId} petId=`a%23b`
            GET /pets/ -> not found
            GET //pets -> not found
        "#]],
    );
}

#[test]
fn queries_and_fragments_of_templates() {
    check(
        &[
            "GET /worker",
            "GET /worker?cmd=check&x=1",
            "GET /worker?cmd=other",
            "GET /lookup?id=a%20b",
            "GET /lookup",
            "POST /",
            "POST /?X-Amz-Target=Db.Scan",
            "GET /folders/1",
            "GET /folders/1%23get_link",
            "GET /shared",
            "GET /shared%23folders",
        ],
        expect![[r#"
            GET /worker -> GET /worker
            GET /worker?cmd=check&x=1 -> GET /worker?cmd=check (or GET /worker)
            GET /worker?cmd=other -> GET /worker
            GET /lookup?id=a%20b -> GET /lookup?id={id} id=`a%20b`
            GET /lookup -> not found
            POST / -> POST /#X-Amz-Target=Db.Query (or POST /#X-Amz-Target=Db.Scan)
            POST /?X-Amz-Target=Db.Scan -> POST /#X-Amz-Target=Db.Scan (or POST /#X-Amz-Target=Db.Query)
            GET /folders/1 -> GET /folders/{id} id=`1` (or GET /folders/{id}#get_link)
            GET /folders/1%23get_link -> GET /folders/{id} id=`1%23get_link` (or GET /folders/{id}#get_link)
            GET /shared -> GET /shared (or GET /shared#folders)
            GET /shared%23folders -> GET /shared#folders (or GET /shared)
        "#]],
    );
}

#[test]
fn methods() {
    check(
        &["HEAD /pets/7", "POST /pets/7", "PUT /pets/7", "PUT /pets/7/", "get /pets/7"],
        expect![[r#"
            HEAD /pets/7 -> GET /pets/{petId} petId=`7`
            POST /pets/7 -> allowed: GET, DELETE, HEAD
            PUT /pets/7 -> allowed: GET, DELETE, HEAD
            PUT /pets/7/ -> PUT /pets/{petId}/ petId=`7`
            get /pets/7 -> allowed: GET, DELETE, HEAD
        "#]],
    );
}

#[test]
fn either_answers_with_and_without_the_slash() {
    for template in ["/pets/{id}", "/pets/{id}/"] {
        let mut table = Table::new();
        table.add("GET", &parse(template), TrailingSlash::Either, ());
        for path in ["/pets/1", "/pets/1/"] {
            assert!(
                matches!(table.find("GET", path, &HeaderMap::new()), Find::Found(_)),
                "{template} {path}"
            );
        }
        assert_eq!(table.find("GET", "/pets/1//", &HeaderMap::new()), Find::NotFound);
    }
}

/// Routes of which every prefix matches in two ways: a search that tried each combination would never end.
#[test]
fn no_request_makes_the_search_explode() {
    let mut table = Table::new();
    for mask in 0..64_u32 {
        let path: String = (0..6).map(|bit| if mask >> bit & 1 == 0 { "/a" } else { "/{x}" }).collect();
        table.add("GET", &parse(&format!("{path}/end{mask}")), TrailingSlash::Strict, mask);
    }
    table.add("GET", &parse("/{a}{b}{c}{d}{e}{f}!"), TrailingSlash::Strict, 99);
    let start = std::time::Instant::now();
    for _ in 0..1000 {
        assert_eq!(table.find("GET", "/a/a/a/a/a/a/none", &HeaderMap::new()), Find::NotFound);
    }
    assert_eq!(table.find("GET", &format!("/{}", "a".repeat(100_000)), &HeaderMap::new()), Find::NotFound);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

proptest! {
    #[test]
    fn any_template_and_any_target_are_survived(template in "[/{}?#a.=%2]{0,20}", target in "[/?#a.=%2ü]{0,20}") {
        let mut table = Table::new();
        table.add("GET", &parse(&template), TrailingSlash::Either, ());
        table.find("GET", &target, &HeaderMap::new());
    }

    #[test]
    fn what_is_filled_in_is_found_again(a in "[a-z0-9]{1,8}", b in "[a-z0-9]{1,8}") {
        let table = table();
        let target = format!("/compare/{a}...{b}");
        let headers = HeaderMap::new();
        let Find::Found(found) = table.find("GET", &target, &headers) else { panic!("{target}") };
        prop_assert_eq!(found.parameters, vec![("base", a.as_str()), ("head", b.as_str())]);
    }
}

#[test]
fn a_final_slash_more_or_less_matches_unless_the_policy_is_strict() {
    let mut table = Table::new();
    table.add("GET", &parse("/pets"), TrailingSlash::Either, "either");
    table.add("GET", &parse("/both"), TrailingSlash::Either, "both");
    table.add("GET", &parse("/both/"), TrailingSlash::Either, "both/");
    table.add("PUT", &parse("/slash/"), TrailingSlash::Either, "slash/");
    table.add("GET", &parse("/strict"), TrailingSlash::Strict, "strict");
    let check = |target: &str, expected: (&str, bool)| {
        let found = match table.find("GET", target, &HeaderMap::new()) {
            Find::Found(found) => (*found.value, found.is_beside_slash),
            Find::MethodNotAllowed(_) => ("405", false),
            Find::NotFound => ("404", false),
        };
        assert_eq!(found, expected, "{target}");
    };
    check("/pets/?a=1", ("either", true));
    check("/both", ("both", false));
    check("/both/", ("both/", false));
    check("/slash", ("405", false));
    check("/strict/", ("404", false));
    check("/pets//", ("404", false));
    check("/", ("404", false));
}
