//! Paces a stream: its events or lines one after the other, and an event stream held open after its last.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use descant_runtime::media::MediaKind;
use futures_util::{StreamExt, stream};
use http::header::CONTENT_TYPE;
use tokio::time::{Instant, sleep, sleep_until};

use crate::vocabulary::delay::Delay;
use crate::vocabulary::message::Response;
use crate::vocabulary::pending::{Delivery, Rest};

/// The time between comments in a stream that is held open, by which its client knows that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);
const COMMENT: &[u8] = b":\n\n";

/// Takes the body of a response that is a stream, and returns it paced; `None` for other responses, and where nothing paces the
/// stream. It is held open for at most `longest`.
pub(super) fn paced(response: &mut Response, delivery: Delivery, longest: Duration) -> Option<Rest> {
    let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = media_type.map(MediaKind::of);
    let is_events = kind == Some(MediaKind::EventStream);
    let is_held = is_events && delivery.is_held;
    let is_stream = is_events || kind == Some(MediaKind::JsonLines);
    if !is_stream || !is_held && delivery.pace.is_none() {
        return None;
    }
    let end: &[u8] = if is_events { b"\n\n" } else { b"\n" };
    let parts = split(std::mem::take(response.body_mut()), end);
    let paced = Paced { parts, pace: delivery.pace, sent: 0, end: None, longest: is_held.then_some(longest) };
    Some(stream::unfold(paced, |mut paced| async move { Some((Ok(paced.next().await?), paced)) }).boxed())
}

/// Splits a body after each end of a part.
fn split(mut body: Bytes, end: &[u8]) -> VecDeque<Bytes> {
    let mut parts = VecDeque::new();
    while let Some(at) = body.windows(end.len()).position(|window| window == end) {
        parts.push_back(body.split_to(at + end.len()));
    }
    parts.extend(Some(body).filter(|rest| !rest.is_empty()));
    parts
}

/// A stream that is being sent.
struct Paced {
    parts: VecDeque<Bytes>,
    pace: Option<Delay>,
    /// The number of parts that were sent.
    sent: u64,
    /// When it ends, once it is held.
    end: Option<Instant>,
    /// How long it is held; `None`: not at all.
    longest: Option<Duration>,
}

impl Paced {
    /// Waits for the next part: an event or line, or a comment while the stream is held.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(part) = self.parts.pop_front() {
            if let Some(pace) = self.pace.filter(|_| self.sent > 0) {
                sleep(pace.drawn(self.sent).least()).await;
            }
            self.sent += 1;
            return Some(part);
        }
        let longest = self.longest?;
        let end = *self.end.get_or_insert_with(|| Instant::now() + longest);
        let next = Instant::now() + HEARTBEAT;
        sleep_until(next.min(end)).await;
        (next < end).then(|| Bytes::from_static(COMMENT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_split_after_each_part() {
        let check = |body: &'static str, expected: &[&str]| {
            assert_eq!(split(body.into(), b"\n\n"), expected, "{body:?}");
        };
        check("data: 1\n\ndata: 2\n\n", &["data: 1\n\n", "data: 2\n\n"]);
        check("data: 1\n\ndata: 2", &["data: 1\n\n", "data: 2"]);
        check("", &[]);
    }

    #[tokio::test]
    async fn parts_come_at_their_pace_and_the_stream_is_held() {
        let mut response = Response::new("data: 1\n\ndata: 2\n\n".into());
        response.headers_mut().insert(CONTENT_TYPE, "text/event-stream".parse().unwrap());
        let delivery = Delivery { pace: Delay::of_millis(60), is_held: true, ..Delivery::default() };
        let begin = Instant::now();
        let mut stream = paced(&mut response, delivery, Duration::from_millis(100)).unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap(), "data: 1\n\n");
        assert!(begin.elapsed() < Duration::from_millis(60), "{:?}", begin.elapsed());
        assert_eq!(stream.next().await.unwrap().unwrap(), "data: 2\n\n");
        assert!(begin.elapsed() >= Duration::from_millis(60), "{:?}", begin.elapsed());
        assert!(stream.next().await.is_none());
        assert!(begin.elapsed() >= Duration::from_millis(160), "{:?}", begin.elapsed());
    }

    #[test]
    fn other_responses_are_not_paced() {
        let delivery = Delivery { pace: Delay::of_millis(300), is_held: true, ..Delivery::default() };
        let mut response = Response::new("{}".into());
        response.headers_mut().insert(CONTENT_TYPE, "application/json".parse().unwrap());
        assert!(paced(&mut response, delivery, Duration::ZERO).is_none());
        assert_eq!(response.body(), "{}");
    }
}
