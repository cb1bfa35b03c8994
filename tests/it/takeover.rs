//! A former register comes in: over the pages as two officers do it, with rows of every kind, a
//! restart in the middle, and differences that a person decides.

use domain::{document::Document, name::Name, record::RecordId};
use kecha::{
    registry::{FileReader, Registry, Takeover},
    takeover::{Plan, Reading, Taking, open_header},
    tasks,
};
use std::{
    io::{Cursor, Read},
    sync::Arc,
};

use crate::{
    house::{AUTHORITY, House, on_both},
    office::Person,
    people::{Answer, Browser},
};

const HEAD: &str = "序号,姓名,性别,证件号,准操项目,初领日期,证件起,有效期至";

fn line(n: usize, who: &Person, item: &str, from: &str, until: &str) -> String {
    format!(
        "{n},{},男,{},{item},{from},{from},{until}",
        who.name, who.number
    )
}

fn people(first: u16, count: u16) -> Vec<Person> {
    let name = |n: u16| ["张三", "李四", "王五", "赵六"][usize::from(n % 4)];
    (first..first + count)
        .map(|n| Person::new(name(n), n))
        .collect()
}

fn list(lines: &[String]) -> String {
    format!("原系统导出\n\n{HEAD}\n{}\n", lines.join("\n"))
}

/// The number in an answer's location.
fn number(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    let last = answer.location().rsplit('/').next();
    last.expect("a number").to_owned()
}

fn only(house: &House) -> Takeover {
    let mut all = house
        .registry()
        .takeovers(&AUTHORITY.into())
        .expect("a list");
    all.remove(0)
}

/// Sends a list, says what the columns mean and checks it. Gives the take-over's number.
fn checked(house: &House, maker: &mut Browser, text: &str, words: &[(&str, &str)]) -> String {
    maker.get("/console/takeover");
    let id = number(&maker.upload("/console/takeover", text.as_bytes()));
    let page = maker.get(&format!("/console/takeover/{id}"));
    assert!(page.text.contains("证件起"), "{}", page.text);
    let columns = [
        "",
        "name",
        "sex",
        "doc_number",
        "item",
        "first_issued",
        "valid_from",
    ];
    let columns = columns.iter().chain(&["valid_until"]).enumerate();
    let columns: Vec<(String, &str)> = columns
        .map(|(at, code)| (format!("column.{at}"), *code))
        .collect();
    let mut sent: Vec<(&str, &str)> = columns.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    sent.extend_from_slice(words);
    let task = number(&maker.post(&format!("/console/takeover/{id}/plan"), &sent));
    let running = maker.get(&format!("/console/tasks/{task}"));
    assert!(
        running.text.contains("http-equiv=\"refresh\""),
        "{}",
        running.text
    );
    tasks::finish_all(house.registry()).expect("the check ends");
    let over = maker.get(&format!("/console/tasks/{task}"));
    assert!(over.text.contains("已完成"), "{}", over.text);
    assert!(!over.text.contains("http-equiv"), "{}", over.text);
    id
}

/// Proposes, releases and takes what was checked.
fn taken(house: &House, maker: &mut Browser, id: &str) {
    number(&maker.post(&format!("/console/takeover/{id}/propose"), &[]));
    let mut second = house.browser("second");
    second.get(&format!("/console/takeover/{id}"));
    number(&second.post(&format!("/console/takeover/{id}/release"), &[]));
    maker.get(&format!("/console/takeover/{id}"));
    number(&maker.post(&format!("/console/takeover/{id}/take"), &[]));
    tasks::finish_all(house.registry()).expect("the rows are taken");
}

fn certificates(house: &House, who: &Person) -> Vec<domain::certificate::Certificate> {
    let name = Name::parse(&who.name).expect("a name");
    let document: Document = who.document();
    let maker = house.officer("maker");
    let found = house.registry().certificates_of(&maker, &document, &name);
    found.expect("a dossier")
}

/// The whole office sees the task; the rows of people are for those who take them over.
fn names_nobody_at_the_desk(house: &House, task: &str) {
    let mut desk = house.browser("desk");
    let page = desk.get(&format!("/console/tasks/{task}"));
    assert!(
        page.status == 200 && !page.text.contains("/result"),
        "{}",
        page.text
    );
    let file = desk.get(&format!("/console/tasks/{task}/result"));
    assert_eq!(file.status, 404);
}

/// Who was shown the first certificate of a person, and where.
fn readers(house: &House, who: &Person) -> Vec<(String, String)> {
    let shown = certificates(house, who)[0].says.certificate;
    let read = house.registry().readings_of(shown, 9).expect("readings");
    read.into_iter()
        .map(|line| (line.login, line.purpose))
        .collect()
}

