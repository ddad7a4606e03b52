//! Decides how the table of an operation's answers is written down: [`responses!`](crate::responses).

/// Gives an enum of answers its form on the wire; with `read` before the name, only what a client needs of it.
///
/// Behind the name is the type of a success, which the lines with `ok` at their end hold; after `ok` the enum of
/// representations that becomes this type. Each line is a status, the variant, and what the variant holds: the codec with its media types (and after `as` the
/// static shape of what is not JSON), `status` first where the status is not fixed, in braces where headers stand
/// beside the body. `json` alone is `application/json`.
///
/// ```
/// use descant_runtime as rt;
///
/// # #[derive(Debug, PartialEq)]
/// # pub struct LinkHeaders { pub link: Option<String> }
/// # rt::headers! { LinkHeaders { link = "link" SIMPLE string } }
/// pub enum ListResponse {
///     Ok { body: Vec<String>, headers: LinkHeaders },
///     NotModified,
///     NotFound(String),
///     ClientError(rt::StatusCode, rt::Value),
///     Default(rt::StatusCode),
/// }
/// rt::responses! {
///     ListResponse -> Vec<String> {
///         200 => Ok { json, headers } ok,
///         304 => NotModified,
///         404 => NotFound(text "text/plain"),
///         4XX => ClientError(status, json "application/problem+json"),
///         default => Default(status),
///     }
/// }
/// ```
#[macro_export]
macro_rules! responses {
    ($name:ident -> $success:ty { $($table:tt)* }) => {
        $crate::responses! { read $name -> $success { $($table)* } }
        $crate::responses! { write $name { $($table)* } }
    };
    (read $name:ident -> $success:ty { $($status:tt => $variant:ident $(($($tuple:tt)*))? $({$($fields:tt)*})? $($ok:ident)* ),* $(,)? }) => {
        impl $crate::response::Responses for $name {
            type Success = $success;
            const CASES: &'static [$crate::response::Case] = &[$(
                $crate::response::Case {
                    status: $crate::responses!(@pattern $status),
                    media_types: $crate::responses!(@media $($($tuple)*)? $($($fields)*)?),
                    streams: $crate::responses!(@streams $($($tuple)*)? $($($fields)*)?),
                    success: $crate::responses!(@is $($ok)*),
                }
            ),*];

            #[allow(unused_mut, unused_variables, reason = "no success may have a body")]
            fn success(
                case: $crate::response::Pattern,
                mut reply: $crate::response::Reply,
            ) -> Result<Self::Success, $crate::problem::Fault> {
                match case {
                    $($crate::responses!(@pattern $status) =>
                        $crate::responses!(@success reply case [$($ok)*] $($($tuple)*)? $($($fields)*)?),)*
                    case => $crate::response::unknown(case),
                }
            }

            #[allow(unused_mut, reason = "no answer may have a body")]
            fn read(
                case: $crate::response::Pattern,
                mut reply: $crate::response::Reply,
            ) -> Result<Self, $crate::problem::Fault> {
                match case {
                    $($crate::responses!(@pattern $status) =>
                        $crate::responses!(@read reply $variant $(($($tuple)*))? $({$($fields)*})?),)*
                    case => $crate::response::unknown(case),
                }
            }
        }
    };
    (write $name:ident { $($status:tt => $variant:ident $(($($tuple:tt)*))? $({$($fields:tt)*})? $($ok:ident)* ),* $(,)? }) => {
        impl $crate::response::Answers for $name {
            fn status(&self) -> $crate::StatusCode {
                match self {
                    $($crate::responses!(@binding $variant code $(($($tuple)*))? $({$($fields)*})?) =>
                        $crate::responses!(@status $status code),)*
                }
            }

            #[allow(unused_mut, reason = "no answer may have a body")]
            fn write(self) -> Result<$crate::response::Reply, $crate::problem::Fault> {
                let status = $crate::response::Answers::status(&self);
                let mut reply = $crate::response::Reply { status, ..Default::default() };
                match self {
                    $($crate::responses!(@parts $variant body headers $(($($tuple)*))? $({$($fields)*})?) => {
                        $crate::responses!(@pattern $status).admit(reply.status)?;
                        $crate::responses!(@write reply body headers $($($tuple)*)? $($($fields)*)?);
                    })*
                }
                Ok(reply)
            }
        }
    };

    (@is) => { false };
    (@is $($ok:ident)+) => { true };

    (@success $reply:ident $case:ident [] $($any:tt)*) => { $crate::response::unknown($case) };
    (@success $reply:ident $case:ident [ok]) => { Ok(()) };
    (@success $reply:ident $case:ident [ok] status) => { Ok(()) };
    (@success $reply:ident $case:ident [ok] headers) => { Ok(()) };
    (@success $reply:ident $case:ident [ok] status, headers) => { Ok(()) };
    (@success $reply:ident $case:ident [$($ok:ident)+] status, $($body:tt)*) => {
        $crate::responses!(@success $reply $case [$($ok)+] $($body)*)
    };
    (@success $reply:ident $case:ident [ok] $($body:tt)*) => { $crate::responses!(@body $reply $($body)*) };
    (@success $reply:ident $case:ident [ok $choice:ident] $($body:tt)*) => {
        $crate::codec::choice::read::<$choice>(&mut $reply.payload).map(Into::into)
    };

    (@pattern 1XX) => { $crate::response::Pattern::Range(1) };
    (@pattern 2XX) => { $crate::response::Pattern::Range(2) };
    (@pattern 3XX) => { $crate::response::Pattern::Range(3) };
    (@pattern 4XX) => { $crate::response::Pattern::Range(4) };
    (@pattern 5XX) => { $crate::response::Pattern::Range(5) };
    (@pattern default) => { $crate::response::Pattern::Default };
    (@pattern $code:literal) => { $crate::response::Pattern::Code($code) };

    (@media) => { &[] };
    (@media status) => { &[] };
    (@media headers) => { &[] };
    (@media status, headers) => { &[] };
    (@media status, $($rest:tt)*) => { $crate::responses!(@media $($rest)*) };
    (@media json $(, headers)?) => { &["application/json"] };
    (@media $codec:ident $($media:literal)|+ $(as $shape:path)? $(, headers)?) => { &[$($media),+] };

    (@streams) => { $crate::codec::Streams::Never };
    (@streams status) => { $crate::codec::Streams::Never };
    (@streams headers) => { $crate::codec::Streams::Never };
    (@streams status, headers) => { $crate::codec::Streams::Never };
    (@streams status, $($rest:tt)*) => { $crate::responses!(@streams $($rest)*) };
    (@streams $codec:ident $($media:literal)|+ as $($rest:tt)*) => { $crate::codec::Streams::Never };
    (@streams $codec:ident $($rest:tt)*) => { $crate::codec::$codec::STREAMS };

    (@read $reply:ident $variant:ident) => { Ok(Self::$variant) };
    (@read $reply:ident $variant:ident (status)) => { Ok(Self::$variant($reply.status)) };
    (@read $reply:ident $variant:ident (status, $($body:tt)*)) => {
        $crate::responses!(@body $reply $($body)*).map(|body| Self::$variant($reply.status, body))
    };
    (@read $reply:ident $variant:ident ($($body:tt)*)) => {
        $crate::responses!(@body $reply $($body)*).map(Self::$variant)
    };
    (@read $reply:ident $variant:ident { headers }) => {
        Ok(Self::$variant { headers: $crate::response::Headers::read(&$reply.payload.headers)? })
    };
    (@read $reply:ident $variant:ident { status, headers }) => {
        Ok(Self::$variant {
            status: $reply.status,
            headers: $crate::response::Headers::read(&$reply.payload.headers)?,
        })
    };
    (@read $reply:ident $variant:ident { status, $codec:ident $($body:tt)* }) => {
        Ok(Self::$variant {
            status: $reply.status,
            headers: $crate::response::Headers::read(&$reply.payload.headers)?,
            body: $crate::responses!(@body $reply $codec $($body)*)?,
        })
    };
    (@read $reply:ident $variant:ident { $codec:ident $($body:tt)* }) => {
        Ok(Self::$variant {
            headers: $crate::response::Headers::read(&$reply.payload.headers)?,
            body: $crate::responses!(@body $reply $codec $($body)*)?,
        })
    };

    (@body $reply:ident $codec:ident $($media:literal)|* as $shape:path $(, headers)?) => {
        $crate::codec::shaped::read(&mut $reply.payload, &$shape)
    };
    (@body $reply:ident $codec:ident $($media:literal)|* $(, headers)?) => {
        $crate::codec::$codec::read(&mut $reply.payload)
    };

    (@binding $variant:ident $code:ident) => { Self::$variant };
    (@binding $variant:ident $code:ident (status $($rest:tt)*)) => { Self::$variant($code, ..) };
    (@binding $variant:ident $code:ident { status $($rest:tt)* }) => { Self::$variant { status: $code, .. } };
    (@binding $variant:ident $code:ident ($($rest:tt)*)) => { Self::$variant(..) };
    (@binding $variant:ident $code:ident { $($rest:tt)* }) => { Self::$variant { .. } };

    (@status default $code:ident) => { *$code };
    (@status 1XX $code:ident) => { *$code };
    (@status 2XX $code:ident) => { *$code };
    (@status 3XX $code:ident) => { *$code };
    (@status 4XX $code:ident) => { *$code };
    (@status 5XX $code:ident) => { *$code };
    (@status $status:literal $code:ident) => { $crate::response::status($status) };

    (@parts $variant:ident $body:ident $headers:ident) => { Self::$variant };
    (@parts $variant:ident $body:ident $headers:ident (status)) => { Self::$variant(_) };
    (@parts $variant:ident $body:ident $headers:ident (status, $($rest:tt)*)) => { Self::$variant(_, $body) };
    (@parts $variant:ident $body:ident $headers:ident ($($rest:tt)*)) => { Self::$variant($body) };
    (@parts $variant:ident $body:ident $headers:ident { headers }) => { Self::$variant { $headers } };
    (@parts $variant:ident $body:ident $headers:ident { status, headers }) => { Self::$variant { $headers, .. } };
    (@parts $variant:ident $body:ident $headers:ident { $($rest:tt)* }) => { Self::$variant { $body, $headers, .. } };

    (@write $reply:ident $body:ident $headers:ident) => {};
    (@write $reply:ident $body:ident $headers:ident status) => {};
    (@write $reply:ident $body:ident $headers:ident headers) => {
        $crate::response::Headers::write(&$headers, &mut $reply.payload.headers)?;
    };
    (@write $reply:ident $body:ident $headers:ident status, $($rest:tt)*) => {
        $crate::responses!(@write $reply $body $headers $($rest)*)
    };
    (@write $reply:ident $body:ident $headers:ident json $(, $more:ident)?) => {
        $crate::responses!(@write $reply $body $headers json "application/json" $(, $more)?)
    };
    (@write $reply:ident $body:ident $headers:ident $codec:ident $media:literal $(| $more:literal)* $(as $shape:path)?, headers) => {
        $crate::response::Headers::write(&$headers, &mut $reply.payload.headers)?;
        $crate::responses!(@write $reply $body $headers $codec $media $(as $shape)?);
    };
    (@write $reply:ident $body:ident $headers:ident $codec:ident $media:literal $(| $more:literal)* as $shape:path) => {
        $crate::codec::shaped::write($body, $media, &mut $reply.payload, &$shape)?;
    };
    (@write $reply:ident $body:ident $headers:ident $codec:ident $media:literal $(| $more:literal)*) => {
        $crate::codec::$codec::write($body, $media, &mut $reply.payload)?;
    };
}
