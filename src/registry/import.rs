//! Import: the rows of an exam sheet become cases, all in one transaction.
//!
//! The sheet was read and its rows checked before ([`crate::papers::sheet`], `domain::roster`);
//! what only the register knows is checked here: the institution's authorisation, the person's
//! running cases and certificates, and whether these bytes were taken before.

use domain::{
    case::{Case, State},
    catalogue::Category,
    dossier::Dossier,
    event::{Act, Event, Registration},
    exam::{Outcome, Part},
    law,
    office::{Office, OfficeCode, Sheet},
    person::Person,
    record::RecordId,
    refusal::Refusal,
    roster::Row,
    verdict::{Kind, StatusWord},
};
use jiff::{Timestamp, civil::Date};

use super::{
    Error, Officer, Registry, Result, chain, exams, grant,
    store::Ask,
    work::{Key, Work},
};

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

const KNOWN: &str = "-- sheets::known\nSELECT taken FROM sheets WHERE institution = $1 AND sha256 = $2 AND feed = 0";

/// A sheet being taken: one writer's turn, rows given one by one, all of them or none kept.
pub struct Importing<'r> {
    work: Work<'r>,
    institution: Office,
    by: Officer,
    now: Timestamp,
    sha256: String,
    already: Option<u32>,
    taken: u32,
    refused: Vec<RowRefused>,
}

impl Registry {
    /// How many rows were taken when these bytes were taken before. Asks without the writer's turn.
    ///
    /// # Errors
    /// What the database says.
    pub fn sheet_taken(&self, sha256: &str, by: &Officer) -> Result<Option<u32>> {
        self.store.read(|r| known(r, sha256, by))
    }

    /// Begins to take a sheet for the officer's institution. `sha256` is that of its bytes, in
    /// hexadecimal.
    ///
    /// # Errors
    /// `NotFound` when the office is not in the directory; what the database says.
    pub fn begin_import(
        &self,
        sha256: &str,
        by: &Officer,
        now: Timestamp,
    ) -> Result<Importing<'_>> {
        let mut work = self.work()?;
        let institution = work.office(&by.office)?.cloned().ok_or(Error::NotFound)?;
        let already = known(&mut work.tx, sha256, by)?;
        let (by, sha256) = (by.clone(), sha256.to_owned());
        Ok(Importing {
            work,
            institution,
            by,
            now,
            sha256,
            already,
            taken: 0,
            refused: Vec::new(),
        })
    }

    /// Takes rows that were checked before: `refused_before` is how many that check refused, and
    /// `take_good` says that the officer has seen them and wants the good ones taken.
    ///
    /// # Errors
    /// As [`Registry::begin_import`] and [`Importing::row`].
    pub fn import(
        &self,
        sha256: &str,
        rows: impl IntoIterator<Item = (u32, Row)>,
        (refused_before, take_good): (u32, bool),
        by: &Officer,
        now: Timestamp,
    ) -> Result<Imported> {
        let mut importing = self.begin_import(sha256, by, now)?;
        for (number, row) in rows {
            importing.row(number, &row)?;
        }
        importing.finish(refused_before, take_good)
    }
}

impl Importing<'_> {
    /// Whether these bytes were taken before; then rows are not looked at.
    #[must_use]
    pub fn already(&self) -> bool {
        self.already.is_some()
    }

    /// One row of the sheet, with its number in it.
    ///
    /// # Errors
    /// What the database says; a refusal is kept and told at the end.
    pub fn row(&mut self, number: u32, row: &Row) -> Result<Option<Refusal>> {
        if self.already.is_some() {
            return Ok(None);
        }
        let told = match take(&mut self.work, &self.institution, row, &self.by, self.now) {
            Ok(_) => {
                self.taken += 1;
                None
            }
            Err(Error::Refused(refusal)) => {
                self.refused.push(RowRefused {
                    row: number,
                    refusal,
                });
                Some(refusal)
            }
            Err(other) => return Err(other),
        };
        self.work.flush_if_full()?;
        Ok(told)
    }

    /// Keeps all of it, or nothing: nothing when these bytes were taken before, when no row is
    /// good, or when rows are refused and nobody has confirmed.
    ///
    /// # Errors
    /// What the database says; then nothing was kept.
    pub fn finish(mut self, refused_before: u32, take_good: bool) -> Result<Imported> {
        if let Some(taken) = self.already {
            return Ok(Imported::Already { taken });
        }
        let (taken, refused) = (self.taken, self.refused);
        if (refused_before > 0 || !refused.is_empty()) && !take_good {
            return Ok(Imported::Unconfirmed {
                good: taken,
                refused,
            });
        }
        if taken > 0 {
            let all_refused =
                refused_before.saturating_add(u32::try_from(refused.len()).unwrap_or(u32::MAX));
            record_sheet(
                &mut self.work,
                &self.sha256,
                taken,
                all_refused,
                &self.by,
                self.now,
            )?;
            self.work.commit()?;
        }
        Ok(Imported::Done { taken, refused })
    }
}

