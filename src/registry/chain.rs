//! The chain by hand: what officers do to cases and certificates, singly or many at once.

use domain::{
    case::{Case, Handover, State, Tie},
    certificate::{Certificate, Status, number_for},
    deadline::{self, Procedure},
    event::{Act, Answered, Event, Material},
    exam::Part,
    law::{self, Ground},
    office::OfficeCode,
    record::RecordId,
    refusal::Refusal,
};
use jiff::{Timestamp, civil::Date};

use super::{Demand, Error, Officer, Registry, Result, grant, tables, work::Work};

/// What an officer wants done to a case. The registry adds what follows from the case itself.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "the fields are glossary words and the variant says what they are of"
)]
pub enum Command {
    /// 成绩确认
    Confirm,
    /// The candidate asks for a score to be checked again.
    AskScoreRecheck { part: Part, reason: String },
    /// The answer.
    AnswerScoreRecheck { part: Part, score: u8 },
    /// 报送
    Report { materials: Vec<Material> },
    /// 受理
    Accept,
    /// Returned with everything that is missing.
    Return { missing: Vec<String> },
    /// Handed in again.
    Resubmit {
        materials: Vec<Material>,
        answers: Vec<Answered>,
    },
    /// 不予受理
    Refuse { ground: Ground },
    /// A hearing, an inspection or an expert review begins: by when it will be over, the notice.
    BeginProcedure {
        procedure: Procedure,
        until: Date,
        notice: String,
    },
    /// It is over.
    EndProcedure,
    /// The head puts the decision off, by so many working days.
    Extend {
        days: u8,
        head: String,
        reason: String,
    },
    /// First officer.
    Review,
    /// Second officer.
    Approve,
    /// Second officer, with ground.
    Reject { ground: Ground },
    /// 制证: the number of the run; where there is none, the next one of the authority's year.
    Make { batch: String },
    /// 签发
    Issue,
    /// The card was printed.
    Print,
    /// It was spoiled and is printed again.
    Spoil { reason: String },
    /// The card was handed over: to whom, and what shows it.
    Deliver { to: Handover, note: String },
    /// 扣发
    Withhold { ground: Ground },
    /// The card may go on.
    EndWithholding { reason: String },
    /// The approval of a card that was held back is annulled.
    Annul { ground: Ground },
    /// The holder asks for another authority.
    OfferTransfer {
        to: OfficeCode,
        tie: Option<Tie>,
        reason: String,
    },
    /// The other authority takes it.
    TakeTransfer,
    /// The other authority does not take it, or it is not offered any more.
    DeclineTransfer { reason: String },
}

/// What became of one case of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Which.
    pub case: RecordId,
    /// Its new state, or why not.
    pub state: std::result::Result<&'static str, Refusal>,
}

impl Registry {
    /// Does one thing to many cases in one transaction. A refusal of one case does not stop the
    /// others; each is answered for.
    ///
    /// # Errors
    /// `NotFound` when one of them does not exist or is another office's: then nothing is done.
    pub fn command(
        &self,
        cases: &[RecordId],
        what: &Command,
        by: &Officer,
        now: Timestamp,
    ) -> Result<Vec<Done>> {
        let mut work = self.work()?;
        let done = all(&mut work, cases, what, by, now)?;
        work.commit()?;
        Ok(done)
    }

    /// The same, but all of them or none: what was refused stops the others.
    ///
    /// # Errors
    /// Those of [`Registry::command`].
    pub fn command_whole(
        &self,
        cases: &[RecordId],
        what: &Command,
        by: &Officer,
        now: Timestamp,
    ) -> Result<Vec<Done>> {
        let mut work = self.work()?;
        let done = all(&mut work, cases, what, by, now)?;
        if done.iter().all(|done| done.state.is_ok()) {
            work.commit()?;
        }
        Ok(done)
    }

    /// Deems accepted every report that the limit of its day has passed in silence (R30 art. 17,
    /// 行政许可法 art. 32). To be done daily.
    ///
    /// # Errors
    /// What the database says.
    pub fn deem_accepted(&self, now: Timestamp) -> Result<Vec<RecordId>> {
        let today = domain::event::legal_day(now);
        let waiting = self.silent_before(today)?;
        let mut work = self.work()?;
        let mut deemed = Vec::new();
        for id in waiting {
            let case = work.case(id)?;
            let reported = matches!(case.state, State::Reported { .. });
            if !reported || !self.limit_passed(&case, today) {
                continue;
            }
            let by = domain::office::By::clock(&case.registration.authority);
            let at = Work::not_before(now, case.last);
            let (case, event) = case.act(Act::DeemedAccepted, by, at)?;
            let key = work.place(id, tables::CASE)?;
            work.put_case(key, case, &event)?;
            deemed.push(id);
            work.flush_if_full()?;
        }
        work.commit()?;
        Ok(deemed)
    }

    /// Whether something was due by law before `today`.
    fn limit_passed(&self, case: &Case, today: Date) -> bool {
        deadline::next(case, self.calendar()).is_some_and(|due| due.date < today)
    }

