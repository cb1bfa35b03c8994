//! 报名: a candidate is looked at under the law of the exam day, then given a seat and a ticket.

use domain::{
    case::{Case, State},
    catalogue::{Category, ItemCode},
    dossier::Dossier,
    eligibility::{self, Applicant, Finding, Schooling},
    event::{Act, Registration},
    management::MaybeAppointment,
    office::Office,
    person::Person,
    record::RecordId,
    refusal::Refusal,
    session::{Enrolment, Session},
    verdict::Kind,
};
use jiff::Timestamp;

use super::{
    super::{
        Error, Officer, Registry, Result, grant, tables,
        work::{Key, Work},
    },
    give_ticket, moment, today,
};

/// A candidate who is to be enrolled.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The candidate.
    pub person: Person,
    /// For what.
    pub item: ItemCode,
    /// Why.
    pub kind: Kind,
    /// As declared.
    pub schooling: Option<Schooling>,
    /// Declared in writing to be fit.
    pub healthy: bool,
    /// The admission-ticket number, where the institution gives its own.
    pub ticket: Option<String>,
    /// 任职情况, of a manager.
    pub appointment: MaybeAppointment,
}

/// What was seen before anything is written.
#[derive(Clone, Debug)]
pub struct Looked {
    /// What the law says, refusals and remarks.
    pub findings: Vec<Finding>,
    /// What the register refuses beside.
    pub refusal: Option<Refusal>,
    /// It is a resit.
    pub resit: bool,
}

impl Looked {
    /// Whether a seat can be given.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.refusal.is_none() && eligibility::may_enrol(&self.findings)
    }
}

/// A seat that was given.
#[derive(Clone, Debug)]
pub struct Seated {
    /// The case.
    pub case: RecordId,
    /// Its number.
    pub seat: u16,
}

/// What became of one candidate of many.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// The row's number in the sheet; 0 for a form.
    pub row: u64,
    /// What was seen.
    pub looked: Looked,
    /// The seat, where one is given.
    pub seated: Option<Seated>,
}

/// What a seat is for: a case that goes on, or a new one, after one that gives way.
struct Way {
    key: Key,
    category: Category,
    goes_on: Option<Case>,
    gives_way: Option<Case>,
}

impl Registry {
    /// Looks at one candidate and writes nothing.
    ///
    /// # Errors
    /// `NotFound` for a session that is not the officer's; what the database says.
    pub fn look_at(
        &self,
        session: RecordId,
        asked: &Asked,
        by: &Officer,
        now: Timestamp,
    ) -> Result<Looked> {
        let mut work = self.work()?;
        let session = work.own_session(session, by)?;
        Ok(enrol(&mut work, &session, asked, by, now)?.0)
    }

    /// Enrols candidates in one turn: those who may be are seated, unless one may not and
    /// `take_good` is not said; then nothing is written. Each is answered for.
    ///
    /// # Errors
    /// As [`Registry::look_at`].
    pub fn enrol(
        &self,
        session: RecordId,
        rows: &[(u64, Asked)],
        take_good: bool,
        by: &Officer,
        now: Timestamp,
    ) -> Result<Vec<Enrolled>> {
        let (work, mut told) = self.seat_all(session, rows, by, now)?;
        if take_good || told.iter().all(|one| one.seated.is_some()) {
            work.commit()?;
        } else {
            told.iter_mut().for_each(|one| one.seated = None);
        }
        Ok(told)
    }

    /// Looks at candidates, each as if those before were enrolled, and writes nothing.
    ///
    /// # Errors
    /// As [`Registry::look_at`].
    pub fn look_at_all(
        &self,
        session: RecordId,
        rows: &[(u64, Asked)],
        by: &Officer,
        now: Timestamp,
    ) -> Result<Vec<Enrolled>> {
        let (_, mut told) = self.seat_all(session, rows, by, now)?;
        told.iter_mut().for_each(|one| one.seated = None);
        Ok(told)
    }

    fn seat_all(
        &self,
        session: RecordId,
        rows: &[(u64, Asked)],
        by: &Officer,
        now: Timestamp,
    ) -> Result<(Work<'_>, Vec<Enrolled>)> {
        let mut work = self.work()?;
        work.own_session(session, by)?;
        let mut told = Vec::with_capacity(rows.len());
        for (row, asked) in rows {
            let session = work.session(session)?.value.clone();
            let (looked, seated) = enrol(&mut work, &session, asked, by, now)?;
            told.push(Enrolled {
                row: *row,
                looked,
                seated,
            });
            work.flush_if_full()?;
        }
        Ok((work, told))
    }

