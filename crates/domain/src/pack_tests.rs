use jiff::civil::date;

use super::*;

const TODAY: Date = date(2026, 11, 24);
const FIRST: Date = date(2026, 12, 1);

/// R19 as it is shipped, as the version that follows on it.
fn second() -> RulePack {
    RulePack {
        version: 2,
        from: FIRST,
        ..RulePack::of(law::named(LawName::R19))
    }
}

fn codes(pack: &RulePack) -> Vec<(String, &'static str)> {
    let faults = pack.faults(&Laws::default(), TODAY).into_iter();
    faults.map(|fault| (fault.place, fault.code)).collect()
}

fn limit<'p>(pack: &'p mut RulePack, name: &str) -> &'p mut PackLimit {
    pack.limits.get_mut(name).expect("a limit")
}

#[test]
fn a_version_that_follows_has_no_fault() {
    let mut pack = second();
    limit(&mut pack, "decide").value = 15;
    limit(&mut pack, "accept").value = 7;
    assert_eq!(codes(&pack), []);
}

/// Each change alone, and the one fault it makes.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_speaks_against_a_version() {
    type Change = fn(&mut RulePack);
    let changes: [(Change, &str, &str); 16] = [
        (|p| p.title = " ".into(), "title", "empty"),
        (|p| p.version = 3, "version", "version_not_next"),
        (|p| p.version = 1, "version", "version_not_next"),
        (|p| p.from = TODAY, "from", "first_day_passed"),
        (
            |p| limit(p, "decide").unit = Unit::Days,
            "limits.decide.unit",
            "unit_differs",
        ),
        (
            |p| limit(p, "decide").value = 0,
            "limits.decide.value",
            "out_of_range",
        ),
        (
            |p| limit(p, "decide").value = 121,
            "limits.decide.value",
            "out_of_range",
        ),
        (
            |p| limit(p, "decide").source.clear(),
            "limits.decide.source",
            "empty",
        ),
        (
            |p| limit(p, "accept").value = 4,
            "limits.accept.value",
            "below_floor",
        ),
        (
            |p| limit(p, "pass_mark").value = 60,
            "limits.pass_mark.value",
            "built_in",
        ),
        (
            |p| limit(p, "extend").value = 20,
            "limits.extend.value",
            "built_in",
        ),
        (
            |p| limit(p, "inquiry_answer").verified = true,
            "limits.inquiry_answer.text",
            "text_missing",
        ),
        (
            |p| drop(p.limits.remove("term")),
            "limits.term",
            "limit_missing",
        ),
        (
            |p| {
                let limit = limit(p, "term").clone();
                p.limits.insert("recheck".into(), limit);
            },
            "limits.recheck",
            "limit_unwanted",
        ),
        (
            |p| {
                let limit = limit(p, "term").clone();
                p.limits.insert("terms".into(), limit);
            },
            "limits.terms",
            "unknown_limit",
        ),
        (
            |p| {
                *p = RulePack {
                    version: 2,
                    from: FIRST,
                    ..RulePack::of(law::named(LawName::R30))
                };
            },
            "law",
            "not_in_force",
        ),
    ];
    for (change, place, code) in changes {
        let mut pack = second();
        change(&mut pack);
        assert_eq!(codes(&pack), [(place.to_string(), code)], "{code}");
    }
}

/// A third version follows on the second and on no day of it.
#[test]
fn versions_follow_each_other() {
    let laws = Laws::default().with(&second());
    let third = |from| RulePack {
        version: 3,
        from,
        ..second()
    };
    let faults = |pack: RulePack| pack.faults(&laws, TODAY).len();
    assert_eq!(faults(third(date(2027, 1, 1))), 0);
    assert_eq!(faults(third(FIRST)), 1);
    assert_eq!(faults(second()), 2, "neither the number nor the day is new");
}

/// The day before, nothing is changed; from the first day on the version counts, and what it lacks
/// is the program's own.
#[test]
fn a_day_has_one_version() {
    let mut pack = second();
    limit(&mut pack, "decide").value = 15;
    limit(&mut pack, "decide").text = "an invented article".into();
    pack.limits.remove("deliver");
    let laws = Laws::default().with(&pack);
    let before = laws.on(date(2026, 11, 30));
    assert_eq!((before.version, before.decide.value), (1, 20));
    let after = laws.on(FIRST);
    assert_eq!((after.version, after.decide.value), (2, 15));
    assert_eq!(after.decide.article(), "an invented article");
    assert_eq!(after.deliver, law::named(LawName::R19).deliver);
    assert_eq!(laws.on(date(2026, 5, 31)).name, LawName::R30);
    let versions: Vec<_> = laws.all().map(|l| (l.name, l.version)).collect();
    let wanted = [(LawName::R30, 1), (LawName::R19, 1), (LawName::R19, 2)];
    assert_eq!(versions, wanted);
}

/// Whatever limit a law has, a pack can carry it: nothing gets lost on the way there and back.
#[test]
fn a_law_is_the_pack_it_gives() {
    for law in &law::LAWS {
        let mut pack = RulePack::of(law);
        for limit in pack.limits.values_mut() {
            limit.value += 1;
            limit.source.push('!');
        }
        assert_eq!(RulePack::of(&pack.law()), pack);
    }
}

#[test]
fn a_catalogue_loses_no_item() {
    let known = Catalogue::shipped();
    let mut next = known.list(Some(FIRST));
    next.version = "CAT2026".into();
    next.groups[1].items[1].until = Some(date(2026, 12, 31));
    assert_eq!(list_faults(&next, &known, TODAY), []);
    let ended = Catalogue::of(&next).expect("a list");
    let item = ended.item(&"2.2".into()).expect("it is still known");
    assert!(item.is_open_on(date(2026, 12, 31)) && !item.is_open_on(date(2027, 1, 1)));
    let fault = |change: &dyn Fn(&mut List)| {
        let mut list = next.clone();
        change(&mut list);
        let found = list_faults(&list, &known, TODAY);
        assert_eq!(found.len(), 1, "{found:?}");
        (found[0].place.clone(), found[0].code)
    };
    let gone = fault(&|l| drop(l.groups[1].items.remove(0)));
    assert_eq!(gone, ("2.1".into(), "item_gone"));
    let ends = |l: &mut List| {
        l.groups[1].items[2].from = Some(FIRST);
        l.groups[1].items[2].until = Some(TODAY);
    };
    let (place, code) = fault(&ends);
    assert_eq!((&*place, code), ("groups[1].items[2].until", "ends_before"));
    assert_eq!(fault(&|l| l.from = Some(TODAY)).1, "first_day_passed");
    assert_eq!(fault(&|l| l.from = None).1, "empty");
    let taken = fault(&|l| l.version = "CAT2010+E2018".into());
    assert_eq!(taken.1, "version_taken");
    let moved = fault(&|l| l.groups[6].category = crate::catalogue::Category::SafetyManagement);
    assert_eq!(moved.1, "category_differs");
}
