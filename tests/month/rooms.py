"""Exam sessions on the console, from the plan to the confirmed scores, and a former register that
comes in from a csv."""

import html
import re
import struct
import time
import zlib

from acts import Acts, Failed, want
from case import Case

from office import ZH
from province import AUTHORITIES, ITEMS, SCHOOLS, refused, table

ROSTER = [
    "姓名",
    "性别",
    "证件类型",
    "证件号码",
    "操作项目",
    "申请类型",
    "学历",
    "健康声明",
    "准考证号",
]
FORMER = "name sex doc_type doc_number item first_issued valid_from valid_until recheck_due".split()


def portrait():
    """A grey photograph, as a PNG."""

    def chunk(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", 300, 400, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x90" * 900) * 400
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


class Rooms(Acts):
    """The same, where several people and a day are needed."""

    def plan(self, people, on):
        """One session for each institution that has somebody in it."""
        for code in SCHOOLS:
            seats = sum(p.school == code for p in people)
            if not seats:
                continue
            clerk = self.node.officer("clerk", code)
            clerk.get("/console/sessions")
            fields = [
                ("on", str(on)),
                ("begins", "09:00"),
                ("place", "一号楼"),
                ("seats", str(seats)),
            ]
            fields += [("item", item) for item in ITEMS] + [("invigilators", "试监")]
            fields += [("assessor", f"{word}{code}") for word in ("one", "two")]
            answer = clerk.post("/console/sessions", fields)
            want(f"{self.day} a session", answer.status, 303)
            self.sessions[code, on] = answer.headers["location"]
            self.count("session planned")

    def in_rooms(self, people, on):
        """The institutions that have some of them, with the address of the session."""
        for code in SCHOOLS:
            mine = [p for p in people if p.school == code]
            if mine:
                yield code, self.sessions[code, on], mine

    def enrol(self, _, people, args):
        """A sheet of candidates; what the law of the exam day refuses is told in second one."""
        on = args["on"]
        if not any(day == on for _, day in self.sessions):
            self.plan([p for p in self.everybody if p.room == on], on)
        for code, path, mine in self.in_rooms(people, on):
            clerk = self.node.officer("clerk", code)
            clerk.get(path)
            rows = []
            for person in mine:
                person.case_ticket = self.ticket()
                what = [
                    ITEMS[person.item],
                    "初领",
                    args.get("schooling", "初中"),
                    args.get("health", "是"),
                ]
                who = [person.name, "男", "居民身份证", person.number]
                rows.append([*who, *what, person.case_ticket])
            page = clerk.file(f"{path}/sheet", "sheet", table(ROSTER, rows))
            if "finds" in args:
                said = html.unescape(page.text)
                finding = ZH[f"eligible-{args['finds']}"].split("{")[0]
                want(f"{self.day} {args['finds']}", said.count(finding) >= len(mine), True)
                self.count(f"eligible: {args['finds']}", len(mine))
                continue
            done = ZH["enrol-done"].replace("{ $n }", str(len(mine)))
            if done not in page.text:
                raise Failed(f"{self.day} enrolment: {page.status} {page.text[:3000]}")
            for person in mine:
                case = Case(person, person.item, "initial", code, person.authority, self.day)
                case.ticket = person.case_ticket
                person.cases.append(case)
            self.find_cases(clerk, mine, "registered")
            self.count("enrolled", len(mine))

    def theory(self, _, people, args):
        """The machine's file: final at once."""
        for code, path, mine in self.in_rooms(people, self.day):
            clerk = self.node.officer("clerk", code)
            clerk.get(path)
            rows = [[p.case.ticket, args["score"], f"{self.day} 08:30", "07"] for p in mine]
            head = ["准考证号", "成绩", "时间", "机号"]
            page = clerk.file(f"{path}/theory", "sheet", table(head, rows), name="scores.csv")
            done = ZH["theory-taken"].replace("{ $n }", str(len(mine)))
            want(f"{self.day} theory", done in page.text, True)
            for person in mine:
                person.case.sit("theory", self.day, args["score"])
            self.count("theory by machine", len(mine))

    def assess(self, _, people, args):
        """Two assessors, each alone; where they differ too much the lead decides, with a reason."""
        low, high = sorted(args["scores"])
        agrees = high - low <= 5 and (low < 80) == (high < 80)
        for code, path, mine in self.in_rooms(people, self.day):
            for word, score in zip(("one", "two"), args["scores"], strict=True):
                desk = self.node.officer(word, code)
                desk.get(path)
                fields = [(f"score-{p.case.id}", str(score)) for p in mine]
                answer = desk.post(f"{path}/assess", fields)
                want(f"{self.day} {word} assesses", answer.status, 303)
            for person in mine:
                score = (low + high) // 2
                if not agrees:
                    score = args["ruled"]
                    lead = self.node.officer("lead", code)
                    lead.get(path)
                    fields = [(f"score-{person.case.id}", str(score)), ("reason", "录像")]
                    answer = lead.post(f"{path}/resolve", fields)
                    want(f"{self.day} the lead resolves", answer.status, 303)
                    self.count("panel resolved")
                person.case.sit("practical", self.day, score)
            self.count("panel", len(mine))

    def confirm_room(self, _, people, args):
        for code, path, mine in self.in_rooms(people, args["on"]):
            lead = self.node.officer("lead", code)
            lead.get(path)
            page = lead.post(f"{path}/confirm", [("case", p.case.id) for p in mine])
            done = ZH["confirm-done"].replace("{ $n }", str(len(mine)))
            want(f"{self.day} confirmation", done in page.text, True)
            for person in mine:
                person.case.confirm(self.day)
                self.count("confirm")

    def give_up(self, _, people, args):
        """A seat is given up; the case stays registered."""
        for code, path, mine in self.in_rooms(people, args["on"]):
            clerk = self.node.officer("clerk", code)
            for person in mine:
                clerk.get(path)
                answer = clerk.post(f"{path}/seat", [("case", person.case.id), ("reason", "改期")])
                want(f"{self.day} a seat is given up", answer.status, 303)
                self.count("seat given up")

    # --- what reports bring, and what others may not --------------------------------------------

    def photo(self, _, people, args):
        """A photograph for the report: what is no picture is refused, what is one can be seen."""
        for person in people:
            clerk = self.node.officer("clerk", person.school)
            path = f"/console/cases/{person.case.id}/materials"
            clerk.get(path)
            kind = [("kind", "photo"), ("page", "1")]
            want("no picture", clerk.file(path, "file", b"no picture", kind).status, 422)
            want("a picture", clerk.file(path, "file", portrait(), kind).status, 303)
            seen = clerk.get(f"{path}/1")
            want("it is seen", (seen.status, seen.body[:2]), (200, b"\xff\xd8"))
            self.count("photo")

    def flagged(self, _, people, args):
        """A second, different list was refused, and whoever supervises sees that it was tried."""
        for code in AUTHORITIES:
            page = self.node.officer("second", code).get("/console/second-lists").text
            for case in (p.case for p in people if p.case.authority == code):
                want(f"{case.id} is flagged", f"/console/cases/{case.id}" in page, True)
                self.count("second list flagged")

    def foreign(self, _, people, args):
        """Another institution and another authority do not even learn that the case is there."""
        for person in people:
            case = person.case
            school = "9912" if case.institution != "9912" else "9911"
            authority = "9902" if case.authority == "9901" else "9901"
            for word, code, verb in (("lead", school, "confirm"), ("desk", authority, "accept")):
                desk = self.node.officer(word, code)
                want(f"{desk.login} acts", desk.act(verb, [case.id], "reported"), 404)
                want(f"{desk.login} looks", desk.get(f"/console/cases/{case.id}").status, 404)
            self.count("foreign office")

    # --- the former register --------------------------------------------------------------------

    def take_over(self, people):
        """Brought, understood, checked, proposed by one, released by another, taken."""
        for code in AUTHORITIES:
            mine = [p for p in people if p.authority == code]
            maker, second = (self.node.officer(w, code) for w in ("maker", "second"))
            rows = [self.former_row(p) for p in mine]
            maker.get("/console/takeover")
            answer = maker.file("/console/takeover", "sheet", table(FORMER, rows))
            want("a former register", answer.status, 303)
            path = answer.headers["location"]
            page = maker.get(path).text
            fields = re.findall(r'name="(column\.\d+)">.*?value="(\w+)" selected', page, re.S)
            self.task(maker, maker.post(f"{path}/plan", fields))
            want("proposed", maker.post(f"{path}/propose", []).status, 303)
            want("not by the one who proposed", maker.post(f"{path}/release", []).status, 403)
            maker.get(path)
            answer = maker.post(f"{path}/take", [])
            want("not released yet", refused("batch-not-released") in answer.text, True)
            self.count("no: batch-not-released")
            second.get(path)
            want("released", second.post(f"{path}/release", []).status, 303)
            maker.get(path)
            self.task(maker, maker.post(f"{path}/take", []))
            self.count("taken over", len(mine))
            self.find_former(code, mine)

    @staticmethod
    def former_row(person):
        c = person.certificate
        who = [person.name, "male", "resident_id", person.number, c.item]
        return [*who, c.first, c.start, c.until, c.recheck or ""]

    @staticmethod
    def task(desk, answer):
        """Waits for what runs in the background."""
        want("a task", answer.status, 303)
        path = answer.headers["location"]
        for _ in range(600):
            page = desk.get(path).text
            if "data-over" in page:
                if ZH["task-is-done"] not in page:
                    raise Failed(f"a task: {page}")
                return
            time.sleep(0.1)
        raise Failed(f"{path} does not come to an end")

    def find_former(self, code, people):
        desk, found = self.node.officer("first", code), {}
        path = "/console/certificates"
        while path:
            page = desk.get(path).text
            row = r'<a href="/console/certificates/(\w+)"><code>\w+</code></a></td><td>(.*?)</td>'
            found.update((html.unescape(name), record) for record, name in re.findall(row, page))
            behind = re.search(r'class="button" href="([^"]+after=[^"]+)"', page)
            path = html.unescape(behind[1]) if behind else None
        for person in people:
            person.certificate.id = found[person.name]
