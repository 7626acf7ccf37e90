//! A file that two actions may both write.

use std::collections::BTreeMap;

use crate::{
    kind::Kind,
    problem::Problems,
    project::{Draft, OutputPattern, matches_name},
    yaml::shorten,
};

/// How many names are matched in one file: a warning is not worth more.
const MAX_MATCHES: usize = 100_000;

struct Claim<'d> {
    action: usize,
    pattern: &'d OutputPattern,
}

/// Warns where a pattern of one action matches a plain path of another in the same folder: the
/// later action would take the file over. Names are sorted, so that a pattern is held only
/// against those that begin as it does.
pub(super) fn warn(actions: &[Draft<'_>], problems: &mut Problems<'_>) {
    let mut wildcards = Vec::new();
    let mut plain: BTreeMap<&str, Claim<'_>> = BTreeMap::new();
    for (action, draft) in actions.iter().enumerate() {
        for output in &draft.outputs.outputs {
            let pattern = &output.pattern;
            if pattern.has_wildcard() {
                wildcards.push((action, output));
            } else {
                plain.insert(output.path, Claim { action, pattern });
            }
        }
    }
    let mut matches = 0;
    for (action, output) in wildcards {
        let prefix = output.path.split('*').next().unwrap_or_default();
        let candidates = plain
            .range(prefix..)
            .take_while(|(path, _)| path.starts_with(prefix));
        for (path, claim) in candidates {
            matches += 1;
            if matches > MAX_MATCHES {
                return;
            }
            let possible = claim.action != action
                && matches_name(output.path, path)
                && output.pattern.matches(claim.pattern.as_str());
            if possible {
                problems.warning(
                    Kind::OutputsOverlap,
                    output.span,
                    format!(
                        "`{}` also matches `{}`, an output of the action {}: give the two actions folders of their own",
                        shorten(output.path),
                        shorten(path),
                        shorten(&actions[claim.action].name)
                    ),
                );
                break;
            }
        }
    }
}
