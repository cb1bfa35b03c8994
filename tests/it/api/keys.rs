//! What a key is and is not, and how it is made and ended.

use domain::{
    office::{OfficerId, Role},
    refusal::Refusal,
};
use jiff::SignedDuration;
use kecha::{
    clock,
    registry::{Command, Duty, Error, NewProgram},
};
use serde_json::json;

use super::{DESK, exam_day, read};
use crate::{
    house::{AUTHORITY, House, INSTITUTION, PASSWORD, on_both},
    office::{Person, WELDING, ground, sheet},
};

on_both! {
    /// No key decides, no key is a password, and a key ends.
    fn what_a_key_is_not(house: &House) {
        let (r, now) = (house.registry(), clock::now());
        let warden = house.officer("warden");
        let new = |office: &str, role: Role| NewProgram {
            label: "系统".to_owned(),
            office: office.into(),
            roles: vec![role],
            expires: now + SignedDuration::from_hours(1),
        };
        for role in Role::ALL.into_iter().filter(|role| !role.is_for_programs()) {
            let office = if role.office() == Some(domain::office::OfficeKind::Institution) {
                INSTITUTION
            } else {
                AUTHORITY
            };
            let made = r.make_office_key(&new(office, role), &warden, now);
            assert!(matches!(made, Err(Error::Refused(Refusal::ForPeople))), "{role:?} {made:?}");
        }
        let made = r.make_office_key(&new(INSTITUTION, Role::AcceptanceOfficer), &warden, now);
        assert!(matches!(made, Err(Error::Refused(Refusal::RoleOfAnotherOffice))), "{made:?}");
        let made = r.make_office_key(&new(INSTITUTION, Role::InstitutionClerk), &house.officer("clerk"), now);
        assert!(matches!(made, Err(Error::Refused(Refusal::RoleNotAllowed))), "{made:?}");

        let key = house.office_key(AUTHORITY, DESK);
        let program = r.program(&key, now).expect("asked").expect("in force");
        let login = program.officer.login.clone();
        assert!(OfficerId::from(login.as_str()).is_program());
        let set = r.set_password(&login, PASSWORD, "warden", now);
        assert!(matches!(set, Err(Error::Refused(Refusal::ForPeople))), "{set:?}");
        assert_eq!(r.authenticate(&login, PASSWORD).expect("asked"), None);
        let grant = r.change_account(&login, Duty::Grant(Role::Reviewer), &warden, now);
        assert!(matches!(grant, Err(Error::Refused(Refusal::ForPeople))), "{grant:?}");
        // A decision by the role it has is refused by the law itself.
        let person = Person::new("赵六", 7);
        let line = person.line(WELDING, "初领", exam_day(), "90", "90");
        let day = house.on(exam_day());
        day.imports(&sheet(&[line]), false);
        let case = day.case(&person, "examined").id;
        day.reports(case);
        let ground = ground();
        let done = r.command(&[case], &Command::Refuse { ground }, &program.officer, now);
        assert_eq!(done.expect("answered")[0].state, Err(Refusal::ForPeople));

        // It is used, expires, and ends.
        assert!(r.program(&key, now + SignedDuration::from_hours(25)).expect("asked").is_none());
        assert!(r.program("kecha_00000000_00", now).expect("asked").is_none());
        let listed = r.office_keys().expect("keys");
        assert!(listed.iter().any(|k| k.number == program.number && k.used.is_some() && !k.ended));
        assert!(!format!("{listed:?}").contains(&key));
        r.end_office_key(&program.number, &warden, now).expect("ended");
        assert!(r.program(&key, now).expect("asked").is_none());
        let other = house.office_key(AUTHORITY, DESK);
        let login = r.program(&other, now).expect("asked").expect("in force").officer.login;
        r.change_account(&login, Duty::Close, &warden, clock::now()).expect("closed");
        assert!(r.program(&other, clock::now()).expect("asked").is_none());
        let mut visitor = house.visitor();
        let answer = visitor.calls("GET", "/api/v1/key", &other, None, None);
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer"));
    }
}

/// The security administrator makes a key on the console, sees it once, and ends it.
#[test]
fn a_key_is_made_and_ended_on_the_console() {
    let house = House::sqlite().expect("a house");
    let mut warden = house.browser("warden");
    assert_eq!(warden.get("/console/keys").status, 200);
    let lacking = [("label", "考试机"), ("office", INSTITUTION), ("days", "30")];
    assert_eq!(warden.post("/console/keys", &lacking).status, 422);
    let fields = [
        ("label", "考试机"),
        ("office", INSTITUTION),
        ("days", "30"),
        ("role", "institution_clerk"),
    ];
    let made = warden.post("/console/keys", &fields);
    let key = made
        .between("<code class=\"once\">", "</code>")
        .expect("the key");
    let key = key.to_owned();
    assert!(!warden.get("/console/keys").text.contains(&key));
    let mut machine = house.visitor();
    let told = machine.calls("GET", "/api/v1/key", &key, None, None);
    assert_eq!(read(&told)["label"], "考试机");
    // A key of a program is no key of the query, and the other way round.
    assert_eq!(machine.asks_by_key(&key, &json!({})).status, 401);
    let number = key.split('_').nth(1).expect("its number").to_owned();
    assert!(warden.get("/console/keys").text.contains(&number));
    assert_eq!(
        warden.post("/console/keys", &[("end", &number)]).status,
        303
    );
    let told = machine.calls("GET", "/api/v1/key", &key, None, None);
    assert_eq!(told.status, 401);
    let mut auditor = house.browser("auditor");
    let page = auditor.get("/console/keys").text;
    assert!(page.contains(&number) && !page.contains("name=\"end\""));
    house.close();
}
