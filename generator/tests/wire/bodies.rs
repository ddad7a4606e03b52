//! Documents about bodies of requests, one a media type.

use descant_runtime as rt;
use futures_util::{StreamExt, stream};

use crate::peer::{asked, told};

const OK: &str = "200 OK\ncontent-type: application/json\n\n{\"ok\":true}";

#[tokio::test]
async fn p15_constraints() {
    exchange!(p15_constraints
        c(&C { code: "ABC".into(), n: Some(4), l: Some(vec!["x".into()]) }).limit(100)
        CRequest { limit: Some(100), body: C { code: "ABC".into(), n: Some(4), l: Some(vec!["x".into()]) } },
        "POST /c?limit=100\naccept: application/json\ncontent-type: application/json\n\n\
         {\"code\":\"ABC\",\"n\":4,\"l\":[\"x\"]}",
        CResponse::Ok(COkBody { ok: Some(true) }), OK);
    use wire::p15_constraints::{operations::CResponse, server, types::COkBody};
    struct Fine;
    impl server::Api for Fine {
        async fn c(&self, _: server::CRequest, _: &rt::server::Context) -> rt::server::HandlerResult<CResponse> {
            Ok(CResponse::Ok(COkBody::default()))
        }
    }
    for (query, body, pointer, keyword) in [
        ("?limit=0", r#"{"code":"ABC"}"#, "", "minimum"),
        ("?limit=101", r#"{"code":"ABC"}"#, "", "maximum"),
        ("", r#"{"code":"abc"}"#, "#/code", "pattern"),
        ("", r#"{"code":"AB"}"#, "#/code", "minLength"),
        ("", r#"{"code":"ABCD"}"#, "#/code", "maxLength"),
        ("", r#"{"code":"ABC","n":-2}"#, "#/n", "minimum"),
        ("", r#"{"code":"ABC","n":12}"#, "#/n", "maximum"),
        ("", r#"{"code":"ABC","n":3}"#, "#/n", "multipleOf"),
        ("", r#"{"code":"ABC","l":[]}"#, "#/l", "minItems"),
        ("", r#"{"code":"ABC","l":["a","b","c","d"]}"#, "#/l", "maxItems"),
        ("", r#"{"code":"ABC","l":["a","a"]}"#, "#/l", "uniqueItems"),
        ("", r#"{}"#, "#", "required"),
    ] {
        let ask = format!("POST /c{query}\ncontent-type: application/json\n\n{body}");
        let told = told(server::router(Fine), &ask).await;
        let (head, problem) = told.split_once("\n\n").unwrap();
        assert_eq!(head, "400 Bad Request\ncontent-type: application/problem+json", "{query} {body}");
        let problem: rt::Value = serde_json::from_str(problem).unwrap();
        let errors = problem["errors"].as_array().unwrap();
        let says = |error: &rt::Value| {
            error["keyword"] == keyword && error["pointer"].as_str().unwrap_or_default() == pointer
        };
        assert!(errors.iter().any(says), "{query} {body} {pointer} {keyword}: {problem}");
    }
}

#[tokio::test]
async fn p21_form_body() {
    exchange!(p21_form_body f(&F { a: "x y&z".into(), l: Some(vec!["1".into(), "2".into()]) })
        FRequest { body: F { a: "x y&z".into(), l: Some(vec!["1".into(), "2".into()]) } },
        "POST /f\naccept: application/json\ncontent-type: application/x-www-form-urlencoded\n\n\
         a=x%20y%26z&l=1&l=2",
        FResponse::Ok(FOkBody { ok: Some(true) }), OK);
    use wire::p21_form_body::{operations::FResponse, server, types::*};
    struct Plus;
    impl server::Api for Plus {
        async fn f(
            &self,
            request: server::FRequest,
            _: &rt::server::Context,
        ) -> rt::server::HandlerResult<FResponse> {
            assert_eq!(request.body, F { a: "x y".into(), l: None });
            Ok(FResponse::Ok(FOkBody { ok: Some(true) }))
        }
    }
    // Browsers write a space as `+`.
    const FORM: &str = "POST /f\ncontent-type: application/x-www-form-urlencoded\n\n";
    assert_eq!(told(server::router(Plus), &format!("{FORM}a=x+y")).await, OK);
    let lacking = told(server::router(Plus), &format!("{FORM}l=1")).await;
    assert!(lacking.starts_with("400 Bad Request") && lacking.contains("required"), "{lacking}");
    let json = told(server::router(Plus), "POST /f\ncontent-type: application/json\n\n{\"a\":\"x\"}").await;
    assert!(json.starts_with("415 Unsupported Media Type"), "{json}");
}

#[tokio::test]
async fn p22_multipart() {
    use wire::p22_multipart::{client::Client, operations::*, server, types::*};
    struct Files;
    impl server::Api for Files {
        async fn f(
            &self,
            request: server::FRequest,
            _: &rt::server::Context,
        ) -> rt::server::HandlerResult<FResponse> {
            let FBody { file, meta, n } = request.body;
            assert_eq!(file.name.as_deref(), Some("a %22b%22.png"));
            assert_eq!(file.content_type.as_deref(), Some("image/png"));
            assert_eq!(file.body.read(99).await.unwrap(), "first, second");
            assert_eq!((meta, n), (Some(FBodyMeta { k: Some("v".into()) }), Some(7)));
            Ok(FResponse::Ok(FOkBody { ok: Some(true) }))
        }
    }
    const ASK: &str = "POST /f\naccept: application/json\ncontent-type: multipart/form-data; boundary=LINE\n\n\
        --LINE\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22b%22.png\"\n\
        Content-Type: image/png\n\nfirst, second\n\
        --LINE\nContent-Disposition: form-data; name=\"meta\"\nContent-Type: application/json\n\n{\"k\":\"v\"}\n\
        --LINE\nContent-Disposition: form-data; name=\"n\"\n\n7\n--LINE--\n";
    let (seen, answer) = asked(OK, async |url| {
        // A file that comes piece by piece is sent so.
        let pieces = ["first, ", "second"].map(|piece| Ok::<_, std::io::Error>(rt::Bytes::from(piece)));
        let file = rt::File {
            name: Some("a \"b\".png".into()),
            content_type: Some("image/png".into()),
            body: rt::Body::stream(stream::iter(pieces)),
            ..rt::File::default()
        };
        let meta = Some(FBodyMeta { k: Some("v".into()) });
        let body = FBody { meta, n: Some(7), ..FBody::new(file) };
        Client::new(&url).unwrap().f(body).answer().await.unwrap()
    })
    .await;
    assert_eq!(seen, ASK);
    assert_eq!(answer, FResponse::Ok(FOkBody { ok: Some(true) }));
    assert_eq!(told(server::router(Files), ASK).await, OK);
    let lacking = ASK.replace("name=\"file\"", "name=\"other\"");
    let lacking = told(server::router(Files), &lacking).await;
    let fault = r##"{"pointer":"#","keyword":"required","expected":"the property \"file\""##;
    assert!(lacking.starts_with("400 Bad Request") && lacking.contains(fault), "{lacking}");
}

#[tokio::test]
async fn p23_octet() {
    use wire::p23_octet::{client::Client, operations::*, server};
    struct Blobs;
    impl server::Api for Blobs {
        async fn f(
            &self,
            request: server::FRequest,
            _: &rt::server::Context,
        ) -> rt::server::HandlerResult<FResponse> {
            let reversed = request
                .body
                .map(|piece| piece.map(|bytes| rt::Bytes::from_iter(bytes.iter().rev().copied())));
            Ok(FResponse::Ok(rt::Body::stream(reversed)))
        }
    }
    const ASK: &str =
        "PUT /f\naccept: application/octet-stream\ncontent-type: application/octet-stream\n\n\u{1}ab";
    const TELL: &str = "200 OK\ncontent-type: application/octet-stream\n\nba\u{1}";
    assert_eq!(told(server::router(Blobs), ASK).await, TELL);
    let (seen, bytes) = asked(TELL, async |url| {
        let client = Client::new(&url).unwrap();
        let pieces =
            stream::iter(["\u{1}a", "b"].map(|piece| Ok::<_, std::io::Error>(rt::Bytes::from(piece))));
        let FResponse::Ok(body) = client.f(rt::Body::stream(pieces)).answer().await.unwrap();
        body.read(99).await.unwrap()
    })
    .await;
    assert_eq!(seen, ASK);
    assert_eq!(bytes, "ba\u{1}");
    // Bytes that are all there need no stream.
    let (seen, _) = asked(TELL, async |url| Client::new(&url).unwrap().f("\u{1}ab").await.unwrap()).await;
    assert_eq!(seen, ASK);
}

#[tokio::test]
async fn p24_text() {
    exchange!(p24_text f("\u{fc} \"\n") FRequest { body: "\u{fc} \"\n" },
        "PUT /f\naccept: text/plain\ncontent-type: text/plain\n\n\u{fc} \"\n",
        FResponse::Ok("7".into()), "200 OK\ncontent-type: text/plain\n\n7");
}

#[tokio::test]
async fn p25_xml() {
    exchange!(p25_xml f(&A { a: Some("<&>".into()) }) FRequest { body: A { a: Some("<&>".into()) } },
        "PUT /f\naccept: application/xml\ncontent-type: application/xml\n\n\
         <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A><a>&lt;&amp;&gt;</a></A>",
        FResponse::Ok(A { a: Some("y".into()) }),
        "200 OK\ncontent-type: application/xml\n\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A><a>y</a></A>");
}

#[tokio::test]
async fn p26_multi_ct_body() {
    let head =
        |media_type: &str| format!("POST /f\naccept: application/json\ncontent-type: {media_type}\n\n");
    exchange!(p26_multi_ct_body f(ABody::Json(A { a: Some("x".into()) }))
        FRequest { body: ABody::Json(A { a: Some("x".into()) }) },
        &format!("{}{{\"a\":\"x\"}}", head("application/json")), FResponse::Ok(FOkBody { ok: Some(true) }), OK);
    exchange!(p26_multi_ct_body f(ABody::Form(A { a: Some("x=1".into()) }))
        FRequest { body: ABody::Form(A { a: Some("x=1".into()) }) },
        &format!("{}a=x%3D1", head("application/x-www-form-urlencoded")), FResponse::Ok(FOkBody { ok: Some(true) }), OK);
    exchange!(p26_multi_ct_body f(ABody::Text("{}".into())) FRequest { body: ABody::Text("{}".into()) },
        &format!("{}{{}}", head("text/plain")), FResponse::Ok(FOkBody { ok: Some(true) }), OK);
}
