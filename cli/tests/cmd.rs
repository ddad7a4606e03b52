//! Every command as a user types it: `cmd/NAME.md` holds commands and what they print, `cmd/NAME.in` their folder.

#[test]
fn commands() {
    trycmd::TestCases::new().case("tests/cmd/*.md");
}
