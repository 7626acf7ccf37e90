//! How an operation is described: what is particular to it; the rest follows.
//!
//! Whoever takes a token may refuse it, whoever reads a body may find it wrong, and whoever asks the
//! database may find it away: these answers are added here, so that no operation forgets one.

use std::collections::BTreeMap;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Content, HeaderBuilder, HttpMethod, ObjectBuilder, Ref, RefOr, Required, Response,
        ResponseBuilder, Schema,
        link::Link,
        path::{Operation, OperationBuilder, Parameter},
        request_body::RequestBodyBuilder,
        schema::Type,
        security::SecurityRequirement,
    },
};

use crate::Refusal;

const JSON: &str = "application/json";

/// Whose token is shown.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scheme {
    Backend,
    Person,
}

impl Scheme {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Backend => "BackendToken",
            Self::Person => "PersonalToken",
        }
    }

    pub(super) const fn about(self) -> &'static str {
        match self {
            Self::Backend => "The token of a backend, which its agents show.",
            Self::Person => "A person's token, with the scope `jobs`.",
        }
    }
}

/// The schemas that operations name.
#[derive(Default)]
pub(super) struct Schemas(BTreeMap<String, RefOr<Schema>>);

impl Schemas {
    /// Takes a schema in with all that it names, and gives a reference to it.
    fn refer<T: ToSchema>(&mut self) -> Ref {
        let name = T::name().into_owned();
        let mut named = Vec::new();
        T::schemas(&mut named);
        self.0.extend(named);
        self.0.insert(name.clone(), <T as PartialSchema>::schema());
        Ref::from_schema_name(name)
    }

    pub(super) fn collected(self) -> impl Iterator<Item = (String, RefOr<Schema>)> {
        self.0.into_iter()
    }
}

type Body = fn(&mut Schemas) -> Ref;

/// An operation in the making.
pub(super) struct Described {
    method: HttpMethod,
    path: String,
    operation: OperationBuilder,
    scheme: Option<Scheme>,
    takes: Option<Body>,
    answers: Vec<(u16, &'static str, Kind)>,
    refusals: BTreeMap<u16, &'static str>,
    links: Vec<(&'static str, Link)>,
}

/// What an answer holds.
enum Kind {
    Json(Body),
    Media(&'static str, Type),
}

impl Described {
    pub(super) fn get(path: impl Into<String>, id: &str, summary: &str) -> Self {
        Self::new(HttpMethod::Get, path.into(), id, summary)
    }

    pub(super) fn post(path: impl Into<String>, id: &str, summary: &str) -> Self {
        Self::new(HttpMethod::Post, path.into(), id, summary)
    }

    fn new(method: HttpMethod, path: String, id: &str, summary: &str) -> Self {
        Self {
            method,
            path,
            operation: OperationBuilder::new()
                .operation_id(Some(id))
                .summary(Some(summary)),
            scheme: None,
            takes: None,
            answers: Vec::new(),
            refusals: BTreeMap::new(),
            links: Vec::new(),
        }
    }

    pub(super) fn about(mut self, text: &str) -> Self {
        self.operation = self.operation.description(Some(text));
        self
    }

    pub(super) fn tag(mut self, tag: &str) -> Self {
        self.operation = self.operation.tag(tag);
        self
    }

    pub(super) fn shows(mut self, scheme: Scheme) -> Self {
        self.scheme = Some(scheme);
        self.refuses(401, "`unauthorised`: no token that is valid was shown.")
    }

    pub(super) fn parameter(mut self, parameter: impl Into<Parameter>) -> Self {
        self.operation = self.operation.parameter(parameter);
        self
    }

    /// Parameters behind the question mark; one that is not known, or is no value of its kind, is refused.
    pub(super) fn query(mut self, parameters: Vec<Parameter>) -> Self {
        for parameter in parameters {
            self.operation = self.operation.parameter(parameter);
        }
        self.refuses(400, "`bad_request`: a parameter is not as documented.")
    }

    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        self.takes = Some(Schemas::refer::<T>);
        self.refuses(400, "`bad_request`: the body is not as documented.")
            .refuses(413, "`too_large`: the body has more than 1 MiB.")
            .refuses(
                415,
                "`unsupported_media_type`: the body is not `application/json`.",
            )
    }

    pub(super) fn answers<T: ToSchema>(mut self, status: u16, about: &'static str) -> Self {
        let kind = Kind::Json(Schemas::refer::<T>);
        self.answers.push((status, about, kind));
        self
    }

    pub(super) fn answers_with(
        mut self,
        media: &'static str,
        kind: Type,
        about: &'static str,
    ) -> Self {
        self.answers.push((200, about, Kind::Media(media, kind)));
        self
    }

    pub(super) fn refuses(mut self, status: u16, about: &'static str) -> Self {
        self.refusals.insert(status, about);
        self
    }

    /// The database, or the task of a backend, may be away.
    pub(super) fn may_be_unavailable(self) -> Self {
        self.refuses(503, "`unavailable`: try again in a minute.")
    }

    /// What may be called next with what is answered.
    pub(super) fn links(mut self, name: &'static str, link: impl Into<Link>) -> Self {
        self.links.push((name, link.into()));
        self
    }

    pub(super) fn finish(self, schemas: &mut Schemas) -> (String, HttpMethod, Operation) {
        let mut operation = self.operation;
        if let Some(scheme) = self.scheme {
            let none: [&str; 0] = [];
            operation = operation.security(SecurityRequirement::new(scheme.name(), none));
        }
        if let Some(body) = self.takes {
            let body = RequestBodyBuilder::new()
                .content(JSON, Content::new(Some(body(schemas))))
                .required(Some(Required::True));
            operation = operation.request_body(Some(body.build()));
        }
        let mut links = self.links;
        for (status, about, kind) in self.answers {
            let mut response = ResponseBuilder::new().description(about);
            response = match kind {
                Kind::Json(body) => response.content(JSON, Content::new(Some(body(schemas)))),
                Kind::Media(media, kind) => {
                    let schema = Schema::from(ObjectBuilder::new().schema_type(kind));
                    response.content(media, Content::new(Some(schema)))
                }
            };
            for (name, link) in links.drain(..) {
                response = response.link(name, link);
            }
            operation = operation.response(status.to_string(), response.build());
        }
        for (status, about) in self.refusals {
            operation = operation.response(status.to_string(), refusal(schemas, status, about));
        }
        (self.path, self.method, operation.build())
    }
}

fn refusal(schemas: &mut Schemas, status: u16, about: &str) -> Response {
    let content = Content::new(Some(schemas.refer::<Refusal>()));
    let response = ResponseBuilder::new()
        .description(about)
        .content(JSON, content);
    if status != 401 {
        return response.build();
    }
    let scheme = ObjectBuilder::new().schema_type(Type::String);
    let header = HeaderBuilder::new()
        .schema(Some(Schema::from(scheme)))
        .description(Some("`Bearer`."));
    response.header("WWW-Authenticate", header.build()).build()
}
