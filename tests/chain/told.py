"""What each asker must be told: the table of askers, as whole answers of the API."""

import functools
import json
import re
import subprocess
from datetime import date, timedelta

from office import AUTHORITY, SCHOOL, TELEPHONE, ZH, today

WELDING, WIRING = "熔化焊接与热切割作业", "低压电工作业"
CODES = {WELDING: "2.1", WIRING: "1.2"}
CAUSES = ["too_early", "details_mismatch", "not_passed_or_not_eligible", "institution_problem"]
REASONS = dict(
    zip(CAUSES, ["day_untold", "details_unchecked", "result_untold", "institution_untold"], strict=True)
)
TODAY = today()
SAT, RESAT = TODAY - timedelta(days=6), TODAY - timedelta(days=1)
NEW_LAW = SAT >= date(2026, 6, 1)


class Person:
    """Somebody invented, with the cases the institution gave a number."""

    def __init__(self, people, name, male=True, birth="19900105"):
        self.name, self.sex = name, "男" if male else "女"
        self.number = people.number(birth, male)
        self.cases, self.tickets = {}, {}

    def row(self, item, theory, practical, day=SAT, ticket=None):
        return [self.name, self.sex, self.number, item, day, theory, practical, ticket]


def untold(cause):
    """The key of what is said of a cause to whoever added nothing."""
    return f"why-{REASONS[cause].replace('_', '-')}"


def same(what, got, want):
    if got != want:
        show = functools.partial(
            json.dumps, ensure_ascii=False, indent=1, sort_keys=True, default=str
        )
        raise AssertionError(f"{what}\n--- got\n{show(got)}\n--- wanted\n{show(want)}")


