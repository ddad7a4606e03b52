//! The end session endpoint (OpenID Connect RP-Initiated Logout 1.0): sends a user who logs out back to the client.

use bytes::Bytes;

use super::authorize::{redirect_to, refuse, valid_redirect};
use super::form::Form;
use super::schemes::GrantContext;
use crate::vocabulary::message::{Request, Response};

pub(super) fn answer(context: &GrantContext<'_>, request: &Request) -> Response {
    let form = if request.method() == "POST" { Form::body(request) } else { Form::query(request) };
    let form = match form {
        Ok(form) => form,
        Err(error) => return refuse(&error),
    };
    let Some(uri) = form.get("post_logout_redirect_uri") else {
        return Response::new(Bytes::from_static(b"You are logged out.\n"));
    };
    match valid_redirect(context, uri) {
        Ok(uri) => redirect_to(uri, false, form.get("state").map(|state| ("state", state.to_owned()))),
        Err(error) => refuse(&error),
    }
}
