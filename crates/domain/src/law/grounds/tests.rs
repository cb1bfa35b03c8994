//! What the list of grounds says of itself.

use alloc::collections::BTreeSet;

use super::*;
use crate::law::{self, LawName, named};

const LAST: Date = date(2026, 5, 31);
const FIRST: Date = date(2026, 6, 1);

fn wanted(act: &str, day: Date) -> For<'_> {
    For {
        act,
        category: Category::SpecialOperation,
        day,
        kind: Some(Kind::Renewal),
        status: Some(StatusWord::Expired),
    }
}

#[test]
fn on_no_day_has_a_code_two_entries() {
    for day in [date(2010, 7, 1), LAST, FIRST, date(2030, 1, 1)] {
        let codes: Vec<_> = ALL.iter().filter(|e| e.in_force(day)).collect();
        let once: BTreeSet<_> = codes.iter().map(|e| e.code).collect();
        assert_eq!(once.len(), codes.len(), "{day}");
    }
}

use alloc::vec::Vec;

#[test]
fn the_order_of_the_day_gives_the_ground() {
    let (old, new) = (wanted("revoked", LAST), wanted("revoked", FIRST));
    let before = coded("fraud", &old).expect("R30 has it");
    let after = coded("fraud", &new).expect("carried over");
    assert!(before.verified && !after.verified);
    assert_eq!(before.source(), "R30 art. 30(5)");
    assert_eq!(after.source(), "R30 art. 30(5), carried over");
    let told = before.ground("");
    assert_eq!(
        chosen(&told, &old).map(|e| e.map(|e| e.code)),
        Ok(Some("fraud"))
    );
    assert_eq!(chosen(&told, &new), Err(Refusal::GroundUnknown));
}

#[test]
fn a_ban_lasts_as_long_as_its_rule_says() {
    for law in [LawName::R30, LawName::R19].map(named) {
        let day = law.from;
        for code in ["fraud", "false_data", "licence_by_fraud"] {
            let entry = coded(code, &wanted("revoked", day)).expect(code);
            assert_eq!(
                entry.ban.map(|b| b.value),
                Some(law.fraud_ban.value),
                "{code}"
            );
        }
        let entry = coded("false_material", &wanted("rejected", day)).expect("one");
        assert_eq!(entry.banned_until(date(2026, 6, 1)), Some(date(2027, 6, 1)));
    }
    let unfit = coded("unfit", &wanted("revoked", LAST)).expect("one");
    assert_eq!(unfit.banned_until(LAST), None);
}

/// A review is refused on R30's grounds; a recheck is not refused under R19, it is not done.
#[test]
fn a_ground_is_only_for_what_it_is_made_for() {
    let of = |kind, day| {
        let wanted = For {
            kind: Some(kind),
            ..wanted("rejected", day)
        };
        suitable(&wanted)
            .filter(|e| e.code.starts_with("review_"))
            .count()
    };
    assert_eq!((of(Kind::Recheck, LAST), of(Kind::Recheck, FIRST)), (6, 0));
    assert_eq!((of(Kind::Renewal, LAST), of(Kind::Renewal, FIRST)), (6, 6));
    assert_eq!(of(Kind::Initial, LAST), 0);
    let other = For {
        category: Category::SafetyManagement,
        ..wanted("revoked", FIRST)
    };
    assert!(suitable(&other).all(|e| e.article.starts_with("行政许可法")));
    assert!(suitable(&other).count() > 3);
    let valid = For {
        status: Some(StatusWord::Valid),
        ..wanted("cancelled", FIRST)
    };
    assert!(coded("after_revocation", &valid).is_none());
}

#[test]
fn a_closed_list_takes_no_other_words() {
    let own = Ground::new("第一条", "an invented reason");
    assert_eq!(
        chosen(&own, &wanted("revoked", LAST)),
        Err(Refusal::GroundUnknown)
    );
    assert_eq!(chosen(&own, &wanted("suspended", LAST)), Ok(None));
    let silent = Ground::new("第一条", " ");
    assert_eq!(
        chosen(&silent, &wanted("suspended", LAST)),
        Err(Refusal::GroundMissing)
    );
}

#[test]
fn every_entry_that_ends_is_carried_over() {
    let ends = ALL.iter().filter(|e| e.until.is_some());
    for entry in ends {
        assert_eq!(
            entry.until,
            law::recheck_ends().yesterday().ok(),
            "{}",
            entry.code
        );
        let later = ALL.iter().find(|e| e.code == entry.code && e.carried_over);
        assert!(later.is_some_and(|e| !e.verified), "{}", entry.code);
    }
}

/// Age is a ground under both orders; that rechecks ended is one for a recheck, and since R19.
#[test]
fn a_report_is_not_accepted_on_a_ground_of_its_day() {
    let of = |code, kind, day| {
        let wanted = For {
            kind: Some(kind),
            ..wanted("refused", day)
        };
        coded(code, &wanted).map(|entry| entry.verified)
    };
    let age = |day| of("conditions_of_age", Kind::Initial, day);
    assert_eq!((age(LAST), age(FIRST)), (Some(true), Some(false)));
    let ended = |kind, day| of("review_ended", kind, day);
    assert_eq!(ended(Kind::Recheck, LAST), None);
    assert_eq!(ended(Kind::Recheck, FIRST), Some(false));
    assert_eq!(ended(Kind::Renewal, FIRST), None);
}
