//! What the calls take and give that need no office's key. Their answers are made of what the pages
//! show and may grow, so their schemas name what is always there and leave room beside it.

use serde_json::{Value, json};

use super::told::{Shape, shape};

/// An answer whose listed fields are always there.
fn answer(fields: &[(&str, &str)]) -> Value {
    let of = |kind: &str| match kind {
        "any" => json!({}),
        kind => json!({"type": kind}),
    };
    let properties: serde_json::Map<String, Value> = fields
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), of(kind)))
        .collect();
    let needed: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    json!({"type": "object", "required": needed, "properties": properties})
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident { $($field:literal: $kind:literal),+ })+) => {$(
        $(#[$doc])*
        pub struct $name;
        impl Shape for $name {
            fn schema() -> Value {
                answer(&[$(($field, $kind)),+])
            }
        }
    )+};
}

answers! {
    /// This document.
    Document { "openapi": "string", "info": "object", "paths": "object", "components": "object" }
    /// How far the copies reach.
    Feeds { "feeds": "array" }
    /// When a certificate can be looked up.
    Estimate { "by": "object", "workdays": "object", "stages": "array", "sample": "integer",
               "level": "string" }
    /// What became of estimates.
    TrackRecord { "since": "any", "all": "object", "months": "array", "provinces": "array",
                  "stages": "array", "watch": "object" }
    /// A challenge.
    Captcha { "id": "string", "image": "string" }
    /// What the asker is told.
    Verdict { "verdict": "string", "certificates": "array", "progress": "array",
              "as_of": "string" }
    /// An inquiry that was taken in.
    Asked { "reference": "string", "passcode": "any", "office": "string", "due": "any" }
    /// Where an inquiry stands.
    Status { "state": "string", "subject": "string", "office": "string", "story": "array" }
}

shape! {
    /// A challenge that was read.
    pub struct Solved {
        /// Its number.
        id: String,
        /// What is on the picture.
        answer: String,
    }
}

shape! {
    /// The public question.
    pub struct Question {
        /// `special_operation` or `safety_management`.
        category: String,
        /// The kind of document.
        doc_type: String,
        /// Its number.
        doc_number: String,
        /// The name.
        name: String,
        /// The admission-ticket number.
        ticket: Option<String>,
        /// The day of the exam.
        exam_day: Option<String>,
        /// The institution, by code or name.
        institution: Option<String>,
        /// The code of the province.
        province: Option<String>,
        /// The code of the item.
        item: Option<String>,
        /// Not with a key.
        captcha: Option<Solved>,
    }
}

shape! {
    /// What an estimate is asked by.
    pub struct EstimateAsked {
        /// The day of the exam.
        exam_date: String,
        /// As of a case.
        kind: Option<String>,
        /// Where the case stands.
        stage: Option<String>,
        /// Since when.
        since: Option<String>,
        /// The code of the province.
        province: Option<String>,
        /// The code of the authority.
        authority: Option<String>,
        /// The code of the institution.
        institution: Option<String>,
        /// Checked, and of no effect.
        category: Option<String>,
        /// Likewise.
        item: Option<String>,
        /// The day from which one looks.
        as_of: Option<String>,
    }
}

shape! {
    /// A question to an authority.
    pub struct InquirySent {
        /// `delay`, `details`, `other`.
        subject: String,
        /// What is asked.
        words: String,
        /// The code of the authority.
        to: String,
        /// How the asker wants to be reached.
        contact: Option<String>,
        /// Whom it is about.
        doc_type: Option<String>,
        /// The number.
        doc_number: Option<String>,
        /// The name.
        name: Option<String>,
        /// The admission-ticket number.
        ticket: Option<String>,
        /// The code of the institution.
        institution: Option<String>,
        /// The day of the exam.
        exam_day: Option<String>,
        /// Not with a key.
        captcha: Option<Solved>,
    }
}

shape! {
    /// Which inquiry.
    pub struct StatusAsked {
        /// Its reference.
        reference: String,
        /// To read what was said.
        passcode: Option<String>,
    }
}

shape! {
    /// Asking back.
    pub struct AgainSent {
        /// The reference of the inquiry.
        reference: String,
        /// Its passcode.
        passcode: String,
        /// What is asked.
        words: String,
    }
}
