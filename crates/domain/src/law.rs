//! The rules in force on a day: each limit with its value, its source and whether it was verified.
//!
//! Two regimes live side by side. R30 is 安监总局令第30号 (in force 2010-07-01 to 2026-05-31), R19 is
//! 应急管理部令第19号 (from 2026-06-01). The law of a case is chosen act by act: an exam's limits by
//! the day of the exam, acceptance by the day of the report, decision by the day of acceptance,
//! term and recheck by the day of issue. R19's own text could not be obtained, so what is carried
//! over from R30 or from the press is marked `verified: false` and says so wherever it is shown.

pub mod grounds;

use alloc::string::String;

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// The name of a rule pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LawName {
    /// 安监总局令第30号, as amended by 63 and 80.
    R30,
    /// 应急管理部令第19号.
    R19,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Working days of the State Council calendar; the first day is not counted (民法典 art. 201).
    WorkingDays,
    /// Calendar days.
    Days,
    /// Calendar months.
    Months,
    /// Calendar years.
    Years,
    /// Points of 100.
    Points,
    /// Sittings of one exam part.
    Attempts,
    /// Years of age.
    Age,
}

/// One number that a rule sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// The number.
    pub value: u8,
    /// What it counts.
    pub unit: Unit,
    /// The article it comes from.
    pub source: &'static str,
    /// Whether the text of the article was seen.
    pub verified: bool,
    /// What the article says, where an approved version brings it; see [`Limit::article`].
    pub text: &'static str,
}

/// A rule pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Law {
    /// Its name.
    pub name: LawName,
    /// Which version of it: the first is the program's own, later ones are published as packs.
    pub version: u16,
    /// Its title, for pages that quote it.
    pub title: &'static str,
    /// First day in force.
    pub from: Date,
    /// Youngest age on the day of the exam.
    pub youngest: Limit,
    /// Exam → scores confirmed and published.
    pub publish_scores: Limit,
    /// Report → acceptance, or the complete list of what is missing; silence is acceptance.
    pub accept: Limit,
    /// Acceptance → decision.
    pub decide: Limit,
    /// By how much the head of the authority may put off the decision, once.
    pub extend: Limit,
    /// Decision → certificate delivered.
    pub deliver: Limit,
    /// Lowest passing score of each part.
    pub pass_mark: Limit,
    /// How long a passed part counts.
    pub result_valid: Limit,
    /// Sittings of theory allowed; none where unlimited.
    pub theory_attempts: Option<Limit>,
    /// Sittings of the practical part allowed.
    pub practical_attempts: Limit,
    /// Term of a special-operation certificate.
    pub term: Limit,
    /// Recheck 复审 within the term; none where the law no longer has one.
    pub recheck: Option<Limit>,
    /// Term of a safety-management certificate.
    pub management_term: Limit,
    /// How long before its end the extension of a safety-management certificate is asked for.
    pub management_extension: Limit,
    /// Ban on a new application after fraud or bribery.
    pub fraud_ban: Limit,
    /// Inquiry → answer.
    pub inquiry_answer: Limit,
}

const fn limit(value: u8, unit: Unit, source: &'static str, verified: bool) -> Limit {
    Limit {
        value,
        unit,
        source,
        verified,
        text: "",
    }
}

/// No rule that we know sets a limit for it. The value is the program's own, chosen in the range that
/// local service lines (12345 热线) promise; an office that has promised another puts it here.
const INQUIRY_ANSWER: Limit = limit(
    5,
    Unit::WorkingDays,
    "house value, no rule known; cf. the practice of 12345 热线",
    false,
);

