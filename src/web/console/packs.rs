//! `/console/packs`: which version of the law's limits and of the catalogue is in force, what was
//! proposed, and the file of the next one.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Multipart, State},
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    law::Law,
    pack::PackFault,
    publication::{Content, Proposal},
};
use sha2::{Digest, Sha256};

use super::{
    super::{
        App, Trouble, Visitor,
        caller::file_of,
        page::{self, Frame},
    },
    publications::{Line, line},
};
use crate::{clock, packs};

/// A version of a law, or of the catalogue.
struct Version {
    name: String,
    from: String,
    verified: bool,
    unverified: usize,
    in_force: bool,
}

#[derive(Template)]
#[template(path = "console/packs.html")]
struct Packs<'a> {
    f: Frame<'a>,
    laws: Vec<Version>,
    catalogues: Vec<Version>,
    lines: Vec<Line>,
    mistake: Option<String>,
    faults: Vec<(String, String)>,
}

/// The page.
pub async fn show(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Trouble> {
    page_of(&app, &visitor, None, Vec::new()).await
}

/// Proposes what a file says.
pub async fn propose(
    State(app): State<Arc<App>>,
    Extension(visitor): Extension<Visitor>,
    parts: Multipart,
) -> Result<Response, Trouble> {
    let officer = visitor.officer.clone().ok_or(Trouble::Forbidden)?;
    let t = app.sentences(visitor.lang);
    let bytes = file_of(parts, "file").await?;
    let content = match read(&bytes) {
        Ok(content) => content,
        Err(why) => {
            let said = t.with("packs-file-wrong", &[("why", &why)]);
            return page_of(&app, &visitor, Some(said), Vec::new()).await;
        }
    };
    let sha256 = packs::hex(&Sha256::digest(&bytes));
    let done = app.run(move |r| {
        let faults = r.publication_faults(&content, clock::today())?;
        if !faults.is_empty() {
            return Ok(Err(faults));
        }
        let proposal = Proposal { content, sha256 };
        Ok(Ok(r.propose_publication(
            proposal,
            &officer,
            clock::now(),
        )?))
    });
    match done.await {
        Ok(Ok(id)) => Ok(Redirect::to(&format!("/console/packs/{id}")).into_response()),
        Ok(Err(faults)) => {
            let said = t.say("packs-faults");
            page_of(&app, &visitor, Some(said), faults).await
        }
        Err(Trouble::Refused(refusal)) => {
            let said = Frame::new(&app, &visitor, "packs-title").word("refusal", refusal.code());
            page_of(&app, &visitor, Some(said), Vec::new()).await
        }
        Err(other) => Err(other),
    }
}

/// What a file says; an announcement has its own page.
fn read(bytes: &[u8]) -> Result<Content, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "UTF-8".to_owned())?;
    if text.trim().is_empty() || text.len() > packs::LONGEST {
        return Err(format!("1 – {} bytes", packs::LONGEST));
    }
    match packs::read(text)? {
        Content::Announcement(_) => Err("kind = \"rule_pack\", \"catalogue\"".to_owned()),
        content => Ok(content),
    }
}

async fn page_of(
    app: &Arc<App>,
    visitor: &Visitor,
    mistake: Option<String>,
    faults: Vec<PackFault>,
) -> Result<Response, Trouble> {
    let status = page::status(mistake.is_some());
    let all = app.run(crate::registry::Registry::publications).await?;
    let f = Frame::new(app, visitor, "packs-title");
    let today = clock::today();
    let (calendar, now) = (app.registry.calendar(), app.registry.catalogue());
    let in_force = calendar.law(today);
    let laws = calendar.laws().all();
    let laws = laws.map(|law| version(law, std::ptr::eq(law, in_force)));
    let catalogues = app.registry.catalogues().into_iter();
    let catalogues = catalogues.map(|(from, catalogue)| Version {
        name: catalogue.version.clone(),
        from: from.map_or_else(|| "–".to_owned(), |day| day.to_string()),
        verified: catalogue.verified,
        unverified: 0,
        in_force: catalogue.version == now.version,
    });
    let is_pack = |content: &Content| !matches!(content, Content::Announcement(_));
    let packs = all
        .iter()
        .filter(|one| is_pack(&one.publication.proposal.content));
    let lines = packs.map(|one| line(app, one)).collect();
    let faults = faults.into_iter();
    let faults = faults.map(|fault| (fault.place, f.word("pack-fault", fault.code)));
    let page = Packs {
        laws: laws.collect(),
        catalogues: catalogues.collect(),
        lines,
        mistake,
        faults: faults.collect(),
        f,
    };
    Ok(page::with_status(status, &page))
}

fn version(law: &Law, in_force: bool) -> Version {
    let limits = law.limits().into_iter().filter_map(|(_, limit)| limit);
    let unverified = limits.filter(|limit| !limit.verified).count();
    Version {
        name: format!("{:?}-{}", law.name, law.version),
        from: law.from.to_string(),
        verified: unverified == 0,
        unverified,
        in_force,
    }
}
