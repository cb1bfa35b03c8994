//! Every reason to say no: one variant, one permanent code, one sentence per language.

use core::fmt;

/// A refusal by the domain. The code is permanent; the sentences stand in `locales/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// The act does not follow from the state the record is in.
    WrongState,
    /// The role may not do this act.
    RoleNotAllowed,
    /// The record belongs to another office.
    NotThisOffice,
    /// A second person is required by law, and this is the first one again.
    SecondPersonRequired,
    /// The event is dated before the act it follows.
    OutOfOrder,
    /// The event names a rule pack that is not the one in force for this act.
    WrongLaw,
    /// The exam lies in the future.
    ExamInFuture,
    /// The score is not a whole number from 0 to 100.
    ScoreOutOfRange,
    /// No part was scored.
    NothingScored,
    /// The law allows no further sitting of this part.
    NoSittingLeft,
    /// Managers are examined by theory alone.
    NoPracticalPart,
    /// The exam was not passed.
    NotPassed,
    /// A score re-check is open.
    ScoreRecheckOpen,
    /// No score re-check is open.
    NoScoreRecheckOpen,
    /// Industry, kind of unit or unit of a manager is not said.
    AppointmentMissing,
    /// A return must list everything that is missing.
    ListMissing,
    /// A refusal, rejection, suspension, revocation or cancellation needs a ground.
    GroundMissing,
    /// Why a card is printed again, or who took it, is not said.
    NoteMissing,
    /// The limit after which silence is acceptance has not passed.
    NotDueYet,
    /// The kind is not in force on that day (recheck ended on 2026-06-01).
    KindNotInForce,
    /// The institution is not authorised for this item on this day.
    NotAuthorised,
    /// The certificate does not say what the case says.
    CertificateDiffers,
    /// The term is not the one the law gives.
    TermDiffers,
    /// The certificate was revoked or cancelled.
    CertificateEnded,
    /// The certificate is already suspended.
    AlreadySuspended,
    /// The certificate is not suspended.
    NotSuspended,
    /// There is no former certificate here to renew, recheck, replace or reissue.
    NoFormerCertificate,
    /// The take-over batch is not released by a second officer.
    BatchNotReleased,
    /// The take-over batch already holds as many certificates as it declared.
    BatchFull,
    /// The record exists already.
    AlreadyExists,
    /// There is no such record.
    Unknown,
    /// A case for this person, item and kind is running.
    CaseRunning,
    /// This result was imported before.
    AlreadyImported,
    /// A valid certificate for this item exists.
    CertificateExists,
    /// The document is registered under another name.
    NameConflict,
    /// The admission-ticket number belongs to another case.
    TicketTaken,
    /// The account holds a role that does not belong to its kind of office.
    RoleOfAnotherOffice,
    /// One of the three administrators can hold no other role.
    AdministratorsApart,
    /// Nobody grants or takes from the own account.
    OwnAccount,
    /// The officer does not hold the role at that moment.
    RoleNotHeld,
    /// The code of the second factor is wrong, too old, or was used before.
    CodeWrong,
    /// The password is too short, or is the login.
    PasswordUnfit,
    /// A certificate was revoked for fraud or bribery, and the ban on a new application still runs.
    Banned,
    /// The inquiry lies with that authority already.
    AlreadyThisOffice,
    /// A hearing, an inspection or an expert review is not over yet.
    ProcedureOpen,
    /// None of them is open.
    NoProcedureOpen,
    /// What the applicant must be told in writing is missing, or the day told has gone by.
    NoticeMissing,
    /// The decision was put off once before.
    AlreadyExtended,
    /// The law does not allow to put the decision off by so many days.
    ExtensionTooLong,
    /// The limit has passed, and what the law makes of that can no longer be changed.
    LimitPassed,
    /// The journal still lacks entries that it signed, or has others in their place.
    StillLost,
    /// What the law of the day asks for is not among the materials.
    MaterialMissing,
    /// An item of the list that the case was returned with has no answer.
    AnswerMissing,
    /// The office may not act for now.
    OfficeSuspended,
    /// So many files of one case are kept already that no more are taken.
    TooManyFiles,
    /// A plan of a session lacks what it needs.
    PlanIncomplete,
    /// The day of the session has come: nothing is planned for it any more.
    DayHasCome,
    /// Candidates have seats there, and were told of what would change.
    SeatsTaken,
    /// The session was called off.
    SessionCancelled,
    /// The session does not say what is said of it: another day, item, panel or hour.
    SessionDiffers,
    /// No seat is free.
    SessionFull,
    /// The candidate has a seat in a session ahead.
    AlreadyEnrolled,
    /// The candidate has no seat there.
    NotEnrolled,
    /// The law of the exam day does not admit the candidate.
    NotEligible,
    /// The officer is no assessor of the session.
    NotOnPanel,
    /// This assessor's score is in.
    AlreadyAssessed,
    /// The panel's score does not stand yet.
    PanelOpen,
    /// The score does not follow from those of the panel.
    ScoreDiffers,
    /// Practical is sat only after theory was passed.
    TheoryNotPassed,
    /// The passed result counts no more.
    ResultRunOut,
    /// The law of the day has no such ground for it.
    GroundUnknown,
    /// Nobody proposed that, or something else was proposed.
    NotProposed,
    /// A change of the certificate was proposed and is not decided yet.
    ProposalOpen,
    /// It is too early to ask for it.
    WindowNotOpen,
    /// It is too late to ask for it.
    WindowClosed,
    /// Nothing of the kind is done while the certificate is suspended.
    CertificateSuspended,
    /// The card is held back.
    CardWithheld,
    /// The card is not held back.
    NotWithheld,
    /// R30: neither the household register nor the work place is declared for that authority.
    OtherRegion,
    /// The authority is not one of this journal.
    OtherProvince,
    /// The case was offered to another authority, which has not answered yet.
    TransferOpen,
    /// The case was not offered to another authority.
    NoTransferOpen,
    /// R30 lets a review be put off only after more years in the trade.
    YearsTooFew,
    /// The first day of a pack must lie ahead, and an announcement must still be shown.
    FirstDayPassed,
    /// The pack does not follow on what is in force.
    PackFaulty,
    /// The account is a program's, and this is for people.
    ForPeople,
}

