//! What each asker is told: the one function from what is known to what is said.
//!
//! With document number and name alone nobody learns a bad outcome. Therefore what the public is
//! told of a running case is made from the stage, the day it was entered and nothing else; what
//! stands behind it is told only to the one who also has the admission-ticket number. Where nothing
//! is sure yet, before scores are confirmed or while an entry is held back, that one is told the same.

use alloc::{
    boxed::Box,
    string::{String, ToString},
    vec,
    vec::Vec,
};

use jiff::civil::Date;

use crate::{
    calendar::Calendar,
    case::{Case, State},
    catalogue::{Category, ItemCode},
    certificate::{Certificate, Origin},
    deadline,
    dossier::Dossier,
    exam::{Outcome, Part},
    office::OfficeCode,
    record::RecordId,
    verdict::{
        Answer, Cause, CertificateShown, Contacts, Details, ItemShown, NextStep, Note,
        ProgressShown, Remedy, Stage, Verdict,
    },
    whynot::{self, Facts},
};

/// What the answer depends on beside the dossier.
pub struct Context<'a> {
    /// The legal day.
    pub today: Date,
    /// Working days.
    pub calendar: &'a Calendar,
    /// The name of an office.
    pub office_name: &'a dyn Fn(&OfficeCode) -> String,
    /// The telephone it gives the public.
    pub office_telephone: &'a dyn Fn(&OfficeCode) -> String,
    /// The name of a catalogue item.
    pub item_name: &'a dyn Fn(&ItemCode) -> String,
    /// Whether an entry about the case is held back here as unlawful (quarantined).
    pub quarantined: &'a dyn Fn(RecordId) -> bool,
}

/// What was asked for, beside number and name.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Which of the two certificates.
    pub category: Category,
    /// The admission-ticket number as typed, normalised.
    pub ticket: Option<&'a str>,
    /// What a miss is weighed by. It is the same whoever is asked for, but for the ticket.
    pub facts: Facts<'a>,
}

/// The answer to one query.
#[must_use]
pub fn answer(dossier: Option<&Dossier>, asked: &Asked<'_>, context: &Context<'_>) -> Answer {
    let with_ticket = |case: &Case| asked.ticket.is_some_and(|t| case.has_ticket(t));
    let mut certificates = Vec::new();
    let mut progress = Vec::new();
    if let Some(dossier) = dossier {
        for c in dossier
            .certificates
            .iter()
            .filter(|c| c.says.category == asked.category)
        {
            // Any case that ended in this certificate will do: the first, a renewal, a reissue.
            let id = c.says.certificate;
            let told = dossier
                .cases
                .iter()
                .any(|case| case.state.certificate() == Some(id) && with_ticket(case));
            let mut shown = certificate(c, told, context);
            // A card that is held back is told to nobody but the one who waits for it.
            let held_back =
                |case: &&Case| case.state.certificate() == Some(id) && with_ticket(case);
            let case = dossier.cases.iter().find(held_back);
            let withheld = case.and_then(|case| case.withheld.as_ref());
            shown.ground = shown.ground.or_else(|| Some(withheld?.ground.clone()));
            certificates.push(shown);
        }
        for case in dossier
            .cases
            .iter()
            .filter(|c| c.registration.category == asked.category)
        {
            progress.extend(running(case, with_ticket(case), context));
        }
    }
    let verdict = match (certificates.is_empty(), progress.is_empty()) {
        (false, _) => Verdict::Found,
        (true, false) => Verdict::InProgress,
        (true, true) => Verdict::NotFound,
    };
    let missed = verdict == Verdict::NotFound;
    Answer {
        verdict,
        certificates,
        progress,
        causes: if missed {
            whynot::weigh(&asked.facts, context.calendar)
        } else {
            Vec::new()
        },
        contacts: Contacts::default(),
        mismatch_is_fact: missed && asked.facts.ticket_is_anothers,
    }
}

fn item(code: &ItemCode, context: &Context<'_>) -> ItemShown {
    ItemShown {
        code: code.clone(),
        name: (context.item_name)(code),
    }
}

fn certificate(c: &Certificate, told: bool, context: &Context<'_>) -> CertificateShown {
    let says = &c.says;
    CertificateShown {
        category: says.category,
        item: item(&says.item, context),
        industry: says.appointment.as_ref().map(|a| a.industry),
        unit_type: says.appointment.as_ref().map(|a| a.unit),
        holder: says.holder.name.expose().to_string(),
        sex: says.holder.sex,
        number: says.number.clone(),
        first_issued: says.first_issued,
        valid_from: says.valid_from,
        valid_until: says.valid_until,
        next_due: c.next_due(context.today),
        authority: (context.office_name)(&says.authority),
        status: c.status_on(context.today),
        taken_over: matches!(c.origin, Origin::TakenOver(_)),
        ground: c.ground().filter(|_| told).cloned(),
        since: c.ground().filter(|_| told).map(|_| c.since),
    }
}

