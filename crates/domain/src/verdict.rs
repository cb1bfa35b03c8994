//! What an asker is told: the table of DESIGN §3 as types.
//!
//! The words here are the permanent codes of the API. Sentences for people are made from them by
//! the surfaces, one sentence per code and language.

use alloc::{boxed::Box, string::String, vec::Vec};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::{Category, ItemCode},
    deadline::Deadline,
    law::Ground,
    management::{Industry, UnitType},
    office::{Office, OfficeCode},
    person::Sex,
    whynot::Weighed,
};

/// The one word that answers a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// At least one certificate of the asked category exists.
    Found,
    /// No certificate, but a case is running.
    InProgress,
    /// Neither; the causes say what is possible now.
    NotFound,
}

/// Why one applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 初领
    Initial,
    /// 复审 (R30 only, due before 2026-06-01)
    Recheck,
    /// 换证, at the end of the term
    Renewal,
    /// 换证, because data changed
    Replacement,
    /// 补证, because the card was lost
    Reissue,
}

/// The four stages of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 成绩确认
    Scoring,
    /// 报送与资格复审
    Qualification,
    /// 制证与上传
    Making,
    /// 同步可查
    Sync,
}

/// The status word on a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusWord {
    /// 有效
    Valid,
    /// 过期
    Expired,
    /// 暂扣
    Suspended,
    /// 撤销 (R30 art. 30)
    Revoked,
    /// 注销 (R30 art. 31)
    Cancelled,
    /// 失效: not rechecked in time (R30 art. 26)
    Lapsed,
}

/// A remark that sends the asker to the query with the ticket number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// The result is told with the admission-ticket number.
    ResultWithTicket,
    /// The details are told with the admission-ticket number.
    DetailsWithTicket,
    /// The case is being verified (a quarantined entry).
    UnderVerification,
}

/// A possible cause of a miss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Still inside the usual time.
    TooEarly,
    /// Typed or registered wrongly.
    DetailsMismatch,
    /// The exam was not passed, or the candidate is not eligible.
    NotPassedOrNotEligible,
    /// Issued in a province whose copy here is behind.
    AwaitingSync,
    /// The institution has not reported, or may not.
    InstitutionProblem,
}

/// What the facts make of a cause. In the order in which causes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// The facts say that it applies.
    Certain,
    /// The facts neither say that it applies nor that it does not.
    Possible,
    /// The facts exclude it.
    RuledOut,
}

/// What the person can do next, as a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// The institution confirms the scores.
    WaitForScores,
    /// The authority accepts, reviews and decides.
    WaitForDecision,
    /// The authority makes and issues the certificate.
    WaitForMaking,
    /// Ask again with the ticket number.
    AskWithTicket,
    /// With ticket: the institution reports the passed result.
    WaitForReport,
    /// With ticket: sit the resit.
    Resit,
    /// With ticket: no attempt is left; register again.
    RegisterAgain,
    /// With ticket: hand in what is missing.
    HandInMissing,
    /// With ticket: reconsideration or suit.
    Appeal,
}

/// What the law offers against a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// 成绩复核: ask for the score to be checked again.
    ScoreRecheck,
    /// 行政复议
    Reconsideration,
    /// 行政诉讼
    Suit,
}

/// An item as shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemShown {
    /// Catalogue number.
    pub code: ItemCode,
    /// Name in the catalogue.
    pub name: String,
}

/// A certificate as told to the one who typed its holder's number and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateShown {
    /// Which of the two certificates.
    pub category: Category,
    /// What it is for.
    pub item: ItemShown,
    /// 行业类别, on a safety-management certificate. The unit itself is told to nobody here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub industry: Option<Industry>,
    /// 单位类型, likewise.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit_type: Option<UnitType>,
    /// The holder's full name (the asker typed it).
    pub holder: String,
    /// Sex on the card.
    pub sex: Sex,
    /// The full certificate number (the asker typed the ID number in it).
    pub number: String,
    /// 初领日期
    pub first_issued: Date,
    /// 有效期起
    pub valid_from: Date,
    /// 有效期止, the last valid day
    pub valid_until: Date,
    /// The next day by which the holder must act to keep it; none on one that has ended.
    pub next_due: Option<Date>,
    /// 签发机关
    pub authority: String,
    /// Status on the day of the answer.
    pub status: StatusWord,
    /// Taken over from a former register: no exam of it is in this journal.
    pub taken_over: bool,
    /// Why it is suspended, revoked or cancelled: with ticket only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
    /// The day of that decision: with ticket only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Date>,
}

/// A running case as told to an asker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgressShown {
    /// The case's own number: opaque, no personal data in it.
    pub case: String,
    /// What it is for.
    pub item: ItemShown,
    /// Why it was opened.
    pub kind: Kind,
    /// Which of the four stages.
    pub stage: Stage,
    /// The day the case entered this stage.
    pub since: Date,
    /// The office that holds it.
    pub held_by: String,
    /// The telephone that office gives the public.
    pub telephone: String,
    /// The last day the law leaves this stage, where it sets one.
    pub due: Option<Date>,
    /// That day has passed.
    pub overdue: bool,
    /// `due` reaches into a year whose holidays are not published yet.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub due_provisional: bool,
    /// Where to learn more.
    pub note: Option<Note>,
    /// What happens, or what to do, next.
    pub next_step: NextStep,
    /// With ticket only: scores, what is missing, the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<Details>>,
    /// Who decides: the same in every state, and by it an estimate is made. Not told as such.
    #[serde(skip)]
    pub authority: Option<OfficeCode>,
    /// Who examines and reports; likewise.
    #[serde(skip)]
    pub institution: Option<OfficeCode>,
}

/// What only the one who holds the admission ticket is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// `registered`, `examined`, `passed`, `failed`, `reported`, `returned`, `accepted`, …
    pub state: String,
    /// Which of the causes of a missing certificate it is, where the case says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Theory score of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theory: Option<u8>,
    /// Practical score of the last attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub practical: Option<u8>,
    /// Resits the law still allows, where it counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resits_left: Option<u8>,
    /// What is missing, told once and completely.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing: Vec<String>,
    /// The ground of a refusal or rejection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
    /// What the law offers against it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub remedies: Vec<Remedy>,
    /// The batch the card is made in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// The limits of the law at work in the case, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub deadlines: Vec<Deadline>,
}

/// An office with the telephone it gives the public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfficeShown {
    /// Its name.
    pub name: String,
    /// Its telephone.
    pub telephone: String,
}

impl From<&Office> for OfficeShown {
    fn from(office: &Office) -> Self {
        Self {
            name: office.name.clone(),
            telephone: office.telephone.clone(),
        }
    }
}

/// Whom to ask about a certificate that is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contacts {
    /// Where the exam was sat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution: Option<OfficeShown>,
    /// Who decides, and supervises the institution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<OfficeShown>,
}

impl Contacts {
    /// Whether nobody is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.institution.is_none() && self.authority.is_none()
    }
}

/// The whole answer to one query, without sentences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The word.
    pub verdict: Verdict,
    /// What was found.
    pub certificates: Vec<CertificateShown>,
    /// What is running.
    pub progress: Vec<ProgressShown>,
    /// What is certain or possible when nothing was found, the most certain first; and what is not.
    pub causes: Vec<Weighed>,
    /// Whom to ask, when nothing was found and the asker told enough to know.
    #[serde(skip_serializing_if = "Contacts::is_empty", default)]
    pub contacts: Contacts,
    /// With ticket: the mismatch is a fact and not a possibility.
    #[serde(skip)]
    pub mismatch_is_fact: bool,
}
