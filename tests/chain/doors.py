"""Who is let in and what they learn: errors, other offices, forgeries, the log, later changes."""

import base64
import csv
import datetime
import functools
import io
import json
import re

import openpyxl
from office import EN, OTHER_SCHOOL, PASSWORD, ZH, Browser, People, today, workbook
from told import WELDING, Person, same

STRANGER = "陌生人"


def check(chain):
    for part in [
        nobody_learns_whether_a_number_exists,
        tickets,
        both_languages,
        captchas,
        fields,
        keys,
        forgeries,
        other_offices,
        lists,
        nobody_signed_in,
        one_may_not_confirm_alone,
        passwords,
        changes_of_a_certificate,
        the_keeper,
        a_former_register,
        from_one_institution_to_another,
        guessed_tickets,
    ]:
        part(chain)


def nobody_learns_whether_a_number_exists(chain):
    """A wrong name, an unknown number and a number nobody was ever given get the same bytes."""
    unknown = People(7).number("19700101")
    asked = [
        (chain.sun.number, STRANGER),
        (chain.li.number, STRANGER),
        (unknown, STRANGER),
        (unknown, chain.sun.name),
    ]
    answers = [chain.node.ask(*a) for a in asked]
    for ticket in ("", "0000"):
        answers += [chain.node.ask(*a, ticket=ticket) for a in asked[:3]]
    bodies = {re.sub(rb'"as_of":"[^"]*"', b"", a.body) for a in answers}
    heads = {
        tuple((k, v) for k, v in a.headers.items() if k not in ("date", "content-length"))
        for a in answers
    }
    same("bodies and heads", (len(bodies), len(heads)), (1, 1))


def tickets(chain):
    """Somebody else's ticket tells that details differ; one nobody has tells nothing."""
    stranger = Person(People(8), STRANGER)
    chain.nothing(stranger)
    chain.nothing(stranger, ticket=chain.li.tickets[WELDING], fact=True)
    chain.nothing(stranger, ticket="NOBODYS-1")
    public, wrong = chain.answer(chain.zhao), chain.answer(chain.zhao, "NOBODYS-1")
    same("a wrong ticket beside right details", wrong, public)
    other = chain.answer(chain.zhao, chain.li.tickets[WELDING])
    same("somebody else's ticket beside right details", other, public)


def guessed_tickets(chain):
    """Ten wrong tickets a day, also with a key; then the right one is not answered either."""
    who = chain.qian
    tried = [chain.node.ask(who.number, who.name, ticket=f"GUESS{i}").status for i in range(11)]
    same("guesses", tried, [200] * 10 + [429])
    answer = chain.node.ask(who.number, who.name, ticket=who.tickets[WELDING])
    same("the right one", (answer.status, answer.json()["code"]), (429, "too_many"))
    assert int(answer.headers["retry-after"]) > 60
    same("without a ticket", chain.answer(who)["verdict"], "found")


def both_languages(chain):
    told = chain.node.ask(chain.zhao.number, chain.zhao.name, lang="en").json()
    same("English", told["progress"][0]["next_step"], EN["step-wait-for-decision"])


def problem(answer, status, code, field=None):
    told = answer.json()
    same(
        "problem",
        (
            answer.status,
            answer.headers["content-type"],
            told["status"],
            told["code"],
            told.get("field"),
        ),
        (status, "application/problem+json", status, code, field),
    )
    return told


def captchas(chain):
    """A wrong answer uses the challenge up; wrong fields do not."""
    given = chain.node.send("GET", "/api/v1/captcha").json()
    head, picture = given["image"].split(",", 1)
    same(
        "the picture",
        (head, base64.b64decode(picture)[:8]),
        ("data:image/png;base64", b"\x89PNG\r\n\x1a\n"),
    )
    solved = {"captcha": {"id": given["id"], "answer": "?????"}}
    who = chain.sun
    seen = lambda: chain.node.send("GET", f"/captcha/{given['id']}").status  # noqa: E731
    problem(
        chain.node.ask(who.number[:-1], who.name, key=False, **solved),
        422,
        "id_length",
        "doc_number",
    )
    same("a wrong field leaves the challenge open", seen(), 200)
    problem(chain.node.ask(who.number, who.name, key=False, **solved), 403, "captcha_failed")
    same("a wrong answer closes it", seen(), 404)
    problem(chain.node.ask(who.number, who.name, key=False, **solved), 403, "captcha_failed")
    problem(chain.node.ask(who.number, who.name, key=False), 422, "captcha_missing", "captcha")
    page = Browser(chain.node)
    challenge = re.search(r'name="captcha_id" value="(\w+)"', page.get("/query").text)[1]
    fields = [
        ("category", "special_operation"),
        ("doc_type", "resident_id"),
        ("doc_number", who.number),
        ("name", who.name),
        ("captcha_id", challenge),
        ("captcha", "?????"),
    ]
    answer = page.post("/query", fields)
    same("the page says so", (answer.status, ZH["problem-captcha"] in answer.text), (403, True))
    assert f"T{who.number}" not in answer.text and "kecha_form" in page.cookies


