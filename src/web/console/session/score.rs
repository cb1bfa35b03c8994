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
        let why = match one.case {
            Ok(_) => continue,
            Err(Refusal::Unknown) => t.say("theory-ticket-unknown"),
            Err(refusal) => at.why(refusal),
        };
        notice.rows.push((one.row, why));
    }
    notice.rows.sort();
    let counted = |key: &str, n: usize| t.with(key, &[("n", &n.to_string())]);
    let left = notice.rows.len();
    if taken == 0 {
        notice.mistake = Some(counted("theory-none", left));
    } else {
        notice.done.push(counted("theory-taken", taken));
        if left > 0 {
            notice.done.push(counted("theory-left", left));
        }
    }
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

/// The fields `score-…` that are filled: the case, and what was typed.
fn filled(fields: &Fields) -> impl Iterator<Item = (&str, &str)> {
    let typed = fields
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("score-")?, value.trim())));
    typed.filter(|(_, value)| !value.is_empty())
}

fn points(typed: &str) -> Result<u8, Trouble> {
    let score = typed.parse().ok().filter(|score| *score <= 100);
    score.ok_or(Trouble::Refused(Refusal::ScoreOutOfRange))
}

/// What one assessor saw, of any number of candidates. What cannot be taken stays in its field, with
/// the reason, and does not stop the others.
pub async fn assess(at: AtRecord, Form(fields): Form<Fields>) -> Result<Response, Trouble> {
    let (id, t) = (at.id, at.t());
    let (mut notice, mut taken) = (Notice::default(), 0_usize);
    for (case, typed) in filled(&fields) {
        let case: RecordId = case.parse().map_err(|_| Trouble::NotFound)?;
        let done = match points(typed) {
            Ok(score) => {
                let done = at.run(move |r, by| r.assess(id, case, score, by, clock::now()));
                done.await.map(drop)
            }
            Err(wrong) => Err(wrong),
        };
        match done {
            Ok(()) => taken += 1,
            Err(Trouble::Refused(refusal)) => {
                let why = at.why(refusal);
                notice.unscored.push((case, typed.to_owned(), why));
            }
            Err(other) => return Err(other),
        }
    }
    if notice.unscored.is_empty() {
        return Ok(there(&at));
    }
    let (n, left) = (taken.to_string(), notice.unscored.len().to_string());
    notice.mistake = Some(t.with("assess-left", &[("n", &n), ("left", &left)]));
    page_of(&at, notice, None).await
}

/// The lead chooses between scores that lie too far apart.
pub async fn resolve(at: AtRecord, Form(fields): Form<Fields>) -> Result<Response, Trouble> {
    let (id, reason) = (at.id, field(&fields, "reason").to_owned());
    let (case, typed) = filled(&fields).next().unwrap_or_default();
    let (case, said) = (case.parse::<RecordId>(), reason.clone());
    let done = match (points(typed), case) {
        (Ok(_), Err(_)) => Err(Trouble::NotFound),
        (Ok(score), Ok(case)) => {
            let done =
                at.run(move |r, by| r.resolve_panel(id, case, (score, &said), by, clock::now()));
            done.await
        }
        (Err(wrong), _) => Err(wrong),
    };
    match done {
        Err(Trouble::Refused(refusal)) => {
            let why = at.why(refusal);
            let typed = typed.to_owned();
            let notice = Notice {
                mistake: Some(why.clone()),
                unscored: case.map(|case| (case, typed, why)).into_iter().collect(),
                reason,
                ..Notice::default()
            };
            page_of(&at, notice, None).await
        }
        other => told(&at, other, None).await,
    }
}

/// Confirms and publishes the marked candidates; each that is refused is told.
pub async fn confirm(at: AtRecord, Form(fields): Form<Fields>) -> Result<Response, Trouble> {
    let (cases, t) = (marked(&fields), at.t());
    let mut notice = Notice::default();
    if cases.is_empty() {
        notice.mistake = Some(t.say("cases-none-marked"));
        return page_of(&at, notice, None).await;
    }
    let done = at.run(move |r, by| r.command(&cases, &Command::Confirm, by, clock::now()));
    let done = done.await?;
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
