//! Where it waits: what the page of bottlenecks tells whom.

use domain::record::RecordId;
use jiff::civil::Date;
use kecha::{clock, outlook::Learner, registry::Command};

use crate::{
    house::{House, on_both},
    inquiry::another_authority,
    office::{Person, WELDING, sheet},
};

/// The working day so many working days before today.
fn ago(house: &House, days: i64) -> Date {
    let calendar = house.registry().calendar();
    let today = clock::today();
    let mut day = today;
    while calendar.count_workdays(day, today).days < days || !calendar.is_workday(day) {
        day = day.yesterday().expect("a day before");
    }
    day
}

fn learns(house: &House) {
    let mut learner = Learner::default();
    let learnt = learner.learn(&house.app.outlook, house.registry(), clock::now());
    learnt.expect("learnt");
}

/// Somebody who sat that day, and the case.
fn sat(house: &House, serial: u16, on: Date) -> RecordId {
    let (person, day) = (Person::new("王一", serial), house.on(on));
    let line = person.line(WELDING, "初领", on, "86", "91");
    day.imports(&sheet(&[line]), false);
    day.case(&person, "examined").id
}

fn accepted(house: &House, serial: u16, on: Date) -> RecordId {
    let case = sat(house, serial, on);
    house.on(on).reports(case);
    let done = house.on(on).does("desk", Command::Accept, case);
    assert_eq!(done, Ok("accepted"));
    case
}

fn leads_to(page: &str, case: RecordId) -> bool {
    page.contains(&format!("/console/cases/{case}\""))
}

on_both! {
    /// An authority sees its own cases, an institution what waits for itself, the keeper counts
    /// alone, another authority nothing of it.
    fn each_sees_where_it_waits_and_no_more(house: &House) {
        another_authority(house);
        // Three were issued quickly; one decision runs out this week, and one did long ago.
        for serial in 1..=3 {
            let on = ago(house, 30);
            let case = sat(house, serial, on);
            house.on(ago(house, 28)).finishes(case);
        }
        let soon = accepted(house, 4, ago(house, 18));
        let passed = accepted(house, 5, ago(house, 27));
        let scored = sat(house, 6, ago(house, 1));
        learns(house);

        let desk = house.browser("desk").get("/console/bottlenecks");
        assert!(desk.text.contains("积压最多的步骤是“待审查决定”：在办 3 件中有 2 件"), "{}", desk.text);
        assert!(desk.text.contains("以前有 1 个期限届满"), "{}", desk.text);
        assert!(desk.text.contains("已经逾期的有 1 件"), "{}", desk.text);
        assert!(leads_to(&desk.text, soon) && !leads_to(&desk.text, passed));
        assert!(desk.text.contains("/console/cases?state=accepted&amp;due=soon"));
        assert!(desk.text.contains("<svg") && desk.text.contains("chart.css"));
        // Two working days from the exam to the confirmation, none from there to the issue.
        let paces = desk.between("按办结月份的用时中位数（工作日）</caption>", "</table>");
        let paces = paces.expect("a table of medians");
        assert!(paces.contains("<td class=\"n\">2</td><td class=\"n\">0</td>"), "{paces}");
        let due = house.browser("first").get("/console/cases?state=accepted&due=soon");
        assert!(leads_to(&due.text, soon) && !leads_to(&due.text, passed));

        let clerk = house.browser("clerk").get("/console/bottlenecks");
        assert!(clerk.text.contains("“待确认成绩”：在办 1 件中有 1 件"), "{}", clerk.text);
        assert!(!clerk.text.contains("待审查决定") && !leads_to(&clerk.text, soon));

        let keeper = house.browser("keeper").get("/console/bottlenecks");
        assert!(keeper.text.contains("积压最多的是第九九市应急管理局的“待审查决定”"), "{}", keeper.text);
        for case in [soon, passed, scored] {
            assert!(!keeper.text.contains(&case.to_string()));
        }
        assert!(!keeper.text.contains("/console/cases"));

        let other = house.browser("elsewhere").get("/console/bottlenecks");
        assert!(other.text.contains("目前没有在办的办件"), "{}", other.text);
        assert!(other.text.contains("所看的月份里还没有办结的步骤"), "{}", other.text);
        assert!(!leads_to(&other.text, soon) && !other.text.contains("第九九市"));
    }

    /// What is done is no longer at risk, as soon as it was learnt.
    fn a_decision_ends_the_risk(house: &House) {
        let case = accepted(house, 1, ago(house, 18));
        learns(house);
        let mut desk = house.browser("second");
        assert!(leads_to(&desk.get("/console/bottlenecks").text, case));
        let today = house.on(clock::today());
        assert_eq!(today.does("first", Command::Review, case), Ok("reviewed"));
        assert_eq!(today.does("second", Command::Approve, case), Ok("approved"));
        learns(house);
        let page = desk.get("/console/bottlenecks").text;
        assert!(!leads_to(&page, case) && page.contains("“待制证签发”：在办 1 件中有 1 件"), "{page}");
    }
}
