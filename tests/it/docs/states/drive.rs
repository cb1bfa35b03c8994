//! Drives records through everything that can happen to them.
//!
//! A record is followed on from each place it can stand in; places that the law cannot tell apart
//! are one. Every act is done in every role that may, by an officer of that role's own name, so
//! that whoever entered, confirmed, reviewed and approved are different people.

use std::collections::BTreeSet;

use domain::{
    account::Account,
    batch::Batch,
    case::{Case, State},
    certificate::Certificate,
    event::{Act, Event, Former, Grant, legal_day},
    exam::Part,
    hold::Halt,
    inquiry::Inquiry,
    law,
    office::{By, Office, OfficeKind, Role},
    publication::Publication,
    record::RecordId,
    session::Session,
    verdict::Kind,
};
use jiff::{Timestamp, civil::Date, civil::date, tz::Offset};

use super::{Arrows, acts};

const START: &str = "[*]";
const CERTIFICATE: u64 = 2;
const BATCH: u64 = 3;

fn by(role: Role) -> By {
    let office = match role.office() {
        Some(OfficeKind::Institution) => acts::INSTITUTION,
        Some(OfficeKind::Authority) | None => acts::AUTHORITY,
    };
    By {
        officer: role.code().into(),
        office: office.into(),
        role,
    }
}

/// Ten o'clock in China on that day.
fn at(day: Date) -> Timestamp {
    let moment = day.at(10, 0, 0, 0);
    Offset::constant(8)
        .to_timestamp(moment)
        .expect("a moment of this age")
}

fn days_after(last: Timestamp, days: i64) -> Timestamp {
    last + jiff::SignedDuration::from_hours(24 * days)
}

fn event(record: RecordId, act: &Act, role: Role, at: Timestamp) -> Event {
    Event {
        at,
        by: by(role),
        law: law::on(legal_day(at)).name,
        record,
        act: act.clone(),
    }
}

/// One year under each law.
const STARTS: [(i16, i8, i8); 2] = [(2024, 1, 10), (2026, 7, 1)];

pub fn case() -> Arrows {
    let mut found = Arrows::new();
    for (y, m, d) in STARTS {
        let day = date(y, m, d);
        for kind in [
            Kind::Initial,
            Kind::Recheck,
            Kind::Renewal,
            Kind::Replacement,
            Kind::Reissue,
        ] {
            let registration = acts::registration(kind);
            let clerk = by(Role::InstitutionClerk);
            // No recheck begins under R19.
            if let Ok((case, event)) =
                Case::register(acts::record(1), registration, day, clerk, at(day))
            {
                found.insert((START.into(), event.act.kind(), case.state.word().into()));
                follow_case(case, &mut found);
            }
        }
    }
    found
}

/// What the law can tell of a case beside its state's word.
fn place(case: &Case) -> String {
    let more = match &case.state {
        State::Confirmed { recheck, .. } => format!("{recheck:?}"),
        State::Reported { told, .. } => format!("{}", told.is_some()),
        State::Issued {
            printed, delivered, ..
        } => format!("{printed} {delivered}"),
        State::Accepted { .. } | State::Reviewed { .. } => {
            let open = case.timing.paused().is_some();
            format!("{open} {}", case.timing.extension.is_some())
        }
        _ => String::new(),
    };
    let part = |part: Part| {
        let day = case.exam.last_day().unwrap_or(date(2000, 1, 1));
        let passed = case.exam.last(part).map(|_| case.exam.passed(part, day));
        format!("{} {passed:?}", case.exam.sittings(part).min(6))
    };
    let (word, theory) = (case.state.word(), part(Part::Theory));
    let sat = |session| case.exam.attempts.iter().any(|a| a.session == session);
    let seat = (
        case.seat.as_ref().map(|seat| sat(seat.session)),
        case.panel.as_ref().map(|p| p.marks.len()),
    );
    let waits = format!("{} {}", case.transfer.is_some(), case.withheld.is_some());
    format!(
        "{word} {more} {waits} {theory} {} {seat:?}",
        part(Part::Practical)
    )
}