impl Refusal {
    /// All of them, for the tests that check codes and sentences.
    pub const ALL: [Self; 86] = [
        Self::WrongState,
        Self::RoleNotAllowed,
        Self::NotThisOffice,
        Self::SecondPersonRequired,
        Self::OutOfOrder,
        Self::WrongLaw,
        Self::ExamInFuture,
        Self::ScoreOutOfRange,
        Self::NothingScored,
        Self::NoSittingLeft,
        Self::NoPracticalPart,
        Self::NotPassed,
        Self::ScoreRecheckOpen,
        Self::NoScoreRecheckOpen,
        Self::AppointmentMissing,
        Self::ListMissing,
        Self::GroundMissing,
        Self::NoteMissing,
        Self::NotDueYet,
        Self::KindNotInForce,
        Self::NotAuthorised,
        Self::CertificateDiffers,
        Self::TermDiffers,
        Self::CertificateEnded,
        Self::AlreadySuspended,
        Self::NotSuspended,
        Self::NoFormerCertificate,
        Self::BatchNotReleased,
        Self::BatchFull,
        Self::AlreadyExists,
        Self::Unknown,
        Self::CaseRunning,
        Self::AlreadyImported,
        Self::CertificateExists,
        Self::NameConflict,
        Self::TicketTaken,
        Self::RoleOfAnotherOffice,
        Self::AdministratorsApart,
        Self::OwnAccount,
        Self::RoleNotHeld,
        Self::CodeWrong,
        Self::PasswordUnfit,
        Self::Banned,
        Self::AlreadyThisOffice,
        Self::ProcedureOpen,
        Self::NoProcedureOpen,
        Self::NoticeMissing,
        Self::AlreadyExtended,
        Self::ExtensionTooLong,
        Self::LimitPassed,
        Self::StillLost,
        Self::MaterialMissing,
        Self::AnswerMissing,
        Self::OfficeSuspended,
        Self::TooManyFiles,
        Self::PlanIncomplete,
        Self::DayHasCome,
        Self::SeatsTaken,
        Self::SessionCancelled,
        Self::SessionDiffers,
        Self::SessionFull,
        Self::AlreadyEnrolled,
        Self::NotEnrolled,
        Self::NotEligible,
        Self::NotOnPanel,
        Self::AlreadyAssessed,
        Self::PanelOpen,
        Self::ScoreDiffers,
        Self::TheoryNotPassed,
        Self::ResultRunOut,
        Self::GroundUnknown,
        Self::NotProposed,
        Self::ProposalOpen,
        Self::WindowNotOpen,
        Self::WindowClosed,
        Self::CertificateSuspended,
        Self::CardWithheld,
        Self::NotWithheld,
        Self::OtherRegion,
        Self::OtherProvince,
        Self::TransferOpen,
        Self::NoTransferOpen,
        Self::YearsTooFew,
        Self::FirstDayPassed,
        Self::PackFaulty,
        Self::ForPeople,
    ];

