//! What each address names, and what its form sends: `@` is the record, of a session `#` is a case
//! that has a seat there and `+` a sheet that waits.

use super::world::What::{
    self, Account, Case, Certificate, Inquiry, Key, Node, Nothing, Number, Open, Run, Session,
    Takeover, Task, Upload,
};

/// Method, address, what it names, and the fields of its form.
pub type Line = (
    &'static str,
    &'static str,
    What,
    &'static [(&'static str, &'static str)],
);

/// A field of this name makes it a form with a file.
pub const FILE: &str = "sheet";
/// The field of this name is all of what a program sends.
pub const BODY: &str = "body";

const DOORS: &[Line] = &[
    ("GET", "/", Nothing, &[]),
    ("GET", "/query", Nothing, &[]),
    ("POST", "/query", Open, &[]),
    ("POST", "/query/narrow", Open, &[]),
    ("GET", "/when", Nothing, &[]),
    ("GET", "/inquiry", Nothing, &[]),
    ("POST", "/inquiry", Open, &[]),
    ("POST", "/inquiry/about", Open, &[]),
    ("GET", "/inquiry/follow", Nothing, &[]),
    ("POST", "/inquiry/follow", Open, &[]),
    ("POST", "/inquiry/again", Open, &[]),
    ("GET", "/captcha/{id}", Open, &[]),
    ("GET", "/login", Nothing, &[]),
    ("POST", "/login", Open, &[]),
    ("GET", "/login/code", Nothing, &[]),
    ("POST", "/login/code", Nothing, &[]),
    ("GET", "/login/factor", Nothing, &[]),
    ("POST", "/login/factor", Nothing, &[]),
    ("POST", "/logout", Nothing, &[]),
    ("GET", "/lang/{code}", Open, &[]),
    ("GET", "/healthz", Nothing, &[]),
    ("GET", "/static/{file}", Open, &[]),
    ("GET", "/log/checkpoint", Nothing, &[]),
    ("GET", "/log/cosigned", Nothing, &[]),
    ("GET", "/log/key", Nothing, &[]),
    ("GET", "/log/tile/{*path}", Open, &[]),
    ("GET", "/offices", Nothing, &[]),
    ("GET", "/feeds", Nothing, &[]),
    ("GET", "/api/v1/feeds", Nothing, &[]),
    ("GET", "/api/v1/estimate", Nothing, &[]),
    ("GET", "/when/record", Nothing, &[]),
    ("GET", "/api/v1/track-record", Nothing, &[]),
    ("GET", "/api/v1/captcha", Nothing, &[]),
    ("POST", "/api/v1/query", Open, &[]),
    ("POST", "/api/v1/inquiry", Open, &[]),
    ("POST", "/api/v1/inquiry/status", Open, &[]),
    ("POST", "/api/v1/inquiry/again", Open, &[]),
];

