//! Programs that act for an office: their keys, what they may, and that a call has one effect.

mod keys;
mod pages;

use std::{collections::BTreeSet, thread};

use domain::{
    eligibility::Schooling,
    name::Name,
    office::Role,
    person::{Person as Holder, Sex},
    record::RecordId,
    verdict::Kind,
};
use jiff::{SignedDuration, ToSpan, civil::Date};
use kecha::{
    clock,
    registry::{AskedSeat, Begun, CallName, Command, Planned, Purpose},
    web::routes::{Who, table},
};
use serde_json::{Value, json};

use crate::{
    house::{AUTHORITY, House, INSTITUTION, noon, on_both},
    office::{Person, WELDING, sheet},
    people::{Answer, Browser},
};

const CLERK: &[Role] = &[Role::InstitutionClerk];
const DESK: &[Role] = &[Role::AcceptanceOfficer];

/// The day of the exam, which has passed.
fn exam_day() -> Date {
    clock::today().saturating_sub(7.days())
}

fn read(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|_| panic!("{answer:?}"))
}

/// A program with its key.
struct Program {
    browser: Browser,
    key: String,
    calls: u32,
}

impl Program {
    fn of(house: &House, office: &str, roles: &[Role]) -> Self {
        Self {
            browser: house.visitor(),
            key: house.office_key(office, roles),
            calls: 0,
        }
    }

    fn get(&mut self, path: &str) -> (u16, Value) {
        let answer = self.browser.calls("GET", path, &self.key, None, None);
        (answer.status, read(&answer))
    }

    /// A writing call of a name of its own.
    fn post(&mut self, path: &str, body: &Value) -> (u16, Value) {
        self.calls += 1;
        let name = format!("call {}", self.calls);
        let answer = self.named(path, &name, body, &[]);
        (answer.status, read(&answer))
    }

    fn named(&mut self, path: &str, name: &str, body: &Value, more: &[(&str, &str)]) -> Answer {
        let body = body.to_string();
        let (key, body) = (self.key.clone(), Some(body.as_str()));
        self.browser
            .calls_with("POST", path, &key, Some(name), body, more)
    }
}

/// A session of the past week with these candidates; their tickets and cases.
fn seated(house: &House, people: &[Person]) -> (RecordId, Vec<(String, RecordId)>) {
    let before = noon(exam_day().saturating_sub(7.days()));
    let clerk = house.officer("clerk");
    let planned = Planned {
        on: exam_day(),
        begins: "09:00".to_owned(),
        place: "一号楼".to_owned(),
        items: vec!["2.1".into()],
        invigilators: vec!["试监".to_owned()],
        assessors: vec!["one".into(), "two".into()],
        seats: 30,
    };
    let session = house.registry().plan_session(&planned, &clerk, before);
    let session = session.expect("a session");
    let asked = people.iter().map(|person| AskedSeat {
        person: Holder {
            name: Name::parse(&person.name).expect("a name"),
            sex: Sex::Male,
            document: person.document(),
        },
        item: "2.1".into(),
        kind: Kind::Initial,
        schooling: Some(Schooling::JuniorMiddle),
        healthy: true,
        ticket: None,
        appointment: None,
    });
    let rows: Vec<_> = (1..).zip(asked).collect();
    let told = house
        .registry()
        .enrol(session, &rows, false, &clerk, before)
        .expect("enrolled");
    assert!(told.iter().all(|one| one.seated.is_some()), "{told:?}");
    let file = house.registry().session_file(&clerk, session);
    let lines = file.expect("a session").lines;
    let seats = lines.iter().map(|line| {
        let ticket = line.case.ticket_in(session).expect("a ticket");
        (ticket.to_owned(), line.case.id)
    });
    (session, seats.collect())
}

fn score(ticket: &str, score: u8) -> Value {
    json!({"ticket": ticket, "score": score, "at": format!("{}T09:35:00+08:00", exam_day()), "machine": "07"})
}

