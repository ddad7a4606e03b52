//! The table of OpenAPI's objects, 2.0 to 3.2, without schemas: fields, kinds, required fields, versions.

use crate::check::descant;
use crate::check::schema::{SCHEMA, SIMPLE_SCHEMA, SIMPLE_TYPE};
use crate::check::table::Expect::{self, Any, Flag, List, Map, Text, Word};
use crate::check::table::{
    ALL, FROM_31, Field, Keys, TO_31, V2, V2_30, V3, V30, V30_31, V32, field, object, prose,
};

/// Returns the root of the document.
pub(crate) static DOCUMENT: Expect = Expect::Object(object(
    "a document",
    &[
        // Which of the two, and with what, `version` has looked at.
        field("openapi", ALL, &Any),
        field("swagger", ALL, &Any),
        field("info", ALL, &INFO).should(ALL),
        field("paths", ALL, &PATHS).should(V2_30),
        field("components", V3, &COMPONENTS),
        field("servers", V3, &List(&SERVER)),
        field("security", ALL, &List(&SECURITY_REQUIREMENT)),
        prose("tags", ALL, &List(&TAG)),
        prose("externalDocs", ALL, &EXTERNAL_DOCS),
        field("webhooks", FROM_31, &Map(Keys::Free, &PATH_ITEM)),
        field("jsonSchemaDialect", FROM_31, &Text),
        field("$self", V32, &Text),
        field("host", V2, &Text),
        field("basePath", V2, &Text),
        field("schemes", V2, &List(&Text)),
        field("consumes", V2, &List(&Text)),
        field("produces", V2, &List(&Text)),
        field("definitions", V2, &Map(Keys::Free, &SCHEMA)),
        field("parameters", V2, &Map(Keys::Free, &PARAMETER)),
        field("responses", V2, &Map(Keys::Free, &RESPONSE)),
        field("securityDefinitions", V2, &Map(Keys::Free, &SECURITY_SCHEME)),
        field("x-descant", ALL, &descant::DOCUMENT),
    ],
));

static INFO: Expect = Expect::Object(object(
    "the information about the API",
    &[
        prose("title", ALL, &Text).should(ALL),
        prose("version", ALL, &Text).should(ALL),
        prose("summary", FROM_31, &Text),
        prose("description", ALL, &Text),
        prose("termsOfService", ALL, &Text),
        prose("contact", ALL, &CONTACT),
        prose("license", ALL, &LICENSE),
    ],
));

static CONTACT: Expect = Expect::Object(object(
    "a contact",
    &[prose("name", ALL, &Text), prose("url", ALL, &Text), prose("email", ALL, &Text)],
));

static LICENSE: Expect = Expect::Object(
    object(
        "a licence",
        &[
            prose("name", ALL, &Text).should(ALL),
            prose("identifier", FROM_31, &Text),
            prose("url", ALL, &Text),
        ],
    )
    .apart(&[("identifier", "url")]),
);

/// A base URL.
pub(crate) static SERVER: Expect = Expect::Object(
    object(
        "a server",
        &[
            field("url", V3, &Text).must(V3),
            prose("description", V3, &Text),
            prose("name", V32, &Text),
            field("variables", V3, &Map(Keys::Free, &SERVER_VARIABLE)),
        ],
    )
    .part(),
);

static SERVER_VARIABLE: Expect = Expect::Object(object(
    "a server variable",
    &[
        field("default", V3, &Text).should(V3),
        field("enum", V3, &List(&Text)),
        prose("description", V3, &Text),
    ],
));

