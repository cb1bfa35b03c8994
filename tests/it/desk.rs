//! The desk: queues page by page with every filter and order, what is in hand, saved views, search,
//! the page before many, lists as files and acts by a sheet.

mod formulas;

use std::collections::BTreeSet;

use domain::record::RecordId;
use jiff::{ToSpan, civil::Date};
use kecha::registry::{Command, Due, Only, Queue, Sort};

use crate::{
    house::{House, on_both},
    office::{Person, WELDING, WIRING, sheet as lines_of},
    people::Browser,
};

/// A day of the system, so that pages and registry speak of the same.
fn today() -> Date {
    kecha::clock::today()
}

/// People who sat an exam some days ago, each with one case; of every three the first stays where it is, the
/// second is reported, the third accepted as well.
fn filled(house: &House, count: u16, ago: i64) -> Vec<(Person, RecordId)> {
    let before = today().saturating_sub(ago.days());
    let mut made = Vec::new();
    for (week, days) in [0_u16, 1, 2].into_iter().zip([0, 2, 4]) {
        let day = house.on(before.saturating_add(days.days()));
        let people: Vec<Person> = (0..count)
            .filter(|n| n % 3 == week)
            .map(|n| Person::new(["张三", "李四", "王小明"][usize::from(n % 3)], 100 + n))
            .collect();
        let on = domain::event::legal_day(day.now);
        let line = |(at, p): (usize, &Person)| {
            let item = if at % 2 == 0 { WELDING } else { WIRING };
            p.line(item, "初领", on, "90", "85")
        };
        let lines: Vec<String> = people.iter().enumerate().map(line).collect();
        day.imports(&lines_of(&lines), false);
        for (at, person) in people.into_iter().enumerate() {
            let case = day.case(&person, "examined").id;
            if at % 3 > 0 {
                day.reports(case);
            }
            if at % 3 > 1 {
                assert_eq!(day.does("desk", Command::Accept, case), Ok("accepted"));
            }
            made.push((person, case));
        }
    }
    made
}