    /// Does something to a certificate after its issue. A correction takes it, with the cases that
    /// ended in it, to the dossier of the right name and document.
    ///
    /// # Errors
    /// Why the law does not allow it; `NotFound`; for a correction also `NameConflict`,
    /// `CertificateExists`, and `CaseRunning` while a case about it runs under the old details.
    pub fn change_certificate(
        &self,
        id: RecordId,
        act: Act,
        by: &Officer,
        now: Timestamp,
    ) -> Result<()> {
        let mut work = self.work()?;
        let certificate = work.certificate(id)?;
        change(&mut work, certificate, act, by, now)?;
        work.commit()
    }
}

/// Does something to a certificate inside a turn.
pub(super) fn change(
    work: &mut Work<'_>,
    certificate: Certificate,
    act: Act,
    by: &Officer,
    now: Timestamp,
) -> Result<()> {
    let at = Work::not_before(now, certificate.last);
    let act = certificate.filled(act, domain::event::legal_day(at))?;
    let by = by.acting(&act)?;
    let (certificate, event) = certificate.act(act, by, at)?;
    work.admit(&event)?;
    work.journal(&event)?;
    work.settle(&event.act)?;
    let holder = &certificate.says.holder;
    let keyring = &work.registry.keyring;
    let key = keyring.dossier_key(&holder.document, &holder.name);
    work.put_certificate(key, certificate)
}

/// One command on many cases inside a turn.
pub(super) fn all(
    work: &mut Work<'_>,
    cases: &[RecordId],
    what: &Command,
    by: &Officer,
    now: Timestamp,
) -> Result<Vec<Done>> {
    let numbered = super::runs::numbered(work, what, by, now)?;
    let what = numbered.as_ref().unwrap_or(what);
    let mut done = Vec::with_capacity(cases.len());
    for &id in cases {
        let case = work.case(id)?;
        let r = &case.registration;
        // Nobody learns that another office's case exists.
        let offered = case.offered_to(&by.office);
        if by.office != r.institution && by.office != r.authority && !offered {
            return Err(Error::NotFound);
        }
        let state = match step(work, case, what, by, now) {
            Ok(word) => Ok(word),
            Err(Error::Refused(refusal)) => {
                if let Command::Return { missing } = what {
                    let case = work.case(id)?;
                    work.note_second_list(&case, missing, by, now)?;
                }
                Err(refusal)
            }
            Err(other) => return Err(other),
        };
        done.push(Done { case: id, state });
        work.flush_if_full()?;
    }
    Ok(done)
}

/// One command on one case inside a turn.
pub(super) fn step(
    work: &mut Work<'_>,
    case: Case,
    what: &Command,
    by: &Officer,
    now: Timestamp,
) -> Result<&'static str> {
    let at = Work::not_before(now, case.last);
    let key = work.place(case.id, tables::CASE)?;
    in_time(work.registry, &case, what, domain::event::legal_day(at))?;
    let act = act(work, &key, &case, what, at)?;
    let act = filled(&case, act, at)?;
    let by = by.acting(&act)?;
    let (case, event) = case.act(act, by, at)?;
    let word = case.state.word();
    work.put_case(key, case, &event)?;
    Ok(word)
}

/// The act with its ground as the law of the act has it, where only a code was named.
fn filled(case: &Case, act: Act, at: Timestamp) -> Result<Act> {
    let day = case.law_day(&act, at);
    let of = |ground: &Ground, kind: &str| ground.filled(&case.choice(kind, day));
    Ok(match act {
        Act::Refused(ground) => Act::Refused(of(&ground, "refused")?),
        Act::Rejected(ground) => Act::Rejected(of(&ground, "rejected")?),
        Act::Withheld(ground) => Act::Withheld(of(&ground, "withheld")?),
        Act::Annulled(ground) => Act::Annulled(of(&ground, "annulled")?),
        other => other,
    })
}

/// What the law has made of a limit that passed is no officer's to change: silence was acceptance,
/// and a decision that was due can neither be put off nor stopped.
fn in_time(registry: &Registry, case: &Case, what: &Command, today: Date) -> Result<()> {
    let bound = match what {
        Command::Accept
        | Command::Return { .. }
        | Command::Refuse { .. }
        | Command::OfferTransfer { .. }
        | Command::TakeTransfer => {
            matches!(case.state, State::Reported { .. })
        }
        Command::BeginProcedure { .. } | Command::Extend { .. } => {
            case.timing.paused().is_none()
                && matches!(case.state, State::Accepted { .. } | State::Reviewed { .. })
        }
        _ => false,
    };
    if bound && registry.limit_passed(case, today) {
        return Err(Refusal::LimitPassed.into());
    }
    Ok(())
}

