//! Converts methods of a generated trait to endpoints: arguments in, documented response out.

use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::StatusCode;

use super::refusal::{self, Reason};
use super::{Context, FromRequest, HandlerResult, Request, Response};
use crate::codec::Streams;
use crate::media;
use crate::multipart::Upload;
use crate::problem::{Fault, Problem};
use crate::response::{self, Answers, Case, Reply, Responses};

/// An async method of a trait: `Api::list_pets`, with the principal `P`. The lifetime is that of the method's borrow.
pub trait Handler<'a, A, P, I, R>: Send + Sync {
    /// The return type of the method.
    type Future: Future<Output = HandlerResult<R>> + Send + 'a;
    /// Calls the method.
    fn call(&self, api: &'a A, input: I, context: &'a Context<P>) -> Self::Future;
}

impl<'a, A: 'a, P: 'a, I, R, F, T> Handler<'a, A, P, I, R> for F
where
    F: Fn(&'a A, I, &'a Context<P>) -> T + Send + Sync,
    T: Future<Output = HandlerResult<R>> + Send + 'a,
{
    type Future = T;

    fn call(&self, api: &'a A, input: I, context: &'a Context<P>) -> T {
        self(api, input, context)
    }
}

/// Answers requests of one operation; `None`: it is not written.
pub(super) trait Endpoint: Send + Sync {
    /// Whether the body is streamed.
    fn streams(&self) -> Streams;
    /// The forms with files that the body may be.
    fn uploads(&self) -> &'static [Option<Upload>];
    /// The documented responses.
    fn cases(&self) -> &'static [Case];
    fn answer(&self, request: Request) -> BoxFuture<'_, Option<Response>>;
}

pub(super) struct Operation<A, P, I, R, H> {
    pub(super) api: Arc<A>,
    pub(super) handler: H,
    pub(super) types: PhantomData<fn(P, I) -> R>,
}

impl<A, P, I, R, H> Endpoint for Operation<A, P, I, R, H>
where
    A: Send + Sync + 'static,
    P: Send + Sync + 'static,
    I: FromRequest,
    R: Answers + Send,
    H: for<'a> Handler<'a, A, P, I, R> + 'static,
{
    fn streams(&self) -> Streams {
        I::STREAMS
    }

    fn uploads(&self) -> &'static [Option<Upload>] {
        I::UPLOADS
    }

    fn cases(&self) -> &'static [Case] {
        R::CASES
    }

    fn answer(&self, mut request: Request) -> BoxFuture<'_, Option<Response>> {
        Box::pin(async move {
            if let Some(refusal) = unacceptable(&request, || response::media_types(R::CASES)) {
                return Some(refusal);
            }
            let input = match I::read(&mut request) {
                Ok(input) => input,
                Err(rejection) => return refused::<R>(rejection.into_reason()),
            };
            let context = request.into_context::<P>();
            match self.handler.call(&self.api, input, &context).await {
                Ok(answer) => Some(written(answer.write())),
                Err(rejection) => refused::<R>(rejection.into_reason()),
            }
        })
    }
}

fn refused<R: Responses>(reason: Reason) -> Option<Response> {
    match reason {
        Reason::Unimplemented => None,
        Reason::Faults(faults) => Some(refusal::invalid(response::refusals(R::CASES), faults)),
        Reason::Response(response) => Some(response),
    }
}

/// 406, where none of the media types of a good answer is acceptable (RFC 9110, 12.5.1, 15.5.7). A documented range is
/// what the caller names of it, else its usual type.
fn unacceptable(request: &Request, media_types: impl FnOnce() -> Vec<&'static str>) -> Option<Response> {
    let accept = request.accept()?;
    let accept = &*accept;
    let offered = media_types();
    let usual: Vec<_> = offered.iter().map(|one| media::concrete(one, false)).collect();
    let offers: Vec<_> =
        offered.iter().zip(&usual).map(|(one, usual)| media::offer(one, usual, Some(accept))).collect();
    let offers: Vec<&str> = offers.iter().map(AsRef::as_ref).collect();
    if offers.is_empty() || media::negotiate(Some(accept), &offers).is_some() {
        return None;
    }
    let detail = format!("the answer can be {}", offered.join(", "));
    Some(refusal::response(&Problem::new(StatusCode::NOT_ACCEPTABLE).detail(detail)))
}

/// The fault of a response that its own document does not allow. It leaves with the response's extensions, for the
/// service, because it is not for the caller.
#[derive(Clone)]
pub(super) struct OwnFault(pub(super) Fault);

/// An answer that its own document does not allow is the server's fault.
fn written(reply: Result<Reply, Fault>) -> Response {
    match reply {
        Ok(Reply { status, payload }) => {
            let mut response = Response::new(payload.body);
            *response.status_mut() = status;
            *response.headers_mut() = payload.headers;
            response
        }
        Err(fault) => {
            let mut response = refusal::response(&Problem::new(StatusCode::INTERNAL_SERVER_ERROR));
            response.extensions_mut().insert(OwnFault(fault));
            response
        }
    }
}
