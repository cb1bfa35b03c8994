//! The grounds the law knows for a decision against somebody, as data: each with its article, its
//! words, what it brings and the days it is in force. A form chooses from them; the event keeps
//! code, article and words, so that what was decided can be read when the list has long changed.
//!
//! R30's lists of revocations (art. 30), cancellations (art. 31) and failed rechecks (art. 25) were
//! read. R19's text could not be obtained: what is carried over into its time says so. The text of
//! 行政许可法 and 行政处罚法 was not seen here, so their entries are not verified either.

use alloc::{format, string::String};

use jiff::{ToSpan, civil::Date, civil::date};
use serde::Serialize;

use super::{Ground, Limit, Unit, limit};
use crate::{catalogue::Category, refusal::Refusal, verdict::Kind, verdict::StatusWord};

/// One ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its permanent code.
    pub code: &'static str,
    /// The acts it may stand behind, by their kinds.
    pub acts: &'static [&'static str],
    /// Only for this certificate; for both when none.
    pub category: Option<Category>,
    /// Only for these kinds of case; for all when empty.
    pub kinds: &'static [Kind],
    /// Only while the certificate is so; however it is when empty.
    pub statuses: &'static [StatusWord],
    /// The article.
    pub article: &'static str,
    /// What it says.
    pub words: &'static str,
    /// The ban on a new application that it brings, from the day of the decision.
    pub ban: Option<Limit>,
    /// First day in force.
    pub from: Date,
    /// Last day in force; none while it is.
    pub until: Option<Date>,
    /// It is the former order's, taken for what the new one says.
    pub carried_over: bool,
    /// Whether the text of the article was seen.
    pub verified: bool,
}

/// The last day of R30.
const R30_ENDS: Date = date(2026, 5, 31);

const fn of_r30(
    code: &'static str,
    acts: &'static [&'static str],
    article: &'static str,
    words: &'static str,
) -> Entry {
    Entry {
        code,
        acts,
        category: Some(Category::SpecialOperation),
        kinds: &[],
        statuses: &[],
        article,
        words,
        ban: None,
        from: date(2010, 7, 1),
        until: Some(R30_ENDS),
        carried_over: false,
        verified: true,
    }
}

const fn of_licensing(
    code: &'static str,
    acts: &'static [&'static str],
    article: &'static str,
    words: &'static str,
) -> Entry {
    Entry {
        category: None,
        from: date(2004, 7, 1),
        until: None,
        verified: false,
        ..of_r30(code, acts, article, words)
    }
}

const fn while_it_is(statuses: &'static [StatusWord], entry: Entry) -> Entry {
    Entry { statuses, ..entry }
}

const fn for_kinds(kinds: &'static [Kind], entry: Entry) -> Entry {
    Entry { kinds, ..entry }
}

const fn banning(ban: Limit, entry: Entry) -> Entry {
    Entry {
        ban: Some(ban),
        ..entry
    }
}

/// R30's entry in the time of R19.
const fn carried(entry: Entry) -> Entry {
    let ban = match entry.ban {
        Some(ban) => Some(Limit {
            verified: false,
            ..ban
        }),
        None => None,
    };
    Entry {
        ban,
        from: date(2026, 6, 1),
        until: None,
        carried_over: true,
        verified: false,
        ..entry
    }
}

const REVOKED: &[&str] = &["revoked"];
const CANCELLED: &[&str] = &["cancelled"];
const NOT_ADMITTED: &[&str] = &["refused", "rejected"];
const REJECTED: &[&str] = &["rejected", "annulled"];

const R30_BAN: Limit = limit(3, Unit::Years, "R30 art. 30", true);
const FRAUD_BAN: Limit = limit(3, Unit::Years, "行政许可法 art. 79", false);
const FALSE_BAN: Limit = limit(1, Unit::Years, "行政许可法 art. 78", false);