/// Whoever has the case does it; what is offered to another authority is taken there.
fn on_case(case: &Case, act: &Act, role: Role) -> By {
    let authority = match (&case.transfer, act) {
        (Some(transfer), Act::Transferred) => &transfer.to,
        _ => &case.registration.authority,
    };
    let mut by = by(role);
    if role.office() == Some(OfficeKind::Authority) {
        by.office = authority.clone();
    }
    by
}

fn follow_case(start: Case, found: &mut Arrows) {
    let mut seen = BTreeSet::new();
    let mut todo = vec![start];
    while let Some(case) = todo.pop() {
        if !seen.insert(place(&case)) {
            continue;
        }
        // Long enough for silence to be acceptance, and for a passed result to run out.
        let waits: &[i64] = match case.state.word() {
            "passed" => &[10, 400],
            _ => &[10],
        };
        for wait in waits {
            let now = days_after(case.last, *wait);
            let (certificate, batch) = (acts::record(CERTIFICATE), acts::record(BATCH));
            for act in acts::on(certificate, batch, legal_day(now)) {
                for role in act.roles() {
                    let who = on_case(&case, &act, *role);
                    let done = case.clone().act(act.clone(), who, now);
                    if let Ok((next, event)) = done {
                        let from = case.state.word().to_owned();
                        found.insert((from, event.act.kind(), next.state.word().into()));
                        todo.push(next);
                    }
                }
            }
        }
    }
}

pub fn certificate() -> Arrows {
    let mut found = Arrows::new();
    // With a recheck that was due, with one that would fall due too late, and under R19.
    for (y, m, d) in [(2018, 3, 1), (2024, 3, 1), (2026, 7, 1)] {
        let day = date(y, m, d);
        let says = acts::grant(acts::record(CERTIFICATE), day);
        let issued = Act::CertificateIssued(Box::new(says.clone()));
        let former = Former {
            batch: acts::record(BATCH),
            grant: says,
        };
        let taken_over = Act::TakenOver(Box::new(former));
        for (record, act) in [(1, issued), (CERTIFICATE, taken_over)] {
            let event = event(acts::record(record), &act, Role::Issuer, at(day));
            let certificate = Certificate::begun(&event).expect("a lawful beginning");
            let word = certificate.status.word();
            found.insert((START.into(), act.kind(), word.into()));
            follow_certificate(certificate, &mut found);
        }
    }
    found
}

fn follow_certificate(start: Certificate, found: &mut Arrows) {
    let place = |c: &Certificate| {
        let today = legal_day(c.last);
        let missed = c.says.recheck_due.map(|due| due < today);
        let proposed = c.proposal.as_ref().map(|p| p.act.kind());
        format!(
            "{} {missed:?} {proposed:?} {}",
            c.status.word(),
            c.says.valid_until < today
        )
    };
    let mut seen = BTreeSet::new();
    let mut todo = vec![start];
    while let Some(certificate) = todo.pop() {
        if !seen.insert(place(&certificate)) {
            continue;
        }
        // Before and after a recheck falls due.
        for wait in [10, 1_200] {
            let now = days_after(certificate.last, wait);
            for act in on_certificate(&certificate.says, legal_day(now)) {
                for role in act.roles() {
                    let done = certificate.clone().act(act.clone(), by(*role), now);
                    if let Ok((next, event)) = done {
                        let from = certificate.status.word().to_owned();
                        found.insert((from, event.act.kind(), next.status.word().into()));
                        todo.push(next);
                    }
                }
            }
        }
    }
}

/// Every act, those of a grant with the same holder and first issue: a renewal's with a new term,
/// the others' with the old one and no recheck after the one they answer.
fn on_certificate(says: &Grant, day: Date) -> Vec<Act> {
    let mut all = acts::on(says.certificate, acts::record(BATCH), day);
    let renewed = Grant {
        first_issued: says.first_issued,
        ..acts::grant(says.certificate, day)
    };
    let rechecked = Grant {
        recheck_due: None,
        ..says.clone()
    };
    for grant in [renewed, rechecked, says.clone()] {
        all.extend(acts::granting(&grant));
    }
    all
}

