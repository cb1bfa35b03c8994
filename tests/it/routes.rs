//! Every line of the table of addresses, called by everybody: exactly those it names get through.

use domain::office::Role;
use kecha::{
    node::Node,
    web::{
        App, nav,
        routes::{Row, Who, demonstration, table},
    },
};

use crate::{
    house::{AUTHORITY, House, INSTITUTION},
    people::{Answer, Browser},
};

/// One officer of each role that a person can hold.
const EACH: [(&str, Role); 10] = [
    ("clerk", Role::InstitutionClerk),
    ("lead", Role::InstitutionLead),
    ("one", Role::Assessor),
    ("desk", Role::AcceptanceOfficer),
    ("first", Role::Reviewer),
    ("second", Role::Approver),
    ("maker", Role::Issuer),
    ("keeper", Role::SystemAdmin),
    ("warden", Role::SecurityAdmin),
    ("auditor", Role::AuditAdmin),
];

/// What an address answered, seen from the door.
#[derive(Debug, PartialEq, Eq)]
enum Door {
    /// The handler answered, whatever it said.
    In,
    /// Sent to the sign-in.
    SignIn,
    /// Not for this role.
    Forbidden,
    /// The form was not one of ours.
    Forged,
    /// No key of an office was shown.
    NoKey,
}

fn door(answer: &Answer) -> Door {
    // Signing out ends at the sign-in, too, and takes the cookie away.
    let signed_out = answer.header("set-cookie").starts_with("kecha=;");
    match answer.status {
        303 if answer.location() == "/login" && !signed_out => Door::SignIn,
        403 if answer.text.contains("没有办理这一项的权限") => Door::Forbidden,
        401 if answer.text.contains("office_key_unknown") => Door::NoKey,
        403 if answer.text.contains("不是从本站页面提交的") => Door::Forged,
        _ => Door::In,
    }
}

/// An address with something in the place of its parameters.
fn path(row: &Row) -> String {
    row.path
        .replace("{id}", "000000000000")
        .replace("{file}", "kecha.css")
        .replace("{code}", "zh-CN")
}

fn call(browser: &mut Browser, row: &Row, token: Option<&str>) -> Door {
    let answer = match row.method {
        "GET" => browser.get(&path(row)),
        "POST" => browser.post_with(&path(row), &[], token),
        other => panic!("{other} {}: no such method here", row.path),
    };
    assert_ne!(answer.status, 500, "{} {}", row.method, row.path);
    assert_ne!(answer.status, 405, "{} {}", row.method, row.path);
    door(&answer)
}

fn expected(who: Who, role: Option<Role>) -> Door {
    match (who, role) {
        (Who::Public | Who::Program, _) | (Who::Staff | Who::Entering, Some(_)) => Door::In,
        (Who::Only(roles), Some(role)) if roles.contains(&role) => Door::In,
        // A cookie is no key.
        (Who::Key(_), _) => Door::NoKey,
        (Who::Only(_), Some(_)) => Door::Forbidden,
        (Who::Staff | Who::Entering | Who::Only(_), None) => Door::SignIn,
    }
}

/// Calls every line as one person. Signing out comes last.
fn walk(browser: &mut Browser, role: Option<Role>) {
    let table = table();
    let (last, first): (Vec<&Row>, Vec<&Row>) =
        table.rows().iter().partition(|row| row.path == "/logout");
    for row in first.into_iter().chain(last) {
        let token = browser.token.clone().expect("a page with a form");
        if row.method == "POST" && !matches!(row.who, Who::Program | Who::Key(_)) {
            for forged in [None, Some(""), Some("AAAA")] {
                let got = call(browser, row, forged);
                assert_eq!(got, Door::Forged, "{} as {role:?}", row.path);
            }
        }
        let got = call(browser, row, Some(&token));
        let want = expected(row.who, role);
        assert_eq!(got, want, "{} {} as {role:?}", row.method, row.path);
    }
}

/// The pages that the navigation leads to, and the one it says this page is.
fn navigation(page: &str) -> (Vec<String>, Vec<String>) {
    let nav = page.split("<nav").nth(1).unwrap_or_default();
    let nav = nav.split("</nav>").next().unwrap_or_default();
    let links = nav.split("<a href=\"").skip(1);
    let links = links.filter(|link| link.starts_with("/console"));
    let path = |link: &str| link.split('"').next().unwrap_or_default().to_owned();
    let here = links
        .clone()
        .filter(|l| l.contains("aria-current=\"page\""));
    (links.clone().map(path).collect(), here.map(path).collect())
}

/// The navigation of each role leads to pages that open for it, and each of them says which it is.
#[test]
fn the_navigation_leads_only_where_the_role_may_go() {
    let house = House::sqlite().expect("a house");
    for (login, role) in EACH {
        let mut browser = house.browser(login);
        let (led, _) = navigation(&browser.get("/console").text);
        assert!(led.len() > 3, "{role:?}: {led:?}");
        for path in &led {
            let answer = browser.get(path);
            assert_eq!(answer.status, 200, "{path} as {role:?}");
            assert_eq!(navigation(&answer.text), (led.clone(), vec![path.clone()]));
        }
        let rows = table();
        let open = rows.rows().iter().filter(|row| {
            let begins = nav::GROUPS.iter().flat_map(|(_, entries)| *entries);
            row.method == "GET" && begins.clone().any(|(path, _)| *path == row.path)
        });
        let may = open.filter(|row| expected(row.who, Some(role)) == Door::In);
        assert_eq!(may.count(), led.len(), "{role:?}: {led:?}");
    }
    house.close();
}

