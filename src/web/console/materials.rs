//! `/console/cases/{id}/materials`: what the law asks for, what is there, and the answers to a list
//! that the case was returned with.
//!
//! A file is a picture of our own making; it is given out with a policy under which nothing in it
//! could do anything, and under no name.

use askama::Template;
use axum::{
    Form,
    extract::{Multipart, Path},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    case::State as CaseState,
    event::Answered,
    material::{MaterialKind, Need},
};

use super::{
    super::{
        Trouble,
        caller::AtRecord,
        deadlines,
        page::{self, Frame},
    },
    story,
};
use crate::{
    clock,
    papers::picture,
    registry::{
        Command, Demand, Kept, MaterialFile, NewMaterial, Officer, PAGES, Purpose, Registry,
    },
};

/// One line of the list.
struct Line {
    kind: MaterialKind,
    /// The article that asks for it.
    source: String,
    /// The text of the article was not seen.
    unseen: bool,
    files: Vec<Kept>,
    /// Named in the report, with no file here.
    named: bool,
    lacking: bool,
}

#[derive(Template)]
#[template(path = "console/materials.html")]
struct Materials<'a> {
    f: Frame<'a>,
    file: MaterialFile,
    item: String,
    lines: Vec<Line>,
    /// What files there were before.
    former: Vec<Kept>,
    /// What is to be answered.
    missing: Vec<String>,
    /// Reports that lack something are refused.
    demanded: bool,
    /// What is wrong with the file, and which kind was chosen for it.
    wrong_file: Option<String>,
    chosen: String,
    /// What is wrong with the answers, and what was typed.
    wrong_answers: Option<String>,
    typed: Vec<(String, String)>,
}

impl Materials<'_> {
    fn kinds(&self) -> [MaterialKind; 9] {
        MaterialKind::ALL
    }

    fn pages(&self) -> std::ops::RangeInclusive<u8> {
        1..=PAGES
    }

    fn kilobytes(&self, kept: &Kept) -> String {
        (kept.size + 1023).div_euclid(1024).to_string()
    }

    fn at(&self, kept: &Kept) -> String {
        page::moment(kept.at)
    }

    /// The files that an answer may point to.
    fn counting(&self) -> Vec<&Kept> {
        self.file.kept.iter().filter(|one| one.counts).collect()
    }

    fn sheet(&self, kept: &Kept) -> String {
        let word = self.f.word("material", kept.kind.code());
        if kept.page == 1 {
            word
        } else {
            format!("{word} {}", kept.page)
        }
    }

    fn said(&self, at: &usize) -> &str {
        self.typed.get(*at).map_or("", |(words, _)| words)
    }

    /// The file chosen before, or the one whose kind the item names.
    fn points_to(&self, at: &usize, kept: &Kept) -> bool {
        match self.typed.get(*at) {
            Some((_, sha256)) => *sha256 == kept.sha256,
            None => self
                .missing
                .get(*at)
                .is_some_and(|item| item.starts_with(kept.kind.title())),
        }
    }

    fn answers(&self) -> Vec<String> {
        let all = self.file.answers.iter();
        all.map(|a| story::answer(&self.f, a, &self.file.named))
            .collect()
    }
}

/// What went wrong, to be shown beside where it did.
#[derive(Default)]
struct Wrong {
    file: Option<String>,
    chosen: String,
    answers: Option<String>,
    typed: Vec<(String, String)>,
}

/// The page.
pub async fn show(at: AtRecord) -> Result<Response, Trouble> {
    page_of(&at, Wrong::default()).await
}

async fn page_of(at: &AtRecord, wrong: Wrong) -> Result<Response, Trouble> {
    let (app, id, today) = (&at.app, at.id, clock::today());
    let job = move |r: &Registry, by: &Officer| {
        let file = r.materials(by, id, today)?;
        r.record_reading(by, id, Purpose::Case);
        Ok(file)
    };
    let file = at.run(job).await?;
    let f = Frame::new(app, &at.visitor, "materials-title");
    let missing = match &file.case.state {
        CaseState::Returned { missing } if file.open => missing.clone(),
        _ => Vec::new(),
    };
    let status = if wrong.file.is_some() || wrong.answers.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let page = Materials {
        item: app.registry.item_name(&file.case.registration.item),
        lines: lines(&f, &file),
        former: file.kept.iter().filter(|k| !k.counts).cloned().collect(),
        missing,
        demanded: app.registry.demand() != Demand::Shown,
        wrong_file: wrong.file,
        chosen: wrong.chosen,
        wrong_answers: wrong.answers,
        typed: wrong.typed,
        file,
        f,
    };
    Ok(page::with_status(status, &page))
}