/// The reusable objects.
pub(crate) static COMPONENTS: Expect = Expect::Object(object(
    "the components",
    &[
        field("schemas", V3, &Map(Keys::Component, &SCHEMA)),
        field("responses", V3, &Map(Keys::Component, &RESPONSE)),
        field("parameters", V3, &Map(Keys::Component, &PARAMETER)),
        field("examples", V3, &Map(Keys::Component, &EXAMPLE)),
        field("requestBodies", V3, &Map(Keys::Component, &REQUEST_BODY)),
        field("headers", V3, &Map(Keys::Component, &HEADER)),
        field("securitySchemes", V3, &Map(Keys::Component, &SECURITY_SCHEME)),
        field("links", V3, &Map(Keys::Component, &LINK)),
        field("callbacks", V3, &Map(Keys::Component, &CALLBACK)),
        field("pathItems", FROM_31, &Map(Keys::Component, &PATH_ITEM)),
        field("mediaTypes", V32, &Map(Keys::Component, &MEDIA_TYPE)),
    ],
));

static PATHS: Expect = Expect::Object(object("the paths", &[]).rest(Keys::Path, &PATH_ITEM));

/// The operations of one path.
pub(crate) static PATH_ITEM: Expect = Expect::Object(
    object(
        "a path item",
        &[
            field("get", ALL, &OPERATION),
            field("post", ALL, &OPERATION),
            field("put", ALL, &OPERATION),
            field("delete", ALL, &OPERATION),
            field("patch", ALL, &OPERATION),
            field("options", ALL, &OPERATION),
            field("head", ALL, &OPERATION),
            field("trace", V3, &OPERATION),
            field("query", V32, &OPERATION),
            field("additionalOperations", V32, &Map(Keys::Method, &OPERATION)),
            field("parameters", ALL, &List(&PARAMETER)),
            field("servers", V3, &List(&SERVER)),
            prose("summary", V3, &Text),
            prose("description", V3, &Text),
            field("$ref", ALL, &Text),
        ],
    )
    .whole(),
);

/// One method on one path.
pub(crate) static OPERATION: Expect = Expect::Object(
    object(
        "an operation",
        &[
            prose("tags", ALL, &List(&Text)),
            prose("summary", ALL, &Text),
            prose("description", ALL, &Text),
            field("operationId", ALL, &Text),
            field("parameters", ALL, &List(&PARAMETER)),
            field("requestBody", V3, &REQUEST_BODY),
            field("responses", ALL, &RESPONSES).should(V2_30),
            field("security", ALL, &List(&SECURITY_REQUIREMENT)),
            field("deprecated", ALL, &Flag),
            field("callbacks", V3, &Map(Keys::Free, &CALLBACK)),
            field("servers", V3, &List(&SERVER)),
            prose("externalDocs", ALL, &EXTERNAL_DOCS),
            field("consumes", V2, &List(&Text)),
            field("produces", V2, &List(&Text)),
            field("schemes", V2, &List(&Text)),
            field("x-descant", ALL, &descant::OPERATION),
        ],
    )
    .whole(),
);

static EXTERNAL_DOCS: Expect = Expect::Object(object(
    "a link to documentation",
    &[prose("url", ALL, &Text).should(ALL), prose("description", ALL, &Text)],
));

static STYLES: Expect =
    Word(&["matrix", "label", "form", "simple", "spaceDelimited", "pipeDelimited", "deepObject", "cookie"]);

/// A parameter; in 2.0 the body is one, too.
pub(crate) static PARAMETER: Expect = Expect::Object(
    object(
        "a parameter",
        &[
            field("name", ALL, &Text).must(ALL),
            field("in", V2, &Word(&["query", "header", "path", "formData", "body"])).must(V2),
            field("in", V30_31, &Word(&["query", "header", "path", "cookie"])).must(V30_31),
            field("in", V32, &Word(&["query", "header", "path", "cookie", "querystring"])).must(V32),
            prose("description", ALL, &Text),
            field("required", ALL, &Flag),
            field("schema", ALL, &SCHEMA),
            field("allowEmptyValue", ALL, &Flag),
            field("type", V2, &SIMPLE_TYPE),
            field("collectionFormat", V2, &Word(&["csv", "ssv", "tsv", "pipes", "multi"])),
        ],
    )
    .and(&VALUE)
    .part()
    .apart(&[("example", "examples")]),
);

