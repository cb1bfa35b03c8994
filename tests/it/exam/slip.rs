//! Slips in a machine's file and in a panel's scores, and sessions of very many and of nobody.

use super::{EXAM, Person, WELDING, asks, enrols, planned, plans, sheet, theory};
use crate::house::{House, noon};

/// What cannot be taken is told where it stands, nothing is called done that was not, and what was
/// typed stays: one slip lost a whole panel's scores.
#[test]
fn a_slip_among_scores() {
    let house = House::sqlite().expect("a house");
    let today = kecha::clock::today();
    let before = today.yesterday().expect("a day");
    let by = house.officer("clerk");
    let begun = house
        .registry()
        .plan_session(&planned(today), &by, noon(before));
    let session = begun.expect("a session");
    let (wang, li) = (Person::new("王一", 1), Person::new("李二", 2));
    enrols(&house, session, vec![asks(&wang), asks(&li)], before);
    let here = format!("/console/sessions/{session}");
    let mut clerk = house.browser("clerk");
    clerk.get(&here);
    let file =
        format!("准考证号,成绩,时间,机号\nZK0,85,{before} 09:00,07\n,85,{before} 09:00,07\n");
    let told = clerk.upload(&format!("{here}/theory"), file.as_bytes());
    assert_eq!(told.status, 422);
    assert!(told.text.contains("2 行都有问题") && !told.text.contains("class=\"right\""));
    assert!(
        told.text.contains("没有这个准考证号的考生"),
        "{}",
        told.text
    );

    let day = house.on(today);
    let cases = [&wang, &li].map(|who| day.case(who, "registered"));
    for case in &cases {
        theory(&house, session, &case.registration.ticket, 85, today).expect("theory");
    }
    let mut one = house.browser("one");
    one.get(&here);
    let names = cases.map(|case| format!("score-{}", case.id));
    let scores = [(&*names[0], "8o"), (&*names[1], "88")];
    let told = one.post(&format!("{here}/assess"), &scores);
    assert_eq!(told.status, 422);
    assert!(told.text.contains("value=\"8o\""), "{}", told.text);
    assert!(
        told.text.contains("已录入 1 人，1 人没有录入"),
        "{}",
        told.text
    );
    assert!(day.case(&li, "examined").panel.is_some());
    let again = one.post(&format!("{here}/assess"), &[(&*names[0], "80")]);
    assert_eq!(again.status, 303, "{}", again.text);
    let none = house.browser("lead").post(&format!("{here}/confirm"), &[]);
    assert_eq!(none.status, 422);
    house.close();
}

/// Who came by a sheet and has no seat is shown page by page, and counted whole: the page ended at the
/// five-hundredth, and so did its counts. The authority takes its list of sessions away, too.
#[test]
fn a_session_of_very_many() {
    let house = House::sqlite().expect("a house");
    let people: Vec<_> = (1..=501).map(|n| Person::new("王一", n)).collect();
    let lines: Vec<_> = people
        .iter()
        .map(|who| who.line(WELDING, "初领", EXAM, "90", "90"))
        .collect();
    house.on(EXAM).imports(&sheet(&lines), false);
    let listed = house.registry().sessions_of(&house.officer("lead"));
    let session = listed.expect("a list").remove(0).session.id;
    let mut lead = house.browser("lead");
    let page = lead.get(&format!("/console/sessions/{session}"));
    assert!(page.text.contains(" 501</a>"), "counted whole");
    let row = "<td><input type=\"checkbox\" name=\"case\"";
    assert_eq!(page.text.matches(row).count(), 500);
    let next = page.between("rel=\"next\" href=\"", "\"").expect("a page");
    assert_eq!(lead.get(next).text.matches(row).count(), 1);
    let mut desk = house.browser("desk");
    let file = desk.post("/console/sessions/export", &[("format", "csv")]);
    assert!(file.text.contains(&EXAM.to_string()) && file.text.contains(",501"));

    // One in which nobody has a seat is a line of the list, and has no ticket to print.
    let empty = plans(&house, EXAM);
    let file = desk.post("/console/sessions/export", &[("format", "csv")]);
    assert!(file.text.contains(&empty.to_string()), "{}", file.text);
    let mut clerk = house.browser("clerk");
    let paper = clerk.get(&format!("/console/sessions/{empty}/tickets.pdf"));
    assert_eq!(paper.status, 409);
    assert!(paper.text.contains("还没有考生"), "{}", paper.text);
    house.close();
}
