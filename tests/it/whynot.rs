//! Why not yet, at the front door: what is told of a miss follows from what was added, and never
//! from whether the person exists.

use domain::document::Document;
use jiff::{ToSpan, civil::Date};
use kecha::clock;
use serde_json::{Value, json};

use crate::{
    house::{House, INSTITUTION, KEY, on_both},
    office::{Person, WELDING, sheet},
    people::{Answer, Browser},
};

const PARTS: [&str; 4] = ["", INSTITUTION, "考试", "没有的机构"];

/// Days before today.
fn ago(days: i32) -> Date {
    clock::today().checked_sub(days.days()).expect("a day")
}

/// Everybody of these tests: one who sat and is late, one who never was; and the names that are
/// asked for under their numbers.
struct Cast {
    wang: Person,
    stranger: Person,
    nobody: Person,
    ticket: String,
}

impl Cast {
    /// Wang sat forty days ago, and nobody confirmed the scores.
    fn enter(house: &House) -> Self {
        let wang = Person::new("王一", 1);
        let day = house.on(ago(39));
        day.imports(
            &sheet(&[wang.line(WELDING, "初领", ago(40), "90", "90")]),
            false,
        );
        let ticket = day.case(&wang, "examined").registration.ticket;
        let stranger = Person {
            name: "陌生人".to_owned(),
            number: wang.number.clone(),
        };
        Self {
            wang,
            stranger,
            nobody: Person::new("陌生人", 77),
            ticket,
        }
    }
}

/// What a program asks; empty fields are left out.
fn question(person: &Person, fields: &[(&str, &str)]) -> Value {
    let mut body = json!({
        "category": "special_operation", "doc_type": "resident_id",
        "doc_number": person.number, "name": person.name,
    });
    for (field, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        body[*field] = json!(value);
    }
    body
}

/// The bytes of the answer, but for its moment.
fn bytes(browser: &mut Browser, person: &Person, fields: &[(&str, &str)]) -> String {
    let answer = browser.asks_by_key(KEY, &question(person, fields));
    assert_eq!(answer.status, 200, "{fields:?}: {}", answer.text);
    let (told, at) = answer.text.split_once(",\"as_of\":").expect("a moment");
    assert!(at.ends_with('}') && at.len() < 40, "{at}");
    told.to_owned()
}

fn told(browser: &mut Browser, person: &Person, fields: &[(&str, &str)]) -> Value {
    let answer = browser.asks_by_key(KEY, &question(person, fields));
    serde_json::from_str(&answer.text).expect("JSON")
}

/// What is said of one cause.
fn cause(told: &Value, code: &str) -> Value {
    let lists = ["causes", "ruled_out"].map(|list| told[list].as_array().cloned());
    let mut all = lists.into_iter().flatten().flatten();
    all.find(|c| c["code"] == code)
        .unwrap_or_else(|| panic!("{code} is not weighed: {told}"))
}