/// How much of the last batch is taken, of how many rows, and how it stands.
fn last_batch(house: &House) -> (u32, u32, &'static str) {
    let batches = house.registry().batches(&house.officer("maker"));
    let batch = batches.expect("batches").pop().expect("a batch");
    (batch.taken, batch.count, batch.word())
}

/// Row 6 stays as it is here; row 7 is proposed for the file by the issuer, who decides nothing, and
/// decided by an approver.
fn decided_by_two(house: &House, list: &str, who: &Person) {
    let (mut issuer, mut approver) = (house.browser("maker"), house.browser("second"));
    let decide = |keep: &str, row: &str, reason: &str, by: &mut Browser| {
        by.get(list);
        let sent = [("row", row), ("keep", keep), ("reason", reason)];
        by.post(list, &sent).status
    };
    assert_eq!(decide("ours", "6", " ", &mut approver), 422);
    assert_eq!(decide("ours", "6", "本系统为准", &mut approver), 303);
    assert_eq!(decide("file", "6", "重复", &mut approver), 422);
    assert_eq!(decide("file", "7", " ", &mut issuer), 422);
    assert_eq!(decide("file", "7", "户口簿", &mut issuer), 303);
    assert_ne!(decide("file", "7", "户口簿", &mut issuer), 303);
    let proposal = certificates(house, who)[0].proposal.clone();
    assert_eq!(proposal.expect("a proposal").by.as_str(), "maker");
    assert_eq!(decide("file", "7", "", &mut approver), 303);
}

const FROM: &str = "2023/5/6";
const UNTIL: &str = "2029年5月5日";

