//! From the spans of `tracing` to those of OpenTelemetry.

use std::fmt::Debug;

use opentelemetry::trace::{Link, Span as _, SpanContext, SpanKind, TraceContextExt as _, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, Span};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer;
use tracing_subscriber::registry::LookupSpan;

use super::ids;

/// The span in which a job request is made: it begins the trace of the request.
const OF_REQUEST: &str = "job_request";

/// The field that says to which job request something belongs.
const REQUEST: &str = "request";

/// What may leave: names that Glovebox gave, routes and numbers. No header, no address that somebody
/// typed, and nothing of a study is among them.
const FIELDS: [&str; 7] = [
    "id", "method", "route", "status", REQUEST, "task", "backend",
];

/// Methods that are named; somebody may type others.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// No value of a field is longer, in characters.
const LONGEST: usize = 100;

/// Follows the spans of Glovebox's own crates.
pub(crate) struct Spans {
    tracer: SdkTracer,
}

/// A span that has not ended.
struct Open(Span);

impl Spans {
    pub(super) fn new(tracer: SdkTracer) -> Self {
        Self { tracer }
    }

    fn begin(&self, name: &'static str, fields: Fields, within: Option<SpanContext>) -> Span {
        let kind = if name == "call" {
            SpanKind::Server
        } else {
            SpanKind::Internal
        };
        let request = fields.request.as_deref().and_then(ids::of_request);
        let builder = self
            .tracer
            .span_builder(name)
            .with_kind(kind)
            .with_attributes(fields.attributes);
        let below = |context| Context::new().with_remote_span_context(context);
        match (request, within) {
            (Some(request), within) if name == OF_REQUEST => {
                let from = within.map(Link::with_context);
                let builder = builder.with_links(from.into_iter().collect());
                ids::named(&request, || {
                    builder.start_with_context(&self.tracer, &Context::new())
                })
            }
            (Some(request), _) => builder.start_with_context(&self.tracer, &below(request)),
            (None, Some(within)) => builder.start_with_context(&self.tracer, &below(within)),
            (None, None) => builder.start_with_context(&self.tracer, &Context::new()),
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: layer::Context<'_, S>) {
        let Some(span) = context.span(id).filter(|span| is_ours(span.metadata())) else {
            return;
        };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let within = span.parent().and_then(|parent| {
            let extensions = parent.extensions();
            let open = extensions.get::<Open>()?;
            Some(open.0.span_context().clone())
        });
        let open = Open(self.begin(span.name(), fields, within));
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: layer::Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<Open>()
        {
            open.0.set_attributes(fields.attributes);
        }
    }

    /// What an event says in fields of the list counts as said by its span.
    fn on_event(&self, event: &Event<'_>, context: layer::Context<'_, S>) {
        if !is_ours(event.metadata()) {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        if let Some(span) = context.event_span(event)
            && let Some(open) = span.extensions_mut().get_mut::<Open>()
        {
            open.0.set_attributes(fields.attributes);
        }
    }

    fn on_close(&self, id: Id, context: layer::Context<'_, S>) {
        if let Some(span) = context.span(&id)
            && let Some(mut open) = span.extensions_mut().remove::<Open>()
        {
            open.0.end();
        }
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("glovebox")
}

/// Fields of the list, as they come.
#[derive(Default)]
struct Fields {
    attributes: Vec<KeyValue>,
    request: Option<String>,
}

impl Visit for Fields {
    fn record_i64(&mut self, field: &Field, value: i64) {
        if FIELDS.contains(&field.name()) {
            self.attributes.push(KeyValue::new(field.name(), value));
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record_i64(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let name = field.name();
        if !FIELDS.contains(&name) {
            return;
        }
        let mut value: String = value.chars().take(LONGEST).collect();
        if name == "method" && !METHODS.contains(&value.as_str()) {
            "other".clone_into(&mut value);
        }
        if name == REQUEST {
            self.request = Some(value.clone());
        }
        self.attributes.push(KeyValue::new(name, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if FIELDS.contains(&field.name()) {
            self.record_str(field, &format!("{value:?}"));
        }
    }
}
