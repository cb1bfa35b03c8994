"""From the exam sheet to the query, through the pages and the API, as the offices do it.

    chain.py KECHA     on SQLite, and on PostgreSQL where KECHA_TEST_PG is set

After every step the public question is asked without and with the admission ticket, and the answer
is compared whole with what each asker must be told (told.py).
"""

import html
import io
import pathlib
import re
import sys
import tempfile
import time
from urllib.parse import quote

import doors
import openpyxl
from office import AUTHORITY, SCHOOL, ZH, Browser, Node, People, Postgres, workbook
from told import NEW_LAW, RESAT, SAT, TODAY, WELDING, WIRING, Person, Told, same

MISSING = ["学历证明", "体检表（二级医院）"]
GROUND = {"article": "第十七条", "words": "健康状况不符合规定"}


class Chain(Told):
    """One node and one story."""

    def __init__(self, node):
        self.node, self.asked = node, 0
        people = People(99)
        self.wang = Person(people, "王一")
        self.li, self.zhao = Person(people, "李二", male=False), Person(people, "赵三")
        self.qian, self.sun = Person(people, "钱四"), Person(people, "孙五", male=False)
        self.everybody = [self.wang, self.li, self.zhao, self.qian, self.sun]
        self.officers = {
            login: Browser(node, login)
            for login in [
                "clerk",
                "lead",
                "desk",
                "first",
                "both",
                "second",
                "maker",
                "clerk2",
                "lead2",
                "desk2",
            ]
        }

    # --- the way of the chain -------------------------------------------------------------------

    def act(self, login, command, cases, state, wanted, **fields):
        """An officer does something; each case must answer with this sentence."""
        told = self.officers[login].act(command, cases, state, **fields)
        same(f"{login} {command}", told, {case: ZH[wanted] for case in cases})

    def step(self, login, command, who, item, state, after, **fields):
        self.act(login, command, [who.cases[item]], state, f"state-{after}", **fields)

    def no(self, login, command, who, item, state, refusal, **fields):
        self.act(login, command, [who.cases[item]], state, f"refusal-{refusal}", **fields)

    def find_cases(self, state, *people):
        """Reads the case numbers off the queue and the ticket off the page of each case."""
        for case, name, item in self.officers["clerk"].cases(state):
            who = next((p for p in people if p.name == name), None)
            if who is not None:
                page = self.officers["clerk"].get(f"/console/cases/{case}").text
                ticket = re.search(rf"<dt>{ZH['case-ticket']}</dt><dd>(.*?)</dd>", page)
                who.cases[item], who.tickets[item] = case, html.unescape(ticket[1])

    def imports(self):
        clerk, (wang, li, zhao, qian, sun) = self.officers["clerk"], self.everybody
        for who in self.everybody:
            self.nothing(who)
        wrong_digit = wang.number[:-1] + ("0" if wang.number[-1] != "0" else "1")
        young = People(98).number(f"{SAT.year - 17}0101")
        sheet = workbook(
            [
                wang.row(WELDING, 86, 90, ticket="zk-2026 0001"),
                wang.row(WIRING, 88, 91),
                li.row(WELDING, 90, 80),
                zhao.row(WELDING, 80, 80),
                qian.row(WELDING, 85, 60),
                ["周六", "男", wrong_digit, WELDING, SAT, 90, 90, None],
                ["吴七", "男", young, WELDING, SAT, 90, 90, None],
                ["郑八", "男", People(97).number("19880808"), "焊工", SAT, 90, 90, None],
            ]
        )
        before = self.node.verify()
        clerk.get("/console/import")
        page = clerk.upload(sheet)
        assert ZH["import-unconfirmed"] in page.text and page.status == 200, page.text
        told = re.findall(r'<tr><td class="n">(\d+)</td>', page.text)
        same("the bad rows", told, ["8", "9", "10"])
        self.nothing(wang)
        same("nothing was written", self.node.verify(), before)
        upload = re.search(r'name="upload" value="(\w+)"', page.text)[1]
        self.somebody_elses_upload(upload)
        marked = clerk.post("/console/import/marked", [("upload", upload)])
        lines = list(
            openpyxl.load_workbook(io.BytesIO(marked.body)).active.iter_rows(values_only=True)
        )
        assert len(lines[7]) > len(lines[2]) - 1 and any("校验" in str(c) for c in lines[7]), lines[
            7
        ]
        page = clerk.post("/console/import/take", [("upload", upload)])
        assert (
            ZH["import-done"] in page.text and ZH["import-good"].replace("{ $n }", "5") in page.text
        ), page.text
        self.the_same_file_again(sheet)
        self.find_cases("examined", *self.everybody)
        same("the ticket of the sheet", wang.tickets[WELDING], "ZK20260001")
        for who in (li, zhao, qian):
            self.scoring(who, WELDING)
        self.nothing(sun)

    def the_same_file_again(self, sheet):
        clerk, before = self.officers["clerk"], self.node.verify()
        clerk.get("/console/import")
        page = clerk.upload(sheet)
        assert ZH["import-already"] in page.text and page.status == 200, page.text
        same("the same file again", self.node.verify(), before)

    def somebody_elses_upload(self, upload):
        other = self.officers["clerk2"]
        other.get("/console/import")
        for path in ("take", "marked"):
            same(
                f"foreign {path}",
                other.post(f"/console/import/{path}", [("upload", upload)]).status,
                404,
            )

    def two_items(self):
        """Two cases of one person: each ticket opens its own."""
        wang = self.wang
        both = [
            self.progress(wang, i, "scoring", None, "wait-for-scores", SCHOOL, SAT, 10)
            for i in (WELDING, WIRING)
        ]
        told = self.answer(wang)["progress"]
        same(
            "both items",
            sorted(told, key=lambda p: p["case"]),
            sorted(both, key=lambda p: p["case"]),
        )
        self.act("lead", "confirm", [wang.cases[WELDING]], "examined", "state-passed")
        told = {p["case"]: p for p in self.answer(wang, " zk 2026-0001 ")["progress"]}
        same(
            "own ticket",
            told[wang.cases[WELDING]]["details"],
            {"state": "passed", "theory": 86, "practical": 90},
        )
        assert "details" not in told[wang.cases[WIRING]], "the other item's ticket was not given"

    def confirms(self):
        wang, li, zhao, qian, _ = self.everybody
        self.no("clerk", "confirm", li, WELDING, "examined", "role-not-allowed")
        self.scoring(li, WELDING)
        for who in (li, zhao):
            self.step("lead", "confirm", who, WELDING, "examined", "passed")
        self.step("lead", "confirm", qian, WELDING, "examined", "not-passed")
        self.scored(li, WELDING, "wait-for-report", state="passed", theory=90, practical=80)
        self.failed_once(60)
        # The candidate has the theory score checked again, and it stands.
        self.step(
            "clerk",
            "ask_recheck",
            qian,
            WELDING,
            "not_passed",
            "not-passed",
            ask_recheck_part="theory",
            reason="本人申请",
        )
        self.no(
            "clerk",
            "ask_recheck",
            qian,
            WELDING,
            "not_passed",
            "score-recheck-open",
            ask_recheck_part="practical",
            reason="再次申请",
        )
        self.step(
            "lead",
            "answer_recheck",
            qian,
            WELDING,
            "not_passed",
            "not-passed",
            answer_recheck_part="theory",
            score="85",
        )
        self.failed_once(60)
        self.no("clerk", "report", qian, WELDING, "not_passed", "not-passed")
        self.act(
            "clerk",
            "report",
            [w.cases[WELDING] for w in (wang, li, zhao)],
            "passed",
            "state-reported",
            materials="身份证复印件\n体检表",
        )

    def failed_once(self, practical):
        self.scored(
            self.qian,
            WELDING,
            "resit",
            state="not_passed",
            theory=85,
            practical=practical,
            resits_left=4 if NEW_LAW else 1,
            cause="not_passed_or_not_eligible",
            remedies=["score_recheck"],
        )

    def decides(self):
        _, li, zhao, _, _ = self.everybody
        for who in (li, zhao):
            self.deciding(
                who,
                WELDING,
                "wait-for-decision",
                state="reported",
                **(
                    {"theory": 90, "practical": 80}
                    if who is li
                    else {"theory": 80, "practical": 80}
                ),
            )
        self.no(
            "desk", "refuse", zhao, WELDING, "reported", "ground-missing", article="", ground=""
        )
        self.step(
            "desk",
            "refuse",
            zhao,
            WELDING,
            "reported",
            "refused",
            article=GROUND["article"],
            ground=GROUND["words"],
        )
        ended = {
            "cause": "not_passed_or_not_eligible",
            "ground": GROUND,
            "remedies": ["reconsideration", "suit"],
        }
        self.deciding(zhao, WELDING, "appeal", state="refused", theory=80, practical=80, **ended)
        self.step("desk", "accept", li, WELDING, "reported", "accepted")
        self.deciding(li, WELDING, "wait-for-decision", state="accepted", theory=90, practical=80)
        self.step("first", "review", li, WELDING, "accepted", "reviewed")
        self.deciding(li, WELDING, "wait-for-decision", state="reviewed", theory=90, practical=80)
        self.step(
            "second",
            "reject",
            li,
            WELDING,
            "reviewed",
            "rejected",
            article=GROUND["article"],
            ground=GROUND["words"],
        )
        self.deciding(li, WELDING, "appeal", state="rejected", theory=90, practical=80, **ended)

    def returns(self):
        """Returned once with everything, handed in again; nothing more can be asked for."""
        who = self.sun
        self.take_sheet("clerk", [who.row(WELDING, 95, 96)])
        self.find_cases("examined", who)
        self.step("lead", "confirm", who, WELDING, "examined", "passed")
        self.step("lead", "report", who, WELDING, "passed", "reported", materials="身份证复印件")
        scores = {"theory": 95, "practical": 96}
        self.no("desk", "return", who, WELDING, "reported", "list-missing", missing="  \n ")
        self.step(
            "desk", "return", who, WELDING, "reported", "returned", missing="\n".join(MISSING)
        )
        self.deciding(
            who, WELDING, "hand-in-missing", by=SCHOOL, state="returned", missing=MISSING, **scores
        )
        page = self.officers["clerk"].get(f"/console/cases/{who.cases[WELDING]}").text
        assert all(html.escape(m) in page for m in MISSING), "the clerk sees what is missing"
        self.step(
            "clerk", "resubmit", who, WELDING, "returned", "reported", materials="\n".join(MISSING)
        )
        self.deciding(who, WELDING, "wait-for-decision", state="reported", **scores)
        self.no("desk", "return", who, WELDING, "reported", "list-missing", missing="另一份材料")
        self.step("desk", "accept", who, WELDING, "reported", "accepted")

    def two_pairs_of_eyes(self):
        who, scores = self.sun, {"theory": 95, "practical": 96}
        self.no("desk", "review", who, WELDING, "accepted", "role-not-allowed")
        self.step("both", "review", who, WELDING, "accepted", "reviewed")
        self.no("both", "approve", who, WELDING, "reviewed", "second-person-required")
        self.deciding(who, WELDING, "wait-for-decision", state="reviewed", **scores)
        self.step("second", "approve", who, WELDING, "reviewed", "approved")
        self.making(who, WELDING, state="approved", **scores)
        self.no("maker", "issue", who, WELDING, "approved", "wrong-state")
        self.step("maker", "make", who, WELDING, "approved", "made", batch="第7批")
        self.making(who, WELDING, state="made", batch="第7批", **scores)
        self.step("maker", "issue", who, WELDING, "made", "issued")
        found = {
            "verdict": "found",
            "certificates": [self.card(who, WELDING)],
            "progress": [],
            "causes": [],
            "feeds": [],
        }
        maker, path = self.officers["maker"], "/console/runs/" + quote("第7批")
        card = [("to", "holder"), ("note", ""), ("case", who.cases[WELDING])]
        for what, fields, wanted in ((None, [], 0), ("print", [], 200), ("deliver", card, 303)):
            if what:
                maker.get(path)
                same(what, maker.post(f"{path}/{what}", fields).status, wanted)
            same("issued", self.answer(who), found)
            same("issued, with ticket", self.answer(who, who.tickets[WELDING]), found)
        again = maker.post(f"{path}/deliver", card)
        assert ZH["refusal-wrong-state"] in again.text, again.text

    def resits(self):
        """One not passed sits again, passes, and gets the certificate."""
        who = self.qian
        self.take_sheet("clerk", [who.row(WELDING, None, 85, day=RESAT)])
        same("one case", len(self.answer(who)["progress"]), 1)
        self.scored(who, WELDING, "wait-for-scores", state="examined")
        self.step("lead", "confirm", who, WELDING, "examined", "passed")
        self.scored(who, WELDING, "wait-for-report", state="passed", theory=85, practical=85)
        self.to_the_end(who, WELDING)
        same("after the resit", self.answer(who)["certificates"], [self.card(who, WELDING)])

    def to_the_end(self, who, item):
        self.step("clerk", "report", who, item, "passed", "reported")
        self.decided(who, item)

    def decided(self, who, item):
        """What the authority does to a report, up to the issue."""
        for login, command, state, after in [
            ("desk", "accept", "reported", "accepted"),
            ("first", "review", "accepted", "reviewed"),
            ("second", "approve", "reviewed", "approved"),
            ("maker", "make", "approved", "made"),
            ("maker", "issue", "made", "issued"),
        ]:
            self.step(login, command, who, item, state, after)

    def two_certificates(self):
        """One item issued, the other running: found, and the progress beside it."""
        who = self.wang
        self.find_cases("examined", who)
        self.decided(who, WELDING)
        card = self.card(who, WELDING)
        self.running(who, WIRING, "scoring", None, "wait-for-scores", SCHOOL, SAT, 10, held=[card])
        self.step("lead", "confirm", who, WIRING, "examined", "passed")
        self.to_the_end(who, WIRING)
        same(
            "two cards",
            sorted(c["item"]["code"] for c in self.answer(who)["certificates"]),
            ["1.2", "2.1"],
        )

    def loses_a_card(self):
        """The institution hands in for a lost card; no exam, and the card says the same."""
        who, clerk, card = self.qian, self.officers["clerk"], self.card(self.qian, WELDING)
        clerk.get("/console/reissue")
        asked = {"doc_type": "resident_id", "doc_number": who.number, "name": who.name}
        asked.update(item="1.2", materials="声明")
        answer = clerk.post("/console/reissue", asked.items())
        none = ZH["refusal-no-former-certificate"]
        same("no card of this item", (answer.status, none in answer.text), (422, True))
        answer = clerk.post("/console/reissue", {**asked, "item": "2.1"}.items())
        same("handed in", answer.status, 303)
        who.cases[WELDING] = answer.headers["location"].rsplit("/", 1)[1]
        reissue = {"kind": "reissue", "note": "details_with_ticket"}
        shown = self.progress(
            who, WELDING, "qualification", None, "wait-for-decision", AUTHORITY, TODAY, 25
        )
        told = self.answer(who)
        same("beside the card", told["progress"], [{**shown, **reissue}])
        same("the card", told["certificates"], [card])
        self.decided(who, WELDING)
        told = self.answer(who)
        same("made again", (told["certificates"], told["progress"]), ([card], []))

    def begins_anew(self):
        """After a rejection the next sheet closes the old case and opens a new one."""
        who, old = self.li, self.li.cases[WELDING]
        self.take_sheet("clerk", [who.row(WELDING, 99, 99, day=RESAT)])
        self.find_cases("examined", who)
        assert who.cases[WELDING] != old
        told = self.answer(who)["progress"]
        same("one case", [p["case"] for p in told], [who.cases[WELDING]])
        same("its stage", (told[0]["stage"], told[0]["since"]), ("scoring", str(RESAT)))

    def take_sheet(self, login, rows):
        browser = self.officers[login]
        browser.get("/console/import")
        page = browser.upload(workbook(rows))
        assert ZH["import-done"] in page.text, page.text


def tell(kecha, folder, database=None, owner=None):
    """The whole story on one database."""
    began = time.monotonic()
    node = Node(kecha, folder, database, owner).start()
    try:
        chain = Chain(node)
        for part in [
            chain.imports,
            chain.two_items,
            chain.confirms,
            chain.decides,
            chain.returns,
            chain.two_pairs_of_eyes,
            chain.resits,
            chain.two_certificates,
            chain.loses_a_card,
            chain.begins_anew,
        ]:
            part()
        doors.check(chain)
        for who in chain.everybody:
            chain.answer(who)
    finally:
        node.stop()
    entries = node.verify()
    doors.says_nobody(node, chain)
    print(
        f"  {chain.asked} questions, {entries} entries, 0 faults, {time.monotonic() - began:.1f} s"
    )


def main():
    kecha = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory(prefix="kecha-chain-") as scratch:
        print("chain on SQLite")
        tell(kecha, pathlib.Path(scratch) / "sqlite")
        print("chain on PostgreSQL")
        if Postgres.at_hand():
            database = Postgres()
            try:
                tell(kecha, pathlib.Path(scratch) / "postgres", *database.urls())
            finally:
                database.drop()


if __name__ == "__main__":
    main()