const NOT_EXTENDED: Entry = while_it_is(
    &[StatusWord::Expired, StatusWord::Lapsed],
    of_r30(
        "not_extended",
        REVOKED,
        "R30 art. 30(1)",
        "超过特种作业操作证有效期未延期复审的",
    ),
);
const UNFIT: Entry = of_r30(
    "unfit",
    REVOKED,
    "R30 art. 30(2)",
    "特种作业人员的身体条件已不适合继续从事特种作业的",
);
const ACCIDENT: Entry = of_r30(
    "accident",
    REVOKED,
    "R30 art. 30(3)",
    "对发生生产安全事故负有责任的",
);
const FALSE_DATA: Entry = banning(
    R30_BAN,
    of_r30(
        "false_data",
        REVOKED,
        "R30 art. 30(4)",
        "特种作业操作证记载虚假信息的",
    ),
);
const FRAUD: Entry = banning(
    R30_BAN,
    of_r30(
        "fraud",
        REVOKED,
        "R30 art. 30(5)",
        "以欺骗、贿赂等不正当手段取得特种作业操作证的",
    ),
);
const DEATH: Entry = of_r30("death", CANCELLED, "R30 art. 31(1)", "特种作业人员死亡的");
const REQUEST: Entry = of_r30(
    "request",
    CANCELLED,
    "R30 art. 31(2)",
    "特种作业人员提出注销申请的",
);
const AFTER_REVOCATION: Entry = while_it_is(
    &[StatusWord::Revoked],
    of_r30(
        "after_revocation",
        CANCELLED,
        "R30 art. 31(3)",
        "特种作业操作证被依法撤销的",
    ),
);

/// 复审 and 延期复审 (R30 art. 22).
const REVIEWS: &[Kind] = &[Kind::Recheck, Kind::Renewal];

const fn review(code: &'static str, article: &'static str, words: &'static str) -> Entry {
    for_kinds(REVIEWS, of_r30(code, &["rejected"], article, words))
}

const REVIEW_UNFIT: Entry = review("review_unfit", "R30 art. 25(1)", "健康体检不合格的");
const REVIEW_VIOLATIONS: Entry = review(
    "review_violations",
    "R30 art. 25(2)",
    "违章操作造成严重后果或者有2次以上违章行为，并经查证确实的",
);
const REVIEW_PUNISHED: Entry = review(
    "review_punished",
    "R30 art. 25(3)",
    "有安全生产违法行为，并给予行政处罚的",
);
const REVIEW_OBSTRUCTED: Entry = review(
    "review_obstructed",
    "R30 art. 25(4)",
    "拒绝、阻碍安全生产监管监察部门监督检查的",
);
const REVIEW_UNTRAINED: Entry = review(
    "review_untrained",
    "R30 art. 25(5)",
    "未按规定参加安全培训，或者考试不合格的",
);
const REVIEW_REVOCABLE: Entry = review(
    "review_revocable",
    "R30 art. 25(6)",
    "具有本规定第三十条、第三十一条规定情形的",
);

const AGE: Entry = of_r30(
    "conditions_of_age",
    &["refused"],
    "R30 art. 4",
    "未满十八周岁或者超过国家法定退休年龄的",
);
const REVIEW_ENDED: Entry = Entry {
    code: "review_ended",
    kinds: &[Kind::Recheck],
    article: "应急管理部令第19号",
    words: "2026年6月1日起不再办理复审，请在有效期满前申请换证",
    carried_over: false,
    ..carried(AGE)
};

