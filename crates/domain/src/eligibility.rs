//! 报名资格预审: what the law of the exam day says about a candidate before a seat is given.
//!
//! What would be refused in week three is said in second one. Each finding has a permanent code, the
//! article it rests on, and its weight: it refuses where the law is certain, and it remarks where
//! the law or the fact is not. Sentences and remedies stand in `locales/`. R19's own text was not
//! seen: what it may still ask for is a remark, never a refusal.

use alloc::vec::Vec;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    case::Case,
    catalogue::{Category, ItemCode},
    certificate::{Certificate, Status},
    dossier::Dossier,
    law::{self, LawName},
    management::{self, Asked},
    person::{Person, Sex},
    retirement::{self, Post},
    verdict::{Kind, StatusWord},
};

/// 学历: the highest schooling that is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schooling {
    /// 小学及以下
    Primary,
    /// 初中
    JuniorMiddle,
    /// 高中、中专及以上
    SeniorMiddle,
}

impl Schooling {
    /// All, the lowest first.
    pub const ALL: [Self; 3] = [Self::Primary, Self::JuniorMiddle, Self::SeniorMiddle];

    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::JuniorMiddle => "junior_middle",
            Self::SeniorMiddle => "senior_middle",
        }
    }

    /// The schooling with that code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the variants are the codes, explained by their sentences"
)]
pub enum Code {
    BelowAge,
    AboveAge,
    AgeUnknown,
    AgeDependsOnPost,
    SchoolingTooLow,
    SchoolingUnknown,
    SchoolingUnverified,
    HealthUndeclared,
    UnderBan,
    CertificateValid,
    OpenCase,
    KindEnded,
    NothingToRenew,
    FormerEnded,
    NothingToExtend,
    ExtensionLate,
    TermOver,
    PartsUsedUp,
}

impl Code {
    /// All codes, in the order in which they are told.
    pub const ALL: [Self; 18] = [
        Self::BelowAge,
        Self::AboveAge,
        Self::AgeUnknown,
        Self::AgeDependsOnPost,
        Self::SchoolingTooLow,
        Self::SchoolingUnknown,
        Self::SchoolingUnverified,
        Self::HealthUndeclared,
        Self::UnderBan,
        Self::CertificateValid,
        Self::OpenCase,
        Self::KindEnded,
        Self::NothingToRenew,
        Self::FormerEnded,
        Self::NothingToExtend,
        Self::ExtensionLate,
        Self::TermOver,
        Self::PartsUsedUp,
    ];

    /// The permanent code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BelowAge => "below_age",
            Self::AboveAge => "above_age",
            Self::AgeUnknown => "age_unknown",
            Self::AgeDependsOnPost => "age_depends_on_post",
            Self::SchoolingTooLow => "schooling_too_low",
            Self::SchoolingUnknown => "schooling_unknown",
            Self::SchoolingUnverified => "schooling_unverified",
            Self::HealthUndeclared => "health_undeclared",
            Self::UnderBan => "under_ban",
            Self::CertificateValid => "certificate_valid",
            Self::OpenCase => "open_case",
            Self::KindEnded => "kind_ended",
            Self::NothingToRenew => "nothing_to_renew",
            Self::FormerEnded => "former_ended",
            Self::NothingToExtend => "nothing_to_extend",
            Self::ExtensionLate => "extension_late",
            Self::TermOver => "term_over",
            Self::PartsUsedUp => "parts_used_up",
        }
    }

    /// Whether it only remarks: the law or the fact is not certain, and the authority will look.
    #[must_use]
    pub fn is_remark(self) -> bool {
        matches!(
            self,
            Self::AgeUnknown
                | Self::AgeDependsOnPost
                | Self::SchoolingUnverified
                | Self::NothingToRenew
                | Self::ExtensionLate
        )
    }
}

/// One thing found, with the article it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub code: Code,
    /// By which article.
    pub article: &'static str,
}

/// Who wants to sit, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Applicant<'a> {
    /// The candidate.
    pub person: &'a Person,
    /// Which of the two certificates.
    pub category: Category,
    /// For what.
    pub item: &'a ItemCode,
    /// The item's work category, such as `9`.
    pub group: &'a str,
    /// Why.
    pub kind: Kind,
    /// As declared; none when nothing was.
    pub schooling: Option<Schooling>,
    /// The candidate declared in writing to be fit.
    pub healthy: bool,
}

/// The work categories that ask for senior middle school under R30: coal mines and hazardous
/// chemicals (R30 art. 4; 煤矿安全培训规定).
const SENIOR: [&str; 2] = ["5", "9"];
/// Those of which R19 may still ask for it: the same, and other mines.
const UNVERIFIED: [&str; 3] = ["5", "6", "9"];

