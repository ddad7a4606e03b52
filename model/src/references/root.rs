//! The default root folder of references.

use std::path::{Path, PathBuf};

/// Returns the default root of a document in a folder, an absolute path without symbolic links.
pub(super) fn default(folder: &Path) -> PathBuf {
    let working = std::env::current_dir().and_then(|working| working.canonicalize()).ok();
    below(folder, working.as_deref())
}

/// Returns the nearest ancestor with a repository; else the working directory, if the folder is below it; else the
/// folder. The root of the file system is never used, because nothing would be outside.
fn below(folder: &Path, working: Option<&Path>) -> PathBuf {
    let is_part = |ancestor: &&Path| ancestor.parent().is_some();
    let mut ancestors = folder.ancestors().filter(is_part);
    let repository = ancestors.find(|ancestor| ancestor.join(".git").exists());
    let working = working.filter(is_part).filter(|working| folder.starts_with(working));
    repository.or(working).unwrap_or(folder).to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::codes::Code;
    use crate::load::{Loaded, Options, load};

    const HEAD: &str = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\ncomponents: {schemas: ";

    /// A folder with `common/types.yaml`, and `apis/pets/api.yaml` with these schemas.
    fn laid_out(schemas: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("apis/pets")).unwrap();
        fs::create_dir(folder.path().join("common")).unwrap();
        fs::write(folder.path().join("common/types.yaml"), "Id: {type: string}\nName: {type: string}\n")
            .unwrap();
        fs::write(folder.path().join("apis/pets/api.yaml"), format!("{HEAD}{schemas}}}\n")).unwrap();
        folder
    }

    fn loaded(folder: &tempfile::TempDir) -> Loaded {
        load(&folder.path().join("apis/pets/api.yaml"), &Options::default())
    }

    #[test]
    fn a_repository_comes_before_the_working_directory_and_both_before_the_folder() {
        let folder = laid_out("{}");
        let path = folder.path().canonicalize().unwrap();
        let pets = path.join("apis/pets");
        assert_eq!(below(&pets, None), pets);
        assert_eq!(below(&pets, Some(&path.join("common"))), pets);
        assert_eq!(below(&pets, Some(Path::new("/"))), pets);
        assert_eq!(below(&pets, Some(&path)), path);
        // A work tree's `.git` is a file.
        fs::write(path.join("apis/.git"), "gitdir: elsewhere").unwrap();
        assert_eq!(below(&pets, Some(&path)), path.join("apis"));
    }

    #[test]
    fn neighbours_within_a_repository_are_read_and_named_by_their_relative_path() {
        let folder = laid_out("{A: {$ref: '../../common/types.yaml#/Id'}}");
        fs::create_dir(folder.path().join(".git")).unwrap();
        let loaded = loaded(&folder);
        assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
        let names: Vec<&Path> = loaded.sources.iter().map(|file| Path::new(&file.name)).collect();
        assert_eq!(names[1], folder.path().join("common/types.yaml"));
    }

    #[test]
    fn one_root_that_is_too_narrow_is_one_finding_with_its_number_of_references() {
        let folder = laid_out(
            "{A: {$ref: '../../common/types.yaml#/Id'}, B: {$ref: '../../common/types.yaml#/Name'}, \
             C: {$ref: '../other.yaml'}, D: {$ref: 'absent.yaml'}, E: {$ref: 'absent.yaml#/E'}}",
        );
        let found = loaded(&folder).diagnostics;
        let told: Vec<(Code, &str)> = found.iter().map(|one| (one.code, one.message.as_str())).collect();
        assert_eq!(
            told,
            [
                (
                    Code::RefEscape,
                    "`../../common/types.yaml` lies outside the folder that references must stay in \
                     (3 references fail for this reason)"
                ),
                (Code::RefMissing, "file `absent.yaml` does not exist (2 references fail for this reason)"),
            ]
        );
        assert!(found[0].help.as_ref().is_some_and(|help| help.contains("--root")));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_leaves_the_repository() {
        let outer = tempfile::tempdir().unwrap();
        fs::write(outer.path().join("secret.yaml"), "Id: {type: string}").unwrap();
        let folder = laid_out("{A: {$ref: 'link.yaml#/Id'}, B: {$ref: '../../../secret.yaml'}}");
        fs::create_dir(folder.path().join(".git")).unwrap();
        let link = folder.path().join("apis/pets/link.yaml");
        std::os::unix::fs::symlink(outer.path().join("secret.yaml"), link).unwrap();
        let loaded = loaded(&folder);
        let codes: Vec<Code> = loaded.diagnostics.iter().map(|one| one.code).collect();
        assert_eq!(codes, [Code::RefEscape]);
        assert!(loaded.diagnostics[0].message.ends_with("(2 references fail for this reason)"));
        assert_eq!(loaded.sources.iter().count(), 1);
    }
}
