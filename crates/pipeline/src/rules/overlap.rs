//! A file that two actions may both write.

use std::collections::BTreeMap;

use crate::{
    kind::Kind,
    problem::Problems,
    project::{Draft, matches_name},
    yaml::shorten,
};

/// How many names are matched in one file, and how many bytes patterns and names have in all: a
/// warning is not worth more.
const MAX_MATCHES: usize = 100_000;
const MAX_BYTES: usize = 16 << 20;

/// Warns where a pattern of one action matches a plain path of another in the same folder: the
/// later action would take the file over. Names are sorted, so that a pattern is held only
/// against those that begin as it does.
pub(super) fn warn(actions: &[Draft<'_>], problems: &mut Problems<'_>) {
    let mut wildcards = Vec::new();
    let mut plain: BTreeMap<&str, usize> = BTreeMap::new();
    for (action, draft) in actions.iter().enumerate() {
        for output in &draft.outputs.outputs {
            let Some(pattern) = &output.pattern else {
                continue;
            };
            if pattern.has_wildcard() {
                wildcards.push((action, pattern, output.span));
            } else {
                plain.insert(pattern.as_str(), action);
            }
        }
    }
    let (mut matches, mut bytes) = (0, 0);
    for (action, pattern, span) in wildcards {
        let text = pattern.as_str();
        let prefix = text.split('*').next().unwrap_or_default();
        let candidates = plain
            .range(prefix..)
            .take_while(|(path, _)| path.starts_with(prefix));
        for (path, &owner) in candidates {
            matches += 1;
            bytes += text.len() + path.len();
            if matches > MAX_MATCHES || bytes > MAX_BYTES {
                return;
            }
            // The whole text first: that is quicker than going by components, and hardly any match.
            let possible = owner != action && matches_name(text, path) && pattern.matches(path);
            if possible {
                problems.warning(
                    Kind::OutputsOverlap,
                    span,
                    format!(
                        "`{}` also matches `{}`, an output of the action {}: give the two actions folders of their own",
                        shorten(text),
                        shorten(path),
                        shorten(&actions[owner].name)
                    ),
                );
                break;
            }
        }
    }
}