pub(super) fn known(ask: &mut dyn Ask, sha256: &str, by: &Officer) -> Result<Option<u32>> {
    let row = ask.query_opt(KNOWN, &[by.office.as_str().into(), sha256.into()])?;
    row.map(|row| Ok(u32::try_from(row.int(0)?).unwrap_or(u32::MAX)))
        .transpose()
}

pub(super) fn record_sheet(
    work: &mut Work<'_>,
    sha256: &str,
    taken: u32,
    refused: u32,
    by: &Officer,
    now: Timestamp,
) -> Result<()> {
    let institution = by.office.clone();
    let act = Act::SheetImported {
        institution: institution.clone(),
        sha256: sha256.to_owned(),
        taken,
        refused,
    };
    let record = work.new_record();
    let event = chain::event(record, act, by, now)?;
    work.journal(&event)?;
    work.sheets.push(Sheet::begun(&event)?);
    Ok(())
}

/// What a row means for the person's cases.
enum Joins {
    /// Nothing runs: a new case, after closing the one that came to an end without a certificate.
    New { close: Option<Case> },
    /// The sittings belong to this case.
    Running(Case),
}

/// One row: everything it brings, or nothing. Tells which case it belongs to.
pub(super) fn take(
    work: &mut Work<'_>,
    institution: &Office,
    row: &Row,
    by: &Officer,
    now: Timestamp,
) -> Result<RecordId> {
    if institution.suspended.is_some() {
        return Err(Refusal::OfficeSuspended.into());
    }
    if !institution.could_examine(&row.item, row.exam_date) {
        return Err(Refusal::NotAuthorised.into());
    }
    let authority = institution
        .reports_to
        .clone()
        .ok_or(Refusal::NotAuthorised)?;
    let person = Person {
        name: row.name.clone(),
        sex: row.sex,
        document: row.document.clone(),
    };
    let key = work.dossier_of(&person)?;
    let today = domain::event::legal_day(now);
    let joins = joins(work, &key, row, &institution.code, today)?;
    let session = session(work, &joins, row, by, now)?;
    let mut steps: Vec<(Case, Event)> = Vec::with_capacity(4);
    let mut case = match joins {
        Joins::Running(case) => case,
        Joins::New { close } => {
            if let Some(old) = close {
                let at = Work::not_before(now, old.last);
                steps.push(old.act(Act::Closed, by.acting(&Act::Closed)?, at)?);
            }
            let begun = register(work, (&key, row), person, institution, authority, by, now)?;
            steps.push(begun);
            // Cannot fail: it was just pushed.
            steps
                .last()
                .map(|(case, _)| case.clone())
                .ok_or(Error::Internal("import::take"))?
        }
    };
    let given = ticket(work, &mut case, row, by, now)?;
    let begun = steps.len();
    steps.extend(given);
    let sat = scores(&mut case, row, session, by, now)?;
    if begun == 0 && sat.is_empty() {
        return Err(Refusal::AlreadyImported.into());
    }
    steps.extend(sat);
    let id = case.id;
    for (case, event) in steps {
        work.put_case(key, case, &event)?;
    }
    Ok(id)
}

/// A resit has an admission ticket of its own, and it is honoured like the first.
fn ticket(
    work: &mut Work<'_>,
    case: &mut Case,
    row: &Row,
    by: &Officer,
    now: Timestamp,
) -> Result<Option<(Case, Event)>> {
    let Some(ticket) = row.ticket.as_ref().filter(|t| !case.has_ticket(t)) else {
        return Ok(None);
    };
    if work.ticket(ticket)?.is_some() {
        return Err(Refusal::TicketTaken.into());
    }
    let act = Act::TicketGiven {
        ticket: ticket.clone(),
    };
    let at = Work::not_before(now, case.last);
    let step = case.clone().act(act.clone(), by.acting(&act)?, at)?;
    *case = step.0.clone();
    Ok(Some(step))
}

/// The sittings that the row brings.
fn scores(
    case: &mut Case,
    row: &Row,
    session: RecordId,
    by: &Officer,
    now: Timestamp,
) -> Result<Vec<(Case, Event)>> {
    let mut steps = Vec::with_capacity(2);
    let at = Work::not_before(now, case.last);
    for (part, score) in [(Part::Theory, row.theory), (Part::Practical, row.practical)] {
        let Some(score) = score else { continue };
        let on = row.exam_date;
        let act = match part {
            Part::Theory => Act::TheoryScored {
                session,
                on,
                score,
                machine: None,
            },
            Part::Practical => Act::PracticalScored {
                session,
                on,
                score,
                panel: None,
            },
        };
        let by = by.acting(&act)?;
        let step = case.clone().act(act, by, at)?;
        *case = step.0.clone();
        steps.push(step);
    }
    Ok(steps)
}