/// Every ground, R30's before R19's, then those of the laws above both.
pub static ALL: [Entry; 51] = [
    NOT_EXTENDED,
    UNFIT,
    ACCIDENT,
    FALSE_DATA,
    FRAUD,
    DEATH,
    REQUEST,
    AFTER_REVOCATION,
    REVIEW_UNFIT,
    REVIEW_VIOLATIONS,
    REVIEW_PUNISHED,
    REVIEW_OBSTRUCTED,
    REVIEW_UNTRAINED,
    REVIEW_REVOCABLE,
    AGE,
    carried(NOT_EXTENDED),
    carried(UNFIT),
    carried(ACCIDENT),
    carried(FALSE_DATA),
    carried(FRAUD),
    carried(DEATH),
    carried(REQUEST),
    carried(AFTER_REVOCATION),
    // Of the reviews only 延期复审 is left, as 换证.
    for_kinds(&[Kind::Renewal], carried(REVIEW_UNFIT)),
    for_kinds(&[Kind::Renewal], carried(REVIEW_VIOLATIONS)),
    for_kinds(&[Kind::Renewal], carried(REVIEW_PUNISHED)),
    for_kinds(&[Kind::Renewal], carried(REVIEW_OBSTRUCTED)),
    for_kinds(&[Kind::Renewal], carried(REVIEW_UNTRAINED)),
    for_kinds(&[Kind::Renewal], carried(REVIEW_REVOCABLE)),
    carried(AGE),
    REVIEW_ENDED,
    of_licensing(
        "no_licence_needed",
        &["refused"],
        "行政许可法 art. 32(1)",
        "申请事项依法不需要取得行政许可的",
    ),
    of_licensing(
        "not_competent",
        &["refused"],
        "行政许可法 art. 32(2)",
        "申请事项依法不属于本行政机关职权范围的",
    ),
    of_licensing(
        "conditions_not_met",
        REJECTED,
        "行政许可法 art. 38",
        "申请人不符合法定条件、标准的",
    ),
    banning(
        FALSE_BAN,
        of_licensing(
            "false_material",
            NOT_ADMITTED,
            "行政许可法 art. 78",
            "申请人隐瞒有关情况或者提供虚假材料申请行政许可的",
        ),
    ),
    of_licensing(
        "banned",
        NOT_ADMITTED,
        "行政许可法 art. 79",
        "申请人在不得再次申请行政许可的期限内的",
    ),
    of_licensing(
        "banned_for_false_material",
        NOT_ADMITTED,
        "行政许可法 art. 78",
        "申请人曾隐瞒有关情况或者提供虚假材料，在一年内再次申请的",
    ),
    of_licensing(
        "abuse_of_office",
        &["revoked", "annulled"],
        "行政许可法 art. 69(1)",
        "行政机关工作人员滥用职权、玩忽职守作出准予行政许可决定的",
    ),
    of_licensing(
        "beyond_powers",
        &["revoked", "annulled"],
        "行政许可法 art. 69(2)",
        "超越法定职权作出准予行政许可决定的",
    ),
    of_licensing(
        "wrong_procedure",
        &["revoked", "annulled"],
        "行政许可法 art. 69(3)",
        "违反法定程序作出准予行政许可决定的",
    ),
    of_licensing(
        "not_eligible",
        &["revoked", "annulled"],
        "行政许可法 art. 69(4)",
        "对不具备申请资格或者不符合法定条件的申请人准予行政许可的",
    ),
    of_licensing(
        "otherwise_revocable",
        &["revoked", "annulled"],
        "行政许可法 art. 69(5)",
        "依法可以撤销行政许可的其他情形",
    ),
    banning(
        FRAUD_BAN,
        of_licensing(
            "licence_by_fraud",
            &["revoked", "annulled"],
            "行政许可法 art. 69, 79",
            "被许可人以欺骗、贿赂等不正当手段取得行政许可的",
        ),
    ),
    while_it_is(
        &[StatusWord::Expired, StatusWord::Lapsed],
        of_licensing(
            "term_over",
            CANCELLED,
            "行政许可法 art. 70(1)",
            "行政许可有效期届满未延续的",
        ),
    ),
    of_licensing(
        "death_or_incapacity",
        CANCELLED,
        "行政许可法 art. 70(2)",
        "赋予公民特定资格的行政许可，该公民死亡或者丧失行为能力的",
    ),
    while_it_is(
        &[StatusWord::Revoked],
        of_licensing(
            "licence_revoked",
            CANCELLED,
            "行政许可法 art. 70(4)",
            "行政许可依法被撤销、撤回，或者行政许可证件依法被吊销的",
        ),
    ),
    of_licensing(
        "force_majeure",
        CANCELLED,
        "行政许可法 art. 70(5)",
        "因不可抗力导致行政许可事项无法实施的",
    ),
    of_licensing(
        "otherwise_cancelled",
        CANCELLED,
        "行政许可法 art. 70(6)",
        "法律、法规规定的应当注销行政许可的其他情形",
    ),
    Entry {
        from: date(2021, 7, 15),
        ..of_licensing(
            "penalty",
            &["suspended"],
            "行政处罚法 art. 9(3)",
            "依行政处罚决定暂扣许可证件的",
        )
    },
    // No rule that we know says when a card may be held back; an error has to be looked into.
    of_licensing(
        "under_examination",
        &["withheld"],
        "行政许可法 art. 61",
        "交付前发现准予决定可能应予撤销，需要查证的",
    ),
    of_licensing(
        "card_wrong",
        &["withheld"],
        "house value, no rule known",
        "证件记载与准予决定不一致，交付前需要更正的",
    ),
];

