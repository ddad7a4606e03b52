//! Every kind of body, from a client's method to a server's and back, over a real socket. Each operation answers with
//! what it was given.

#![allow(unreachable_pub, reason = "as in a generated crate")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use descant_runtime as rt;

use futures_util::{StreamExt, stream};
use rt::client::{Call, Config, Core, Error};
use rt::server::{Context, HandlerResult, Service};
use serde_json::json;

#[derive(Clone, Debug, PartialEq)]
pub struct Pet {
    pub id: i64,
    pub tags: Option<Vec<String>>,
}
rt::object! { Pet { id } optional { tags } }
static PET: rt::param::Shape = rt::shape!(
    { "id": (integer, XmlAttribute, Minimum(0.0)), "tags": ([string, XmlName = "tag"], XmlWrapped) },
    XmlName = "pet"
);

/// One struct for request and answer: a body that comes back.
macro_rules! echo {
    ($request:ident $response:ident $body:ty, $codec:ident $($media:literal)|+ $(as $shape:ident)?) => {
        #[derive(Debug)]
        pub struct $request {
            pub body: $body,
        }
        rt::request! { $request { body = body($codec $($media)|+ $(as $shape)?) } }

        #[derive(Debug)]
        pub enum $response {
            Ok($body),
        }
        rt::responses! { $response -> $body { 200 => Ok($codec $($media)|+ $(as $shape)?) ok } }
    };
}

echo! { FormRequest FormResponse Pet, form "application/x-www-form-urlencoded" as PET }
echo! { XmlRequest XmlResponse Pet, xml "application/xml" as PET }
echo! { UploadRequest UploadResponse Upload, multipart "multipart/form-data" }
echo! { LinesRequest LinesResponse rt::Items<Pet>, lines "application/jsonl" }
echo! { DataRequest DataResponse rt::Items<Pet>, data "text/event-stream" }
echo! { EventsRequest EventsResponse rt::Items<rt::Value>, events "text/event-stream" }
echo! { StreamRequest StreamResponse rt::Body, stream "application/octet-stream" }
echo! { AnyRequest AnyResponse AnyBody, choice "application/json" | "application/xml" | "text/plain" }

#[derive(Debug, Default)]
pub struct Upload {
    pub photo: rt::File,
    pub more: Vec<rt::File>,
    pub pet: Option<rt::Value>,
    pub count: i64,
}
rt::multipart! {
    Upload {
        photo = file("photo"),
        more = file("more"),
        pet = value("pet", { "id": integer }),
        count = value("count", integer),
    }
}

#[derive(Debug, PartialEq)]
pub enum AnyBody {
    Json(Pet),
    Xml(Pet),
    Text(String),
}
rt::choice! {
    AnyBody { Json(json "application/json"), Xml(xml "application/xml" as PET), Text(text "text/plain") }
}

#[derive(Debug)]
pub struct OptionalRequest {
    pub body: Option<Pet>,
}
rt::request! { OptionalRequest { body = optional_body(json "application/json") } }

#[derive(Debug)]
pub enum OptionalResponse {
    Ok(Pet),
    NoContent,
}
rt::responses! { OptionalResponse -> Pet { 200 => Ok(json "application/json") ok, 204 => NoContent } }

/// The whole query string, as one value.
#[derive(Debug)]
pub struct QueryRequest {
    pub body: rt::Value,
}
rt::request! { QueryRequest { body = query_string("body", "application/json", { "a": integer }) } }

/// An object whose members are query parameters of any name, beside one of its own.
#[derive(Debug)]
pub struct FilterRequest {
    pub body: Option<rt::Value>,
    pub limit: Option<i64>,
}
rt::request! { FilterRequest {
    body = query("filters", FORM, { ..string }),
    limit = query("limit", FORM, integer),
} }

#[derive(Debug)]
pub enum FilterResponse {
    Ok(rt::Value),
}
rt::responses! { FilterResponse -> rt::Value { 200 => Ok(json "application/json") ok } }

