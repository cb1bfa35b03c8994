//! Inquiries over HTTP: asked by a visitor, answered in the console, followed by the visitor; and
//! what nobody learns from them. Each on both databases.

mod program;

use domain::{
    inquiry::{Passcode, Reference, Subject, Words},
    office::{Office, OfficeKind, Role},
    refusal::Refusal,
};
use jiff::{ToSpan, civil::Date};
use kecha::{
    clock,
    registry::{self, Account, Inquiring, Officer},
};

use crate::{
    house::{AUTHORITY, House, PASSWORD, noon, on_both},
    office::{Person, WELDING, sheet},
    people::{Answer, Browser},
};

const WORDS: &str = "考完很久了，为什么还查不到？";

/// The open challenge on a page, and what is seen in its picture.
fn captcha(house: &House, page: &Answer) -> (String, String) {
    let challenge = page.between("name=\"captcha_id\" value=\"", "\"");
    let challenge = challenge.expect("a challenge").to_owned();
    let seen = house.app.captchas.peek(&challenge);
    (challenge, seen.expect("an open challenge"))
}

/// Asks for a person at the query page.
fn queries(house: &House, browser: &mut Browser, person: &Person) -> Answer {
    let page = browser.get("/query");
    let (challenge, seen) = captcha(house, &page);
    let form = [
        ("category", "special_operation"),
        ("doc_type", "resident_id"),
        ("doc_number", person.number.as_str()),
        ("name", person.name.as_str()),
        ("ticket", ""),
        ("captcha_id", challenge.as_str()),
        ("captcha", seen.as_str()),
    ];
    let answer = browser.post("/query", &form);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// Fills in the form of a page, with whatever the answer handed on, and sends it.
fn asks(house: &House, browser: &mut Browser, page: &Answer, more: &[(&str, &str)]) -> Answer {
    let (challenge, seen) = captcha(house, page);
    let attached = page.between("name=\"attached\" value=\"", "\"");
    let mut form = vec![
        ("attached", attached.unwrap_or_default()),
        ("captcha_id", challenge.as_str()),
        ("captcha", seen.as_str()),
    ];
    form.extend(more);
    browser.post("/inquiry", &form)
}

/// The two numbers of the page that says it was received.
fn numbers(done: &Answer) -> (String, String) {
    assert_eq!(done.status, 200, "{}", done.text);
    let reference = done.between("id=\"reference\">", "<").expect("a reference");
    let passcode = done.between("id=\"passcode\">", "<").expect("a passcode");
    (reference.to_owned(), passcode.to_owned())
}

fn follows(browser: &mut Browser, reference: &str, passcode: &str) -> Answer {
    browser.get("/inquiry/follow");
    let form = [("reference", reference), ("passcode", passcode)];
    browser.post("/inquiry/follow", &form)
}

/// A second authority with its acceptance officer `elsewhere`.
pub fn another_authority(house: &House) {
    let office = Office {
        code: "9902".into(),
        name: "第九八市应急管理局".to_owned(),
        kind: OfficeKind::Authority,
        telephone: "12350".to_owned(),
        reports_to: None,
        authorisation: None,
        suspended: None,
        past: domain::office::Past::default(),
    };
    let keeper = house.officer("keeper");
    let at = noon(jiff::civil::date(2020, 1, 3));
    house
        .registry()
        .enter_office(office, &keeper, at)
        .expect("an office");
    let officer = Officer {
        login: "elsewhere".to_owned(),
        name: "officer elsewhere".to_owned(),
        office: "9902".into(),
        roles: vec![Role::AcceptanceOfficer],
    };
    let account = Account {
        officer,
        password: PASSWORD,
    };
    house.registry().open_account(&account).expect("an account");
}

fn today() -> Date {
    clock::today()
}

/// A question that nobody typed.
fn question(subject: Subject, words: &str) -> Inquiring {
    Inquiring {
        to: Some(AUTHORITY.into()),
        subject,
        words: Words::parse(words).expect("words"),
        contact: None,
        whom: None,
        ticket: None,
        case: None,
        institution: None,
        exam_day: None,
    }
}

/// Addresses of the inquiries on a list page.
fn listed(page: &Answer) -> Vec<String> {
    let parts = page.text.split("href=\"/console/inquiries/").skip(1);
    parts
        .filter_map(|p| p.split('"').next())
        .map(|id| format!("/console/inquiries/{id}"))
        .collect()
}

on_both! {
    /// From the answer of a running case to the settled inquiry.
    fn asked_answered_asked_back_and_settled(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(today()));
        let line = wang.line(WELDING, "初领", today(), "90", "90");
        day.imports(&sheet(&[line]), false);
        let case = day.case(&wang, "examined").id.to_string();
        let mut visitor = house.visitor();
        let answer = queries(house, &mut visitor, &wang);
        let attached = answer.between("name=\"attached\" value=\"", "\"").expect("handed on");
        assert!(!answer.text.contains("action=\"/inquiry?"), "nothing in an address");
        let page = visitor.post("/inquiry/about", &[("attached", attached), ("subject", "delay")]);
        assert!(page.text.contains("已附上您刚才查询到的办件"), "{}", page.text);
        assert!(!page.text.contains(&wang.number), "the number is masked");
        let done = asks(house, &mut visitor, &page, &[("subject", "delay"), ("words", WORDS)]);
        let (reference, passcode) = numbers(&done);

        // The reference alone: state and dates, no words.
        let seen = follows(&mut visitor, &reference, "");
        assert!(seen.text.contains("等待答复") && !seen.text.contains(WORDS), "{}", seen.text);
        let seen = follows(&mut house.visitor(), &reference.to_lowercase(), &passcode);
        assert!(seen.text.contains(WORDS), "{}", seen.text);
        assert!(!seen.text.contains("action=\"/inquiry/again\""), "there is nothing to ask back");

        // The authority sees it, with the case, and answers.
        let mut desk = house.browser("desk");
        assert!(desk.get("/console").text.contains("1 件待答复"));
        let list = desk.get("/console/inquiries");
        assert!(list.text.contains(&reference) && !list.text.contains("已超期"));
        let one = listed(&list).remove(0);
        let file = desk.get(&one);
        for part in [WORDS, &wang.number, &wang.name, &case, "提问人"] {
            assert!(file.text.contains(part), "{part} is not in {}", file.text);
        }
        let id = one.rsplit('/').next().expect("a number");
        let form = [("inquiry", id), ("command", "answer"), ("answer", "材料已报送，请等待。")];
        let sent = desk.post("/console/inquiries", &form);
        assert_eq!((sent.status, sent.location()), (303, "/console/inquiries"));
        let again = desk.post("/console/inquiries", &form);
        assert_eq!(again.status, 422, "it is answered: {}", again.text);
        assert_eq!(listed(&desk.get("/console/inquiries")), Vec::<String>::new());
        assert_eq!(listed(&desk.get("/console/inquiries?done=1")), std::slice::from_ref(&one));

        // The asker reads it and asks back, once.
        let seen = follows(&mut visitor, &reference, &passcode);
        assert!(seen.text.contains("材料已报送") && !seen.text.contains("desk"), "{}", seen.text);
        let back = |browser: &mut Browser| {
            let form = [
                ("reference", reference.as_str()),
                ("passcode", passcode.as_str()),
                ("words", "等到哪一天？"),
            ];
            browser.post("/inquiry/again", &form)
        };
        let seen = back(&mut visitor);
        assert!(seen.text.contains("已追问") && seen.text.contains("等到哪一天"), "{}", seen.text);
        assert_eq!(back(&mut visitor).status, 409);
        let form = [("inquiry", id), ("command", "answer"), ("answer", "下周五之前。")];
        assert_eq!(desk.post("/console/inquiries", &form).status, 303);
        let seen = follows(&mut visitor, &reference, &passcode);
        for part in [WORDS, "材料已报送", "等到哪一天", "下周五之前", "办结"] {
            assert!(seen.text.contains(part), "{part} is not in {}", seen.text);
        }
        assert_eq!(back(&mut visitor).status, 409);
    }

    /// It lies with one authority; to every other it does not exist until it is passed on.
    fn another_authority_may_not_answer(house: &House) {
        another_authority(house);
        let registry = house.registry();
        let asked = question(Subject::Other, WORDS);
        let taken = registry.inquire(&asked, clock::now()).expect("asked");
        let mut desk = house.browser("desk");
        let one = listed(&desk.get("/console/inquiries")).remove(0);
        let id = one.rsplit('/').next().expect("a number").to_owned();
        let mut other = house.browser("elsewhere");
        assert_eq!(listed(&other.get("/console/inquiries")), Vec::<String>::new());
        assert_eq!(other.get(&one).status, 404);
        let answer = [("inquiry", id.as_str()), ("command", "answer"), ("answer", "不关我事")];
        assert_eq!(other.post("/console/inquiries", &answer).status, 404);
        let forward = |to| {
            let id = id.as_str();
            [("inquiry", id), ("command", "forward"), ("to", to), ("reason", "归你们管")]
        };
        for (to, refusal) in [
            ("9911", Refusal::RoleOfAnotherOffice),
            ("1111", Refusal::Unknown),
            (AUTHORITY, Refusal::AlreadyThisOffice),
        ] {
            let told = desk.post("/console/inquiries", &forward(to));
            let key = format!("refusal-{}", refusal.code().replace('_', "-"));
            let sentence = house.app.sentences(kecha::web::lang::Code::Zh).say(&key);
            assert_eq!(told.status, 422);
            assert!(told.text.contains(&sentence), "{to}: {}", told.text);
        }
        assert_eq!(desk.post("/console/inquiries", &forward("9902")).status, 303);
        assert_eq!(desk.get(&one).status, 404);
        assert_eq!(other.get(&one).status, 200);
        assert_eq!(other.post("/console/inquiries", &answer).status, 303);
        let tracked = registry.track(taken.reference, taken.passcode).expect("asked");
        let tracked = tracked.expect("an inquiry");
        let steps: Vec<_> = tracked.steps().iter().map(|s| (s.what, s.office.as_str())).collect();
        let wanted = [
            ("inquiry_asked", AUTHORITY),
            ("inquiry_forwarded", "9902"),
            ("inquiry_answered", "9902"),
        ];
        assert_eq!(steps, wanted);
        // Who does not answer inquiries does not read them.
        for login in ["first", "clerk", "auditor"] {
            assert_eq!(house.browser(login).get("/console/inquiries").status, 403, "{login}");
            let listed = registry.inquiries(&house.officer(login), true, 9, today());
            let refused = matches!(listed, Err(registry::Error::Refused(Refusal::RoleNotAllowed)));
            assert!(refused, "{login}");
        }
    }

    /// A wrong passcode opens nothing, and ten of them close the reference.
    fn a_passcode_cannot_be_tried_out(house: &House) {
        let asked = question(Subject::Other, WORDS);
        let taken = house.registry().inquire(&asked, clock::now()).expect("asked");
        let (reference, passcode) = (taken.reference.spelled(), taken.passcode.expect("new"));
        let mut visitor = house.visitor();
        let unknown = follows(&mut visitor, &Reference::from_raw(9).spelled(), "");
        assert_eq!(unknown.status, 404, "{}", unknown.text);
        let slip = if reference.starts_with('A') { "B" } else { "A" };
        for typed in ["", "ABCD", &format!("{slip}{}", &reference[1..])] {
            let slip = follows(&mut visitor, typed, "");
            assert_eq!(slip.status, 422, "{}", slip.text);
        }
        assert_eq!(follows(&mut visitor, &reference, "ABCDEFGHI").status, 422);
        for n in 0..10 {
            let wrong = follows(&mut visitor, &reference, &Passcode::from_raw(n).spelled());
            assert_eq!(wrong.status, 403, "{}", wrong.text);
            assert!(!wrong.text.contains(WORDS) && !wrong.text.contains("等待答复"));
        }
        let wrong = follows(&mut visitor, &reference, &Passcode::from_raw(11).spelled());
        assert_eq!(wrong.status, 429);
        // Closed for the right one, too; the state is still told.
        assert_eq!(follows(&mut visitor, &reference, &passcode.spelled()).status, 429);
        assert_eq!(follows(&mut visitor, &reference, "").status, 200);
    }

    /// The page says the same of somebody who is in the register and of somebody who is not.
    fn nobody_learns_who_is_known_here(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(today()));
        let line = wang.line(WELDING, "初领", today(), "90", "90");
        day.imports(&sheet(&[line]), false);
        let ticket = day.case(&wang, "examined").registration.ticket;
        let nobody = Person::new("王二", 2);
        let told = |person: &Person, ticket: &str| {
            let mut visitor = house.visitor();
            let page = visitor.get("/inquiry");
            let done = asks(house, &mut visitor, &page, &[
                ("subject", "details"),
                ("words", WORDS),
                ("to", AUTHORITY),
                ("doc_type", "resident_id"),
                ("doc_number", &person.number),
                ("name", &person.name),
                ("ticket", ticket),
            ]);
            let (reference, passcode) = numbers(&done);
            done.text.replace(&reference, "").replace(&passcode, "")
        };
        assert_eq!(told(&wang, &ticket), told(&nobody, "99999999"));
        // A case that is not here is left out without a word.
        let mut asked = question(Subject::Other, "另一个问题");
        asked.case = Some(domain::record::RecordId::from_raw(5));
        house.registry().inquire(&asked, clock::now()).expect("asked");
        // Of the two that name somebody, the desk sees the case of the one who has one.
        let mut desk = house.browser("desk");
        let pages: Vec<_> = listed(&desk.get("/console/inquiries"))
            .iter()
            .map(|one| desk.get(one).text.contains("/console/cases/"))
            .collect();
        assert_eq!(pages.len(), 3);
        assert_eq!(pages.iter().filter(|has| **has).count(), 1);
    }

    /// The same person asking the same again gets the same reference, and no second passcode.
    fn the_same_again_is_one_inquiry(house: &House) {
        let zhao = Person::new("赵三", 3);
        let mut visitor = house.visitor();
        let mut ask = |words: &str, contact: &str| {
            let page = visitor.get("/inquiry");
            asks(house, &mut visitor, &page, &[
                ("subject", "delay"),
                ("words", words),
                ("to", AUTHORITY),
                ("contact", contact),
                ("doc_type", "resident_id"),
                ("doc_number", &zhao.number),
                ("name", &zhao.name),
            ])
        };
        let (reference, _) = numbers(&ask(WORDS, "000-1"));
        let same = ask("再问一次", "000-1");
        assert!(same.text.contains(&reference), "{}", same.text);
        assert!(same.text.contains("您已提过同样的异议") && !same.text.contains("id=\"passcode\""));
        // Somebody else who asks about the same person learns nothing of it.
        let (other, _) = numbers(&ask(WORDS, "000-2"));
        assert_ne!(other, reference);
        for n in 3..5 {
            numbers(&ask(WORDS, &format!("000-{n}")));
        }
        let many = ask(WORDS, "000-6");
        assert_eq!(many.status, 429, "{}", many.text);
        assert!(many.text.contains("关于此人的异议今天太多了"));
    }

    /// What is wrong is told beside its field, and nothing is taken.
    fn a_slip_is_told_beside_its_field(house: &House) {
        let mut visitor = house.visitor();
        let long = "字".repeat(1001);
        let fine = [("subject", "delay"), ("words", WORDS), ("to", AUTHORITY)];
        for (field, value, sentence) in [
            ("subject", "nothing", "请选择事项"),
            ("words", " ", "请填写内容"),
            ("words", long.as_str(), "内容太长"),
            ("words", "a\u{202e}b", "看不见的控制字符"),
            ("contact", "a\nb", "看不见的控制字符"),
            ("to", "9911", "请从列表中选择机构"),
            ("institution", "9901", "请从列表中选择机构"),
            ("exam_day", "2999-01-01", "这个考试日期不能用"),
            ("doc_number", "123", "证件号码的位数不对"),
            ("ticket", "a\u{0}b", "看不见的控制字符"),
        ] {
            let page = visitor.get("/inquiry");
            let mut form: Vec<_> = fine.into_iter().filter(|(f, _)| *f != field).collect();
            form.extend([(field, value), ("doc_type", "resident_id")]);
            let told = asks(house, &mut visitor, &page, &form);
            assert_eq!(told.status, 422, "{field} {value}");
            assert!(told.text.contains(sentence), "{field}: {}", told.text);
            assert!(told.text.contains(&format!("href=\"#{field}\"")), "{field}");
        }
        // The picture is used up by a wrong try, and the form keeps what was typed.
        let page = visitor.get("/inquiry");
        let (challenge, _) = captcha(house, &page);
        let mut form = fine.to_vec();
        form.extend([("captcha_id", challenge.as_str()), ("captcha", "wrong")]);
        let told = visitor.post("/inquiry", &form);
        assert_eq!(told.status, 403);
        assert!(told.text.contains(WORDS));
        let desk = house.officer("desk");
        let none = house.registry().inquiries(&desk, true, 9, today()).expect("a list");
        assert!(none.is_empty());
    }

    /// What an answer hands on is for the browser that got the answer.
    fn another_browser_cannot_use_what_was_handed_on(house: &House) {
        let (wang, day) = (Person::new("王一", 1), house.on(today()));
        let line = wang.line(WELDING, "初领", today(), "90", "90");
        day.imports(&sheet(&[line]), false);
        let answer = queries(house, &mut house.visitor(), &wang);
        let attached = answer.between("name=\"attached\" value=\"", "\"").expect("handed on");
        let mut other = house.visitor();
        other.get("/inquiry");
        for value in [attached, "AAAA", "not base64!"] {
            let form = [("attached", value), ("subject", "delay")];
            let page = other.post("/inquiry/about", &form);
            assert_eq!(page.status, 200);
            assert!(page.text.contains("刚才的查询已经过期"), "{}", page.text);
            assert!(!page.text.contains("已附上"));
        }
    }

    /// Five working days, then it is overdue; the first due comes first.
    fn the_first_due_comes_first(house: &House) {
        let registry = house.registry();
        let long_ago = today().saturating_sub(40.days());
        for (on, subject) in [(today(), Subject::Other), (long_ago, Subject::Delay)] {
            registry.inquire(&question(subject, WORDS), noon(on)).expect("asked");
        }
        let desk = house.officer("desk");
        let lines = registry.inquiries(&desk, true, 9, today()).expect("a list");
        let told: Vec<_> = lines.iter().map(|l| (l.inquiry.asked, l.overdue)).collect();
        assert_eq!(told, [(long_ago, true), (today(), false)]);
        let due = registry.calendar().add_workdays(long_ago, 5).date;
        assert_eq!(lines[0].due.map(|(day, _)| day), Some(due));
        let last = registry.inquiries(&desk, true, 9, due).expect("a list");
        assert!(!last[0].overdue, "the last day still counts");
        assert_eq!(registry.inquiry_counts(&AUTHORITY.into(), today()).expect("counted"), (2, 1));
        let mut browser = house.browser("desk");
        assert!(browser.get("/console").text.contains("其中 1 件超期"));
        assert!(browser.get("/console/inquiries").text.contains("已超期"));
    }
}
