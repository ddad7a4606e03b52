//! Documents about answers: statuses, headers, representations, streams.

use descant_runtime as rt;
use futures_util::{StreamExt, stream};

use crate::peer::{asked, told};

#[tokio::test]
async fn p27_multi_resp() {
    use wire::p27_multi_resp::client::Client;
    const ASK: &str = "GET /r/1\naccept: application/json\n";
    let json = |status: &str, body: &str| format!("{status}\ncontent-type: application/json\n\n{body}");
    exchange!(p27_multi_resp r("1") RRequest { id: "1" }, ASK,
        RResponse::Ok(A { a: "x".into() }), "200 OK\ncontent-type: application/json\n\n{\"a\":\"x\"}");
    exchange!(p27_multi_resp r("1") RRequest, ASK,
        RResponse::Accepted(B { b: "x".into() }), "202 Accepted\ncontent-type: application/json\n\n{\"b\":\"x\"}");
    exchange!(p27_multi_resp r("1") RRequest, ASK, RResponse::NoContent, "204 No Content\n");
    exchange!(p27_multi_resp r("1") RRequest, ASK, RResponse::NotFound(NotFound { what: "x".into() }),
        "404 Not Found\ncontent-type: application/json\n\n{\"what\":\"x\"}");
    exchange!(p27_multi_resp r("1") RRequest, ASK,
        RResponse::ClientError(descant_runtime::StatusCode::CONFLICT, ClientErr { msg: "x".into() }),
        "409 Conflict\ncontent-type: application/json\n\n{\"msg\":\"x\"}");
    exchange!(p27_multi_resp r("1") RRequest, ASK,
        RResponse::Default(descant_runtime::StatusCode::BAD_GATEWAY, ErrSchema { e: "x".into() }),
        "502 Bad Gateway\ncontent-type: application/json\n\n{\"e\":\"x\"}");
    // A body that is not what its status says is an error that shows the status.
    let (_, error) = asked(&json("404 Not Found", "{\"a\":\"x\"}"), async |url| {
        Client::new(&url).unwrap().r("1").answer().await.unwrap_err()
    })
    .await;
    assert_eq!(error.status(), Some(rt::StatusCode::NOT_FOUND));
    assert!(matches!(error, rt::client::Error::Decode { .. }), "{error}");
}

#[tokio::test]
async fn p28_resp_headers() {
    exchange!(p28_resp_headers r() RRequest, "GET /r\naccept: application/json\n",
        RResponse::Ok { body: A { a: None }, headers: ROkHeaders { x_rate_limit: 5, link: Some("<x>, <y>".into()) } },
        "200 OK\ncontent-type: application/json\nlink: <x>, <y>\nx-rate-limit: 5\n\n{}");
    exchange!(p28_resp_headers r() RRequest, "GET /r\naccept: application/json\n",
        RResponse::Ok { body: A { a: None }, headers: ROkHeaders { x_rate_limit: -1, link: None } },
        "200 OK\ncontent-type: application/json\nx-rate-limit: -1\n\n{}");
    use wire::p28_resp_headers::client::Client;
    let lacking = "200 OK\ncontent-type: application/json\n\n{}";
    let (_, error) = asked(lacking, async |url| Client::new(&url).unwrap().r().answer().await.unwrap_err()).await;
    assert!(error.to_string().contains("X-Rate-Limit"), "{error}");
}

#[tokio::test]
async fn p29_sse() {
    use wire::p29_sse::{client::Client, operations::EventsResponse, server, types::Ev};
    struct Feed;
    impl server::Api for Feed {
        async fn events(
            &self,
            _: server::EventsRequest,
            _: &rt::server::Context,
        ) -> rt::server::HandlerResult<EventsResponse> {
            let events = ["x", "y"].map(|a| Ev { a: Some(a.to_owned()) });
            Ok(EventsResponse::Ok(rt::Items::new(stream::iter(events))))
        }
    }
    const ASK: &str = "GET /e\naccept: text/event-stream\n";
    const TELL: &str = "200 OK\ncontent-type: text/event-stream\n\n\
                        data: {\"a\":\"x\"}\n\ndata: {\"a\":\"y\"}\n\n";
    assert_eq!(told(server::router(Feed), ASK).await, TELL);
    let (seen, events) = asked(TELL, async |url| {
        let EventsResponse::Ok(items) = Client::new(&url).unwrap().events().answer().await.unwrap();
        items.map(Result::unwrap).collect::<Vec<Ev>>().await
    })
    .await;
    assert_eq!(seen, ASK);
    assert_eq!(events, [Ev { a: Some("x".into()) }, Ev { a: Some("y".into()) }]);
}

#[tokio::test]
async fn p42_opt_body() {
    // A body that is `null` is not one that is absent.
    exchange!(p42_opt_body a(None) ARequest { body: None }, "POST /a\naccept: application/json\n",
        AResponse::Ok(None), "200 OK\ncontent-type: application/json\n\nnull");
    exchange!(p42_opt_body a(Some(&A { a: Some("x".into()) })) ARequest { body: Some(A { a: Some("x".into()) }) },
        "POST /a\naccept: application/json\ncontent-type: application/json\n\n{\"a\":\"x\"}",
        AResponse::Ok(Some(AOkBody { a: None })), "200 OK\ncontent-type: application/json\n\n{}");
}

