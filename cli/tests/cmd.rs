//! Every command as a user types it: `cmd/NAME.md` holds commands and what they print, `cmd/NAME.in`
//! their folder; `cmd/NAME.toml` is one command that changes its folder into `cmd/NAME.out`.

#[test]
fn commands() {
    trycmd::TestCases::new().case("tests/cmd/*.md").case("tests/cmd/*.toml");
}
