//! Scores of a planned session: theory from the exam machine, practical from the panel.

use domain::{
    case::panel::Standing,
    event::{Act, Event},
    exam::{Machine, Ruling},
    record::RecordId,
    refusal::Refusal,
    session::Session,
};
use jiff::Timestamp;

use super::{
    super::{Error, Officer, Registry, Result, import, tables, work::Work},
    moment,
};

/// One theory score as the machine gives it.
#[derive(Clone, Debug)]
pub struct MachineRow {
    /// The row's number in the file.
    pub row: u64,
    /// The admission ticket, normalised.
    pub ticket: String,
    /// Points of 100.
    pub score: u8,
    /// Which machine, and when.
    pub machine: Machine,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scored {
    /// The row's number in the file.
    pub row: u64,
    /// The case that was scored, or why none was.
    pub case: std::result::Result<RecordId, Refusal>,
}

impl Registry {
    /// Takes the machine's theory scores for a session. Each is final at once: a second one for the
    /// same sitting is refused, and only a re-check changes it. Rows that are refused do not stop
    /// the others. `sha256` is that of the file, where there was one.
    ///
    /// # Errors
    /// `AlreadyImported` for a file that was taken before; `NotFound` for a session that is not
    /// the officer's.
    pub fn take_theory(
        &self,
        session: RecordId,
        (rows, refused): (&[MachineRow], u32),
        sha256: Option<&str>,
        by: &Officer,
        now: Timestamp,
    ) -> Result<Vec<Scored>> {
        let mut work = self.work()?;
        let session = work.own_session(session, by)?;
        if let Some(sha256) = sha256
            && import::known(&mut work.tx, sha256, by)?.is_some()
        {
            return Err(Refusal::AlreadyImported.into());
        }
        let mut told = Vec::with_capacity(rows.len());
        for row in rows {
            let case = match theory(&mut work, &session, row, by, now) {
                Ok(case) => Ok(case),
                Err(Error::Refused(refusal)) => Err(refusal),
                Err(Error::NotFound) => Err(Refusal::Unknown),
                Err(other) => return Err(other),
            };
            told.push(Scored { row: row.row, case });
            work.flush_if_full()?;
        }
        let good = told.iter().filter(|one| one.case.is_ok()).count();
        if good == 0 {
            return Ok(told);
        }
        if let Some(sha256) = sha256 {
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let refused = refused.saturating_add(count(told.len() - good));
            import::record_sheet(&mut work, sha256, count(good), refused, by, now)?;
        }
        work.commit()?;
        Ok(told)
    }

    /// One assessor's score. When it is the last of the panel and they agree, the score stands, and
    /// is told; otherwise nothing is.
    ///
    /// # Errors
    /// `NotOnPanel`, `AlreadyAssessed`, `TheoryNotPassed`, `NotEnrolled`, `NotFound`.
    pub fn assess(
        &self,
        session: RecordId,
        case: RecordId,
        score: u8,
        by: &Officer,
        now: Timestamp,
    ) -> Result<Standing> {
        let mut work = self.work()?;
        let session = work.own_session(session, by)?;
        let case = work.own_case(case, by)?;
        let key = work.place(case.id, tables::CASE)?;
        let plan = session.plan.as_ref().ok_or(Refusal::WrongState)?;
        let act = Act::PracticalAssessed {
            session: session.id,
            on: session.on,
            score,
            of: u8::try_from(plan.assessors.len()).unwrap_or(u8::MAX),
        };
        let at = moment(now, case.last, session.last);
        let (case, event) = case.act(act.clone(), by.acting(&act)?, at)?;
        work.put_case(key, case.clone(), &event)?;
        let standing = case.panel.as_ref().map(|panel| panel.standing());
        if let Some(Standing::Agreed(score)) = standing {
            let act = Act::PracticalScored {
                session: session.id,
                on: session.on,
                score,
                panel: Some(Ruling::Agreed),
            };
            let (case, event) = case.act(act.clone(), by.acting(&act)?, at)?;
            work.put_case(key, case, &event)?;
        }
        work.commit()?;
        standing.ok_or(Error::Internal("exams::assess"))
    }

    /// The lead chooses between the scores of a panel that lie too far apart.
    ///
    /// # Errors
    /// `ScoreDiffers` for one that is not between them, `GroundMissing`, `PanelOpen`,
    /// `SecondPersonRequired`, `NotFound`.
    pub fn resolve_panel(
        &self,
        session: RecordId,
        case: RecordId,
        (score, reason): (u8, &str),
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.work()?;
        let session = work.own_session(session, by)?;
        let case = work.own_case(case, by)?;
        let key = work.place(case.id, tables::CASE)?;
        let act = Act::PracticalScored {
            session: session.id,
            on: session.on,
            score,
            panel: Some(Ruling::Resolved {
                reason: reason.trim().to_owned(),
            }),
        };
        let at = moment(now, case.last, session.last);
        let (case, event) = case.act(act.clone(), by.acting(&act)?, at)?;
        work.put_case(key, case, &event)?;
        work.commit()
    }
}

/// One score of the machine, for whoever has a seat here under that ticket.
fn theory(
    work: &mut Work<'_>,
    session: &Session,
    row: &MachineRow,
    by: &Officer,
    now: Timestamp,
) -> Result<RecordId> {
    let id = work.ticket(&row.ticket)?.ok_or(Refusal::Unknown)?;
    let case = work.case(id)?;
    // Whose ticket it is elsewhere is nobody's business here.
    if case.registration.institution != by.office {
        return Err(Refusal::Unknown.into());
    }
    if session.cancelled.is_some() {
        return Err(Refusal::SessionCancelled.into());
    }
    if session.seat_of(id).is_none() {
        return Err(Refusal::NotEnrolled.into());
    }
    let key = work.place(id, tables::CASE)?;
    let act = Act::TheoryScored {
        session: session.id,
        on: session.on,
        score: row.score,
        machine: Some(row.machine.clone()),
    };
    let at = Work::not_before(now, case.last);
    let (case, event): (_, Event) = case.act(act.clone(), by.acting(&act)?, at)?;
    work.put_case(key, case, &event)?;
    Ok(id)
}