/// Also a header of a multipart part.
pub(crate) static HEADER: Expect = Expect::Object(
    object(
        "a header",
        &[
            prose("description", ALL, &Text),
            field("required", V3, &Flag),
            field("schema", V3, &SCHEMA),
            field("allowEmptyValue", V3, &Flag),
            field("type", V2, &SIMPLE_TYPE),
            field("collectionFormat", V2, &Word(&["csv", "ssv", "tsv", "pipes"])),
        ],
    )
    .and(&VALUE)
    .apart(&[("example", "examples")]),
);

/// The serialization of a parameter or header; in 2.0 these are keywords of schemas.
static VALUE: [Field; 22] = [
    field("deprecated", V3, &Flag),
    field("style", V3, &STYLES),
    field("explode", V3, &Flag),
    field("allowReserved", V3, &Flag),
    prose("example", V3, &Any),
    prose("examples", V3, &Map(Keys::Free, &EXAMPLE)),
    field("content", V3, &Map(Keys::MediaType, &MEDIA_TYPE)),
    field("format", V2, &Text),
    field("items", V2, &SIMPLE_SCHEMA),
    field("default", V2, &Any),
    field("maximum", V2, &Expect::Number),
    field("exclusiveMaximum", V2, &Flag),
    field("minimum", V2, &Expect::Number),
    field("exclusiveMinimum", V2, &Flag),
    field("maxLength", V2, &Expect::Count),
    field("minLength", V2, &Expect::Count),
    field("pattern", V2, &Text),
    field("maxItems", V2, &Expect::Count),
    field("minItems", V2, &Expect::Count),
    field("uniqueItems", V2, &Flag),
    field("enum", V2, &List(&Any)),
    field("multipleOf", V2, &Expect::Positive),
];

/// A request body.
pub(crate) static REQUEST_BODY: Expect = Expect::Object(
    object(
        "a request body",
        &[
            field("content", V3, &Map(Keys::MediaType, &MEDIA_TYPE)).should(V3),
            prose("description", V3, &Text),
            field("required", V3, &Flag),
        ],
    )
    .part(),
);

/// One representation of a body.
pub(crate) static MEDIA_TYPE: Expect = Expect::Object(
    object(
        "a media type",
        &[
            field("schema", V3, &SCHEMA),
            prose("example", V3, &Any),
            prose("examples", V3, &Map(Keys::Free, &EXAMPLE)),
            field("encoding", V3, &Map(Keys::Free, &ENCODING)),
            prose("description", V32, &Text),
            field("itemSchema", V32, &SCHEMA),
            field("itemEncoding", V32, &ENCODING),
            field("prefixEncoding", V32, &List(&ENCODING)),
        ],
    )
    .apart(&[("example", "examples"), ("encoding", "prefixEncoding"), ("encoding", "itemEncoding")]),
);

static ENCODING: Expect = Expect::Object(
    object(
        "an encoding",
        &[
            field("contentType", V3, &Text),
            field("headers", V3, &Map(Keys::Header, &HEADER)),
            field("style", V3, &STYLES),
            field("explode", V3, &Flag),
            field("allowReserved", V3, &Flag),
            field("encoding", V32, &Map(Keys::Free, &ENCODING)),
            field("itemEncoding", V32, &ENCODING),
            field("prefixEncoding", V32, &List(&ENCODING)),
        ],
    )
    .apart(&[("encoding", "prefixEncoding"), ("encoding", "itemEncoding")]),
);

/// The responses of an operation, by status.
pub(crate) static RESPONSES: Expect = Expect::Object(
    object("the responses", &[field("default", ALL, &RESPONSE)]).rest(Keys::Status, &RESPONSE),
);

/// A response of one status.
pub(crate) static RESPONSE: Expect = Expect::Object(
    object(
        "a response",
        &[
            prose("description", ALL, &Text).should(TO_31),
            field("content", V3, &Map(Keys::MediaType, &MEDIA_TYPE)),
            field("headers", ALL, &Map(Keys::Header, &HEADER)),
            field("links", V3, &Map(Keys::Free, &LINK)),
            prose("summary", V32, &Text),
            field("schema", V2, &SCHEMA),
            prose("examples", V2, &Map(Keys::Free, &Any)),
            field("x-descant", ALL, &descant::ANSWER),
        ],
    )
    .part(),
);

