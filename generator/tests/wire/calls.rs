//! What stands round a call: middleware, time, another thread, and what a server sends that no document speaks of.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use descant_runtime as rt;
use reqwest::header::{ACCEPT, HeaderName, HeaderValue};
use rt::client::blocking::{Wait, iterate};
use rt::client::{Config, Error, Middleware, Next};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wire::own::client::Client;
use wire::own::operations::*;

use crate::peer::{asked, serve};

type Sent<'a> = futures_util::future::BoxFuture<'a, Result<reqwest::Response, Error>>;

/// Notes what is called, and what comes of it.
#[derive(Clone, Default)]
struct Trace(std::sync::Arc<Mutex<Vec<String>>>);

impl Middleware for Trace {
    fn handle<'a>(&'a self, mut request: reqwest::Request, next: Next<'a>) -> Sent<'a> {
        Box::pin(async move {
            let operation = next.operation();
            request.headers_mut().insert("traceparent", HeaderValue::from_static("00-1-1-00"));
            let answer = next.run(request).await;
            let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
            self.0.lock().unwrap().push(format!("{operation}: {status}"));
            answer
        })
    }
}

/// Tries again, twice at most, where the server is out of order.
struct Again;

impl Middleware for Again {
    fn handle<'a>(&'a self, request: reqwest::Request, next: Next<'a>) -> Sent<'a> {
        Box::pin(async move {
            for _ in 0..2 {
                let Some(copy) = request.try_clone() else { break };
                let answer = next.run(copy).await?;
                if answer.status() != 503 {
                    return Ok(answer);
                }
            }
            next.run(request).await
        })
    }
}

/// A server that is out of order twice.
struct Tired(AtomicUsize);

impl wire::own::server::Api for Tired {
    async fn outcomes(
        &self,
        request: wire::own::server::OutcomesRequest,
        context: &rt::server::Context,
    ) -> rt::server::HandlerResult<OutcomesResponse> {
        assert_eq!(context.parts.headers["traceparent"], "00-1-1-00");
        assert_eq!(context.parts.headers["x-team"], "birds");
        match self.0.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => Err(rt::problem::Problem::new(rt::StatusCode::SERVICE_UNAVAILABLE).into()),
            tries => Ok(OutcomesResponse::ClientError(
                rt::StatusCode::CONFLICT,
                format!("{} at try {}", request.which, tries + 1),
            )),
        }
    }
}

#[tokio::test]
async fn middleware_retries_traces_and_adds_headers() {
    let url = serve(wire::own::server::router(Tired(AtomicUsize::new(0)))).await;
    let trace = Trace::default();
    let team = (HeaderName::from_static("x-team"), HeaderValue::from_static("birds"));
    // The first one added sees a request first: here each attempt is traced.
    let config = Config::new(url).header(team.0, team.1).middleware(Again).middleware(trace.clone());
    let answer = Client::with(config).unwrap().outcomes(7).answer().await.unwrap();
    assert_eq!(answer, OutcomesResponse::ClientError(rt::StatusCode::CONFLICT, "7 at try 3".to_owned()));
    let key = "GET /outcomes/{which}";
    assert_eq!(
        *trace.0.lock().unwrap(),
        [format!("{key}: 503"), format!("{key}: 503"), format!("{key}: 409")]
    );
}

#[tokio::test]
async fn middleware_may_give_up() {
    struct Never;
    impl Middleware for Never {
        fn handle<'a>(&'a self, _: reqwest::Request, _: Next<'a>) -> Sent<'a> {
            Box::pin(async { Err(Error::Middleware("the circuit is open".into())) })
        }
    }
    let client = Client::with(Config::new("http://127.0.0.1:1").middleware(Never)).unwrap();
    let error = client.outcomes(7).await.unwrap_err();
    assert_eq!(error.to_string(), "the middleware gave up: the circuit is open");
}

