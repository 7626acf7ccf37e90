//! The static files of the pages, part of the program: nothing is loaded from another host.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

/// A static file.
#[derive(Debug)]
pub struct Asset {
    name: &'static str,
    /// What it holds.
    pub text: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    path: LazyLock<String>,
}

/// How pages look.
pub static STYLE: Asset = Asset {
    name: "style.css",
    text: include_str!("../assets/style.css"),
    media_type: "text/css; charset=utf-8",
    path: LazyLock::new(|| path_of(&STYLE)),
};

/// How pages follow what happens.
pub static SCRIPT: Asset = Asset {
    name: "live.js",
    text: include_str!("../assets/live.js"),
    media_type: "text/javascript; charset=utf-8",
    path: LazyLock::new(|| path_of(&SCRIPT)),
};

/// How pages ask a browser for a passkey.
pub static PASSKEY_SCRIPT: Asset = Asset {
    name: "passkey.js",
    text: include_str!("../assets/passkey.js"),
    media_type: "text/javascript; charset=utf-8",
    path: LazyLock::new(|| path_of(&PASSKEY_SCRIPT)),
};

/// What a browser shows beside the title: a box with two holes for hands. Without one, each asks for
/// `/favicon.ico` in vain.
pub static ICON: Asset = Asset {
    name: "icon.svg",
    text: include_str!("../assets/icon.svg"),
    media_type: "image/svg+xml",
    path: LazyLock::new(|| path_of(&ICON)),
};

/// All of them.
static ALL: [&Asset; 4] = [&STYLE, &SCRIPT, &PASSKEY_SCRIPT, &ICON];

impl Asset {
    /// The path that it is served at. It names the content, so that it may be kept for ever.
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// The file that is served at a path.
pub fn find_asset(path: &str) -> Option<&'static Asset> {
    ALL.into_iter().find(|asset| asset.path() == path)
}

fn path_of(asset: &Asset) -> String {
    let digest = base16ct::lower::encode_string(&Sha256::digest(asset.text));
    format!("/static/{}/{}", &digest[..12], asset.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_where_pages_look_for_it() {
        for asset in ALL {
            assert!(find_asset(asset.path()).is_some_and(|found| found.text == asset.text));
            assert!(asset.path().starts_with("/static/"), "{}", asset.path());
        }
        assert!(find_asset("/static/style.css").is_none());
    }

    #[test]
    fn nothing_comes_from_elsewhere() {
        for asset in ALL {
            for word in ["http://", "https://", "//cdn", "@import", "eval("] {
                let text = asset.text.replace("xmlns=\"http://", "");
                assert!(!text.contains(word), "{} has {word}", asset.name);
            }
        }
    }
}