/// Requests of the API, by the expression of their URL.
pub(crate) static CALLBACK: Expect =
    Expect::Object(object("a callback", &[]).rest(Keys::Expression, &PATH_ITEM).part());

/// A named example.
pub(crate) static EXAMPLE: Expect = Expect::Object(
    object(
        "an example",
        &[
            prose("summary", V3, &Text),
            prose("description", V3, &Text),
            prose("value", V3, &Any),
            prose("externalValue", V3, &Text),
            prose("dataValue", V32, &Any),
            prose("serializedValue", V32, &Text),
            field("x-descant", V3, &descant::ANSWER),
        ],
    )
    .part()
    .apart(&[
        ("value", "externalValue"),
        ("value", "dataValue"),
        ("value", "serializedValue"),
        ("serializedValue", "externalValue"),
    ]),
);

/// A call that can be made with values of a response.
pub(crate) static LINK: Expect = Expect::Object(
    object(
        "a link",
        &[
            field("operationId", V3, &Text),
            field("operationRef", V3, &Text),
            field("parameters", V3, &Map(Keys::Free, &Any)),
            field("requestBody", V3, &Any),
            prose("description", V3, &Text),
            field("server", V3, &SERVER),
        ],
    )
    .part()
    .apart(&[("operationId", "operationRef")]),
);

static TAG: Expect = Expect::Object(
    object(
        "a tag",
        &[
            prose("name", ALL, &Text).should(ALL),
            prose("summary", V32, &Text),
            prose("description", ALL, &Text),
            prose("externalDocs", ALL, &EXTERNAL_DOCS),
            prose("parent", V32, &Text),
            prose("kind", V32, &Text),
        ],
    )
    .part(),
);

static SECURITY_REQUIREMENT: Expect = Map(Keys::Free, &List(&Text));

/// A security scheme.
pub(crate) static SECURITY_SCHEME: Expect = Expect::Object(
    object(
        "a security scheme",
        &[
            field("type", V2, &Word(&["basic", "apiKey", "oauth2"])).must(V2),
            field("type", V30, &Word(&["apiKey", "http", "oauth2", "openIdConnect"])).must(V30),
            field("type", FROM_31, &Word(&["apiKey", "http", "mutualTLS", "oauth2", "openIdConnect"]))
                .must(FROM_31),
            prose("description", ALL, &Text),
            field("name", ALL, &Text),
            field("in", V2, &Word(&["query", "header"])),
            field("in", V3, &Word(&["query", "header", "cookie"])),
            field("scheme", V3, &Text),
            prose("bearerFormat", V3, &Text),
            field("flows", V3, &FLOWS),
            field("openIdConnectUrl", V3, &Text),
            prose("oauth2MetadataUrl", V32, &Text),
            field("deprecated", V32, &Flag),
            field("flow", V2, &Word(&["implicit", "password", "application", "accessCode"])),
            prose("authorizationUrl", V2, &Text),
            prose("tokenUrl", V2, &Text),
            field("scopes", V2, &Map(Keys::Free, &Text)),
            field("x-descant", ALL, &descant::SECURITY_SCHEME),
        ],
    )
    .part(),
);

static FLOWS: Expect = Expect::Object(object(
    "the OAuth2 flows",
    &[
        field("implicit", V3, &FLOW),
        field("password", V3, &FLOW),
        field("clientCredentials", V3, &FLOW),
        field("authorizationCode", V3, &FLOW),
        field("deviceAuthorization", V32, &FLOW),
    ],
));

static FLOW: Expect = Expect::Object(object(
    "an OAuth2 flow",
    &[
        prose("authorizationUrl", V3, &Text),
        prose("deviceAuthorizationUrl", V32, &Text),
        prose("tokenUrl", V3, &Text),
        prose("refreshUrl", V3, &Text),
        field("scopes", V3, &Map(Keys::Free, &Text)).should(V3),
    ],
));
