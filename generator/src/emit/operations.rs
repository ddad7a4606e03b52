//! What client and server share of an operation: its call with the optional parameters, and the enum of its responses.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};

use descant_exchange::TextCodec;
use descant_model::api::{Location, StatusPattern};
use descant_runtime::param::{Encoding, Style};

use crate::plan::Plan;
use crate::plan::checks::Check;
use crate::plan::http::{
    Answer, Body, Choice, Codec, Content, Form, Headers, Media, Operation, Parameter, Part, PartContent,
};
use crate::plan::items::GroupId;
use crate::plan::items::Type;
use crate::plan::shapes::{Facet, Named, Shape};

use super::pages::pages;
use super::success::Success;
use super::types::{body_type, foreign};
use super::{doc, line, types};

/// What operations share, then every operation's types, in the document's order.
pub(crate) fn operations(plan: &Plan, group: Option<GroupId>) -> Vec<TokenStream> {
    let forms = plan.forms.iter().filter(|one| one.group == group).map(|one| form(plan, one));
    let choices = plan.choices.iter().filter(|one| one.group == group).map(|one| choice(plan, one));
    let headers = plan.headers.iter().filter(|one| one.group == group).map(|one| headers(plan, one));
    let operations = plan.operations_of(group).flat_map(|operation| own(plan, operation));
    forms.chain(choices).chain(headers).chain(operations).collect()
}

/// The types that are an operation's alone.
pub(super) fn own(plan: &Plan, operation: &Operation) -> impl Iterator<Item = TokenStream> {
    let calls = call(plan, operation).into_iter().chain(pages(plan, operation));
    calls.chain([response(plan, operation)])
}

