//! The API as an `OpenAPI` 3.1 document.
//!
//! * [`operations`] says what can be called, one function each; [`described`] is how that is said.
//! * [`bounds`] are the schemas that no attribute of a field can express.

pub(crate) mod bounds;
mod described;
mod operations;

use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApiBuilder, PathItem, PathsBuilder, RefOr,
    Schema,
    schema::AdditionalProperties,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use described::{Schemas, Scheme};

const ABOUT: &str = "What agents beside the data, people's programs and whoever watches call. \
    Every refusal is a `Refusal`; whatever is not documented here may change.";

/// The whole API as JSON, as it is served and kept.
pub fn openapi() -> String {
    let mut schemas = Schemas::default();
    let mut paths = PathsBuilder::new();
    for described in operations::all() {
        let (path, method, operation) = described.finish(&mut schemas);
        paths = paths.path(path, PathItem::new(method, operation));
    }
    let mut components = ComponentsBuilder::new();
    for (name, schema) in schemas.collected() {
        components = components.schema(name, closed(schema));
    }
    for scheme in [Scheme::Backend, Scheme::Person] {
        let http = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(scheme.about()))
            .build();
        components = components.security_scheme(scheme.name(), SecurityScheme::Http(http));
    }
    let license = LicenseBuilder::new().name("MIT OR Apache-2.0");
    let info = InfoBuilder::new()
        .title("Glovebox job server")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(license.build()));
    let document = OpenApiBuilder::new()
        .info(info.build())
        .paths(paths.build())
        .components(Some(components.build()))
        .build();
    // Of texts, numbers and maps whose keys are texts: there is nothing in it that JSON cannot hold.
    let mut json = document.to_pretty_json().unwrap_or_default();
    json.push('\n');
    json
}

/// An enum's variant is an object with the members that it names, and no other is taken.
fn closed(mut schema: RefOr<Schema>) -> RefOr<Schema> {
    if let RefOr::T(Schema::OneOf(one_of)) = &mut schema {
        one_of.items.iter_mut().for_each(close);
    }
    schema
}

fn close(schema: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::Object(object)) = schema
        && !object.properties.is_empty()
    {
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        object.properties.values_mut().for_each(close);
    }
}
