//! What public sources state of the three systems, over a socket: one test for each group of statements that no other
//! test of `docs/fidelity.md` shows.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::collections::HashMap;

use descant_mock::Running;
use reqwest::{Client, Method};
use serde_json::{Value, json};

const ORGANIZATION: [(&str, &str); 1] = [("authorization", "APIKEY:ORGANIZATION sample0000write")];
const DATA: [(&str, &str); 1] = [("authorization", "APIKEY:DATA sample0000data")];
const DEVELOPER: [(&str, &str); 1] = [("authorization", "APIKEY:DEVELOPER sample0000developer")];
const TOKEN: [(&str, &str); 1] = [("x-api-key", "tk_0a1b2c3d4e5f60718293a4b5c6d7e8f901234567")];
const SCENE: &str = "3b7e0c52-6a41-4f0e-9d35-8c2f1b6a7d90";

/// A twin, and the header fields that requests to it have.
struct Twin {
    mock: Running,
    client: Client,
    headers: &'static [(&'static str, &'static str)],
}

struct Answer {
    status: u16,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| Value::String(self.text()))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn media_type(&self) -> &str {
        self.headers.get("content-type").map_or("", String::as_str)
    }
}

impl Twin {
    fn new(name: &str, headers: &'static [(&str, &str)]) -> Self {
        let twin = descant_twins::registry().into_iter().find(|twin| twin.name == name).unwrap();
        Self { mock: twin.start().unwrap(), client: Client::new(), headers }
    }

    fn with(self, headers: &'static [(&str, &str)]) -> Self {
        Self { headers, ..self }
    }

