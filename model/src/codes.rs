//! The table of diagnostic codes: what `descant explain CODE` prints. A code is stable; it is never reused.

use crate::diagnostic::Severity;

macro_rules! codes {
    ($($variant:ident $code:literal $severity:ident $title:literal;)*) => {
        /// A stable code, such as `ref-missing`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            /// Every code, in the table's order.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// As it is printed and as `descant explain` takes it.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code,)* }
            }

            /// How bad it is, unless the place says otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// A code by its name.
            pub fn named(name: &str) -> Option<Code> {
                Code::ALL.iter().copied().find(|code| code.as_str() == name)
            }

            /// What it means and what to do about it, in Markdown, most with a document that has it and one mended.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$variant => include_str!(concat!("explain/", $code, ".md")),)* }
            }

            /// One line on what it means.
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
    TooLarge "too-large" Error "The document is, or expands to, more than can be handled";
    DuplicateKey "duplicate-key" Warning "A key stands twice in one object";
    LoneSurrogate "lone-surrogate" Warning "An escape names half a character";
    // structure
    VersionUnknown "version-unknown" Error "The version of OpenAPI is missing or not supported";
    VersionForm "version-form" Warning "The version is not written as a string of the full form";
    WrongKind "wrong-kind" Error "A value is of the wrong kind";
    MissingField "missing-field" Error "A required field is missing";
    UnknownField "unknown-field" Warning "A field is not one that OpenAPI knows here";
    MisplacedField "misplaced-field" Warning "A field belongs to another version of OpenAPI";
    InvalidValue "invalid-value" Error "A value is not one of those allowed";
    FieldsExclusive "fields-exclusive" Warning "Two fields stand together of which there may be one";
    HeaderName "header-name" Warning "The name of a header has characters that it cannot have";
    ServerVariable "server-variable" Warning "A server's URL and its variables do not agree";
    ComponentName "component-name" Warning "The name of a component has characters that it cannot have";
    TooMany "too-many" Note "There are more findings than are listed";
    // references
    RefMissing "ref-missing" Error "A reference points at nothing";
    RefCycle "ref-cycle" Error "References form a cycle without a value";
    RefEscape "ref-escape" Error "A reference leaves the folder that it may lead into";
    RefRemote "ref-remote" Error "A reference points at another host";
    RefWrongKind "ref-wrong-kind" Error "A reference points at an object of another kind";
    RefSiblings "ref-siblings" Warning "Fields beside `$ref` have no effect here";
    // paths and operations
    PathTemplate "path-template" Warning "A path template is malformed";
    PathParameter "path-parameter" Warning "Path template and path parameters do not agree";
    PathDuplicate "path-duplicate" Warning "Two paths cannot be told apart";
    OperationIdDuplicate "operation-id-duplicate" Warning "Two operations have the same operationId";
    OperationIdEmpty "operation-id-empty" Warning "An operationId is empty";
    StatusCode "status-code" Warning "A key of `responses` is not a status code";
    ContentBodiless "content-bodiless" Warning "A response of a status without a body describes content";
    ResponsesMissing "responses-missing" Warning "An operation states no response";
    HeaderIgnored "header-ignored" Warning "A header parameter of this name has no effect";
    ParameterDuplicate "parameter-duplicate" Warning "Two parameters of one operation have the same name and location";
    ParameterStyle "parameter-style" Warning "A parameter has a style that its location does not";
    ParameterSchema "parameter-schema" Warning "A parameter does not say in one way what its value is";
    SecurityRivals "security-rivals" Warning "Two schemes of one requirement stand in one place";
    SecurityUnknown "security-unknown" Warning "A security requirement names no declared scheme";
    MediaType "media-type" Warning "A key of `content` is not a media type";
    // schemas
    SchemaKeyword "schema-keyword" Warning "A schema keyword has a value that it cannot have";
    ItemsMissing "items-missing" Warning "An array does not say what its items are";
    SchemaCycle "schema-cycle" Error "Schemas include each other without end";
    SchemaUnsatisfiable "schema-unsatisfiable" Warning "No finite value satisfies the schema";
    SchemaHuge "schema-huge" Warning "The smallest value of a schema is huge";
    NullableIn31 "nullable-in-31" Warning "`nullable` is not a keyword of OpenAPI 3.1; it is honoured";
    Discriminator "discriminator" Warning "A discriminator cannot tell its branches apart";
    Pattern "pattern" Warning "A pattern is not a regular expression that can be run";
    DefaultInvalid "default-invalid" Warning "A default does not follow its schema";
    ExampleInvalid "example-invalid" Warning "An example does not follow its schema";
    ExampleQuoted "example-quoted" Warning "An example is a text that holds the JSON that is meant";
    NumberInexact "number-inexact" Warning "A number is beyond what 64 bits hold exactly";
    // names
    NameCollision "name-collision" Warning "Names differ in the document, but not in Rust";
    // x-descant
    DescantUnknown "descant-unknown" Error "A key of `x-descant` is not known";
    DescantMisplaced "descant-misplaced" Error "A key of `x-descant` stands on the wrong object";
    DescantValue "descant-value" Error "A value in `x-descant` is not one it can have";
    // settings of the generator
    SettingsUnknown "settings-unknown" Error "A key of `descant.toml` is not known";
    SettingsInvalid "settings-invalid" Error "A value in `descant.toml` is not one it can have";
    SettingsUnused "settings-unused" Warning "Nothing in the document answers to a setting";
    SettingsExcluded "settings-excluded" Note "The settings leave an operation out";
    // back ends
    Unsupported "unsupported" Warning "Something is left out of the output";
    LinkUnfollowed "link-unfollowed" Note "A link is in the documentation of generated code alone";
    Unchecked "unchecked" Note "Generated code neither checks nor documents a constraint";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Loaded, Options, load};

    /// Codes of which a document cannot show an example: they are of bytes, sizes, files or back ends.
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

    /// Codes that `descant lint` finds beyond the front end, and tests there.
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
