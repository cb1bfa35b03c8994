//! What happened, in the bytes that are kept for ever: compact JSON (UTF-8, no blanks, fields in the
//! order declared here, absent values left out), written once. Those bytes are what the journal
//! commits to; whoever checks an entry hashes the bytes he was given.

mod written;

use alloc::{boxed::Box, string::String, vec::Vec};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

pub use self::written::legal_day;
pub use crate::material::{Answered, Material};
use crate::{
    account::Opening,
    case::{Handover, Tie},
    catalogue::{Category, ItemCode},
    deadline::Procedure,
    exam::{Machine, Part, Ruling},
    hold::Held,
    inquiry::{Question, Words},
    law::{Ground, LawName},
    management::MaybeAppointment,
    office::{Authorisation, By, Office, OfficeCode, Role},
    person::Person,
    publication::Proposal,
    record::RecordId,
    session::{Enrolment, Plan},
    verdict::Kind,
};

/// One entry of the story: who, when, under which rule pack, on which record, what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: By,
    /// The rule pack in force for this act.
    pub law: LawName,
    /// The record it is about.
    pub record: RecordId,
    /// What.
    pub act: Act,
}

/// A candidate's registration for one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The candidate.
    pub person: Person,
    /// Which of the two certificates.
    pub category: Category,
    /// For what.
    pub item: ItemCode,
    /// Why.
    pub kind: Kind,
    /// Where the exam is sat.
    pub institution: OfficeCode,
    /// Who will decide.
    pub authority: OfficeCode,
    /// The admission-ticket number 准考证号.
    pub ticket: String,
    /// The certificate a replacement is about: its name or document is no more the candidate's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replaces: Option<RecordId>,
    /// 任职情况, for the safety-management certificate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub appointment: MaybeAppointment,
}

/// What a certificate says when a case ends in one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The certificate's record: new, or the former one that is renewed, rechecked or reissued.
    pub certificate: RecordId,
    /// Holder.
    pub holder: Person,
    /// Which of the two certificates.
    pub category: Category,
    /// For what.
    pub item: ItemCode,
    /// Certificate number 证号.
    pub number: String,
    /// 初领日期
    pub first_issued: Date,
    /// First valid day.
    pub valid_from: Date,
    /// Last valid day.
    pub valid_until: Date,
    /// Last day of the recheck, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recheck_due: Option<Date>,
    /// 签发机关
    pub authority: OfficeCode,
    /// 任职情况, for the safety-management certificate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub appointment: MaybeAppointment,
}

/// A certificate as the former register had it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// The released batch it comes in.
    pub batch: RecordId,
    /// What it says.
    pub grant: Grant,
}