on_both! {
    /// Every row becomes exactly one thing, and the batch's page adds them up.
    fn a_list_with_rows_of_every_kind(house: &House) {
        let who = people(100, 6);
        let mut maker = house.browser("maker");
        let first = list(&[
            line(1, &who[0], "1.2", FROM, UNTIL),
            line(2, &who[1], "低压电工作业", FROM, UNTIL),
        ]);
        let id = checked(house, &mut maker, &first, &[]);
        taken(house, &mut maker, &id);
        assert_eq!(certificates(house, &who[0]).len(), 1);

        let renamed = Person { name: "钱七".into(), number: who[1].number.clone() };
        let mut wrong = line(6, &who[5], "1.2", FROM, UNTIL);
        wrong = wrong.replace(FROM, "2023-13-01");
        let second = list(&[
            // The same again, one for another item, another term, another name, a new one, a fault.
            line(1, &who[0], "1.2", "2023-05-06", "2029-05-05"),
            line(2, &who[0], "电焊", FROM, UNTIL),
            line(3, &who[1], "1.2", "2024-01-01", "2029-12-31"),
            line(4, &renamed, "2.1", FROM, UNTIL),
            line(5, &who[4], "1.2", FROM, UNTIL),
            wrong,
            line(7, &who[4], "1.2", FROM, UNTIL),
        ]);
        let id = checked(house, &mut maker, &second, &[]);
        let page = maker.get(&format!("/console/takeover/{id}"));
        assert!(page.text.contains("word.item.电焊"), "{}", page.text);
        let id = checked(house, &mut maker, &second, &[("word.item.电焊", "2.1")]);
        let page = maker.get(&format!("/console/takeover/{id}"));
        let task = page.between("/console/tasks/", "\"").expect("a task").to_owned();
        let faults = maker.get(&format!("/console/tasks/{task}/result"));
        assert!(faults.text.contains("第 9 行；初领日期"), "{}", faults.text);
        assert_eq!(faults.text.trim().lines().count(), 2, "{}", faults.text);
        names_nobody_at_the_desk(house, &task);
        taken(house, &mut maker, &id);

        let t = only(house);
        assert_eq!((t.rows, t.skipped, t.differing, t.faulty), (7, 2, 2, 1));
        assert_eq!(last_batch(house), (2, 7, "differing"));
        assert_eq!(certificates(house, &who[0]).len(), 2);

        let list = format!("/console/takeover/{id}/differences");
        let mut second = house.browser("second");
        let page = second.get(&list);
        assert!(page.text.contains("2029-12-31") && page.text.contains("钱七"), "{}", page.text);
        assert_eq!(readers(house, &who[1]), [("second".to_owned(), "certificate".to_owned())]);
        decided_by_two(house, &list, &who[1]);
        maker.get(&list);
        number(&maker.post(&format!("/console/takeover/{id}/settled"), &[]));
        // The certificate that was here goes with the name, and the row comes beside it.
        assert_eq!(certificates(house, &renamed).len(), 2);
        assert!(certificates(house, &who[1]).is_empty());
        assert_eq!(last_batch(house), (3, 7, "complete"));
    }

    /// A list that differs in the term is taken after the certificate here was cancelled.
    fn the_file_is_right_about_a_term(house: &House) {
        let who = people(200, 1);
        let mut maker = house.browser("maker");
        let id = checked(house, &mut maker, &list(&[line(1, &who[0], "1.2", FROM, UNTIL)]), &[]);
        taken(house, &mut maker, &id);
        let other = list(&[line(1, &who[0], "1.2", "2024-05-06", "2030-05-05")]);
        let id = checked(house, &mut maker, &other, &[]);
        taken(house, &mut maker, &id);
        let mut second = house.browser("second");
        let list = format!("/console/takeover/{id}/differences");
        second.get(&list);
        // Whoever is shown a certificate beside a row has read it.
        let ours = certificates(house, &who[0])[0].says.certificate;
        let read = house.registry().readings_of(ours, 9).expect("readings");
        assert_eq!(read.iter().map(|l| l.login.as_str()).collect::<Vec<_>>(), ["second"]);
        let sent = [("row", "4"), ("keep", "file"), ("reason", "原发证记录")];
        assert_eq!(second.post(&list, &sent).status, 303);
        // One approver alone has cancelled nothing, and nobody else is said to have proposed it.
        let there = certificates(house, &who[0]).remove(0);
        let proposed_by = there.proposal.as_ref().map(|open| open.by.as_str());
        assert_eq!((there.status.word(), proposed_by), ("valid", Some("second")));
        second.get(&list);
        let alone = second.post(&list, &sent);
        assert_eq!(alone.status, 422);
        assert!(alone.text.contains("依法须由另一人办理"), "{}", alone.text);
        let mut another = house.browser("both");
        another.get(&list);
        assert_eq!(another.post(&list, &sent).status, 303);
        maker.get(&list);
        number(&maker.post(&format!("/console/takeover/{id}/settled"), &[]));
        let words: Vec<&str> = certificates(house, &who[0])
            .iter()
            .map(|c| c.status.word())
            .collect();
        assert_eq!(words, ["cancelled", "valid"]);
    }

    /// What was proposed for the file and is not decided so is taken back: ours stands.
    fn what_was_proposed_for_the_file_is_declined(house: &House) {
        let who = people(300, 1);
        let mut maker = house.browser("maker");
        let id = checked(house, &mut maker, &list(&[line(1, &who[0], "1.2", FROM, UNTIL)]), &[]);
        taken(house, &mut maker, &id);
        let other = list(&[line(1, &who[0], "1.2", "2024-05-06", "2030-05-05")]);
        let id = checked(house, &mut maker, &other, &[]);
        taken(house, &mut maker, &id);
        let list = format!("/console/takeover/{id}/differences");
        for (login, keep, reason) in [("maker", "file", "原发证记录"), ("second", "ours", "记录有误")] {
            let mut browser = house.browser(login);
            browser.get(&list);
            let sent = [("row", "4"), ("keep", keep), ("reason", reason)];
            assert_eq!(browser.post(&list, &sent).status, 303, "{login}");
        }
        let there = certificates(house, &who[0]).remove(0);
        assert_eq!((there.status.word(), there.proposal.is_none()), ("valid", true));
    }

    /// The program dies between two turns of the writer; another goes on, and no row is there twice.
    fn an_interrupted_taking_goes_on(house: &House) {
        let who = people(300, 40);
        let mut lines: Vec<String> = (0..).zip(&who)
            .map(|(n, who)| line(n, who, "1.2", FROM, UNTIL))
            .collect();
        // Twice in the list: on going on it may not be counted as what was taken before.
        lines.insert(5, lines[2].clone());
        let text = list(&lines);
        let mut maker = house.browser("maker");
        let id = checked(house, &mut maker, &text, &[]);
        number(&maker.post(&format!("/console/takeover/{id}/propose"), &[]));
        let (r, by) = (house.registry(), house.officer("maker"));
        let t = only(house);
        let batch = t.batch.expect("a batch");
        r.release_batch(batch, &house.officer("second"), kecha::clock::now()).expect("released");
        some_rows(r, &t, &text, 7);
        assert_eq!(only(house).rows, 7);
        maker.get(&format!("/console/takeover/{id}"));
        let task = number(&maker.post(&format!("/console/takeover/{id}/take"), &[]));
        tasks::finish_all(r).expect("the rest is taken");
        let t = only(house);
        assert_eq!((t.rows, t.skipped, t.differing, t.faulty), (41, 1, 0, 0));
        let mine = r.batches(&by).expect("batches").remove(0);
        assert_eq!((mine.taken, mine.word()), (40, "complete"));
        assert!(who.iter().all(|who| certificates(house, who).len() == 1));
        let over = maker.get(&format!("/console/tasks/{task}"));
        assert!(over.text.contains("每一行都已处理"), "{}", over.text);
    }

    /// What an officer stops does not go on, and another's cannot be stopped.
    fn a_task_is_stopped_by_its_officer(house: &House) {
        let mut maker = house.browser("maker");
        maker.get("/console/takeover");
        let text = list(&[line(1, &people(400, 1)[0], "1.2", FROM, UNTIL)]);
        let id = number(&maker.upload("/console/takeover", text.as_bytes()));
        maker.get(&format!("/console/takeover/{id}"));
        let columns = [
            ("column.1", "name"), ("column.3", "doc_number"), ("column.4", "item"),
            ("column.6", "valid_from"),
        ];
        let missing = maker.post(&format!("/console/takeover/{id}/plan"), &columns);
        assert_eq!(missing.status, 422);
        assert!(missing.text.contains("有效期止"), "{}", missing.text);
        let columns: Vec<_> = columns.into_iter().chain([("column.7", "valid_until")]).collect();
        let plan = format!("/console/takeover/{id}/plan");
        let task = number(&maker.post(&plan, &columns));
        // What the running check finds would be taken for what another plan means.
        assert_eq!(maker.post(&plan, &columns).status, 409);
        let mut second = house.browser("second");
        second.get(&format!("/console/tasks/{task}"));
        assert_eq!(second.post(&format!("/console/tasks/{task}/stop"), &[]).status, 409);
        let mut clerk = house.browser("clerk");
        assert_eq!(clerk.get(&format!("/console/tasks/{task}")).status, 404);
        number(&maker.post(&format!("/console/tasks/{task}/stop"), &[]));
        tasks::finish_all(house.registry()).expect("nothing is left");
        assert_eq!(only(house).summary, "");
        let page = maker.get("/console/tasks");
        assert!(page.text.contains("已停止"), "{}", page.text);
        assert_eq!(maker.post(&format!("/console/takeover/{id}/propose"), &[]).status, 422);
    }
}

