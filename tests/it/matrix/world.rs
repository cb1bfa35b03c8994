//! What the matrix is played on: a house with the offices of three others beside its own, and one
//! record of every kind at each of them.

use std::io::Cursor;

use domain::{
    eligibility::Schooling,
    event::legal_day,
    inquiry::{Subject, Words},
    material::MaterialKind,
    name::Name,
    office::{Authorisation, Office, OfficeKind, Past, Role},
    person::{Person as Holder, Sex},
    verdict::Kind,
};
use jiff::{ToSpan, civil::date};
use kecha::{
    clock, intake,
    registry::{
        self, AskedSeat, Command, Filter, Inquiring, NewMaterial, Officer, Opening, Planned,
        Registry,
    },
    tasks,
};

use crate::{
    house::{AUTHORITY, House, INSTITUTION, noon},
    office::{Person, WELDING, sheet},
    people::Browser,
};

/// What an address or a form names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// No record.
    Nothing,
    /// What its asker has the secret of, or what everybody may see.
    Open,
    /// A record of the node, which is the same for everybody with the role.
    Node,
    Case,
    Session,
    Certificate,
    Run,
    Task,
    Takeover,
    Inquiry,
    Upload,
    Account,
    /// A program's key.
    Key,
    /// A person, by the document number.
    Number,
}

/// A record, and the offices that have to do with it.
#[derive(Clone, Debug)]
pub struct Object {
    pub what: What,
    pub id: String,
    pub offices: Vec<&'static str>,
    /// Where it is.
    pub place: &'static str,
    /// Of a session: a case that has a seat in it, and a sheet that waits for its clerk.
    pub beside: [String; 2],
}

impl Object {
    /// Whether an officer of that office has nothing to do with it.
    pub fn is_foreign(&self, office: &str) -> bool {
        !self.offices.contains(&office)
    }
}

/// An institution and the authority that it works for.
struct Place {
    name: &'static str,
    institution: &'static str,
    authority: &'static str,
    serial: u16,
}