#[derive(Debug)]
pub enum QueryResponse {
    Ok(rt::Value),
}
rt::responses! { QueryResponse -> rt::Value { 200 => Ok(json "application/json") ok } }

struct Echo;

/// A method that gives back what it got.
macro_rules! gives_back {
    ($($name:ident $request:ident $response:ident),*) => {
        impl Echo {
            $(async fn $name(&self, request: $request, _: &Context) -> HandlerResult<$response> {
                Ok($response::Ok(request.body))
            })*

            async fn optional(&self, request: OptionalRequest, _: &Context) -> HandlerResult<OptionalResponse> {
                Ok(request.body.map_or(OptionalResponse::NoContent, OptionalResponse::Ok))
            }

            async fn filter(&self, request: FilterRequest, _: &Context) -> HandlerResult<FilterResponse> {
                Ok(FilterResponse::Ok(json!({"filters": request.body, "limit": request.limit})))
            }
        }
    };
}
gives_back! {
    form FormRequest FormResponse, xml XmlRequest XmlResponse, upload UploadRequest UploadResponse,
    lines LinesRequest LinesResponse, data DataRequest DataResponse, events EventsRequest EventsResponse,
    stream StreamRequest StreamResponse, any AnyRequest AnyResponse, query QueryRequest QueryResponse
}

fn service() -> Service {
    Service::builder(Echo)
        .route("POST /form", Echo::form)
        .route("POST /xml", Echo::xml)
        .route("POST /upload", Echo::upload)
        .route("POST /lines", Echo::lines)
        .route("POST /data", Echo::data)
        .route("POST /events", Echo::events)
        .route("POST /stream", Echo::stream)
        .route("POST /any", Echo::any)
        .route("POST /optional", Echo::optional)
        .route("GET /query", Echo::query)
        .route("GET /filter", Echo::filter)
        .build()
}

async fn core() -> Core {
    core_with(|config| config).await
}

async fn core_with(change: impl FnOnce(Config) -> Config) -> Core {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, service().into_router()).await.unwrap() });
    Core::new(change(Config::new(url).body_limit(1 << 20)), &()).unwrap()
}

fn pet() -> Pet {
    Pet { id: 7, tags: Some(vec!["a,b & <c>".to_owned(), "ü".to_owned()]) }
}

#[tokio::test]
async fn forms_and_xml() {
    let core = core().await;
    let answer = core
        .request("POST /form", &[])
        .shaped("application/x-www-form-urlencoded", pet(), &PET)
        .send::<Call<_>>()
        .answer()
        .await;
    let FormResponse::Ok(body) = answer.unwrap();
    assert_eq!(body, pet());
    let answer = core
        .request("POST /xml", &[])
        .shaped("application/xml", pet(), &PET)
        .send::<Call<_>>()
        .answer()
        .await;
    let XmlResponse::Ok(body) = answer.unwrap();
    assert_eq!(body, pet());
}

#[tokio::test]
async fn free_names_in_a_query_are_not_those_of_other_parameters() {
    let core = core().await;
    for (filters, limit) in
        [(json!({"color": "red"}), json!(3)), (json!(null), json!(3)), (json!({"color": "red"}), json!(null))]
    {
        let call = core.request("GET /filter", &[]);
        let call = call.query("filters", rt::param::FORM, &filters).query("limit", rt::param::FORM, &limit);
        let FilterResponse::Ok(body) = call.send::<Call<_>>().answer().await.unwrap();
        assert_eq!(body, json!({"filters": filters, "limit": limit}));
    }
}