/// The call of an operation with optional parameters.
fn call(plan: &Plan, operation: &Operation) -> Option<TokenStream> {
    let Operation { call, response, parameters, .. } = operation;
    let name = call.as_ref()?;
    let rows = parameters.iter().filter(|parameter| !parameter.required).map(|parameter| {
        let Parameter { name, key, docs, location, ty, codec, .. } = parameter;
        let docs = plan.docs_of(docs, ty).map(doc);
        let ty = types::taken(foreign(plan, ty));
        if let TextCodec::QueryString(media_type) = codec {
            return quote!(#docs #name: #ty = query_string #media_type FORM);
        }
        let (place, encoding) = (location_word(*location), codec.encoding());
        let word = encoding_word(encoding);
        let switch = encoding.allow_reserved.then(|| quote!(reserved));
        quote!(#docs #name: #ty = #place #key #word #switch)
    });
    Some(quote!(rt::call! { #name -> #response { #(#rows),* } }))
}

/// The word of a location in tables, and the method that sets a parameter there.
pub(super) fn location_word(location: Location) -> TokenStream {
    match location {
        Location::Path => quote!(path),
        Location::Query | Location::QueryString => quote!(query),
        Location::Header => quote!(header),
        Location::Cookie => quote!(cookie),
    }
}

pub(super) fn optional_field(plan: &Plan, parameter: &Parameter) -> TokenStream {
    let Parameter { name, docs, ty, .. } = parameter;
    let docs = plan.docs_of(docs, ty).map(doc);
    let ty = foreign(plan, ty);
    quote! {
        #docs
        pub #name: Option<#ty>,
    }
}

/// The type of a parameter that is a field: optional where it may be absent.
pub(super) fn field(plan: &Plan, parameter: &Parameter) -> TokenStream {
    if !parameter.required {
        return optional_field(plan, parameter);
    }
    let Parameter { name, docs, ty, .. } = parameter;
    let docs = plan.docs_of(docs, ty).map(doc);
    let ty = foreign(plan, ty);
    quote! {
        #docs
        pub #name: #ty,
    }
}

fn headers(plan: &Plan, headers: &Headers) -> TokenStream {
    let Headers { name, docs, fields, .. } = headers;
    let docs = doc(docs);
    let definitions = fields.iter().map(|header| field(plan, header));
    let rows = fields.iter().map(|header| {
        let Parameter { name, key, codec, shape: kinds, .. } = header;
        let encoding = encoding_word(codec.encoding());
        let kinds = bare_shape(kinds);
        quote!(#name = #key #encoding #kinds)
    });
    let derives = types::derives(plan, false);
    quote! {
        #docs
        #derives
        pub struct #name {
            #(#definitions)*
        }
        rt::headers! { #name { #(#rows),* } }
    }
}

/// What a type that may hold a body can do: one that comes piece by piece is there only once.
pub(super) fn derives(plan: &Plan, streams: bool) -> TokenStream {
    if streams { quote!(#[derive(Debug)]) } else { types::derives(plan, false) }
}

/// What a part holds.
fn part(plan: &Plan, content: &PartContent) -> TokenStream {
    match content {
        PartContent::File { many: false, .. } => quote!(rt::File),
        PartContent::File { many: true, .. } => quote!(Vec<rt::File>),
        PartContent::Value(ty, _) => foreign(plan, ty),
    }
}

/// What a constructor takes for a part.
fn argument(plan: &Plan, content: &PartContent) -> TokenStream {
    match content {
        PartContent::Value(ty, _) if *plan.resolved(ty) == Type::String => {
            types::taken(quote!(impl Into<String>))
        }
        PartContent::Value(ty, _) if plan.newtype_of(ty).is_some() => {
            let ty = foreign(plan, ty);
            types::taken(quote!(impl Into<#ty>))
        }
        content => types::taken(part(plan, content)),
    }
}

/// The struct of a multipart body.
fn form(plan: &Plan, form: &Form) -> TokenStream {
    let Form { name, docs, fields, unread, more, .. } = form;
    let docs = doc(docs);
    let constructed = form.constructor().is_some();
    let any_required = fields.iter().any(|field| field.required);
    let default = (!any_required).then(|| quote!(, Default));
    let definitions = fields.iter().map(|field| {
        let Part { name, docs, required, content, .. } = field;
        let docs = doc(docs);
        let ty = part(plan, content);
        let ty = if *required { ty } else { quote!(Option<#ty>) };
        quote! {
            #docs
            pub #name: #ty,
        }
    });
    let rows = fields.iter().map(|part| {
        let Part { name, key, content, .. } = part;
        let argument = (constructed && part.required).then(|| {
            let ty = argument(plan, content);
            quote!(: #ty)
        });
        match content {
            PartContent::File { media_type, .. } => {
                let media_type = media_type.iter();
                quote!(#name #argument = file(#key #(, #media_type)*))
            }
            PartContent::Value(_, value) => {
                let value = shape(value);
                quote!(#name #argument = value(#key, #value))
            }
        }
    });
    let more_field = more.iter().map(|more| {
        quote! {
            /// Files by other names.
            pub #more: rt::Map<rt::File>,
        }
    });
    let more_row = more.iter().map(|more| quote!(..#more));
    let unread =
        unread.iter().map(|(key, value)| (key, shape(value))).map(|(key, value)| quote!(#key (#value)));
    let checks = (!form.unread.is_empty()).then(|| quote!(checks { #(#unread),* }));
    quote! {
        #docs
        #[derive(Debug #default)]
        pub struct #name {
            #(#definitions)*
            #(#more_field)*
        }
        rt::multipart! { #name { #(#rows,)* #(#more_row)* } #checks }
    }
}

/// The enum over the representations of a body.
fn choice(plan: &Plan, choice: &Choice) -> TokenStream {
    let Choice { name, docs, branches, .. } = choice;
    let docs = doc(docs);
    let variants = branches.iter().map(|(name, media)| {
        let line = line(&format!("`{}`", media.media_types.join("`, `")));
        let ty = foreign(plan, &media.ty);
        quote! {
            #line
            #name(#ty),
        }
    });
    let rows = branches.iter().map(|(name, media)| {
        let codec = codec(plan, media);
        quote!(#name(#codec))
    });
    let streams = branches.iter().any(|(_, media)| media.streams());
    let derives = derives(plan, streams);
    let inner = choice.only_type().map(|ty| {
        let ty = types::taken(foreign(plan, ty));
        let borrowed = (!streams).then(|| quote!(, &#ty));
        quote!(-> #ty #borrowed)
    });
    quote! {
        #docs
        #derives
        pub enum #name {
            #(#variants)*
        }
        rt::choice! { #name #inner { #(#rows),* } }
    }
}

fn response(plan: &Plan, operation: &Operation) -> TokenStream {
    let name = &operation.response;
    let line = line(&format!("What `{}` answers.", operation.key));
    let variants = operation.answers.iter().map(|answer| variant(plan, answer));
    let success = Success::of(plan, operation);
    let rows = operation.answers.iter().map(|answer| row(plan, answer, &success));
    let read = (!plan.writes_answers).then(|| quote!(read));
    let bodies = operation.answers.iter().filter_map(|answer| answer.body.as_ref());
    // Who only reads answers takes them apart.
    let derives = derives(plan, !plan.writes_answers || bodies.into_iter().any(|body| plan.streams(body)));
    let ty = types::taken(success.ty.clone());
    quote! {
        #line
        #[must_use]
        #derives
        pub enum #name {
            #(#variants)*
        }
        rt::responses! { #read #name -> #ty { #(#rows),* } }
    }
}

fn variant(plan: &Plan, answer: &Answer) -> TokenStream {
    let Answer { variant, docs, body, headers, .. } = answer;
    let headers = headers.and_then(|index| plan.headers.get(index)).map(|headers| &headers.name);
    let docs = doc(docs);
    let status = (!matches!(answer.status, StatusPattern::Code(_))).then(|| quote!(rt::StatusCode));
    let body = body.as_ref().map(|body| body_type(plan, body));
    let fields = match headers {
        Some(headers) => {
            let status = status.map(|ty| quote!(status: #ty,));
            let body = body.map(|ty| quote!(body: #ty,));
            quote!({ #status #body headers: #headers })
        }
        None => {
            let parts: Vec<TokenStream> = status.into_iter().chain(body).collect();
            if parts.is_empty() { TokenStream::new() } else { quote!((#(#parts),*)) }
        }
    };
    quote! {
        #docs
        #variant #fields,
    }
}

/// A line of the table of answers.
fn row(plan: &Plan, answer: &Answer, success: &Success) -> TokenStream {
    let variant = &answer.variant;
    let (pattern, open) = match answer.status {
        StatusPattern::Code(code) => {
            let code = Literal::u16_unsuffixed(code);
            (quote!(#code), false)
        }
        StatusPattern::Range(digit) => (range_word(digit), true),
        StatusPattern::Default => (quote!(default), true),
    };
    let status = open.then(|| quote!(status));
    let body = answer.body.as_ref().map(|body| match &body.content {
        Content::One(media) if is_plain_json(media) => quote!(json),
        _ => body_codec(plan, body),
    });
    let headers = answer.headers.is_some();
    let parts: Vec<TokenStream> =
        status.into_iter().chain(body).chain(headers.then(|| quote!(headers))).collect();
    let ok = success.mark(plan, answer);
    match (parts.is_empty(), headers) {
        (true, _) => quote!(#pattern => #variant #ok),
        (false, true) => quote!(#pattern => #variant { #(#parts),* } #ok),
        (false, false) => quote!(#pattern => #variant(#(#parts),*) #ok),
    }
}

fn range_word(digit: u16) -> TokenStream {
    match digit {
        1 => quote!(1XX),
        2 => quote!(2XX),
        3 => quote!(3XX),
        4 => quote!(4XX),
        _ => quote!(5XX),
    }
}

fn is_plain_json(media: &Media) -> bool {
    media.codec == Codec::Json && media.media_types == ["application/json"]
}

/// The codec of a body and its media types, as the tables state them.
pub(super) fn body_codec(plan: &Plan, body: &Body) -> TokenStream {
    match &body.content {
        Content::One(media) => codec(plan, media),
        Content::Choice(index) => {
            let branches = plan.choices.get(*index).map_or(&[][..], |choice| &choice.branches);
            let media_types = branches.iter().flat_map(|(_, media)| &media.media_types);
            quote!(choice #(#media_types)|*)
        }
    }
}

fn codec(plan: &Plan, media: &Media) -> TokenStream {
    let media_types = &media.media_types;
    let word = codec_word(media.codec);
    let shape = shape_of(plan, media).map(|shape| quote!(as #shape));
    quote!(#word #(#media_types)|* #shape)
}

fn codec_word(codec: Codec) -> TokenStream {
    match codec {
        Codec::Json => quote!(json),
        Codec::Shaped => quote!(shaped),
        Codec::Text => quote!(text),
        Codec::Stream => quote!(stream),
        Codec::Content => quote!(content),
        Codec::Multipart => quote!(multipart),
        Codec::Lines => quote!(lines),
        Codec::Data => quote!(data),
        Codec::Events => quote!(events),
    }
}

/// The runtime's constant for an encoding.
pub(super) fn encoding_word(encoding: Encoding) -> TokenStream {
    let Encoding { style, explode, .. } = encoding;
    match (style, explode) {
        (Style::Simple, false) => quote!(SIMPLE),
        (Style::Simple, true) => quote!(SIMPLE_EXPLODED),
        (Style::Label, false) => quote!(LABEL),
        (Style::Label, true) => quote!(LABEL_EXPLODED),
        (Style::Matrix, false) => quote!(MATRIX),
        (Style::Matrix, true) => quote!(MATRIX_EXPLODED),
        (Style::Form, true) => quote!(FORM),
        (Style::Form, false) => quote!(FORM_JOINED),
        (Style::SpaceDelimited, _) => quote!(SPACE_DELIMITED),
        (Style::PipeDelimited, _) => quote!(PIPE_DELIMITED),
        (Style::DeepObject, _) => quote!(DEEP_OBJECT),
        (Style::Cookie, _) => quote!(COOKIE),
        (Style::Json, _) => quote!(JSON),
        (Style::Text, _) => quote!(TEXT),
    }
}

/// What is switched on beside the style.
pub(super) fn encoding_switches(encoding: Encoding) -> TokenStream {
    if encoding.allow_reserved { quote!(.reserved()) } else { TokenStream::new() }
}

/// A shape with what bounds it, in the runtime's notation.
pub(super) fn shape(value: &Shape) -> TokenStream {
    let kinds = bare_shape(value);
    let facets = value.facets.iter().map(facet);
    quote!(#kinds #(, #facets)*)
}

/// Where a body's shape stands.
pub(super) fn shape_of(plan: &Plan, media: &Media) -> Option<TokenStream> {
    let Check { name, .. } = plan.shapes.get(media.shape?)?;
    Some(quote!(shapes::#name))
}

/// A shape's static. What says more than its properties stands before them.
pub(super) fn shape_static(Check { name, shape: value }: &Check) -> TokenStream {
    let kinds = bare_shape(value);
    let facets: Vec<TokenStream> = value.facets.iter().map(facet).collect();
    let facets = (!facets.is_empty()).then(|| quote!((#(#facets),*)));
    let is_object = value.kinds.is_empty() && value.items.is_none() && value.object.is_some();
    let equals = (!is_object).then(|| quote!(=));
    quote!(rt::shape! { static #name #facets #equals #kinds })
}

/// The shapes of what is neither JSON nor opaque.
pub(super) fn shapes(plan: &Plan, group: Option<GroupId>) -> Vec<TokenStream> {
    plan.shapes.iter().filter(|_| group.is_none()).map(shape_static).collect()
}

/// The kinds of a shape.
fn bare_shape(value: &Shape) -> TokenStream {
    if let Some(Named::Static(name)) = &value.named {
        return quote!(@#name);
    }
    let kinds = value.kinds.iter().map(|kind| {
        let kind = format_ident!("{kind}");
        quote!(#kind)
    });
    let items = value.items.iter().map(|items| {
        let items = shape(items);
        quote!([#items])
    });
    let object = value.object.iter().map(|object| {
        let properties = object.properties.iter().map(|(name, value)| {
            let value = inner_shape(value);
            quote!(#name: #value,)
        });
        let additional = object.additional.iter().map(|value| {
            let value = inner_shape(value);
            quote!(.. #value)
        });
        quote!({ #(#properties)* #(#additional)* })
    });
    let parts: Vec<TokenStream> = kinds.chain(items).chain(object).collect();
    if parts.is_empty() { quote!(string) } else { quote!(#(#parts)|*) }
}

/// A shape inside another: what has facets, or is another's, stands in parentheses.
fn inner_shape(value: &Shape) -> TokenStream {
    let written = shape(value);
    if value.facets.is_empty() && value.named.is_none() { written } else { quote!((#written)) }
}

fn facet(facet: &Facet) -> TokenStream {
    let word = |name: &str| format_ident!("{name}");
    match facet {
        Facet::Flag(name) => word(name).into_token_stream(),
        Facet::Number(name, number) => {
            let name = word(name);
            let number = Literal::f64_unsuffixed(*number);
            quote!(#name(#number))
        }
        Facet::Count(name, count) => {
            let name = word(name);
            let count = Literal::usize_unsuffixed(*count);
            quote!(#name(#count))
        }
        Facet::Text(name, text) => {
            let name = word(name);
            quote!(#name = #text)
        }
        Facet::Texts(name, texts) => {
            let name = word(name);
            quote!(#name(&[#(#texts),*]))
        }
        Facet::Integers(name, numbers) => {
            let name = word(name);
            let numbers = numbers.iter().map(|number| Literal::i64_unsuffixed(*number));
            quote!(#name(&[#(#numbers),*]))
        }
        Facet::Whole(name, number) => {
            let name = word(name);
            let number = Literal::i128_unsuffixed(*number);
            quote!(#name(#number))
        }
        Facet::Tag(property, names) => {
            let names = names.iter().map(|(name, index)| {
                let index = Literal::usize_unsuffixed(*index);
                quote!((#name, #index))
            });
            quote!(Tag(#property, &[#(#names),*]))
        }
        Facet::Shapes(name, pattern, shapes) => {
            let name = word(name);
            let pattern = pattern.iter().map(|pattern| quote!(= #pattern));
            let shapes = shapes.iter().map(inner_shape);
            quote!(#name #(#pattern)* [#(#shapes),*])
        }
        Facet::Encoded(encoding) => {
            let word = encoding_word(*encoding);
            let switches = encoding_switches(*encoding);
            quote!(Encoded(rt::param::#word #switches))
        }
    }
}