/// All pages of a queue, three lines at a time, and in how many.
fn walked(house: &House, login: &str, queue: &Queue) -> Vec<kecha::registry::CaseLine> {
    let officer = house.officer(login);
    let mut queue = Queue {
        limit: 3,
        ..queue.clone()
    };
    let mut all = Vec::new();
    for _ in 0..100 {
        let page = house.registry().queue(&officer, &queue, today());
        let page = page.expect("a page");
        assert!(page.lines.len() <= 3);
        all.extend(page.lines.into_iter().map(|(line, _)| line));
        match page.next {
            Some(place) => queue.after = Some(place),
            None => return all,
        }
    }
    panic!("a queue without an end");
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
fn every_way_shows_each_case_once(house: &House) {
    let made = filled(house, 30, 20);
    let states = domain::case::State::WORDS.to_vec();
    let whole = Queue {
        states,
        ..Queue::default()
    };
    let all = walked(house, "desk", &whole);
    assert_eq!(all.len(), made.len());
    let onlys = [
        Only::default(),
        Only {
            item: Some("2.1".into()),
            ..Only::default()
        },
        Only {
            institution: Some(crate::house::INSTITUTION.into()),
            kind: Some(domain::verdict::Kind::Initial),
            ..Only::default()
        },
        Only {
            category: Some(domain::catalogue::Category::SafetyManagement),
            ..Only::default()
        },
        Only {
            session: all[0].case.exam.attempts.last().map(|a| a.session),
            item: Some("1.2".into()),
            ..Only::default()
        },
    ];
    let dues = [Due::Any, Due::Passed(today()), Due::Week(today())];
    for (login, only, due) in ["desk", "clerk"]
        .into_iter()
        .flat_map(|l| onlys.iter().map(move |o| (l, o)))
        .flat_map(|(l, o)| dues.iter().map(move |d| (l, o, d)))
    {
        // What the same question gives when every case is looked at.
        let is = |line: &&kecha::registry::CaseLine| {
            let r = &line.case.registration;
            let session = line.case.exam.attempts.last().map(|a| a.session);
            let day = domain::deadline::next(&line.case, house.registry().calendar());
            let day = day.map(|due| due.date);
            only.item.as_ref().is_none_or(|i| *i == r.item)
                && only.kind.is_none_or(|k| k == r.kind)
                && only.category.is_none_or(|c| c == r.category)
                && only.session.is_none_or(|s| Some(s) == session)
                && match due {
                    Due::Any => true,
                    Due::Passed(today) => day.is_some_and(|day| day < *today),
                    _ => day.is_some_and(|day| {
                        (today()..=kecha::registry::sunday(today())).contains(&day)
                    }),
                }
        };
        let wanted: BTreeSet<_> = all.iter().filter(is).map(|l| l.case.id).collect();
        for (sort, _) in Sort::ALL {
            let queue = Queue {
                only: only.clone(),
                due: *due,
                sort,
                ..whole.clone()
            };
            let found = walked(house, login, &queue);
            let ids: Vec<_> = found.iter().map(|l| l.case.id).collect();
            let once: BTreeSet<_> = ids.iter().copied().collect();
            assert_eq!(ids.len(), once.len(), "{login} {queue:?}");
            assert_eq!(once, wanted, "{login} {queue:?}");
            let ordered = match sort {
                Sort::Since => found.is_sorted_by_key(|l| l.case.stage_since),
                Sort::Item => found.is_sorted_by_key(|l| l.case.registration.item.clone()),
                _ => true,
            };
            assert!(ordered, "{queue:?}");
        }
    }
    let other = walked(house, "keeper", &whole);
    assert!(other.is_empty());
}

fn who_reviewed_does_not_find_the_case_to_decide(house: &House) {
    let made = filled(house, 9, 5);
    let now = house.on(today());
    let accepted: Vec<RecordId> = made
        .iter()
        .filter(|(p, _)| ["100", "103", "106"].iter().any(|s| p.number.contains(s)))
        .map(|(_, id)| *id)
        .collect();
    let states = vec!["accepted"];
    let queue = Queue {
        states,
        ..Queue::default()
    };
    let waiting = walked(house, "first", &queue);
    assert!(waiting.len() >= 2 && !accepted.is_empty());
    for (at, line) in waiting.iter().enumerate() {
        let by = if at == 0 { "both" } else { "first" };
        assert_eq!(now.does(by, Command::Review, line.case.id), Ok("reviewed"));
    }
    let queue = Queue {
        states: vec!["reviewed"],
        second: true,
        ..Queue::default()
    };
    assert_eq!(walked(house, "second", &queue).len(), waiting.len());
    let left = walked(house, "both", &queue);
    assert_eq!(left.len(), waiting.len() - 1);
    assert!(left.iter().all(|l| l.case.id != waiting[0].case.id));
}

fn what_is_in_hand_ends_with_its_state(house: &House) {
    filled(house, 9, 5);
    let reported = Queue {
        states: vec!["reported"],
        ..Queue::default()
    };
    let some: Vec<RecordId> = walked(house, "desk", &reported)
        .iter()
        .map(|l| l.case.id)
        .collect();
    let (desk, registry) = (house.officer("desk"), house.registry());
    let now = kecha::clock::now();
    let mine = Queue {
        mine: true,
        ..Queue::default()
    };
    registry
        .claim(&some[..2], Some("desk"), &desk, now)
        .expect("claimed");
    assert_eq!(walked(house, "desk", &mine).len(), 2);
    assert!(walked(house, "first", &mine).is_empty());
    let day = house.on(today());
    let missing = vec!["体检证明".to_owned()];
    assert_eq!(
        day.does("desk", Command::Return { missing }, some[0]),
        Ok("returned")
    );
    assert_eq!(walked(house, "desk", &mine).len(), 1);
    registry
        .claim(&some[..2], None, &desk, now)
        .expect("given back");
    assert!(walked(house, "desk", &mine).is_empty());
    // Nobody takes what is not the own office's, nor gives it to another office.
    let keeper = house.officer("keeper");
    assert!(
        registry
            .claim(&some[..1], Some("keeper"), &keeper, now)
            .is_err()
    );
    assert!(
        registry
            .claim(&some[..1], Some("clerk"), &desk, now)
            .is_err()
    );
}

/// Who read a case, and where.
fn readers(house: &House, case: RecordId) -> Vec<(String, String)> {
    let lines = house.registry().readings_of(case, 100).expect("readings");
    let told = lines.into_iter().map(|line| (line.login, line.purpose));
    told.collect()
}

fn a_search_finds_the_own_offices_only(house: &House) {
    let made = filled(house, 9, 5);
    let registry = house.registry();
    let (desk, keeper) = (house.officer("desk"), house.officer("keeper"));
    let (person, id) = &made[0];
    let ticket = registry.case_file(&desk, *id, today()).expect("a case");
    let ticket = ticket.case.registration.ticket;
    let found = |officer, typed: &str| registry.search(officer, typed, today()).expect("a search");
    for typed in [
        &*person.number,
        &format!("T{}", person.number),
        &*ticket,
        &id.to_string(),
    ] {
        let hits = found(&desk, typed).cases;
        let hits: Vec<_> = hits.iter().map(|l| l.case.id).collect();
        assert_eq!(hits, [*id], "{typed}");
        assert!(found(&keeper, typed).cases.is_empty());
    }
    // Three of each name; spelled otherwise it is the same name.
    assert_eq!(found(&desk, "王小明").cases.len(), 3);
    assert_eq!(found(&desk, " 王 小明 ").cases.len(), 3);
    assert!(found(&desk, "王小").cases.is_empty());
    assert!(found(&keeper, "王小明").cases.is_empty());
    let (_, issued) = made.iter().find(|(p, _)| p.name == "张三").expect("one");
    let day = house.on(today());
    let file = registry.case_file(&desk, *issued, today()).expect("a case");
    if file.case.state.word() == "examined" {
        day.finishes(*issued);
    }
    assert!(!found(&desk, "张三").certificates.is_empty());
    assert!(
        found(&house.officer("clerk"), "张三")
            .certificates
            .is_empty()
    );
}

fn pages_do_what_they_say(house: &House) {
    let made = filled(house, 12, 5);
    let mut desk = house.browser("desk");
    let home = desk.get("/console").text;
    assert!(home.contains("/console/cases?state=own"), "{home}");
    let page = desk.get("/console/cases?state=reported").text;
    let ids: Vec<&str> = page
        .split("name=\"case\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"').map(|(id, _)| id))
        .collect();
    assert!(ids.len() >= 3 && !page.contains("checked"), "{page}");
    // Nothing is done by the page before it; who has materials missing is not ticked.
    let fields = [
        ("state", "reported"),
        ("command", "accept"),
        ("case", ids[0]),
        ("case", ids[1]),
    ];
    let before = desk.post("/console/cases/confirm", &fields).text;
    assert!(
        before.contains("请单独看：2 件") && before.contains("报送时没有材料"),
        "{before}"
    );
    assert!(!before.contains(" checked"), "{before}");
    let again = desk.get("/console/cases?state=reported").text;
    assert_eq!(again.matches("name=\"case\"").count(), ids.len());
    let done = desk.post("/console/cases", &fields);
    assert_eq!(done.text.matches("</code> ").count(), 2, "{}", done.text);
    let none = desk.post(
        "/console/cases/confirm",
        &[("state", "reported"), ("command", "accept")],
    );
    assert!(none.text.contains("没有勾选办件"));
    views(&mut desk);
    let typed = [("sought", "王小明")];
    let sent = desk.post("/console/search", &typed);
    assert!(
        sent.status == 200 && sent.text.contains("/console/cases/"),
        "{}",
        sent.text
    );
    for (person, case) in &made {
        let read = readers(house, *case).contains(&("desk".to_owned(), "search".to_owned()));
        assert_eq!(read, person.name == "王小明", "{case}");
    }
    assert_eq!(desk.post("/console/search", &[("sought", " ")]).status, 200);
}

fn views(desk: &mut Browser) {
    let fields = [
        ("state", "reported"),
        ("item", "2.1"),
        ("name", "焊工 <在办>"),
        ("command", "keep"),
    ];
    let kept = desk.post("/console/views", &fields);
    assert_eq!(kept.location(), "/console/cases?state=reported&item=2.1");
    let page = desk.get("/console/cases").text;
    assert!(page.contains("焊工 &#60;在办&#62;"), "{page}");
    desk.post(
        "/console/views",
        &[("name", "焊工 <在办>"), ("command", "drop")],
    );
    assert!(!desk.get("/console/cases").text.contains("焊工"));
    let nameless = desk.post("/console/views", &[("name", " "), ("command", "keep")]);
    assert!(nameless.text.contains("没有保存"));
}

fn a_list_says_what_its_page_says(house: &House) {
    let made = filled(house, 12, 5);
    let mut desk = house.browser("desk");
    let fields = [("state", "all"), ("item", "2.1"), ("format", "csv")];
    let file = desk.post("/console/cases/export", &fields);
    assert!(file.header("content-type").starts_with("text/csv"));
    assert!(!file.header("content-disposition").contains("张"));
    let rows: Vec<&str> = file.text.lines().collect();
    let page = desk.get("/console/cases?state=all&item=2.1").text;
    assert_eq!(rows.len() - 1, page.matches("name=\"case\"").count());
    assert!(made.iter().any(|(p, _)| file.text.contains(&p.number)));
    for (person, case) in &made {
        let read = readers(house, *case).contains(&("desk".to_owned(), "export".to_owned()));
        assert_eq!(read, file.text.contains(&person.number), "{case}");
    }
    for (login, path) in [
        ("clerk", "/console/sessions/export"),
        ("desk", "/console/inquiries/export"),
        ("desk", "/console/certificates/export"),
        ("keeper", "/console/offices/export"),
        ("auditor", "/console/accounts/export"),
        ("auditor", "/console/readings/export"),
        ("auditor", "/console/log-ins/export"),
        ("keeper", "/console/feeds/export"),
    ] {
        let file = house.browser(login).post(path, &[("format", "csv")]);
        assert_eq!(file.status, 200, "{path}");
        assert!(
            file.text.starts_with('\u{FEFF}') && file.text.contains("\r\n"),
            "{path}"
        );
    }
}

fn a_sheet_does_it_and_comes_back(house: &House) {
    filled(house, 12, 5);
    let mut desk = house.browser("desk");
    let reported = Queue {
        states: vec!["reported"],
        ..Queue::default()
    };
    let waiting = walked(house, "desk", &reported);
    let (one, other) = (&waiting[0].case, &waiting[1].case);
    let text = format!(
        "准考证号,missing\n{},体检证明；照片\n{},身份证复印件\nT9,x\n{},x\n",
        one.registration.ticket, other.id, one.id
    );
    desk.get("/console/cases/sheet");
    let marked = desk.upload_with(
        "/console/cases/sheet",
        &[("command", "return"), ("check", "1")],
        text.as_bytes(),
    );
    assert!(
        marked.text.contains("已报送") || marked.text.contains("材料"),
        "{}",
        marked.text
    );
    assert_eq!(walked(house, "desk", &reported).len(), waiting.len());
    let marked = desk.upload_with(
        "/console/cases/sheet",
        &[("command", "return")],
        text.as_bytes(),
    );
    let rows: Vec<&str> = marked.text.trim_start_matches('\u{FEFF}').lines().collect();
    assert_eq!(rows.len(), 5, "{}", marked.text);
    assert!(
        rows[3].starts_with("本机构没有") && rows[4].starts_with("同一件"),
        "{rows:?}"
    );
    assert_eq!(walked(house, "desk", &reported).len(), waiting.len() - 2);
    let file = house
        .registry()
        .case_file(&house.officer("desk"), one.id, today());
    let domain::case::State::Returned { missing } = file.expect("a case").case.state else {
        panic!("it was returned");
    };
    assert_eq!(missing, ["体检证明", "照片"]);
    // Cards are handed out in runs, by whoever has just signed in again.
    let mut maker = house.browser("maker");
    let form = maker.get("/console/cases/sheet").text;
    assert!(
        form.contains("\"make\"") && !form.contains("\"issue\""),
        "{form}"
    );
    let refused = maker.upload_with(
        "/console/cases/sheet",
        &[("command", "issue")],
        text.as_bytes(),
    );
    assert_eq!(refused.status, 422);
}

on_both! {
    fn queues(house: &House) {
        every_way_shows_each_case_once(house);
    }

    fn second_officer(house: &House) {
        who_reviewed_does_not_find_the_case_to_decide(house);
    }

    fn in_hand(house: &House) {
        what_is_in_hand_ends_with_its_state(house);
    }

    fn search(house: &House) {
        a_search_finds_the_own_offices_only(house);
    }

    fn pages(house: &House) {
        pages_do_what_they_say(house);
    }

    fn exports(house: &House) {
        a_list_says_what_its_page_says(house);
    }

    fn sheets(house: &House) {
        a_sheet_does_it_and_comes_back(house);
    }
}