pub fn batch() -> Arrows {
    let mut found = Arrows::new();
    let (y, m, d) = STARTS[1];
    let now = at(date(y, m, d));
    let id = acts::record(BATCH);
    for count in [1, 3] {
        let proposed = Act::BatchProposed {
            authority: acts::AUTHORITY.into(),
            sha256: String::new(),
            count,
        };
        let batch =
            Batch::begun(&event(id, &proposed, Role::Issuer, now)).expect("a lawful beginning");
        found.insert((START.into(), proposed.kind(), batch.word().into()));
        let mut seen = BTreeSet::new();
        let mut todo = vec![batch];
        while let Some(batch) = todo.pop() {
            if !seen.insert((batch.word(), batch.taken)) {
                continue;
            }
            for act in acts::on(acts::record(CERTIFICATE), id, legal_day(now)) {
                for role in act.roles() {
                    let record = if matches!(act, Act::TakenOver(_)) {
                        acts::record(CERTIFICATE)
                    } else {
                        id
                    };
                    if let Ok(next) = batch.clone().after(&event(record, &act, *role, now)) {
                        found.insert((batch.word().into(), act.kind(), next.word().into()));
                        todo.push(next);
                    }
                }
            }
        }
    }
    found
}

pub fn halt() -> Arrows {
    let mut found = Arrows::new();
    let (y, m, d) = STARTS[1];
    let now = at(date(y, m, d));
    let id = acts::record(5);
    let all = || {
        acts::on(
            acts::record(CERTIFICATE),
            acts::record(BATCH),
            legal_day(now),
        )
    };
    let beginning = all().into_iter().filter_map(|act| {
        let begun = Halt::begun(&event(id, &act, act.roles()[0], now)).ok()?;
        Some((act.kind(), begun))
    });
    let mut todo = Vec::new();
    for (kind, halt) in beginning {
        found.insert((START.into(), kind, halt.word().into()));
        todo.push(halt);
    }
    let mut seen = BTreeSet::new();
    while let Some(halt) = todo.pop() {
        if !seen.insert(halt.word()) {
            continue;
        }
        for act in all() {
            for role in act.roles() {
                if let Ok(next) = halt.clone().after(&event(id, &act, *role, now)) {
                    found.insert((halt.word().into(), act.kind(), next.word().into()));
                    todo.push(next);
                }
            }
        }
    }
    found
}

pub fn account() -> Arrows {
    let mut found = Arrows::new();
    let (y, m, d) = STARTS[1];
    let now = at(date(y, m, d));
    let id = acts::record(6);
    let opened = Act::AccountOpened(Box::new(acts::opening()));
    let account = Account::begun(&event(id, &opened, Role::SecurityAdmin, now));
    let account = account.expect("a lawful beginning");
    found.insert((START.into(), opened.kind(), account.word().into()));
    let (mut seen, mut todo) = (Vec::new(), vec![account]);
    while let Some(account) = todo.pop() {
        let state = (account.word(), account.roles(), account.factor);
        if seen.contains(&state) {
            continue;
        }
        seen.push(state);
        for act in acts::on(
            acts::record(CERTIFICATE),
            acts::record(BATCH),
            legal_day(now),
        ) {
            for role in act.roles() {
                // The officer of the account, and another.
                for login in ["somebody", "another"] {
                    let mut event = event(id, &act, *role, now);
                    event.by.officer = login.into();
                    if let Ok(next) = account.clone().after(&event) {
                        found.insert((account.word().into(), act.kind(), next.word().into()));
                        todo.push(next);
                    }
                }
            }
        }
    }
    found
}

pub fn publication() -> Arrows {
    let mut found = Arrows::new();
    let (y, m, d) = STARTS[1];
    let now = at(date(y, m, d));
    let id = acts::record(6);
    let by = |act: &Act, officer: &str| {
        let mut event = event(id, act, act.roles()[0], now);
        event.by.officer = officer.into();
        event
    };
    let day = legal_day(now);
    let mut todo = Vec::new();
    for act in acts::publishing(day) {
        if let Ok(begun) = Publication::begun(&by(&act, "first")) {
            found.insert((START.into(), act.kind(), begun.word().into()));
            todo.push(begun);
        }
    }
    while let Some(publication) = todo.pop() {
        for act in acts::publishing(day) {
            if let Ok(next) = publication.clone().after(&by(&act, "second")) {
                found.insert((publication.word().into(), act.kind(), next.word().into()));
                todo.push(next);
            }
        }
    }
    found
}