on_both! {
    /// The day of an exam machine: it sees who sits where, sends scores one by one and many at once,
    /// and what was sent twice is counted once.
    fn the_day_of_an_exam_machine(house: &House) {
        let people = [Person::new("王一", 1), Person::new("王二", 2), Person::new("王三", 3)];
        let (session, seats) = seated(house, &people);
        let mut machine = Program::of(house, INSTITUTION, CLERK);
        let (status, key) = machine.get("/api/v1/key");
        assert_eq!((status, &key["office"]), (200, &json!(INSTITUTION)));
        assert_eq!(key["roles"], json!(["institution_clerk"]));
        assert!(key["login"].as_str().is_some_and(|login| login.starts_with("machine:")));
        let (_, list) = machine.get("/api/v1/sessions");
        assert_eq!(list["sessions"][0]["session"], json!(session.to_string()));
        assert_eq!(list["sessions"][0]["taken"], 3);
        let (_, file) = machine.get(&format!("/api/v1/sessions/{session}"));
        assert_eq!(file["candidates"][0]["name"], "王一");
        assert_eq!(file["candidates"][0]["ticket"], json!(seats[0].0));

        let path = format!("/api/v1/sessions/{session}/theory");
        let one = json!({"scores": [score(&seats[0].0, 85)]});
        let first = machine.named(&path, "seat 1", &one, &[]);
        assert_eq!(read(&first)["taken"], 1, "{first:?}");
        assert_eq!(first.header("idempotency-replayed"), "");
        let again = machine.named(&path, "seat 1", &one, &[]);
        assert_eq!((again.status, &again.text), (200, &first.text));
        assert_eq!(again.header("idempotency-replayed"), "true");
        let other = machine.named(&path, "seat 1", &json!({"scores": [score(&seats[0].0, 99)]}), &[]);
        assert_eq!((other.status, &read(&other)["code"]), (422, &json!("idempotency_reused")));
        // By another name it is another call, and the law says no.
        let (_, told) = machine.post(&path, &one);
        assert_eq!(told["rows"][0]["refused"]["code"], "already_imported");
        let many = json!({"scores": [score(&seats[1].0, 79), score(&seats[2].0, 100), score("NOBODY", 80)]});
        let (status, told) = machine.post(&path, &many);
        assert_eq!((status, &told["taken"]), (200, &json!(2)));
        assert_eq!(told["rows"][2]["refused"]["code"], "unknown_record");
        // Nobody learns of another's session.
        let (status, _) = machine.post("/api/v1/sessions/000000000000/theory", &one);
        assert_eq!(status, 404);

        let (_, file) = machine.get(&format!("/api/v1/sessions/{session}"));
        let scores: Vec<_> = (0..3).map(|at| file["candidates"][at]["theory"].clone()).collect();
        assert_eq!(scores, [json!(85), json!(79), json!(100)]);
        // The authority sees the session, and nobody in it.
        let mut desk = Program::of(house, AUTHORITY, DESK);
        let (status, file) = desk.get(&format!("/api/v1/sessions/{session}"));
        assert_eq!((status, &file["candidates"]), (200, &json!([])));
        house.registry().write_readings().expect("written");
        let read = house.registry().readings_of(seats[0].1, 10).expect("readings");
        assert!(read.iter().any(|line| line.purpose == Purpose::Program.code()));
    }

    /// An office's system reports, the authority's accepts and returns; people do what lies between.
    #[expect(clippy::too_many_lines, reason = "one story, told in its order")]
    fn two_systems_and_a_case(house: &House) {
        let people: Vec<_> = (1..=5).map(|n| Person::new("李四", n)).collect();
        let lines: Vec<_> = people
            .iter()
            .map(|p| p.line(WELDING, "初领", exam_day(), "90", "90"))
            .collect();
        let day = house.on(exam_day());
        day.imports(&sheet(&lines), false);
        let cases: Vec<_> = people.iter().map(|p| day.case(p, "examined").id).collect();
        let mut clerk = Program::of(house, INSTITUTION, CLERK);
        let mut desk = Program::of(house, AUTHORITY, DESK);
        // Confirming is for people.
        let command = |command: &str, cases: &[RecordId]| json!({"command": command, "cases": cases});
        let (status, told) = clerk.post("/api/v1/cases/commands", &command("confirm", &cases));
        assert_eq!((status, &told["code"]), (422, &json!("command_unknown")));
        for case in &cases {
            assert_eq!(day.does("lead", Command::Confirm, *case), Ok("passed"));
        }
        let (_, told) = clerk.post("/api/v1/cases/commands", &command("report", &cases));
        assert_eq!((&told["done"], &told["cases"][4]["state"]), (&json!(5), &json!("reported")));
        let (_, told) = clerk.post("/api/v1/cases/commands", &command("accept", &cases[..1]));
        assert_eq!(told["cases"][0]["refused"]["code"], "role_not_allowed");

        // Page by page, none twice, none left out.
        let mut seen = BTreeSet::new();
        let mut path = "/api/v1/cases?state=reported&limit=2".to_owned();
        let mut pages = 0;
        loop {
            let (status, page) = desk.get(&path);
            assert_eq!(status, 200, "{page}");
            for line in page["cases"].as_array().expect("lines") {
                assert!(seen.insert(line["case"].to_string()), "{line}");
                assert_eq!(line.as_object().map(serde_json::Map::len), Some(10));
            }
            pages += 1;
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/api/v1/cases?state=reported&limit=2&after={next}");
            // It was given to this program for this list.
            let (status, told) = clerk.get(&path);
            assert_eq!((status, &told["code"]), (422, &json!("cursor_invalid")));
            let (status, _) = desk.get(&path.replace("reported", "accepted"));
            assert_eq!(status, 422);
        }
        assert_eq!((seen.len(), pages), (5, 3));

        // What was read is still so, or nothing is done.
        let one = format!("/api/v1/cases/{}", cases[0]);
        let key = desk.key.clone();
        let file = desk.browser.calls("GET", &one, &key, None, None);
        let (tag, told) = (file.header("etag").to_owned(), read(&file));
        assert_eq!((told["name"].as_str(), told["case"]["state"].as_str()), (Some("李四"), Some("reported")));
        assert_eq!(told["commands"], json!(["accept", "return"]));
        assert!(!file.text.contains(&people[0].number), "the number is masked");
        let accept = command("accept", &cases[..1]);
        let missing = json!({"command": "return", "cases": [cases[0]], "missing": ["照片"]});
        let returned = desk.named("/api/v1/cases/commands", "a", &missing, &[("if-match", &tag)]);
        assert_eq!(read(&returned)["cases"][0]["state"], "returned", "{returned:?}");
        let stale = desk.named("/api/v1/cases/commands", "b", &accept, &[("if-match", &tag)]);
        assert_eq!((stale.status, &read(&stale)["code"]), (412, &json!("case_changed")));
        let answers = json!([{"item": "照片", "words": "已补"}]);
        let again = json!({"command": "resubmit", "cases": [cases[0]], "answers": answers});
        let (_, told) = clerk.post("/api/v1/cases/commands", &again);
        assert_eq!(told["cases"][0]["state"], "reported", "{told}");
        let (_, told) = desk.post("/api/v1/cases/commands", &command("accept", &cases));
        assert_eq!(told["done"], 5, "{told}");
        // Who did it stands in the journal, and it is no person's login.
        let file = house.registry().case_file(&house.officer("desk"), cases[0], clock::today());
        let story = file.expect("a file").story;
        let last = &story.last().expect("an event").1;
        assert!(last.by.officer.is_program() && last.act.kind() == "accepted", "{last:?}");
        // People go on.
        let now = clock::now();
        let first = house.registry().command(&cases, &Command::Review, &house.officer("first"), now);
        assert!(first.expect("done").iter().all(|d| d.state == Ok("reviewed")));
        let (status, _) = clerk.get("/api/v1/certificates");
        assert_eq!(status, 403);
        assert_eq!(desk.get("/api/v1/certificates").1["certificates"], json!([]));
        assert_eq!(desk.get("/api/v1/tasks").1["tasks"], json!([]));
    }

    /// The same call at the same time from many threads: one effect, one answer.
    fn one_call_at_once_from_many(house: &House) {
        let key = house.office_key(INSTITUTION, CLERK);
        let on = clock::today().saturating_add(20.days());
        let plan = json!({"on": on, "begins": "09:00", "place": "二号楼", "items": ["2.1"],
            "invigilators": ["试监"], "assessors": [], "seats": 10}).to_string();
        let answers: Vec<Answer> = thread::scope(|scope| {
            let call = || {
                let mut program = house.visitor();
                program.calls("POST", "/api/v1/sessions", &key, Some("plan"), Some(&plan))
            };
            let all: Vec<_> = (0..8).map(|_| scope.spawn(call)).collect();
            all.into_iter().map(|one| one.join().expect("an answer")).collect()
        });
        let done: Vec<_> = answers.iter().filter(|a| a.status == 201).map(|a| &a.text).collect();
        assert!(!done.is_empty() && done.iter().all(|text| *text == done[0]), "{answers:?}");
        let others = answers.iter().filter(|a| a.status != 201);
        for other in others {
            assert_eq!(read(other)["code"], "idempotency_running", "{other:?}");
        }
        let sessions = house.registry().sessions_of(&house.officer("clerk")).expect("a list");
        assert_eq!(sessions.len(), 1);
        // The same again by another name is refused, and that answer is kept, too.
        let mut program = house.visitor();
        let mut call = |name: &str| {
            let answer = program.calls("POST", "/api/v1/sessions", &key, Some(name), Some(&plan));
            (answer.status, read(&answer)["code"].clone(), answer.header("idempotency-replayed").to_owned())
        };
        assert_eq!(call("more"), (409, json!("already_exists"), String::new()));
        assert_eq!(call("more"), (409, json!("already_exists"), "true".to_owned()));
    }

    /// A process died between the effect and its answer: nobody does it again, and after a week the
    /// name is free.
    fn what_became_of_a_call_is_not_known(house: &House) {
        let r = house.registry();
        let call = CallName { key: [1; 32], name: [2; 32], request: [3; 32] };
        let (now, week) = (clock::now(), SignedDuration::from_hours(7 * 24));
        assert_eq!(r.begin_call(&call, 1, now).expect("begun"), Begun::New);
        assert_eq!(r.begin_call(&call, 1, now).expect("begun"), Begun::Running);
        assert_eq!(r.begin_call(&call, 2, now).expect("begun"), Begun::Doubt);
        let other = CallName { request: [4; 32], ..call };
        assert_eq!(r.begin_call(&other, 1, now).expect("begun"), Begun::Other);
        r.answer_call(&call, 200, b"{}").expect("kept");
        let body = b"{}".to_vec();
        assert_eq!(r.begin_call(&call, 2, now).expect("begun"), Begun::Answered { status: 200, body });
        r.empty_calls(now + week + week).expect("emptied");
        assert_eq!(r.begin_call(&call, 1, now + week + week).expect("begun"), Begun::New);
        r.leave_call(&call, false).expect("left");
        assert_eq!(r.begin_call(&other, 1, now).expect("begun"), Begun::New);
        r.leave_call(&call, true).expect("left");
        assert_eq!(r.begin_call(&other, 1, now).expect("begun"), Begun::Doubt);
    }
}

