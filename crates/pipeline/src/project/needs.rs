//! `needs`: the actions whose outputs an action reads.

use super::fields::{Field, place};
use crate::{
    kind::Kind,
    problem::Problems,
    source::Span,
    yaml::{Document, NodeId, shorten},
};

/// A name that could be read, and where it stands. Whether an action has it is asked later.
pub(crate) struct DraftNeed<'d> {
    pub(crate) name: &'d str,
    pub(crate) span: Span,
}

pub(super) fn read_type<'d>(
    document: &'d Document<'_>,
    field: Field,
    problems: &mut Problems<'_>,
) -> Option<&'d [NodeId]> {
    let items = document.sequence(field.value);
    if items.is_none() {
        problems.error(
            Kind::NeedsNotAList,
            place(document, field),
            format!(
                "`needs` is {}: make it a list of action names, such as `[first, second]`",
                document.describe(field.value)
            ),
        );
    }
    items
}

pub(super) fn read<'d>(
    document: &'d Document<'_>,
    items: &[NodeId],
    action: &str,
    problems: &mut Problems<'_>,
) -> Vec<DraftNeed<'d>> {
    let mut needs = Vec::with_capacity(items.len());
    for &item in items {
        let span = document.span(item);
        match document.string(item) {
            Some(name) if name.contains(' ') => problems.error(
                Kind::NeedsItemHasSpace,
                span,
                format!(
                    "the action {action} needs {:?}, which contains a space: put a comma between names, or rename the action",
                    shorten(name)
                ),
            ),
            Some(name) => needs.push(DraftNeed { name, span }),
            None => problems.error(
                Kind::NeedsItemNotAString,
                span,
                format!(
                    "an item of `needs` of the action {action} is {}: write the name of an action, in quotes if it looks like something else",
                    document.describe(item)
                ),
            ),
        }
    }
    needs
}