pub fn office() -> Arrows {
    let mut found = Arrows::new();
    let (y, m, d) = STARTS[1];
    let now = at(date(y, m, d));
    let id = acts::record(4);
    for kind in [OfficeKind::Institution, OfficeKind::Authority] {
        for suspended in [None, Some(acts::ground())] {
            let entered = Act::OfficeEntered(Box::new(acts::office(kind, suspended)));
            let office = Office::begun(&event(id, &entered, Role::SystemAdmin, now))
                .expect("a lawful beginning");
            found.insert((START.into(), entered.kind(), office.word().into()));
            let mut seen = BTreeSet::new();
            let mut todo = vec![office];
            while let Some(office) = todo.pop() {
                if !seen.insert((office.word(), office.authorisation.is_some())) {
                    continue;
                }
                for act in acts::on(
                    acts::record(CERTIFICATE),
                    acts::record(BATCH),
                    legal_day(now),
                ) {
                    for role in act.roles() {
                        if let Ok(next) = office.clone().after(&event(id, &act, *role, now)) {
                            found.insert((office.word().into(), act.kind(), next.word().into()));
                            todo.push(next);
                        }
                    }
                }
            }
        }
    }
    found
}

/// What a session sees happen, in the order in which it can: planned, changed, sat in, assessed.
pub fn session() -> Arrows {
    let mut found = Arrows::new();
    let (y, m, d) = STARTS[1];
    let (day, id) = (date(y, m, d), acts::record(acts::SESSION));
    let exam = day.tomorrow().expect("a day");
    let acts_on = |day: Date| {
        let mut all = acts::on(acts::record(CERTIFICATE), acts::record(BATCH), day);
        all.push(acts::enrolled(exam));
        all
    };
    let mut todo = Vec::new();
    for act in acts_on(day) {
        let begun = Session::begun(&event(id, &act, act.roles()[0], at(day)));
        if let Ok(session) = begun {
            found.insert((START.into(), act.kind(), session.word().into()));
            todo.push(session);
        }
    }
    let mut seen = BTreeSet::new();
    while let Some(session) = todo.pop() {
        if !seen.insert((session.word(), session.seated.len(), session.last)) {
            continue;
        }
        for on in [day, exam] {
            for act in acts_on(on) {
                for role in act.roles() {
                    // A seat and a score are a case's own.
                    let own = act.kind().starts_with("session_");
                    let record = if own { id } else { acts::record(1) };
                    let done = session.clone().after(&event(record, &act, *role, at(on)));
                    if let Ok(next) = done {
                        found.insert((session.word().into(), act.kind(), next.word().into()));
                        todo.push(next);
                    }
                }
            }
        }
    }
    found
}

/// Followed by officers of whichever authority has it.
pub fn inquiry() -> Arrows {
    let mut found = Arrows::new();
    for (y, m, d) in STARTS {
        let day = date(y, m, d);
        let asked = Inquiry::ask(acts::record(5), acts::question(day), at(day));
        let (inquiry, event) = asked.expect("a lawful beginning");
        found.insert((START.into(), event.act.kind(), inquiry.state.word().into()));
        let mut seen = BTreeSet::new();
        let mut todo = vec![inquiry];
        while let Some(inquiry) = todo.pop() {
            if !seen.insert((inquiry.state.word(), inquiry.office.clone())) {
                continue;
            }
            let now = days_after(inquiry.last, 1);
            let (certificate, batch) = (acts::record(CERTIFICATE), acts::record(BATCH));
            for act in acts::on(certificate, batch, legal_day(now)) {
                for role in act.roles() {
                    let by = By {
                        office: inquiry.office.clone(),
                        ..by(*role)
                    };
                    if let Ok((next, event)) = inquiry.clone().act(act.clone(), by, now) {
                        let from = inquiry.state.word().to_owned();
                        found.insert((from, event.act.kind(), next.state.word().into()));
                        todo.push(next);
                    }
                }
            }
        }
    }
    found
}
