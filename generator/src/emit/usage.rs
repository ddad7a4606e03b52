//! The example call in a client method's documentation.

use crate::plan::Plan;
use crate::plan::docs::Docs;
use crate::plan::http::{Content, Operation, Parameter};
use crate::plan::items::Type;
use crate::plan::prose::code;

use super::arguments::is_copy;

/// The operation's documentation with a call of it behind.
pub(super) fn with_usage(plan: &Plan, operation: &Operation) -> Docs {
    let required = operation.parameters.iter().filter(|parameter| parameter.required);
    let parameters = required.map(|parameter| argument(plan, parameter));
    let body = operation.body.iter().map(|body| {
        let given = matches!(&body.content, Content::Choice(_)) || plan.streams(body);
        let made = made(plan, &body.content).unwrap_or_else(|| "body".to_owned());
        let value = if given { made } else { format!("&{made}") };
        if body.required { value } else { format!("Some({value})") }
    });
    let url = operation.outgoing.then(|| "url".to_owned());
    let arguments: Vec<String> = url.into_iter().chain(parameters).chain(body).collect();
    let caller = if operation.outgoing { "sender" } else { "client" };
    let call = format!("{caller}.{}({}).await?", operation.name, arguments.join(", "));
    let mut docs = operation.docs.clone();
    docs.conclude(&format!("For example: {}", code(&call)));
    docs
}

/// How a body is made where nothing or little is required of it.
fn made(plan: &Plan, content: &Content) -> Option<String> {
    const FEW: usize = 4;
    let Content::One(media) = content else { return None };
    let Type::Item(id) = plan.resolved(&media.ty) else { return None };
    let item = plan.item(*id)?;
    let taken = item.constructor().filter(|taken| taken.len() <= FEW)?;
    let names: Vec<String> = taken.iter().map(|field| field.name.to_string()).collect();
    Some(format!("types::{}::new({})", item.name, names.join(", ")))
}

/// The document's example where it is of the argument's type, else a variable.
fn argument(plan: &Plan, parameter: &Parameter) -> String {
    let Parameter { name, ty, example, .. } = parameter;
    let newtype = plan.newtype_of(ty);
    let fits = |literal: &String| match newtype.unwrap_or_else(|| plan.resolved(ty)) {
        Type::String => literal.starts_with('"'),
        Type::I32 | Type::I64 | Type::I128 | Type::U32 | Type::U64 | Type::U128 => {
            literal.parse::<i64>().is_ok()
        }
        Type::Bool => matches!(literal.as_str(), "true" | "false"),
        _ => false,
    };
    match example.as_ref().filter(|literal| fits(literal)) {
        Some(literal) => literal.clone(),
        None if newtype.is_some() || is_copy(plan, ty) || *plan.resolved(ty) == Type::String => {
            name.to_string()
        }
        None => format!("&{name}"),
    }
}