const fn place(
    name: &'static str,
    [institution, authority]: [&'static str; 2],
    serial: u16,
) -> Place {
    Place {
        name,
        institution,
        authority,
        serial,
    }
}

const PLACES: [Place; 3] = [
    place("the own office", [INSTITUTION, AUTHORITY], 10),
    place(
        "another institution of the same authority",
        ["9912", AUTHORITY],
        20,
    ),
    place("another authority of the province", ["9913", "9902"], 30),
];

/// Who is there beside the officers of the house: the security administrator of one authority. The
/// audit administrator looks at every account, wherever he sits.
pub const LOCAL: [(&str, Role); 1] = [("local", Role::SecurityAdmin)];

const OF_INSTITUTION: [(&str, Role); 4] = [
    ("clerk", Role::InstitutionClerk),
    ("lead", Role::InstitutionLead),
    ("one", Role::Assessor),
    ("two", Role::Assessor),
];
const OF_AUTHORITY: [(&str, Role); 5] = [
    ("desk", Role::AcceptanceOfficer),
    ("first", Role::Reviewer),
    ("second", Role::Approver),
    ("maker", Role::Issuer),
    ("guard", Role::SecurityAdmin),
];

/// A browser of any account, signed in without its telephone.
pub fn enter(house: &House, login: &str) -> Browser {
    let mut browser = house.visitor();
    let token = house.app.random_token();
    let digest = registry::digest(&token);
    let opened = house.registry().open_session(login, &digest, clock::now());
    opened.expect("signed in");
    browser.take(&token);
    browser.get("/console");
    browser
}

/// Every office with its people, and every record.
pub fn furnish(house: &House) -> Vec<Object> {
    for (login, role) in LOCAL {
        opens(house, login, AUTHORITY, role);
    }
    let mut objects = Vec::new();
    for place in &PLACES {
        settle(house, place);
        objects.extend(of_place(house, place));
    }
    objects
}

fn opens(house: &House, login: &str, office: &str, role: Role) {
    let officer = Officer {
        login: login.to_owned(),
        name: format!("officer {login}"),
        office: office.into(),
        roles: vec![role],
    };
    let (warden, at) = (house.officer("warden"), noon(date(2020, 1, 4)));
    let opened = house
        .registry()
        .register_account(&officer, Some(&warden), at);
    opened.expect("an account");
}

/// The offices that the house does not have, and their people.
fn settle(house: &House, place: &Place) {
    let registry = house.registry();
    let enter = |code: &str, kind, reports_to: Option<&str>| {
        if registry.office(&code.into()).is_some() {
            return false;
        }
        let examines = |_: &str| Authorisation {
            number: "〔2020〕1号".to_owned(),
            items: vec!["2.1".into()],
            from: date(2020, 1, 1),
            until: date(2039, 12, 31),
        };
        let office = Office {
            code: code.into(),
            name: format!("office {code}"),
            kind,
            telephone: "12350".to_owned(),
            reports_to: reports_to.map(Into::into),
            authorisation: reports_to.map(examines),
            suspended: None,
            past: Past::default(),
        };
        let keeper = house.officer("keeper");
        let entered = registry.enter_office(office, &keeper, noon(date(2020, 1, 3)));
        entered.expect("an office");
        true
    };
    if enter(place.authority, OfficeKind::Authority, None) {
        for (word, role) in OF_AUTHORITY {
            opens(
                house,
                &format!("{word}{}", place.authority),
                place.authority,
                role,
            );
        }
    } else if place.institution == INSTITUTION {
        opens(
            house,
            &format!("guard{AUTHORITY}"),
            AUTHORITY,
            Role::SecurityAdmin,
        );
    }
    let under = Some(place.authority);
    if enter(place.institution, OfficeKind::Institution, under) {
        for (word, role) in OF_INSTITUTION {
            opens(
                house,
                &format!("{word}{}", place.institution),
                place.institution,
                role,
            );
        }
    }
}

/// The officer of a place; the house's own have short names.
fn login(word: &str, office: &str) -> String {
    if [INSTITUTION, AUTHORITY].contains(&office) && word != "guard" {
        word.to_owned()
    } else {
        format!("{word}{office}")
    }
}

struct At<'h> {
    registry: &'h Registry,
    house: &'h House,
    place: &'h Place,
}

impl At<'_> {
    fn officer(&self, word: &str) -> Officer {
        let of_institution = OF_INSTITUTION.iter().any(|(w, _)| *w == word);
        let office = if of_institution {
            self.place.institution
        } else {
            self.place.authority
        };
        self.house.officer(&login(word, office))
    }

    fn does(&self, word: &str, command: &Command, case: domain::record::RecordId) {
        let by = self.officer(word);
        let done = self.registry.command(&[case], command, &by, clock::now());
        let done = done.expect("the register answers");
        assert!(done[0].state.is_ok(), "{word} {command:?}: {done:?}");
    }

    fn object(&self, what: What, id: impl ToString) -> Object {
        let place = self.place;
        let offices = match what {
            What::Certificate | What::Run | What::Takeover | What::Inquiry => {
                vec![place.authority]
            }
            What::Upload => vec![place.institution],
            // Those who keep the node see every account.
            What::Account | What::Key => vec![place.authority, "99"],
            _ => vec![place.institution, place.authority],
        };
        Object {
            what,
            id: id.to_string(),
            offices,
            place: place.name,
            beside: Default::default(),
        }
    }
}

/// How far the cases of a place have come.
const STEPS: [&str; 6] = [
    "examined", "passed", "reported", "accepted", "reviewed", "issued",
];