const DESKS: &[Line] = &[
    ("GET", "/console", Nothing, &[]),
    ("GET", "/console/bottlenecks", Nothing, &[]),
    ("GET", "/console/cases", Nothing, &[]),
    (
        "POST",
        "/console/cases",
        Case,
        &[
            ("command", "withhold"),
            ("withhold_code", "card_wrong"),
            ("case", "@"),
        ],
    ),
    (
        "POST",
        "/console/cases/confirm",
        Case,
        &[("command", "accept"), ("case", "@")],
    ),
    (
        "POST",
        "/console/cases/claim",
        Case,
        &[("back", "case"), ("case", "@")],
    ),
    ("GET", "/console/cases/sheet", Nothing, &[]),
    (
        "POST",
        "/console/cases/sheet",
        Case,
        &[("command", "accept"), ("check", "1"), (FILE, "办件号\n@\n")],
    ),
    ("POST", "/console/cases/export", Nothing, &[]),
    ("POST", "/console/views", Nothing, &[]),
    ("GET", "/console/search", Nothing, &[]),
    ("POST", "/console/search", Number, &[("sought", "@")]),
    ("GET", "/console/cases/{id}", Case, &[]),
    ("GET", "/console/import", Nothing, &[]),
    ("POST", "/console/import", Nothing, &[]),
    ("POST", "/console/import/take", Upload, &[("upload", "@")]),
    ("POST", "/console/import/marked", Upload, &[("upload", "@")]),
    // Whoever knows number and name learns from the public query what this form says.
    ("GET", "/console/reissue", Nothing, &[]),
    ("POST", "/console/reissue", Open, &[]),
    ("GET", "/console/inquiries", Nothing, &[]),
    (
        "POST",
        "/console/inquiries",
        Inquiry,
        &[("inquiry", "@"), ("command", "answer"), ("answer", "已查")],
    ),
    ("GET", "/console/inquiries/{id}", Inquiry, &[]),
    ("POST", "/console/inquiries/export", Nothing, &[]),
    ("POST", "/console/certificates/export", Nothing, &[]),
    ("GET", "/console/sessions", Nothing, &[]),
    ("POST", "/console/sessions", Nothing, &[]),
    ("GET", "/console/sessions/{id}", Session, &[]),
    (
        "POST",
        "/console/sessions/{id}/plan",
        Session,
        &[
            ("on", "2039-01-03"),
            ("begins", "09:00"),
            ("place", "x"),
            ("item", "2.1"),
            ("seats", "5"),
            ("reason", "改期"),
        ],
    ),
    (
        "POST",
        "/console/sessions/{id}/enrol",
        Session,
        &[
            ("doc_type", "resident_id"),
            ("doc_number", "1"),
            ("name", "王一"),
        ],
    ),
    ("POST", "/console/sessions/{id}/again", Session, &[]),
    (
        "POST",
        "/console/sessions/{id}/seat",
        Session,
        &[("case", "#"), ("reason", "改期")],
    ),
    (
        "POST",
        "/console/sessions/{id}/sheet",
        Session,
        &[(FILE, "姓名,证件号码,操作项目\n王一,1,无\n")],
    ),
    (
        "POST",
        "/console/sessions/{id}/sheet/take",
        Session,
        &[("upload", "+")],
    ),
    (
        "POST",
        "/console/sessions/{id}/theory",
        Session,
        &[(FILE, "准考证号,成绩,时间,机号\nX1,80,2026-11-20 09:00,1\n")],
    ),
    (
        "POST",
        "/console/sessions/{id}/assess",
        Session,
        &[("score-#", "80")],
    ),
    (
        "POST",
        "/console/sessions/{id}/resolve",
        Session,
        &[("score-#", "80"), ("reason", "录像")],
    ),
    ("POST", "/console/sessions/{id}/confirm", Session, &[]),
    ("GET", "/console/sessions/{id}/tickets.pdf", Session, &[]),
    (
        "POST",
        "/console/sessions/{id}/cancel",
        Session,
        &[("reason", "停电")],
    ),
    ("GET", "/console/cases/{id}/ticket.pdf", Case, &[]),
    ("POST", "/console/sessions/export", Nothing, &[]),
    ("GET", "/console/speed", Nothing, &[]),
    ("GET", "/console/tasks", Nothing, &[]),
    ("GET", "/console/tasks/{id}", Task, &[]),
    ("GET", "/console/tasks/{id}/result", Task, &[]),
    ("POST", "/console/tasks/{id}/stop", Task, &[]),
    ("GET", "/console/takeover", Nothing, &[]),
    ("POST", "/console/takeover", Nothing, &[]),
    ("GET", "/console/takeover/{id}", Takeover, &[]),
    (
        "POST",
        "/console/takeover/{id}/plan",
        Takeover,
        &[("column.0", "name")],
    ),
    ("POST", "/console/takeover/{id}/propose", Takeover, &[]),
    ("POST", "/console/takeover/{id}/release", Takeover, &[]),
    ("POST", "/console/takeover/{id}/take", Takeover, &[]),
    ("GET", "/console/takeover/{id}/differences", Takeover, &[]),
    (
        "POST",
        "/console/takeover/{id}/differences",
        Takeover,
        &[("keep", "ours"), ("reason", "x"), ("row", "2")],
    ),
    ("POST", "/console/takeover/{id}/settled", Takeover, &[]),
];

