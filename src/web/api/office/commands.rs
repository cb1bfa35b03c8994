//! What is done to cases: the commands of the console, and pictures of materials.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{event::Answered, material::MaterialKind, record::RecordId};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        super::{
            App, Trouble,
            console::{cases as desk, sent},
            lang,
        },
        told::{shape, words},
    },
    Body, Fail, MOST, Refused,
    cases::materials,
    json, record, stop, wrong,
};
use crate::{
    clock,
    papers::picture,
    registry::{Command, Done, NewMaterial, PAGES, Program, Registry},
};

shape! {
    /// An answer to one item of the list a case was returned with.
    #[derive(Clone, Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct AnswerSent {
        /// The item, as the list has it.
        item: String,
        /// What is said to it.
        words: Option<String>,
        /// SHA-256 of the file that answers it.
        sha256: Option<String>,
    }
}

shape! {
    /// One command, on up to 1,000 cases.
    #[derive(Clone, Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct CommandSent {
        /// What is to be done.
        command: String = words(&desk::for_programs()),
        /// To which cases.
        cases: Vec<RecordId>,
        /// `report`, `resubmit`: materials that lie on paper, by their titles.
        materials: Option<Vec<String>>,
        /// `resubmit`: an answer to every item of the list.
        answers: Option<Vec<AnswerSent>>,
        /// `return`: everything that is missing, told once.
        missing: Option<Vec<String>>,
        /// `ask_recheck`: which part.
        part: Option<String> = words(&["theory", "practical"]),
        /// `ask_recheck`: why.
        reason: Option<String>,
    }
}

impl CommandSent {
    /// The command as the form of the console would name it.
    fn read(&self) -> Option<Command> {
        if !desk::for_programs().contains(&self.command.as_str()) {
            return None;
        }
        let mut fields = vec![("command".to_owned(), self.command.clone())];
        let mut add = |name: &str, value: &str| {
            // A line of the form is one thing.
            fields.push((name.to_owned(), value.replace(['\r', '\n'], " ")));
        };
        self.missing
            .iter()
            .flatten()
            .for_each(|one| add("missing_item", one));
        self.part
            .iter()
            .for_each(|part| add("ask_recheck_part", part));
        self.reason.iter().for_each(|reason| add("reason", reason));
        if let Some(titles) = &self.materials {
            fields.push(("materials".to_owned(), titles.join("\n")));
        }
        let command = sent::command_of(&sent::Sent { fields })?;
        Some(match command {
            Command::Resubmit { materials, .. } => {
                let answers = self.answers.iter().flatten().map(|said| Answered {
                    item: said.item.clone(),
                    words: said.words.clone().unwrap_or_default(),
                    sha256: said.sha256.clone().unwrap_or_default(),
                });
                Command::Resubmit {
                    materials,
                    answers: answers.collect(),
                }
            }
            other => other,
        })
    }
}

shape! {
    /// What became of one case.
    #[derive(Debug, Serialize)]
    pub struct DoneTold {
        /// Which.
        case: RecordId,
        /// Its new state; null when it was refused.
        state: Option<&'static str>,
        /// Why it was refused.
        refused: Option<Refused>,
    }
}

shape! {
    /// What became of each case, in the order sent.
    #[derive(Debug, Serialize)]
    pub struct DoneAll {
        /// So many were done.
        done: usize = serde_json::json!({"type": "integer", "minimum": 0}),
        /// Each.
        cases: Vec<DoneTold>,
    }
}

/// Does one thing to cases; a refusal of one does not stop the others.
pub async fn act(
    State(app): State<Arc<App>>,
    Extension(program): Extension<Program>,
    headers: HeaderMap,
    Body(sent): Body<CommandSent>,
) -> Result<Response, Fail> {
    let t = app.sentences(lang::of(&headers));
    let command = sent.read();
    let command = command.ok_or_else(|| wrong(t, "command", "command_unknown"))?;
    let cases = sent.cases;
    if !(1..=MOST).contains(&cases.len()) {
        return Err(wrong(t, "cases", "cases_count"));
    }
    let given = headers.get(header::IF_MATCH).map(|v| v.to_str());
    let version = match (given, &cases[..]) {
        (None, _) => None,
        (Some(Ok(tag)), [_]) => {
            let version = tag.trim().trim_matches('"').parse::<i64>().ok();
            Some(version.ok_or_else(|| wrong(t, "If-Match", "version_invalid"))?)
        }
        (Some(_), _) => return Err(wrong(t, "If-Match", "version_invalid")),
    };
    let officer = program.officer;
    let done = app
        .run(move |r| {
            let now = clock::now();
            match (version, &cases[..]) {
                (Some(version), [case]) => r.command_at((*case, version), &command, &officer, now),
                _ => r.command(&cases, &command, &officer, now),
            }
        })
        .await;
    let done = match done {
        Err(Trouble::Conflict) if version.is_some() => {
            return Err(stop(t, StatusCode::PRECONDITION_FAILED, "case_changed"));
        }
        other => other?,
    };
    let told = |one: &Done| DoneTold {
        case: one.case,
        state: one.state.ok(),
        refused: one.state.err().map(|refusal| Refused::of(t, refusal)),
    };
    let all = DoneAll {
        done: done.iter().filter(|one| one.state.is_ok()).count(),
        cases: done.iter().map(told).collect(),
    };
    Ok(json(StatusCode::OK, all))
}

shape! {
    /// A picture of a material.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct MaterialSent {
        /// What it is.
        kind: String = materials(),
        /// Which sheet of it, from 1; 1 when it is left out.
        page: Option<u8>,
        /// The JPEG or PNG, in base 64.
        picture: String,
    }
}

shape! {
    /// A file that is kept.
    #[derive(Debug, Serialize)]
    pub struct MaterialKept {
        /// Its number in the case.
        nr: i64,
    }
}

/// Puts a file in with a case of the own institution.
pub async fn put_material(
    State(app): State<Arc<App>>,
    Extension(program): Extension<Program>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(sent): Body<MaterialSent>,
) -> Result<Response, Fail> {
    let t = app.sentences(lang::of(&headers));
    let id = record(&id)?;
    let Some(kind) = MaterialKind::from_code(&sent.kind) else {
        return Err(wrong(t, "kind", "value_invalid"));
    };
    let page = sent.page.unwrap_or(1);
    if !(1..=PAGES).contains(&page) {
        return Err(wrong(t, "page", "value_invalid"));
    }
    let Ok(bytes) = STANDARD.decode(sent.picture.as_bytes()) else {
        return Err(wrong(t, "picture", "value_invalid"));
    };
    let by = program.officer;
    let job = move |r: &Registry| {
        // Decoded before the writer's turn is taken: others need not wait for a picture.
        let made = match picture::renew(&bytes, kind == MaterialKind::Photo) {
            Ok(made) => made,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let new = NewMaterial {
            kind,
            page,
            bytes: &made,
        };
        r.put_material(id, new, &by, clock::now()).map(Ok)
    };
    match app.run(job).await? {
        Ok(nr) => Ok(json(StatusCode::CREATED, MaterialKept { nr })),
        Err(_) => Err(wrong(t, "picture", "picture_unfit")),
    }
}