def fields(chain):
    """All that is wrong is named at once, the first of it apart."""
    who, node = chain.sun, chain.node
    last = "0" if who.number[-1] != "0" else "1"
    for change, code, field in [
        ({"number": who.number[:-1] + last}, "id_check_digit", "doc_number"),
        ({"number": ""}, "id_missing", "doc_number"),
        ({"name": "<b>"}, "name_invalid", "name"),
        ({"name": ""}, "name_missing", "name"),
        ({"doc_type": "driving_licence"}, "doc_type_unknown", "doc_type"),
        ({"category": "welding"}, "category_unknown", "category"),
        ({"ticket": "9" * 41}, "ticket_length", "ticket"),
    ]:
        asked = {"number": who.number, "name": who.name, **change}
        told = problem(node.ask(asked.pop("number"), asked.pop("name"), **asked), 422, code, field)
        assert told["errors"][0]["message"] == ZH["field-" + code.replace("_", "-")], told
    told = node.ask("1", "").json()
    same("both are named", [e["field"] for e in told["errors"]], ["doc_number", "name"])
    head = {"Authorization": f"Bearer {node.key}"}
    problem(
        node.send("POST", "/api/v1/query", b"{", {**head, "Content-Type": "application/json"}),
        400,
        "malformed",
    )
    problem(
        node.send("POST", "/api/v1/query", b"{}", {**head, "Content-Type": "text/plain"}),
        415,
        "media_type",
    )
    long = json.dumps({"name": "王" * 9000}).encode()
    problem(
        node.send("POST", "/api/v1/query", long, {**head, "Content-Type": "application/json"}),
        413,
        "too_large",
    )


def keys(chain):
    who, node = chain.sun, chain.node
    problem(node.ask(who.number, who.name, key="kecha_wrong"), 401, "key_unknown")
    listed = node.run("key", "list")
    assert "tests\tin force" in listed and node.key not in listed, listed
    spare = node.run("key", "add", "--as", "admin", "--label", "spare").strip()
    number = next(
        line.split("\t")[0] for line in node.run("key", "list").splitlines() if "\tspare\t" in line
    )
    node.run("key", "end", "--as", "admin", number)
    assert "spare\tended" in node.run("key", "list") and spare != node.key
    node.run("key", "add", "--as", "clerk", "--label", "not mine to give", fails=True)


def forgeries(chain):
    """A form without its token, with another browser's, or sent by another site does nothing."""
    desk, before = chain.officers["desk"], chain.node.verify()
    desk.get("/console/cases?state=reported")
    form = [("state", "reported"), ("session", ""), ("command", "accept"), ("case", "000000000000")]
    others = chain.officers["clerk"].token
    for what, token, head in [
        ("no token", None, {}),
        ("a wrong token", "wrong", {}),
        ("another browser's token", others, {}),
        ("another origin", True, {"Origin": "https://elsewhere.example"}),
        ("another site", True, {"Sec-Fetch-Site": "cross-site"}),
    ]:
        answer = desk.post("/console/cases", form, token=token, head=head)
        same(what, (answer.status, ZH["trouble-forged"] in answer.text), (403, True))
    anonymous = Browser(chain.node)
    login = [("user", "desk"), ("password", "whatever it is")]
    same("no token, nobody signed in", anonymous.post("/login", login, token=None).status, 403)
    same("nothing was written", chain.node.verify(), before)