#[test]
fn a_writing_call_is_read_before_it_is_done() {
    let house = House::sqlite().expect("a house");
    let mut program = Program::of(&house, INSTITUTION, CLERK);
    let key = program.key.clone();
    let path = "/api/v1/cases/commands";
    let code = |answer: Answer| (answer.status, read(&answer)["code"].clone());
    let none = program.browser.calls("POST", path, &key, None, Some("{}"));
    assert_eq!(code(none), (400, json!("idempotency_missing")));
    let long = "x".repeat(65);
    let long = program
        .browser
        .calls("POST", path, &key, Some(&long), Some("{}"));
    assert_eq!(code(long), (400, json!("idempotency_missing")));
    let unread = program.named(
        path,
        "1",
        &json!({"command": "report", "cases": [], "more": 1}),
        &[],
    );
    assert_eq!(code(unread), (400, json!("malformed")));
    // Nothing was written, so the name is still free.
    let empty = program.named(path, "1", &json!({"command": "report", "cases": []}), &[]);
    assert_eq!(code(empty), (422, json!("cases_count")));
    let two = ["000000000000"; 2];
    let two = json!({"command": "report", "cases": two});
    let matched = program.named(path, "1", &two, &[("if-match", "\"1\"")]);
    assert_eq!(code(matched), (422, json!("version_invalid")));
    for wrong in [
        "state=no",
        "sort=no",
        "kind=no",
        "due=no",
        "limit=0",
        "limit=201",
        "more=1",
    ] {
        let (status, told) = program.get(&format!("/api/v1/cases?{wrong}"));
        assert_eq!(
            (status, &told["code"]),
            (422, &json!("filter_invalid")),
            "{wrong}"
        );
    }
    house.close();
}