#[tokio::test]
async fn files_are_streamed() {
    let core = core().await;
    let pieces =
        stream::iter((0..3).map(|_| Ok::<_, std::io::Error>(rt::Bytes::from_static(b"\xff--piece\r\n"))));
    let photo = rt::File {
        name: Some("a \"b\".png".to_owned()),
        body: rt::Body::stream(pieces),
        ..rt::File::default()
    };
    let upload = Upload { photo, more: vec!["x".into(), "y".into()], pet: Some(json!({"id": 1})), count: 3 };
    let answer = core
        .request("POST /upload", &[])
        .multipart("multipart/form-data", upload)
        .send::<Call<_>>()
        .answer()
        .await;
    let UploadResponse::Ok(body) = answer.unwrap();
    assert_eq!(body.photo.name.as_deref(), Some("a %22b%22.png"));
    assert_eq!(body.photo.content_type.as_deref(), Some("application/octet-stream"));
    assert_eq!(body.photo.body.as_bytes().unwrap().as_ref(), b"\xff--piece\r\n".repeat(3));
    assert_eq!((body.more.len(), body.pet, body.count), (2, Some(json!({"id": 1})), 3));
}

#[tokio::test]
async fn items_come_one_by_one() {
    let core = core().await;
    let pets = || rt::Items::new(stream::iter([pet(), Pet { id: 8, tags: None }]));
    let events = [json!({"data": "a\nb", "event": "add", "id": "1"}), json!({"data": "[DONE]"})];
    let LinesResponse::Ok(lines) = core
        .request("POST /lines", &[])
        .lines("application/jsonl", pets())
        .send::<Call<_>>()
        .answer()
        .await
        .unwrap();
    let DataResponse::Ok(data) = core
        .request("POST /data", &[])
        .data("text/event-stream", pets())
        .send::<Call<_>>()
        .answer()
        .await
        .unwrap();
    for items in [lines, data] {
        let seen: Vec<Pet> = items.map(Result::unwrap).collect().await;
        assert_eq!(seen, [pet(), Pet { id: 8, tags: None }]);
    }
    let items = rt::Items::new(stream::iter(events.clone()));
    let answer =
        core.request("POST /events", &[]).events("text/event-stream", items).send::<Call<_>>().answer().await;
    let EventsResponse::Ok(items) = answer.unwrap();
    assert_eq!(items.map(Result::unwrap).collect::<Vec<_>>().await, events);
}

/// More than either side would read into memory.
#[tokio::test]
async fn bytes_are_streamed_both_ways() {
    let core = core().await;
    let pieces = stream::iter((0..512).map(|_| Ok::<_, std::io::Error>(rt::Bytes::from(vec![7; 8192]))));
    let body = rt::Body::stream(pieces);
    let answer = core
        .request("POST /stream", &[])
        .body("application/octet-stream", body)
        .send::<Call<_>>()
        .answer()
        .await;
    let StreamResponse::Ok(body) = answer.unwrap();
    assert_eq!(
        body.map(|piece| piece.unwrap().len()).collect::<Vec<_>>().await.iter().sum::<usize>(),
        512 * 8192
    );
}