    /// Gives cases that are open a seat in a session: resits, and those whose session was called
    /// off. What was declared at the registration holds; age and attempts are looked at anew.
    ///
    /// # Errors
    /// As [`Registry::look_at`].
    pub fn seat_again(
        &self,
        session: RecordId,
        cases: &[RecordId],
        by: &Officer,
        now: Timestamp,
    ) -> Result<Vec<(RecordId, Looked)>> {
        let mut work = self.work()?;
        work.own_session(session, by)?;
        let mut told = Vec::with_capacity(cases.len());
        for &id in cases {
            let registration = work.case(id)?.registration;
            if registration.institution != by.office {
                return Err(Error::NotFound);
            }
            let asked = Asked {
                person: registration.person,
                item: registration.item,
                kind: registration.kind,
                schooling: None,
                healthy: false,
                ticket: None,
                appointment: None,
            };
            let session = work.session(session)?.value.clone();
            told.push((id, enrol(&mut work, &session, &asked, by, now)?.0));
            work.flush_if_full()?;
        }
        work.commit()?;
        Ok(told)
    }

    /// Frees a seat: the candidate comes on another day, or did not come.
    ///
    /// # Errors
    /// `NotEnrolled`, `GroundMissing`, `NotFound`, `RoleNotAllowed`.
    pub fn give_up_seat(
        &self,
        session: RecordId,
        case: RecordId,
        reason: &str,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        if reason.trim().is_empty() {
            return Err(Refusal::GroundMissing.into());
        }
        let mut work = self.work()?;
        work.own_session(session, by)?;
        let case = work.own_case(case, by)?;
        let key = work.place(case.id, tables::CASE)?;
        free(&mut work, key, case, (session, reason.trim()), by, now)?;
        work.commit()
    }
}

fn free(
    work: &mut Work<'_>,
    key: Key,
    case: Case,
    (session, reason): (RecordId, &str),
    by: &Officer,
    now: Timestamp,
) -> Result<Case> {
    let act = Act::SeatGivenUp {
        session,
        reason: reason.to_owned(),
    };
    let at = moment(now, case.last, work.session(session)?.value.last);
    let (case, event) = case.act(act.clone(), by.acting(&act)?, at)?;
    work.put_case(key, case.clone(), &event)?;
    Ok(case)
}

/// One candidate: what is seen, and the seat when nothing speaks against it.
fn enrol(
    work: &mut Work<'_>,
    session: &Session,
    asked: &Asked,
    by: &Officer,
    now: Timestamp,
) -> Result<(Looked, Option<Seated>)> {
    let mut looked = Looked {
        findings: Vec::new(),
        refusal: None,
        resit: false,
    };
    match seat(work, session, asked, by, now, &mut looked) {
        Ok(seated) => Ok((looked, seated)),
        Err(Error::Refused(refusal)) => {
            looked.refusal = Some(refusal);
            Ok((looked, None))
        }
        Err(other) => Err(other),
    }
}

fn seat(
    work: &mut Work<'_>,
    session: &Session,
    asked: &Asked,
    by: &Officer,
    now: Timestamp,
    looked: &mut Looked,
) -> Result<Option<Seated>> {
    let institution = work.office(&by.office)?.cloned().ok_or(Error::NotFound)?;
    let way = way(work, session, asked, &institution)?;
    looked.resit = way
        .goes_on
        .as_ref()
        .is_some_and(|c| c.exam.last_day().is_some());
    looked.findings = findings(work, &way, session, asked)?;
    if !eligibility::may_enrol(&looked.findings) {
        return Ok(None);
    }
    if !institution.may_examine(&asked.item, session.on) {
        return Err(Refusal::NotAuthorised.into());
    }
    if let Some(ticket) = &asked.ticket {
        match work.ticket(ticket)? {
            Some(owner) if way.goes_on.as_ref().map(|c| c.id) != Some(owner) => {
                return Err(Refusal::TicketTaken.into());
            }
            _ => {}
        }
    }
    let remarks = looked.findings.iter().map(|f| f.code).collect();
    let number = session.free_seat().ok_or(Refusal::SessionFull)?;
    let mut enrolment = Enrolment {
        session: session.id,
        on: session.on,
        item: asked.item.clone(),
        seat: number,
        ticket: String::new(),
        schooling: asked.schooling,
        healthy: asked.healthy,
        remarks,
    };
    // Before a case is begun: what the session refuses must leave nothing behind.
    refuse_early(session, &asked.item, now)?;
    let key = way.key;
    let (case, ticket) = case_for(work, way, session, asked, &institution, by, now)?;
    enrolment.ticket = ticket;
    let act = Act::Enrolled(Box::new(enrolment));
    let at = moment(now, case.last, session.last);
    let (case, event) = case.act(act.clone(), by.acting(&act)?, at)?;
    let id = case.id;
    work.put_case(key, case, &event)?;
    Ok(Some(Seated {
        case: id,
        seat: number,
    }))
}

