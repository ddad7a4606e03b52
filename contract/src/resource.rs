//! Which operations create, list, read, update and delete the same kind of record, inferred from paths: `/pets` is the
//! collection of `/pets/{petId}`.

use descant_model::api::{Api, Operation};
use serde_json::Value;

use crate::exchange::Exchange;

/// The operations of one kind of record, each an index into [`Api::operations`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// The path of one record: `/pets/{petId}`.
    pub item: String,
    /// POST on the collection.
    pub create: Option<usize>,
    /// GET on the collection.
    pub list: Option<usize>,
    /// GET on a record.
    pub read: Option<usize>,
    /// PUT on a record.
    pub replace: Option<usize>,
    /// PATCH on a record.
    pub modify: Option<usize>,
    /// DELETE on a record.
    pub delete: Option<usize>,
    /// The resources that the path leads through, the outermost first.
    pub parents: Vec<usize>,
    /// The property that identifies a record (`x-descant`, `state.identity`).
    pub identity: Option<String>,
}

/// Returns the resources of a document, parents before what they contain.
pub(crate) fn infer(api: &Api) -> Vec<Resource> {
    let mut items: Vec<&str> = Vec::new();
    for operation in &api.operations {
        let path = operation.path.raw.as_str();
        let is_item = path.rsplit_once('/').is_some_and(|(_, last)| is_parameter(last));
        if is_item && !items.iter().any(|known| shape(known) == shape(path)) {
            items.push(path);
        }
    }
    items.sort_by_key(|path| path.matches('/').count());
    let mut resources: Vec<Resource> = Vec::new();
    for item in items {
        let resource = of(api, item, &resources);
        if resource.create.is_some() || resource.list.is_some() || resource.replace.is_some() {
            resources.push(resource);
        }
    }
    resources
}

fn of(api: &Api, item: &str, known: &[Resource]) -> Resource {
    let shape_of_item = shape(item);
    let collection = shape_of_item.split_last().map(|(_, rest)| rest.to_vec()).unwrap_or_default();
    let find = |path: &[String], method: &str| {
        api.operations.iter().position(|it| it.method == method && shape(&it.path.raw) == path)
    };
    let parents = known.iter().enumerate().filter(|(_, parent)| {
        let parent = shape(&parent.item);
        parent.len() < shape_of_item.len() && shape_of_item.starts_with(&parent)
    });
    let operations =
        api.operations.iter().filter(|it| [&shape_of_item, &collection].contains(&&shape(&it.path.raw)));
    let identity = operations.filter_map(|it| it.descant.state.as_ref()?.identity.clone()).next();
    Resource {
        item: item.to_owned(),
        create: find(&collection, "POST").filter(|index| creates(api.operations.get(*index))),
        list: find(&collection, "GET"),
        read: find(&shape_of_item, "GET"),
        replace: find(&shape_of_item, "PUT"),
        modify: find(&shape_of_item, "PATCH"),
        delete: find(&shape_of_item, "DELETE"),
        parents: parents.map(|(index, _)| index).collect(),
        identity,
    }
}

/// Whether an operation may answer with a success.
fn creates(operation: Option<&Operation>) -> bool {
    let covers = |operation: &Operation| (200..=204).any(|status| operation.documents(status));
    operation.is_some_and(|it| it.responses.is_empty() || covers(it))
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}')
}

/// The segments of a path without the names of its parameters, and without a final slash.
pub(crate) fn shape(path: &str) -> Vec<String> {
    let segments = path.trim_end_matches('/').split('/').skip(1);
    segments.map(|one| if is_parameter(one) { "{}".to_owned() } else { one.to_owned() }).collect()
}

/// The names of a path's parameters that are whole segments, in the order of the path.
pub(crate) fn path_parameters(path: &str) -> Vec<&str> {
    let segments = path.split('/').filter(|segment| is_parameter(segment));
    segments.map(|segment| segment.trim_start_matches('{').trim_end_matches('}')).collect()
}

impl Resource {
    /// Returns the name of the parameter that names a record.
    pub fn parameter(&self) -> &str {
        path_parameters(&self.item).last().copied().unwrap_or_default()
    }

    /// Returns where the answer to a creation names the record, as a runtime expression, and the name: in the body by
    /// `x-descant` or the parameter's name, else in `Location`, else in the request.
    pub(crate) fn identity(&self, exchange: &Exchange) -> Option<(String, Value)> {
        let answer = exchange.answer.as_ref().ok()?;
        if let Some(body) = answer.json()
            && let Some((pointer, value)) = self.identity_in(&body)
        {
            return Some((format!("$response.body#{pointer}"), value));
        }
        let location =
            answer.header("location").map(|text| text.split(['?', '#']).next().unwrap_or_default());
        if let Some(last) = location.and_then(|path| path.trim_end_matches('/').rsplit('/').next())
            && !last.is_empty()
        {
            return Some((format!("$response.header.location{LAST_SEGMENT}"), Value::from(last)));
        }
        let sent =
            exchange.request.body.as_deref().and_then(|body| serde_json::from_slice::<Value>(body).ok())?;
        let (pointer, value) = self.identity_in(&sent)?;
        Some((format!("$request.body#{pointer}"), value))
    }

