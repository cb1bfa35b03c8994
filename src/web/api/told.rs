//! What a call takes and gives, said once: a type and its schema come from the same lines, and a line
//! of the table of addresses names both. The published document and the page `/api` are made of them.

use domain::record::RecordId;
use jiff::{Timestamp, civil::Date};
use serde_json::{Map, Value, json};

/// A type that can be said in JSON Schema.
pub trait Shape {
    /// Whether a field of it must be there.
    const NEEDED: bool = true;
    /// Its schema, or a reference to it.
    fn schema() -> Value;
    /// Puts what `schema` refers to where it is found.
    fn define(_all: &mut Map<String, Value>) {}
}

macro_rules! plain {
    ($($kind:ty => $schema:tt),+ $(,)?) => {$(
        impl Shape for $kind {
            fn schema() -> Value {
                json!($schema)
            }
        }
    )+};
}

plain! {
    String => {"type": "string"},
    &'static str => {"type": "string"},
    bool => {"type": "boolean"},
    u8 => {"type": "integer", "minimum": 0, "maximum": 255},
    u16 => {"type": "integer", "minimum": 0, "maximum": 65535},
    u32 => {"type": "integer", "minimum": 0},
    u64 => {"type": "integer", "minimum": 0},
    usize => {"type": "integer", "minimum": 0},
    i64 => {"type": "integer"},
    Date => {"type": "string", "format": "date"},
    Timestamp => {"type": "string", "format": "date-time"},
    RecordId => {"type": "string", "pattern": "^[0-9A-HJKMNP-TV-Z]{12}$"},
}

impl<T: Shape> Shape for Option<T> {
    const NEEDED: bool = false;
    fn schema() -> Value {
        json!({"oneOf": [T::schema(), {"type": "null"}]})
    }
    fn define(all: &mut Map<String, Value>) {
        T::define(all);
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn schema() -> Value {
        json!({"type": "array", "items": T::schema()})
    }
    fn define(all: &mut Map<String, Value>) {
        T::define(all);
    }
}

/// One of these words.
#[must_use]
pub fn words(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

/// A struct, and its schema: each field with what its comment says, and `= …` for a schema that says
/// more than its type does.
macro_rules! shape {
    ($(#[$of:meta])* pub struct $name:ident { $(
        $(#[doc = $says:literal])+ $field:ident : $kind:ty $(= $schema:expr)?
    ),+ $(,)? }) => {
        $(#[$of])*
        pub struct $name { $($(#[doc = $says])+ pub $field: $kind),+ }

        impl $crate::web::api::told::Shape for $name {
            fn schema() -> serde_json::Value {
                serde_json::json!({"$ref": concat!("#/components/schemas/", stringify!($name))})
            }
            fn define(all: &mut serde_json::Map<String, serde_json::Value>) {
                use $crate::web::api::told::{Shape, object};
                if all.contains_key(stringify!($name)) {
                    return;
                }
                all.insert(stringify!($name).to_owned(), serde_json::Value::Null);
                let fields = [$((
                    stringify!($field),
                    <$kind as Shape>::NEEDED,
                    shape!(@schema $kind $(, $schema)?),
                    concat!($($says),+),
                )),+];
                $(<$kind as Shape>::define(all);)+
                all.insert(stringify!($name).to_owned(), object(&fields));
            }
        }
    };
    (@schema $kind:ty) => { <$kind as Shape>::schema() };
    (@schema $kind:ty, $schema:expr) => { $schema };
}
pub(super) use shape;

/// The schema of a struct; nothing else may be in it.
#[must_use]
pub fn object(fields: &[(&str, bool, Value, &str)]) -> Value {
    let mut properties = Map::new();
    for (name, _, schema, says) in fields {
        let mut schema = schema.clone();
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("description".to_owned(), Value::from(says.trim()));
        }
        properties.insert((*name).to_owned(), schema);
    }
    let needed: Vec<_> = fields.iter().filter(|f| f.1).map(|f| f.0).collect();
    json!({"type": "object", "additionalProperties": false,
           "required": needed, "properties": properties})
}

/// A schema, and what it refers to.
#[derive(Clone, Copy)]
pub struct Schema {
    /// The schema or a reference to it.
    pub schema: fn() -> Value,
    /// Puts what it refers to where it is found.
    pub define: fn(&mut Map<String, Value>),
}

impl Schema {
    const fn of<T: Shape>() -> Self {
        Self {
            schema: T::schema,
            define: T::define,
        }
    }
}

/// What is said of a line of the table of addresses.
#[derive(Clone, Copy)]
pub struct Told {
    /// Its name; `api-op-…` in `locales/` says what it does.
    pub id: &'static str,
    /// What may stand behind the question mark.
    pub query: Option<Schema>,
    /// What is sent.
    pub body: Option<Schema>,
    /// What is answered when all is well.
    pub gives: Option<Schema>,
    /// With which status.
    pub status: u16,
    /// The limit of a single call can be met by a key of [`crate::registry::ProgramKey`].
    pub public: bool,
}

impl Told {
    /// A call.
    #[must_use]
    pub const fn new(id: &'static str) -> Self {
        Self {
            id,
            query: None,
            body: None,
            gives: None,
            status: 200,
            public: false,
        }
    }

    /// With these parameters.
    #[must_use]
    pub const fn asks<T: Shape>(mut self) -> Self {
        self.query = Some(Schema::of::<T>());
        self
    }

    /// With this body.
    #[must_use]
    pub const fn takes<T: Shape>(mut self) -> Self {
        self.body = Some(Schema::of::<T>());
        self
    }

    /// With this answer.
    #[must_use]
    pub const fn gives<T: Shape>(mut self) -> Self {
        self.gives = Some(Schema::of::<T>());
        self
    }

    /// It makes something.
    #[must_use]
    pub const fn makes<T: Shape>(mut self) -> Self {
        self.status = 201;
        self.gives::<T>()
    }
}
