//! What the page of a certificate tells: its versions, what stands open, and of every act whether it
//! can be done today, by whom, and if not by what law.

use domain::{
    catalogue::Category,
    certificate::{Certificate, LONG_SERVICE, Status, window as window_of},
    event::{Act, legal_day},
    law::{self, Ground, grounds},
    management::{self, Asked, is_extension},
    office::Role,
    refusal::Refusal,
    verdict::{Kind, StatusWord},
};
use jiff::{Span, civil::Date};

use super::super::{
    super::{
        deadlines,
        page::{self, Frame},
    },
    stops::Choice,
    story,
};
use crate::{
    clock,
    registry::{Error, Held, Officer, Registry},
};

/// An act that this officer might do now.
pub(super) struct Offer {
    pub command: &'static str,
    /// Where its form goes.
    pub path: &'static str,
    /// Why it cannot be done.
    pub refusal: Option<String>,
    /// The days on which it can, where that is a matter of days.
    pub days: Option<String>,
    pub choices: Vec<Choice>,
}

/// What the certificate said from a day on.
pub(super) struct Version {
    pub on: String,
    pub what: String,
    pub holder: String,
    pub document: String,
    pub term: String,
    pub recheck: String,
}

/// One event, ready to be shown.
pub(super) struct Shown {
    pub idx: i64,
    pub at: String,
    pub what: &'static str,
    pub told: Vec<String>,
    pub who: String,
    pub role: &'static str,
    pub law: String,
}

/// Why it has its status on that day, and since when.
pub(super) fn reason(f: &Frame<'_>, c: &Certificate, today: Date) -> Option<String> {
    let since = f.s1("certificate-since", "day", c.since.to_string());
    match (c.ground(), c.status_on(today)) {
        (Some(ground), _) => Some(format!("{} · {since}", story::stated(f, ground))),
        (None, StatusWord::Lapsed) => {
            let due = c.says.recheck_due?.to_string();
            Some(f.s1("certificate-lapsed", "day", due))
        }
        (None, StatusWord::Expired) => {
            let until = c.says.valid_until.to_string();
            Some(f.s1("certificate-expired", "day", until))
        }
        _ => None,
    }
}

/// The last day of the ban that came with its revocation.
pub(super) fn ban(c: &Certificate) -> Option<Date> {
    match c.status {
        Status::Revoked { banned_until, .. } | Status::Cancelled { banned_until, .. } => {
            banned_until
        }
        _ => None,
    }
}

/// The law of today.
pub(super) fn law(f: &Frame<'_>, today: Date) -> String {
    let law = law::on(today);
    format!(
        "{} · {}",
        law.title,
        f.s1("after-in-force", "day", law.from.to_string())
    )
}

/// How long before its last day a recheck, a renewal or an extension is asked for.
pub(super) fn window(f: &Frame<'_>, c: &Certificate, today: Date) -> String {
    let (key, limit) = match c.says.category {
        Category::SpecialOperation => ("after-window", window_of(today)),
        Category::SafetyManagement => (
            "after-window-extension",
            law::on(today).management_extension,
        ),
    };
    let told = f.s1(key, "n", limit.value.to_string());
    let unverified = if limit.verified {
        String::new()
    } else {
        format!(" · {}", f.s("after-unverified"))
    };
    let source = deadlines::source(f.t, limit.source);
    format!("{told} · {source}{unverified}")
}

/// What is proposed, line by line.
pub(super) fn proposal(f: &Frame<'_>, c: &Certificate, today: Date) -> Vec<String> {
    let Some(proposal) = &c.proposal else {
        return Vec::new();
    };
    // A ban is that of today: it would run from the decision.
    let act = proposal.decided_on(today, c);
    let mut lines = vec![f.word("event", act.kind())];
    lines.extend(story::told(f, &act));
    lines
}

/// What stands there and what a proposed correction would put there.
pub(super) fn sides(f: &Frame<'_>, c: &Certificate) -> Option<[Version; 2]> {
    let proposal = c.proposal.as_ref()?;
    let Act::Corrected { holder, .. } = &*proposal.act else {
        return None;
    };
    let now = version(f, c, c.since, "certificate-now");
    let mut new = version(f, c, proposal.on, "event-corrected");
    holder.name.expose().clone_into(&mut new.holder);
    holder.document.expose().clone_into(&mut new.document);
    Some([now, new])
}

fn version(f: &Frame<'_>, c: &Certificate, on: Date, what: &str) -> Version {
    let says = &c.says;
    Version {
        on: on.to_string(),
        what: f.s(what),
        holder: says.holder.name.expose().to_owned(),
        document: says.holder.document.expose().to_owned(),
        term: format!("{} – {}", says.valid_from, says.valid_until),
        recheck: says.recheck_due.map_or("–".to_owned(), |d| d.to_string()),
    }
}

/// Every version, oldest first: what it said after each event that changed it.
pub(super) fn versions(f: &Frame<'_>, held: &Held) -> Vec<Version> {
    let mut found = Vec::new();
    let mut folded: Option<Certificate> = None;
    for (_, event) in &held.file.story {
        let next = match folded.take() {
            None => Certificate::begun(event),
            Some(before) => before.after(event),
        };
        let Ok(next) = next else { break };
        let changed = matches!(
            event.act,
            Act::Corrected { .. } | Act::ReviewExtended { .. } | Act::TakenOver(_)
        );
        if changed || event.act.grant().is_some() {
            let key = format!("event-{}", event.act.kind().replace('_', "-"));
            found.push(version(f, &next, event.day(), &key));
        }
        folded = Some(next);
    }
    found
}

