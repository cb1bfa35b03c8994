"""What people do on a day, each by the page that is there for it, first in the model, then in the
program; what the program answers must be what the model came to."""

import html
import re

from case import Case
from law import Certificate, No  # noqa: F401
from office import ZH
from province import AUTHORITIES, ITEMS, SCHOOLS, refused, table  # noqa: F401

SHEET = [
    "姓名",
    "性别",
    "证件类型",
    "证件号码",
    "操作项目",
    "申请类型",
    "考试日期",
    "理论成绩",
    "实操成绩",
    "准考证号",
]
KINDS = {"initial": "初领", "renewal": "换证", "recheck": "复审"}
GROUND = {"article": "第十七条", "words": "健康状况不符合规定"}
LIST = ["学历证明", "个人健康承诺书"]

# Verb: whose desk, of which office, the command, its fields, and what the model does.
COMMANDS = {
    "confirm": ("lead", "school", lambda a: {}, lambda c, d, a, by: c.confirm(d)),
    "report": (
        "clerk",
        "school",
        lambda a: {"materials": a.get("materials", "")},
        lambda c, d, a, by: c.report(d),
    ),
    "resubmit": (
        "clerk",
        "school",
        lambda a: {"materials": "\n".join(LIST)},
        lambda c, d, a, by: c.resubmit(d),
    ),
    "return": (
        "desk",
        "authority",
        lambda a: {"missing": "\n".join(a["missing"])},
        lambda c, d, a, by: c.give_back(d, a["missing"]),
    ),
    "refuse": (
        "desk",
        "authority",
        lambda a: {"article": GROUND["article"], "ground": GROUND["words"]},
        lambda c, d, a, by: c.refuse(d, GROUND["words"]),
    ),
    "accept": ("desk", "authority", lambda a: {}, lambda c, d, a, by: c.accept(d)),
    "review": ("first", "authority", lambda a: {}, lambda c, d, a, by: c.review(d, by)),
    "approve": ("second", "authority", lambda a: {}, lambda c, d, a, by: c.approve(d, by)),
    "reject": (
        "second",
        "authority",
        lambda a: {"article": GROUND["article"], "ground": GROUND["words"]},
        lambda c, d, a, by: c.reject(d, by, GROUND["words"]),
    ),
    "begin_procedure": (
        "first",
        "authority",
        lambda a: {"procedure": a["what"], "until": str(a["until"]), "notice": "告知书1号"},
        lambda c, d, a, by: c.begin_procedure(d, a["what"], a["until"]),
    ),
    "end_procedure": ("first", "authority", lambda a: {}, lambda c, d, a, by: c.end_procedure(d)),
    "extend": (
        "second",
        "authority",
        lambda a: {"days": str(a["days"]), "head": "局长", "extend_reason": "需要核实"},
        lambda c, d, a, by: c.extend(d, a["days"]),
    ),
    "ask_recheck": (
        "clerk",
        "school",
        lambda a: {"ask_recheck_part": a["part"], "reason": "本人申请"},
        lambda c, d, a, by: c.ask_recheck(d, a["part"]),
    ),
    "answer_recheck": (
        "lead",
        "school",
        lambda a: {"answer_recheck_part": a["part"], "score": str(a["score"])},
        lambda c, d, a, by: c.answer_recheck(d, a["part"], a["score"]),
    ),
    "withhold": (
        "maker",
        "authority",
        lambda a: {"withhold_code": "under_examination", "withhold_addition": ""},
        lambda c, d, a, by: c.withhold(d, by),
    ),
    "annul": (
        "third",
        "authority",
        lambda a: {"annul_code": "not_eligible", "annul_addition": ""},
        lambda c, d, a, by: c.annul(
            d, by, "对不具备申请资格或者不符合法定条件的申请人准予行政许可的"
        ),
    ),
    "offer_transfer": (
        "desk",
        "authority",
        lambda a: {
            "transfer_to": a["to"],
            "transfer_tie": a.get("tie", ""),
            "offer_transfer_reason": "本人申请",
        },
        lambda c, d, a, by: c.offer_transfer(d, a["to"], a.get("tie")),
    ),
    "take_transfer": ("desk", "offer", lambda a: {}, lambda c, d, a, by: c.take_transfer(d)),
    "decline_transfer": (
        "desk",
        "offer",
        lambda a: {"decline_transfer_reason": "材料不齐"},
        lambda c, d, a, by: c.decline_transfer(d),
    ),
}


class Failed(AssertionError):
    """The program did what the law does not say."""


def want(what, got, wanted):
    if got != wanted:
        raise Failed(f"{what}\n  got    {got}\n  wanted {wanted}")


