//! The table of diagnostic codes, with the texts of `descant explain CODE`. A code is stable and never reused.

use crate::diagnostic::Severity;

macro_rules! codes {
    ($($variant:ident $code:literal $severity:ident $title:literal;)*) => {
        /// A stable code, such as `ref-missing`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            /// Every code, in the table's order.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// Returns the printed form, which `descant explain` accepts.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code,)* }
            }

            /// Returns the default severity; a finding can have another one.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// Returns the code of a name.
            pub fn named(name: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.as_str() == name)
            }

            /// Returns the explanation in Markdown, usually with an invalid document and its correction.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$variant => include_str!(concat!("explain/", $code, ".md")),)* }
            }

            /// Returns the meaning in one line.
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title,)* }
            }
        }
    };
}

codes! {
    // text and parsing
    Unreadable "unreadable" Error "The file cannot be read";
    Encoding "encoding" Error "The text is not UTF-8";
    NotOpenapi "not-openapi" Error "The file is not an OpenAPI document";
    Syntax "syntax" Error "The text is not well-formed JSON or YAML";
    TooDeep "too-deep" Error "Values are nested too deeply";
    TooLarge "too-large" Error "The document, or its expansion, exceeds a limit";
    DuplicateKey "duplicate-key" Warning "A key occurs twice in one object";
    LoneSurrogate "lone-surrogate" Warning "An escape is half of a surrogate pair";
    // structure
    VersionUnknown "version-unknown" Error "The version of OpenAPI is missing or not supported";
    VersionForm "version-form" Warning "The version is not written as a string of the full form";
    WrongKind "wrong-kind" Error "A value has the wrong type";
    MissingField "missing-field" Error "A required field is missing";
    UnknownField "unknown-field" Warning "A field is not defined by OpenAPI here";
    MisplacedField "misplaced-field" Warning "A field belongs to another version of OpenAPI";
    InvalidValue "invalid-value" Error "A value is not one of the allowed values";
    FieldsExclusive "fields-exclusive" Warning "Two fields are mutually exclusive";
    HeaderName "header-name" Warning "The name of a header contains invalid characters";
    ServerVariable "server-variable" Warning "A server's URL and its variables do not agree";
    ComponentName "component-name" Warning "The name of a component contains invalid characters";
    TooMany "too-many" Note "There are more findings than are listed";
    // references
    RefMissing "ref-missing" Error "A reference points to nothing";
    RefCycle "ref-cycle" Error "References form a cycle without a value";
    RefEscape "ref-escape" Error "A reference leaves the root folder";
    RefRemote "ref-remote" Error "A reference points to another host";
    RefWrongKind "ref-wrong-kind" Error "A reference points to an object of the wrong kind";
    RefSiblings "ref-siblings" Warning "Fields beside `$ref` have no effect here";
    DynamicReference "dynamic-reference" Warning "A `$dynamicRef` can mean several schemas";
    // paths and operations
    PathTemplate "path-template" Warning "A path template is malformed";
    PathParameter "path-parameter" Warning "Path template and path parameters do not agree";
    PathDuplicate "path-duplicate" Warning "Two paths match the same requests";
    OperationIdDuplicate "operation-id-duplicate" Warning "Two operations have the same operationId";
    OperationIdEmpty "operation-id-empty" Warning "An operationId is empty";
    StatusCode "status-code" Warning "A key of `responses` is not a status code";
    ContentBodiless "content-bodiless" Warning "A response of a status without a body declares content";
    ResponsesMissing "responses-missing" Warning "An operation has no responses";
    HeaderIgnored "header-ignored" Warning "A header parameter of this name has no effect";
    ParameterDuplicate "parameter-duplicate" Warning "Two parameters of one operation have the same name and location";
    ParameterStyle "parameter-style" Warning "A parameter's style is not available for its location";
    ParameterSchema "parameter-schema" Warning "A parameter needs either `schema` or `content`";
    SecurityRivals "security-rivals" Warning "Two schemes of one requirement use the same header, parameter or cookie";
    SecurityUnknown "security-unknown" Warning "A security requirement names an undeclared scheme";
    MediaType "media-type" Warning "A key of `content` is not a media type";
    // schemas
    SchemaKeyword "schema-keyword" Warning "A schema keyword has an invalid value";
    ItemsMissing "items-missing" Warning "An array does not declare its items";
    SchemaCycle "schema-cycle" Error "Schemas include each other in a cycle";
    SchemaUnsatisfiable "schema-unsatisfiable" Warning "No finite value satisfies the schema";
    SchemaHuge "schema-huge" Warning "The smallest value of a schema is huge";
    NullableIn31 "nullable-in-31" Warning "`nullable` is not a keyword of OpenAPI 3.1; it still applies";
    Discriminator "discriminator" Warning "A discriminator cannot distinguish its branches";
    Pattern "pattern" Warning "A pattern cannot be compiled as a regular expression";
    DefaultInvalid "default-invalid" Warning "A default violates its schema";
    ExampleInvalid "example-invalid" Warning "An example violates its schema";
    ExampleQuoted "example-quoted" Warning "An example is a string that contains JSON";
    NumberInexact "number-inexact" Warning "A number cannot be represented exactly in 64 bits";
    // names
    NameCollision "name-collision" Warning "Different names become the same Rust identifier";
    // x-descant
    DescantUnknown "descant-unknown" Error "A key of `x-descant` is unknown";
    DescantMisplaced "descant-misplaced" Error "A key of `x-descant` is on the wrong object";
    DescantValue "descant-value" Error "A value in `x-descant` is invalid";
    // settings of the generator
    SettingsUnknown "settings-unknown" Error "A key of `descant.toml` is unknown";
    SettingsInvalid "settings-invalid" Error "A value in `descant.toml` is invalid";
    SettingsUnused "settings-unused" Warning "A setting matches nothing in the document";
    SettingsExcluded "settings-excluded" Note "The settings exclude an operation";
    // back ends
    Unsupported "unsupported" Warning "Something is left out of the output";
    LinkUnfollowed "link-unfollowed" Note "A link is only documented in generated code";
    Unchecked "unchecked" Note "Generated code neither checks nor documents a constraint";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Loaded, Options, load};

    /// Codes without an example document: they concern bytes, sizes, files or back ends.
    const WITHOUT_EXAMPLE: &[Code] = &[
        Code::Unreadable,
        Code::Encoding,
        Code::TooDeep,
        Code::TooLarge,
        Code::TooMany,
        Code::NameCollision,
        Code::SettingsUnknown,
        Code::SettingsInvalid,
        Code::SettingsUnused,
        Code::SettingsExcluded,
        Code::Unsupported,
        Code::LinkUnfollowed,
        Code::Unchecked,
    ];

    /// Codes that `descant lint` reports after loading; its own tests cover them.
    const OF_LINT: &[Code] = &[Code::DefaultInvalid, Code::ExampleInvalid];

    /// The fenced blocks of a text, each with the language that it names.
    fn blocks(text: &str) -> Vec<(&str, &str)> {
        text.split("```").skip(1).step_by(2).filter_map(|block| block.split_once('\n')).collect()
    }

    fn load_block((language, text): (&str, &str)) -> Loaded {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("api.{language}"));
        std::fs::write(&path, text).unwrap();
        load(&path, &Options::default())
    }

    #[test]
    fn every_code_is_explained_by_an_example_that_has_it_and_one_that_has_nothing() {
        for code in Code::ALL.iter().filter(|code| !OF_LINT.contains(code)) {
            let blocks = blocks(code.explanation());
            match (&blocks[..], WITHOUT_EXAMPLE.contains(code)) {
                ([wrong, right], false) => {
                    let (wrong, right) = (load_block(*wrong).diagnostics, load_block(*right).diagnostics);
                    assert!(wrong.iter().any(|found| found.code == *code), "{}: {wrong:#?}", code.as_str());
                    assert!(wrong.iter().all(|found| found.code == *code), "{}: {wrong:#?}", code.as_str());
                    assert!(right.is_empty(), "{}: {right:#?}", code.as_str());
                }
                ([], true) => {}
                _ => panic!("{} has {} blocks", code.as_str(), blocks.len()),
            }
        }
    }

    #[test]
    fn names_are_unique_and_lead_back() {
        for code in Code::ALL {
            assert_eq!(Code::named(code.as_str()), Some(*code));
        }
    }
}
