//! When will it be there, at the front door: the page, the API and the answer of a running case.

use std::process::Command as Process;

use jiff::civil::Date;
use kecha::{clock, outlook::Learner, registry::Command};
use serde_json::{Value, json};

use crate::{
    house::{AUTHORITY, House, INSTITUTION, KEY, on_both},
    office::{Person, WELDING, ground, sheet},
    visitor,
};

/// The working day so many working days before today.
fn workdays_ago(house: &House, days: usize) -> Date {
    let calendar = house.registry().calendar();
    let mut day = clock::today();
    let mut left = days;
    while left > 0 {
        day = day.yesterday().expect("a day");
        left -= usize::from(calendar.is_workday(day));
    }
    day
}

fn estimate(house: &House, asked: &str) -> Value {
    let answer = house.visitor().get(&format!("/api/v1/estimate?{asked}"));
    assert_eq!(answer.status, 200, "{asked}: {}", answer.text);
    serde_json::from_str(&answer.text).expect("JSON")
}

fn learn(house: &House) {
    let (outlook, registry) = (&house.app.outlook, house.registry());
    Learner::default()
        .learn(outlook, registry, clock::now())
        .expect("the register is read");
}

/// So many who sat on one day, and whose certificates were issued three working days later.
fn quick(house: &House, count: u16) {
    let (sat, issued) = (workdays_ago(house, 12), workdays_ago(house, 9));
    let people: Vec<Person> = (0..count).map(|n| Person::new("王二", 100 + n)).collect();
    let lines = people
        .iter()
        .map(|p| p.line(WELDING, "初领", sat, "90", "90"));
    let day = house.on(sat);
    day.imports(&sheet(&lines.collect::<Vec<_>>()), false);
    let cases: Vec<_> = people.iter().map(|p| day.case(p, "examined").id).collect();
    for case in cases {
        house.on(issued).finishes(case);
    }
}

/// The running case of a person, as a program is told of it.
fn progress(house: &House, person: &Person, ticket: Option<&str>) -> Value {
    let mut asked = json!({
        "category": "special_operation", "doc_type": "resident_id",
        "doc_number": person.number, "name": person.name,
    });
    if let Some(ticket) = ticket {
        asked["ticket"] = json!(ticket);
    }
    let answer = house.visitor().asks_by_key(KEY, &asked);
    let told: Value = serde_json::from_str(&answer.text).expect("JSON");
    let progress = told["progress"].as_array().expect("a list");
    assert_eq!(progress.len(), 1, "{told}");
    progress[0].clone()
}

on_both! {
    /// Whoever waits longer than nearly all is offered the inquiry, though no limit has passed.
    fn whoever_waits_longer_than_nearly_all_may_ask(house: &House) {
        quick(house, 120);
        learn(house);
        for (days, n, offered) in [(10, 300, true), (1, 301, false)] {
            let (person, sat) = (Person::new("李久", n), workdays_ago(house, days));
            let line = person.line(WELDING, "初领", sat, "90", "90");
            house.on(sat).imports(&sheet(&[line]), false);
            let answer = visitor::asks(house, &mut house.visitor(), &person, "");
            assert!(!answer.text.contains("class=\"missed\""), "{}", answer.text);
            assert_eq!(answer.text.contains("id=\"overdue\""), offered, "{}", answer.text);
            assert_eq!(answer.text.contains("class=\"inquire late\""), offered);
        }
    }
}

on_both! {
    /// What the offices of a house really take moves the estimate, and the terminal says the same.
    fn what_was_learnt_shows(house: &House) {
        let asked = format!("exam_date={}&institution={INSTITUTION}", clock::today());
        let before = estimate(house, &asked);
        assert_eq!((&before["level"], &before["sample"]), (&json!("prior"), &json!(0)));
        assert!(before["workdays"]["50"].as_i64() >= Some(15), "{before}");
        quick(house, 30);
        learn(house);
        let after = estimate(house, &asked);
        assert_eq!((&after["level"], &after["sample"]), (&json!("institution"), &json!(30)));
        let most = after["workdays"]["80"].as_i64().expect("days");
        assert!((3..=8).contains(&most), "{after}");
        // What stands above the institution need not be told, and may be.
        let all = format!("{asked}&authority={AUTHORITY}&province=99");
        assert_eq!(estimate(house, &all), after);
        let folder = house.file();
        let today = clock::today().to_string();
        let printed = Process::new(env!("CARGO_BIN_EXE_kecha"))
            .args(["estimate", "--exam-date", &today, "--institution", INSTITUTION, "--json"])
            .arg("--dir")
            .arg(folder.parent().expect("a folder"))
            .output()
            .expect("the program runs");
        let error = String::from_utf8_lossy(&printed.stderr).into_owned();
        assert!(printed.status.success(), "{error}");
        let printed: Value = serde_json::from_slice(&printed.stdout).expect("JSON");
        assert_eq!(printed, after);
        // The usual time of a miss is that of this house, too.
        let nobody = Person::new("陌生人", 77);
        let miss = json!({
            "category": "special_operation", "doc_type": "resident_id", "doc_number": nobody.number,
            "name": nobody.name, "exam_day": workdays_ago(house, 12).to_string(),
            "institution": INSTITUTION,
        });
        let told = house.visitor().asks_by_key(KEY, &miss);
        assert!(told.text.contains("\"beyond_usual\""), "{}", told.text);
    }
}