/// The story, oldest first.
pub(super) fn story(f: &Frame<'_>, held: &Held) -> Vec<Shown> {
    let events = held.file.story.iter();
    let shown = events.map(|(idx, e)| Shown {
        idx: *idx,
        at: page::moment(e.at),
        what: e.act.kind(),
        told: story::told(f, &e.act),
        who: e.by.officer.as_str().to_owned(),
        role: e.by.role.code(),
        law: page::code(&e.law),
    });
    shown.collect()
}

/// Every act, each tried as if it were done now.
pub(super) fn offers(
    f: &Frame<'_>,
    registry: &Registry,
    held: &Held,
    officer: &Officer,
) -> Vec<Offer> {
    let c = &held.file.certificate;
    let now = clock::now();
    let today = legal_day(now);
    let tried = |act: Act| match registry.would(c, act, officer, now) {
        Ok(()) => None,
        Err(Error::Refused(refusal)) => Some(refusal),
        Err(_) => Some(Refusal::WrongState),
    };
    let mut offers = Vec::new();
    if let Some(proposal) = &c.proposal {
        let decided = tried(proposal.decided_on(today, c));
        offers.push(offer(f, "decide", "decide", decided, None));
        let reason = "-".to_owned();
        let declined = tried(Act::ProposalDeclined { reason });
        offers.push(offer(f, "decline", "decline", declined, None));
    }
    for (command, path, act) in possible(c, today) {
        let kind = match &act {
            Act::ChangeProposed(inner) => inner.kind(),
            other => other.kind(),
        };
        let choice = c.choice(kind, today);
        let choices = grounds::suitable(&choice).map(|e| Choice::of(f, e));
        let choices = choices.collect();
        let mut offer = offer(f, command, path, tried(act), None);
        offer.choices = choices;
        offers.push(offer);
    }
    for (kind, command) in [
        (Kind::Recheck, "recheck"),
        (Kind::Renewal, "renewal"),
        (Kind::Reissue, "reissue"),
        (Kind::Replacement, "replacement"),
    ] {
        let refusal = applied_for(held, kind, officer, today).err();
        let days = days(f, c, kind, today);
        offers.push(offer(f, command, "take", refusal, days));
    }
    offers
}

/// One of each act, as it would be done with the first ground there is.
fn possible(c: &Certificate, today: Date) -> [(&'static str, &'static str, Act); 6] {
    let first = |kind: &str| {
        let code = grounds::suitable(&c.choice(kind, today))
            .next()
            .map_or("", |e| e.code);
        if code.is_empty() {
            Ground::new("-", "-")
        } else {
            Ground::of(code, "")
        }
    };
    let proposed = |act| Act::ChangeProposed(Box::new(act));
    let revoked = Act::Revoked {
        ground: first("revoked"),
        banned_until: None,
    };
    let corrected = Act::Corrected {
        holder: Box::new(c.says.holder.clone()),
        number: c.says.number.clone(),
        evidence: "-".to_owned(),
        sha256: String::new(),
    };
    let extended = Act::ReviewExtended {
        years: LONG_SERVICE.value,
        evidence: "-".to_owned(),
    };
    [
        ("suspend", "change", Act::Suspended(first("suspended"))),
        ("resume", "change", Act::Resumed),
        ("revoke", "propose", proposed(revoked)),
        (
            "cancel",
            "propose",
            proposed(Act::Cancelled(first("cancelled"))),
        ),
        ("correct", "correct", proposed(corrected)),
        ("extend_review", "change", extended),
    ]
}

/// Whether an application of that kind can be taken at the counter.
fn applied_for(held: &Held, kind: Kind, officer: &Officer, today: Date) -> Result<(), Refusal> {
    held.file.certificate.opens(kind, today)?;
    if held.banned {
        return Err(Refusal::Banned);
    }
    if held.cases.iter().any(|case| !case.state.is_over()) {
        return Err(Refusal::CaseRunning);
    }
    if officer.roles.contains(&Role::AcceptanceOfficer) {
        Ok(())
    } else {
        Err(Refusal::RoleNotAllowed)
    }
}

/// From when to when it can be asked for.
fn days(f: &Frame<'_>, c: &Certificate, kind: Kind, today: Date) -> Option<String> {
    let last = match kind {
        Kind::Recheck => c.lapses_after()?,
        Kind::Renewal if !c.has_ended() => c.says.valid_until,
        _ => return None,
    };
    if is_extension(c.says.category, kind) {
        let by = management::ask_by(last, law::on(today)).to_string();
        let key = match management::asked_on(last, today) {
            Asked::InTime => "extension-by",
            Asked::Late => "extension-late",
            Asked::TooLate => "extension-over",
        };
        return Some(f.t.with(key, &[("by", &by), ("until", &last.to_string())]));
    }
    let before = Span::new().days(i64::from(window_of(today).value));
    let first = last.saturating_sub(before);
    Some(f.s1("after-days", "days", format!("{first} – {last}")))
}

fn offer(
    f: &Frame<'_>,
    command: &'static str,
    path: &'static str,
    refusal: Option<Refusal>,
    days: Option<String>,
) -> Offer {
    Offer {
        command,
        path,
        refusal: refusal.map(|refusal| f.word("refusal", refusal.code())),
        days,
        choices: Vec::new(),
    }
}
