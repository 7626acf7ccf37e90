//! Where the cache is.

use std::path::Path;

use glovebox_runtimes::{Cache, Machine};

type Variables<'a> = &'a [(&'a str, &'a str)];

#[test]
fn the_cache_is_where_its_variables_say() {
    let here = std::env::current_dir().expect("a folder");
    let relative = here.join("rel").display().to_string();
    let cases: [(Variables<'_>, Option<&str>); 9] = [
        (&[("HOME", "/h")], Some("/h/.cache/glovebox")),
        (
            &[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")],
            Some("/x/glovebox"),
        ),
        (
            &[("HOME", "/h"), ("XDG_CACHE_HOME", "x")],
            Some("/h/.cache/glovebox"),
        ),
        (
            &[("HOME", "/h"), ("XDG_CACHE_HOME", "")],
            Some("/h/.cache/glovebox"),
        ),
        (
            &[
                ("HOME", "/h"),
                ("XDG_CACHE_HOME", "/x"),
                ("GLOVEBOX_CACHE_DIR", "/g"),
            ],
            Some("/g"),
        ),
        (&[("GLOVEBOX_CACHE_DIR", "/g")], Some("/g")),
        (&[("GLOVEBOX_CACHE_DIR", "rel")], Some(&relative)),
        (&[("HOME", "")], None),
        (&[], None),
    ];
    for (variables, expected) in cases {
        let machine = Machine::from_variables(variables.iter().copied());
        let cache = Cache::of_user(&machine).ok();
        assert_eq!(
            cache.as_ref().map(Cache::root),
            expected.map(Path::new),
            "{variables:?}"
        );
    }
}