/// Everything that can happen. The name in snake case is the `kind` of the journal's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the fields are glossary words; the variant says of what"
)]
pub enum Act {
    /// An office enters the directory.
    OfficeEntered(Box<Office>),
    /// An institution's authorisation is given or changed.
    OfficeAuthorised(Authorisation),
    /// An office may not act for now.
    OfficeSuspended(Ground),
    /// It may again, and why.
    OfficeResumed(Ground),
    /// An account, with its first roles.
    AccountOpened(Box<Opening>),
    /// 授予角色
    RoleGranted { role: Role },
    /// 撤回角色
    RoleWithdrawn { role: Role },
    /// The account may no longer sign in.
    AccountClosed,
    /// The officer has a second factor.
    FactorEnrolled,
    /// It was taken away, as when the telephone is lost.
    FactorReset,
    /// An exam session 考试场次 of one institution and day.
    SessionOpened { institution: OfficeCode, on: Date },
    /// A session is planned and registered with the authority, before its day.
    SessionPlanned(Box<Plan>),
    /// It is planned otherwise, and why.
    SessionChanged { plan: Box<Plan>, reason: String },
    /// It is called off, and why.
    SessionCancelled { reason: String },
    /// A sheet of results was taken: digest of its bytes, rows taken, rows refused.
    SheetImported {
        institution: OfficeCode,
        sha256: String,
        taken: u32,
        refused: u32,
    },
    /// 报名: the case begins.
    Registered(Box<Registration>),
    /// 排考: the candidate has a seat in a planned session, after the pre-check of the law.
    Enrolled(Box<Enrolment>),
    /// The seat is free again.
    SeatGivenUp { session: RecordId, reason: String },
    /// One more admission ticket, for a resit that no session was planned for.
    TicketGiven { ticket: String },
    /// 理论成绩; with the machine where one gave it, else from a sheet.
    TheoryScored {
        session: RecordId,
        on: Date,
        score: u8,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        machine: Option<Machine>,
    },
    /// 考评员评分: what one assessor of the panel saw; `of` is how many sit on it.
    PracticalAssessed {
        session: RecordId,
        on: Date,
        score: u8,
        of: u8,
    },
    /// 实操成绩: the one that stands; with how the panel came to it, else from a sheet.
    PracticalScored {
        session: RecordId,
        on: Date,
        score: u8,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        panel: Option<Ruling>,
    },
    /// 成绩确认 and publication.
    ScoresConfirmed,
    /// The candidate asks for a score to be checked again.
    ScoreRecheckAsked { part: Part, reason: String },
    /// The answer: the score that stands.
    ScoreRechecked { part: Part, score: u8 },
    /// 报送
    Reported { materials: Vec<Material> },
    /// 补正一次告知: returned with everything that is missing.
    Returned { missing: Vec<String> },
    /// Handed in again.
    Resubmitted {
        materials: Vec<Material>,
        /// To each item of the list; none where it is answered by the materials alone.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        answers: Vec<Answered>,
    },
    /// 受理
    Accepted,
    /// 视为受理: the limit passed in silence.
    DeemedAccepted,
    /// 不予受理
    Refused(Ground),
    /// A hearing, an inspection or an expert review begins, and the decision's limit stands still
    /// (行政许可法 art. 45): by when it will be over, and the notice that told so in writing.
    ProcedureBegun {
        procedure: Procedure,
        until: Date,
        notice: String,
    },
    /// It is over: the limit runs on.
    ProcedureEnded,
    /// 延长决定期限: once, by the head of the authority, the reason told (行政许可法 art. 42).
    DecisionExtended {
        days: u8,
        head: String,
        reason: String,
    },
    /// 审查: first officer.
    Reviewed,
    /// 准予: second officer.
    Approved,
    /// 不予许可: second officer, with ground.
    Rejected(Ground),
    /// 制证, in a batch.
    Made { batch: String, number: String },
    /// 签发: a new certificate.
    CertificateIssued(Box<Grant>),
    /// 期满换证
    Renewed(Box<Grant>),
    /// 复审 (R30)
    Rechecked(Box<Grant>),
    /// 信息变更换证
    Replaced(Box<Grant>),
    /// 补证
    Reissued(Box<Grant>),
    /// The card was printed.
    Printed,
    /// The card was spoiled, in the printer or later, and is printed again.
    CardSpoiled { reason: String },
    /// The card was handed over: to whom, and what shows it.
    Delivered { to: Handover, note: String },
    /// 扣发: a made card is held back before it is handed over.
    Withheld(Ground),
    /// It may go on: why.
    WithholdingEnded { reason: String },
    /// 撤销准予决定: a card that was held back is never issued, decided by a second person.
    Annulled(Ground),
    /// 移送: the holder asks for another authority of the same journal; R30 wants a tie to it.
    TransferOffered {
        to: OfficeCode,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        tie: Option<Tie>,
        reason: String,
    },
    /// The other authority takes it.
    Transferred,
    /// The other authority does not take it, or it is not offered any more: why.
    TransferDeclined { reason: String },
    /// The case ends because a new one takes its place.
    Closed,
    /// A take-over from a former register is proposed: digest of the source, how many.
    BatchProposed {
        authority: OfficeCode,
        sha256: String,
        count: u32,
    },
    /// A second officer releases it.
    BatchReleased,
    /// One certificate of a released batch.
    TakenOver(Box<Former>),
    /// Every row was decided on: so many were there already, differ from what is there, are wrong.
    BatchClosed {
        skipped: u32,
        differing: u32,
        faulty: u32,
    },
    /// What a row says is not taken: the certificate that is there stands, and why.
    DifferenceKept { row: u32, reason: String },
    /// A wrong name or document is put right; the former version stays in the story.
    Corrected {
        holder: Box<Person>,
        number: String,
        evidence: String,
        #[serde(skip_serializing_if = "String::is_empty", default)]
        sha256: String,
    },
    /// 提请: a correction, revocation or cancellation is proposed, for another officer to decide.
    ChangeProposed(Box<Act>),
    /// What was proposed is not done: why.
    ProposalDeclined { reason: String },
    /// 延长复审: the authority consents that the recheck falls together with the end of the term
    /// (R30 art. 21): years in the trade, and what shows them and the lawful conduct.
    ReviewExtended { years: u8, evidence: String },
    /// 暂扣
    Suspended(Ground),
    /// The suspension ends.
    Resumed,
    /// 失效: not rechecked in time (R30 art. 26).
    Lapsed,
    /// 撤销, with the last day of a ban where the ground brings one.
    Revoked {
        ground: Ground,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        banned_until: Option<Date>,
    },
    /// 注销
    Cancelled(Ground),
    /// A feed stands still 暂停.
    FeedHeld(Box<Held>),
    /// A person lets it go on 恢复, and says why.
    FeedResumed { ground: String },
    /// 查询异议: somebody asks an authority.
    InquiryAsked(Box<Question>),
    /// The inquiry goes to another authority, which has to answer it.
    InquiryForwarded { to: OfficeCode, reason: Words },
    /// The answer.
    InquiryAnswered { words: Words },
    /// The asker asks back.
    InquiryReopened { words: Words },
    /// A pack or an announcement is proposed 提请发布, all of it.
    PublicationProposed(Box<Proposal>),
    /// A second officer approves it 批准发布.
    PublicationApproved,
    /// It is taken back 撤回, and why.
    PublicationWithdrawn { ground: String },
}

