//! Documents about parameters: where in a request each stands, and how it is written.

use descant_runtime as rt;

const OK: &str = "200 OK\ncontent-type: application/json\n\n{\"ok\":true}";

#[tokio::test]
async fn p01_swagger2() {
    // 64-bit numbers are exact.
    exchange!(p01_swagger2 list_pets().tags(vec!["a", "b,c", "d e&f"])
        ListPetsRequest { tags: Some(vec!["a".to_owned(), "b,c".to_owned(), "d e&f".to_owned()]) },
        "GET /pets?tags=a,b%2Cc,d%20e%26f\naccept: application/json\n",
        ListPetsResponse::Ok(vec![Pet { id: 9_007_199_254_740_993 }]),
        "200 OK\ncontent-type: application/json\n\n[{\"id\":9007199254740993}]");
    assert_eq!(wire::p01_swagger2::client::SERVERS[0].url(), "https://x.y/v1");
}

#[tokio::test]
async fn p16_path_styles() {
    exchange!(p16_path_styles
        styles(&["a".into(), "b/c".into()], &["d".into(), "e".into()],
            &StylesM { x: Some("1".into()), y: Some("2".into()) }, "f", "json")
        StylesRequest {
            s: vec!["a".to_owned(), "b/c".to_owned()],
            l: vec!["d".to_owned(), "e".to_owned()],
            m: StylesM { x: Some("1".into()), y: Some("2".into()) },
            d: "f", e: "json",
        },
        "GET /a/a,b%2Fc/.d.e/;x=1;y=2/f.json\naccept: application/json\n",
        StylesResponse::Ok(StylesOkBody { ok: Some(true) }), OK);
}

#[tokio::test]
async fn p17_query_styles() {
    exchange!(p17_query_styles
        q().f(vec!["a", "b c"]).fe(vec!["a", "b&c"]).sp(vec!["a", "b"]).pi(vec!["a", "b"]).deep(QDeep { a: Some("x=y".into()), b: Some(2) }).obj(QObj { c: Some("ü".into()) })
        QRequest {
            f: Some(vec!["a".to_owned(), "b c".to_owned()]),
            fe: Some(vec!["a".to_owned(), "b&c".to_owned()]),
            sp: Some(vec!["a".to_owned(), "b".to_owned()]),
            pi: Some(vec!["a".to_owned(), "b".to_owned()]),
            deep: Some(QDeep { a: Some("x=y".into()), b: Some(2) }),
            obj: Some(QObj { c: Some("ü".into()) }),
        },
        "GET /q?f=a,b%20c&fe=a&fe=b%26c&sp=a%20b&pi=a%7Cb&deep%5Ba%5D=x%3Dy&deep%5Bb%5D=2&c=%C3%BC\n\
         accept: application/json\n",
        QResponse::Ok(QOkBody { ok: Some(true) }), OK);
    exchange!(p17_query_styles q() QRequest { f: None, deep: None, obj: None },
        "GET /q\naccept: application/json\n", QResponse::Ok(QOkBody { ok: Some(true) }), OK);
}

#[tokio::test]
async fn p18_content_param() {
    exchange!(p18_content_param q().filter(QFilter { a: Some("b c".into()) })
        QRequest { filter: Some(QFilter { a: Some("b c".into()) }) },
        "GET /q?filter=%7B%22a%22%3A%22b%20c%22%7D\naccept: application/json\n",
        QResponse::Ok(QOkBody { ok: Some(true) }), OK);
}

#[tokio::test]
async fn p19_allow_reserved() {
    // Of what RFC 3986 reserves, `#`, `&` and `+` still end the value or mean something else in a query.
    exchange!(p19_allow_reserved q().u("http://x/a?b=c&d#e f")
        QRequest { u: Some("http://x/a?b=c&d#e f".to_owned()) },
        "GET /q?u=http://x/a?b=c%26d%23e%20f\naccept: application/json\n",
        QResponse::Ok(QOkBody { ok: Some(true) }), OK);
}

#[tokio::test]
async fn p20_header_cookie() {
    exchange!(p20_header_cookie q(-7).x_trace_id("a, b").sid("s;1")
        QRequest { x_num: -7, x_trace_id: Some("a, b".to_owned()), sid: Some("s;1".to_owned()) },
        "GET /q\naccept: application/json\ncookie: sid=s%3B1\nx-num: -7\nx-trace-id: a, b\n",
        QResponse::Ok(QOkBody { ok: Some(true) }), OK);
    exchange!(p20_header_cookie q(1) QRequest { x_num: 1, x_trace_id: None, sid: None },
        "GET /q\naccept: application/json\nx-num: 1\n", QResponse::Ok(QOkBody { ok: Some(true) }), OK);
}

#[tokio::test]
async fn p34_names() {
    use wire::p34_names::{client::Client, operations::*, types};
    let ok = || types::DoItOkBody { ok: Some(true) };
    let (seen, answer) = crate::peer::asked(OK, async |url| {
        let call = Client::new(&url).unwrap().do_it2().r#type("t").self_("s").x_a2("dash").x_a("score");
        call.answer().await.unwrap()
    })
    .await;
    assert_eq!(seen, "GET /dup-a?type=t&self=s&X-a=dash&x_a=score\naccept: application/json\n");
    assert_eq!(answer, DoIt2Response::Ok(ok()));
    let (seen, _) =
        crate::peer::asked(OK, async |url| Client::new(&url).unwrap().do_it().answer().await.unwrap()).await;
    assert_eq!(seen, "GET /dup_a\naccept: application/json\n");
    let (seen, _) =
        crate::peer::asked(OK, async |url| Client::new(&url).unwrap().get_noid_by_id("a/b?").answer().await.unwrap())
            .await;
    assert_eq!(seen, "GET /noid/a%2Fb%3F\naccept: application/json\n");
}

#[tokio::test]
async fn p35_defaults() {
    // What is absent is left to the server: a default is documented, not sent.
    exchange!(p35_defaults d(&D::default()) DRequest { body: D::default() },
        "POST /d\naccept: application/json\ncontent-type: application/json\n\n{}",
        DResponse::Ok(DOkBody { ok: Some(true) }), OK);
    exchange!(p35_defaults
        d(&D { a: Some("y".into()), l: Some(Vec::new()), b: Some(false), o: Some(DO { k: Some(4) }) }).limit(5).o(DO2::Desc)
        DRequest { limit: Some(5), o: Some(DO2::Desc) },
        "POST /d?limit=5&o=desc\naccept: application/json\ncontent-type: application/json\n\n\
         {\"a\":\"y\",\"l\":[],\"b\":false,\"o\":{\"k\":4}}",
        DResponse::Ok(DOkBody { ok: Some(true) }), OK);
}

#[tokio::test]
async fn p37_deprecated() {
    #![allow(deprecated, reason = "it is what is tested")]
    exchange!(p37_deprecated d().old("o") DRequest { old: Some("o".to_owned()) },
        "GET /d?old=o\naccept: application/json\n", DResponse::Ok(D { a: Some("x".into()) }),
        "200 OK\ncontent-type: application/json\n\n{\"a\":\"x\"}");
}

#[tokio::test]
async fn p41_comp_refs() {
    exchange!(p41_comp_refs a("i d", &A { a: Some("x".into()) }) ARequest { id: "i d", body: A { a: Some("x".into()) } },
        "POST /a/i%20d\naccept: application/json\ncontent-type: application/json\n\n{\"a\":\"x\"}",
        AResponse::Ok(A { a: Some("y".into()) }), "200 OK\ncontent-type: application/json\n\n{\"a\":\"y\"}");
}
