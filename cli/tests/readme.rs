//! The README's commands, typed in the repository's root as its reader would.

#[test]
fn the_readme_tells_the_truth() {
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .expect("the root is above the crate");
    trycmd::TestCases::new().case("README.md");
}
