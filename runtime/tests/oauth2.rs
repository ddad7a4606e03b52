//! Access tokens of a token endpoint that counts its requests.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::IntoResponse;
use descant_runtime as rt;
use futures_util::future::join_all;
use rt::client::{Call, Config, Core, CredentialSource, OAuth2};

#[derive(Debug, PartialEq)]
pub enum TextResponse {
    Ok(String),
}
rt::responses! { read TextResponse -> String { 200 => Ok(text "text/plain") ok } }

#[derive(Clone, Debug, Default)]
pub struct Credentials {
    pub token: Option<rt::Secret>,
}
rt::credentials! { Credentials { token = "token" Bearer } }

/// What the token endpoint was asked, and its answers: `TOKEN` is the number of the request.
#[derive(Clone)]
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves a token endpoint, and an operation that accepts the last token that it returned.
    async fn start(status: StatusCode, answer: &'static str, delay: Duration) -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&asked);
        let router = axum::Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: String| {
            let log = Arc::clone(&log);
            async move {
                let authorization = headers.get("authorization").map_or("", |value| value.to_str().unwrap());
                if uri.path() != "/token" {
                    let last = format!("Bearer t{}", log.lock().unwrap().len());
                    return if authorization == last {
                        "ok".into_response()
                    } else {
                        StatusCode::UNAUTHORIZED.into_response()
                    };
                }
                let number = {
                    let mut log = log.lock().unwrap();
                    log.push(format!("{authorization} {body}"));
                    log.len()
                };
                tokio::time::sleep(delay).await;
                let answer = answer.replace("TOKEN", &number.to_string());
                (status, [("content-type", "application/json")], answer).into_response()
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, asked }
    }

    fn client(&self, oauth: OAuth2) -> Core {
        let source = CredentialSource::oauth2(oauth, |token| Credentials { token: Some(token) });
        Core::new(Config::new(&self.url), source).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn call(core: &Core) -> Call<TextResponse> {
    core.request("GET /a", &[&["token"]]).send()
}

const HOUR: &str =
    r#"{"access_token": "tTOKEN", "token_type": "bearer", "expires_in": 3600, "refresh_token": "rTOKEN"}"#;
const MOMENT: &str = r#"{"access_token": "tTOKEN", "token_type": "Bearer", "expires_in": "0.3"}"#;

fn machine(server: &Server) -> OAuth2 {
    OAuth2::client_credentials(format!("{}/token", server.url), "app 1", "s/3cret").scope("read write")
}

#[tokio::test]
async fn concurrent_calls_share_a_token_until_it_expires_or_is_refused() {
    let server = Server::start(StatusCode::OK, HOUR, Duration::from_millis(50)).await;
    let core = server.client(machine(&server));
    let answers = join_all((0..20).map(|_| call(&core))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    // `app%201:s%2F3cret`
    let request = "Basic YXBwJTIwMTpzJTJGM2NyZXQ= grant_type=client_credentials&scope=read%20write";
    assert_eq!(server.asked(), [request]);
    // The server forgets the token: each call is refused once, and one request brings another.
    server.asked.lock().unwrap().push("revoked".to_owned());
    let answers = join_all((0..20).map(|_| call(&core))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(server.asked().len(), 3);

    let server = Server::start(StatusCode::OK, MOMENT, Duration::ZERO).await;
    let core = server.client(machine(&server).secret_in_body());
    call(&core).await.unwrap();
    call(&core).await.unwrap();
    assert_eq!(
        server.asked(),
        [" grant_type=client_credentials&client_id=app%201&client_secret=s%2F3cret&scope=read%20write"]
    );
    tokio::time::sleep(Duration::from_millis(300)).await;
    call(&core).await.unwrap();
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_refresh_token_is_replaced_and_no_call_that_gives_up_loses_it() {
    let server = Server::start(StatusCode::OK, HOUR, Duration::from_millis(200)).await;
    let kept = Arc::new(Mutex::new(String::new()));
    let keep = Arc::clone(&kept);
    let oauth = OAuth2::refresh_token(format!("{}/token", server.url), "app", "r0");
    let oauth = oauth
        .parameter("audience", "pets")
        .on_rotation(move |token| token.expose().clone_into(&mut keep.lock().unwrap()));
    let core = server.client(oauth);
    let error = call(&core).timeout(Some(Duration::from_millis(50))).await.unwrap_err();
    assert!(error.is_timeout());
    call(&core).await.unwrap();
    assert_eq!(server.asked(), [" grant_type=refresh_token&refresh_token=r0&client_id=app&audience=pets"]);
    assert_eq!(*kept.lock().unwrap(), "r1");
    server.asked.lock().unwrap().push("revoked".to_owned());
    call(&core).await.unwrap();
    assert_eq!(server.asked()[2], " grant_type=refresh_token&refresh_token=r1&client_id=app&audience=pets");
}

#[tokio::test]
async fn a_refusal_says_why_and_no_secret_is_shown() {
    const WRONG: &str = r#"{"error": "invalid_client", "error_description": "no\nsuch client"}"#;
    for (status, answer, reason) in [
        (401, WRONG, "the token endpoint refused: 401 Unauthorized: no\u{fffd}such client"),
        (400, r#"{"error": "invalid_scope"}"#, "the token endpoint refused: 400 Bad Request: invalid_scope"),
        (302, "", "the token endpoint refused: 302 Found"),
        (200, r#"{"access_token": "x", "token_type": "mac"}"#, "the token endpoint returned no bearer token"),
        (200, "[", "the token endpoint returned no bearer token"),
    ] {
        let server = Server::start(StatusCode::from_u16(status).unwrap(), answer, Duration::ZERO).await;
        let oauth = machine(&server);
        let shown = format!("{oauth:?}");
        assert_eq!(shown, format!("OAuth2 {{ url: \"{}/token\", client: \"app 1\", .. }}", server.url));
        let core = server.client(oauth);
        let error = call(&core).await.unwrap_err();
        assert_eq!(error.to_string(), format!("GET /a: no credentials: {reason}"));
        assert!(!format!("{core:?} {error:?}").contains("3cret"), "{core:?} {error:?}");
        // An error is not kept: the next call asks again.
        call(&core).await.unwrap_err();
        assert_eq!(server.asked().len(), 2);
    }
}

#[tokio::test]
async fn waiting_calls_share_an_error() {
    let server = Server::start(StatusCode::BAD_GATEWAY, "", Duration::from_millis(50)).await;
    let core = server.client(machine(&server));
    let answers = join_all((0..20).map(|_| call(&core))).await;
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
    assert_eq!(server.asked().len(), 1);
}