#[tokio::test]
async fn a_server_that_never_answers_is_not_waited_for() {
    // Connections are taken, and nothing is said on them.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let slow_peer = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let slow_url = format!("http://{}", slow_peer.local_addr().unwrap());
    let short = Duration::from_millis(50);
    let hurried = Client::with(Config::new(&url).timeout(Some(short))).unwrap();
    let patient = Client::with(Config::new(&url).timeout(None)).unwrap();
    for error in [
        hurried.outcomes(7).await.unwrap_err().into_inner(),
        hurried.image(None).await.unwrap_err().into_inner(),
        patient.outcomes(7).timeout(Some(short)).await.unwrap_err().into_inner(),
    ] {
        assert!(matches!(error, Error::Timeout { limit, .. } if limit == short), "{error:?}");
        assert!(error.is_timeout());
    }
    // One that begins an answer, and does not end it, takes no longer.
    let slow = tokio::spawn(async move {
        let (mut stream, _) = slow_peer.accept().await.unwrap();
        _ = stream.read(&mut [0; 1024]).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{")
            .await
            .unwrap();
        std::future::pending::<()>().await;
    });
    let error = Client::new(&slow_url).unwrap().outcomes(7).timeout(Some(short)).await.unwrap_err();
    slow.abort();
    assert!(error.is_timeout(), "{error:?}");
    // A call may take longer than its client would let it.
    let (_, answer) = asked("304 Not Modified\n", async |url| {
        let none = Client::with(Config::new(&url).timeout(Some(Duration::ZERO))).unwrap();
        none.outcomes(7).timeout(None).answer().await.unwrap()
    })
    .await;
    assert_eq!(answer, OutcomesResponse::NotModified);
}

#[tokio::test]
async fn a_call_may_have_headers_of_its_own() {
    let (seen, _) = asked("304 Not Modified\n", async |url| {
        let call = Client::new(&url).unwrap().outcomes(7).header(ACCEPT, HeaderValue::from_static("text/*"));
        call.header(HeaderName::from_static("if-none-match"), HeaderValue::from_static("\"1\""))
            .answer()
            .await
            .unwrap()
    })
    .await;
    assert_eq!(seen, "GET /outcomes/7\naccept: text/*\nif-none-match: \"1\"\n");
}

#[test]
fn calls_can_be_waited_for_without_async() {
    let (send, receive) = std::sync::mpsc::channel();
    // Somebody else's runtime: the client has its own.
    std::thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            send.send(serve(wire::own::server::router(Pets)).await).unwrap();
            std::future::pending::<()>().await;
        });
    });
    let client = Client::new(&receive.recv().unwrap()).unwrap();
    let answer = client.outcomes(7).answer().wait().unwrap();
    assert_eq!(answer, OutcomesResponse::NotModified);
    let pet = || wire::own::types::Pet { name: "Ada".into(), kind: None, parents: None };
    let pets = PetBody::Json(vec![pet(), pet()]);
    let ImportResponse::Default(_, items) = client.import(pets).answer().wait().unwrap();
    assert_eq!(iterate(items).unwrap().map(|pet| pet.unwrap()).count(), 2);
    let refused = Client::new("http://127.0.0.1:1").unwrap().outcomes(7).wait().unwrap_err();
    assert!(matches!(*refused, Error::Transport { .. }), "{refused:?}");
}

struct Pets;

impl wire::own::server::Api for Pets {
    async fn outcomes(
        &self,
        _: wire::own::server::OutcomesRequest,
        _: &rt::server::Context,
    ) -> rt::server::HandlerResult<OutcomesResponse> {
        Ok(OutcomesResponse::NotModified)
    }

    async fn import(
        &self,
        request: wire::own::server::ImportRequest,
        _: &rt::server::Context,
    ) -> rt::server::HandlerResult<ImportResponse> {
        let PetBody::Json(pets) = request.body else { panic!("it is JSON that is sent") };
        let items = rt::Items::new(futures_util::stream::iter(pets));
        Ok(ImportResponse::Default(rt::StatusCode::OK, items))
    }
}