const CARDS: &[Line] = &[
    ("GET", "/console/runs", Nothing, &[]),
    ("POST", "/console/runs", Case, &[("case", "@")]),
    ("GET", "/console/cupboard", Nothing, &[]),
    ("GET", "/console/runs/{run}", Run, &[]),
    ("POST", "/console/runs/{run}/issue", Run, &[]),
    ("POST", "/console/runs/{run}/print", Run, &[]),
    (
        "POST",
        "/console/runs/{run}/spoil",
        Run,
        &[("reason", "污损"), ("line", "1")],
    ),
    (
        "POST",
        "/console/runs/{run}/deliver",
        Run,
        &[("to", "holder")],
    ),
    ("GET", "/console/runs/{run}/list.pdf", Run, &[]),
    ("GET", "/console/materials", Nothing, &[]),
    ("POST", "/console/materials", Nothing, &[]),
    ("POST", "/console/materials/report", Nothing, &[]),
    ("GET", "/console/cases/{id}/materials", Case, &[]),
    (
        "POST",
        "/console/cases/{id}/materials",
        Case,
        &[("kind", "photo"), ("page", "1"), (FILE, "no picture")],
    ),
    ("GET", "/console/cases/{id}/materials/{nr}", Case, &[]),
    (
        "POST",
        "/console/cases/{id}/answers",
        Case,
        &[("words_0", "x")],
    ),
    ("GET", "/console/second-lists", Nothing, &[]),
    ("GET", "/console/certificates", Nothing, &[]),
    ("GET", "/console/certificates/{id}", Certificate, &[]),
    (
        "POST",
        "/console/certificates/{id}/propose",
        Certificate,
        &[("command", "revoke"), ("ground_code", "none")],
    ),
    (
        "POST",
        "/console/certificates/{id}/correct",
        Certificate,
        &[
            ("doc_type", "resident_id"),
            ("doc_number", "1"),
            (FILE, "x"),
        ],
    ),
    (
        "POST",
        "/console/certificates/{id}/decide",
        Certificate,
        &[("command", "decide")],
    ),
    (
        "POST",
        "/console/certificates/{id}/decline",
        Certificate,
        &[("command", "decline"), ("reason", "x")],
    ),
    (
        "POST",
        "/console/certificates/{id}/change",
        Certificate,
        &[("command", "resume")],
    ),
    (
        "POST",
        "/console/certificates/{id}/take",
        Certificate,
        &[("command", "renewal"), ("institution", "9911")],
    ),
];

const KEEPERS: &[Line] = &[
    ("GET", "/console/me", Nothing, &[]),
    // It ends the own sessions alone: their names are found among the own.
    ("POST", "/console/me", Nothing, &[]),
    ("GET", "/console/accounts", Nothing, &[]),
    ("POST", "/console/accounts", Nothing, &[]),
    ("GET", "/console/accounts/{id}", Account, &[]),
    (
        "POST",
        "/console/accounts/{id}",
        Account,
        &[("command", "reset_factor")],
    ),
    ("POST", "/console/accounts/export", Nothing, &[]),
    ("GET", "/console/log-ins", Nothing, &[]),
    ("POST", "/console/log-ins/export", Nothing, &[]),
    ("GET", "/console/readings", Nothing, &[]),
    ("POST", "/console/readings/export", Nothing, &[]),
    ("GET", "/console/offices", Nothing, &[]),
    ("POST", "/console/offices", Node, &[]),
    ("POST", "/console/offices/export", Nothing, &[]),
    ("GET", "/console/offices/{code}", Node, &[]),
    ("POST", "/console/offices/{code}", Node, &[]),
    ("POST", "/console/feeds/export", Nothing, &[]),
    ("GET", "/console/feeds", Nothing, &[]),
    ("POST", "/console/feeds/resume", Node, &[]),
    ("POST", "/console/feeds/seen", Node, &[]),
    ("GET", "/console/provinces", Nothing, &[]),
    ("GET", "/console/packs", Nothing, &[]),
    ("POST", "/console/packs", Nothing, &[]),
    ("GET", "/console/packs/{id}", Node, &[]),
    ("POST", "/console/publications", Node, &[]),
    ("GET", "/console/announcements", Nothing, &[]),
    ("POST", "/console/announcements", Nothing, &[]),
];

