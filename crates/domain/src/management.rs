//! 安全生产知识和管理能力考核合格证: what the second certificate has of its own.
//!
//! Its item is the role 人员类型 (主要负责人, 安全生产管理人员). The industry, the kind of unit and the
//! unit itself are the appointment of its holder. It is examined by theory alone, and before its
//! term ends it is extended: a renewal without an exam, by the authority that issued it. The text of
//! 安监总培训〔2013〕104号 was not read in full; the packs say of each limit whether it was verified.

use alloc::{
    boxed::Box,
    string::{String, ToString},
};

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::Category,
    document::is_blank,
    event::Registration,
    law::{self, Law},
    refusal::Refusal,
    roster::Cell,
    term,
    verdict::Kind,
};

/// 行业类别: the industries whose units are examined by the departments of emergency management
/// (安全生产法 art. 27), and what is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Industry {
    /// 煤矿
    CoalMine,
    /// 金属非金属矿山
    OtherMine,
    /// 危险化学品
    HazardousChemicals,
    /// 烟花爆竹
    Fireworks,
    /// 金属冶炼
    MetalSmelting,
    /// 其他行业
    OtherIndustry,
}

impl Industry {
    /// All of them, in the order of a form.
    pub const ALL: [Self; 6] = [
        Self::CoalMine,
        Self::OtherMine,
        Self::HazardousChemicals,
        Self::Fireworks,
        Self::MetalSmelting,
        Self::OtherIndustry,
    ];

    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CoalMine => "coal_mine",
            Self::OtherMine => "other_mine",
            Self::HazardousChemicals => "hazardous_chemicals",
            Self::Fireworks => "fireworks",
            Self::MetalSmelting => "metal_smelting",
            Self::OtherIndustry => "other_industry",
        }
    }

    /// The industry with that code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// What offices write for it, the law's own word first.
    fn words(self) -> &'static str {
        match self {
            Self::CoalMine => "煤矿 煤炭 煤矿企业 煤炭行业",
            Self::OtherMine => "金属非金属矿山 非煤矿山 非煤 非煤矿 矿山",
            Self::HazardousChemicals => "危险化学品 危化品 危化 危险化学品行业 化工",
            Self::Fireworks => "烟花爆竹 烟花 烟花爆竹行业",
            Self::MetalSmelting => "金属冶炼 冶金 冶炼 冶金有色",
            Self::OtherIndustry => "其他行业 其他 其它 其他工贸 工贸",
        }
    }
}

/// 单位类型: what a unit does with what is dangerous in its industry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitType {
    /// 生产单位
    Production,
    /// 经营单位
    Trade,
    /// 储存单位
    Storage,
    /// 装卸单位
    Handling,
    /// 使用单位
    Use,
    /// 其他单位
    OtherUnit,
}

impl UnitType {
    /// All of them, in the order of a form.
    pub const ALL: [Self; 6] = [
        Self::Production,
        Self::Trade,
        Self::Storage,
        Self::Handling,
        Self::Use,
        Self::OtherUnit,
    ];

    /// The permanent code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Trade => "trade",
            Self::Storage => "storage",
            Self::Handling => "handling",
            Self::Use => "use",
            Self::OtherUnit => "other_unit",
        }
    }

    /// The kind of unit with that code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Production => "生产单位 生产 生产企业 开采 矿山",
            Self::Trade => "经营单位 经营 经营企业 批发 零售",
            Self::Storage => "储存单位 储存 仓储 仓储单位 储存企业",
            Self::Handling => "装卸单位 装卸 装卸企业",
            Self::Use => "使用单位 使用 使用企业",
            Self::OtherUnit => "其他单位 其他 其它 其他企业",
        }
    }
}

/// 任职情况: where the holder answers for safety.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// 行业类别
    pub industry: Industry,
    /// 单位类型
    pub unit: UnitType,
    /// 任职单位, by name.
    pub employer: String,
}

/// Which part of an appointment cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// No industry that we know.
    Industry,
    /// No kind of unit that we know.
    Unit,
    /// No name of a unit.
    Employer,
}

/// The longest name of a unit, in characters.
const LONGEST_EMPLOYER: usize = 100;

/// The name of a unit without blanks around it, where it is one.
#[must_use]
pub fn employer(text: &str) -> Option<String> {
    let text = text.trim_matches(is_blank);
    let count = text.chars().count();
    let is_name = (2..=LONGEST_EMPLOYER).contains(&count)
        && text.chars().any(char::is_alphabetic)
        && !text.chars().any(char::is_control);
    is_name.then(|| text.to_string())
}

fn spoken<T: Copy>(
    word: &str,
    all: &[T],
    words: fn(T) -> &'static str,
    code: fn(T) -> &'static str,
) -> Option<T> {
    let says = |one: &T| code(*one) == word || words(*one).split(' ').any(|known| known == word);
    all.iter().copied().find(says)
}