    /// The permanent code.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one line for each")]
    pub fn code(self) -> &'static str {
        match self {
            Self::WrongState => "wrong_state",
            Self::RoleNotAllowed => "role_not_allowed",
            Self::NotThisOffice => "not_this_office",
            Self::SecondPersonRequired => "second_person_required",
            Self::OutOfOrder => "out_of_order",
            Self::WrongLaw => "wrong_law",
            Self::ExamInFuture => "exam_in_future",
            Self::ScoreOutOfRange => "score_out_of_range",
            Self::NothingScored => "nothing_scored",
            Self::NoSittingLeft => "no_sitting_left",
            Self::NoPracticalPart => "no_practical_part",
            Self::NotPassed => "not_passed",
            Self::ScoreRecheckOpen => "score_recheck_open",
            Self::NoScoreRecheckOpen => "no_score_recheck_open",
            Self::AppointmentMissing => "appointment_missing",
            Self::ListMissing => "list_missing",
            Self::GroundMissing => "ground_missing",
            Self::NoteMissing => "note_missing",
            Self::NotDueYet => "not_due_yet",
            Self::KindNotInForce => "kind_not_in_force",
            Self::NotAuthorised => "not_authorised",
            Self::CertificateDiffers => "certificate_differs",
            Self::TermDiffers => "term_differs",
            Self::CertificateEnded => "certificate_ended",
            Self::AlreadySuspended => "already_suspended",
            Self::NotSuspended => "not_suspended",
            Self::NoFormerCertificate => "no_former_certificate",
            Self::BatchNotReleased => "batch_not_released",
            Self::BatchFull => "batch_full",
            Self::AlreadyExists => "already_exists",
            Self::Unknown => "unknown_record",
            Self::CaseRunning => "case_running",
            Self::AlreadyImported => "already_imported",
            Self::CertificateExists => "certificate_exists",
            Self::NameConflict => "name_conflict",
            Self::TicketTaken => "ticket_taken",
            Self::RoleOfAnotherOffice => "role_of_another_office",
            Self::AdministratorsApart => "administrators_apart",
            Self::OwnAccount => "own_account",
            Self::RoleNotHeld => "role_not_held",
            Self::CodeWrong => "code_wrong",
            Self::PasswordUnfit => "password_unfit",
            Self::Banned => "banned",
            Self::AlreadyThisOffice => "already_this_office",
            Self::ProcedureOpen => "procedure_open",
            Self::NoProcedureOpen => "no_procedure_open",
            Self::NoticeMissing => "notice_missing",
            Self::AlreadyExtended => "already_extended",
            Self::ExtensionTooLong => "extension_too_long",
            Self::LimitPassed => "limit_passed",
            Self::StillLost => "still_lost",
            Self::MaterialMissing => "material_missing",
            Self::AnswerMissing => "answer_missing",
            Self::OfficeSuspended => "office_suspended",
            Self::TooManyFiles => "too_many_files",
            Self::PlanIncomplete => "plan_incomplete",
            Self::DayHasCome => "day_has_come",
            Self::SeatsTaken => "seats_taken",
            Self::SessionCancelled => "session_cancelled",
            Self::SessionDiffers => "session_differs",
            Self::SessionFull => "session_full",
            Self::AlreadyEnrolled => "already_enrolled",
            Self::NotEnrolled => "not_enrolled",
            Self::NotEligible => "not_eligible",
            Self::NotOnPanel => "not_on_panel",
            Self::AlreadyAssessed => "already_assessed",
            Self::PanelOpen => "panel_open",
            Self::ScoreDiffers => "score_differs",
            Self::TheoryNotPassed => "theory_not_passed",
            Self::ResultRunOut => "result_run_out",
            Self::GroundUnknown => "ground_unknown",
            Self::NotProposed => "not_proposed",
            Self::ProposalOpen => "proposal_open",
            Self::WindowNotOpen => "window_not_open",
            Self::WindowClosed => "window_closed",
            Self::CertificateSuspended => "certificate_suspended",
            Self::CardWithheld => "card_withheld",
            Self::NotWithheld => "not_withheld",
            Self::OtherRegion => "other_region",
            Self::OtherProvince => "other_province",
            Self::TransferOpen => "transfer_open",
            Self::NoTransferOpen => "no_transfer_open",
            Self::YearsTooFew => "years_too_few",
            Self::FirstDayPassed => "first_day_passed",
            Self::PackFaulty => "pack_faulty",
            Self::ForPeople => "for_people",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique() {
        let all: BTreeSet<_> = Refusal::ALL.into_iter().collect();
        let codes: BTreeSet<_> = all.iter().map(|r| r.code()).collect();
        assert_eq!(codes.len(), all.len());
    }
}