/// The document says what the table of addresses does, and nothing else.
#[test]
fn the_document_is_that_of_the_table() {
    let house = House::sqlite().expect("a house");
    let mut visitor = house.visitor();
    let document = read(&visitor.get("/api/v1/openapi.json"));
    let mut said = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, call) in methods.as_object().expect("methods") {
            said.insert((method.to_uppercase(), path.clone()));
            let summary = call["summary"].as_str().unwrap_or_default();
            assert!(
                !summary.is_empty() && !summary.starts_with("api-op-"),
                "{path}"
            );
        }
    }
    let lines = table();
    let lines = lines
        .rows()
        .iter()
        .filter(|row| row.path.starts_with("/api/"));
    let lines: Vec<_> = lines.collect();
    let there: BTreeSet<_> = lines
        .iter()
        .map(|row| (row.method.to_owned(), row.path.to_owned()))
        .collect();
    assert_eq!(said, there);
    for row in lines {
        let call = &document["paths"][row.path][row.method.to_lowercase()];
        let Who::Key(roles) = row.who else {
            assert!(call.get("x-roles").is_none(), "{}", row.path);
            continue;
        };
        let codes: Vec<_> = roles.iter().map(|role| role.code()).collect();
        assert_eq!(call["x-roles"], json!(codes), "{}", row.path);
        assert!(
            roles.iter().all(|role| role.is_for_programs()),
            "{}",
            row.path
        );
        let names = call["parameters"].to_string().contains("Idempotency-Key");
        assert_eq!(names, row.method == "POST", "{}", row.path);
    }
    let page = visitor.get("/api");
    for (_, path) in said {
        assert!(page.text.contains(&path), "{path} is not on the page");
    }
    assert!(!page.text.contains("api-"), "a sentence is missing");
    house.close();
}