/// The act of a command, with what follows from the case itself.
fn act(
    work: &mut Work<'_>,
    key: &super::work::Key,
    case: &Case,
    what: &Command,
    at: Timestamp,
) -> Result<Act> {
    let today = domain::event::legal_day(at);
    Ok(match what.clone() {
        Command::Confirm => Act::ScoresConfirmed,
        Command::AskScoreRecheck { part, reason } => Act::ScoreRecheckAsked { part, reason },
        Command::AnswerScoreRecheck { part, score } => Act::ScoreRechecked { part, score },
        Command::Report { materials } => {
            may_report(work, case)?;
            let materials = work.handed_in(case, &materials, today)?;
            Act::Reported { materials }
        }
        Command::Accept => {
            authorised(work, case)?;
            Act::Accepted
        }
        Command::Return { missing } => Act::Returned { missing },
        Command::Resubmit { materials, answers } => {
            may_hand_in_again(work, case, &answers)?;
            let materials = work.handed_in(case, &materials, today)?;
            Act::Resubmitted { materials, answers }
        }
        Command::Refuse { ground } => Act::Refused(ground),
        Command::BeginProcedure {
            procedure,
            until,
            notice,
        } => Act::ProcedureBegun {
            procedure,
            until,
            notice,
        },
        Command::EndProcedure => Act::ProcedureEnded,
        Command::Extend { days, head, reason } => Act::DecisionExtended { days, head, reason },
        Command::Review => Act::Reviewed,
        Command::Approve => Act::Approved,
        Command::Reject { ground } => Act::Rejected(ground),
        Command::Make { batch } => made(case, batch),
        Command::Issue => {
            let former = grant::former(work, key, case)?;
            grant::of(work, case, former, today)?
        }
        Command::Print => {
            card_stands(work, case, false)?;
            Act::Printed
        }
        Command::Spoil { reason } => Act::CardSpoiled { reason },
        Command::Deliver { to, note } => {
            card_stands(work, case, true)?;
            Act::Delivered { to, note }
        }
        Command::Withhold { ground } => Act::Withheld(ground),
        Command::EndWithholding { reason } => Act::WithholdingEnded { reason },
        Command::Annul { ground } => Act::Annulled(ground),
        Command::OfferTransfer { to, tie, reason } => {
            work.takes_cases(&to)?;
            Act::TransferOffered { to, tie, reason }
        }
        Command::TakeTransfer => Act::Transferred,
        Command::DeclineTransfer { reason } => Act::TransferDeclined { reason },
    })
}

/// The card of a run, under the number that the law gives its holder's certificate.
fn made(case: &Case, batch: String) -> Act {
    let r = &case.registration;
    let number = number_for(r.category, &r.person.document);
    Act::Made { batch, number }
}

/// Reports of an institution that was not authorised on the day of the exam are neither made nor
/// accepted, whatever it is authorised for today. Where no exam was sat there is no such day.
pub(super) fn authorised(work: &mut Work<'_>, case: &Case) -> Result<()> {
    let Some(day) = case.exam.last_day() else {
        if case.registration.needs_no_exam() {
            return Ok(());
        }
        return Err(Refusal::NothingScored.into());
    };
    let office = work.office(&case.registration.institution)?;
    if office.is_some_and(|o| o.could_examine(&case.registration.item, day)) {
        Ok(())
    } else {
        Err(Refusal::NotAuthorised.into())
    }
}

/// A suspended institution reports nothing, and none reports what it might not examine. What is not
/// passed is refused for that, whatever the authorisation.
pub(super) fn may_report(work: &mut Work<'_>, case: &Case) -> Result<()> {
    let office = work.office(&case.registration.institution)?;
    if office.is_some_and(|o| o.suspended.is_some()) {
        return Err(Refusal::OfficeSuspended.into());
    }
    match case.exam.last_day() {
        Some(_) => authorised(work, case),
        None => Ok(()),
    }
}

/// No card is made of a certificate that was revoked or cancelled since its issue, and none handed
/// over while it is suspended or somebody proposed to take it away.
fn card_stands(work: &mut Work<'_>, case: &Case, handed_over: bool) -> Result<()> {
    let Some(id) = case.state.certificate() else {
        return Ok(());
    };
    let certificate = work.certificate(id)?;
    if certificate.has_ended() {
        return Err(Refusal::CertificateEnded.into());
    }
    if handed_over && certificate.proposal.is_some() {
        return Err(Refusal::ProposalOpen.into());
    }
    if handed_over && matches!(certificate.status, Status::Suspended { .. }) {
        return Err(Refusal::CertificateSuspended.into());
    }
    Ok(())
}

/// Where files are asked for, what was returned comes back with an answer.
fn may_hand_in_again(work: &mut Work<'_>, case: &Case, answers: &[Answered]) -> Result<()> {
    may_report(work, case)?;
    if answers.is_empty() && work.registry.demand() == Demand::File {
        return Err(Refusal::AnswerMissing.into());
    }
    Ok(())
}

/// An event about a record that is not a case or a certificate.
pub(super) fn event(record: RecordId, act: Act, by: &Officer, now: Timestamp) -> Result<Event> {
    let by = by.acting(&act)?;
    Ok(Event {
        at: now,
        by,
        law: law::on(domain::event::legal_day(now)).name,
        record,
        act,
    })
}
