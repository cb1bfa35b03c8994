//! Roles, addresses and what belongs to others. Every address of the table has a line here that says
//! what it names; an address without a line fails the test. Then every officer asks every address
//! for what is another office's, and must get to the byte what he gets for what is not there.

mod lines;
mod world;

use kecha::web::routes::table;

use self::{
    lines::{FILE, Line, lines, of_offices},
    world::{LOCAL, Object, What, elsewhere, enter, furnish},
};
use crate::{
    house::{House, KEY},
    people::{Answer, Browser},
};

/// Everybody who asks: login, and the office; one of each role at the least.
const CALLERS: [(&str, &str); 10] = [
    ("clerk", "9911"),
    ("lead", "9911"),
    ("one", "9911"),
    ("desk", "9901"),
    ("first", "9901"),
    ("second", "9901"),
    ("maker", "9901"),
    ("keeper", "99"),
    ("warden", "99"),
    ("auditor", "99"),
];

fn callers() -> impl Iterator<Item = (&'static str, &'static str)> {
    let local = LOCAL.map(|(login, _)| (login, "9901"));
    CALLERS.into_iter().chain(local)
}

/// What is like a record of that kind and is none.
fn missing(what: What) -> &'static str {
    match what {
        What::Run => "F0000",
        What::Number => "990999199001050012",
        _ => "zzzzzzzzzzzz",
    }
}

fn send(browser: &mut Browser, line: &Line, id: &str) -> Answer {
    let (method, path, _, fields) = *line;
    let path = path
        .replace("{id}", id)
        .replace("{run}", id)
        .replace("{nr}", "1");
    let fields: Vec<(&str, String)> = fields
        .iter()
        .map(|(name, value)| (*name, value.replace('@', id)))
        .collect();
    if method == "GET" {
        return browser.get(&path);
    }
    if fields.iter().any(|(name, _)| *name == FILE) {
        let parts: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_bytes())).collect();
        return browser.send_parts(&path, &parts);
    }
    let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    browser.post(&path, &fields)
}

/// All that somebody sees of an answer, without the record's own number, which he has typed.
fn seen(answer: &Answer, id: &str) -> (u16, String, String, String) {
    let heads = ["location", "content-type", "content-disposition"];
    let heads = heads.map(|name| answer.header(name)).join("\n");
    let cookie = answer.header("set-cookie").to_owned();
    let (heads, text) = (heads.replace(id, "…"), answer.text.replace(id, "…"));
    (answer.status, heads, cookie, text)
}

/// Both answers, and whether they are alike.
fn alike(browser: &mut Browser, line: &Line, object: &Object) -> Result<(), String> {
    let none = missing(object.what);
    let without = seen(&send(browser, line, none), none);
    let with = seen(&send(browser, line, &object.id), &object.id);
    assert_ne!(with.0, 500, "{line:?}");
    if with == without {
        return Ok(());
    }
    let (with, without) = ((with.0, &with.3), (without.0, &without.3));
    Err(format!("{with:?}\n--- and not\n{without:?}"))
}

#[test]
fn every_address_has_its_line() {
    let table = table();
    let mut wanted: Vec<_> = table.rows().iter().map(|r| (r.method, r.path)).collect();
    let mut there: Vec<_> = lines().map(|(method, path, ..)| (*method, *path)).collect();
    wanted.sort_unstable();
    there.sort_unstable();
    let new: Vec<_> = wanted.iter().filter(|row| !there.contains(row)).collect();
    assert!(new.is_empty(), "without a line in the matrix: {new:?}");
    assert_eq!(there, wanted, "lines of addresses that are gone, or twice");
    for (method, path, what, fields) in lines() {
        let names = path.contains('{') || fields.iter().any(|(_, value)| value.contains('@'));
        assert!(
            *what != What::Nothing || !names,
            "{method} {path} names something"
        );
    }
}

/// What belongs to another office is not there, for whoever asks, and nothing changes.
#[test]
fn what_is_another_offices_is_not_there() {
    let house = House::sqlite().expect("a house");
    let mut objects = furnish(&house);
    objects.extend(elsewhere());
    let before = house
        .registry()
        .check(&mut |_, _| {})
        .expect("a check")
        .entries;
    let (mut asked, mut wrong) = (0, Vec::new());
    for (login, office) in callers() {
        let mut browser = enter(&house, login);
        for line in of_offices() {
            let own = |o: &&Object| o.what == line.2 && o.is_foreign(office);
            for object in objects.iter().filter(own) {
                asked += 1;
                if let Err(differs) = alike(&mut browser, line, object) {
                    let (method, path, ..) = line;
                    wrong.push(format!(
                        "{login}: {method} {path} of {}: {differs}",
                        object.place
                    ));
                }
            }
        }
    }
    assert!(asked > 1_000, "{asked}");
    let all = wrong.len();
    wrong.truncate(5);
    assert!(
        wrong.is_empty(),
        "{all} of {asked}:\n{}",
        wrong.join("\n\n")
    );
    let after = house
        .registry()
        .check(&mut |_, _| {})
        .expect("a check")
        .entries;
    assert_eq!(after, before, "nothing was recorded");
    house.close();
}

/// Nobody signed in, somebody whose account was closed, and a program with its key: none of them
/// has a record at all, not even one that is there.
#[test]
fn whoever_is_not_signed_in_sees_no_record() {
    let house = House::sqlite().expect("a house");
    let objects = furnish(&house);
    let mut closed = enter(&house, "local");
    let local = house.registry().officer("local").expect("an account");
    let warden = house.officer("warden");
    let close = kecha::registry::Duty::Close;
    let done = house
        .registry()
        .change_account(&local.login, close, &warden, kecha::clock::now());
    done.expect("closed");
    let mut nobody = house.visitor();
    nobody.get("/login");
    let mut program = house.visitor();
    program.get("/login");
    program.shows(KEY);
    for line in of_offices() {
        for object in objects.iter().filter(|o| o.what == line.2) {
            for browser in [&mut nobody, &mut closed, &mut program] {
                let answer = send(browser, line, &object.id);
                let told = (answer.status, answer.location());
                let forged = answer.status == 403 && answer.text.contains("不是从本站页面提交的");
                assert!(told == (303, "/login") || forged, "{line:?}: {told:?}");
                assert!(!answer.text.contains(&object.id), "{line:?}");
            }
        }
    }
    house.close();
}

/// The other side: what is one's own is there for somebody, or the matrix would show nothing.
#[test]
fn what_is_ones_own_is_there() {
    let house = House::sqlite().expect("a house");
    let objects = furnish(&house);
    let mut reached = Vec::new();
    for line in of_offices() {
        let there = callers().any(|(login, office)| {
            let mut browser = enter(&house, login);
            let own = |o: &&Object| o.what == line.2 && !o.is_foreign(office);
            let mut own = objects.iter().filter(own);
            own.any(|object| alike(&mut browser, line, object).is_err())
        });
        if !there {
            reached.push((line.0, line.1));
        }
    }
    assert!(reached.is_empty(), "nobody reaches {reached:?}");
    house.close();
}
