//! Materials 申请材料: what a report brings with it, what the law of the day asks for, and the
//! answers to a list that a case was returned with.
//!
//! What an office may ask for is a table: kind of case by law, each line with its article. The text
//! of R19 was not seen, so its lines hold no more than what the press reported or R30 had, and say
//! so. What the register itself knows, such as the passed exam, is no material.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    catalogue::{Category, ItemCode},
    law::LawName,
    refusal::Refusal,
    verdict::Kind,
};

/// What a material is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MaterialKind {
    /// 照片
    Photo,
    /// 个人健康承诺书
    HealthDeclaration,
    /// 身份证件复印件
    IdCopy,
    /// 学历证书复印件
    SchoolingCopy,
    /// 从事特种作业的情况
    WorkRecord,
    /// 安全培训合格记录
    TrainingRecord,
    /// 信息变更的证明
    ChangeEvidence,
    /// 遗失声明
    LossStatement,
    /// What no rule names.
    #[default]
    OtherMaterial,
}

impl MaterialKind {
    /// All of them, in the order of a form.
    pub const ALL: [Self; 9] = [
        Self::Photo,
        Self::IdCopy,
        Self::HealthDeclaration,
        Self::SchoolingCopy,
        Self::WorkRecord,
        Self::TrainingRecord,
        Self::ChangeEvidence,
        Self::LossStatement,
        Self::OtherMaterial,
    ];

    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::HealthDeclaration => "health_declaration",
            Self::IdCopy => "id_copy",
            Self::SchoolingCopy => "schooling_copy",
            Self::WorkRecord => "work_record",
            Self::TrainingRecord => "training_record",
            Self::ChangeEvidence => "change_evidence",
            Self::LossStatement => "loss_statement",
            Self::OtherMaterial => "other_material",
        }
    }

    /// The words that an event and a list of what is missing carry, whatever the page's language.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Photo => "照片",
            Self::HealthDeclaration => "个人健康承诺书",
            Self::IdCopy => "身份证件复印件",
            Self::SchoolingCopy => "学历证书复印件",
            Self::WorkRecord => "从事特种作业的情况",
            Self::TrainingRecord => "安全培训合格记录",
            Self::ChangeEvidence => "信息变更的证明",
            Self::LossStatement => "遗失声明",
            Self::OtherMaterial => "其他材料",
        }
    }

    /// The kind with that code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The kind that a person means: by its code or by the words an office uses for it.
    #[must_use]
    pub fn from_words(words: &str) -> Option<Self> {
        let words = words.trim();
        let lower = words.to_lowercase().replace('-', "_");
        Self::from_code(&lower).or_else(|| {
            let known = SPOKEN.iter().find(|(spoken, _)| *spoken == words);
            known.map(|(_, kind)| *kind)
        })
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    fn is_other(&self) -> bool {
        *self == Self::OtherMaterial
    }
}

/// What offices call the kinds in file names.
const SPOKEN: [(&str, MaterialKind); 24] = [
    ("照片", MaterialKind::Photo),
    ("证件照", MaterialKind::Photo),
    ("相片", MaterialKind::Photo),
    ("个人健康承诺书", MaterialKind::HealthDeclaration),
    ("健康承诺书", MaterialKind::HealthDeclaration),
    ("健康承诺", MaterialKind::HealthDeclaration),
    ("体检表", MaterialKind::HealthDeclaration),
    ("体检证明", MaterialKind::HealthDeclaration),
    ("身份证件复印件", MaterialKind::IdCopy),
    ("身份证复印件", MaterialKind::IdCopy),
    ("身份证", MaterialKind::IdCopy),
    ("学历证书复印件", MaterialKind::SchoolingCopy),
    ("学历证书", MaterialKind::SchoolingCopy),
    ("学历", MaterialKind::SchoolingCopy),
    ("毕业证", MaterialKind::SchoolingCopy),
    ("从事特种作业的情况", MaterialKind::WorkRecord),
    ("工作证明", MaterialKind::WorkRecord),
    ("安全培训合格记录", MaterialKind::TrainingRecord),
    ("培训证明", MaterialKind::TrainingRecord),
    ("培训记录", MaterialKind::TrainingRecord),
    ("信息变更的证明", MaterialKind::ChangeEvidence),
    ("变更证明", MaterialKind::ChangeEvidence),
    ("遗失声明", MaterialKind::LossStatement),
    ("其他材料", MaterialKind::OtherMaterial),
];