impl Act {
    /// The name of the act: the `kind` of the journal row, and its word in `docs/states.md`.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one line for each")]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::OfficeEntered(_) => "office_entered",
            Self::OfficeAuthorised(_) => "office_authorised",
            Self::OfficeSuspended(_) => "office_suspended",
            Self::OfficeResumed(_) => "office_resumed",
            Self::AccountOpened(_) => "account_opened",
            Self::RoleGranted { .. } => "role_granted",
            Self::RoleWithdrawn { .. } => "role_withdrawn",
            Self::AccountClosed => "account_closed",
            Self::FactorEnrolled => "factor_enrolled",
            Self::FactorReset => "factor_reset",
            Self::SessionOpened { .. } => "session_opened",
            Self::SessionPlanned(_) => "session_planned",
            Self::SessionChanged { .. } => "session_changed",
            Self::SessionCancelled { .. } => "session_cancelled",
            Self::SheetImported { .. } => "sheet_imported",
            Self::Registered(_) => "registered",
            Self::Enrolled(_) => "enrolled",
            Self::SeatGivenUp { .. } => "seat_given_up",
            Self::TicketGiven { .. } => "ticket_given",
            Self::TheoryScored { .. } => "theory_scored",
            Self::PracticalAssessed { .. } => "practical_assessed",
            Self::PracticalScored { .. } => "practical_scored",
            Self::ScoresConfirmed => "scores_confirmed",
            Self::ScoreRecheckAsked { .. } => "score_recheck_asked",
            Self::ScoreRechecked { .. } => "score_rechecked",
            Self::Reported { .. } => "reported",
            Self::Returned { .. } => "returned",
            Self::Resubmitted { .. } => "resubmitted",
            Self::Accepted => "accepted",
            Self::DeemedAccepted => "deemed_accepted",
            Self::Refused(_) => "refused",
            Self::ProcedureBegun { .. } => "procedure_begun",
            Self::ProcedureEnded => "procedure_ended",
            Self::DecisionExtended { .. } => "decision_extended",
            Self::Reviewed => "reviewed",
            Self::Approved => "approved",
            Self::Rejected(_) => "rejected",
            Self::Made { .. } => "made",
            Self::CertificateIssued(_) => "certificate_issued",
            Self::Renewed(_) => "renewed",
            Self::Rechecked(_) => "rechecked",
            Self::Replaced(_) => "replaced",
            Self::Reissued(_) => "reissued",
            Self::Printed => "printed",
            Self::CardSpoiled { .. } => "card_spoiled",
            Self::Delivered { .. } => "delivered",
            Self::Withheld(_) => "withheld",
            Self::WithholdingEnded { .. } => "withholding_ended",
            Self::Annulled(_) => "annulled",
            Self::TransferOffered { .. } => "transfer_offered",
            Self::Transferred => "transferred",
            Self::TransferDeclined { .. } => "transfer_declined",
            Self::Closed => "closed",
            Self::BatchProposed { .. } => "batch_proposed",
            Self::BatchReleased => "batch_released",
            Self::TakenOver(_) => "taken_over",
            Self::BatchClosed { .. } => "batch_closed",
            Self::DifferenceKept { .. } => "difference_kept",
            Self::Corrected { .. } => "corrected",
            Self::ChangeProposed(_) => "change_proposed",
            Self::ProposalDeclined { .. } => "proposal_declined",
            Self::ReviewExtended { .. } => "review_extended",
            Self::Suspended(_) => "suspended",
            Self::Resumed => "resumed",
            Self::Lapsed => "lapsed",
            Self::Revoked { .. } => "revoked",
            Self::Cancelled(_) => "cancelled",
            Self::FeedHeld(_) => "feed_held",
            Self::FeedResumed { .. } => "feed_resumed",
            Self::InquiryAsked(_) => "inquiry_asked",
            Self::InquiryForwarded { .. } => "inquiry_forwarded",
            Self::InquiryAnswered { .. } => "inquiry_answered",
            Self::InquiryReopened { .. } => "inquiry_reopened",
            Self::PublicationProposed(_) => "publication_proposed",
            Self::PublicationApproved => "publication_approved",
            Self::PublicationWithdrawn { .. } => "publication_withdrawn",
        }
    }

    /// The roles that may do it (`duty`): the one table of who may do what to a record.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one line for each")]
    pub fn roles(&self) -> &'static [Role] {
        use Role::{
            AcceptanceOfficer, Approver, Asker, Assessor, Clock, InstitutionClerk, InstitutionLead,
            Issuer, Machine, Reviewer, SecurityAdmin, SystemAdmin,
        };
        match self {
            Self::OfficeEntered(_)
            | Self::OfficeAuthorised(_)
            | Self::OfficeSuspended(_)
            | Self::OfficeResumed(_)
            | Self::FeedResumed { .. }
            | Self::PublicationProposed(_)
            | Self::PublicationApproved
            | Self::PublicationWithdrawn { .. } => &[SystemAdmin],
            Self::AccountOpened(_) => &[SecurityAdmin, Machine],
            Self::RoleGranted { .. }
            | Self::RoleWithdrawn { .. }
            | Self::AccountClosed
            | Self::FactorReset => &[SecurityAdmin],
            Self::FactorEnrolled => &Role::ALL,
            Self::SessionOpened { .. }
            | Self::SheetImported { .. }
            | Self::Enrolled(_)
            | Self::SeatGivenUp { .. }
            | Self::TicketGiven { .. }
            | Self::TheoryScored { .. }
            | Self::ScoreRecheckAsked { .. } => &[InstitutionClerk],
            Self::PracticalAssessed { .. } => &[Assessor],
            Self::PracticalScored { panel, .. } => Ruling::roles(panel.as_ref()),
            Self::ScoresConfirmed | Self::ScoreRechecked { .. } => &[InstitutionLead],
            Self::SessionPlanned(_)
            | Self::SessionChanged { .. }
            | Self::SessionCancelled { .. } => &[InstitutionClerk, InstitutionLead],
            // At the counter the authority takes an application itself.
            Self::Registered(_) | Self::Closed => &[InstitutionClerk, AcceptanceOfficer],
            Self::Reported { .. } | Self::Resubmitted { .. } => {
                &[InstitutionClerk, InstitutionLead, AcceptanceOfficer]
            }
            Self::TransferOffered { .. }
            | Self::Transferred
            | Self::TransferDeclined { .. }
            | Self::Accepted
            | Self::Returned { .. }
            | Self::Refused(_)
            | Self::InquiryForwarded { .. }
            | Self::InquiryAnswered { .. } => &[AcceptanceOfficer],
            Self::InquiryAsked(_) | Self::InquiryReopened { .. } => &[Asker],
            Self::DeemedAccepted | Self::Lapsed | Self::FeedHeld(_) => &[Clock],
            Self::ProcedureBegun { .. } | Self::ProcedureEnded => &[Reviewer, Approver],
            Self::ProposalDeclined { .. } | Self::Withheld(_) | Self::ChangeProposed(_) => {
                &[Reviewer, Approver, Issuer]
            }
            Self::Reviewed => &[Reviewer],
            Self::Approved
            | Self::DecisionExtended { .. }
            | Self::Rejected(_)
            | Self::BatchReleased
            | Self::WithholdingEnded { .. }
            | Self::Annulled(_)
            | Self::ReviewExtended { .. }
            | Self::DifferenceKept { .. }
            | Self::Corrected { .. }
            | Self::Suspended(_)
            | Self::Resumed
            | Self::Revoked { .. }
            | Self::Cancelled(_) => &[Approver],
            Self::Made { .. }
            | Self::CertificateIssued(_)
            | Self::Renewed(_)
            | Self::Rechecked(_)
            | Self::Replaced(_)
            | Self::Reissued(_)
            | Self::Printed
            | Self::CardSpoiled { .. }
            | Self::Delivered { .. }
            | Self::BatchProposed { .. }
            | Self::BatchClosed { .. }
            | Self::TakenOver(_) => &[Issuer],
        }
    }
}
