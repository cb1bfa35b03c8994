//! What the forms of a run send.

use domain::record::RecordId;

use super::super::super::lang::Sentences;
use crate::registry::Done;

/// The fields of a form, any of them several times.
pub(super) struct Sent {
    pub fields: Vec<(String, String)>,
}

impl Sent {
    pub fn one(&self, name: &str) -> String {
        let found = self.fields.iter().find(|(n, _)| n == name);
        found.map(|(_, v)| v.trim().to_owned()).unwrap_or_default()
    }

    pub fn cases(&self) -> Vec<RecordId> {
        let marked = self.fields.iter().filter(|(n, _)| n == "case");
        marked.filter_map(|(_, v)| v.parse().ok()).collect()
    }
}

/// The cases that were refused, each with the sentence that says why.
pub(super) fn refusals(t: &Sentences, done: &[Done]) -> Vec<(String, String)> {
    let refused = done.iter().filter_map(|d| Some((d.case, d.state.err()?)));
    let told = refused.map(|(case, refusal)| (case.to_string(), t.word("refusal", refusal.code())));
    told.collect()
}

/// The address of a run; what a former number may have in it is written as bytes.
pub(in crate::web::console) fn path(number: &str) -> String {
    let mut path = String::from("/console/runs/");
    for byte in number.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    path
}