/// A file handed in with a report: what it is, and the SHA-256 of its bytes in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Material {
    /// What it is, in the office's words.
    pub title: String,
    /// Digest; empty where only its title was told.
    pub sha256: String,
    /// What it is, in the law's words.
    #[serde(skip_serializing_if = "MaterialKind::is_other", default)]
    pub kind: MaterialKind,
}

impl Material {
    /// A material that is named and not shown. A title that is a kind's own words is of that kind.
    #[must_use]
    pub fn named(title: &str) -> Self {
        Self {
            title: title.into(),
            sha256: String::new(),
            kind: MaterialKind::from_words(title).unwrap_or_default(),
        }
    }
}

/// One material that the law of the day asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Need {
    /// Which.
    pub kind: MaterialKind,
    /// The article it comes from.
    pub source: &'static str,
    /// Whether the text of the article was seen.
    pub verified: bool,
}

const fn need(kind: MaterialKind, source: &'static str, verified: bool) -> Need {
    Need {
        kind,
        source,
        verified,
    }
}

/// No article that we know names it; no card can be made without one.
const PHOTO: Need = need(
    MaterialKind::Photo,
    "house rule: printed on the card",
    false,
);
/// The declaration took the place of the health proof in 2018.
const HEALTH: &str = "R30 art. 16; 应急管理部公告2018年第12号";

static R30_INITIAL: [Need; 4] = [
    PHOTO,
    need(MaterialKind::IdCopy, "R30 art. 16", true),
    need(MaterialKind::HealthDeclaration, HEALTH, true),
    need(MaterialKind::SchoolingCopy, "R30 art. 16", true),
];
static R30_AGAIN: [Need; 4] = [
    PHOTO,
    need(MaterialKind::HealthDeclaration, "R30 art. 22", true),
    need(MaterialKind::WorkRecord, "R30 art. 22", true),
    need(MaterialKind::TrainingRecord, "R30 art. 22", true),
];
static CHANGED: [Need; 2] = [
    PHOTO,
    need(MaterialKind::ChangeEvidence, "R30 art. 20", true),
];
static LOST: [Need; 2] = [
    PHOTO,
    need(MaterialKind::LossStatement, "R30 art. 20", true),
];
static R19_INITIAL: [Need; 3] = [
    PHOTO,
    need(MaterialKind::IdCopy, "R30 art. 16, carried over", false),
    need(
        MaterialKind::HealthDeclaration,
        "R30 art. 16, carried over",
        false,
    ),
];
static R19_SCHOOLED: [Need; 4] = [
    PHOTO,
    need(MaterialKind::IdCopy, "R30 art. 16, carried over", false),
    need(
        MaterialKind::HealthDeclaration,
        "R30 art. 16, carried over",
        false,
    ),
    need(
        MaterialKind::SchoolingCopy,
        "R30 art. 4, carried over",
        false,
    ),
];
static R19_AGAIN: [Need; 2] = [
    PHOTO,
    need(
        MaterialKind::HealthDeclaration,
        "R30 art. 22, carried over",
        false,
    ),
];
static R19_CHANGED: [Need; 2] = [
    PHOTO,
    need(
        MaterialKind::ChangeEvidence,
        "R30 art. 20, carried over",
        false,
    ),
];
static R19_LOST: [Need; 2] = [
    PHOTO,
    need(
        MaterialKind::LossStatement,
        "R30 art. 20, carried over",
        false,
    ),
];
/// R30 and R19 are about special operations; what the other certificate asks for was not read.
const NOT_READ: &str = "安监总培训〔2013〕104号, not read";
static MANAGEMENT_INITIAL: [Need; 2] = [PHOTO, need(MaterialKind::IdCopy, NOT_READ, false)];
static MANAGEMENT_EXTENSION: [Need; 2] =
    [PHOTO, need(MaterialKind::TrainingRecord, NOT_READ, false)];
static MANAGEMENT_CHANGED: [Need; 2] = [PHOTO, need(MaterialKind::ChangeEvidence, NOT_READ, false)];
static MANAGEMENT_LOST: [Need; 2] = [PHOTO, need(MaterialKind::LossStatement, NOT_READ, false)];

