//! Documents about what stands round parameters and bodies: methods, servers, security, references.

use descant_runtime as rt;
use rt::client::Error;

use crate::peer::{asked, told};

const OK: &str = "200 OK\ncontent-type: application/json\n\n{\"ok\":true}";

#[tokio::test]
async fn p03_v32_query() {
    exchange!(p03_v32_query search(&rt::Map::from([("x".to_owned(), serde_json::json!([1]))]))
        SearchRequest { body: rt::Map::from([("x".to_owned(), serde_json::json!([1]))]) },
        "QUERY /s\naccept: application/json\ncontent-type: application/json\n\n{\"x\":[1]}",
        SearchResponse::Ok(SearchOkBody { ok: Some(true) }), OK);
    exchange!(p03_v32_query copy_it() CopyItRequest, "COPY /s\naccept: application/json\n",
        CopyItResponse::Ok(SearchOkBody { ok: Some(true) }), OK);
}

#[tokio::test]
async fn p30_security() {
    use wire::p30_security::client::*;
    let secret = |text: &str| Some(rt::Secret::new(text));
    let all = || Credentials {
        key: secret("k"),
        qkey: secret("q&"),
        ckey: secret("c"),
        basic: Some(rt::Basic { user: "u".into(), password: "p".into() }),
        bear: secret("b"),
        oauth: secret("o"),
        oidc: secret("i"),
    };
    // A client that holds everything presents the first alternative in full, and nothing where nothing is asked for.
    let seen = async |call: &str, credentials: Credentials| {
        let (seen, result) = asked(OK, async |url| {
            let client = Client::new(&url, &credentials).unwrap();
            match call {
                "a" => client.a().answer().await.map(|_| ()),
                "b" => client.b().answer().await.map(|_| ()),
                "c" => client.c().answer().await.map(|_| ()),
                _ => client.d().answer().await.map(|_| ()),
            }
        })
        .await;
        match result {
            Ok(()) => seen,
            Err(error) => {
                assert!(matches!(error, Error::MissingCredential { .. }), "{error}");
                assert_eq!(seen, "", "it was sent all the same");
                error.to_string()
            }
        }
    };
    const ACCEPT: &str = "accept: application/json\n";
    assert_eq!(seen("a", all()).await, format!("GET /a\n{ACCEPT}authorization: Basic dTpw\nx-key: k\n"));
    assert_eq!(seen("b", all()).await, format!("GET /b?api_key=q%26\n{ACCEPT}"));
    assert_eq!(seen("c", all()).await, format!("GET /c\n{ACCEPT}"));
    assert_eq!(seen("d", all()).await, format!("GET /d\n{ACCEPT}authorization: Bearer i\n"));
    // The other alternatives.
    let some =
        Credentials { key: secret("k"), oauth: secret("o"), ckey: secret("c"), ..Credentials::default() };
    assert_eq!(seen("a", some.clone()).await, format!("GET /a\n{ACCEPT}authorization: Bearer o\n"));
    assert_eq!(seen("b", some.clone()).await, format!("GET /b\n{ACCEPT}cookie: sess=c\n"));
    assert_eq!(seen("d", some).await, "`GET /d` needs a credential: oidc");
    let none = Credentials::default;
    assert_eq!(seen("a", none()).await, "`GET /a` needs a credential: key and basic, or oauth");
    assert_eq!(seen("b", none()).await, format!("GET /b\n{ACCEPT}"));
}

