//! The names of traces and spans: by chance, but for those of a job request.
//!
//! A job request has a name of 16 letters and digits, which server and agents know. Its bytes are the name
//! of its trace, so that what they do for it comes together without anything more being said between them.

use std::cell::Cell;

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};

thread_local! {
    /// What the next span that begins a trace in this thread is named.
    static NEXT: Cell<Option<(TraceId, SpanId)>> = const { Cell::new(None) };
}

/// Names spans.
#[derive(Debug, Default)]
pub(super) struct Ids(RandomIdGenerator);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        match NEXT.get() {
            Some((trace, _)) => trace,
            None => self.0.new_trace_id(),
        }
    }

    fn new_span_id(&self) -> SpanId {
        match NEXT.get() {
            Some((_, span)) => span,
            None => self.0.new_span_id(),
        }
    }
}

/// Does something in which a span that begins a trace gets the names of a context.
pub(super) fn named<T>(context: &SpanContext, work: impl FnOnce() -> T) -> T {
    NEXT.set(Some((context.trace_id(), context.span_id())));
    let done = work();
    NEXT.set(None);
    done
}

/// The span in which a job request was made; none for what is no name of one.
pub(super) fn of_request(name: &str) -> Option<SpanContext> {
    let bytes = <[u8; 16]>::try_from(name.as_bytes()).ok()?;
    let [first, ..] = bytes.as_chunks::<8>().0 else {
        return None;
    };
    let trace = TraceId::from(u128::from_be_bytes(bytes));
    let span = SpanId::from(u64::from_be_bytes(*first));
    let context = SpanContext::new(trace, span, TraceFlags::SAMPLED, true, TraceState::NONE);
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_its_trace() {
        let context = of_request("abcdefghij234567").unwrap();
        let hexadecimal = "6162636465666768696a323334353637";
        assert_eq!(context.trace_id().to_string(), hexadecimal);
        assert_eq!(context.span_id().to_string(), &hexadecimal[..16]);
        for none in [
            "",
            "abc",
            "abcdefghij2345678",
            "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        ] {
            assert!(of_request(none).is_none(), "{none:?}");
        }
    }

    #[test]
    fn only_what_is_done_in_it_is_named_by_it() {
        let ids = Ids::default();
        let context = of_request("abcdefghij234567").unwrap();
        let inside = named(&context, || (ids.new_trace_id(), ids.new_span_id()));
        assert_eq!(inside, (context.trace_id(), context.span_id()));
        assert_ne!(ids.new_trace_id(), context.trace_id());
        assert_ne!(ids.new_span_id(), ids.new_span_id());
    }
}