/// The packs, oldest first.
pub static LAWS: [Law; 2] = [
    Law {
        name: LawName::R30,
        version: 1,
        title: "特种作业人员安全技术培训考核管理规定（安监总局令第30号）",
        from: date(2010, 7, 1),
        youngest: limit(18, Unit::Age, "R30 art. 4", true),
        publish_scores: limit(10, Unit::WorkingDays, "R30 art. 15", true),
        accept: limit(5, Unit::WorkingDays, "R30 art. 17", true),
        decide: limit(20, Unit::WorkingDays, "R30 art. 18", true),
        extend: limit(10, Unit::WorkingDays, "行政许可法 art. 42", true),
        deliver: limit(10, Unit::WorkingDays, "行政许可法 art. 44", true),
        pass_mark: limit(80, Unit::Points, "安监总培训〔2013〕104号", true),
        result_valid: limit(12, Unit::Months, "安监总培训〔2013〕104号", true),
        theory_attempts: Some(limit(2, Unit::Attempts, "R30 art. 13", true)),
        practical_attempts: limit(2, Unit::Attempts, "R30 art. 13", true),
        term: limit(6, Unit::Years, "R30 art. 19", true),
        recheck: Some(limit(3, Unit::Years, "R30 art. 21", true)),
        management_term: limit(3, Unit::Years, "安监总培训〔2013〕104号 art. 28", true),
        management_extension: limit(30, Unit::Days, "安监总培训〔2013〕104号 art. 28", true),
        fraud_ban: limit(3, Unit::Years, "R30 art. 30", true),
        inquiry_answer: INQUIRY_ANSWER,
    },
    Law {
        name: LawName::R19,
        version: 1,
        title: "特种作业人员安全技术培训考核管理规定（应急管理部令第19号）",
        from: date(2026, 6, 1),
        youngest: limit(18, Unit::Age, "R30 art. 4, carried over", false),
        publish_scores: limit(10, Unit::WorkingDays, "R30 art. 15, carried over", false),
        accept: limit(5, Unit::WorkingDays, "行政许可法 art. 32", false),
        decide: limit(20, Unit::WorkingDays, "行政许可法 art. 42", false),
        extend: limit(10, Unit::WorkingDays, "行政许可法 art. 42", false),
        deliver: limit(10, Unit::WorkingDays, "行政许可法 art. 44", true),
        pass_mark: limit(
            80,
            Unit::Points,
            "安监总培训〔2013〕104号, carried over",
            false,
        ),
        result_valid: limit(
            12,
            Unit::Months,
            "安监总培训〔2013〕104号, carried over",
            false,
        ),
        theory_attempts: None,
        practical_attempts: limit(5, Unit::Attempts, "R19, press report of 2026-01-30", false),
        term: limit(6, Unit::Years, "R19, press report of 2026-01-30", false),
        recheck: None,
        management_term: limit(
            3,
            Unit::Years,
            "安监总培训〔2013〕104号 art. 28, carried over",
            false,
        ),
        management_extension: limit(
            30,
            Unit::Days,
            "安监总培训〔2013〕104号 art. 28, carried over",
            false,
        ),
        fraud_ban: limit(3, Unit::Years, "行政许可法 art. 79", false),
        inquiry_answer: INQUIRY_ANSWER,
    },
];

/// The pack in force on `day`. Before 2010-07-01 it is the oldest we have, R30.
#[must_use]
pub fn on(day: Date) -> &'static Law {
    LAWS.iter()
        .rev()
        .find(|law| law.from <= day)
        .unwrap_or(&LAWS[0])
}

/// The pack of that name.
#[must_use]
pub fn named(name: LawName) -> &'static Law {
    match name {
        LawName::R30 => &LAWS[0],
        LawName::R19 => &LAWS[1],
    }
}

/// The first day on which a recheck is no longer done, whatever the card says.
#[must_use]
pub fn recheck_ends() -> Date {
    named(LawName::R19).from
}

impl Law {
    /// Sets a limit that the law has; another name changes nothing.
    pub(crate) fn set(&mut self, name: &str, limit: Limit) {
        let place = match name {
            "youngest" => &mut self.youngest,
            "publish_scores" => &mut self.publish_scores,
            "accept" => &mut self.accept,
            "decide" => &mut self.decide,
            "extend" => &mut self.extend,
            "deliver" => &mut self.deliver,
            "pass_mark" => &mut self.pass_mark,
            "result_valid" => &mut self.result_valid,
            "practical_attempts" => &mut self.practical_attempts,
            "term" => &mut self.term,
            "management_term" => &mut self.management_term,
            "management_extension" => &mut self.management_extension,
            "fraud_ban" => &mut self.fraud_ban,
            "inquiry_answer" => &mut self.inquiry_answer,
            "theory_attempts" => return self.theory_attempts = Some(limit),
            "recheck" => return self.recheck = Some(limit),
            _ => return,
        };
        *place = limit;
    }

    /// Every limit of the pack with the name of its field, in the order of the chain.
    #[must_use]
    pub fn limits(&self) -> [(&'static str, Option<Limit>); 16] {
        [
            ("youngest", Some(self.youngest)),
            ("publish_scores", Some(self.publish_scores)),
            ("accept", Some(self.accept)),
            ("decide", Some(self.decide)),
            ("extend", Some(self.extend)),
            ("deliver", Some(self.deliver)),
            ("pass_mark", Some(self.pass_mark)),
            ("result_valid", Some(self.result_valid)),
            ("theory_attempts", self.theory_attempts),
            ("practical_attempts", Some(self.practical_attempts)),
            ("term", Some(self.term)),
            ("recheck", self.recheck),
            ("management_term", Some(self.management_term)),
            ("management_extension", Some(self.management_extension)),
            ("fraud_ban", Some(self.fraud_ban)),
            ("inquiry_answer", Some(self.inquiry_answer)),
        ]
    }
}

impl Limit {
    /// What its article says; empty where there is no text.
    #[must_use]
    pub fn article(&self) -> &'static str {
        if self.text.is_empty() {
            article(self.source)
        } else {
            self.text
        }
    }
}