/// Somebody who declared nothing: the law says no, once it is asked.
const CANDIDATES: &str = r#"{"candidates": [{"name": "王一", "doc_type": "resident_id",
  "doc_number": "99099919900105001X", "item": "2.1", "healthy": false}], "take_good": false}"#;

const SCORES: &str = r#"{"scores": [{"ticket": "X1", "score": 80, "at": "2026-11-20T01:35:00Z",
  "machine": "1"}]}"#;

/// A list of nothing: refused, once the case is found.
const RETURNS: &str = r#"{"command": "return", "cases": ["@"], "missing": [" "]}"#;

/// A grey picture of 120 by 120.
const COPY: &str = concat!(
    r#"{"kind": "id_copy", "picture": ""#,
    "iVBORw0KGgoAAAANSUhEUgAAAHgAAAB4CAAAAAAcD2kOAAAATUlEQVR42u3NAQkAAAwDoPVPtWiLcTha",
    "wPRIxGKxWCwWi8VisVgsFovFYrFYLBaLxWKxWCwWi8VisVgsFovFYrFYLBaLxWKxWCwWf4sHlvkyd45w",
    "5ckAAAAASUVORK5CYII=",
    r#""}"#
);

/// What programs call: `BODY` is the call's.
const PROGRAMS: &[Line] = &[
    ("GET", "/api", Nothing, &[]),
    ("GET", "/api/v1/openapi.json", Nothing, &[]),
    ("GET", "/api/v1/key", Nothing, &[]),
    ("GET", "/api/v1/sessions", Nothing, &[]),
    ("POST", "/api/v1/sessions", Nothing, &[]),
    ("GET", "/api/v1/sessions/{id}", Session, &[]),
    (
        "POST",
        "/api/v1/sessions/{id}/candidates",
        Session,
        &[(BODY, CANDIDATES)],
    ),
    (
        "POST",
        "/api/v1/sessions/{id}/theory",
        Session,
        &[(BODY, SCORES)],
    ),
    ("GET", "/api/v1/cases", Nothing, &[]),
    ("GET", "/api/v1/cases/{id}", Case, &[]),
    ("POST", "/api/v1/cases/commands", Case, &[(BODY, RETURNS)]),
    (
        "POST",
        "/api/v1/cases/{id}/materials",
        Case,
        &[(BODY, COPY)],
    ),
    ("GET", "/api/v1/certificates", Nothing, &[]),
    ("GET", "/api/v1/tasks", Nothing, &[]),
    ("GET", "/api/v1/tasks/{id}", Task, &[]),
    ("GET", "/manual/{office}", Open, &[]),
    ("GET", "/manual/pictures/{file}", Open, &[]),
    ("GET", "/console/keys", Nothing, &[]),
    ("POST", "/console/keys", Key, &[("end", "@")]),
];

pub fn lines() -> impl Iterator<Item = &'static Line> {
    [DOORS, DESKS, CARDS, KEEPERS, PROGRAMS]
        .into_iter()
        .flatten()
}

/// What is there only after more has happened than the matrix lets happen: the end of a task, and a
/// row that differs from the register. `tests/it/takeover.rs` reaches them.
pub const LATER: [(&str, &str); 2] = [
    ("GET", "/console/tasks/{id}/result"),
    ("POST", "/console/takeover/{id}/differences"),
];

/// The lines that name what belongs to an office.
pub fn of_offices() -> impl Iterator<Item = &'static Line> {
    lines().filter(|(_, _, what, _)| !matches!(what, Nothing | Open | Node))
}