on_both! {
    /// Every combination of what may be added: the same bytes for nobody, and for somebody's number
    /// under another name.
    fn no_cause_tells_whether_the_person_exists(house: &House) {
        let cast = Cast::enter(house);
        let other = Person { name: cast.wang.name.clone(), number: cast.nobody.number.clone() };
        let mut browser = house.visitor();
        let mut seen = std::collections::BTreeSet::new();
        let days = [ago(-30), ago(1), ago(40), ago(400)].map(|d| d.to_string());
        for day in std::iter::once("").chain(days.iter().map(String::as_str)) {
            for institution in PARTS {
                for province in ["", "99"] {
                    for item in ["", "2.1", "1.1"] {
                        let fields = [
                            ("exam_day", day), ("institution", institution),
                            ("province", province), ("item", item),
                        ];
                        let first = bytes(&mut browser, &cast.nobody, &fields);
                        for asked in [&cast.stranger, &other] {
                            assert_eq!(bytes(&mut browser, asked, &fields), first, "{fields:?}");
                        }
                        assert!(first.contains("\"not_found\""));
                        seen.insert(first);
                    }
                }
            }
        }
        assert!(seen.len() >= 20, "what is added makes a difference: {}", seen.len());
        // A ticket nobody has is no news, either.
        for day in ["", &days[2]] {
            let fields = [("exam_day", day), ("institution", INSTITUTION), ("ticket", "GUESSED")];
            let first = bytes(&mut browser, &cast.nobody, &fields);
            assert_eq!(bytes(&mut browser, &cast.stranger, &fields), first);
            assert_eq!(bytes(&mut browser, &cast.nobody, &fields[..2]), first);
        }
    }

    /// Each cause by the facts that decide it, as a program is told.
    fn each_cause_is_decided(house: &House) {
        let cast = Cast::enter(house);
        let mut browser = house.visitor();
        let mut ask = |fields: &[(&str, &str)], code: &str| {
            let all = told(&mut browser, &cast.nobody, fields);
            let one = cause(&all, code);
            for said in ["text", "means", "what_to_do"] {
                assert!(one[said].as_str().is_some_and(|s| !s.contains('$')), "{one}");
            }
            (one["certainty"].clone(), one["reason"].clone(), all)
        };
        let (yesterday, sat, empty) = (ago(1).to_string(), ago(40).to_string(), ago(41).to_string());
        for (fields, code, certainty, reason) in [
            (&[("exam_day", &*yesterday)][..], "too_early", "certain", "within_usual"),
            (&[("exam_day", "2026-06-10")], "too_early", "ruled_out", "beyond_usual"),
            (&[("exam_day", &*ago(-9).to_string())], "too_early", "certain", "exam_to_come"),
            (&[], "institution_problem", "possible", "institution_untold"),
            (&[("institution", "没有")], "institution_problem", "certain", "institution_unlisted"),
            (&[("institution", "第一考试")], "institution_problem", "possible", "institution_in_order"),
            (&[("institution", INSTITUTION), ("item", "1.1")],
                "institution_problem", "certain", "not_authorised"),
            (&[("institution", INSTITUTION), ("exam_day", &*empty)],
                "institution_problem", "certain", "session_overdue"),
            (&[("institution", INSTITUTION), ("exam_day", &*sat)],
                "institution_problem", "certain", "scores_overdue"),
            (&[("institution", INSTITUTION), ("exam_day", &*yesterday)],
                "institution_problem", "possible", "session_pending"),
        ] {
            let (how, why, all) = ask(fields, code);
            assert_eq!((how, why), (json!(certainty), json!(reason)), "{fields:?}");
            assert_eq!(all["contacts"]["authority"]["telephone"], "12350");
        }
        // Published, and the session is no cause any more; suspended, and it is the cause.
        let day = house.on(ago(20));
        let case = day.case(&cast.wang, "examined").id;
        day.does("lead", kecha::registry::Command::Confirm, case).expect("confirmed");
        let fields = [("institution", INSTITUTION), ("exam_day", &*sat)];
        let (how, why, _) = ask(&fields, "institution_problem");
        assert_eq!((how, why), (json!("ruled_out"), json!("scores_published")));
        let ground = crate::office::ground();
        let keeper = house.officer("keeper");
        let done = house.registry().suspend_office(&INSTITUTION.into(), ground, &keeper, clock::now());
        done.expect("suspended");
        let (how, why, all) = ask(&fields, "institution_problem");
        assert_eq!((how, why), (json!("certain"), json!("institution_suspended")));
        assert_eq!(all["contacts"]["institution"]["name"], "第一考试点");
    }

    /// With the ticket the mismatch is a fact, and nothing of what is registered is told.
    fn the_ticket_makes_it_a_fact(house: &House) {
        let cast = Cast::enter(house);
        let mut browser = house.visitor();
        let fields = [("ticket", &*cast.ticket), ("exam_day", "2026-06-10")];
        for asked in [&cast.stranger, &cast.nobody] {
            let all = told(&mut browser, asked, &fields);
            assert_eq!(all["causes"].as_array().map(Vec::len), Some(1));
            let one = cause(&all, "details_mismatch");
            assert_eq!((&one["certainty"], &one["reason"]),
                (&json!("certain"), &json!("registered_otherwise")));
            assert!(!all.to_string().contains("王一"));
        }
        let own = told(&mut browser, &cast.wang, &fields[..1]);
        assert_eq!(own["verdict"], "in_progress");
        assert_eq!((&own["progress"][0]["overdue"], &own["progress"][0]["telephone"]),
            (&json!(true), &json!("12350")));
    }

    /// What cannot be read is told field by field, all at once.
    fn what_is_wrong_stands_beside_its_field(house: &House) {
        let fields = [
            ("exam_day", "gestern"), ("institution", &*"长".repeat(81)),
            ("province", "9"), ("item", "99.99"),
        ];
        let nobody = Person::new("陌生人", 77);
        let answer = house.visitor().asks_by_key(KEY, &question(&nobody, &fields));
        assert_eq!(answer.status, 422, "{}", answer.text);
        let problem: Value = serde_json::from_str(&answer.text).expect("JSON");
        let errors = problem["errors"].as_array().expect("errors");
        let codes: Vec<_> = errors.iter().map(|e| e["code"].as_str().unwrap_or_default()).collect();
        let wanted = ["exam_day_invalid", "institution_length", "province_unknown", "item_unknown"];
        assert_eq!(codes, wanted);
        // An hour of time, another calendar, a year nobody sat in.
        for day in ["2026-02-30", "1999-01-01", "9999-12-31", "2026-11-24T10:00"] {
            let asked = question(&nobody, &[("exam_day", day)]);
            let answer = house.visitor().asks_by_key(KEY, &asked);
            assert_eq!(answer.status, 422, "{day}: {}", answer.text);
        }
        // The house is looked through at its end, and that wants a record.
        Cast::enter(house);
    }
}

