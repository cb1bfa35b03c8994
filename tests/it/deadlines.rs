//! The limits of the law as an office and an applicant meet them.

use domain::{
    deadline::{Course, Deadline, Duty, Procedure},
    record::RecordId,
    refusal::Refusal,
};
use jiff::civil::{Date, date};
use kecha::{
    clock,
    registry::{Command, Due, Filter},
};

use crate::{
    house::{House, on_both},
    office::{Person, WELDING, sheet},
    tamper::trespass,
    visitor::asks,
};

const MONDAY: Date = date(2026, 11, 2);

fn hearing(until: Date) -> Command {
    Command::BeginProcedure {
        procedure: Procedure::Hearing,
        until,
        notice: "听证通知书1号".to_owned(),
    }
}

fn put_off(days: u8) -> Command {
    Command::Extend {
        days,
        head: "负责人甲".to_owned(),
        reason: "需要核实".to_owned(),
    }
}

/// Somebody who sat on that day, and the case.
fn sat(house: &House, serial: u16, on: Date) -> (Person, RecordId, String) {
    let (person, day) = (Person::new("王一", serial), house.on(on));
    let line = person.line(WELDING, "初领", on, "86", "91");
    day.imports(&sheet(&[line]), false);
    let case = day.case(&person, "examined");
    (person, case.id, case.registration.ticket)
}

fn accepted(house: &House, serial: u16, on: Date) -> (Person, RecordId, String) {
    let (person, case, ticket) = sat(house, serial, on);
    house.on(on).reports(case);
    assert_eq!(
        house.on(on).does("desk", Command::Accept, case),
        Ok("accepted")
    );
    (person, case, ticket)
}