/// Where R19 is understood to ask for schooling still: coal mines and hazardous chemicals.
fn needs_schooling(item: &ItemCode) -> bool {
    let group = item.as_str().split('.').next();
    matches!(group, Some("5" | "9"))
}

/// What a report of that kind must bring under a law.
#[must_use]
pub fn needed(law: LawName, kind: Kind, category: Category, item: &ItemCode) -> &'static [Need] {
    if category == Category::SafetyManagement {
        return match kind {
            Kind::Initial | Kind::Recheck => &MANAGEMENT_INITIAL,
            Kind::Renewal => &MANAGEMENT_EXTENSION,
            Kind::Replacement => &MANAGEMENT_CHANGED,
            Kind::Reissue => &MANAGEMENT_LOST,
        };
    }
    match (law, kind) {
        (LawName::R30, Kind::Initial) => &R30_INITIAL,
        (LawName::R30, Kind::Renewal | Kind::Recheck) => &R30_AGAIN,
        (LawName::R30, Kind::Replacement) => &CHANGED,
        (LawName::R30, Kind::Reissue) => &LOST,
        (LawName::R19, Kind::Initial) if needs_schooling(item) => &R19_SCHOOLED,
        (LawName::R19, Kind::Initial) => &R19_INITIAL,
        (LawName::R19, Kind::Renewal | Kind::Recheck) => &R19_AGAIN,
        (LawName::R19, Kind::Replacement) => &R19_CHANGED,
        (LawName::R19, Kind::Reissue) => &R19_LOST,
    }
}

/// What is needed and not among the materials, in the order of the table. With `shown`, a title
/// alone does not do: there must be a digest.
#[must_use]
pub fn lacking(needs: &[Need], given: &[Material], shown: bool) -> Vec<MaterialKind> {
    let is_there = |need: &&Need| {
        given
            .iter()
            .any(|m| m.kind == need.kind && !(shown && m.sha256.is_empty()))
    };
    let missing = needs.iter().filter(|need| !is_there(need));
    missing.map(|need| need.kind).collect()
}

/// The answer to one item of the list that a case was returned with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The item, as the list has it.
    pub item: String,
    /// What the institution says to it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub words: String,
    /// The digest of the material that was added for it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub sha256: String,
}