def other_offices(chain):
    """Another office sees nothing of our candidates, and can do nothing to them."""
    before = chain.node.verify()
    cases = [case for who in chain.everybody for case in who.cases.values()]
    for login, command in [("clerk2", "report"), ("lead2", "confirm"), ("desk2", "accept")]:
        other = chain.officers[login]
        assert other.get("/console").status == 200
        for state in ["examined", "passed", "reported", "refused", "issued"]:
            page = other.get(f"/console/cases?state={state}")
            same(f"{login} {state}", (page.status, 'name="case" value=' in page.text), (200, False))
        for case in cases:
            same(f"{login} looks", other.get(f"/console/cases/{case}").status, 404)
            same(f"{login} acts", other.act(command, [case], "examined"), 404)
    page = chain.officers["clerk2"].get("/console/sessions")
    assert page.status == 200 and 'href="/console/cases?state=' not in page.text, (
        "no session of another's"
    )
    same("nothing was written", chain.node.verify(), before)


def lists(chain):
    """A list as a file says what its page says, with days as days and nothing that computes."""
    desk, other = chain.officers["desk"], chain.officers["desk2"]
    cases = {case for case, *_ in desk.cases("all")}
    book = openpyxl.load_workbook(io.BytesIO(desk.export("cases", "xlsx", state="all"))).active
    head, *rows = list(book.iter_rows())
    assert {row[0].value for row in rows} == cases and len(rows) == len(cases) > 0, "every case once"
    assert all(cell.data_type != "f" for row in rows for cell in row), "no formula"
    since = [cell.value for cell in head].index(ZH["case-since"])
    theory = [cell.value for cell in head].index(ZH["part-theory"])
    assert all(isinstance(row[since].value, datetime.datetime) for row in rows), "days are days"
    scores = [row[theory].value for row in rows if row[theory].value is not None]
    assert scores and all(isinstance(score, int) for score in scores), "scores are numbers"
    assert all(isinstance(row[4].value, str) for row in rows), "a document number is text"
    text = desk.export("cases", "csv", state="all").decode("utf-8-sig")
    assert {row[0] for row in list(csv.reader(io.StringIO(text)))[1:]} == cases, "the same as csv"
    same("another's list", len(other.export("cases", "csv", state="all").splitlines()), 1)
    number = chain.wang.number
    found = desk.post("/console/search", [("sought", number)])
    assert "/console/cases/" in found.text, "a search finds the own office's case"
    found = other.post("/console/search", [("sought", number)])
    assert 'href="/console/cases/' not in found.text, "and another's not"


def nobody_signed_in(chain):
    for path in ["/console", "/console/cases", "/console/import", "/console/offices"]:
        answer = Browser(chain.node).get(path)
        same(path, (answer.status, answer.headers["location"]), (303, "/login"))
    gone = Browser(chain.node, "first")
    same("signs out", gone.post("/logout", []).headers["location"], "/login")
    gone.cookies.setdefault("kecha", "")
    same("is out", gone.get("/console").status, 303)


def one_may_not_confirm_alone(chain):
    """Whoever entered the scores does not confirm them, even with both roles."""
    chain.node.account("alone", "甲独自", "9911", "institution_clerk,institution_lead")
    chain.officers["alone"] = Browser(chain.node, "alone")
    who = Person(People(9), "冯九")
    chain.everybody.append(who)
    chain.take_sheet("alone", [who.row(WELDING, 90, 90)])
    chain.find_cases("examined", who)
    chain.no("alone", "confirm", who, WELDING, "examined", "second-person-required")
    chain.step("lead", "confirm", who, WELDING, "examined", "passed")


def passwords(chain):
    page = Browser(chain.node)
    page.get("/login")
    for user in ("desk", "nobody"):
        answer = page.post("/login", [("user", user), ("password", "wrong password")])
        same(
            user,
            (answer.status, ZH["login-failed"] in answer.text, "kecha" in page.cookies),
            (403, True, False),
        )