/// Asks with a captcha, as a visitor.
fn asks(house: &House, browser: &mut Browser, person: &Person) -> Answer {
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
        ("doc_number", &*person.number),
        ("name", &*person.name),
        ("captcha_id", &*challenge),
        ("captcha", &*seen),
    ];
    browser.post("/query", &form)
}

fn narrows(browser: &mut Browser, person: &Person, slip: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("category", "special_operation"),
        ("doc_type", "resident_id"),
        ("doc_number", &*person.number),
        ("name", &*person.name),
        ("slip", slip),
    ];
    form.extend(more);
    browser.post("/query/narrow", &form)
}

fn slip(answer: &Answer) -> String {
    let slip = answer.between("name=\"slip\" value=\"", "\"");
    slip.expect("a slip on the page of a miss").to_owned()
}

/// A page without what differs by the browser, the moment and what was typed.
fn bare(answer: &Answer, person: &Person) -> String {
    let moment = answer.between("结果截至 ", "（").expect("a moment");
    let token = answer
        .between("name=\"token\" value=\"", "\"")
        .expect("a form");
    // What is handed on to an inquiry is what was typed, sealed anew each time.
    let sealed = answer.between("name=\"attached\" value=\"", "\"");
    let text = answer.text.replace(moment, "").replace(token, "");
    let text = text.replace(sealed.expect("handed on"), "");
    text.replace(&slip(answer), "").replace(&person.number, "")
}

#[test]
fn the_page_narrows_a_miss_down_without_another_captcha() {
    let house = House::sqlite().expect("a house");
    let cast = Cast::enter(&house);
    let mut browser = house.visitor();
    let [first, second] =
        [&cast.nobody, &cast.stranger].map(|who| slip(&asks(&house, &mut browser, who)));
    let sat = ago(40).to_string();
    for more in [
        &[("exam_day", &*sat)][..],
        &[
            ("exam_day", &*sat),
            ("institution", "第一考试点"),
            ("item", "2.1"),
        ],
        &[("institution", "没有")],
        &[("ticket", "GUESSED")],
        &[("exam_day", "0")],
    ] {
        // More often than a person may be missed in a day: it is one and the same question.
        let one = narrows(&mut browser, &cast.nobody, &first, more);
        let other = narrows(&mut browser, &cast.stranger, &second, more);
        assert_eq!((one.status, other.status), (200, 200), "{more:?}");
        assert_eq!(
            bare(&one, &cast.nobody),
            bare(&other, &cast.stranger),
            "{more:?}"
        );
    }
    let told = narrows(
        &mut browser,
        &cast.nobody,
        &first,
        &[("exam_day", &sat), ("institution", INSTITUTION)],
    );
    for said in [
        "期限已于",
        "tel:12350",
        "第九九市应急管理局",
        "institution_problem / scores_overdue",
    ] {
        assert!(told.text.contains(said), "{said}: {}", told.text);
    }
    // What is read out on the telephone holds neither number nor name.
    let calls = told.text.split("<blockquote>").skip(1);
    let calls: Vec<_> = calls
        .filter_map(|c| c.split("</blockquote>").next())
        .collect();
    assert!(calls.len() >= 3);
    for call in calls {
        assert!(
            !call.contains(&cast.nobody.number) && !call.contains(&cast.nobody.name),
            "{call}"
        );
        assert!(call.contains("第九九省应急管理厅"), "{call}");
    }
    let wrong = narrows(&mut browser, &cast.nobody, &first, &[("exam_day", "0")]);
    assert!(wrong.text.contains("id=\"exam_day-wrong\""));
    house.close();
}

/// A slip is good for the one it was given for, and for nobody else.
#[test]
fn a_slip_opens_nothing_else() {
    let house = House::sqlite().expect("a house");
    let cast = Cast::enter(&house);
    let mut browser = house.visitor();
    let given = slip(&asks(&house, &mut browser, &cast.stranger));
    let (until, mac) = given.split_once('.').expect("two parts");
    let later: i64 = until.parse::<i64>().expect("seconds") + 60;
    for (who, slip) in [
        (&cast.wang, given.clone()),
        (&cast.nobody, given.clone()),
        (&cast.stranger, format!("{later}.{mac}")),
        (&cast.stranger, format!("{until}.")),
        (&cast.stranger, String::new()),
    ] {
        let answer = narrows(&mut browser, who, &slip, &[]);
        assert_eq!(answer.status, 403, "{}", answer.text);
        assert!(
            answer.text.contains("name=\"captcha_id\""),
            "the form comes back"
        );
        assert!(answer.text.contains(&who.number), "with what was typed");
    }
    assert!(Document::parse(domain::document::DocType::ResidentId, &cast.wang.number).is_ok());
    // Tickets tried with a slip are counted as ever.
    let mut statuses = Vec::new();
    for _ in 0..11 {
        statuses.push(narrows(&mut browser, &cast.stranger, &given, &[("ticket", "X")]).status);
    }
    assert_eq!(statuses, [vec![200; 10], vec![429]].concat());
    house.close();
}