/// What the row means for the person's cases; whoever is banned begins no new one.
fn joins(
    work: &mut Work<'_>,
    key: &Key,
    row: &Row,
    institution: &OfficeCode,
    today: Date,
) -> Result<Joins> {
    let category = work
        .registry
        .catalogue()
        .category(&row.item)
        .ok_or(Refusal::Unknown)?;
    let dossier = &work.dossier(key)?.value;
    let joins = joined(dossier, category, row, institution, today)?;
    // As at a session's door: by the day of the exam.
    if matches!(joins, Joins::New { .. }) && dossier.banned_on(category, row.exam_date) {
        return Err(Refusal::Banned.into());
    }
    let goes_on = matches!(row.kind, Kind::Renewal | Kind::Recheck);
    match dossier.former(category, &row.item) {
        Some(former) if goes_on && former.has_ended() => Err(Refusal::CertificateEnded.into()),
        _ => Ok(joins),
    }
}

fn joined(
    dossier: &Dossier,
    category: Category,
    row: &Row,
    institution: &OfficeCode,
    today: Date,
) -> Result<Joins> {
    if row.kind == Kind::Initial {
        let in_force = [StatusWord::Valid, StatusWord::Suspended];
        let held = dossier.certificates.iter().any(|c| {
            (c.says.category, &c.says.item) == (category, &row.item)
                && in_force.contains(&c.status_on(today))
        });
        if held {
            return Err(Refusal::CertificateExists.into());
        }
    }
    // The latest: an earlier one that came to nothing does not stand in its way.
    let running = dossier.cases.iter().rfind(|c| {
        let r = &c.registration;
        r.category == category
            && r.item == row.item
            && r.kind == row.kind
            && !matches!(c.state, State::Issued { .. } | State::Closed)
    });
    let Some(case) = running else {
        return Ok(Joins::New { close: None });
    };
    // What came to an end elsewhere may begin anew here; what runs there is not ours to go on with.
    let ours = case.registration.institution == *institution;
    match &case.state {
        State::Registered | State::Examined if ours => Ok(Joins::Running(case.clone())),
        State::Confirmed { outcome, .. }
            if *outcome != Outcome::Passed || case.may_resit(row.exam_date) =>
        {
            let parts = [(Part::Theory, row.theory), (Part::Practical, row.practical)];
            let spent = parts
                .iter()
                .any(|(p, s)| s.is_some() && !case.exam.may_sit(*p, row.exam_date));
            if spent {
                Ok(Joins::New {
                    close: Some(case.clone()),
                })
            } else if ours {
                Ok(Joins::Running(case.clone()))
            } else {
                Err(Refusal::CaseRunning.into())
            }
        }
        State::Refused { .. } | State::Rejected { .. } | State::Annulled { .. } => Ok(Joins::New {
            close: Some(case.clone()),
        }),
        _ if ours && case.exam.attempts.iter().any(|a| a.on == row.exam_date) => {
            Err(Refusal::AlreadyImported.into())
        }
        _ => Err(Refusal::CaseRunning.into()),
    }
}

/// The session the row's sittings were in: that of the seat, where there is one for the day.
fn session(
    work: &mut Work<'_>,
    joins: &Joins,
    row: &Row,
    by: &Officer,
    now: Timestamp,
) -> Result<RecordId> {
    let on = row.exam_date;
    if let Joins::Running(case) = joins
        && let Some(seat) = case.seat.as_ref().filter(|seat| seat.on == on)
    {
        return Ok(seat.session);
    }
    let act = Act::SessionOpened {
        institution: by.office.clone(),
        on,
    };
    let acting = by.acting(&act)?;
    work.session_of_row(&by.office, (on, &row.item), |record| Event {
        at: now,
        by: acting,
        law: law::on(on).name,
        record,
        act,
    })
}

fn register(
    work: &mut Work<'_>,
    (key, row): (&Key, &Row),
    person: Person,
    institution: &Office,
    authority: OfficeCode,
    by: &Officer,
    now: Timestamp,
) -> Result<(Case, Event)> {
    let category = work
        .registry
        .catalogue()
        .category(&row.item)
        .ok_or(Refusal::Unknown)?;
    let ticket = match &row.ticket {
        Some(ticket) if work.ticket(ticket)?.is_some() => return Err(Refusal::TicketTaken.into()),
        Some(ticket) => ticket.clone(),
        None => exams::give_ticket(work, row.exam_date)?,
    };
    let mut registration = Registration {
        person,
        category,
        item: row.item.clone(),
        kind: row.kind,
        institution: institution.code.clone(),
        authority,
        ticket,
        replaces: None,
        appointment: row.appointment.clone(),
    };
    let today = domain::event::legal_day(now);
    registration.appointment = grant::appointment(work, key, &registration, today)?;
    let by = by.acting(&Act::Registered(Box::new(registration.clone())))?;
    let id = work.new_record();
    Ok(Case::register(id, registration, row.exam_date, by, now)?)
}
