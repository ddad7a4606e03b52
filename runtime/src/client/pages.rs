//! The pages of a list as streams: each page is a call, whose response says how the next page is requested.

use std::collections::HashMap;
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_util::Stream;
use serde_json::Value;
use serde_json::value::RawValue;

use super::link_header;
use super::{Call, CallError, Error, Received, Request, Response, Sent};
use crate::param;
use crate::problem::Fault;
use crate::response::Responses;

/// How the pages of an operation follow each other. Defined by [`pages!`](crate::pages), never by hand. Positions are JSON
/// pointers (RFC 6901).
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    /// How the next page is requested.
    pub next: NextPage,
    /// The position of the list in the body.
    pub items: &'static str,
    /// The position of the flag that says whether there are further pages; empty: there is none.
    pub more: &'static str,
}

/// How the next page is requested.
#[derive(Clone, Copy, Debug)]
pub enum NextPage {
    /// A query parameter takes the cursor at a position in the body.
    Cursor(&'static str, &'static str),
    /// A query parameter takes the member at a position in the last item.
    Last(&'static str, &'static str),
    /// A query parameter takes the number of items before the page.
    Offset(&'static str),
    /// A query parameter takes the number of the page; the number of the first.
    Page(&'static str, u64),
    /// The URL stands in the header `Link`, with the relation `next` (RFC 8288).
    LinkHeader,
    /// The URL stands at a position in the body.
    Url(&'static str),
}

/// The pages of a list, from that of the call on, as a stream of what the call returns.
///
/// The stream ends after the last page: there is no cursor or link, the flag for further pages is false, or the page is
/// empty. It also ends after an error: a call that fails, or a response that leads to a page that was there before.
#[must_use = "pages are requested when the stream is polled"]
pub struct Pages<R: Responses> {
    turning: Turning,
    next: Step,
    sent: Option<Sent<Response<R::Success>, Error>>,
}

/// What is to be done for the next page.
enum Step {
    Send(Box<Request>),
    Fail(Error),
    End,
}

impl<R: Responses> Pages<R> {
    /// Returns the pages from that of a call on.
    pub fn new(call: Call<R>, paging: Paging) -> Self {
        let next = call.unsent().map_or_else(Step::Fail, |request| Step::Send(request.into()));
        Self { turning: Turning { paging, seen: Seen::default(), request: None }, next, sent: None }
    }

    /// Returns the items of the pages; `take` returns those of a page.
    pub fn items<T>(self, take: fn(R::Success) -> Option<Vec<T>>) -> PagedItems<R, T> {
        PagedItems { pages: self, take, ready: Vec::new().into_iter() }
    }

    /// Waits for the next page; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<R::Success, CallError<R>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<R: Responses> Stream for Pages<R> {
    type Item = Result<R::Success, CallError<R>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { turning, next, sent } = &mut *self;
        let sent = match (sent, std::mem::replace(next, Step::End)) {
            (sent @ None, Step::Send(request)) => {
                turning.request = request.again();
                sent.insert(Box::pin(request.success::<R>()))
            }
            (None, Step::Fail(error)) => return Poll::Ready(Some(Err(error.into()))),
            (None, Step::End) => return Poll::Ready(None),
            (Some(sent), _) => sent,
        };
        let result = ready!(sent.as_mut().poll(context));
        self.sent = None;
        Poll::Ready(Some(match result {
            Ok(response) => {
                let (received, page) = response.into_parts();
                self.next = self.turning.turn(received);
                Ok(page)
            }
            Err(error) => Err(error.into()),
        }))
    }
}

/// The items of a list, page after page. It ends as [`Pages`] does.
#[must_use = "pages are requested when the stream is polled"]
pub struct PagedItems<R: Responses, T> {
    pages: Pages<R>,
    take: fn(R::Success) -> Option<Vec<T>>,
    ready: vec::IntoIter<T>,
}

impl<R: Responses, T> PagedItems<R, T> {
    /// Waits for the next item; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<T, CallError<R>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<R: Responses, T> Unpin for PagedItems<R, T> {}

impl<R: Responses, T> Stream for PagedItems<R, T> {
    type Item = Result<T, CallError<R>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.ready.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => self.ready = (self.take)(page).unwrap_or_default().into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// The part of a stream of pages that does not depend on types.
struct Turning {
    paging: Paging,
    seen: Seen,
    /// The request of the last page.
    request: Option<Request>,
}

/// A change of the request that leads to the next page.
enum Turn {
    Set(&'static str, Value),
    To(reqwest::Url),
}

impl Turning {
    /// Returns the step after a page.
    fn turn(&mut self, received: Received) -> Step {
        let Some(request) = self.request.take() else {
            let message = "further pages cannot be requested: the body of the request is a stream";
            return Step::Fail(Error::Configuration(message.to_owned()));
        };
        match self.next(&request, &received) {
            Ok(None) => Step::End,
            Ok(Some(Turn::Set(parameter, value))) => {
                Step::Send(request.query(parameter, param::FORM, &value).into())
            }
            Ok(Some(Turn::To(url))) => {
                let url = Some(url.into());
                Step::Send(Request { url, query: Vec::new(), ..request }.into())
            }
            Err(fault) => Step::Fail(Error::Decode { received: received.into(), fault: fault.into() }),
        }
    }

    fn next(&mut self, request: &Request, received: &Received) -> Result<Option<Turn>, Fault> {
        let Paging { next, items, more } = self.paging;
        let body = std::str::from_utf8(&received.body).unwrap_or_default();
        if !more.is_empty() && at(body, more) == Some("false") {
            return Ok(None);
        }
        let list = || at(body, items).and_then(|list| serde_json::from_str::<Vec<&RawValue>>(list).ok());
        let count = || list().map_or(0, |list| list.len() as u64);
        let turn = match next {
            NextPage::Cursor(parameter, position) => {
                cursor(at(body, position))?.map(|value| Turn::Set(parameter, value))
            }
            NextPage::Last(parameter, position) => {
                let list = list().unwrap_or_default();
                let last = list.last().and_then(|item| at(item.get(), position));
                cursor(last)?.map(|value| Turn::Set(parameter, value))
            }
            NextPage::Offset(parameter) => match count() {
                0 => None,
                count => Some(Turn::Set(
                    parameter,
                    Value::from(request.number(parameter).unwrap_or(0).saturating_add(count)),
                )),
            },
            NextPage::Page(parameter, first) => (count() > 0).then(|| {
                Turn::Set(
                    parameter,
                    Value::from(request.number(parameter).unwrap_or(first).saturating_add(1)),
                )
            }),
            NextPage::LinkHeader => link_header::next(&received.headers)
                .map(|link| request.beside(&link))
                .transpose()?
                .map(Turn::To),
            NextPage::Url(position) => match cursor(at(body, position))? {
                Some(Value::String(link)) => Some(Turn::To(request.beside(&link)?)),
                _ => None,
            },
        };
        let is_new = match (&turn, next) {
            (None, _) => true,
            // Numbers always grow: what repeats itself is the page.
            (Some(_), NextPage::Offset(_) | NextPage::Page(..)) => self.seen.follows(body),
            (Some(Turn::Set(_, value)), _) => self.seen.is_new(&value.to_string()),
            (Some(Turn::To(url)), _) => self.seen.is_new(url.as_str()),
        };
        match is_new {
            true => Ok(turn),
            false => Err(Fault::new("pages", "a page that was not there before", "…")
                .detail("the service repeats its pages")),
        }
    }
}

impl Request {
    /// Returns the number that a query parameter has.
    fn number(&self, parameter: &str) -> Option<u64> {
        let (_, pair) = self.query.iter().find(|(name, _)| *name == parameter)?;
        pair.split_once('=')?.1.parse().ok()
    }

    /// Returns the URL of a link, with the scheme and port of the request: behind a proxy a service may not know its own. A
    /// link to another host is an error, because credentials must not follow it.
    fn beside(&self, link: &str) -> Result<reqwest::Url, Fault> {
        let mut own = self.target()?;
        let host = own.host_str().unwrap_or_default();
        let url = own.join(link).ok();
        let found = url.as_ref().and_then(reqwest::Url::host_str).unwrap_or("…");
        let Some(url) = url.as_ref().filter(|url| url.host_str() == Some(host)) else {
            return Err(Fault::new("pages", format!("a link to {host}"), found));
        };
        own.set_path(url.path());
        own.set_query(url.query());
        Ok(own)
    }
}

/// Returns a cursor: a text or number; `None` if it is absent, null or empty.
fn cursor(json: Option<&str>) -> Result<Option<Value>, Fault> {
    let Some(json) = json else { return Ok(None) };
    match serde_json::from_str(json) {
        Ok(Value::Null | Value::Bool(false)) => Ok(None),
        Ok(Value::String(text)) if text.is_empty() => Ok(None),
        Ok(value @ (Value::String(_) | Value::Number(_))) => Ok(Some(value)),
        _ => Err(Fault::new("pages", "a text or number that leads to the next page", json)),
    }
}

/// Returns the text of the value at a JSON pointer, without reading the rest.
fn at<'b>(json: &'b str, pointer: &str) -> Option<&'b str> {
    pointer.split('/').skip(1).try_fold(json, |json, token| {
        let members: HashMap<String, &'b RawValue> = serde_json::from_str(json).ok()?;
        let name = token.replace("~1", "/").replace("~0", "~");
        members.get(&name).map(|value| value.get())
    })
}

/// Finds a circle among cursors with a memory of one of them (R. P. Brent, 1980).
#[derive(Default)]
struct Seen {
    mark: Option<u64>,
    steps: u64,
    until: u64,
}

impl Seen {
    /// Whether a text is another than the marked one. A circle is found within a few times its length.
    fn is_new(&mut self, text: &str) -> bool {
        let hash = hash(text);
        if self.mark == Some(hash) {
            return false;
        }
        self.steps += 1;
        if self.steps >= self.until {
            (self.mark, self.steps, self.until) = (Some(hash), 0, self.until.saturating_mul(2).max(1));
        }
        true
    }

    /// Whether a text is another than the last one.
    fn follows(&mut self, text: &str) -> bool {
        self.mark.replace(hash(text)) != Some(hash(text))
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Gives a call the streams of its pages: how the next page is requested ([`NextPage`]), the position of the list in the
/// body and, after `more`, of the flag for further pages; and after `each` the fields that lead from a page to the list, and the
/// type of an item. Without the feature `client` it defines nothing.
///
/// ```
/// use descant_runtime as rt;
///
/// pub struct Page {
///     pub data: Option<Vec<String>>,
/// }
/// # rt::object! { Page {} optional { data } }
/// # pub enum ListResponse { Ok(Page) }
/// # rt::responses! { read ListResponse -> Page { 200 => Ok(json) ok } }
/// # rt::call! { ListCall -> ListResponse {} }
/// rt::pages! { ListCall -> ListResponse {
///     next = Cursor("after", "/next"),
///     items = "/data",
///     each(.data?): String,
/// } }
/// # fn list(call: ListCall) {
/// let mut names = call.items();
/// # async move {
/// while let Some(name) = names.next().await {
///     println!("{}", name?);
/// }
/// # Ok::<(), rt::client::Error>(())
/// # };
/// # }
/// ```
#[macro_export]
macro_rules! pages {
    ($name:ident -> $responses:ident { next = $next:ident $(($($of:literal),+))?, items = $items:literal
        $(, more = $more:literal)? $(, each($($path:tt)*): $item:ty)? $(,)? }) => {
        impl $name {
            /// Returns the pages from this one on, as a stream; each is a call.
            pub fn pages(self) -> $crate::client::Pages<$responses> {
                let next = $crate::client::NextPage::$next $(($($of),+))?;
                let paging = $crate::client::Paging { next, items: $items, more: concat!($($more)?) };
                $crate::client::Pages::new(self.0, paging)
            }

            $(
            /// Returns the items of all pages from this one on, as a stream.
            pub fn items(self) -> $crate::client::PagedItems<$responses, $item> {
                self.pages().items(|page| {
                    let list = page $($path)*;
                    Some(list)
                })
            }
            )?
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_of_cursors_is_found() {
        for (lead, circle) in [(0, 1), (1, 1), (3, 2), (10, 7)] {
            let mut seen = Seen::default();
            let cursor = |step: usize| if step < lead { step } else { lead + (step - lead) % circle };
            let found = (0..200).position(|step| !seen.is_new(&cursor(step).to_string()));
            assert!(found.is_some_and(|step| step <= 4 * (lead + circle)), "{lead}, {circle}: {found:?}");
        }
        let mut seen = Seen::default();
        assert!((0..1000).all(|step: i32| seen.is_new(&step.to_string())));
    }

    #[test]
    fn a_position_in_a_body_is_found_without_the_rest() {
        let json = r#"{"a/b": {"c": [1, 2]}, "next": "x"}"#;
        for (pointer, found) in [
            ("", Some(json)),
            ("/next", Some(r#""x""#)),
            ("/a~1b/c", Some("[1, 2]")),
            ("/a~1b/d", None),
            ("/next/c", None),
        ] {
            assert_eq!(at(json, pointer), found, "{pointer}");
        }
    }
}