#[tokio::test]
async fn p43_vendor_json() {
    const ASK: &str = "POST /a\naccept: application/json; charset=utf-8, application/problem+json\n\
                       content-type: application/vnd.api+json\n\n{\"a\":\"x\"}";
    exchange!(p43_vendor_json a(&A { a: Some("x".into()) }) ARequest { body: A { a: Some("x".into()) } }, ASK,
        AResponse::Ok(A { a: None }), "200 OK\ncontent-type: application/json; charset=utf-8\n\n{}");
    exchange!(p43_vendor_json a(&A { a: Some("x".into()) }) ARequest, ASK,
        AResponse::BadRequest(A { a: Some("y".into()) }),
        "400 Bad Request\ncontent-type: application/problem+json\n\n{\"a\":\"y\"}");
}

#[tokio::test]
async fn p44_multi_ct_resp() {
    use wire::p44_multi_ct_resp::{client::Client, operations::*, server, types::A};
    struct Reports;
    impl server::Api for Reports {
        async fn a(
            &self,
            _: server::ARequest,
            context: &rt::server::Context,
        ) -> rt::server::HandlerResult<AResponse> {
            let accept = context.parts.headers.get("accept").map(|value| value.to_str().unwrap());
            Ok(AResponse::Ok(match accept {
                Some("text/csv") => ABody::Csv("a;b\n".into()),
                Some("application/pdf") => ABody::Pdf("%PDF".into()),
                _ => ABody::Json(A { a: Some("x".into()) }),
            }))
        }
    }
    const CSV: &str = "200 OK\ncontent-type: text/csv\n\na;b\n";
    const PDF: &str = "200 OK\ncontent-type: application/pdf\n\n%PDF";
    const JSON: &str = "200 OK\ncontent-type: application/json\n\n{\"a\":\"x\"}";
    for (accept, tell) in [("text/csv", CSV), ("application/pdf", PDF), ("application/json", JSON)] {
        let ask = format!("GET /a\naccept: {accept}\n");
        assert_eq!(told(server::router(Reports), &ask).await, tell);
        let (seen, answer) = asked(tell, async |url| Client::new(&url).unwrap().a().answer().await.unwrap()).await;
        assert_eq!(seen, "GET /a\naccept: application/json, text/csv, application/pdf\n");
        let AResponse::Ok(body) = answer;
        match (accept, body) {
            ("text/csv", ABody::Csv(text)) => assert_eq!(text, "a;b\n"),
            ("application/pdf", ABody::Pdf(body)) => assert_eq!(body.read(99).await.unwrap(), "%PDF"),
            ("application/json", ABody::Json(body)) => assert_eq!(body, A { a: Some("x".into()) }),
            (accept, body) => panic!("{accept} was read as {body:?}"),
        }
    }
    let refused = told(server::router(Reports), "GET /a\naccept: image/png\n").await;
    assert!(refused.starts_with("406 Not Acceptable"), "{refused}");
}

#[tokio::test]
async fn p45_v32_sse() {
    use wire::p45_v32_sse::{client::Client, operations::*, server, types::Ev};
    struct Feed;
    impl server::Api for Feed {
        async fn events(
            &self,
            _: server::EventsRequest,
            context: &rt::server::Context,
        ) -> rt::server::HandlerResult<EventsResponse> {
            let items =
                rt::Items::new(stream::iter(["x\ny", "z"].map(|data| Ev { data: Some(data.into()) })));
            let lines = context.parts.headers["accept"] == "application/jsonl";
            Ok(EventsResponse::Ok(if lines {
                EvBody::Jsonl(items)
            } else {
                EvBody::Events(items)
            }))
        }
    }
    // 3.2: `itemSchema` describes the event itself, whose data may have several lines.
    const EVENTS: &str = "200 OK\ncontent-type: text/event-stream\n\ndata: x\ndata: y\n\ndata: z\n\n";
    const LINES: &str = "200 OK\ncontent-type: application/jsonl\n\n{\"data\":\"x\\ny\"}\n{\"data\":\"z\"}\n";
    for (accept, tell) in [("text/event-stream", EVENTS), ("application/jsonl", LINES)] {
        let ask = format!("GET /e\naccept: {accept}\n");
        assert_eq!(told(server::router(Feed), &ask).await, tell);
        let (seen, data) = asked(tell, async |url| {
            let EventsResponse::Ok(body) = Client::new(&url).unwrap().events().answer().await.unwrap();
            let items = match body {
                EvBody::Events(items) if accept == "text/event-stream" => items,
                EvBody::Jsonl(items) if accept == "application/jsonl" => items,
                other => panic!("{accept} was read as {other:?}"),
            };
            items.map(|item| item.unwrap().data.unwrap()).collect::<Vec<_>>().await
        })
        .await;
        assert_eq!(seen, "GET /e\naccept: text/event-stream, application/jsonl\n");
        assert_eq!(data, ["x\ny", "z"]);
    }
}