/// Checks answers against the list: none at all, or one to each item and to nothing else, each with
/// words or with a material that is among those handed in.
///
/// # Errors
/// `AnswerMissing`.
pub fn answer(
    missing: &[String],
    answers: &[Answered],
    materials: &[Material],
) -> Result<(), Refusal> {
    if answers.is_empty() {
        return Ok(());
    }
    let says = |a: &Answered| {
        let handed_in = || materials.iter().any(|m| m.sha256 == a.sha256);
        match a.sha256.is_empty() {
            true => !a.words.trim().is_empty(),
            false => handed_in(),
        }
    };
    let one_each = missing
        .iter()
        .all(|item| answers.iter().filter(|a| a.item == *item).count() == 1);
    if one_each && answers.len() == missing.len() && answers.iter().all(says) {
        Ok(())
    } else {
        Err(Refusal::AnswerMissing)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString, vec};

    use super::*;
    use crate::law::LAWS;

    const SPECIAL: Category = Category::SpecialOperation;

    fn kinds(law: LawName, kind: Kind, item: &str) -> Vec<MaterialKind> {
        let needs = needed(law, kind, SPECIAL, &item.into());
        needs.iter().map(|need| need.kind).collect()
    }

    #[test]
    fn schooling_is_asked_of_everybody_by_r30_and_of_few_by_r19() {
        let schooled =
            |law, item| kinds(law, Kind::Initial, item).contains(&MaterialKind::SchoolingCopy);
        for (item, still) in [
            ("2.1", false),
            ("1.2", false),
            ("9.1", true),
            ("5.10", true),
        ] {
            assert!(schooled(LawName::R30, item), "{item}");
            assert_eq!(schooled(LawName::R19, item), still, "{item}");
        }
    }

    #[test]
    fn a_renewal_brings_work_and_training_only_under_r30() {
        let all = |law| kinds(law, Kind::Renewal, "2.1");
        assert!(all(LawName::R30).contains(&MaterialKind::WorkRecord));
        assert!(all(LawName::R30).contains(&MaterialKind::TrainingRecord));
        assert!(!all(LawName::R19).contains(&MaterialKind::WorkRecord));
        assert!(all(LawName::R19).contains(&MaterialKind::HealthDeclaration));
    }

    #[test]
    fn nothing_of_r19_is_said_to_be_verified_and_nothing_is_asked_twice() {
        for law in &LAWS {
            for kind in [
                Kind::Initial,
                Kind::Recheck,
                Kind::Renewal,
                Kind::Replacement,
                Kind::Reissue,
            ] {
                for category in [SPECIAL, Category::SafetyManagement] {
                    let needs = needed(law.name, kind, category, &"9.1".into());
                    assert!(!needs.is_empty());
                    for (at, need) in needs.iter().enumerate() {
                        assert!(!need.source.is_empty());
                        assert!(law.name == LawName::R30 || !need.verified, "{need:?}");
                        assert!(needs[..at].iter().all(|other| other.kind != need.kind));
                    }
                }
            }
        }
    }

    #[test]
    fn a_title_does_where_no_file_is_asked_for() {
        let needs = needed(LawName::R19, Kind::Reissue, SPECIAL, &"2.1".into());
        let mut given = vec![Material::named("遗失声明")];
        assert_eq!(lacking(needs, &given, false), [MaterialKind::Photo]);
        let both = [MaterialKind::Photo, MaterialKind::LossStatement];
        assert_eq!(lacking(needs, &given, true), both);
        given[0].sha256 = "ab".to_string();
        given.push(Material {
            kind: MaterialKind::Photo,
            ..given[0].clone()
        });
        assert_eq!(lacking(needs, &given, true), []);
    }

    #[test]
    fn every_item_is_answered_once_or_nothing_is() {
        let missing = ["照片".to_string(), "身份证件复印件".to_string()];
        let says = |item: &str, words: &str, sha256: &str| Answered {
            item: item.to_string(),
            words: words.to_string(),
            sha256: sha256.to_string(),
        };
        let photo = Material {
            sha256: "ab".to_string(),
            ..Material::named("照片")
        };
        let try_ = |answers: &[Answered]| answer(&missing, answers, core::slice::from_ref(&photo));
        let refused = Err(Refusal::AnswerMissing);
        assert_eq!(try_(&[]), Ok(()));
        let (one, two) = (says("照片", "", "ab"), says("身份证件复印件", "见窗口", ""));
        assert_eq!(try_(&[one.clone(), two.clone()]), Ok(()));
        assert_eq!(try_(&[one.clone()]), refused);
        assert_eq!(try_(&[one.clone(), one.clone()]), refused);
        assert_eq!(try_(&[one.clone(), two.clone(), one.clone()]), refused);
        assert_eq!(
            try_(&[one.clone(), says("身份证件复印件", " ", "")]),
            refused
        );
        assert_eq!(try_(&[one, says("身份证件复印件", "有", "cd")]), refused);
        assert_eq!(try_(&[two, says("户口簿", "有", "")]), refused);
    }

    #[test]
    fn a_kind_is_known_by_its_code_and_by_what_offices_say() {
        for kind in MaterialKind::ALL {
            assert_eq!(MaterialKind::from_words(kind.code()), Some(kind));
            assert_eq!(MaterialKind::from_words(kind.title()), Some(kind));
        }
        let of = MaterialKind::from_words;
        assert_eq!(of("身份证"), Some(MaterialKind::IdCopy));
        assert_eq!(of("ID-copy"), Some(MaterialKind::IdCopy));
        assert_eq!(of("户口簿"), None);
    }

    #[test]
    fn what_has_no_kind_is_written_as_before() {
        let plain = Material::named("户口簿");
        let json = serde_json::to_string(&plain).expect("json");
        assert_eq!(json, r#"{"title":"户口簿","sha256":""}"#);
        let photo = serde_json::to_string(&Material::named("照片")).expect("json");
        assert!(photo.ends_with(r#","kind":"photo"}"#), "{photo}");
        assert_eq!(
            serde_json::from_str::<Material>(&json).expect("read"),
            plain
        );
    }
}