on_both! {
    /// What takes time out of a limit, or adds to it, is told to the ticket; the public's answer
    /// stays the same to the byte.
    fn a_hearing_and_an_extension_are_told_to_the_ticket_alone(house: &House) {
        let (wang, case, ticket) = accepted(house, 1, MONDAY);
        let public = |on: Date| {
            let told = house.on(on).asks(&wang, None);
            serde_json::to_string(&told).expect("an answer")
        };
        let decide = |on: Date| -> Deadline {
            let told = house.on(on).asks(&wang, Some(&ticket)).progress.remove(0);
            let all = told.details.expect("the ticket is the case's").deadlines;
            all.into_iter().find(|d| d.duty == Duty::Decide).expect("it is accepted")
        };
        let before = public(MONDAY);
        assert!(!before.contains("deadlines"), "{before}");
        assert_eq!(decide(MONDAY).due, Some(date(2026, 11, 30)));

        let day = house.on(date(2026, 11, 9));
        let until = date(2026, 11, 20);
        assert_eq!(day.does("desk", hearing(until), case), Err(Refusal::RoleNotAllowed));
        assert_eq!(day.does("first", hearing(until), case), Ok("accepted"));
        let decision = decide(date(2026, 11, 9));
        assert_eq!((decision.course, decision.due), (Course::Paused, None));
        assert_eq!(day.does("first", Command::Review, case), Err(Refusal::ProcedureOpen));
        assert_eq!(day.does("first", hearing(until), case), Err(Refusal::ProcedureOpen));
        assert_eq!(public(date(2026, 11, 9)), before);

        let day = house.on(date(2026, 11, 18));
        assert_eq!(day.does("second", Command::EndProcedure, case), Ok("accepted"));
        assert_eq!(day.does("second", Command::EndProcedure, case), Err(Refusal::NoProcedureOpen));
        assert_eq!(day.does("first", Command::Review, case), Ok("reviewed"));
        assert_eq!(decide(date(2026, 11, 18)).due, Some(date(2026, 12, 9)));
        assert_eq!(day.does("first", put_off(5), case), Err(Refusal::RoleNotAllowed));
        assert_eq!(day.does("second", put_off(5), case), Ok("reviewed"));
        assert_eq!(day.does("second", put_off(5), case), Err(Refusal::AlreadyExtended));
        let decision = decide(date(2026, 11, 18));
        assert_eq!((decision.paused, decision.extended), (7, 5));
        assert_eq!(decision.due, Some(date(2026, 12, 16)));
        assert_eq!(decision.told.as_deref(), Some("需要核实"));
        assert_eq!(public(date(2026, 11, 18)), before);
        assert_eq!(day.does("second", Command::Approve, case), Ok("approved"));
    }

    /// What the law has made of a missed limit is no officer's to change.
    fn nobody_acts_on_a_limit_that_has_passed(house: &House) {
        let (_, case, _) = sat(house, 1, MONDAY);
        house.on(MONDAY).reports(case);
        let late = house.on(date(2026, 11, 10));
        let list = Command::Return { missing: vec!["照片".to_owned()] };
        assert_eq!(late.does("desk", Command::Accept, case), Err(Refusal::LimitPassed));
        assert_eq!(late.does("desk", list, case), Err(Refusal::LimitPassed));
        let deemed = house.registry().deem_accepted(late.now).expect("the clock");
        assert_eq!(deemed, [case]);
        // Accepted from the day of receipt; twenty working days later it is too late for more time.
        let last = house.on(date(2026, 11, 30));
        assert_eq!(last.does("second", put_off(11), case), Err(Refusal::ExtensionTooLong));
        let over = house.on(date(2026, 12, 1));
        assert_eq!(over.does("second", put_off(5), case), Err(Refusal::LimitPassed));
        let until = date(2026, 12, 4);
        assert_eq!(over.does("first", hearing(until), case), Err(Refusal::LimitPassed));
        assert_eq!(last.does("second", put_off(5), case), Ok("accepted"));
        assert_eq!(over.does("first", hearing(until), case), Ok("accepted"));
    }

    /// The clock deems accepted what was not answered in time, and leaves a procedure alone.
    fn the_clock_is_right_while_time_stands_still(house: &House) {
        let (_, heard, _) = accepted(house, 1, MONDAY);
        let (_, waiting, _) = sat(house, 2, MONDAY);
        house.on(MONDAY).reports(waiting);
        let day = house.on(date(2026, 11, 9));
        assert_eq!(day.does("first", hearing(date(2026, 12, 31)), heard), Ok("accepted"));
        let deem = |on: Date| house.registry().deem_accepted(house.on(on).now).expect("the clock");
        assert_eq!(deem(date(2026, 11, 9)), []);
        assert_eq!(deem(date(2026, 12, 30)), [waiting]);
        assert_eq!(deem(date(2026, 12, 31)), []);
    }

    /// A queue comes in the order of the law's last days, whatever the state.
    fn a_queue_is_sorted_by_what_is_due(house: &House) {
        let (_, scored, _) = sat(house, 1, MONDAY);
        assert_eq!(house.on(MONDAY).does("lead", Command::Confirm, scored), Ok("passed"));
        let (_, late, _) = sat(house, 2, date(2026, 11, 4));
        let (_, reported, _) = sat(house, 3, MONDAY);
        house.on(MONDAY).reports(reported);
        let ask = |login: &str, due: Due, states: &[&str], today: Date| -> Vec<RecordId> {
            let filter = Filter {
                states: states.iter().map(ToString::to_string).collect(),
                due,
                limit: 9,
                ..Filter::default()
            };
            let lines = house.registry().cases(&house.officer(login), &filter, today);
            lines.expect("a queue").iter().map(|line| line.case.id).collect()
        };
        for login in ["clerk", "desk"] {
            let all = |due, today| ask(login, due, &[], today);
            assert_eq!(all(Due::Any, MONDAY), [reported, late, scored]);
            // The last day of the report is Monday the 9th, of the scores Wednesday the 18th.
            let monday = date(2026, 11, 9);
            assert_eq!(all(Due::Week(monday), monday), [reported]);
            assert_eq!(all(Due::Passed(monday), monday), []);
            let next = date(2026, 11, 16);
            assert_eq!(all(Due::Week(next), next), [late]);
            assert_eq!(all(Due::Passed(next), next), [reported]);
            let sunday = date(2026, 11, 15);
            assert_eq!(all(Due::Week(sunday), sunday), []);
            let end = date(2026, 11, 19);
            assert_eq!(all(Due::Passed(end), end), [reported, late]);
            assert_eq!(ask(login, Due::Passed(end), &["examined"], end), [late]);
        }
    }

    /// The page of a case says each limit with its article, and its forms move them.
    fn an_officer_sees_and_moves_the_limits(house: &House) {
        let today = clock::today();
        let (wang, case, ticket) = accepted(house, 1, today);
        let page = format!("/console/cases/{case}");
        let mut second = house.browser("second");
        let shown = second.get(&page);
        for words in ["法定期限", "作出决定", "行政许可法第42条", "经本行政机关负责人批准", "原文未核对"] {
            assert!(shown.text.contains(words), "{words}: {}", shown.text);
        }
        let id = case.to_string();
        let form = |command, fields: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
            let always = [("command", command), ("state", "accepted"), ("case", &id)];
            let fields = always.iter().chain(fields);
            fields.map(|(name, value)| (*name, (*value).to_owned())).collect()
        };
        let mut send = |command, fields: &[(&'static str, &str)]| {
            let form = form(command, fields);
            let form: Vec<_> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
            let answer = second.post("/console/cases", &form);
            assert_eq!(answer.status, 200, "{}", answer.text);
            (answer.text, second.get(&page).text)
        };
        let (refused, _) = send("extend", &[("days", "5"), ("head", "甲"), ("extend_reason", "")]);
        assert!(refused.contains("必须写明书面告知"), "{refused}");
        let fields = [("days", "5"), ("head", "甲"), ("extend_reason", "需要核实")];
        let (_, shown) = send("extend", &fields);
        assert!(shown.contains("延长 5 个工作日") && shown.contains("需要核实"), "{shown}");
        assert!(!shown.contains("value=\"extend\""), "once");
        let until = today.to_string();
        let fields = [("procedure", "hearing"), ("until", &*until), ("notice", "通知书9号")];
        let (_, shown) = send("begin_procedure", &fields);
        assert!(shown.contains("期限停止计算") && shown.contains("通知书9号"), "{shown}");
        assert!(shown.contains("value=\"end_procedure\""), "{shown}");
        assert!(!shown.contains("value=\"begin_procedure\""), "{shown}");
        let (list, _) = send("review", &[]);
        assert!(list.contains("岗位不能办理") || list.contains("特别程序还没有结束"), "{list}");
        let week = second.get("/console/cases?state=all&due=week").text;
        assert!(week.contains(&id) && week.contains("本周到期"), "{week}");
        assert!(!second.get("/console/cases?state=all&due=passed").text.contains(&id));

        let mut visitor = house.visitor();
        let told = asks(house, &mut visitor, &wang, &ticket).text;
        for words in ["法定期限", "听证", "通知书9号", "期限停止计算"] {
            assert!(told.contains(words), "{words}: {told}");
        }
        let told = asks(house, &mut visitor, &wang, "").text;
        assert!(!told.contains("这个日期已经过了"), "{told}");
        for words in ["法定期限<", "听证", "通知书", "停止计算", "延长"] {
            assert!(!told.contains(words), "{words}: {told}");
        }
        // The public's own date is told to have gone by: that follows from the date alone.
        let before = today.checked_sub(jiff::Span::new().days(60)).expect("a day");
        let (li, ..) = sat(house, 2, before);
        let told = asks(house, &mut visitor, &li, "").text;
        assert!(told.contains("这个日期已经过了"), "{told}");
    }
}

/// A newer program knows more years: a day that could still move is counted again, and the check
/// had found it.
#[test]
fn a_day_that_moved_is_counted_again() {
    if let Some(house) = House::sqlite() {
        let (_, case, _) = accepted(&house, 1, date(2026, 12, 14));
        accepted(&house, 2, MONDAY);
        let registry = house.registry();
        assert_eq!(registry.recount_due(None, 9).expect("a count"), (0, None));
        trespass(
            &house.file(),
            "UPDATE cases SET due = '2027-01-04' WHERE due_moves = 1",
        );
        let checked = registry.check(&mut |_, _| {}).expect("a check");
        assert_eq!(checked.faults.len(), 1, "{checked:?}");
        let (changed, reached) = registry.recount_due(None, 1).expect("a count");
        assert_eq!(changed, 1);
        assert_eq!(
            registry.recount_due(reached, 1).expect("a count"),
            (0, None)
        );
        let found = registry.cases(
            &house.officer("desk"),
            &Filter {
                states: vec!["accepted".to_owned()],
                limit: 9,
                ..Filter::default()
            },
            MONDAY,
        );
        let last = found.expect("a queue").pop().expect("two cases");
        assert_eq!(last.case.id, case);
        house.close();
    }
}