fn industry_of(word: &str) -> Option<Industry> {
    spoken(word, &Industry::ALL, Industry::words, Industry::code)
}

fn unit_of(word: &str) -> Option<UnitType> {
    spoken(word, &UnitType::ALL, UnitType::words, UnitType::code)
}

/// 危险化学品经营单位: older cards say both in one word.
fn both_of(word: &str) -> Option<(Industry, UnitType)> {
    Industry::ALL.into_iter().find_map(|industry| {
        let mut words = industry.words().split(' ');
        words.find_map(|known| Some((industry, unit_of(word.strip_prefix(known)?)?)))
    })
}

impl Appointment {
    /// Reads the three cells of a sheet, or the three fields of a form.
    ///
    /// # Errors
    /// Every part that cannot be read.
    pub fn read(industry: &Cell, unit: &Cell, name: &Cell) -> Result<Self, alloc::vec::Vec<Unfit>> {
        let (said, kind) = (industry.word(), unit.word());
        let both = both_of(&kind).or_else(|| both_of(&said));
        let industry = industry_of(&said).or_else(|| {
            let both = both.map(|(industry, _)| industry);
            both.filter(|_| said.is_empty() || both_of(&said).is_some())
        });
        let unit = unit_of(&kind).or_else(|| {
            let both = both.filter(|both| industry.is_none_or(|i| i == both.0));
            both.map(|(_, unit)| unit)
        });
        let name = match name.shown() {
            Cell::Text(text) => employer(text),
            _ => None,
        };
        let mut unfit = alloc::vec::Vec::new();
        let mut lacks = |is_there: bool, what| {
            if !is_there {
                unfit.push(what);
            }
        };
        lacks(industry.is_some(), Unfit::Industry);
        lacks(unit.is_some(), Unfit::Unit);
        lacks(name.is_some(), Unfit::Employer);
        match (industry, unit, name) {
            (Some(industry), Some(unit), Some(employer)) => Ok(Self {
                industry,
                unit,
                employer,
            }),
            _ => Err(unfit),
        }
    }
}

/// Whether a registration says what its category needs and nothing of the other's. A case about a
/// certificate that a former register told without it may be without it.
///
/// # Errors
/// `AppointmentMissing`, `CertificateDiffers`.
pub(crate) fn check(r: &Registration) -> Result<(), Refusal> {
    match (r.category, &r.appointment) {
        (Category::SpecialOperation, Some(_)) => Err(Refusal::CertificateDiffers),
        (Category::SafetyManagement, None) if r.kind == Kind::Initial => {
            Err(Refusal::AppointmentMissing)
        }
        (_, Some(appointment)) if employer(&appointment.employer).is_none() => {
            Err(Refusal::AppointmentMissing)
        }
        _ => Ok(()),
    }
}

/// What a case says of its holder's appointment; boxed, because most certificates have none.
pub type MaybeAppointment = Option<Box<Appointment>>;

/// Whether an application is an extension 延期: the renewal of a safety-management certificate.
#[must_use]
pub fn is_extension(category: Category, kind: Kind) -> bool {
    (category, kind) == (Category::SafetyManagement, Kind::Renewal)
}

impl Registration {
    /// Whether it may be decided without an exam: changed data and a lost card (R30 art. 20), and an
    /// extension.
    #[must_use]
    pub fn needs_no_exam(&self) -> bool {
        matches!(self.kind, Kind::Replacement | Kind::Reissue)
            || is_extension(self.category, self.kind)
    }
}

/// The last day on which the extension is asked for in time: as many days before the last valid day
/// as the law says (有效期届满30日前).
#[must_use]
pub fn ask_by(valid_until: Date, law: &Law) -> Date {
    let days = i64::from(law.management_extension.value);
    valid_until.saturating_sub(days.days())
}

/// When an extension is asked for, seen from the end of the term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// The law's days are left.
    InTime,
    /// The term still runs, but fewer days are left: it is taken, and nobody owes a decision before
    /// the end.
    Late,
    /// The term has ended: there is nothing to extend, and the exam is sat anew.
    TooLate,
}

/// How an extension stands that is asked for on `day`, by the law of that day.
#[must_use]
pub fn asked_on(valid_until: Date, day: Date) -> Asked {
    if day > valid_until {
        Asked::TooLate
    } else if day > ask_by(valid_until, law::on(day)) {
        Asked::Late
    } else {
        Asked::InTime
    }
}

/// The last valid day after an extension: the new term joins the old one, so that asking early
/// costs nothing and a decision that came late leaves no gap.
#[must_use]
pub fn extended(valid_until: Date, law: &Law) -> Date {
    let next = valid_until.saturating_add(1.day());
    term::last_day(next, law.management_term.value)
}

#[cfg(test)]
#[path = "management_tests.rs"]
mod tests;