/// First what the law asks for, then what else is there.
fn lines(f: &Frame<'_>, file: &MaterialFile) -> Vec<Line> {
    let line = |kind: MaterialKind, need: Option<&Need>| {
        let files = file.kept.iter().filter(|k| k.counts && k.kind == kind);
        let files: Vec<_> = files.cloned().collect();
        let named = file.named.iter().any(|m| m.kind == kind) && files.is_empty();
        Line {
            kind,
            source: need.map_or_else(String::new, |n| deadlines::source(f.t, n.source)),
            unseen: need.is_some_and(|n| !n.verified),
            lacking: file.lacking.contains(&kind),
            files,
            named,
        }
    };
    let needs = file.needs.iter().map(|need| line(need.kind, Some(need)));
    let is_needed = |kind: MaterialKind| file.needs.iter().any(|need| need.kind == kind);
    let others = MaterialKind::ALL.into_iter().filter(|k| !is_needed(*k));
    let others = others.map(|kind| line(kind, None));
    needs
        .chain(others.filter(|line| line.named || !line.files.is_empty()))
        .collect()
}

/// Puts a file in.
pub async fn put(at: AtRecord, mut parts: Multipart) -> Result<Response, Trouble> {
    let (mut bytes, mut kind, mut page) = (Vec::new(), String::new(), String::new());
    while let Some(part) = parts.next_field().await.map_err(|_| Trouble::Malformed)? {
        match part.name() {
            Some("file") => {
                bytes = part.bytes().await.map_err(|_| Trouble::TooLarge)?.to_vec();
            }
            Some("kind") => kind = part.text().await.map_err(|_| Trouble::Malformed)?,
            Some("page") => page = part.text().await.map_err(|_| Trouble::Malformed)?,
            _ => {}
        }
    }
    let (id, t) = (at.id, at.t());
    let Some(chosen) = MaterialKind::from_code(&kind) else {
        let wrong = Some(t.say("materials-kind-missing"));
        return refused_file(&at, wrong, kind).await;
    };
    let page = page.parse().ok().filter(|p| (1..=PAGES).contains(p));
    let page = page.unwrap_or(1);
    let job = move |r: &Registry, by: &Officer| {
        // Decoded before the writer's turn is taken: others need not wait for a picture.
        let picture = match picture::renew(&bytes, chosen == MaterialKind::Photo) {
            Ok(picture) => picture,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let new = NewMaterial {
            kind: chosen,
            page,
            bytes: &picture,
        };
        r.put_material(id, new, by, clock::now()).map(Ok)
    };
    match at.run(job).await {
        Ok(Ok(_)) => Ok(Redirect::to(&format!("/console/cases/{id}/materials")).into_response()),
        Ok(Err(wrong)) => refused_file(&at, Some(wrong.sentence(t)), kind).await,
        Err(Trouble::Refused(refusal)) => refused_file(&at, Some(at.why(refusal)), kind).await,
        Err(other) => Err(other),
    }
}

async fn refused_file(
    at: &AtRecord,
    file: Option<String>,
    chosen: String,
) -> Result<Response, Trouble> {
    let wrong = Wrong {
        file,
        chosen,
        ..Wrong::default()
    };
    page_of(at, wrong).await
}

/// One file.
pub async fn view(at: AtRecord, Path((_, nr)): Path<(String, i64)>) -> Result<Response, Trouble> {
    let (id, today) = (at.id, clock::today());
    // The only place where a file is given out.
    let job = move |r: &Registry, by: &Officer| {
        let bytes = r.material(by, id, nr, today)?;
        r.record_reading(by, id, Purpose::Case);
        Ok(bytes)
    };
    let bytes = at.run(job).await?;
    let head = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_DISPOSITION, "inline"),
    ];
    Ok((head, bytes).into_response())
}

/// Hands the case in again, with an answer to every item of the list.
pub async fn answer(
    at: AtRecord,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let one = |name: String| {
        let found = fields.iter().find(|(n, _)| *n == name);
        found.map(|(_, v)| v.trim().to_owned()).unwrap_or_default()
    };
    let (id, today) = (at.id, clock::today());
    let file = at.run(move |r, by| r.materials(by, id, today)).await?;
    let missing = match &file.case.state {
        CaseState::Returned { missing } => missing.clone(),
        _ => Vec::new(),
    };
    let typed: Vec<_> = (0..missing.len())
        .map(|at| (one(format!("words_{at}")), one(format!("file_{at}"))))
        .collect();
    let answers = missing.iter().zip(&typed).map(|(item, said)| Answered {
        item: item.clone(),
        words: said.0.clone(),
        sha256: said.1.clone(),
    });
    let command = Command::Resubmit {
        materials: Vec::new(),
        answers: answers.collect(),
    };
    let done = at
        .run(move |r, by| r.command(&[id], &command, by, clock::now()))
        .await?;
    match done.first().map(|d| d.state) {
        Some(Err(refusal)) => {
            let wrong = Wrong {
                answers: Some(at.why(refusal)),
                typed,
                ..Wrong::default()
            };
            page_of(&at, wrong).await
        }
        _ => Ok(Redirect::to(&format!("/console/cases/{id}")).into_response()),
    }
}