class Told:
    """Asks a node, and compares."""

    def answer(self, who, ticket=None, **more):
        """The API's answer, whole, but for its moment, and for limits and estimate, which are checked apart."""
        answer = self.node.ask(who.number, who.name, ticket, **more)
        same(f"{who.name}: status", answer.status, 200)
        told = answer.json()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", told.pop("as_of")), (
            answer.text
        )
        for running in told["progress"]:
            self.estimate(f"{who.name} {running['stage']}", running.pop("estimate"))
            for limit in running.get("details", {}).pop("deadlines", []):
                self.limit(f"{who.name} {running['stage']}", limit)
        self.asked += 1
        return told

    def progress(self, who, item, stage, note, step, by, since, days=None, **more):
        """One running case as it must be told."""
        told = {
            "case": who.cases[item],
            "item": {"code": CODES[item], "name": item},
            "kind": "initial",
            "stage": stage,
            "since": str(since),
            "held_by": by,
            "telephone": TELEPHONE,
            "due": None,
            "overdue": False,
            "note": note,
            "next_step": ZH[f"step-{step}"],
        }
        if days is not None:
            told["due"], provisional = self.workdays_after(since, days)
            told.update({"due_provisional": True} if provisional else {})
        told["overdue"] = told["due"] is not None and told["due"] < str(TODAY)
        told.update(more)
        return told

    def running(self, who, item, stage, note, step, by, since, days=None, ticket=None, held=()):
        """Asks without and with the ticket; `ticket` is what changes with it."""
        public = self.progress(who, item, stage, note, step, by, since, days)
        verdict = {
            "verdict": "found" if held else "in_progress",
            "certificates": list(held),
            "causes": [],
            "feeds": [],
        }
        same(f"{who.name} {stage}", self.answer(who), {**verdict, "progress": [public]})
        own = {**public, **(ticket or {})}
        same(
            f"{who.name} {stage}, with ticket",
            self.answer(who, who.tickets[item]),
            {**verdict, "progress": [own]},
        )

    @staticmethod
    def estimate(what, told):
        """Dates that follow each other; none where a case is over, or nothing is sure."""
        if told is not None:
            days = [date.fromisoformat(told["by"][p]) for p in ("50", "80", "95")]
            assert TODAY <= days[0] <= days[1] <= days[2], f"{what}: {told}"
            levels = ("prior", "nation", "province", "authority", "institution")
            assert told["level"] in levels and told["sample"] >= 0, f"{what}: {told}"

    def limit(self, what, told):
        """A limit of the law, with its last day counted here again."""
        due, provisional = self.workdays_after(date.fromisoformat(told["from"]), told["limit"])
        same(f"{what}: {told['duty']}", told["due"], due)
        same(f"{what}: {told['duty']}", told.get("provisional", False), provisional)
        done = told.get("done")
        course = told["course"] if done is None else "in_time" if done <= due else "late"
        same(f"{what}: {told['duty']}", told["course"], course)
        assert told["article"] and told["source"] and told["who"] in ("institution", "authority")

    def scoring(self, who, item):
        self.running(who, item, "scoring", None, "wait-for-scores", SCHOOL, SAT, 10)

    def scored(self, who, item, step, **details):
        ticket = {"note": None, "next_step": ZH[f"step-{step}"], "details": details}
        self.running(
            who,
            item,
            "scoring",
            "result_with_ticket",
            "ask-with-ticket",
            SCHOOL,
            SAT,
            ticket=ticket,
        )

    def deciding(self, who, item, step, by=AUTHORITY, **details):
        ticket = {
            "note": None,
            "next_step": ZH[f"step-{step}"],
            "held_by": by,
            "telephone": TELEPHONE,
            "details": details,
        }
        self.running(
            who,
            item,
            "qualification",
            "details_with_ticket",
            "wait-for-decision",
            AUTHORITY,
            TODAY,
            25,
            ticket=ticket,
        )

    def making(self, who, item, **details):
        self.running(
            who,
            item,
            "making",
            None,
            "wait-for-making",
            AUTHORITY,
            TODAY,
            10,
            ticket={"details": details},
        )

    def card(self, who, item, **more):
        # The day before the same day in six years; of a 29 February the last of the month.
        until = date(TODAY.year + 6, TODAY.month, min(TODAY.day, 28)) + timedelta(
            days=TODAY.day - min(TODAY.day, 28) - 1
        )
        return {
            "category": "special_operation",
            "item": {"code": CODES[item], "name": item},
            "holder": who.name,
            "sex": "male" if who.sex == "男" else "female",
            "number": f"T{who.number}",
            "first_issued": str(TODAY),
            "valid_from": str(TODAY),
            "valid_until": str(until),
            "next_due": str(until),
            "authority": AUTHORITY,
            "status": "valid",
            "taken_over": False,
            **more,
        }

    def nothing(self, who, ticket=None, fact=False):
        causes = ["details_mismatch"] if fact else CAUSES
        key = "mismatch-fact" if fact else None
        told = [
            {
                "code": c,
                "certainty": "certain" if fact else "possible",
                "reason": "registered_otherwise" if fact else REASONS[c],
                "text": ZH[f"cause-{key or c.replace('_', '-')}"],
                "means": ZH["why-registered-otherwise" if fact else untold(c)],
                "what_to_do": ZH[f"cause-{key or c.replace('_', '-')}-do"],
            }
            for c in causes
        ]
        empty = {
            "verdict": "not_found",
            "certificates": [],
            "progress": [],
            "causes": told,
            "feeds": [],
        }
        same(f"{who.name} not found", self.answer(who, ticket), empty)

    def workdays_after(self, day, count):
        """The working day so many after `day`, and whether its year is only provisional."""
        for year in range(day.year, day.year + 2):
            months = calendar(self.node.kecha, year)
            for workday in months["workdays"]:
                count -= workday > str(day)
                if count == 0 and workday > str(day):
                    return workday, months["status"] != "published"
        raise AssertionError("no such working day")


@functools.cache
def calendar(kecha, year):
    return json.loads(
        subprocess.run(
            [kecha, "calendar", str(year), "--json"], capture_output=True, check=True
        ).stdout
    )
