//! Import: the rows of an exam sheet become cases, all in one transaction.
//!
//! The sheet was read and its rows checked before ([`crate::papers::sheet`], `domain::roster`);
//! what only the register knows is checked here: the institution's authorisation, the person's
//! running cases and certificates, and whether these bytes were taken before.

use domain::{
    case::{Case, State},
    event::{Act, Event, Registration},
    exam::{Outcome, Part},
    law,
    office::{Office, OfficeCode},
    person::Person,
    record::RecordId,
    refusal::Refusal,
    roster::Row,
    verdict::{Kind, StatusWord},
};
use jiff::{Timestamp, civil::Date};

use super::{
    Error, Officer, Registry, Result, chain,
    store::Ask,
    work::{Key, SheetRow, Work},
};

/// A checked sheet.
pub struct Import<'a> {
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: &'a str,
    /// The rows that passed the check of the sheet, with their numbers in it.
    pub rows: &'a mut dyn Iterator<Item = (u32, Row)>,
    /// How many rows the check of the sheet refused.
    pub refused: u32,
    /// The officer has seen the refused rows and wants the good ones taken.
    pub take_good: bool,
}

/// A row that the register refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowRefused {
    /// The row's number in the sheet.
    pub row: u32,
    /// Why.
    pub refusal: Refusal,
}

/// What became of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// These bytes were taken before: nothing was changed.
    Already {
        /// Rows taken then.
        taken: u32,
    },
    /// There are refused rows and nobody has confirmed: nothing was changed.
    Unconfirmed {
        /// Rows that would be taken.
        good: u32,
        /// Rows that the register refuses, beside those the sheet's check refused.
        refused: Vec<RowRefused>,
    },
    /// Taken.
    Done {
        /// Rows taken.
        taken: u32,
        /// Rows refused by the register.
        refused: Vec<RowRefused>,
    },
}

const KNOWN: &str = "-- sheets::known\nSELECT taken FROM sheets WHERE institution = $1 AND sha256 = $2";

impl Registry {
    /// Takes a sheet for the officer's institution.
    ///
    /// # Errors
    /// `NotFound` when the office is no institution of the directory; what the database says.
    pub fn import(&self, sheet: Import<'_>, by: &Officer, now: Timestamp) -> Result<Imported> {
        let mut work = self.work()?;
        let institution = work.office(&by.office)?.cloned().ok_or(Error::NotFound)?;
        let known = work.tx.query_opt(KNOWN, &[by.office.as_str().into(), sheet.sha256.into()])?;
        if let Some(row) = known {
            return Ok(Imported::Already { taken: u32::try_from(row.int(0)?).unwrap_or(u32::MAX) });
        }
        let mut taken = 0;
        let mut refused = Vec::new();
        for (row_number, row) in sheet.rows {
            match take(&mut work, &institution, &row, by, now) {
                Ok(()) => taken += 1,
                Err(Error::Refused(refusal)) => refused.push(RowRefused { row: row_number, refusal }),
                Err(other) => return Err(other),
            }
            work.flush_if_full()?;
        }
        let troubled = sheet.refused > 0 || !refused.is_empty();
        if troubled && !sheet.take_good {
            return Ok(Imported::Unconfirmed { good: taken, refused });
        }
        if taken == 0 {
            return Ok(Imported::Done { taken, refused });
        }
        let all_refused = sheet.refused.saturating_add(u32::try_from(refused.len()).unwrap_or(u32::MAX));
        record_sheet(&mut work, sheet.sha256, taken, all_refused, by, now)?;
        work.commit()?;
        Ok(Imported::Done { taken, refused })
    }
}

fn record_sheet(work: &mut Work<'_>, sha256: &str, taken: u32, refused: u32, by: &Officer, now: Timestamp) -> Result<()> {
    let institution = by.office.clone();
    let act = Act::SheetImported { institution: institution.clone(), sha256: sha256.to_owned(), taken, refused };
    let record = work.new_record();
    work.journal(&chain::event(record, act, by, now)?)?;
    work.sheets.push(SheetRow { record, institution, sha256: sha256.to_owned(), taken, refused });
    Ok(())
}

/// What a row means for the person's cases.
enum Joins {
    /// Nothing runs: a new case, after closing the one that came to an end without a certificate.
    New { close: Option<Case> },
    /// The sittings belong to this case.
    Running(Case),
}

