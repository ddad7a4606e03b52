//! A document's folder may be reached through a symbolic link: its files are still its own.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use descant_model::load::{Options, load};

#[test]
fn a_folder_behind_a_link_is_the_document_s_own() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real");
    fs::create_dir(&real).unwrap();
    fs::write(real.join("pet.yaml"), "{type: object}").unwrap();
    let document = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n\
                    components: {schemas: {Pet: {$ref: pet.yaml}}}\n";
    fs::write(real.join("api.yaml"), document).unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&real, &link).unwrap();
    for path in [real.join("api.yaml"), link.join("api.yaml"), link.join("../link/api.yaml")] {
        let loaded = load(&path, &Options::default());
        let found: Vec<_> = loaded.diagnostics.iter().map(|found| &found.message).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
}
