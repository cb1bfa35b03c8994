//! How far those reach who keep accounts, and what a grant asks of the one it is given to.

use domain::office::Role;
use kecha::{clock, registry::Duty};

use super::{officer, opens, tries};
use crate::{
    house::{House, INSTITUTION, PASSWORD},
    people::Browser,
};

/// A browser that an officer without a second factor is signed in with.
fn by_the_window(house: &House, login: &str) -> Browser {
    let token = house.app.random_token();
    let digest = kecha::registry::digest(&token);
    let opened = house.registry().open_session(login, &digest, clock::now());
    opened.expect("signed in");
    let mut browser = house.visitor();
    browser.take(&token);
    browser.get("/console");
    browser
}

/// Who keeps the accounts of one institution takes away the list of those: it held everybody's. And a
/// password counts as it was typed: its blanks were taken away when it was set, and not at the door.
#[test]
fn accounts_of_one_office_are_kept_there() {
    let house = House::sqlite().expect("a house");
    let below = officer("below", INSTITUTION, &[Role::SecurityAdmin]);
    opens(&house, &below, "warden").expect("the node is above");
    let mut browser = by_the_window(&house, "below");
    let page = browser.get("/console/accounts").text;
    let led = page.contains("action=\"/console/accounts/export\"");
    assert!(led, "a list is taken away from its page: {page}");
    let list = browser.post("/console/accounts/export", &[("format", "csv")]);
    let logins: Vec<_> = list
        .text
        .lines()
        .filter_map(|l| l.split(',').next())
        .collect();
    assert_eq!(logins[1..], ["below", "clerk", "lead", "one", "two"]);
    let form = [
        ("login", "padded"),
        ("name", "officer padded"),
        ("office", INSTITUTION),
        ("role", "institution_clerk"),
        ("password", " a blank before and after "),
    ];
    let done = browser.post("/console/accounts", &form);
    assert_eq!(done.status, 303, "{}", done.text);
    let mut padded = house.visitor();
    let come = tries(&mut padded, "padded", " a blank before and after ");
    assert_eq!(come.location(), "/console");
    house.close();
}

/// What is granted and needs a second factor is asked for at once: a browser that a password alone had
/// let in went on, and decided.
#[test]
fn a_grant_asks_for_the_second_factor() {
    let house = House::sqlite().expect("a house");
    let (registry, warden) = (house.registry(), house.officer("warden"));
    let (mut first, mut maker) = (house.browser("first"), house.browser("maker"));
    for login in ["first", "maker"] {
        let grant = Duty::Grant(Role::Approver);
        let granted = registry.change_account(login, grant, &warden, clock::now());
        granted.expect("granted");
    }
    assert_eq!(first.get("/console").location(), "/login");
    let again = tries(&mut first, "first", PASSWORD);
    assert_eq!(again.location(), "/login/factor");
    assert_eq!(maker.get("/console").status, 200, "came in with a code");
    house.close();
}

/// A sheet is read of whoever is signed in: anybody at all could fill the memory with some.
#[test]
fn a_sheet_is_of_an_officer() {
    let house = House::sqlite().expect("a house");
    let sheet = vec![b'a'; 300_000];
    let mut visitor = house.visitor();
    visitor.get("/login");
    assert_eq!(visitor.upload("/console/import", &sheet).status, 413);
    let mut clerk = house.browser("clerk");
    clerk.get("/console/import");
    assert_eq!(
        clerk.upload("/console/import", &sheet).status,
        422,
        "it was read"
    );
    house.close();
}
