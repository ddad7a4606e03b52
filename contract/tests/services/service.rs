//! A service of pets that is correct, but for the fault that a test plants.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use descant_exchange::{Incoming, RequestPlan, Schemas};
use descant_model::api::Api;
use serde_json::{Map, Value, json};

/// The credential that the service accepts.
pub(crate) const TOKEN: &str = "tok";
/// That of somebody who owns nothing.
pub(crate) const OTHER: &str = "guest";

/// How long a slow service takes.
const SLOW: std::time::Duration = std::time::Duration::from_millis(500);

/// What a correct service does in its own way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Differs {
    #[default]
    Nothing,
    ExistenceFirst,
    NotFoundForPath,
    BodyFirst,
    Throttles,
    UniqueNames,
    NotFoundForMethod,
    Unprocessable,
    /// It closes the connection after each answer, without saying so.
    ClosesConnections,
    /// It takes any text for a tag.
    AnyTag,
    /// It answers any DELETE with a success.
    DeletesAnything,
    /// It takes half a second to delete.
    DeletesSlowly,
    /// It answers HEAD as GET.
    AnswersHead,
    /// It sorts lists, and shows sets backwards.
    SortsLists,
}

/// What a faulty service does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    ReadAfterDelete,
    LostCreation,
    LostUpdate,
    DroppedProperty,
    Merges,
    ChangesIdentity,
    DeletesOthers,
    ListsDeleted,
    HidesCreated,
    AgeTooSmall,
    AgeTooLarge,
    ItemsTooMany,
    NoCredential,
    Crashes,
    CutsBoundary,
    /// It accepts the first characters of the credential.
    TrustsPrefix,
    TrimsText,
    /// It accepts any object.
    ChecksNothing,
    /// It crashes where two optional members come without a third.
    FailsOnPair,
    /// It finds equal items only where they are neighbours.
    AdjacentDuplicates,
    /// It counts the bytes of a text for its characters.
    CountsBytes,
    /// Its pattern of a tag lacks the end.
    OpenPattern,
    /// It writes a name twice.
    NamesTwice,
    /// It begins an answer with a byte order mark.
    Marks,
    TrustsBare,
    TrustsQuery,
    TrustsCookie,
    TrustsBasic,
    /// It replaces, or deletes, before it asks for a credential.
    WritesFirst,
    DeletesFirst,
    /// It stores what it refuses.
    KeepsRefused,
    /// Members of the last record come back in the next one.
    Leaks,
    ListsTwice,
    ListsOthers,
    /// A list has one item more than it was asked for.
    OneTooMany,
    ReplacesDeleted,
    DeletesTwice,
    RefusesAgain,
    /// It shows everything to anyone who has a credential.
    ShowsOthers,
    FailsOnOptions,
    RefusesUpperCase,
    /// It lets nobody call HEAD.
    RefusesHead,
    /// It deletes what HEAD, or OPTIONS, names.
    DeletesOnHead,
    DeletesOnOptions,
    /// It does not say of what media type a list is.
    OmitsContentType,
    ReversesLists,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Service {
    pub(crate) differs: Differs,
    pub(crate) fault: Option<Fault>,
}

/// What a service has seen and has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Method and path of each request.
    pub(crate) requests: Vec<String>,
    /// The names of the records.
    pub(crate) records: Vec<String>,
}

pub(crate) struct Running {
    pub(crate) url: String,
    state: Arc<State>,
    task: tokio::task::JoinHandle<()>,
}

struct State {
    service: Service,
    plans: Vec<(String, RequestPlan)>,
    schemas: Schemas,
    store: Mutex<Store>,
}

#[derive(Default)]
struct Store {
    requests: Vec<String>,
    pets: Vec<(u64, Map<String, Value>)>,
    deleted: Vec<(u64, Map<String, Value>)>,
    next: u64,
}

