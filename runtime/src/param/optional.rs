//! Optional parameters of calls: their values, and the methods that set them.

use serde::Serialize;

/// A value for an optional parameter of type `T`: the value, a reference to it, or an `Option` of either. `None` is
/// omitted.
pub trait Optional<T>: Serialize {}

impl<T: Serialize> Optional<T> for T {}
impl<T: Serialize> Optional<T> for &T {}
impl<T: Serialize> Optional<T> for Option<T> {}
impl<T: Serialize> Optional<T> for Option<&T> {}
impl<T: Serialize> Optional<T> for &Option<T> {}
impl Optional<String> for &str {}
impl Optional<String> for Option<&str> {}
impl<T: Serialize> Optional<Vec<T>> for &[T] {}
impl<T: Serialize> Optional<Vec<T>> for Option<&[T]> {}
impl Optional<Vec<String>> for Vec<&str> {}
impl Optional<Vec<String>> for &[&str] {}
impl<T: Serialize, const N: usize> Optional<Vec<T>> for [T; N] where [T; N]: Serialize {}
impl<'a, const N: usize> Optional<Vec<String>> for [&'a str; N] where [&'a str; N]: Serialize {}

/// Defines a call with a method for each optional parameter: type, location, name and encoding. Beside them it has the
/// methods of [`Call`](crate::client::Call). Without the feature `client` it defines nothing.
///
/// ```
/// use descant_runtime as rt;
///
/// # pub enum ListResponse { Ok(Vec<String>) }
/// # rt::responses! { read ListResponse -> Vec<String> { 200 => Ok(json) ok } }
/// rt::call! { ListCall -> ListResponse {
///     /// The most items of a page.
///     limit: i64 = query "limit" FORM,
///     x_trace: String = header "X-Trace" SIMPLE,
/// } }
/// # #[cfg(feature = "client")]
/// # fn list() -> ListCall {
/// #     let core = rt::client::Core::new(rt::client::Config::new("http://127.0.0.1"), &()).unwrap();
/// let call: ListCall = core.request("GET /items", &[]).send();
/// call.limit(20).x_trace(Some("7"))
/// # }
/// ```
#[cfg(feature = "client")]
#[macro_export]
macro_rules! call {
    ($name:ident -> $responses:ident { $($(#[$docs:meta])* $field:ident: $ty:ty = $place:ident $key:literal
        $encoding:ident $($switch:ident)?),* $(,)? }) => {
        /// A call that is not sent yet. Its methods set optional parameters.
        #[must_use = "a call is sent when it is awaited"]
        #[derive(Debug)]
        pub struct $name($crate::client::Call<$responses>);

        impl $name {
            $($(#[$docs])*
            pub fn $field(self, $field: impl $crate::param::Optional<$ty>) -> Self {
                Self(self.0.set(|request| {
                    $crate::call!(@put request $place $key $field $encoding $($switch)?)
                }))
            })*

            /// Sets the time limit of this call, which overrides the client's configuration; `None`: no limit.
            pub fn timeout(self, timeout: Option<std::time::Duration>) -> Self {
                Self(self.0.timeout(timeout))
            }

            /// Sends a header with this call.
            pub fn header(self, name: $crate::http::HeaderName, value: $crate::http::HeaderValue) -> Self {
                Self(self.0.header(name, value))
            }

            /// Returns the documented response, whether it is a success or an error.
            pub fn answer(self) -> $crate::client::Sent<$responses, $crate::client::Error> {
                self.0.answer()
            }

            /// Returns the success with its status, headers and undecoded body.
            pub fn response(self) -> $crate::client::Responded<$responses> {
                self.0.response()
            }

            /// Returns the response of any status, undecoded.
            pub fn raw(self) -> $crate::client::Sent<$crate::client::Response<$crate::Body>, $crate::client::Error> {
                self.0.raw()
            }

            /// Returns the JSON of any 2xx response as a type of the caller's.
            pub fn json<T>(self) -> $crate::client::Sent<T, $crate::client::CallError<$responses>>
            where
                T: $crate::json::serde::de::DeserializeOwned + Send + 'static,
            {
                self.0.json()
            }
        }

        impl From<$crate::client::Request> for $name {
            fn from(request: $crate::client::Request) -> Self {
                Self(request.into())
            }
        }

        impl Future for $name {
            type Output = <$crate::client::Call<$responses> as Future>::Output;

            fn poll(
                mut self: std::pin::Pin<&mut Self>,
                context: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Self::Output> {
                std::pin::Pin::new(&mut self.0).poll(context)
            }
        }
    };
    (@put $request:ident query_string $media:literal $value:ident $encoding:ident) => {
        $request.query_string($media, &$value, &$crate::param::Shape::STRING)
    };
    (@put $request:ident $place:ident $key:literal $value:ident $encoding:ident $($switch:ident)?) => {
        $request.optional($crate::call!(@location $place), $key, $crate::param::$encoding $(.$switch())?, &$value)
    };
    (@location query) => { $crate::param::Location::Query };
    (@location header) => { $crate::param::Location::Header };
    (@location cookie) => { $crate::param::Location::Cookie };
}

/// Without a client, there are no calls.
#[cfg(not(feature = "client"))]
#[macro_export]
macro_rules! call {
    ($($table:tt)*) => {};
}

/// Without a client, there are no pages.
#[cfg(not(feature = "client"))]
#[macro_export]
macro_rules! pages {
    ($($table:tt)*) => {};
}
