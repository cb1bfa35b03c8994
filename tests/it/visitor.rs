//! A visitor at the query page, with eyes for the captcha and without script.

use jiff::civil::Date;
use kecha::clock;

use crate::{
    house::{House, PASSWORD, on_both},
    office::{Person, WELDING, sheet},
    people::{Answer, Browser},
};

/// Fills in the form of the page, sends it and gets an answer.
pub fn asks(house: &House, browser: &mut Browser, person: &Person, ticket: &str) -> Answer {
    let answer = fills_in(house, browser, person, ticket);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let cookies = answer.header("set-cookie");
    assert!(!cookies.contains("kecha="), "asking signs nobody in");
    answer
}

/// Fills in the form of the page and sends it.
fn fills_in(house: &House, browser: &mut Browser, person: &Person, ticket: &str) -> Answer {
    let page = browser.get("/query");
    let challenge = page.between("name=\"captcha_id\" value=\"", "\"");
    let challenge = challenge.expect("a challenge").to_owned();
    let seen = house
        .app
        .captchas
        .peek(&challenge)
        .expect("an open challenge");
    let form = [
        ("category", "special_operation"),
        ("doc_type", "resident_id"),
        ("doc_number", person.number.as_str()),
        ("name", person.name.as_str()),
        ("ticket", ticket),
        ("captcha_id", challenge.as_str()),
        ("captcha", seen.as_str()),
    ];
    let answer = browser.post("/query", &form);
    // The challenge is used up: the same form again is refused.
    let again = browser.post("/query", &form);
    assert_eq!(again.status, 403, "{}", again.text);
    answer
}

fn today() -> Date {
    clock::today()
}

on_both! {
    /// Reasons in the language of the page; the marked sheet goes back in Chinese all the same.
    fn a_clerk_reads_reasons_in_her_language(house: &House) {
        let wang = Person::new("王一", 1);
        let bad = sheet(&[wang.line(WELDING, "初领", today(), "90", "190")]);
        let mut clerk = house.browser("clerk");
        for (code, why, no_pdf) in [
            ("en", "whole number from 0 to 100", "We do not read PDF files"),
            ("zh-CN", "0 到 100 的整数", "不支持PDF 文件"),
        ] {
            clerk.get(&format!("/lang/{code}"));
            clerk.get("/console/import");
            let told = clerk.upload("/console/import", &bad);
            assert!(told.status == 200 && told.text.contains(why), "{}", told.text);
            let upload = told.between("name=\"upload\" value=\"", "\"").expect("kept").to_owned();
            let marked = clerk.post("/console/import/marked", &[("upload", &upload)]);
            assert!(marked.text.contains("成绩应为 0 到 100 的整数"), "{}", marked.text);
            clerk.get("/console/import");
            let told = clerk.upload("/console/import", b"%PDF-1.4");
            assert!(told.status == 422 && told.text.contains(no_pdf), "{}", told.text);
        }
    }

    /// Not found, in progress, found; the number of a certificate only where it was typed.
    fn the_three_answers(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(today()));
        let mut visitor = house.visitor();
        let none = asks(house, &mut visitor, &wang, "");
        assert!(none.text.contains("没有查到") && none.text.contains("还没到能查到的时候"));
        day.imports(&sheet(&[wang.line(WELDING, "初领", today(), "90", "90")]), false);
        let case = day.case(&wang, "examined");
        let running = asks(house, &mut visitor, &wang, "");
        assert!(running.text.contains("正在办理") && running.text.contains("第一考试点"));
        assert!(!running.text.contains(&case.registration.ticket));
        day.reports(case.id);
        let own = asks(house, &mut visitor, &wang, &case.registration.ticket);
        assert!(own.text.contains("本人详细情况"), "{}", own.text);
        for (login, command) in [
            ("desk", kecha::registry::Command::Accept),
            ("first", kecha::registry::Command::Review),
            ("second", kecha::registry::Command::Approve),
            ("maker", kecha::registry::Command::Make { batch: "B".to_owned() }),
            ("maker", kecha::registry::Command::Issue),
        ] {
            day.does(login, command, case.id).expect("the chain goes on");
        }
        let found = asks(house, &mut visitor, &wang, "");
        assert!(found.text.contains(&format!("T{}", wang.number)));
        assert!(found.text.contains("查到了证书"));
    }

    /// A wrong name and an unknown number get the same page.
    fn a_wrong_name_is_no_news(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(today()));
        day.imports(&sheet(&[wang.line(WELDING, "初领", today(), "90", "90")]), false);
        let stranger = Person { name: "陌生人".to_owned(), number: wang.number.clone() };
        let nobody = Person::new("陌生人", 77);
        let mut visitor = house.visitor();
        // What was typed stands beside the causes, for the one who typed it; nothing else differs.
        let page = |answer: &Answer, typed: &Person| {
            assert!(answer.text.contains(&typed.number));
            let (head, rest) = answer.text.split_once("结果截至").expect("a page with its time");
            let (_, tail) = rest.split_once("</p>").expect("the end of its line");
            let token = |text: &str| {
                text.replace(visitor_token(answer), "").replace(&typed.number, "")
            };
            (token(head), token(tail))
        };
        let first = asks(house, &mut visitor, &stranger, "");
        let second = asks(house, &mut visitor, &nobody, "");
        assert_eq!(page(&first, &stranger), page(&second, &nobody));
    }
}

