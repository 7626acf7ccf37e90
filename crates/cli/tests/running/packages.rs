//! The tests of the Python packages, run as study code runs: sandboxed, in the locked runtime.

use std::fs;
use std::path::Path;

use crate::project::Project;

#[test]
fn the_tests_of_osmatching_pass_where_studies_use_it() {
    let project = Project::of_script(
        r#"
import pathlib, sys, unittest
tests = unittest.TestLoader().discover("tests_osmatching", top_level_dir=".")
result = unittest.TextTestRunner(verbosity=2).run(tests)
assert result.testsRun > 10 and not result.skipped, "tests were left out"
pathlib.Path("output").mkdir()
pathlib.Path("output/passed.txt").write_text(str(result.testsRun))
sys.exit(not result.wasSuccessful())
"#,
        "output/passed.txt",
    );
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/tests_osmatching");
    for file in fs::read_dir(tests).unwrap().map(Result::unwrap) {
        if file.path().extension().is_some_and(|end| end == "py") {
            let name = file.file_name().into_string().unwrap();
            let text = fs::read_to_string(file.path()).unwrap();
            project.write(&format!("tests_osmatching/{name}"), &text);
        }
    }
    let (said, report) = project.run(&["act"]);
    assert_eq!(said.code, Some(0), "{report:#}");
}