fn of_place(house: &House, place: &Place) -> Vec<Object> {
    let at = At {
        registry: house.registry(),
        house,
        place,
    };
    let (mut objects, now) = (cases(&at), clock::now());
    let clerk = at.officer("clerk");
    let planned = Planned {
        on: legal_day(now).saturating_add(3.days()),
        begins: "09:00".to_owned(),
        place: format!("room {}", place.institution),
        items: vec!["2.1".into()],
        invigilators: vec!["试监".to_owned()],
        assessors: ["one", "two"]
            .map(|w| (*at.officer(w).login).into())
            .to_vec(),
        seats: 5,
    };
    let session = at.registry.plan_session(&planned, &clerk, now);
    let session = session.expect("a session");
    let kept = at.registry.keep_upload(b"a sheet", &clerk, now);
    let upload = at.object(What::Upload, kept.expect("kept"));
    objects.push(Object {
        beside: [seated(&at, session), upload.id.clone()],
        ..at.object(What::Session, session)
    });
    objects.push(upload);
    objects.push(takeover(&at));
    for (word, office) in [("clerk", place.institution), ("desk", place.authority)] {
        let opening = Opening {
            kind: tasks::Kind::Report.word(),
            input: &[],
            of: 0,
        };
        let task = at.registry.open_task(&opening, &at.officer(word), now);
        objects.push(Object {
            offices: vec![office],
            ..at.object(What::Task, task.expect("a task"))
        });
    }
    let accounts = at.registry.all_accounts().expect("accounts");
    let guard = login("guard", place.authority);
    let account = accounts.iter().find(|a| a.login.as_str() == guard);
    objects.push(at.object(What::Account, account.expect("opened").id));
    house.office_key(place.authority, &[Role::AcceptanceOfficer]);
    let keys = at.registry.office_keys().expect("keys");
    let own = |k: &&registry::OfficeKey| k.officer.office.as_str() == place.authority;
    let key = keys.iter().find(own).expect("a key");
    objects.push(at.object(What::Key, &key.number));
    objects.push(inquiry(&at));
    objects
}

/// Who does what until a case is so far.
fn steps_to(state: &str, place: &Place) -> Vec<(&'static str, Command)> {
    let materials = Vec::new();
    let make = Command::Make {
        batch: format!("F{}", place.institution),
    };
    let mut steps = vec![
        ("lead", Command::Confirm),
        ("clerk", Command::Report { materials }),
        ("desk", Command::Accept),
        ("first", Command::Review),
        ("second", Command::Approve),
        ("maker", make),
        ("maker", Command::Issue),
    ];
    if state != "issued" {
        steps.truncate(STEPS.iter().position(|s| *s == state).unwrap_or(0));
    }
    steps
}

fn cases(at: &At<'_>) -> Vec<Object> {
    let (now, mut objects) = (clock::now(), Vec::new());
    let day = legal_day(now).saturating_sub(1.day());
    let people: Vec<_> = (0..)
        .zip(STEPS)
        .map(|(n, _)| Person::new("王一", at.place.serial * 10 + n))
        .collect();
    let lines: Vec<_> = people
        .iter()
        .map(|who| who.line(WELDING, "初领", day, "86", "91"))
        .collect();
    let clerk = at.officer("clerk");
    intake::take(at.registry, Cursor::new(sheet(&lines)), &clerk, now, false).expect("a sheet");
    let filter = Filter {
        states: vec!["examined".to_owned()],
        limit: 500,
        ..Filter::default()
    };
    let waiting = at
        .registry
        .cases(&clerk, &filter, legal_day(now))
        .expect("a queue");
    for (who, state) in people.iter().zip(STEPS) {
        let mut own = waiting.iter().map(|line| &line.case);
        let case = own.find(|c| c.registration.person.document == who.document());
        let id = case.expect("taken").id;
        for (word, command) in steps_to(state, at.place) {
            at.does(word, &command, id);
        }
        if state == "passed" {
            put_photo(at, id);
        }
        objects.push(at.object(What::Case, id));
        objects.push(at.object(What::Number, &who.number));
        if state == "issued" {
            let file = at
                .registry
                .case_file(&at.officer("desk"), id, legal_day(now));
            let certificate = file.expect("a case").case.state.certificate();
            objects.push(at.object(What::Certificate, certificate.expect("issued")));
            objects.push(at.object(What::Run, format!("F{}", at.place.institution)));
        }
    }
    // The file of the one that has materials comes first.
    objects.sort_by_key(|o| o.what != What::Case);
    objects.swap(0, 1);
    objects
}