/// Whoever tries many names under one number is stopped, and then the right name tells nothing.
#[test]
fn many_wrong_names_stop_the_right_one_too() {
    let house = House::sqlite().expect("a house");
    let (wang, day) = (Person::new("王一", 1), house.on(today()));
    let line = wang.line(WELDING, "初领", today(), "90", "90");
    day.imports(&sheet(&[line]), false);
    let ticket = day.case(&wang, "examined").registration.ticket;
    let mut visitor = house.visitor();
    let mut statuses = Vec::new();
    for tried in 0..11 {
        let stranger = Person {
            name: format!("陌生{}", ["甲", "乙", "丙"][tried % 3]),
            number: wang.number.clone(),
        };
        statuses.push(fills_in(&house, &mut visitor, &stranger, "").status);
    }
    assert_eq!(statuses, [vec![200; 10], vec![429]].concat());
    let right = fills_in(&house, &mut visitor, &wang, "");
    assert_eq!(right.status, 429, "{}", right.text);
    let guessed = fills_in(&house, &mut visitor, &wang, "GUESSED");
    assert_eq!(guessed.status, 429, "{}", guessed.text);
    let own = fills_in(&house, &mut visitor, &wang, &ticket);
    assert_eq!(own.status, 200, "whoever has the ticket is told");
    let other = fills_in(&house, &mut visitor, &Person::new("李二", 2), "");
    assert_eq!(other.status, 200, "somebody else is not stopped");
    house.close();
}

/// Whoever tries passwords on an account closes it for a while, to the right one as well.
#[test]
fn many_wrong_passwords_close_an_account() {
    let house = House::sqlite().expect("a house");
    let mut visitor = house.visitor();
    visitor.get("/login");
    let mut tries = |user: &str, password: &str| {
        let answer = visitor.post("/login", &[("user", user), ("password", password)]);
        answer.status
    };
    let wrong: Vec<_> = (0..11).map(|_| tries("desk", "not the password")).collect();
    assert_eq!(wrong, [vec![403; 10], vec![429]].concat());
    assert_eq!(tries("desk", PASSWORD), 429);
    assert_eq!(tries("first", PASSWORD), 303, "a colleague signs in");
    house.browser("second");
    house.close();
}

fn visitor_token(answer: &Answer) -> &str {
    answer
        .between("name=\"token\" value=\"", "\"")
        .unwrap_or("no form on this page")
}
