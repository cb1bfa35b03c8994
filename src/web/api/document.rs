//! The API described: `/api/v1/openapi.json` for programs, `/api` for people. Both are made of the
//! table of addresses, which answers the calls, so neither can tell of another API.

use std::sync::{Arc, OnceLock};

use askama::Template;
use axum::{
    Extension,
    body::Bytes,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{
    super::{
        App, Visitor, lang,
        page::{self, Frame},
        programs::IDEMPOTENCY,
        routes::{self, Row, Who},
    },
    told::{Schema, Told},
};
use crate::lang::Sentences;

static DOCUMENT: OnceLock<Bytes> = OnceLock::new();

/// The document.
pub async fn give(State(app): State<Arc<App>>) -> Response {
    let t = app.sentences(lang::Code::En);
    let text = DOCUMENT.get_or_init(|| Bytes::from(document(t).to_string()));
    let kind = (header::CONTENT_TYPE, "application/json");
    ([kind], text.clone()).into_response()
}

/// The whole API in OpenAPI 3.1.
#[must_use]
pub fn document(t: &Sentences) -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    schemas.insert("Problem".to_owned(), problem());
    for row in routes::table().rows() {
        let Some(told) = &row.told else {
            continue;
        };
        for schema in [told.query, told.body, told.gives].into_iter().flatten() {
            (schema.define)(&mut schemas);
        }
        let path = paths.entry(row.path).or_insert_with(|| json!({}));
        path[row.method.to_lowercase()] = operation(t, row, told, &schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Kecha",
            "version": env!("CARGO_PKG_VERSION"),
            "description": t.say("api-lead"),
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "office_key": {"type": "http", "scheme": "bearer",
                               "description": t.say("api-who-key")},
                "query_key": {"type": "http", "scheme": "bearer",
                              "description": t.say("api-who-query")},
            },
        },
    })
}

fn problem() -> Value {
    let text = json!({"type": "string"});
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": text, "title": text, "status": {"type": "integer"}, "code": text,
            "field": text,
            "errors": {"type": "array", "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {"field": text, "code": text, "message": text},
            }},
        },
    })
}

fn operation(t: &Sentences, row: &Row, told: &Told, schemas: &Map<String, Value>) -> Value {
    let mut parameters = Vec::new();
    if row.path.contains("{id}") {
        parameters.push(json!({"name": "id", "in": "path", "required": true,
            "schema": {"type": "string", "pattern": "^[0-9A-HJKMNP-TV-Z]{12}$"}}));
    }
    for field in fields(told.query, schemas) {
        parameters.push(
            json!({"name": field.name, "in": "query", "required": field.needed,
            "description": field.says, "schema": field.schema}),
        );
    }
    let mut whole = json!({
        "operationId": told.id,
        "summary": t.say(&sentence(told)),
        "responses": {
            told.status.to_string(): {"description": "done", "content": {
                "application/json": {"schema": told.gives.map(|s| (s.schema)())}}},
            "default": {"description": "a problem (RFC 9457)", "content": {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"}}}},
        },
    });
    if let Who::Key(roles) = row.who {
        whole["security"] = json!([{"office_key": []}]);
        let codes: Vec<_> = roles.iter().map(|role| role.code()).collect();
        whole["x-roles"] = json!(codes);
        if row.method == "POST" {
            parameters.push(
                json!({"name": "Idempotency-Key", "in": "header", "required": true,
                "description": t.say("api-idempotency"),
                "schema": {"type": "string", "minLength": 1, "maxLength": 64}}),
            );
        }
    } else if told.public {
        whole["security"] = json!([{}, {"query_key": []}]);
    } else {
        whole["security"] = json!([]);
    }
    if let Some(body) = told.body {
        whole["requestBody"] = json!({"required": true, "content": {
            "application/json": {"schema": (body.schema)()}}});
    }
    whole["parameters"] = Value::from(parameters);
    whole
}

/// The key of the sentence that says what a call does.
#[must_use]
pub fn sentence(told: &Told) -> String {
    format!("api-op-{}", told.id.replace('_', "-"))
}

/// One field of a struct.
struct Field {
    name: String,
    needed: bool,
    says: String,
    schema: Value,
}

impl Field {
    /// Its type, in a few words.
    fn kind(&self) -> String {
        kind(&self.schema)
    }
}

fn kind(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
        return words.join(", ");
    }
    if let Some(of) = schema["oneOf"].as_array() {
        return of.first().map(kind).unwrap_or_default();
    }
    if let Some(to) = schema["$ref"].as_str() {
        return to.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if schema["type"] == "array" {
        return format!("[{}]", kind(&schema["items"]));
    }
    let format = schema["format"].as_str();
    format
        .or(schema["type"].as_str())
        .unwrap_or_default()
        .to_owned()
}

/// The fields of a struct.
fn fields(of: Option<Schema>, schemas: &Map<String, Value>) -> Vec<Field> {
    let Some(schema) = of.map(|s| (s.schema)()) else {
        return Vec::new();
    };
    let name = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next());
    let Some(found) = name.and_then(|name| schemas.get(name)) else {
        return Vec::new();
    };
    let needed = found["required"].as_array().cloned().unwrap_or_default();
    let properties = found["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, schema)| Field {
            name: name.clone(),
            needed: needed.iter().any(|n| n == name),
            says: schema["description"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            schema: schema.clone(),
        })
        .collect()
}

/// A call as the page shows it.
struct Call {
    method: &'static str,
    path: &'static str,
    does: String,
    /// The roles a key must have one of; none where no office's key is asked for.
    roles: Option<Vec<&'static str>>,
    public: bool,
    status: u16,
    takes: Vec<Field>,
    gives: Vec<Field>,
    names: bool,
}

#[derive(Template)]
#[template(path = "public/api.html")]
struct ApiPage<'a> {
    f: Frame<'a>,
    calls: Vec<Call>,
    idempotency: &'static str,
}

/// The page.
pub async fn page(State(app): State<Arc<App>>, Extension(visitor): Extension<Visitor>) -> Response {
    let f = Frame::new(&app, &visitor, "api-title");
    let mut schemas = Map::new();
    let mut calls = Vec::new();
    for row in routes::table().rows() {
        let Some(told) = &row.told else {
            continue;
        };
        for schema in [told.query, told.body, told.gives].into_iter().flatten() {
            (schema.define)(&mut schemas);
        }
        let mut takes = fields(told.query, &schemas);
        takes.extend(fields(told.body, &schemas));
        let roles = match row.who {
            Who::Key(roles) => Some(roles.iter().map(|role| role.code()).collect()),
            _ => None,
        };
        calls.push(Call {
            method: row.method,
            path: row.path,
            does: f.s(&sentence(told)),
            names: roles.is_some() && row.method == "POST",
            roles,
            public: told.public,
            status: told.status,
            takes,
            gives: fields(told.gives, &schemas),
        });
    }
    page::html(&ApiPage {
        f,
        calls,
        idempotency: IDEMPOTENCY,
    })
}
