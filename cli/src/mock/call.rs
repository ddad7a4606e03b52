//! `descant mock FILE --call 'GET /pets'`: answers one request without a socket, for scripts, documentation and debugging.

use descant_mock::{Mock, Overlay, Request, Response, respond_with};

use crate::exit::{self, Exit};

#[derive(clap::Args)]
#[group(id = "one-call")]
pub(crate) struct Args {
    /// Answer this request, print the response and exit, instead of listening
    #[arg(long, value_name = "METHOD TARGET")]
    call: Option<String>,
    /// A header of the request
    #[arg(long, short = 'H', value_name = "NAME: VALUE", requires = "call")]
    header: Vec<String>,
    /// The body of the request
    #[arg(long, short, value_name = "BODY", requires = "call")]
    data: Option<String>,
}

impl Args {
    /// Returns the request, if there is one.
    pub(crate) fn request(&self) -> Result<Option<Request>, Exit> {
        let Some(line) = &self.call else { return Ok(None) };
        let (method, target) = line.split_once(' ').unwrap_or(("GET", line));
        let mut request = http::Request::builder().method(method).uri(target.trim());
        for header in &self.header {
            let Some((name, value)) = header.split_once(':') else {
                return Err(exit::usage(format_args!("a header must be `NAME: VALUE`, not `{header}`")));
            };
            request = request.header(name.trim(), value.trim());
        }
        let body = self.data.clone().unwrap_or_default().into();
        let request = request.body(body).map_err(|error| exit::usage(format_args!("`{line}`: {error}")))?;
        Ok(Some(request))
    }
}

/// Prints the response of the mock.
pub(crate) async fn call(mock: &Mock, overlay: Option<&dyn Overlay>, request: Request) -> Exit {
    let response = respond_with(mock, overlay, &request).await;
    exit::print(&written(&response));
    Exit::Ok
}

/// Returns status, headers, an empty line and the body, with JSON indented.
fn written(response: &Response) -> String {
    let status = response.status();
    let mut text = format!("{} {}\n", status.as_u16(), status.canonical_reason().unwrap_or_default());
    for (name, value) in response.headers() {
        text += &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
    }
    let body = match serde_json::from_slice::<serde_json::Value>(response.body()) {
        Ok(value) => format!("{value:#}"),
        Err(_) => String::from_utf8_lossy(response.body()).into_owned(),
    };
    if body.is_empty() { text } else { format!("{text}\n{body}\n") }
}
