//! The table `[test]` of `descant.toml`: every option of the command line by its name, and the tables `login`, which say
//! how credentials are obtained.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::environment::resolved;
use super::login::Login;

/// The name of the file beside a document.
const FILE: &str = "descant.toml";
/// What can only be said on the command line.
const NOT_HERE: [&str; 5] = ["config", "document", "plan", "replay", "help"];

/// What a file states.
#[derive(Default)]
pub(super) struct Config {
    /// Its options, as words of a command line.
    pub(super) words: Vec<OsString>,
    pub(super) logins: Vec<Login>,
}

impl Config {
    /// Reads the chosen file, else the one beside the document, if there is one.
    pub(super) fn read(document: &Path, chosen: Option<&Path>) -> Result<Self, String> {
        let path: PathBuf = chosen.map_or_else(|| document.with_file_name(FILE), Path::to_path_buf);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if chosen.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut whole: Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        let mut config = Self::default();
        let table = match whole.remove("test") {
            None => return Ok(config),
            Some(Value::Table(table)) => table,
            Some(_) => return Err("`test` is not a table".to_owned()),
        };
        for (key, value) in table {
            match value {
                Value::Array(all) if key == "login" => {
                    config.logins = all.into_iter().map(login).collect::<Result<_, _>>()?;
                }
                value if key == "login" => config.logins.push(login(value)?),
                _ if NOT_HERE.contains(&key.as_str()) => {
                    return Err(format!("`{key}` belongs on the command line"));
                }
                value => config.option(&key, value)?,
            }
        }
        Ok(config)
    }

    /// Adds the words of one option: `set = {tenant = "acme"}` is `--set tenant=acme`.
    fn option(&mut self, key: &str, value: Value) -> Result<(), String> {
        let values = match value {
            Value::Boolean(true) => {
                self.words.push(format!("--{key}").into());
                return Ok(());
            }
            Value::Boolean(false) => return Ok(()),
            Value::Array(all) => all.into_iter().map(|it| scalar(key, it)).collect::<Result<Vec<_>, _>>()?,
            Value::Table(members) => {
                let sign = if key == "header" { ": " } else { "=" };
                let pair = |(name, value)| Ok(format!("{name}{sign}{}", scalar(key, value)?));
                members.into_iter().map(pair).collect::<Result<Vec<_>, String>>()?
            }
            value => vec![scalar(key, value)?],
        };
        self.words.extend(values.into_iter().map(|value| format!("--{key}={value}").into()));
        Ok(())
    }
}

fn login(value: Value) -> Result<Login, String> {
    Login::deserialize(value).map_err(|error| format!("`login`: {}", error.message()))
}

fn scalar(key: &str, value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => resolved(&text),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => Ok(value.to_string()),
        Value::Array(_) | Value::Table(_) => Err(format!("`{key}` has values that are too deep")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Vec<String>, String> {
        let words = Config::parse(text)?.words.into_iter();
        Ok(words.map(|word| word.into_string().unwrap()).collect())
    }

    #[test]
    fn options_have_the_names_of_the_command_line() {
        let text = "runtime = 'registry'\n[test]\nurl = 'http://h'\nstrict = true\nread-only = false\nworkers = 2\n\
                    exclude = ['GET /a', 'GET /b']\nset = {tenant = 'acme', page = 3}\nheader = {X-Env = 'ci'}\n";
        let expected = [
            "--url=http://h",
            "--strict",
            "--workers=2",
            "--exclude=GET /a",
            "--exclude=GET /b",
            "--set=tenant=acme",
            "--set=page=3",
            "--header=X-Env: ci",
        ];
        assert_eq!(words(text).unwrap(), expected);
        assert!(words("[test]\nplan = true").unwrap_err().contains("belongs on the command line"));
        assert!(words("[test]\nset = {a = {b = 1}}").unwrap_err().contains("too deep"));
        assert!(words("[test]\nset = {a = '$DESCANT_NO_SUCH_VARIABLE'}").unwrap_err().contains("is not set"));
        assert_eq!(words("modules = 'one'").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_login_is_a_request_or_a_grant() {
        let one =
            "[test.login]\nscheme = 'bearer'\nrequest = 'POST /login'\nbody = {user = 'a'}\ntoken = '/t'";
        assert_eq!(Config::parse(one).unwrap().logins.len(), 1);
        let two = "[[test.login]]\nscheme = 'a'\ntoken-url = 'https://h/t'\nclient-id = 'i'\nclient-secret = 's'\n\
                   [[test.login]]\nscheme = 'a'\nother = true\nrequest = 'POST /l'";
        assert_eq!(Config::parse(two).unwrap().logins.len(), 2);
        assert!(Config::parse("[test.login]\nschema = 'a'").is_err());
    }
}