def the_keeper(chain):
    """Offices are suspended and authorised anew, accounts get passwords and are closed."""
    node, run = chain.node, functools.partial(chain.node.run, "office")
    ground = ["--article", "第三十六条", "--ground", "管理混乱"]
    who = Person(People(10), "陈十")
    run("suspend", "9912", "--as", "clerk2", *ground, fails=True)
    run("suspend", "9912", "--as", "admin", *ground)
    clerk2, rows = chain.officers["clerk2"], [who.row(WELDING, 90, 90)]
    clerk2.get("/console/import")
    page = clerk2.upload(workbook(rows))
    assert ZH["refusal-office-suspended"] in page.text, page.text
    run("resume", "9912", "--as", "admin", *ground)
    span = ["--authorisation", "〔2026〕2号", "--from", "2020-01-01", "--until", "2039-12-31"]
    run("authorise", "9912", "--as", "admin", "--items", "1.2", *span)
    assert ZH["refusal-not-authorised"] in clerk2.upload(workbook(rows)).text
    run("authorise", "9912", "--as", "admin", "--items", "1.2,2.1", *span)
    chain.take_sheet("clerk2", rows)
    same("taken", chain.answer(who)["progress"][0]["held_by"], OTHER_SCHOOL)
    desk2 = chain.officers["desk2"]
    node.run("account", "password", "desk2", "--as", "desk", fails=True)
    node.run("account", "password", "desk2", "--as", "desk2")
    same("signed out", desk2.get("/console").status, 303)
    node.run("account", "close", "desk2", "--as", "desk", fails=True)
    node.run("account", "close", "desk2", "--as", "security")
    gone = Browser(node)
    gone.get("/login")
    same("closed", gone.post("/login", [("user", "desk2"), ("password", PASSWORD)]).status, 403)
    assert "desk2" not in node.run("account", "list")


def changes_of_a_certificate(chain):
    """Suspended, resumed, revoked, cancelled: the status is public, the ground is not."""
    who, node, ground = (
        chain.sun,
        chain.node,
        ["--article", "第三十条", "--ground", "以欺骗手段取得"],
    )
    item = WELDING
    found = node.run(
        "certificate", "--as", "second", "find", stdin=f"{who.number}\n{who.name}\n"
    ).split("\t")
    same("found", (found[1], found[3].strip()), ("2.1", "valid"))
    same(
        "another authority finds nothing",
        node.run("certificate", "--as", "desk2", "find", stdin=f"{who.number}\n{who.name}\n"),
        "",
    )
    node.run("certificate", "--as", "maker", "suspend", found[0], *ground, fails=True)
    listed = {}
    for command, more, status in [
        ("suspend", ground, "suspended"),
        ("resume", [], "valid"),
        ("revoke", ["--ground-code", "unfit"], "revoked"),
        ("cancel", ["--ground-code", "after_revocation"], "cancelled"),
    ]:
        two = command in ("revoke", "cancel")
        if two:
            # The ground is one of the law's list, and whoever proposes does not decide.
            said = node.run("certificate", "--as", "second", "grounds", found[0])
            for line in said.splitlines():
                _, code, article, _, words = line.split("\t")
                listed[code] = {"article": article, "words": words, "code": code}
            node.run("certificate", "--as", "second", command, found[0], *ground, fails=True)
        node.run("certificate", "--as", "first" if two else "second", command, found[0], *more)
        if two:
            node.run("certificate", "--as", "first", "decide", found[0], fails=True)
            node.run("certificate", "--as", "second", "decide", found[0])
        card = chain.card(who, item, status=status)
        if status in ("revoked", "cancelled"):
            card["next_due"] = None
        same(status, chain.answer(who)["certificates"], [card])
        if status != "valid":
            own = {"article": ground[1], "words": ground[3]}
            card["ground"] = listed[more[1]] if two else own
            card["since"] = today().isoformat()
        same(f"{status}, with ticket", chain.answer(who, who.tickets[item])["certificates"], [card])
    shown = json.loads(node.run("certificate", "--as", "second", "show", found[0]))
    same(
        "its story",
        [list(e["act"]) if isinstance(e["act"], dict) else [e["act"]] for e in shown["story"]],
        [
            ["certificate_issued"],
            ["suspended"],
            ["resumed"],
            ["change_proposed"],
            ["revoked"],
            ["change_proposed"],
            ["cancelled"],
        ],
    )


