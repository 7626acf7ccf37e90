//! Traces for OpenTelemetry: of calls, and of each job request from the server to the agents that ran it.
//!
//! They go to the collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names, by OTLP over HTTP, and nowhere
//! without it. The crates below know nothing of this: they say spans to `tracing`, as they do for logs.
//!
//! * [`spans`] turns those into OpenTelemetry's, with fields of a list and no others.
//! * [`ids`] names the trace of a job request, the same in every program.
//! * [`send`] brings them to the collector.

mod ids;
mod send;
mod spans;

use std::env;
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;

use ids::Ids;
use send::Sender;
pub(super) use spans::Spans;

/// What names a collector.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
];

/// How long the last traces may take to be sent when a program ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// Traces that are being sent; the last are when this is dropped.
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send what a service does, if a collector is named.
    pub(super) fn begin(service: &'static str) -> Result<Option<Self>, String> {
        let named = ENDPOINTS
            .iter()
            .find_map(|name| env::var(name).ok().filter(|url| !url.is_empty()));
        let Some(endpoint) = named else {
            return Ok(None);
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(&endpoint))
            .build()
            .map_err(|error| format!("traces cannot be sent: {error}"))?;
        let mut resource = Resource::builder();
        if env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name(service);
        }
        let provider = SdkTracerProvider::builder()
            .with_id_generator(Ids::default())
            .with_resource(resource.build())
            .with_batch_exporter(exporter)
            .build();
        Ok(Some(Self(provider)))
    }

    /// What listens to `tracing`.
    pub(super) fn spans(&self) -> Spans {
        Spans::new(self.0.tracer("glovebox"))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // What cannot be sent now is lost, as it is whenever the collector is away.
        let _ = self.0.shutdown_with_timeout(FAREWELL);
    }
}
