//! The directory: what an institution may, from when to when, and what follows when it may not.

use domain::{office::OfficeCode, record::RecordId, refusal::Refusal};
use jiff::civil::{Date, date};
use kecha::registry::Command;

use crate::{
    house::{AUTHORITY, House, INSTITUTION, on_both},
    office::{Person, WELDING, ground, sheet},
    people::{Answer, Browser},
};

const MONDAY: Date = date(2026, 11, 2);

fn passed(house: &House, serial: u16) -> RecordId {
    let (person, day) = (Person::new("王一", serial), house.on(MONDAY));
    let line = person.line(WELDING, "初领", MONDAY, "86", "91");
    assert_eq!(day.imports(&sheet(&[line]), true).refused, 0);
    let case = day.case(&person, "examined").id;
    assert_eq!(day.does("lead", Command::Confirm, case), Ok("passed"));
    case
}

fn report() -> Command {
    Command::Report {
        materials: Vec::new(),
    }
}

fn change(keeper: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    let page = format!("/console/offices/{INSTITUTION}");
    assert_eq!(keeper.get(&page).status, 200);
    keeper.post(&page, fields)
}

/// The scope of an institution from a day on.
fn authorise(keeper: &mut Browser, item: &str, from: &str) {
    let fields = [
        ("command", "authorise"),
        ("number", "〔2026〕9号"),
        ("item", item),
        ("from", from),
        ("until", "2039-12-31"),
    ];
    let answer = change(keeper, &fields);
    assert_eq!(answer.status, 303, "{}", answer.text);
}

on_both! {
    /// What was examined without an authorisation is not reported; what was examined under a former
    /// one is, whatever the institution is authorised for today.
    fn a_report_rests_on_the_day_of_its_exam(house: &House) {
        let (case, day) = (passed(house, 1), house.on(MONDAY));
        let mut keeper = house.browser("keeper");
        // Put right from the first day on: welding never was in it.
        authorise(&mut keeper, "1.2", "2020-01-01");
        assert_eq!(day.does("clerk", report(), case), Err(Refusal::NotAuthorised));
        // Another person's row is refused at once, not in week three.
        let other = Person::new("李二", 2).line(WELDING, "初领", MONDAY, "90", "90");
        assert_eq!(day.imports(&sheet(&[other]), false).refused, 1);
        authorise(&mut keeper, "2.1", "2020-01-01");
        assert_eq!(day.does("clerk", report(), case), Ok("reported"));
        // From the next day on it is authorised for something else: the report stands.
        authorise(&mut keeper, "1.2", "2026-11-03");
        assert_eq!(day.does("desk", Command::Accept, case), Ok("accepted"));
        let office = house.registry().office(&INSTITUTION.into()).expect("an office");
        assert_eq!(office.past.authorisations.len(), 1);
        assert_eq!(office.past.authorisations[0].until, MONDAY);
        let page = keeper.get(&format!("/console/offices/{INSTITUTION}")).text;
        assert_eq!(page.matches("以前的授权").count(), 1);
        assert_eq!(page.matches("<td>授权考试").count(), 3, "{page}");
    }

    /// A suspended institution reports nothing; its earlier reports are still accepted, and the
    /// ground of both decisions stands in its story.
    fn a_suspended_institution_reports_nothing(house: &House) {
        let (case, earlier, day) = (passed(house, 1), passed(house, 2), house.on(MONDAY));
        assert_eq!(day.does("clerk", report(), earlier), Ok("reported"));
        let mut keeper = house.browser("keeper");
        let none = change(&mut keeper, &[("command", "suspend"), ("article", ""), ("ground", "")]);
        assert_eq!(none.status, 422);
        assert!(none.text.contains("必须写明依据条款和理由"));
        let fields = [("command", "suspend"), ("article", "第五条"), ("ground", "考场监控缺失")];
        assert_eq!(change(&mut keeper, &fields).status, 303);
        assert_eq!(day.does("clerk", report(), case), Err(Refusal::OfficeSuspended));
        let row = Person::new("李二", 3).line(WELDING, "初领", MONDAY, "90", "90");
        assert_eq!(day.imports(&sheet(&[row]), false).refused, 1);
        assert_eq!(day.does("desk", Command::Accept, earlier), Ok("accepted"));
        let public = house.visitor().get("/offices").text;
        assert!(public.contains("已暂停") && !public.contains("考场监控缺失"));
        let fields = [("command", "resume"), ("article", "第五条"), ("ground", "整改合格")];
        assert_eq!(change(&mut keeper, &fields).status, 303);
        assert_eq!(change(&mut keeper, &fields).status, 422);
        assert_eq!(day.does("clerk", report(), case), Ok("reported"));
        let page = house.browser("auditor").get(&format!("/console/offices/{INSTITUTION}")).text;
        assert!(page.contains("考场监控缺失") && page.contains("整改合格"));
        assert!(!page.contains("value=\"suspend\""));
    }

    /// A suspended authority decides nothing until it is resumed; silence is acceptance all the same.
    fn a_suspended_authority_decides_nothing(house: &House) {
        let (case, other, day) = (passed(house, 1), passed(house, 2), house.on(MONDAY));
        for case in [case, other] {
            assert_eq!(day.does("clerk", report(), case), Ok("reported"));
        }
        assert_eq!(day.does("desk", Command::Accept, case), Ok("accepted"));
        let (registry, keeper) = (house.registry(), house.officer("keeper"));
        let code = AUTHORITY.into();
        registry.suspend_office(&code, ground(), &keeper, day.now).expect("suspended");
        let missing = vec!["学历证明".to_owned()];
        let refused = Err(Refusal::OfficeSuspended);
        assert_eq!(day.does("desk", Command::Accept, other), refused);
        assert_eq!(day.does("desk", Command::Return { missing }, other), refused);
        assert_eq!(day.does("first", Command::Review, case), refused);
        let later = house.on(date(2026, 11, 20));
        assert_eq!(registry.deem_accepted(later.now).expect("asked"), [other]);
        registry.resume_office(&code, ground(), &keeper, later.now).expect("resumed");
        assert_eq!(later.does("first", Command::Review, case), Ok("reviewed"));
    }
}