/// What an article says, for the page that holds an office to it; empty where we have no text.
#[must_use]
pub fn article(source: &str) -> &'static str {
    // What is carried over is the text of the former order, and the limit says that it was not
    // verified.
    match source.trim_end_matches(", carried over") {
        "R30 art. 15" => "应当在考试结束后10个工作日内公布考试成绩。",
        "R30 art. 17" => {
            "应当在5个工作日内完成对特种作业人员所提交申请材料的审查，作出受理或者不予受理的决定。\
             ……逾期不告知的，视为自收到申请材料之日起即已被受理。"
        }
        "R30 art. 18" => {
            "对已经受理的申请，考核发证机关应当在20个工作日内完成审核工作。符合条件的，\
             颁发特种作业操作证；不符合条件的，应当说明理由。"
        }
        "行政许可法 art. 32" => {
            "申请材料不齐全或者不符合法定形式的，应当当场或者在五日内一次告知申请人需要补正的全部内容，\
             逾期不告知的，自收到申请材料之日起即为受理。"
        }
        "行政许可法 art. 42" => {
            "行政机关应当自受理行政许可申请之日起二十日内作出行政许可决定。二十日内不能作出决定的，\
             经本行政机关负责人批准，可以延长十日，并应当将延长期限的理由告知申请人。"
        }
        "行政许可法 art. 44" => {
            "行政机关作出准予行政许可的决定，应当自作出决定之日起十日内向申请人颁发、送达行政许可证件。"
        }
        "行政许可法 art. 45" => {
            "依法需要听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审的，\
             所需时间不计算在本节规定的期限内。行政机关应当将所需时间书面告知申请人。"
        }
        _ => "",
    }
}

/// Why somebody is refused, sent back or loses a certificate: the words and the article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// The article relied on.
    pub article: String,
    /// The reason in words, as told to the person.
    pub words: String,
    /// Which of [`grounds::ALL`] it is; empty when the office put it in its own words.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub code: String,
    /// What the office adds about this person.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub addition: String,
}

impl Ground {
    /// In the office's own words.
    #[must_use]
    pub fn new(article: &str, words: &str) -> Self {
        Self {
            article: article.into(),
            words: words.into(),
            ..Self::default()
        }
    }

    /// By its code alone: the law of the act gives article and words.
    #[must_use]
    pub fn of(code: &str, addition: &str) -> Self {
        Self {
            code: code.into(),
            addition: addition.trim().into(),
            ..Self::default()
        }
    }

    /// With article and words from the list, where only the code was named.
    ///
    /// # Errors
    /// `GroundUnknown`.
    pub fn filled(&self, wanted: &grounds::For<'_>) -> Result<Self, Refusal> {
        if self.code.is_empty() || !self.article.is_empty() {
            return Ok(self.clone());
        }
        let entry = grounds::coded(&self.code, wanted).ok_or(Refusal::GroundUnknown)?;
        Ok(entry.ground(&self.addition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_regime_changes_on_the_first_of_june() {
        assert_eq!(on(date(2026, 5, 31)).name, LawName::R30);
        assert_eq!(on(date(2026, 6, 1)).name, LawName::R19);
        assert!(on(date(2026, 5, 31)).recheck.is_some());
        assert!(on(date(2026, 6, 1)).recheck.is_none());
        assert_eq!(on(date(1999, 1, 1)).name, LawName::R30);
    }

    #[test]
    fn every_limit_on_an_office_is_quoted() {
        for law in &LAWS {
            let limits = [
                law.publish_scores,
                law.accept,
                law.decide,
                law.extend,
                law.deliver,
            ];
            for limit in limits {
                assert!(!article(limit.source).is_empty(), "{}", limit.source);
                assert_eq!(limit.unit, Unit::WorkingDays, "{}", limit.source);
            }
        }
        assert_eq!(article("R30 art. 99"), "");
    }

    #[test]
    fn every_limit_names_its_source() {
        for law in &LAWS {
            assert_eq!(named(law.name), law);
            for (field, limit) in law.limits() {
                assert!(
                    limit.is_none_or(|l| l.value > 0 && !l.source.is_empty()),
                    "{field}"
                );
            }
        }
    }
}
