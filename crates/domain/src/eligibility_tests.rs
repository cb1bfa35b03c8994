use alloc::{format, string::String, vec, vec::Vec};

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::{
    document::{DocType, Document, check_character},
    name::Name,
};

const R30: Date = date(2026, 5, 31);
const R19: Date = date(2026, 6, 1);

fn person(birth: Date, sex: Sex) -> Person {
    let order = if sex == Sex::Male { "001" } else { "002" };
    let head = format!(
        "990000{:04}{:02}{:02}{order}",
        birth.year(),
        birth.month(),
        birth.day()
    );
    let check = check_character(head.as_bytes()).map_or('?', char::from);
    Person {
        name: Name::parse("试例").expect("a name"),
        sex,
        document: Document::parse(DocType::ResidentId, &format!("{head}{check}"))
            .expect("a number"),
    }
}

struct Asked {
    birth: Date,
    sex: Sex,
    group: &'static str,
    kind: Kind,
    schooling: Option<Schooling>,
    healthy: bool,
}

const GOOD: Asked = Asked {
    birth: date(1990, 1, 1),
    sex: Sex::Male,
    group: "2",
    kind: Kind::Initial,
    schooling: Some(Schooling::SeniorMiddle),
    healthy: true,
};

fn codes(asked: &Asked, on: Date) -> Vec<Code> {
    let person = person(asked.birth, asked.sex);
    let who = Applicant {
        person: &person,
        category: Category::SpecialOperation,
        item: &"2.1".into(),
        group: asked.group,
        kind: asked.kind,
        schooling: asked.schooling,
        healthy: asked.healthy,
    };
    let found = check(&who, &Dossier::default(), None, on);
    found.iter().map(|f| f.code).collect()
}

#[test]
fn both_laws_and_their_boundary() {
    use Schooling::{JuniorMiddle, Primary, SeniorMiddle};
    let school = |group, schooling| Asked {
        group,
        schooling,
        ..GOOD
    };
    for (asked, r30, r19) in [
        (GOOD, vec![], vec![]),
        (school("2", Some(JuniorMiddle)), vec![], vec![]),
        (
            school("2", Some(Primary)),
            vec![Code::SchoolingTooLow],
            vec![],
        ),
        (school("2", None), vec![Code::SchoolingUnknown], vec![]),
        (
            school("9", Some(JuniorMiddle)),
            vec![Code::SchoolingTooLow],
            vec![Code::SchoolingUnverified],
        ),
        (
            school("5", None),
            vec![Code::SchoolingUnknown],
            vec![Code::SchoolingUnverified],
        ),
        (
            school("6", Some(JuniorMiddle)),
            vec![],
            vec![Code::SchoolingUnverified],
        ),
        (school("9", Some(SeniorMiddle)), vec![], vec![]),
        (
            Asked {
                healthy: false,
                ..GOOD
            },
            vec![Code::HealthUndeclared],
            vec![Code::HealthUndeclared],
        ),
        (
            Asked {
                kind: Kind::Recheck,
                ..GOOD
            },
            vec![Code::NothingToRenew],
            vec![Code::KindEnded, Code::NothingToRenew],
        ),
    ] {
        let told = format!("{} {:?}", asked.group, asked.schooling);
        assert_eq!(codes(&asked, R30), r30, "R30 {told}");
        assert_eq!(codes(&asked, R19), r19, "R19 {told}");
    }
}

#[test]
fn age_by_sex_and_birth_month() {
    let on = date(2026, 11, 20);
    let born = |birth, sex| codes(&Asked { birth, sex, ..GOOD }, on);
    assert_eq!(born(date(2008, 11, 20), Sex::Male), []);
    assert_eq!(born(date(2008, 11, 21), Sex::Male), [Code::BelowAge]);
    // Men of January 1966 retire at 60 years and 4 months.
    assert_eq!(born(date(1966, 1, 1), Sex::Male), [Code::AboveAge]);
    assert_eq!(born(date(1967, 1, 1), Sex::Male), []);
    // A woman worker of 1975 retires at 50, a cadre later: the post decides.
    assert_eq!(
        born(date(1975, 1, 1), Sex::Female),
        [Code::AgeDependsOnPost]
    );
    assert_eq!(born(date(1969, 1, 1), Sex::Female), [Code::AboveAge]);
}

#[test]
fn what_is_only_remarked_lets_enrol() {
    let note = |code| Finding {
        code,
        article: "R30 art. 4",
    };
    for code in Code::ALL {
        assert_eq!(may_enrol(&[note(code)]), code.is_remark(), "{code:?}");
        let written: String = serde_json::to_string(&code).expect("a word");
        assert_eq!(written, format!("\"{}\"", code.as_str()));
    }
    assert!(may_enrol(&[]));
}

proptest! {
    /// Time makes nobody younger, and no declaration makes anybody less eligible.
    #[test]
    fn more_declared_is_never_worse(
        days in 0_i64..30_000, woman: bool, group in 1_u8..11, schooling in 0_usize..4,
    ) {
        let birth = date(1945, 1, 1).saturating_add(jiff::Span::new().days(days));
        let groups = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];
        let asked = |schooling: Option<Schooling>, healthy| Asked {
            birth,
            sex: if woman { Sex::Female } else { Sex::Male },
            group: groups[usize::from(group) - 1],
            schooling,
            healthy,
            ..GOOD
        };
        let has = Schooling::ALL.get(schooling).copied();
        for on in [R30, R19] {
            let (less, more) = (
                codes(&asked(has, false), on),
                codes(&asked(Some(Schooling::SeniorMiddle), true), on),
            );
            for code in &more {
                prop_assert!(less.contains(code), "{:?}", code);
            }
            prop_assert!(!more.contains(&Code::HealthUndeclared));
            let young = |codes: &[Code]| codes.contains(&Code::BelowAge);
            let old = |codes: &[Code]| codes.contains(&Code::AboveAge);
            prop_assert!(!(young(&more) && old(&more)));
            let next = codes(&asked(has, true), on.saturating_add(jiff::Span::new().days(1)));
            prop_assert!(!old(&more) || old(&next));
            prop_assert!(young(&more) || !young(&next));
        }
    }
}