#[test]
fn exactly_those_whom_a_line_names_get_through() {
    let house = House::sqlite().expect("a house");
    let mut visitor = house.visitor().wanders();
    visitor.get("/login");
    walk(&mut visitor, None);
    for (login, role) in EACH {
        walk(&mut house.browser(login).wanders(), Some(role));
    }
    house.close();
}

/// Every line of the table, called by a program of each role that one can hold: the lines for keys
/// let exactly the named roles in, and a key is no cookie anywhere else.
#[test]
fn a_key_opens_the_lines_of_its_roles_and_no_other() {
    let house = House::sqlite().expect("a house");
    for (office, role) in [
        (INSTITUTION, Role::InstitutionClerk),
        (AUTHORITY, Role::AcceptanceOfficer),
    ] {
        let key = house.office_key(office, &[role]);
        let mut program = house.visitor();
        for row in table().rows() {
            let body = (row.method == "POST").then_some("{}");
            let name = format!("{} {}", row.method, row.path);
            let answer = program.calls(row.method, &path(row), &key, Some(&name), body);
            assert_ne!(answer.status, 500, "{name} as {role:?}");
            let got = door(&answer);
            match row.who {
                Who::Key(roles) if roles.contains(&role) => assert_eq!(got, Door::In, "{name}"),
                Who::Key(_) => {
                    assert_eq!(got, Door::Forbidden, "{name}");
                    assert!(
                        answer.text.contains("\"code\":\"forbidden\""),
                        "{}",
                        answer.text
                    );
                }
                Who::Staff | Who::Entering | Who::Only(_) => {
                    assert!(
                        [Door::SignIn, Door::Forged].contains(&got),
                        "{name}: {got:?}"
                    );
                }
                Who::Public | Who::Program => {}
            }
        }
    }
    house.close();
}

#[test]
fn another_browsers_token_is_forged() {
    let house = House::sqlite().expect("a house");
    let (mut mine, theirs) = (house.browser("desk"), house.browser("desk"));
    let answer = mine.post_with("/console/cases", &[], theirs.token.as_deref());
    assert_eq!(door(&answer), Door::Forged);
    let mut nobody = house.visitor();
    let answer = nobody.post_with("/console/cases", &[], mine.token.as_deref());
    assert_eq!(door(&answer), Door::Forged);
    house.close();
}

#[test]
fn what_is_in_no_line_is_not_found() {
    let house = House::sqlite().expect("a house");
    let mut browser = house.browser("clerk");
    for path in [
        "/console/nothing",
        "/api/v1/nothing",
        "/static/nothing",
        "/query/",
    ] {
        assert_eq!(browser.get(path).status, 404, "{path}");
    }
    for path in ["/logout", "/console/import/take"] {
        assert_eq!(browser.get(path).status, 404, "GET {path}");
    }
    house.close();
}

#[test]
fn every_role_is_walked_and_every_line_is_its_own() {
    let mut lines: Vec<_> = table().rows().iter().map(|r| (r.method, r.path)).collect();
    let all = lines.len();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), all);
    assert_eq!(EACH.map(|(_, role)| role), Role::ALL);
}

/// The demonstration's clock can be moved on; an office's node has no such address.
#[test]
fn only_a_demonstration_has_a_clock_to_move() {
    let lines: Vec<_> = demonstration().rows().iter().map(|r| r.path).collect();
    assert_eq!(lines, ["/demo/clock"]);
    let house = House::sqlite().expect("a house");
    let mut visitor = house.visitor();
    let page = visitor.get("/query");
    assert!(!page.text.contains("/demo/clock"));
    assert_eq!(visitor.post("/demo/clock", &[("to", "hour")]).status, 404);
    house.close();

    let folder = tempfile::tempdir().expect("a folder");
    let node = Node::init_demo(folder.path(), None).expect("made");
    let app = App::new(node, Vec::new(), None).expect("it serves");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
    let listener = listener.expect("a port");
    let address = listener.local_addr().expect("a port");
    let service = app.router();
    let service = service.into_make_service_with_connect_info::<std::net::SocketAddr>();
    runtime.spawn(async move { axum::serve(listener, service).await });
    let mut visitor = Browser::new(address);
    let page = visitor.get("/query");
    assert!(
        page.text.contains("action=\"/demo/clock\""),
        "{}",
        page.text
    );
    let before = kecha::clock::now();
    for forged in [None, Some("AAAA")] {
        let answer = visitor.post_with("/demo/clock", &[("to", "day")], forged);
        assert_eq!(door(&answer), Door::Forged);
    }
    for nothing in ["", "91", "year"] {
        let answer = visitor.post("/demo/clock", &[("to", nothing)]);
        assert_eq!(answer.status, 404, "{nothing}");
        visitor.get("/query");
    }
    // The clock of a demonstration is that of the whole process: here nobody moves it.
    let passed = kecha::clock::now().duration_since(before);
    assert!(passed.as_secs() < 600, "{passed}");
}