on_both! {
    /// A case that is refused or not passed shows to the public what any other of its stage and day
    /// shows, and nothing to whoever has the ticket.
    fn an_estimate_tells_no_bad_outcome(house: &House) {
        let sat = workdays_ago(house, 8);
        let [good, refused, failed, passed] =
            [1, 2, 3, 4].map(|n| Person::new("李四", 200 + n));
        let lines = [
            good.line(WELDING, "初领", sat, "90", "90"),
            refused.line(WELDING, "初领", sat, "90", "90"),
            failed.line(WELDING, "初领", sat, "90", "20"),
            passed.line(WELDING, "初领", sat, "90", "90"),
        ];
        let day = house.on(sat);
        day.imports(&sheet(&lines), false);
        let case = |person| day.case(person, "examined");
        let [good_case, refused_case, failed_case, passed_case] =
            [&good, &refused, &failed, &passed].map(case);
        let next = house.on(workdays_ago(house, 6));
        next.reports(good_case.id);
        next.reports(refused_case.id);
        let lost = next.does("desk", Command::Refuse { ground: ground() }, refused_case.id);
        assert_eq!(lost, Ok("refused"));
        assert_eq!(next.does("lead", Command::Confirm, failed_case.id), Ok("not_passed"));
        assert_eq!(next.does("lead", Command::Confirm, passed_case.id), Ok("passed"));
        for (well, badly, lost) in [
            (&good, &refused, &refused_case),
            (&passed, &failed, &failed_case),
        ] {
            let told = progress(house, well, None)["estimate"].clone();
            let keys: Vec<_> = told.as_object().expect("an estimate").keys().collect();
            assert_eq!(keys, ["by", "level", "provisional", "sample"]);
            assert_eq!(progress(house, badly, None)["estimate"], told);
            let ticket = lost.registration.ticket.as_str();
            assert_eq!(progress(house, badly, Some(ticket))["estimate"], Value::Null);
        }
        let ticket = good_case.registration.ticket.as_str();
        assert!(progress(house, &good, Some(ticket))["estimate"].is_object());
        // The officer sees the same, and of a lost case none.
        let mut desk = house.browser("desk");
        let page = desk.get(&format!("/console/cases/{}", good_case.id));
        assert!(page.text.contains("<svg "), "{}", page.text);
        let page = desk.get(&format!("/console/cases/{}", refused_case.id));
        assert_eq!((page.status, page.text.contains("<svg ")), (200, false));
    }
}

#[test]
fn the_page_says_it_in_words_and_as_a_picture() {
    let house = House::sqlite().expect("a house");
    quick(&house, 30);
    let mut browser = house.visitor();
    let form = browser.get("/when");
    assert_eq!((form.status, form.text.contains("<svg ")), (200, false));
    let today = clock::today();
    for (asked, says) in [
        (format!("exam_date={today}"), "name=\"stage\""),
        // By a part of its name.
        (format!("exam_date={today}&institution=第一"), "<svg "),
        (
            format!("exam_date={today}&kind=reissue&stage=making&since={today}"),
            "<details open>",
        ),
    ] {
        let page = browser.get(&format!(
            "/when?{}",
            asked.replace("第一", "%E7%AC%AC%E4%B8%80")
        ));
        assert_eq!(page.status, 200, "{asked}: {}", page.text);
        for part in [
            says,
            "<svg ",
            "class=\"says\"",
            "class=\"wide-chart\"",
            "narrow-chart",
        ] {
            assert!(page.text.contains(part), "{asked}: no {part}");
        }
    }
    house.close();
}

#[test]
fn what_is_wrong_stands_beside_its_field() {
    let house = House::sqlite().expect("a house");
    let mut browser = house.visitor();
    let program = house.visitor().get("/api/v1/estimate?exam_date=");
    assert_eq!(program.status, 422);
    for (asked, field) in [
        ("exam_date=", "exam_date"),
        ("exam_date=gestern", "exam_date"),
        ("exam_date=1900-01-01", "exam_date"),
        ("exam_date=2026-03-03&kind=new", "kind"),
        ("exam_date=2026-03-03&item=0.0", "item"),
        ("exam_date=2026-03-03&institution=none", "institution"),
        ("exam_date=2026-03-03&stage=over", "stage"),
        ("exam_date=2026-03-03&kind=reissue&stage=scoring", "stage"),
        (
            "exam_date=2026-03-03&stage=making&since=2026-03-02",
            "since",
        ),
    ] {
        let page = browser.get(&format!("/when?{asked}"));
        let mark = format!("id=\"{field}-wrong\"");
        assert!(
            page.status == 422 && page.text.contains(&mark),
            "{asked}: {}",
            page.text
        );
        assert!(page.text.contains("aria-invalid=\"true\"") && !page.text.contains("<svg "));
        // A program names an institution by its code, and one that is not known is no mistake.
        if field != "institution" {
            let program = browser.get(&format!("/api/v1/estimate?{asked}"));
            let problem: Value = serde_json::from_str(&program.text).expect("JSON");
            assert_eq!(
                (program.status, &problem["field"]),
                (422, &json!(field)),
                "{asked}"
            );
        }
    }
    // The house is looked through at its end, and that wants a record.
    quick(&house, 30);
    house.close();
}
