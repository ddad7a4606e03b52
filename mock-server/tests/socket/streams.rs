//! Streams of events over a socket: paced, held open, and resumed.

use std::time::{Duration, Instant};

use descant_mock::{Mock, Settings, start};
use descant_model::load::{Options, load_text};

const DOCUMENT: &str = "
openapi: 3.2.0
info: {title: Ticks, version: '1'}
paths:
  /ticks:
    get: {responses: {'200': {description: ticks, content: {text/event-stream: {itemSchema: {type: object, required: [data], properties: {data: {const: tick}}}}}}}}
";

#[tokio::test]
async fn events_come_at_their_pace_and_the_stream_stays_open() {
    let api = load_text("ticks.yaml", DOCUMENT, &Options::default()).api.unwrap();
    let mock = start(Mock::new(api.into(), Settings::default())).unwrap();
    let get = |prefer: &'static str, last: &'static str| {
        let request = reqwest::Client::new().get(format!("{}/ticks", mock.url()));
        request.header("prefer", prefer).header("last-event-id", last).send()
    };
    let begin = Instant::now();
    let mut response = get("pace=200, hold=true", "").await.unwrap();
    for number in 1..=3 {
        let event = response.chunk().await.unwrap().unwrap();
        assert_eq!(event, format!("id: {number}\ndata: tick\n\n"));
        assert!(
            begin.elapsed() >= Duration::from_millis(200 * (number - 1)),
            "{number}: {:?}",
            begin.elapsed()
        );
    }
    let next = tokio::time::timeout(Duration::from_millis(300), response.chunk()).await;
    assert!(next.is_err(), "the stream ended, or said more: {next:?}");

    let resumed = get("", "1").await.unwrap().text().await.unwrap();
    assert_eq!(resumed, "id: 2\ndata: tick\n\nid: 3\ndata: tick\n\n");
    assert_eq!(get("", "3").await.unwrap().status(), 204, "there is nothing to connect for");
    let mut held = get("hold=true", "3").await.unwrap();
    assert_eq!(held.status(), 200);
    assert!(tokio::time::timeout(Duration::from_millis(300), held.chunk()).await.is_err());
}