/// A running case, as told to the public or to the holder of its ticket.
fn running(case: &Case, told: bool, context: &Context<'_>) -> Option<ProgressShown> {
    let stage = case.state.stage()?;
    let r = &case.registration;
    let confirmed = case.published.is_some();
    let (holder, note, next_step) = match stage {
        Stage::Scoring if confirmed => (
            &r.institution,
            Some(Note::ResultWithTicket),
            NextStep::AskWithTicket,
        ),
        Stage::Scoring => (&r.institution, None, NextStep::WaitForScores),
        Stage::Qualification => (
            &r.authority,
            Some(Note::DetailsWithTicket),
            NextStep::WaitForDecision,
        ),
        Stage::Making | Stage::Sync => (&r.authority, None, NextStep::WaitForMaking),
    };
    let due = due(case, stage, context);
    let mut shown = ProgressShown {
        case: case.id.to_string(),
        item: item(&r.item, context),
        kind: r.kind,
        stage,
        since: case.stage_since,
        held_by: (context.office_name)(holder),
        telephone: (context.office_telephone)(holder),
        due: due.map(|d| d.0),
        overdue: due.is_some_and(|d| d.0 < context.today),
        due_provisional: due.is_some_and(|d| d.1),
        note: if (context.quarantined)(case.id) {
            Some(Note::UnderVerification)
        } else {
            note
        },
        next_step,
        details: None,
        authority: Some(r.authority.clone()),
        institution: Some(r.institution.clone()),
    };
    // Scores that nobody confirmed and what is held back as unlawful are told to nobody.
    let nothing_sure = stage == Stage::Scoring && !confirmed;
    if told && !nothing_sure && shown.note != Some(Note::UnderVerification) {
        tell_all(case, &mut shown, context);
    }
    Some(shown)
}

/// The last day the law leaves the stage, counted from the day it was entered; the same for every
/// state of the stage that the public may not tell apart.
fn due(case: &Case, stage: Stage, context: &Context<'_>) -> Option<(Date, bool)> {
    let days = match stage {
        Stage::Scoring if case.published.is_none() && !case.exam.attempts.is_empty() => {
            context.calendar.law(case.stage_since).publish_scores.value
        }
        Stage::Scoring | Stage::Sync => return None,
        Stage::Qualification => {
            let law = context.calendar.law(case.stage_since);
            law.accept.value + law.decide.value
        }
        Stage::Making => context.calendar.law(case.stage_since).deliver.value,
    };
    let reached = context
        .calendar
        .add_workdays(case.stage_since, u32::from(days));
    Some((reached.date, reached.provisional))
}

/// Everything about the own case.
fn tell_all(case: &Case, shown: &mut ProgressShown, context: &Context<'_>) {
    // Of a resit that nobody confirmed yet only that it was sat.
    let sure = !matches!(case.state, State::Examined);
    let score = |part| case.exam.last(part).map(|a| a.score).filter(|_| sure);
    let mut details = Details {
        state: case.state.word().into(),
        theory: score(Part::Theory),
        practical: score(Part::Practical),
        deadlines: deadline::of(case, context.calendar, context.today),
        ..Details::default()
    };
    // The notes only point to this very ticket.
    shown.note = None;
    match &case.state {
        State::Registered | State::Examined => shown.next_step = NextStep::WaitForScores,
        State::Confirmed {
            outcome: Outcome::Passed,
            ..
        } => shown.next_step = NextStep::WaitForReport,
        State::Confirmed {
            outcome: Outcome::NotPassed { resits_left },
            ..
        } => {
            details.resits_left = *resits_left;
            details.remedies = vec![Remedy::ScoreRecheck];
            details.cause = Some(Cause::NotPassedOrNotEligible);
            shown.next_step = if *resits_left == Some(0) {
                NextStep::RegisterAgain
            } else {
                NextStep::Resit
            };
        }
        State::Returned { missing } => {
            details.missing.clone_from(missing);
            let institution = &case.registration.institution;
            shown.held_by = (context.office_name)(institution);
            shown.telephone = (context.office_telephone)(institution);
            shown.next_step = NextStep::HandInMissing;
        }
        State::Refused { ground }
        | State::Rejected { ground, .. }
        | State::Annulled { ground, .. } => {
            details.ground = Some(ground.clone());
            details.remedies = vec![Remedy::Reconsideration, Remedy::Suit];
            details.cause = Some(Cause::NotPassedOrNotEligible);
            shown.next_step = NextStep::Appeal;
        }
        State::Made { batch, .. } => {
            details.batch = Some(batch.clone());
            details.ground = case.withheld.as_ref().map(|w| w.ground.clone());
        }
        State::Reported { .. }
        | State::Accepted { .. }
        | State::Reviewed { .. }
        | State::Approved { .. }
        | State::Issued { .. }
        | State::Closed => {}
    }
    shown.details = Some(Box::new(details));
}