/// What the law of the exam day says about the candidate. `resits` is the case that the seat would
/// be for, where one is open.
#[must_use]
pub fn check(
    who: &Applicant<'_>,
    dossier: &Dossier,
    resits: Option<&Case>,
    on: Date,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let operator = who.category == Category::SpecialOperation;
    if operator {
        age(who.person, on, &mut found);
    }
    // What was declared once holds for a resit, too.
    if resits.is_none() {
        schooling(who, on, &mut found);
    }
    let mut note = |code, article| found.push(Finding { code, article });
    if operator && resits.is_none() && !who.healthy {
        note(Code::HealthUndeclared, "R30 art. 4");
    }
    if who.kind == Kind::Recheck && law::on(on).recheck.is_none() {
        note(Code::KindEnded, "R19");
    }
    if resits.is_none() && dossier.banned_on(who.category, on) {
        note(Code::UnderBan, law::on(on).fraud_ban.source);
    }
    let theirs = |c: &&Certificate| c.says.category == who.category && c.says.item == *who.item;
    let held = dossier.certificates.iter().filter(theirs);
    let mut held =
        held.filter(|c| matches!(c.status_on(on), StatusWord::Valid | StatusWord::Suspended));
    if who.kind == Kind::Initial && held.next().is_some() {
        note(Code::CertificateValid, term(who.category, on));
    }
    if matches!(who.kind, Kind::Renewal | Kind::Recheck) {
        let former = dossier.former(who.category, who.item);
        match former {
            _ if !operator => extension(former, on, &mut note),
            None => note(Code::NothingToRenew, term(who.category, on)),
            // The issue would be refused: it is said before anybody sits.
            Some(c) if c.has_ended() => note(Code::FormerEnded, ended(c)),
            Some(_) => {}
        }
    }
    match resits {
        Some(case) if !case.may_sit_on(on) => {
            note(Code::PartsUsedUp, law::on(on).practical_attempts.source);
        }
        None if dossier.case_runs(who.category, who.item) => {
            note(Code::OpenCase, "行政许可法 art. 31")
        }
        _ => {}
    }
    found.sort_by_key(|finding| finding.code);
    found
}

/// The article that sets the term.
fn term(category: Category, on: Date) -> &'static str {
    match category {
        Category::SpecialOperation => law::on(on).term.source,
        Category::SafetyManagement => law::on(on).management_term.source,
    }
}

/// The article that took a certificate away.
fn ended(former: &Certificate) -> &'static str {
    match former.status {
        Status::Revoked { .. } => "R30 art. 30",
        _ => "R30 art. 31",
    }
}

/// An extension goes on from a certificate whose term still runs.
fn extension(former: Option<&Certificate>, on: Date, note: &mut impl FnMut(Code, &'static str)) {
    let source = law::on(on).management_extension.source;
    let asked = former.filter(|c| !c.has_ended());
    match asked.map(|c| management::asked_on(c.says.valid_until, on)) {
        None => note(Code::NothingToExtend, source),
        Some(Asked::TooLate) => note(Code::TermOver, source),
        Some(Asked::Late) => note(Code::ExtensionLate, source),
        Some(Asked::InTime) => {}
    }
}

/// Age counts on the day of the exam, by birth date and sex; where the post of a woman decides, the
/// later age refuses and the earlier one remarks.
fn age(person: &Person, on: Date, found: &mut Vec<Finding>) {
    let mut note = |code| {
        let article = law::on(on).youngest.source;
        found.push(Finding { code, article });
    };
    let Some(birth) = person.document.birth_date() else {
        return note(Code::AgeUnknown);
    };
    if !retirement::has_reached(law::on(on).youngest.value.into(), birth, on) {
        note(Code::BelowAge);
    }
    let above = |post| {
        let latest = retirement::latest_age(person.sex, birth, post, on);
        retirement::is_above(latest, birth, on)
    };
    if above(Post::Unknown) {
        note(Code::AboveAge);
    } else if person.sex == Sex::Female && above(Post::Worker) {
        note(Code::AgeDependsOnPost);
    }
}

fn schooling(who: &Applicant<'_>, on: Date, found: &mut Vec<Finding>) {
    // The order is about operators; managers have rules of their own.
    if who.category != Category::SpecialOperation {
        return;
    }
    let mut note = |code, article| found.push(Finding { code, article });
    match law::on(on).name {
        LawName::R30 => {
            let wanted = if SENIOR.contains(&who.group) {
                Schooling::SeniorMiddle
            } else {
                Schooling::JuniorMiddle
            };
            match who.schooling {
                None => note(Code::SchoolingUnknown, "R30 art. 4"),
                Some(has) if has < wanted => note(Code::SchoolingTooLow, "R30 art. 4"),
                Some(_) => {}
            }
        }
        LawName::R19 => {
            let enough = who.schooling == Some(Schooling::SeniorMiddle);
            if UNVERIFIED.contains(&who.group) && !enough {
                note(Code::SchoolingUnverified, "R19, text not seen");
            }
        }
    }
}

/// Whether nothing found refuses.
#[must_use]
pub fn may_enrol(found: &[Finding]) -> bool {
    found.iter().all(|finding| finding.code.is_remark())
}

#[cfg(test)]
#[path = "eligibility_tests.rs"]
mod tests;