/// Somebody who has a seat in the session.
fn seated(at: &At<'_>, session: domain::record::RecordId) -> String {
    let who = Person::new("王一", at.place.serial * 10 + 8);
    let asked = AskedSeat {
        person: Holder {
            name: Name::parse(&who.name).expect("a name"),
            sex: Sex::Male,
            document: who.document(),
        },
        item: "2.1".into(),
        kind: Kind::Initial,
        schooling: Some(Schooling::SeniorMiddle),
        healthy: true,
        ticket: None,
        appointment: None,
    };
    let clerk = at.officer("clerk");
    let told = at
        .registry
        .enrol(session, &[(2, asked)], true, &clerk, clock::now());
    let told = told.expect("an answer");
    told[0].seated.as_ref().expect("a seat").case.to_string()
}

fn put_photo(at: &At<'_>, case: domain::record::RecordId) {
    let material = NewMaterial {
        kind: MaterialKind::Photo,
        page: 1,
        bytes: b"a picture",
    };
    let clerk = at.officer("clerk");
    let put = at
        .registry
        .put_material(case, material, &clerk, clock::now());
    put.expect("put in");
}

fn takeover(at: &At<'_>) -> Object {
    let mut maker = enter(at.house, &at.officer("maker").login);
    maker.get("/console/takeover");
    let who = Person::new("李二", at.place.serial * 10 + 9);
    let list = format!(
        "姓名,性别,证件号码,操作项目,初领日期,有效期起,有效期止\n{},男,{},{WELDING},2024-01-01,\
         2024-01-01,2029-12-31\n",
        who.name, who.number
    );
    let answer = maker.upload("/console/takeover", list.as_bytes());
    assert_eq!(answer.status, 303, "{}", answer.text);
    let path = answer.location().to_owned();
    let columns = [
        "name",
        "sex",
        "doc_number",
        "item",
        "first_issued",
        "valid_from",
    ];
    let columns: Vec<_> = (0..)
        .zip(columns.into_iter().chain(["valid_until"]))
        .map(|(n, field): (u8, _)| (format!("column.{n}"), field))
        .collect();
    let columns: Vec<_> = columns
        .iter()
        .map(|(n, field)| (n.as_str(), *field))
        .collect();
    assert_eq!(maker.post(&format!("{path}/plan"), &columns).status, 303);
    tasks::finish_all(at.house.registry()).expect("the check ends");
    assert_eq!(maker.post(&format!("{path}/propose"), &[]).status, 303);
    at.object(What::Takeover, path.rsplit('/').next().unwrap_or_default())
}

fn inquiry(at: &At<'_>) -> Object {
    let asked = Inquiring {
        to: Some(at.place.authority.into()),
        subject: Subject::ALL[0],
        words: Words::parse(&format!("问题 {}", at.place.serial)).expect("words"),
        contact: None,
        whom: None,
        ticket: None,
        case: None,
        institution: None,
        exam_day: None,
    };
    at.registry.inquire(&asked, clock::now()).expect("taken in");
    let mut desk = enter(at.house, &at.officer("desk").login);
    let page = desk.get("/console/inquiries");
    let mut ids = page.text.split("/console/inquiries/").skip(1);
    let id = ids.find_map(|rest| {
        let id: String = rest
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        (id.len() == 12).then_some(id)
    });
    at.object(What::Inquiry, id.expect("an inquiry"))
}