/// One row: everything it brings, or nothing.
fn take(work: &mut Work<'_>, institution: &Office, row: &Row, by: &Officer, now: Timestamp) -> Result<()> {
    if !institution.may_examine(&row.item, row.exam_date) {
        return Err(Refusal::NotAuthorised.into());
    }
    let authority = institution.reports_to.clone().ok_or(Refusal::NotAuthorised)?;
    let person = Person { name: row.name.clone(), sex: row.sex, document: row.document.clone() };
    let key = work.dossier_of(&person)?;
    let joins = joins(work, &key, row, domain::event::legal_day(now))?;
    let session = session(work, &by.office, row.exam_date, by, now)?;
    let mut steps: Vec<(Case, Event)> = Vec::with_capacity(4);
    let mut case = match joins {
        Joins::Running(case) => case,
        Joins::New { close } => {
            if let Some(old) = close {
                let at = Work::not_before(now, old.last);
                steps.push(old.act(Act::Closed, by.acting(&Act::Closed)?, at)?);
            }
            let begun = register(work, row, person, institution, authority, by, now)?;
            steps.push(begun);
            // Cannot fail: it was just pushed.
            steps.last().map(|(case, _)| case.clone()).ok_or(Error::Internal("import::take"))?
        }
    };
    let at = Work::not_before(now, case.last);
    for (part, score) in [(Part::Theory, row.theory), (Part::Practical, row.practical)] {
        let Some(score) = score else { continue };
        let on = row.exam_date;
        let act = match part {
            Part::Theory => Act::TheoryScored { session, on, score },
            Part::Practical => Act::PracticalScored { session, on, score },
        };
        let by = by.acting(&act)?;
        let step = case.act(act, by, at)?;
        case = step.0.clone();
        steps.push(step);
    }
    if steps.is_empty() {
        return Err(Refusal::AlreadyImported.into());
    }
    for (case, event) in steps {
        work.put_case(key, case, &event)?;
    }
    Ok(())
}

fn joins(work: &mut Work<'_>, key: &Key, row: &Row, today: Date) -> Result<Joins> {
    let category = work.registry.catalogue.category(&row.item).ok_or(Refusal::Unknown)?;
    let dossier = &work.dossier(key)?.value;
    if row.kind == Kind::Initial {
        let held = dossier.certificates.iter().any(|c| {
            c.says.category == category
                && c.says.item == row.item
                && matches!(c.status_on(today), StatusWord::Valid | StatusWord::Suspended)
        });
        if held {
            return Err(Refusal::CertificateExists.into());
        }
    }
    let running = dossier.cases.iter().find(|c| {
        let r = &c.registration;
        r.category == category
            && r.item == row.item
            && r.kind == row.kind
            && !matches!(c.state, State::Issued { .. } | State::Closed)
    });
    let Some(case) = running else { return Ok(Joins::New { close: None }) };
    match &case.state {
        State::Registered | State::Examined => Ok(Joins::Running(case.clone())),
        State::Confirmed { outcome: Outcome::NotPassed { .. }, .. } => {
            let parts = [(Part::Theory, row.theory), (Part::Practical, row.practical)];
            let spent = parts.iter().any(|(p, s)| s.is_some() && !case.exam.may_sit(*p, row.exam_date));
            if spent { Ok(Joins::New { close: Some(case.clone()) }) } else { Ok(Joins::Running(case.clone())) }
        }
        State::Refused { .. } | State::Rejected { .. } => Ok(Joins::New { close: Some(case.clone()) }),
        _ if case.exam.attempts.iter().any(|a| a.on == row.exam_date) => Err(Refusal::AlreadyImported.into()),
        _ => Err(Refusal::CaseRunning.into()),
    }
}

fn session(work: &mut Work<'_>, office: &OfficeCode, on: Date, by: &Officer, now: Timestamp) -> Result<RecordId> {
    let act = Act::SessionOpened { institution: office.clone(), on };
    let acting = by.acting(&act)?;
    work.session(office, on, |record| Event { at: now, by: acting, law: law::on(on).name, record, act })
}

fn register(
    work: &mut Work<'_>,
    row: &Row,
    person: Person,
    institution: &Office,
    authority: OfficeCode,
    by: &Officer,
    now: Timestamp,
) -> Result<(Case, Event)> {
    let category = work.registry.catalogue.category(&row.item).ok_or(Refusal::Unknown)?;
    let ticket = match &row.ticket {
        Some(ticket) if work.ticket(ticket)?.is_some() => return Err(Refusal::TicketTaken.into()),
        Some(ticket) => ticket.clone(),
        None => give_ticket(work, row.exam_date)?,
    };
    let registration = Registration {
        person,
        category,
        item: row.item.clone(),
        kind: row.kind,
        institution: institution.code.clone(),
        authority,
        ticket,
    };
    let by = by.acting(&Act::Registered(Box::new(registration.clone())))?;
    Ok(Case::register(work.new_record(), registration, row.exam_date, by, now)?)
}

/// An admission-ticket number nobody has: the day of the exam and eight digits that cannot be
/// guessed, because whoever types it is told everything about the case.
fn give_ticket(work: &mut Work<'_>, on: Date) -> Result<String> {
    loop {
        let tail = work.registry.chance.u64() % 100_000_000;
        let ticket = format!("{:02}{:02}{:02}{tail:08}", on.year() % 100, on.month(), on.day());
        if work.ticket(&ticket)?.is_none() {
            return Ok(ticket);
        }
    }
}