def a_former_register(chain):
    """A csv of the former register: proposed, released by another, taken, and told as such."""
    node, people = chain.node, People(21)
    holders = [(f"褚{'一二三四五'[i]}", people.number("19850505")) for i in range(5)]
    year = today().year
    lines = ["name,sex,doc_type,doc_number,item,first_issued,valid_from,valid_until,recheck_due"]
    lines += [
        f"{n},male,resident_id,{i},2.1,{year - 1}-01-02,{year - 1}-01-02,{year + 5}-01-01,"
        for n, i in holders
    ]
    file = node.folder.parent / f"{node.folder.name}-former.csv"
    wrong = node.folder.parent / f"{node.folder.name}-wrong.csv"
    file.write_text("\ufeff" + "\r\n".join(lines) + "\r\n", "utf-8")
    wrong.write_text(
        "\n".join([*lines, lines[1].replace("male", "both").replace("resident_id", "passport")]),
        "utf-8",
    )
    said = node.run("takeover", "--as", "maker", "propose", str(wrong), fails=True)
    assert "row 7\tsex\t" in said and holders[0][1] not in said, said
    batch = node.run("takeover", "--as", "maker", "propose", str(file)).split("\t")[0]
    assert "batch_not_released" in node.run(
        "takeover", "--as", "maker", "take", batch, str(file), fails=True
    )
    node.run("takeover", "--as", "maker", "release", batch, fails=True)
    node.run("takeover", "--as", "second", "release", batch)
    wrong.write_text("\n".join(lines[:-1]), "utf-8")
    assert "its SHA-256 is another" in node.run(
        "takeover", "--as", "maker", "take", batch, str(wrong), fails=True
    )
    assert "5 of 5" in node.run("takeover", "--as", "maker", "take", batch, str(file))
    assert "5 of 5" in node.run("takeover", "--as", "maker", "take", batch, str(file)), (
        "twice changes nothing"
    )
    assert f"{batch}\tcomplete\t5 of 5" in node.run("takeover", "--as", "second", "list")
    for name, number in holders:
        (card,) = node.ask(number, name).json()["certificates"]
        same(
            "taken over",
            (card["taken_over"], card["status"], card["valid_until"]),
            (True, "valid", f"{year + 5}-01-01"),
        )
    again = node.run("takeover", "--as", "maker", "propose", str(file)).split("\t")[0]
    node.run("takeover", "--as", "second", "release", again)
    said = node.run("takeover", "--as", "maker", "take", again, str(file))
    assert "0 of 5 taken over\t5 there already" in said, said
    chain.holders = holders


def from_one_institution_to_another(chain):
    """What runs elsewhere is not taken, nor told of; what has ended may begin anew."""
    item, clerk2, zhao = WELDING, chain.officers["clerk2"], chain.zhao
    before = chain.answer(chain.li)
    clerk2.get("/console/import")
    page = clerk2.upload(workbook([chain.li.row(item, 100, 100)]))
    told = re.findall(r'<tr><td class="n">(\d+)</td><td>(.*?)</td>', page.text)
    same("what runs elsewhere", told, [("3", ZH["refusal-case-running"])])
    assert chain.li.tickets[item] not in page.text and chain.li.cases[item] not in page.text
    same("its case", chain.answer(chain.li), before)
    old = zhao.cases[item]
    chain.take_sheet("clerk2", [zhao.row(item, 81, 82)])
    (new,) = chain.answer(zhao)["progress"]
    same(
        "a new case",
        (new["case"] != old, new["stage"], new["held_by"], new["note"]),
        (True, "scoring", OTHER_SCHOOL, None),
    )
    same(
        "the old one is over",
        [c for c, *_ in chain.officers["clerk"].cases("closed") if c == old],
        [old],
    )
    same(
        "the new one is theirs",
        chain.officers["clerk"].get(f"/console/cases/{new['case']}").status,
        404,
    )


def says_nobody(node, chain):
    """The log names no person, no number, no ticket; and there is a log to look at."""
    log = node.log.read_text("utf-8")
    secrets = {node.key, "correct horse battery", *(h for pair in chain.holders for h in pair)}
    for who in chain.everybody:
        secrets |= {who.name, who.number, *who.tickets.values()}
    found = [s for s in secrets if s in log]
    same("the log names nobody", found, [])
    assert "serving" in log and "stopped" in log, f"this is not the server's log: {log!r}"