/// The server asks for the same, and finds what is presented.
#[tokio::test]
async fn p30_security_of_the_server() {
    use wire::p30_security::{client::Credentials, operations::*, server};
    struct Vault;
    macro_rules! answers {
        ($($method:ident $request:ident $response:ident $body:ident),*) => {
            impl server::Api for Vault {
                type Principal = ();

                async fn check_credentials(
                    &self,
                    credentials: Credentials,
                    context: &rt::server::Context,
                ) -> rt::server::HandlerResult<()> {
                    assert!(!context.requirement.is_empty());
                    let bad = credentials.oidc.is_some_and(|token| token.expose() == "bad");
                    let problem = || rt::problem::Problem::new(rt::StatusCode::FORBIDDEN).into();
                    if bad { Err(problem()) } else { Ok(()) }
                }

                $(async fn $method(
                    &self,
                    _: server::$request,
                    context: &rt::server::Context,
                ) -> rt::server::HandlerResult<$response> {
                    let Credentials { key, basic, .. } = context.credentials();
                    assert_eq!(key.is_some(), basic.is_some());
                    Ok($response::Ok(wire::p30_security::types::$body { ok: Some(true) }))
                })*
            }
        };
    }
    answers!(a ARequest AResponse AOkBody, b BRequest BResponse AOkBody, c CRequest CResponse AOkBody,
        d DRequest DResponse AOkBody);
    let told_bad = told(server::router(Vault), "GET /d\nauthorization: Bearer bad\n").await;
    assert!(told_bad.starts_with("403 Forbidden"), "{told_bad}");
    for (ask, admitted) in [
        ("GET /a\nauthorization: Basic dTpw\nx-key: k\n", true),
        ("GET /a\nauthorization: Bearer o\n", true),
        ("GET /a\nauthorization: Basic dTpw\n", false),
        ("GET /a\n", false),
        ("GET /b\n", true),
        ("GET /c\n", true),
        ("GET /d\n", false),
        ("GET /d\nauthorization: bearer i\n", true),
    ] {
        let told = told(server::router(Vault), ask).await;
        assert_eq!(told == OK, admitted, "{ask} {told}");
        assert_eq!(
            told.starts_with("401 Unauthorized\n") && told.contains("www-authenticate: "),
            !admitted,
            "{ask}"
        );
    }
}

#[tokio::test]
async fn p31_servers() {
    use wire::p31_servers::client::{Client, SERVERS};
    let [absolute, relative] = SERVERS else { panic!("{SERVERS:?}") };
    assert_eq!(absolute.url(), "https://eu.x.com/v1");
    assert_eq!(absolute.with(&[("region", "us"), ("base", "v2")]).unwrap(), "https://us.x.com/v2");
    let error = absolute.with(&[("region", "mars")]).unwrap_err();
    assert_eq!(error.to_string(), "`region` may be eu, us, not `mars`");
    assert_eq!(relative.url(), "/rel");
    // A relative one is relative to where the document is.
    let (seen, _) = asked(OK, async |url| {
        let url = relative.resolve(&format!("{url}/docs/openapi.json")).unwrap();
        Client::new(&url).unwrap().a().answer().await.unwrap()
    })
    .await;
    assert_eq!(seen, "GET /rel/a\naccept: application/json\n");
    exchange!(p31_servers a() ARequest, "GET /a\naccept: application/json\n",
        AResponse::Ok(AOkBody { ok: Some(true) }), OK);
}

#[tokio::test]
async fn p32_callbacks_webhooks() {
    exchange!(p32_callbacks_webhooks a(&A { url: Some("http://x/".into()) })
        ARequest { body: A { url: Some("http://x/".into()) } },
        "POST /a\naccept: application/json\ncontent-type: application/json\n\n{\"url\":\"http://x/\"}",
        AResponse::Ok(AOkBody { ok: Some(true) }), OK);
}

#[tokio::test]
async fn p38_methods() {
    macro_rules! method {
        ($name:literal $method:ident $request:ident $response:ident) => {
            exchange!(p38_methods $method() $request, concat!($name, " /m\naccept: */*\n"),
                $response::NoContent, "204 No Content\n")
        };
    }
    method!("GET" get_m GetMRequest GetMResponse);
    method!("PUT" put_m PutMRequest PutMResponse);
    method!("POST" post_m PostMRequest PostMResponse);
    method!("DELETE" delete_m DeleteMRequest DeleteMResponse);
    method!("OPTIONS" options_m OptionsMRequest OptionsMResponse);
    method!("HEAD" head_m HeadMRequest HeadMResponse);
    method!("PATCH" patch_m PatchMRequest PatchMResponse);
    method!("TRACE" trace_m TraceMRequest TraceMResponse);
}

#[tokio::test]
async fn p39_ref_anywhere() {
    const TELL: &str = "200 OK\ncontent-type: application/json\n\n{\"k\":\"v\"}";
    exchange!(p39_ref_anywhere a() ARequest, "GET /a\naccept: application/json\n",
        AResponse::Ok(AOkBody { k: Some("v".into()) }), TELL);
    exchange!(p39_ref_anywhere b() BRequest, "GET /b\naccept: application/json\n",
        BResponse::Ok(AOkBody { k: Some("v".into()) }), TELL);
}
