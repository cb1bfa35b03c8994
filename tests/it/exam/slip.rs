//! Slips in a machine's file and in a panel's scores.

use super::{Person, asks, enrols, planned, theory};
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