class Acts:
    """One verb a method, for all who do it together."""

    def command(self, verb, people, args):
        word, where, fields, model = COMMANDS[verb]
        word = args.get("who", word)
        offices = {}
        for person in people:
            case = person.case
            office = {"school": case.institution, "authority": case.authority, "offer": case.offer}
            offices.setdefault(args.get("office") or office[where], []).append(case)
        for code, cases in offices.items():
            desk = self.node.officer(word, code)
            state, wanted = cases[0].state, {}
            for case in cases:
                wanted[case.id] = self.modelled(verb, case, args, desk.login, model)
            for part in range(0, len(cases), 400):
                some = [c.id for c in cases[part : part + 400]]
                told = desk.act(verb, some, state, **fields(args))
                want(f"{self.day} {desk.login} {verb}", told, {c: wanted[c] for c in some})

    def modelled(self, verb, case, args, login, model):
        """The sentence that the law comes to."""
        if "no" in args:
            self.count(f"no: {args['no']}")
            return refused(args["no"])
        try:
            model(case, self.day, args, login)
        except No as no:
            self.count(f"no: {no}")
            return refused(str(no))
        self.count("report with materials" if args.get("materials") else verb)
        return ZH[f"state-{case.state.replace('_', '-')}"]

    # --- the exam -------------------------------------------------------------------------------

    def sheet(self, _, people, args):
        """An exam sheet of an institution; what the law does not let in is a refused row."""
        for code in SCHOOLS:
            mine = [p for p in people if p.school == code]
            if mine:
                self.one_sheet(code, mine, args)

    def one_sheet(self, code, people, args):
        rows, new, bad = [], [], []
        for person in people:
            ticket = None
            try:
                if person.sits(args, self.day):
                    ticket = person.case.ticket = self.ticket()
                    new.append(person)
                self.count("sheet")
            except No as no:
                bad.append((person, refused(str(no))))
                self.count(f"no: {no}")
            rows.append(
                [
                    person.name,
                    "男",
                    "居民身份证",
                    person.number,
                    ITEMS[person.item],
                    KINDS[args.get("kind", "initial")],
                    str(self.day),
                    args.get("theory"),
                    args.get("practical"),
                    ticket,
                ]
            )
        clerk = self.node.officer("clerk", code)
        clerk.get("/console/import")
        page = clerk.file("/console/import", "sheet", table(SHEET, rows))
        if bad:
            told = [
                html.unescape(why)
                for why in re.findall(r'<td class="n">\d+</td><td>(.*?)</td>', page.text)
            ]
            want(f"{self.day} the refused rows", told, [why for _, why in bad])
            if len(bad) == len(rows):
                return
            upload = re.search(r'name="upload" value="(\w+)"', page.text)[1]
            page = clerk.post("/console/import/take", [("upload", upload)])
        good = ZH["import-good"].replace("{ $n }", str(len(rows) - len(bad)))
        if ZH["import-done"] not in page.text or good not in page.text:
            raise Failed(f"{self.day} a sheet of {code}: {page.status} {page.text[:3000]}")
        if new:
            self.find_cases(clerk, new, "examined")

    def find_cases(self, clerk, people, state):
        """The numbers of new cases, by the admission ticket that the sheet gave them."""
        found = {row[1]: row[0] for row in clerk.list("cases", state=state)}
        for person in people:
            person.case.id = found[person.case.ticket]

    # --- the card -------------------------------------------------------------------------------

    def make(self, _, people, args):
        for code in AUTHORITIES:
            cases = [p.case for p in people if p.case.authority == code]
            if not cases:
                continue
            maker = self.node.officer("maker", code)
            maker.get("/console/runs")
            answer = maker.post("/console/runs", [("case", c.id) for c in cases])
            want(f"{self.day} a run", answer.status, 303)
            run = answer.headers["location"].rsplit("/", 1)[1]
            for case in cases:
                case.make(self.day, run)
                self.count("make")

    def runs(self, people):
        """The runs these cards are in, each with its officer."""
        found = {}
        for person in people:
            case = person.case
            found.setdefault((case.authority, case.batch), []).append(case)
        for (code, run), cases in found.items():
            maker, path = self.node.officer("maker", code), f"/console/runs/{run}"
            maker.get(path)
            yield maker, path, cases

    def issue(self, _, people, args):
        holders = {id(p.case): p for p in people}
        for maker, path, cases in self.runs(people):
            answer = maker.post(f"{path}/issue", [])
            want(f"{self.day} issue", (answer.status, answer.text), (303, ""))
            for case in cases:
                holders[id(case)].certificate = case.issue(self.day)
                self.count(f"issue: {case.kind}")

    def print(self, _, people, args):
        for maker, path, cases in self.runs(people):
            answer = maker.post(f"{path}/print", [("from", ""), ("to", "")])
            want(f"{self.day} print", (answer.status, answer.body[:5]), (200, b"%PDF-"))
            for case in cases:
                case.print_card(self.day)
                self.count("print")

    def deliver(self, _, people, args):
        for maker, path, cases in self.runs(people):
            fields = [("to", "holder"), ("note", ""), *(("case", c.id) for c in cases)]
            want(f"{self.day} deliver", maker.post(f"{path}/deliver", fields).status, 303)
            for case in cases:
                case.deliver(self.day)
                self.count("deliver")

    # --- after the issue ------------------------------------------------------------------------

    def number_of(self, person):
        """The record of a certificate, as the page of its case says."""
        card = person.certificate
        if card.id is None:
            desk = self.node.officer("first", card.authority)
            page = desk.get(f"/console/cases/{person.case.id}").text
            card.id = re.search(r'href="/console/certificates/(\w+)"', page)[1]
        return card.id

    def change(self, verb, people, args):
        """One form on the page of each certificate."""
        for person in people:
            card = person.certificate
            word, path, fields, model = CHANGES[verb]
            desk = self.node.officer(args.get("who", word), card.authority)
            address = f"/console/certificates/{self.number_of(person)}/{path}"
            desk.get(f"/console/certificates/{card.id}")
            wanted = None
            try:
                model(card, self.day, args, desk.login)
                self.count(verb)
            except No as no:
                wanted = refused(str(no))
                self.count(f"no: {no}")
            if verb == "correct":
                more = {"doc_type": "resident_id", "doc_number": person.number, **args}
                more["evidence"] = "户口簿"
                answer = desk.file(address, "file", b"a copy", more.items())
            else:
                answer = desk.post(address, [("command", verb), *fields(args).items()])
            self.told(f"{person.group} {verb}", answer, wanted)

    def told(self, what, answer, wanted):
        if wanted is None:
            if answer.status != 303:
                said = re.findall(r'role="alert"[^>]*>(.*?)</', answer.text, re.S)
                raise Failed(f"{self.day} {what}: {answer.status} {said}")
        elif answer.status != 422 or wanted not in html.unescape(answer.text):
            said = re.findall(r'role="alert"[^>]*>(.*?)</', answer.text, re.S)
            raise Failed(f"{self.day} {what}: {answer.status} {said}\n  wanted {wanted}")

    def begins(self, person, kind, institution, answer):
        """A case that a form has begun."""
        card = person.certificate
        case = Case(person, card.item, kind, institution, card.authority, self.day)
        case.id, case.renews = answer.headers["location"].rsplit("/", 1)[1], card
        person.cases.append(case)
        desk = self.node.officer("desk", card.authority)
        page = desk.get(f"/console/cases/{case.id}").text
        case.ticket = re.search(rf"<dt>{ZH['case-ticket']}</dt><dd>(.*?)</dd>", page)[1]
        self.count(f"begins: {kind}")
        return case

    def counter(self, _, people, args):
        """A recheck or a renewal, asked for at the authority's counter."""
        kind = args["kind"]
        for person in people:
            card, wanted = person.certificate, None
            desk = self.node.officer("desk", card.authority)
            desk.get(f"/console/certificates/{card.id}")
            try:
                card.open_for(kind, self.day)
            except No as no:
                wanted = refused(str(no))
                self.count(f"no: {no}")
            fields = [("command", kind), ("institution", person.school)]
            answer = desk.post(f"/console/certificates/{card.id}/take", fields)
            self.told(f"{person.group} {kind}", answer, wanted)
            if wanted is None:
                self.begins(person, kind, person.school, answer)

    def lost(self, _, people, args):
        """The institution hands in for a lost card."""
        for person in people:
            clerk = self.node.officer("clerk", person.school)
            clerk.get("/console/reissue")
            fields = {"doc_type": "resident_id", "doc_number": person.number, "name": person.name}
            fields.update(item=person.item, materials="遗失声明")
            answer = clerk.post("/console/reissue", fields.items())
            self.told("a lost card", answer, None)
            self.begins(person, "reissue", person.school, answer).report(self.day)

    def replace(self, _, people, args):
        """The holder's name became another; the authority takes it at its counter."""
        for person in people:
            card = person.certificate
            desk = self.node.officer("desk", card.authority)
            desk.get(f"/console/certificates/{card.id}")
            fields = {"doc_type": "resident_id", "doc_number": person.number}
            fields.update(command="replacement", name=person.new_name, materials="户口簿")
            answer = desk.post(f"/console/certificates/{card.id}/take", fields.items())
            self.told("a replacement", answer, None)
            self.begins(person, "replacement", card.authority, answer).report(self.day)


def of_code(a):
    return {"ground_code": a["code"], "addition": ""}


# Verb: whose desk, the end of the address, its fields, and what the model does.
CHANGES = {
    "suspend": (
        "second",
        "change",
        lambda a: {"article": "第三十六条", "ground": "转借证件"},
        lambda c, d, a, by: c.suspend(d, "转借证件"),
    ),
    "resume": ("second", "change", lambda a: {}, lambda c, d, a, by: c.resume(d)),
    "revoke": ("first", "propose", of_code, lambda c, d, a, by: c.propose("revoke", by, **a)),
    "cancel": ("first", "propose", of_code, lambda c, d, a, by: c.propose("cancel", by, **a)),
    "correct": (
        "first",
        "correct",
        lambda a: {},
        lambda c, d, a, by: c.propose("correct", by, **a),
    ),
    "decide": ("second", "decide", lambda a: {}, lambda c, d, a, by: c.decide(by, d)),
    "extend_review": (
        "second",
        "change",
        lambda a: {"years": str(a["years"]), "evidence": "用人单位证明"},
        lambda c, d, a, by: c.put_review_off(d, a["years"]),
    ),
}