/// Takes the first rows, as a program that then dies.
fn some_rows(registry: &Arc<Registry>, t: &Takeover, text: &str, most: usize) {
    let by = registry.officer("maker").expect("an account");
    let plan = Plan::from_json(&t.plan);
    let today = kecha::clock::today();
    let source = Cursor::new(text.as_bytes().to_vec());
    let mut reading = Reading::begin(source, plan, registry.catalogue().clone(), today, 0);
    let rows = reading.next(1_000).expect("rows").into_iter().take(most);
    let rows = rows.map(|j| (j.number, j.outcome.ok())).collect();
    let now = kecha::clock::now();
    let merged = registry.merge_rows(t.id, rows, &by, now).expect("merged");
    assert_eq!((merged.taken, merged.skipped), (6, 1));
}

/// Neither a wrong token nor a missing one lets a file in.
#[test]
fn a_file_needs_the_token_of_its_form() {
    let house = House::sqlite().expect("a house");
    let mut maker = house.browser("maker");
    maker.get("/console/takeover");
    maker.token = Some("AAAA".to_owned());
    assert_eq!(maker.upload("/console/takeover", b"a,b\n").status, 403);
    let mut second = house.browser("second");
    second.get("/console/takeover");
    assert_eq!(second.upload("/console/takeover", b"a,b\n").status, 403);
    maker.get("/console/takeover");
    assert_eq!(maker.upload("/console/takeover", b"").status, 422);
    assert_eq!(maker.upload("/console/takeover", b"%PDF-1.7").status, 422);
    let large = "一".repeat(2 << 20);
    let large = format!("{HEAD}\n{}\n", large.split_at(300_000).0);
    assert_eq!(
        maker.upload("/console/takeover", large.as_bytes()).status,
        303
    );
    house.close();
}

