//! Scores of a session: the machine's theory, the panel's practical, and the confirmation of all.

use std::io::Cursor;

use axum::{Form, extract::Multipart, response::Response};
use domain::{record::RecordId, refusal::Refusal};
use sha2::{Digest, Sha256};

use super::{
    super::{
        super::{
            Trouble,
            caller::{AtRecord, file_of},
            lang::Sentences,
        },
        sessions::Fields,
    },
    Notice, field, marked, page_of, there, told,
};
use crate::{
    clock,
    papers::sheet::lists,
    registry::{Command, MachineRow, Officer, Registry},
};

/// The machine's file. Good rows are taken at once and are final; the others are told.
pub async fn theory(at: AtRecord, parts: Multipart) -> Result<Response, Trouble> {
    let (id, t) = (at.id, at.t());
    let bytes = file_of(parts, "sheet").await?;
    let rows = match lists::machine_scores(Cursor::new(&bytes)) {
        Ok(rows) => rows,
        Err(e) => return page_of(&at, Notice::wrong(e.sentence(t)), None).await,
    };
    let (good, mut notice) = read(t, rows);
    let unread = u32::try_from(notice.rows.len()).unwrap_or(u32::MAX);
    let sha256: String = Sha256::digest(&bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    let job = move |r: &Registry, by: &Officer| {
        r.take_theory(id, (&good, unread), Some(&sha256), by, clock::now())
    };
    let scored = match at.run(job).await {
        Ok(scored) => scored,
        Err(Trouble::Refused(refusal)) => {
            notice.mistake = Some(at.why(refusal));
            return page_of(&at, notice, None).await;
        }
        Err(other) => return Err(other),
    };
    let taken = scored.iter().filter(|one| one.case.is_ok()).count();
    for one in &scored {
        if let Err(refusal) = one.case {
            notice.rows.push((one.row, at.why(refusal)));
        }
    }
    notice.rows.sort();
    notice
        .done
        .push(t.with("theory-taken", &[("n", &taken.to_string())]));
    page_of(&at, notice, None).await
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

/// A score that is none.
fn out_of_range() -> Result<(), Trouble> {
    Err(Trouble::Refused(Refusal::ScoreOutOfRange))
}

/// What one assessor saw, of any number of candidates.
pub async fn assess(at: AtRecord, Form(fields): Form<Fields>) -> Result<Response, Trouble> {
    let Some(scores) = scores(&fields) else {
        return told(&at, out_of_range(), None).await;
    };
    let id = at.id;
    for (case, score) in scores {
        let done = at.run(move |r, by| r.assess(id, case, score, by, clock::now()));
        if let Err(trouble) = done.await {
            return told(&at, Err(trouble), None).await;
        }
    }
    Ok(there(&at))
}

/// The lead chooses between scores that lie too far apart.
pub async fn resolve(at: AtRecord, Form(fields): Form<Fields>) -> Result<Response, Trouble> {
    let (id, reason) = (at.id, field(&fields, "reason").to_owned());
    let one = scores(&fields).and_then(|scores| scores.first().copied());
    let Some((case, score)) = one else {
        return told(&at, out_of_range(), None).await;
    };
    let done = at.run(move |r, by| r.resolve_panel(id, case, (score, &reason), by, clock::now()));
    told(&at, done.await, None).await
}

/// Confirms and publishes the marked candidates; each that is refused is told.
pub async fn confirm(at: AtRecord, Form(fields): Form<Fields>) -> Result<Response, Trouble> {
    let (cases, t) = (marked(&fields), at.t());
    let done = at.run(move |r, by| r.command(&cases, &Command::Confirm, by, clock::now()));
    let done = done.await?;
    let mut notice = Notice::default();
    let good = done.iter().filter(|one| one.state.is_ok()).count();
    notice
        .done
        .push(t.with("confirm-done", &[("n", &good.to_string())]));
    for one in &done {
        if let Err(refusal) = one.state {
            let why = at.why(refusal);
            notice.findings.push((format!("{}: {why}", one.case), true));
        }
    }
    page_of(&at, notice, None).await
}