impl Service {
    pub(crate) async fn start(self, api: &Api) -> Running {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (app, state) = self.router(api);
        let task = match self.differs {
            Differs::ClosesConnections => tokio::spawn(one_request_each(listener, app)),
            _ => tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }),
        };
        Running { url, state, task }
    }

    /// The service without a socket.
    pub(crate) fn app(self, api: &Api) -> axum::Router {
        self.router(api).0
    }

    fn router(self, api: &Api) -> (axum::Router, Arc<State>) {
        let schemas = Schemas::new(api);
        let plans = api.operations.iter().map(|it| (it.key(), RequestPlan::new(&schemas, it))).collect();
        let kept = json!({"name": "kept", "kind": "cat"}).as_object().unwrap().clone();
        let store = Store { pets: vec![(1, kept)], next: 1, ..Store::default() };
        let state = Arc::new(State { service: self, plans, schemas, store: Mutex::new(store) });
        let shared = Arc::clone(&state);
        let app = axum::Router::new().fallback(move |request: Request| {
            let state = Arc::clone(&shared);
            async move { Ok::<_, Infallible>(state.answer(request).await) }
        });
        (app, state)
    }
}

/// Serves one request of each connection and drops it a moment after; the answer does not say so.
async fn one_request_each(listener: tokio::net::TcpListener, app: axum::Router) {
    use hyper::service::Service as _;
    use hyper_util::rt::TokioIo;
    use hyper_util::service::TowerToHyperService;
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let app = TowerToHyperService::new(app.clone());
        tokio::spawn(async move {
            let served = Arc::new(tokio::sync::Notify::new());
            let notify = Arc::clone(&served);
            let service = hyper::service::service_fn(move |request| {
                let (answer, notify) = (app.call(request), Arc::clone(&notify));
                async move {
                    let answer = answer.await;
                    notify.notify_one();
                    answer
                }
            });
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            let moment = async {
                served.notified().await;
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            };
            tokio::select! {
                _ = connection => {}
                () = moment => {}
            }
        });
    }
}