    /// Returns the pointer to the name of a record, and the name, in an object or in the only object within it.
    pub(crate) fn identity_in(&self, body: &Value) -> Option<(String, Value)> {
        self.member(body).map(|(name, value)| (format!("/{}", escaped(name)), value)).or_else(|| {
            let members = body.as_object()?.iter().filter(|(_, value)| value.is_object());
            let mut found = members.filter_map(|(outer, inner)| {
                let (name, value) = self.member(inner)?;
                Some((format!("/{}/{}", escaped(outer), escaped(name)), value))
            });
            found.next()
        })
    }

    fn member<'v>(&self, value: &'v Value) -> Option<(&'v str, Value)> {
        let members = value.as_object()?;
        let parameter = plain(self.parameter());
        let ends = ["uuid", "guid", "id", "name", "slug", "key", "code"];
        let ending = ends.into_iter().find(|end| parameter.ends_with(end));
        let wanted = match &self.identity {
            Some(identity) => vec![plain(identity)],
            None => [&parameter]
                .into_iter()
                .map(String::as_str)
                .chain(ending)
                .chain(["id", "uuid"])
                .map(str::to_owned)
                .collect(),
        };
        // An empty member of the name that fits best says that the record has no name, whatever others say.
        let best = wanted.iter().find_map(|wanted| members.iter().find(|(name, _)| plain(name) == *wanted));
        let is_name =
            |value: &Value| value.is_number() || value.as_str().is_some_and(|text| !text.is_empty());
        best.filter(|(_, value)| is_name(value)).map(|(name, value)| (name.as_str(), value.clone()))
    }
}

/// Behind a runtime expression: the last segment of the path that it finds.
pub(crate) const LAST_SEGMENT: &str = "#last-segment";

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// An identifier as text: `7` and `"7"` are the same in a path.
pub(crate) fn plain_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A name without case and separators: `pet_id` and `petId` are the same.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use descant_model::load::{Options, load_text};
    use serde_json::json;

    #[test]
    fn operations_on_a_collection_and_its_items_belong_together() {
        let text = "{openapi: 3.0.3, info: {title: t, version: '1'}, paths: {
            '/orgs/{org}': {get: {responses: {}}}, /orgs: {post: {responses: {'201': {description: d}}}},
            '/orgs/{orgId}/repos': {get: {responses: {}}},
            '/orgs/{o}/repos/{repo}': {get: {responses: {}}, delete: {responses: {}}}, '/alone/{x}': {get: {responses: {}}}}}";
        let api = load_text("doc.yaml", text.to_owned(), &Options::default()).api.unwrap();
        let resources = infer(&api);
        let keys = |index: Option<usize>| index.map(|index| api.operations[index].key()).unwrap_or_default();
        assert_eq!(resources.len(), 2);
        assert_eq!(
            (keys(resources[0].create), keys(resources[0].list)),
            ("POST /orgs".into(), String::new())
        );
        assert_eq!(keys(resources[1].list), "GET /orgs/{orgId}/repos");
        assert_eq!((resources[1].parents.as_slice(), resources[1].parameter()), ([0].as_slice(), "repo"));
    }

    #[test]
    fn a_record_is_named_by_the_member_that_the_parameter_names() {
        let named = |item: &str, body: Value| {
            let resource = Resource { item: item.to_owned(), ..Resource::default() };
            resource.identity_in(&body).map(|(pointer, value)| format!("{pointer} {value}"))
        };
        assert_eq!(named("/pets/{petId}", json!({"id": 1, "pet_id": 2})).as_deref(), Some("/pet_id 2"));
        assert_eq!(named("/pets/{pet}", json!({"name": "a", "id": 1})).as_deref(), Some("/id 1"));
        assert_eq!(named("/pets/{petName}", json!({"name": "a", "id": 1})).as_deref(), Some("/name \"a\""));
        assert_eq!(named("/pets/{petId}", json!({"pet": {"id": 7}})).as_deref(), Some("/pet/id 7"));
        assert_eq!(named("/pets/{petId}", json!([1])), None);
        assert_eq!(named("/users/{username}", json!({"username": "", "id": 7})), None);
    }
}