/// What a ground is chosen for.
#[derive(Clone, Copy, Debug)]
pub struct For<'a> {
    /// The kind of the act.
    pub act: &'a str,
    /// Of which certificate.
    pub category: Category,
    /// The day of the act.
    pub day: Date,
    /// The kind of the case, where it is about one.
    pub kind: Option<Kind>,
    /// How the certificate is, where it is about one.
    pub status: Option<StatusWord>,
}

impl Entry {
    /// Whether it was, is or will be in force on that day.
    #[must_use]
    pub fn in_force(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// The article, and whether it is only carried over.
    #[must_use]
    pub fn source(&self) -> String {
        let carried = ["", ", carried over"][usize::from(self.carried_over)];
        format!("{}{carried}", self.article)
    }

    /// The ground as an event keeps it.
    #[must_use]
    pub fn ground(&self, addition: &str) -> Ground {
        Ground {
            article: self.source(),
            words: self.words.into(),
            code: self.code.into(),
            addition: addition.trim().into(),
        }
    }

    /// The last day of the ban it brings to a decision of that day.
    #[must_use]
    pub fn banned_until(&self, day: Date) -> Option<Date> {
        let years = i32::from(self.ban?.value);
        Some(day.saturating_add(years.years()))
    }

    fn suits(&self, wanted: &For<'_>) -> bool {
        self.acts.contains(&wanted.act)
            && self.in_force(wanted.day)
            && self.category.is_none_or(|c| c == wanted.category)
            && (self.kinds.is_empty() || wanted.kind.is_some_and(|k| self.kinds.contains(&k)))
            && (self.statuses.is_empty()
                || wanted.status.is_some_and(|s| self.statuses.contains(&s)))
    }
}

/// The grounds that there are for it.
pub fn suitable<'w>(wanted: &'w For<'_>) -> impl Iterator<Item = &'static Entry> + 'w {
    ALL.iter().filter(|entry| entry.suits(wanted))
}

/// The ground of that code that there is for it.
#[must_use]
pub fn coded(code: &str, wanted: &For<'_>) -> Option<&'static Entry> {
    ALL.iter().find(|e| e.code == code && e.suits(wanted))
}

/// Whether the law's list is closed: no ground but those on it takes a certificate away.
#[must_use]
pub fn closed(act: &str) -> bool {
    matches!(act, "revoked" | "cancelled" | "annulled")
}

/// The entry that a ground names, or none where the office put it in its own words.
///
/// # Errors
/// `GroundMissing` where it says nothing, `GroundUnknown` where the law of the day has no such
/// ground for the act, or has it in other words.
pub fn chosen(ground: &Ground, wanted: &For<'_>) -> Result<Option<&'static Entry>, Refusal> {
    if ground.words.trim().is_empty() || ground.article.trim().is_empty() {
        return Err(Refusal::GroundMissing);
    }
    if ground.code.is_empty() && !closed(wanted.act) {
        return Ok(None);
    }
    let entry = coded(&ground.code, wanted).ok_or(Refusal::GroundUnknown)?;
    if ground.words != entry.words || ground.article != entry.source() {
        return Err(Refusal::GroundUnknown);
    }
    Ok(Some(entry))
}

#[cfg(test)]
mod tests;