impl Running {
    pub(crate) fn seen(&self) -> Seen {
        let store = self.state.store.lock().unwrap();
        let name = |(_, pet): &(u64, Map<String, Value>)| {
            pet.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        Seen { requests: store.requests.clone(), records: store.pets.iter().map(name).collect() }
    }

    /// Is ready once the service has seen so many requests.
    pub(crate) fn after(&self, count: usize) -> impl Future<Output = ()> + use<> {
        let state = Arc::clone(&self.state);
        async move {
            while state.store.lock().unwrap().requests.len() < count {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn problem(status: u16, headers: &[(&str, &str)]) -> Response {
    let mut response = Response::builder().status(status).header("content-type", "application/problem+json");
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Body::from(json!({"title": "no"}).to_string())).unwrap()
}

fn json_of(status: u16, value: &Value) -> Response {
    text_of(status, value.to_string())
}

fn text_of(status: u16, text: String) -> Response {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Body::from(text)).unwrap()
}

/// Changes the items of a member.
fn change(pet: &mut Map<String, Value>, name: &str, change: impl FnOnce(&mut Vec<Value>)) {
    if let Some(items) = pet.get_mut(name).and_then(Value::as_array_mut) {
        change(items);
    }
}

fn shown(id: u64, pet: &Map<String, Value>) -> Value {
    let mut pet = pet.clone();
    pet.insert("id".to_owned(), id.into());
    Value::Object(pet)
}

impl State {
    fn has(&self, fault: Fault) -> bool {
        self.service.fault == Some(fault)
    }

    async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 22).await.unwrap_or_default();
        let path = parts.uri.path().to_owned();
        let method = parts.method.as_str().to_owned();
        let count = {
            let mut store = self.store.lock().unwrap();
            store.requests.push(format!("{method} {path}"));
            store.requests.len()
        };
        match self.service.differs {
            Differs::DeletesSlowly if method == "DELETE" => tokio::time::sleep(SLOW).await,
            Differs::Throttles if count.is_multiple_of(5) => return problem(429, &[("retry-after", "0")]),
            _ => {}
        }
        let id = path.strip_prefix("/pets/").filter(|id| !id.contains('/'));
        let (template, methods) = match (path.as_str(), id) {
            ("/pets", _) => ("/pets", "GET, POST"),
            ("/reset", _) => ("/reset", "POST"),
            (_, Some(_)) => ("/pets/{petId}", "GET, PUT, DELETE"),
            _ => return problem(404, &[]),
        };
        if let Some(answer) = self.answer_first(&method, id) {
            return answer;
        }
        let answers_head = self.service.differs == Differs::AnswersHead;
        let method = if method == "HEAD" && answers_head { "GET".to_owned() } else { method };
        let key = format!("{method} {template}");
        let Some((_, plan)) = self.plans.iter().find(|(known, _)| *known == key) else {
            return match self.service.differs {
                Differs::NotFoundForMethod => problem(404, &[]),
                _ => problem(405, &[("allow", methods)]),
            };
        };
        let header = |name: &str| parts.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
        let presented = header("authorization");
        let is_open = self.trusts(presented, parts.uri.query().unwrap_or_default(), header("cookie"));
        let is_other = presented == format!("Bearer {OTHER}");
        let number = id.and_then(|id| id.parse::<u64>().ok());
        if !is_open
            && !is_other
            && let Some(id) = number
        {
            self.act_first(&method, id, &body);
        }
        if is_other {
            return match self.has(Fault::ShowsOthers) && method == "GET" {
                true => self.act(&method, template, number.unwrap_or_default(), Map::new()),
                false => problem(404, &[]),
            };
        }
        if !is_open && self.service.differs != Differs::BodyFirst {
            return problem(401, &[("www-authenticate", "Bearer")]);
        }
        let exists =
            number.is_some_and(|id| self.store.lock().unwrap().pets.iter().any(|(known, _)| *known == id));
        if id.is_some() && !exists && self.service.differs == Differs::ExistenceFirst {
            return problem(404, &[]);
        }
        let values: Vec<(&str, &str)> = id.map(|id| ("petId", id)).into_iter().collect();
        let query = parts.uri.query().filter(|query| !self.is_taken_query(query));
        let mut headers = parts.headers.clone();
        if self.has(Fault::RefusesUpperCase) && header("content-type").starts_with("APPLICATION") {
            headers.remove("content-type");
        }
        let incoming = Incoming { path: &values, query, headers: &headers, body: &body };
        let sent = match plan.decode(&self.schemas, &incoming) {
            Ok(decoded) => decoded.body.unwrap_or_default(),
            Err(refusal) if self.is_taken(&refusal, &body) => {
                serde_json::from_slice(&body).unwrap_or_default()
            }
            Err(refusal) => return self.refuse(&refusal),
        };
        if !is_open {
            return problem(401, &[("www-authenticate", "Bearer")]);
        }
        let sent = sent.as_object().cloned().unwrap_or_default();
        let answer = self.act(&method, template, number.unwrap_or_default(), sent);
        self.cut(answer, parts.uri.query().filter(|_| method == "GET")).await
    }

    /// What a faulty service does with HEAD and OPTIONS.
    fn answer_first(&self, method: &str, id: Option<&str>) -> Option<Response> {
        if self.has(Fault::DeletesOnHead) && method == "HEAD"
            || self.has(Fault::DeletesOnOptions) && method == "OPTIONS"
        {
            let mut store = self.store.lock().unwrap();
            store.pets.retain(|(known, _)| id != Some(known.to_string().as_str()));
        }
        match method {
            "OPTIONS" if self.has(Fault::FailsOnOptions) => Some(problem(500, &[])),
            "HEAD" if self.has(Fault::RefusesHead) => Some(problem(403, &[])),
            _ => None,
        }
    }

    fn refuse(&self, refusal: &descant_exchange::Refusal) -> Response {
        let of_path = refusal.faults.iter().any(|it| it.to_string().contains("petId"));
        match self.service.differs {
            Differs::NotFoundForPath if of_path => problem(404, &[]),
            Differs::Unprocessable if refusal.status == 400 => problem(422, &[]),
            _ => problem(refusal.status.as_u16(), &[]),
        }
    }

    /// Whether a service takes what a request presents for its credential.
    fn trusts(&self, presented: &str, query: &str, cookie: &str) -> bool {
        presented == format!("Bearer {TOKEN}")
            || presented == "Bearer to" && self.has(Fault::TrustsPrefix)
            || presented == TOKEN && self.has(Fault::TrustsBare)
            || presented == format!("Basic {TOKEN}") && self.has(Fault::TrustsBasic)
            || query.contains("token=tok") && self.has(Fault::TrustsQuery)
            || cookie.contains("token=tok") && self.has(Fault::TrustsCookie)
            || self.has(Fault::NoCredential)
    }

    /// Cuts a list as a query asks.
    async fn cut(&self, answer: Response, query: Option<&str>) -> Response {
        let limit = query.and_then(|it| it.strip_prefix("limit=")?.parse::<usize>().ok());
        let Some(limit) = limit else { return answer };
        let body = axum::body::to_bytes(answer.into_body(), 1 << 22).await.unwrap_or_default();
        let mut list: Vec<Value> = serde_json::from_slice(&body).unwrap_or_default();
        list.truncate(if self.has(Fault::OneTooMany) { limit + 1 } else { limit });
        json_of(200, &Value::Array(list))
    }

    /// What a faulty service does before it asks for a credential.
    fn act_first(&self, method: &str, id: u64, body: &[u8]) {
        let mut store = self.store.lock().unwrap();
        if method == "DELETE" && self.has(Fault::DeletesFirst) {
            store.pets.retain(|(known, _)| *known != id);
        }
        if method == "PUT"
            && self.has(Fault::WritesFirst)
            && let Some((_, pet)) = store.pets.iter_mut().find(|(known, _)| *known == id)
            && let Ok(Value::Object(sent)) = serde_json::from_slice(body)
        {
            *pet = sent;
        }
    }

    /// Whether a query is as good as none.
    fn is_taken_query(&self, query: &str) -> bool {
        let tag = query.strip_prefix("tag=").filter(|tag| !tag.contains('&') && !tag.is_empty());
        let begins_well = |tag: &str| tag.starts_with(|c: char| c.is_ascii_lowercase());
        tag.is_some_and(|tag| {
            self.service.differs == Differs::AnyTag || self.has(Fault::OpenPattern) && begins_well(tag)
        })
    }

    /// Whether a fault makes the service accept what it must refuse.
    fn is_taken(&self, refusal: &descant_exchange::Refusal, body: &[u8]) -> bool {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let is_only = refusal.faults.len() == 1;
        let is_object = value.is_object() && refusal.status != 415;
        let tags = value["tags"].as_array();
        let is_apart = tags.is_some_and(|it| it.windows(2).all(|pair| pair[0] != pair[1]) && it.len() > 2);
        if self.has(Fault::KeepsRefused) && value["name"].is_string() {
            let mut store = self.store.lock().unwrap();
            store.next += 1;
            let id = store.next;
            store.pets.push((id, json!({"name": value["name"], "kind": "cat"}).as_object().unwrap().clone()));
        }
        is_object && self.has(Fault::ChecksNothing)
            || is_only && self.has(Fault::AdjacentDuplicates) && is_apart
            || is_only && self.has(Fault::AgeTooLarge) && value["age"] == 51
            || is_only
                && self.has(Fault::ItemsTooMany)
                && value["tags"].as_array().is_some_and(|it| it.len() == 6)
    }

    fn act(&self, method: &str, template: &str, id: u64, sent: Map<String, Value>) -> Response {
        let mut store = self.store.lock().unwrap();
        let at = store.pets.iter().position(|(known, _)| *known == id);
        match (method, template, at) {
            ("POST", "/reset", _) => {
                store.pets.clear();
                Response::builder().status(204).body(Body::empty()).unwrap()
            }
            ("GET", "/pets", _) => {
                let hidden = if self.has(Fault::HidesCreated) { 1 } else { usize::MAX };
                let mut pets: Vec<Value> =
                    store.pets.iter().take(hidden).map(|(id, pet)| shown(*id, pet)).collect();
                if self.has(Fault::ListsDeleted) {
                    pets.extend(store.deleted.iter().map(|(id, pet)| shown(*id, pet)));
                }
                if self.has(Fault::ListsTwice) {
                    pets.extend(pets.last().cloned());
                }
                if self.has(Fault::ListsOthers) {
                    pets.iter_mut().for_each(|pet| pet["name"] = "other".into());
                }
                let mut response = json_of(200, &Value::Array(pets));
                if self.has(Fault::OmitsContentType) {
                    response.headers_mut().remove("content-type");
                }
                response
            }
            ("POST", ..) => self.create(&mut store, sent),
            (.., None) if method == "GET" && self.has(Fault::ReadAfterDelete) => {
                match store.deleted.iter().find(|(known, _)| *known == id) {
                    Some((id, pet)) => json_of(200, &shown(*id, pet)),
                    None => problem(404, &[]),
                }
            }
            ("PUT", _, None) if self.has(Fault::ReplacesDeleted) => json_of(200, &shown(id, &sent)),
            ("DELETE", _, None)
                if self.service.differs == Differs::DeletesAnything
                    || self.has(Fault::DeletesTwice)
                        && store.deleted.iter().any(|(known, _)| *known == id) =>
            {
                Response::builder().status(204).body(Body::empty()).unwrap()
            }
            (.., None) => problem(404, &[]),
            ("GET", _, Some(at)) if self.has(Fault::NamesTwice) => {
                let text = shown(id, &store.pets[at].1).to_string();
                text_of(200, format!("{},\"name\":\"x\"}}", text.trim_end_matches('}')))
            }
            ("GET", _, Some(at)) if self.has(Fault::Marks) => {
                text_of(200, format!("\u{feff}{}", shown(id, &store.pets[at].1)))
            }
            ("GET", _, Some(at)) => json_of(200, &shown(id, &store.pets[at].1)),
            ("PUT", _, Some(at)) => {
                let mut whole = if self.has(Fault::Merges) { store.pets[at].1.clone() } else { Map::new() };
                whole.extend(sent);
                let answered = if self.has(Fault::ChangesIdentity) { id + 1 } else { id };
                let answer = json_of(200, &shown(answered, &whole));
                if !self.has(Fault::LostUpdate) {
                    store.pets[at].1 = whole;
                }
                answer
            }
            (_, _, Some(at)) => {
                let deleted = store.pets.remove(at);
                store.deleted.push(deleted);
                if self.has(Fault::DeletesOthers) {
                    store.pets.truncate(1);
                }
                Response::builder().status(204).body(Body::empty()).unwrap()
            }
        }
    }

    fn create(&self, store: &mut Store, mut sent: Map<String, Value>) -> Response {
        let is_taken = store.pets.iter().any(|(_, pet)| pet.get("name") == sent.get("name"));
        if self.service.differs == Differs::UniqueNames && is_taken {
            return problem(409, &[]);
        }
        let age = sent.get("age").and_then(Value::as_u64);
        if self.has(Fault::Crashes) && age == Some(0) {
            return problem(500, &[]);
        }
        if self.has(Fault::FailsOnPair)
            && sent.contains_key("nick")
            && sent.contains_key("tags")
            && age.is_none()
        {
            return problem(500, &[]);
        }
        if self.has(Fault::AgeTooSmall) && age == Some(50) {
            return problem(400, &[]);
        }
        let name = sent.get("name").and_then(Value::as_str).unwrap_or_default();
        let was = store.deleted.iter().any(|(_, pet)| pet.get("name") == sent.get("name"));
        if self.has(Fault::CountsBytes) && name.len() > 40 || self.has(Fault::RefusesAgain) && was {
            return problem(400, &[]);
        }
        if self.has(Fault::Leaks)
            && let Some((_, last)) = store.pets.last()
        {
            sent = last.clone().into_iter().chain(sent).collect();
        }
        if self.has(Fault::ReversesLists) {
            change(&mut sent, "toys", |toys| toys.reverse());
        }
        if self.service.differs == Differs::SortsLists {
            change(&mut sent, "toys", |toys| toys.sort_by_key(ToString::to_string));
            change(&mut sent, "tags", |tags| tags.reverse());
        }
        if self.has(Fault::DroppedProperty) {
            sent.remove("nick");
        }
        if self.has(Fault::TrimsText) {
            let trimmed = sent.get("name").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
            sent.insert("name".to_owned(), trimmed.into());
        }
        store.next += 1;
        let id = store.next;
        let answer = json_of(201, &shown(id, &sent));
        let name = sent.get("name").and_then(Value::as_str).unwrap_or_default();
        if self.has(Fault::CutsBoundary) && name.len() == 40 {
            sent.insert("name".to_owned(), name[..39].into());
        }
        if !self.has(Fault::LostCreation) {
            store.pets.push((id, sent));
        }
        answer
    }
}