#[tokio::test]
async fn the_media_type_chooses_the_variant() {
    let core = core().await;
    for body in [AnyBody::Json(pet()), AnyBody::Xml(pet()), AnyBody::Text("ü".to_owned())] {
        let expected = format!("{body:?}");
        let answer = core.request("POST /any", &[]).choice(body).send::<Call<_>>().answer().await;
        match answer {
            Ok(AnyResponse::Ok(body)) => assert_eq!(format!("{body:?}"), expected),
            Err(error) => panic!("{expected}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_body_may_be_absent() {
    let core = core().await;
    let answer = core.request("POST /optional", &[]).send::<Call<_>>().answer().await;
    assert!(matches!(answer, Ok(OptionalResponse::NoContent)));
    let answer =
        core.request("POST /optional", &[]).json("application/json", &pet()).send::<Call<_>>().answer().await;
    assert!(matches!(answer, Ok(OptionalResponse::Ok(body)) if body == pet()));
}

/// What a client is told when a server says what its document does not.
#[tokio::test]
async fn answers_that_are_not_as_documented() {
    let core = core().await;
    let wrong = Pet { id: -1, tags: None };
    let answer = core
        .request("POST /xml", &[])
        .shaped("application/xml", &wrong, &PET)
        .send::<Call<XmlResponse>>()
        .answer()
        .await;
    let Err(Error::Status(response)) = answer else { panic!("{answer:?}") };
    assert_eq!((response.status.as_u16(), response.documented), (400, false));
    assert!(String::from_utf8_lossy(&response.body).contains("\"pointer\":\"#/id\""), "{response}");
    let answer = core
        .request("POST /optional", &[])
        .json("application/json", &pet())
        .send::<Call<XmlResponse>>()
        .answer()
        .await;
    assert_eq!(answer.unwrap_err().status().unwrap(), 406);
    let long = rt::Body::from(vec![b' '; 3 << 20]);
    let answer = core
        .request("POST /optional", &[])
        .body("application/json", long)
        .send::<Call<OptionalResponse>>()
        .answer()
        .await;
    assert_eq!(answer.unwrap_err().status().unwrap(), 413);
}

#[tokio::test]
async fn a_query_string_may_be_one_value() {
    static QUERY: rt::param::Shape = rt::shape!({ "a": integer });
    let core = core().await;
    let value = json!({"a": 1, "b": "&=?#"});
    let answer = core
        .request("GET /query", &[])
        .query_string("application/json", &value, &QUERY)
        .send::<Call<_>>()
        .answer()
        .await;
    let QueryResponse::Ok(body) = answer.unwrap();
    assert_eq!(body, value);
}

/// A webhook or callback: the receiver says where.
#[tokio::test]
async fn a_request_may_go_elsewhere() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/any?token=1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, service().into_router()).await.unwrap() });
    let core = Core::new(Config::new("http://127.0.0.1:1"), &()).unwrap();
    let hook = |url: &str| core.request("POST /hook", &[]).at(url).choice(AnyBody::Text("x".to_owned()));
    let AnyResponse::Ok(body) = hook(&url).send::<Call<_>>().answer().await.unwrap();
    assert_eq!(body, AnyBody::Text("x".to_owned()));
    let error = hook("file:///etc/passwd").send::<Call<AnyResponse>>().answer().await.unwrap_err();
    assert_eq!(error.to_string(), "the request cannot be sent: expected an http or https URL, found `…`");
}

/// A stream may be longer than the timeout, but must begin within it.
#[tokio::test]
async fn timeouts_leave_streams_alone() {
    let patience = std::time::Duration::from_millis(200);
    let core = core_with(|config| config.timeout(Some(patience))).await;
    let items = stream::unfold(0, move |at| async move {
        tokio::time::sleep(patience / 2).await;
        (at < 4).then_some((Pet { id: at, tags: None }, at + 1))
    });
    let request = core.request("POST /lines", &[]).lines("application/jsonl", rt::Items::new(items));
    let LinesResponse::Ok(items) = request.send::<Call<_>>().answer().await.unwrap();
    assert_eq!(items.map(|item| item.unwrap().id).collect::<Vec<_>>().await, [0, 1, 2, 3]);

    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let core = Core::new(Config::new(url).timeout(Some(patience)), &()).unwrap();
    assert!(
        core.request("POST /stream", &[])
            .send::<Call<StreamResponse>>()
            .answer()
            .await
            .unwrap_err()
            .is_timeout()
    );
    assert!(
        core.request("POST /any", &[]).send::<Call<AnyResponse>>().answer().await.unwrap_err().is_timeout()
    );
}

#[test]
fn calls_without_async() {
    use rt::client::blocking::{Wait, iterate};

    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async move {
            sender.send(core().await).unwrap();
            std::future::pending::<()>().await;
        });
    });
    let core = receiver.recv().unwrap();
    let items = rt::Items::new(stream::iter([pet(), pet()]));
    let LinesResponse::Ok(items) = core
        .request("POST /lines", &[])
        .lines("application/jsonl", items)
        .send::<Call<_>>()
        .answer()
        .wait()
        .unwrap();
    let seen: Vec<Pet> = iterate(items).unwrap().map(Result::unwrap).collect();
    assert_eq!(seen, [pet(), pet()]);
}
