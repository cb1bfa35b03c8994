//! Scores of a session: the machine's theory, the panel's practical, and the confirmation of all.

use std::{io::Cursor, sync::Arc};

use axum::{
    Extension, Form,
    extract::{Multipart, Path, State},
    response::Response,
};
use domain::record::RecordId;
use sha2::{Digest, Sha256};

use super::{
    super::{
        super::{App, Trouble, Visitor, lang::Sentences},
        sessions::Fields,
    },
    Notice,
    enrol::file_of,
    page_of, sentence, told,
};
use crate::{
    clock,
    papers::sheet::lists,
    registry::{Command, MachineRow, Registry},
};

/// The machine's file. Good rows are taken at once and are final; the others are told.
pub async fn theory(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    parts: Multipart,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let bytes = file_of(parts).await?;
    let t = app.sentences(visitor.lang);
    let rows = match lists::machine_scores(Cursor::new(&bytes)) {
        Ok(rows) => rows,
        Err(e) => {
            let notice = Notice {
                mistake: Some(e.sentence(t)),
                ..Notice::default()
            };
            return page_of(&app, &visitor, id, notice, None).await;
        }
    };
    let (good, mut notice) = read(t, rows);
    let unread = u32::try_from(notice.rows.len()).unwrap_or(u32::MAX);
    let sha256: String = Sha256::digest(&bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let job = move |r: &Registry| {
        r.take_theory(id, (&good, unread), Some(&sha256), &officer, clock::now())
    };
    let scored = match app.run(job).await {
        Ok(scored) => scored,
        Err(Trouble::Refused(refusal)) => {
            notice.mistake = Some(sentence(&app, &visitor, refusal));
            return page_of(&app, &visitor, id, notice, None).await;
        }
        Err(other) => return Err(other),
    };
    let taken = scored.iter().filter(|one| one.case.is_ok()).count();
    for one in &scored {
        if let Err(refusal) = one.case {
            notice
                .rows
                .push((one.row, sentence(&app, &visitor, refusal)));
        }
    }
    notice.rows.sort();
    notice
        .done
        .push(t.with("theory-taken", &[("n", &taken.to_string())]));
    page_of(&app, &visitor, id, notice, None).await
}

/// The rows that can be read, and what is told of the others.
fn read(t: &Sentences, rows: Vec<lists::MachineRow>) -> (Vec<MachineRow>, Notice) {
    let mut notice = Notice::default();
    let mut good = Vec::new();
    for (row, read) in rows {
        match read {
            Ok(one) => good.push(MachineRow {
                row,
                ticket: one.ticket,
                score: one.score,
                machine: one.machine,
            }),
            Err(unread) => {
                let why = t.say(&format!("machine-{}", unread.code()));
                notice.rows.push((row, why));
            }
        }
    }
    (good, notice)
}

/// The fields `score-…` that are filled, with their cases.
fn scores(fields: &Fields) -> Option<Vec<(RecordId, u8)>> {
    let filled = fields.iter().filter_map(|(name, value)| {
        let case = name.strip_prefix("score-")?;
        let value = value.trim();
        (!value.is_empty()).then_some((case, value))
    });
    filled
        .map(|(case, value)| {
            let score = value.parse().ok().filter(|score| *score <= 100)?;
            Some((case.parse().ok()?, score))
        })
        .collect()
}

/// What one assessor saw, of any number of candidates.
pub async fn assess(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let Some(scores) = scores(&fields) else {
        let mistake = app
            .sentences(visitor.lang)
            .say("refusal-score-out-of-range");
        let notice = Notice {
            mistake: Some(mistake),
            ..Notice::default()
        };
        return page_of(&app, &visitor, id, notice, None).await;
    };
    for (case, score) in scores {
        let by = officer.clone();
        let job = move |r: &Registry| r.assess(id, case, score, &by, clock::now());
        if let Err(trouble) = app.run(job).await {
            return told(&app, &visitor, id, Err(trouble), None).await;
        }
    }
    told(&app, &visitor, id, Ok(()), None).await
}

/// The lead chooses between scores that lie too far apart.
pub async fn resolve(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let reason = fields.iter().find(|(name, _)| name == "reason");
    let reason = reason.map(|(_, value)| value.clone()).unwrap_or_default();
    let one = scores(&fields).and_then(|scores| scores.first().copied());
    let Some((case, score)) = one else {
        let mistake = app
            .sentences(visitor.lang)
            .say("refusal-score-out-of-range");
        let notice = Notice {
            mistake: Some(mistake),
            ..Notice::default()
        };
        return page_of(&app, &visitor, id, notice, None).await;
    };
    let job =
        move |r: &Registry| r.resolve_panel(id, case, (score, &reason), &officer, clock::now());
    let done = app.run(job).await;
    told(&app, &visitor, id, done, None).await
}

/// Confirms and publishes the marked candidates; each that is refused is told.
pub async fn confirm(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let id: RecordId = id.parse().map_err(|_| Trouble::NotFound)?;
    let cases: Vec<RecordId> = fields
        .iter()
        .filter(|(name, _)| name == "case")
        .filter_map(|(_, value)| value.parse().ok())
        .collect();
    let job = move |r: &Registry| r.command(&cases, &Command::Confirm, &officer, clock::now());
    let done = app.run(job).await?;
    let t = app.sentences(visitor.lang);
    let mut notice = Notice::default();
    let good = done.iter().filter(|one| one.state.is_ok()).count();
    notice
        .done
        .push(t.with("confirm-done", &[("n", &good.to_string())]));
    for one in &done {
        if let Err(refusal) = one.state {
            let why = sentence(&app, &visitor, refusal);
            notice.findings.push((format!("{}: {why}", one.case), true));
        }
    }
    page_of(&app, &visitor, id, notice, None).await
}