fn refuse_early(session: &Session, item: &ItemCode, now: Timestamp) -> Result<()> {
    let plan = session.plan.as_ref().ok_or(Refusal::WrongState)?;
    if !plan.items.contains(item) {
        return Err(Refusal::SessionDiffers.into());
    }
    if session.cancelled.is_some() {
        return Err(Refusal::SessionCancelled.into());
    }
    if session.on < today(now) {
        return Err(Refusal::DayHasCome.into());
    }
    Ok(())
}

/// What the person's dossier makes of it.
fn way(work: &mut Work<'_>, session: &Session, asked: &Asked, institution: &Office) -> Result<Way> {
    let catalogue = work.registry.catalogue();
    let category = catalogue.category(&asked.item).ok_or(Refusal::Unknown)?;
    let key = work.dossier_of(&asked.person)?;
    let cases = &work.dossier(&key)?.value.cases;
    // The latest: what an earlier one came to does not stand in its way.
    let open = cases.iter().rfind(|case| {
        let r = &case.registration;
        (r.category, &r.item, r.kind) == (category, &asked.item, asked.kind)
            && !matches!(case.state, State::Issued { .. } | State::Closed)
    });
    let (mut goes_on, mut gives_way) = (None, None);
    if let Some(case) = open {
        let ours = case.registration.institution == institution.code;
        let over = case.state.is_over();
        let spent = case.may_resit(session.on) && !case.may_sit_on(session.on);
        if over || spent {
            gives_way = Some(case.clone());
        } else if ours
            && (matches!(case.state, State::Registered | State::Examined)
                || case.may_resit(session.on))
        {
            goes_on = Some(case.clone());
        }
    }
    Ok(Way {
        key,
        category,
        goes_on,
        gives_way,
    })
}

fn findings(
    work: &mut Work<'_>,
    way: &Way,
    session: &Session,
    asked: &Asked,
) -> Result<Vec<Finding>> {
    let item = work.registry.catalogue().item(&asked.item);
    let group = item.map(|item| item.group.clone()).unwrap_or_default();
    let who = Applicant {
        person: &asked.person,
        category: way.category,
        item: &asked.item,
        group: &group,
        kind: asked.kind,
        schooling: asked.schooling,
        healthy: asked.healthy,
    };
    let mut dossier: Dossier = work.dossier(&way.key)?.value.clone();
    // What is spent makes room. What came to a "no" runs no more, and its ban stays.
    if let Some(old) = way.gives_way.as_ref().filter(|old| !old.state.is_over()) {
        dossier.cases.retain(|case| case.id != old.id);
    }
    let resits = way.goes_on.as_ref();
    Ok(eligibility::check(&who, &dossier, resits, session.on))
}

/// The case that takes the seat, and the ticket for it.
fn case_for(
    work: &mut Work<'_>,
    way: Way,
    session: &Session,
    asked: &Asked,
    institution: &Office,
    by: &Officer,
    now: Timestamp,
) -> Result<(Case, String)> {
    if let Some(mut case) = way.goes_on {
        if let Some(seat) = case.seat_ahead(today(now)).cloned() {
            // Whoever sits in a session that was called off is free at once.
            if work.session(seat.session)?.value.cancelled.is_none() {
                return Err(Refusal::AlreadyEnrolled.into());
            }
            let why = (seat.session, "session called off");
            case = free(work, way.key, case, why, by, now)?;
        }
        let sat = case.exam.last_day().is_some();
        let first = !sat && case.more_tickets.is_empty();
        let ticket = match &asked.ticket {
            Some(ticket) => ticket.clone(),
            None if first => case.registration.ticket.clone(),
            None => give_ticket(work, session.on)?,
        };
        return Ok((case, ticket));
    }
    if let Some(old) = way.gives_way {
        let at = Work::not_before(now, old.last);
        let (old, event) = old.act(Act::Closed, by.acting(&Act::Closed)?, at)?;
        work.put_case(way.key, old, &event)?;
    }
    let ticket = match &asked.ticket {
        Some(ticket) => ticket.clone(),
        None => give_ticket(work, session.on)?,
    };
    let mut registration = Registration {
        person: asked.person.clone(),
        category: way.category,
        item: asked.item.clone(),
        kind: asked.kind,
        institution: institution.code.clone(),
        authority: institution
            .reports_to
            .clone()
            .ok_or(Refusal::NotAuthorised)?,
        ticket: ticket.clone(),
        replaces: None,
        appointment: asked.appointment.clone(),
    };
    registration.appointment = grant::appointment(work, &way.key, &registration, today(now))?;
    let acting = by.acting(&Act::Registered(Box::new(registration.clone())))?;
    let id = work.new_record();
    let (case, event) = Case::register(id, registration, session.on, acting, now)?;
    work.put_case(way.key, case.clone(), &event)?;
    Ok((case, ticket))
}