/// What was proposed waits for the second officer, and is not changed any more.
#[test]
fn nothing_is_taken_before_the_release() {
    let house = House::sqlite().expect("a house");
    let mut maker = house.browser("maker");
    let text = list(&[line(1, &people(500, 1)[0], "1.2", FROM, UNTIL)]);
    let id = checked(&house, &mut maker, &text, &[]);
    number(&maker.post(&format!("/console/takeover/{id}/propose"), &[]));
    maker.get(&format!("/console/takeover/{id}"));
    let early = maker.post(&format!("/console/takeover/{id}/take"), &[]);
    assert_eq!(early.status, 422, "{}", early.text);
    let (r, by) = (house.registry(), house.officer("maker"));
    let id: RecordId = id.parse().expect("a number");
    let now = kecha::clock::now();
    assert!(r.close_takeover(id, &by, now).is_err());
    let plan = only(&house).plan;
    assert!(
        r.plan_takeover(id, &plan, &by).is_err(),
        "what was proposed is fixed"
    );
    let t = only(&house);
    let source = Cursor::new(text.into_bytes());
    let first = open_header(source.clone()).expect("a header").1;
    assert_eq!(first.len(), 3);
    let catalogue = r.catalogue().clone();
    let reading = Reading::begin(
        source,
        Plan::from_json(&t.plan),
        catalogue,
        kecha::clock::today(),
        0,
    );
    assert!(Taking::new(id, by, reading).step(r, now).is_err());
    house.close();
}

/// Who releases a million certificates, or cancels one because a file says so, has just signed in.
#[test]
fn a_release_and_a_decision_need_a_fresh_sign_in() {
    let house = House::sqlite().expect("a house");
    let token = house.app.random_token();
    let digest = kecha::registry::digest(&token);
    let opened = kecha::clock::now() - jiff::SignedDuration::from_mins(6);
    let kept = house.registry().open_session("second", &digest, opened);
    kept.expect("signed in");
    let mut second = house.visitor();
    second.take(&token);
    second.get("/console/takeover");
    for what in ["release", "differences"] {
        let asked = second.post(&format!("/console/takeover/000000000000/{what}"), &[]);
        assert_eq!(asked.status, 403, "{what}");
        assert!(asked.text.contains("name=\"again\""), "{what}");
    }
    house.close();
}

/// A check that ends after the columns were given another meaning says nothing of them: its rows were
/// proposed, and nobody had checked them as they would be taken.
#[test]
fn a_check_of_another_plan_does_not_count() {
    let house = House::sqlite().expect("a house");
    let mut maker = house.browser("maker");
    let text = list(&[line(1, &people(600, 1)[0], "1.2", FROM, UNTIL)]);
    let id = checked(&house, &mut maker, &text, &[]);
    let (r, by, t) = (house.registry(), house.officer("maker"), only(&house));
    let mut other = Plan::from_json(&t.plan);
    other.words.clear();
    other.columns.remove(&domain::former::Field::FirstIssued);
    r.plan_takeover(t.id, &other.to_json(), &by)
        .expect("another plan");
    let late = r
        .sum_up_takeover(t.id, &t.plan, &t.summary)
        .expect("an answer");
    assert!(!late && only(&house).summary.is_empty());
    assert_eq!(
        maker
            .post(&format!("/console/takeover/{id}/propose"), &[])
            .status,
        422
    );
    let own = r.sum_up_takeover(t.id, &other.to_json(), &t.summary);
    assert!(own.expect("an answer"));
    assert_eq!(
        maker
            .post(&format!("/console/takeover/{id}/propose"), &[])
            .status,
        303
    );
    house.close();
}

/// A file that breaks off leaves nothing to read, once a day is over; one that is whole is left alone.
#[test]
fn a_file_that_broke_off_is_emptied() {
    let house = House::sqlite().expect("a house");
    let (r, now) = (house.registry(), kecha::clock::now());
    let sends = || {
        let mut draft = r
            .begin_file(&AUTHORITY.into(), "maker", "", now)
            .expect("begun");
        draft.write(r, &vec![7; 3 << 20]).expect("written");
        draft
    };
    let read = |file| {
        let mut bytes = Vec::new();
        FileReader::new(Arc::clone(r), file)
            .read_to_end(&mut bytes)
            .map(|_| bytes.len())
    };
    let (whole, early, late) = (sends(), sends(), sends());
    let whole = whole.finish(r).expect("whole");
    r.empty_broken_files(now).expect("nothing is old");
    let early = early.finish(r).expect("whole");
    r.empty_broken_files(now + jiff::SignedDuration::from_secs(1))
        .expect("emptied");
    assert_eq!(read(whole).expect("there"), 3 << 20);
    assert_eq!(read(early).expect("there"), 3 << 20);
    let late = late.finish(r).expect("an end");
    assert!(read(late).is_err(), "its parts are gone");
    house.close();
}