    async fn send(&self, method: Method, path: &str, media_type: &str, body: Vec<u8>) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.mock.url()));
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        if !media_type.is_empty() {
            request = request.header("content-type", media_type).body(body);
        }
        let response = request.send().await.unwrap();
        let headers = response.headers().iter();
        Answer {
            status: response.status().as_u16(),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: response.bytes().await.unwrap().to_vec(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "", Vec::new()).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, "application/json", body.to_string().into_bytes()).await
    }

    /// The newest sessions of the sample project.
    async fn sessions(&self, count: usize) -> Vec<Value> {
        let list = json!({
            "page": 0, "limit": count, "sort": "desc", "sessionType": "project", "includeEvents": false,
            "orderBy": {"fieldName": "date", "fieldParent": "session"},
            "entityFilters": {"projectId": 1204}, "sessionFilters": [],
        });
        let answer = self.post("/v0/datasets/sessions/paginatedListQueries", list).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["results"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn timbr_envelopes_and_paths() {
    let timbr = Twin::new("timbr", &TOKEN);
    let ontologies = timbr.get("/timbr/api/get_ontologies/").await.json();
    assert_eq!(ontologies["status"], "success");
    assert!(ontologies["data"].as_array().unwrap().contains(&json!("coffee_trade")), "{ontologies}");
    // With and without a final slash.
    assert_eq!(timbr.get("/timbr/api/get_ontologies").await.json(), ontologies);

    let query = json!({"ontology_name": "coffee_trade", "query": "SELECT entity_id, entity_type FROM dtimbr.customer"});
    let rows = timbr.post("/timbr/api/query/", query).await.json();
    assert_eq!(rows["status"], "success");
    let first = &rows["data"][0];
    assert!(first["entity_id"].as_str().unwrap().starts_with("c:"), "{first}");
    assert_eq!(first["entity_type"], "customer");

    let known = timbr.post("/timbr/api/get_ontology/coffee_trade", json!({})).await;
    assert_eq!((known.status, &known.json()["status"]), (200, &json!("success")));
    assert_eq!(timbr.post("/timbr/api/get_ontology/nothing", json!({})).await.json()["status"], "error");
    assert_eq!(timbr.post("/timbr/api/clear_cache/coffee_trade", json!({})).await.status, 200);
}

#[tokio::test]
async fn timbr_concepts_and_views_are_filtered_by_properties() {
    let timbr = Twin::new("timbr", &TOKEN);
    let all = timbr.get("/timbr/api/q/coffee_trade/concept/customer").await.json();
    let one = timbr.get("/timbr/api/q/coffee_trade/concept/customer?entity_id=c:3").await.json();
    assert!(all["data"].as_array().unwrap().len() > 1, "{all}");
    assert_eq!(one["data"].as_array().unwrap().len(), 1, "{one}");
    assert_eq!(one["data"][0]["entity_id"], "c:3");
    let view = timbr.get("/timbr/api/q/coffee_trade/view/monthly_sales").await;
    assert_eq!((view.status, &view.json()["status"]), (200, &json!("success")), "{}", view.text());
}

#[tokio::test]
async fn timbr_settings_are_read_by_an_allow_list() {
    let timbr = Twin::new("timbr", &TOKEN);
    let secret = timbr.post("/timbr/api/get_config/API_AUTH_SALT", json!({})).await;
    assert!(matches!(secret.status, 400 | 403 | 404), "{} {}", secret.status, secret.text());
    assert_eq!(secret.json()["status"], "error");
}

#[tokio::test]
async fn timbr_tokens_open_everything_but_get_token() {
    let timbr = Twin::new("timbr", &TOKEN);
    // The token opens everything but `get_token`.
    let refused = timbr.send(Method::POST, "/timbr/api/get_token", "", Vec::new()).await;
    assert_eq!(refused.status, 401, "{}", refused.text());
    let stranger = timbr.with(&[]).get("/timbr/api/get_ontologies/").await;
    assert_eq!((stranger.status, &stranger.json()["status"]), (401, &json!("error")));
}

#[tokio::test]
async fn timbr_knowledge_bases_answer_questions_within_bounds() {
    let timbr = Twin::new("timbr", &TOKEN);
    let ask = |top_k: i64| json!({"question": "How many orders were made?", "knowledge_bases": ["sales_examples"], "top_k": top_k});
    let found = timbr.post("/timbr/api/kb/search", ask(2)).await.json();
    for member in ["match_level", "matches", "per_kb_max_changed_on", "latency_ms"] {
        assert!(found.get(member).is_some(), "{member} of {found}");
    }
    assert!(found["matches"].as_array().unwrap().len() <= 2, "{found}");
    for outside in [0, 21] {
        assert_eq!(timbr.post("/timbr/api/kb/search", ask(outside)).await.status, 400, "{outside}");
    }
}

#[tokio::test]
async fn timbr_keeps_what_agents_record_of_a_conversation() {
    let timbr = Twin::new("timbr", &TOKEN);
    let asked = |id: &str| {
        let record = json!({"query_id": id, "conversation_id": "c", "question": "?", "generated_sql": "SELECT 1", "retry_count": 0});
        let request = timbr.client.post(format!("{}/timbr-server/log_agent/history", timbr.mock.url()));
        let request =
            request.basic_auth("token", Some(TOKEN[0].1)).header("content-type", "application/json");
        request.body(record.to_string()).send()
    };
    for id in ["q-1", "q-2"] {
        assert_eq!(asked(id).await.unwrap().status(), 200);
    }
    let path = "/timbr/api/fetch_conversation_history/?conversation_id=c&top=1";
    let latest = timbr.get(path).await.json();
    assert_eq!(
        (&latest["truncated"], &latest["data"][0]["sql"]),
        (&json!(true), &json!("SELECT 1")),
        "{latest}"
    );
    assert_eq!(latest["data"][0]["message_id"], "q-2");
    let other = timbr.get("/timbr/api/fetch_conversation_history/?conversation_id=d&top=1").await.json();
    assert_eq!(other["data"], json!([]));
}

#[tokio::test]
async fn timbr_bodies_are_json_but_for_openapi() {
    let timbr = Twin::new("timbr", &TOKEN);
    let sql = b"SELECT 1 AS one".to_vec();
    let path = "/timbr/openapi/ontology/coffee_trade/query";
    let rows = timbr.send(Method::POST, path, "application/text", sql.clone()).await;
    assert_eq!((rows.status, rows.json()), (200, json!([{"one": 1}])));
    let refused = timbr.send(Method::POST, "/timbr/api/query/", "application/text", sql).await;
    assert_eq!(refused.status, 415, "{}", refused.text());
}

#[tokio::test]
async fn cognitive3d_shows_organization_projects_and_scenes() {
    let cognitive = Twin::new("cognitive3d", &ORGANIZATION);
    let whoami = cognitive.get("/v0/organizations/apiKeys/whoami").await.json();
    assert_eq!(whoami["organizationId"], 77);
    for path in [
        "/v0/organizations/77",
        "/v0/organizations/77/tags",
        "/v0/projects/1204",
        "/v0/projects/1204/scenes",
        "/v0/projects/1204/objects",
        "/v0/projects/1204/objectives",
        "/v0/versions/8801/objects",
    ] {
        let answer = cognitive.get(path).await;
        assert_eq!((answer.status, answer.media_type()), (200, "application/json"), "{path}");
    }
    let scene = format!("/v0/scenes/{SCENE}");
    assert_eq!(cognitive.get(&scene).await.json()["id"], SCENE);
    assert_eq!(cognitive.get(&format!("{scene}/")).await.status, 404, "with a slash at its end");
    let deleted = cognitive.send(Method::DELETE, "/v0/versions/8801/objects/1", "", Vec::new()).await;
    assert!(deleted.status < 300 && deleted.body.is_empty(), "{} {}", deleted.status, deleted.text());
}

#[tokio::test]
async fn cognitive3d_pages_count_from_zero() {
    let cognitive = Twin::new("cognitive3d", &ORGANIZATION);
    let ask = |page: i64, limit: i64| {
        json!({
            "page": page, "limit": limit, "sort": "desc", "sessionType": "project", "includeEvents": false,
            "orderBy": {"fieldName": "date", "fieldParent": "session"},
            "entityFilters": {"projectId": 1204}, "sessionFilters": [],
        })
    };
    let path = "/v0/datasets/sessions/paginatedListQueries";
    let (first, second) = (cognitive.post(path, ask(0, 3)).await, cognitive.post(path, ask(1, 3)).await);
    let (first, second) = (first.json(), second.json());
    assert_eq!((&first["currentPage"], &second["currentPage"]), (&json!(0), &json!(1)));
    let pages = (first["count"].as_i64().unwrap() + 2) / 3;
    assert_eq!(first["pages"], pages);
    assert_ne!(first["results"], second["results"]);
    assert_eq!(cognitive.post(path, ask(pages, 3)).await.json()["results"], json!([]));
    assert_eq!(cognitive.post(path, ask(0, 101)).await.status, 400);
}

#[tokio::test]
async fn cognitive3d_sessions_have_their_documented_types() {
    let cognitive = Twin::new("cognitive3d", &ORGANIZATION);
    let sessions = cognitive.sessions(20).await;
    for session in &sessions {
        let id = session["sessionId"].as_str().unwrap();
        let (time, random) = id.split_once('_').unwrap();
        assert!(time.parse::<i64>().is_ok() && random.len() == 32, "{id}");
        assert!(session["createdAt"].as_i64().unwrap() > 1_600_000_000_000, "milliseconds: {session}");
        assert!(session["date"].as_str().unwrap().ends_with('Z') && session["duration"].is_i64());
        let properties = session["properties"].as_object().unwrap();
        assert!(properties.keys().any(|key| key.contains('.')), "dotted keys: {session}");
        assert!(properties.values().all(|value| !value.is_object() && !value.is_array()), "{session}");
    }
    let id = sessions[0]["sessionId"].as_str().unwrap();
    let path = format!("/v0/projects/1204/sessions/{id}/jsonRequests");
    let events = cognitive.post(&path, json!({"jsonType": "EVENTS"})).await.json();
    let hashes = events["events"].as_array().unwrap().iter().map(|event| &event["eventHash"]);
    assert!(
        hashes.filter_map(Value::as_i64).any(|hash| hash.unsigned_abs() > 1 << 53),
        "an event's hash has 64 bits: {events}"
    );
}

#[tokio::test]
async fn cognitive3d_sessions_are_exported_and_tagged() {
    let cognitive = Twin::new("cognitive3d", &ORGANIZATION);
    let session = cognitive.sessions(1).await.remove(0);
    let path =
        |rest: &str| format!("/v0/projects/1204/sessions/{}/{rest}", session["sessionId"].as_str().unwrap());
    let zip = cognitive.get(&path("jsonZipRequest")).await;
    assert_eq!((zip.status, zip.media_type()), (200, "application/zip"));
    assert!(
        zip.body.starts_with(b"PK\x03\x04") && zip.text().contains("gaze.json"),
        "an entry of the archive"
    );
    let report = cognitive.get(&path("report.pdf")).await;
    assert_eq!((report.status, report.media_type()), (200, "application/pdf"));
    assert!(report.body.starts_with(b"%PDF-") && report.text().contains("c3d."), "{}", report.text());
    let csv = cognitive.get("/v0/projects/1204/objectiveVersions/660/results.csv").await;
    assert!(csv.media_type().starts_with("text/csv") && csv.text().lines().count() > 1, "{}", csv.text());

    let body = json!({"value": true}).to_string().into_bytes();
    let tagged = cognitive.send(Method::PUT, &path("tags/test"), "application/json", body).await;
    assert_eq!((tagged.status, tagged.body.len()), (204, 0));
    let again = cognitive.sessions(1).await.remove(0);
    assert_eq!(again["tags"].as_array().unwrap().len(), 1, "{again}");
}

#[tokio::test]
async fn cognitive3d_surveys_have_both_forms() {
    let cognitive = Twin::new("cognitive3d", &ORGANIZATION);
    let list = cognitive.get("/v0/projects/1204/questionSets").await.json();
    assert_eq!(list[0]["id"], "shift_survey:1");
    let map = cognitive.get("/v0/questionSets?projectIds=1204").await.json();
    assert_eq!(map["shift_survey:1"]["name"], "shift_survey");
    let path = "/v0/projects/1204/questionSets/shift_survey/1/responseCountQueries";
    let bare = cognitive.post(path, json!([])).await;
    assert_eq!(bare.status, 400, "a bare list");
}

#[tokio::test]
async fn cognitive3d_sends_files_in_the_type_of_their_upload() {
    let cognitive = Twin::new("cognitive3d", &ORGANIZATION);
    let path = "/v0/projects/1204/media/71/files/crane.glb";
    assert_eq!(cognitive.get(path).await.status, 404);
    for media_type in ["model/gltf-binary", "image/png", "text/plain"] {
        let put = cognitive.send(Method::PUT, path, media_type, b"bytes".to_vec()).await;
        assert_eq!(put.status, 204, "{media_type}: {}", put.text());
        let got = cognitive.get(path).await;
        assert_eq!((got.media_type(), got.text().as_str()), (media_type, "bytes"));
    }
}

#[tokio::test]
async fn cognitive3d_takes_what_its_kits_record() {
    let cognitive = Twin::new("cognitive3d", &DATA);
    let batch = json!({
        "userid": "u", "name": "u", "timestamp": 1, "sessionid": "1773998824_0123456789abcdef0123456789abcdef", "part": 1,
        "formatversion": "1.0", "data": [],
    });
    for kind in ["events", "gaze", "dynamics", "sensors", "fixations", "boundary"] {
        let answer = cognitive.post(&format!("/v0/{kind}/{SCENE}?version=1"), batch.clone()).await;
        assert_eq!(answer.status, 200, "{kind}: {}", answer.text());
        assert!(
            answer.headers.contains_key("cvr-request-time"),
            "{kind}: else a kit assumes a captive portal"
        );
    }
    let cognitive = cognitive.with(&DEVELOPER);
    for path in ["/v0/apiKeys/verify", "/v0/applicationKey"] {
        let verified = cognitive.get(path).await.json();
        assert!(verified["apiKey"].is_string() && verified["valid"].is_boolean(), "{path}: {verified}");
    }
}

#[tokio::test]
async fn cognitive3d_logs_in_with_a_session() {
    let cognitive = Twin::new("cognitive3d", &[]);
    let login =
        cognitive.post("/v0/sessions", json!({"email": "ada@example.com", "password": "sample"})).await;
    let body = login.json();
    assert!(body["userId"].is_i64() && body["csrf"].is_string(), "{} {body}", login.status);
}

#[tokio::test]
async fn timbre_refuses_tokens_of_any_length() {
    let timbre = Twin::new("timbre", &[("authorization", "Bearer wrong"), ("accept", "application/json")]);
    let refused = timbre.get("/api/v1/feeds").await;
    assert_eq!(refused.status, 401);
    assert!(refused.json()["message"].is_string(), "{}", refused.text());
    // A customer's website stores tokens of up to 4,096 characters.
    let long = timbre.client.get(format!("{}/api/v1/feeds", timbre.mock.url()));
    let long = long.header("authorization", format!("Bearer {}", "a".repeat(4096))).send().await.unwrap();
    assert_eq!(long.status(), 401);
}