#[test]
fn the_public_sees_who_is_authorised_for_what() {
    let house = House::sqlite().expect("a house");
    let mut visitor = house.visitor();
    let all = visitor.get("/offices").text;
    for told in ["第一考试点", WELDING, "2039-12-31", "授权有效", "12350"] {
        assert!(all.contains(told), "{told}");
    }
    assert!(visitor.get("/offices?item=2.1").text.contains("第一考试点"));
    assert!(
        visitor
            .get("/offices?item=9.1")
            .text
            .contains("没有这样的考试机构")
    );
    assert!(
        visitor
            .get("/offices?words=%E7%AC%AC%E4%B8%80")
            .text
            .contains("第一考试点")
    );
    assert!(
        !visitor
            .get("/offices?words=nobody")
            .text
            .contains("第一考试点")
    );
    house.close();
}

/// The keeper enters offices of the own province alone, with a scope from the catalogue.
#[test]
fn an_office_is_entered_where_it_belongs() {
    let house = House::sqlite().expect("a house");
    let mut keeper = house.browser("keeper");
    keeper.get("/console/offices");
    let enter = |keeper: &mut Browser, code: &str, items: &[&str], until: &str| {
        let mut fields = vec![
            ("code", code),
            ("name", "第三考试点"),
            ("kind", "institution"),
            ("telephone", "12350"),
            ("reports_to", "9901"),
            ("number", "〔2026〕3号"),
            ("from", "2026-01-01"),
            ("until", until),
        ];
        fields.extend(items.iter().map(|item| ("item", *item)));
        keeper.post("/console/offices", &fields)
    };
    for (code, items, until, why) in [
        ("9113", &["2.1"][..], "2028-12-31", "代码要以本省代码开头"),
        ("99/13", &["2.1"], "2028-12-31", "代码只能用字母和数字"),
        ("9913", &[], "2028-12-31", "请从目录中勾选可考项目"),
        (
            "9913",
            &["2.1", "焊工"],
            "2028-12-31",
            "请从目录中勾选可考项目",
        ),
        ("9913", &["2.1"], "2025-12-31", "授权的止日早于起日"),
    ] {
        let answer = enter(&mut keeper, code, items, until);
        assert_eq!(answer.status, 422, "{why}");
        assert!(answer.text.contains(why), "{why}: {}", answer.text);
        // What was typed is still there.
        assert!(answer.text.contains("〔2026〕3号"));
    }
    let done = enter(&mut keeper, "9913", &["2.1", "1.2"], "2028-12-31");
    assert_eq!((done.status, done.location()), (303, "/console/offices"));
    let office = house.registry().office(&OfficeCode::from("9913"));
    assert!(office.expect("entered").may_examine(&"1.2".into(), MONDAY));
    house.close();
}
