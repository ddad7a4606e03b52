//! Decides how a shape is written down in generated code: [`shape!`](crate::shape).

/// Writes a [`Shape`](crate::param::Shape), as the value of a static: alternatives between bars, items in brackets,
/// properties in braces, the shape of properties not named after two dots, another static by `@NAME`. Its
/// [`Facet`](crate::param::Facet)s follow after commas; inside braces a shape with facets, or another static, stands in
/// parentheses, and so it does in the brackets behind a facet that holds shapes.
///
/// ```
/// use descant_runtime::{param::Shape, shape};
/// static FILTER: Shape = shape!({ "name": string | null, "ids": [integer], .. string });
/// static ID_OR_IDS: Shape = shape!(integer | [integer], MaxItems(3));
/// static PET: Shape = shape!({ "name": (string, MaxLength(40), XmlName = "n"), "parents": [@PET] }, Required(&["name"]));
/// static PET_OR_ID: Shape = shape!(any, AnyOf [(@PET), (string, MinLength(8)), integer | null]);
/// static LABELS: Shape = shape!({ .. string }, Matching = "^x-" [(string, MaxLength(8))]);
/// ```
///
/// After `static` it writes the static itself, its facets behind its name, or gives one that there is another name:
///
/// ```
/// descant_runtime::shape! { static OWNER(XmlName = "owner") { "name": string } }
/// descant_runtime::shape! { static OWNERS(MaxItems(3)) = [@OWNER] }
/// descant_runtime::shape! { static STAFF = @OWNERS }
/// descant_runtime::shape! { static TEAMS = { "teams": [(@STAFF),], "first": (@OWNER,), } }
/// ```
#[macro_export]
macro_rules! shape {
    (static $name:ident = @$other:ident) => {
        pub(crate) use $other as $name;
    };
    (static $name:ident $(($($facet:tt)*))? {$($properties:tt)*}) => {
        $crate::shape!(static $name $(($($facet)*))? = { $($properties)* });
    };
    (static $name:ident $(($($facet:tt)*))? = $($shape:tt)+) => {
        pub(crate) static $name: $crate::param::Shape = $crate::shape!($($shape)+ $(, $($facet)*)?);
    };
    (@fold [$($kinds:tt)*] [$($items:tt)*] [$($properties:tt)*] [$($additional:tt)*] [$($facets:tt)*]) => {
        $crate::param::Shape {
            kinds: $($kinds)*,
            items: $($items)*,
            properties: $($properties)*,
            additional: $($additional)*,
            facets: ::std::borrow::Cow::Borrowed { 0: &[$($facets)*] },
        }
    };
    (@fold $kinds:tt $items:tt $properties:tt $additional:tt $facets:tt [$($item:tt)+] $($rest:tt)*) => {
        $crate::shape!(@fold
            $kinds
            [::core::option::Option::Some { 0: $crate::shape!(@reference $($item)+) }]
            $properties $additional $facets $($rest)*)
    };
    (@fold $kinds:tt $items:tt $properties:tt $additional:tt $facets:tt
        { $($name:literal: $($shape:tt)|*),* $(,)? $(.. $($extra:tt)+)? } $($rest:tt)*) => {
        $crate::shape!(@fold
            $kinds $items
            [::core::option::Option::Some {
                0: $crate::param::Properties::Static {
                    0: &[$(($name, $crate::shape!(@reference $($shape)|*))),*],
                },
            }]
            [$crate::shape!(@optional $($($extra)+)?)]
            $facets $($rest)*)
    };
    (@fold [$($kinds:tt)*] $items:tt $properties:tt $additional:tt $facets:tt $kind:ident $($rest:tt)*) => {
        $crate::shape!(@fold
            [$($kinds)*.or($crate::shape!(@kind $kind))]
            $items $properties $additional $facets $($rest)*)
    };
    (@reference @$other:ident $(,)?) => { $crate::param::Reference::Static { 0: &$other } };
    (@reference ($($shape:tt)+) $(,)?) => { $crate::shape!(@reference $($shape)+) };
    (@reference $($shape:tt)+) => { $crate::param::Reference::Static { 0: &$crate::shape!($($shape)+) } };
    (@optional) => { ::core::option::Option::None };
    (@optional $($shape:tt)+) => { ::core::option::Option::Some { 0: $crate::shape!(@reference $($shape)+) } };
    (@kind integer) => { $crate::param::Kinds::INTEGER };
    (@kind number) => { $crate::param::Kinds::NUMBER };
    (@kind boolean) => { $crate::param::Kinds::BOOLEAN };
    (@kind string) => { $crate::param::Kinds::STRING };
    (@kind any) => { $crate::param::Kinds::ANY };
    (@kind scalar) => { $crate::param::Kinds::SCALAR };
    (@kind null) => { $crate::param::Kinds::NULL };
    (@facet $facet:ident $(($($value:expr),*))?) => { $crate::param::Facet::$facet $(($($value),*))? };
    // Each pattern is compiled once, in a static of its own.
    (@pattern $text:literal) => {{
        static PATTERN: $crate::pattern::Pattern = $crate::pattern::Pattern::new($text);
        &PATTERN
    }};
    (@facet Pattern = $text:literal) => {
        $crate::param::Facet::Pattern { 0: $crate::shape!(@pattern $text) }
    };
    (@facet $facet:ident = $text:literal) => {
        $crate::param::Facet::$facet { 0: ::std::borrow::Cow::Borrowed($text) }
    };
    (@facet $facet:ident = $text:literal [$($($inner:tt)|+),* $(,)?]) => {
        $crate::param::Facet::$facet {
            0: $crate::shape!(@facet_text $facet $text),
            1: &[$($crate::shape!(@reference $($inner)|+)),*],
        }
    };
    (@facet_text Matching $text:literal) => { $crate::shape!(@pattern $text) };
    (@facet_text $facet:ident $text:literal) => { ::std::borrow::Cow::Borrowed($text) };
    (@facet $facet:ident [$($($inner:tt)|+),* $(,)?]) => {
        $crate::param::Facet::$facet { 0: &[$($crate::shape!(@reference $($inner)|+)),*] }
    };
    ($($shape:tt)|+
        $(, $facet:ident $(($($value:expr),*))? $(= $text:literal)? $([$($inner:tt)*])?)* $(,)?) => {
        $crate::shape!(@fold
            [$crate::param::Kinds::NONE]
            [::core::option::Option::None]
            [::core::option::Option::None]
            [::core::option::Option::None]
            [$($crate::shape!(@facet $facet $(($($value),*))? $(= $text)? $([$($inner)*])?)),*]
            $($shape)+)
    };
}
