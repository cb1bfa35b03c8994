"""A month of one province, played through its pages, and compared with the law.

    month.py KECHA [SEED [SIZE]]

Three institutions, two authorities with twelve officers, two thousand candidates; from 2026-05-06
to 2026-06-23, so that the order of 2010 ends and the one of 2026 begins in between. What everybody
does is in plans.py, what the law makes of it in law.py and case.py, which know nothing of the
program. At the end every case and every certificate is looked up and compared, and every record
with the fold of its events.
"""

import collections
import pathlib
import random
import re
import sys
import tempfile
import time
from datetime import date, timedelta

import chinese_calendar
from province import Clock, People, Province  # noqa: I001  (it says where the others are found)

import compare
import law
import plans
from acts import CHANGES, COMMANDS
from crowd import Crowd
from rooms import Rooms

SEED, SIZE = 20260601, 2000


class Month(Rooms):
    """The province, its people, and the day it is."""

    def __init__(self, kecha, folder, seed, size):
        self.clock = Clock(folder)
        self.clock.morning(plans.FIRST)
        self.day, self.kinds, self.sessions, self.tickets = (
            plans.FIRST,
            collections.Counter(),
            {},
            0,
        )
        chance = random.Random(seed)
        self.everybody = Crowd(chance, People(seed), size).everybody()
        self.node = Province(kecha, folder / "province", self.clock).start()

    def count(self, kind, n=1):
        self.kinds[kind] += n

    def ticket(self):
        self.tickets += 1
        return f"ZK26{self.tickets:06}"

    def play(self):
        """Day by day; what people of one group do on a day they do together, each step in turn."""
        self.take_over([p for p in self.everybody if p.certificate])
        steps = collections.defaultdict(list)
        for person in self.everybody:
            for day, n, verb, args in person.steps:
                steps[day].append((n, verb, args, person))
        for day in sorted({*steps, plans.LAST}):
            self.begin(day)
            for n in sorted({n for n, *_ in steps[day]}):
                together = collections.defaultdict(list)
                for at, verb, args, person in steps[day]:
                    if at == n:
                        together[person.group if verb == "make" else "", verb, repr(args)].append(
                            (args, person)
                        )
                for (_, verb, _), both in together.items():
                    self.do(verb, [person for _, person in both], both[0][0])

    def begin(self, day):
        """The morning of a day, after what the law lets time do."""
        self.day = day
        self.clock.morning(day)
        silent = sum(c.silence(day) for p in self.everybody for c in p.cases)
        if silent:
            self.count("deemed accepted", silent)
            # The program looks at its clock once a second.
            time.sleep(2.5)

    def do(self, verb, people, args):
        if verb in COMMANDS:
            self.command(verb, people, args)
        elif verb in CHANGES:
            self.change(verb, people, args)
        else:
            getattr(self, verb)(verb, people, args)

    def compare(self):
        """Every person and every case; the lines of what differs."""
        wrong = []
        for person in self.everybody:
            found = list(compare.by_query(self.node, person, self.day))
            for case in person.cases:
                found += compare.by_page(self.node, case, self.day)
            wrong += [f"{person.group}: {line}" for line in found]
            self.situation(person)
        return wrong

    def situation(self, person):
        """Where people ended, by kind."""
        self.count(f"group: {person.group}")
        for case in person.cases:
            self.count(f"state: {case.state}")
            for limit in case.deadlines(self.day):
                self.count(f"limit: {limit[0]} {limit[4]}")
        if person.certificate:
            self.count(f"card: {person.certificate.status_on(self.day)}")


STATES = (
    "registered examined passed not_passed reported returned refused accepted reviewed rejected"
)
STATES += " approved issued annulled closed"
WANTED = {
    *(f"state: {word}" for word in STATES.split()),
    *(f"card: {word}" for word in "valid suspended expired lapsed revoked cancelled".split()),
    *(f"issue: {kind}" for kind in "initial renewal recheck reissue replacement".split()),
    *(f"limit: publish_scores {course}" for course in "in_time late missed".split()),
    *(f"limit: accept {course}" for course in "in_time running by_silence".split()),
    *(f"limit: decide {course}" for course in "in_time running missed paused".split()),
    *(f"limit: deliver {course}" for course in "in_time late running missed".split()),
    *COMMANDS,
    *CHANGES,
    *"sheet print deliver panel enrolled".split(),
    "deemed accepted",
    "panel resolved",
    "taken over",
    "theory by machine",
    "seat given up",
    "report with materials",
    "photo",
    "second list flagged",
    "foreign office",
    "eligible: schooling-too-low",
    "eligible: health-undeclared",
    *(
        f"no: {code}"
        for code in (
            "already-extended already-suspended banned batch-not-released certificate-ended "
            "certificate-exists extension-too-long kind-not-in-force limit-passed list-missing "
            "not-passed not-proposed not-suspended other-region procedure-open proposal-open "
            "role-not-allowed score-recheck-open second-person-required transfer-open "
            "window-closed window-not-open wrong-state years-too-few"
        ).split()
    ),
}


def working_days():
    """The year's working days, once more by somebody else's list."""
    for n in range(365):
        day = date(2026, 1, 1) + timedelta(days=n)
        if law.is_workday(day) != chinese_calendar.is_workday(day):
            raise AssertionError(f"{day}: is it worked or not?")


def in_order(node, kinds):
    """Every record is the fold of its events, before and after it is made again from them."""
    said = node.run("journal", "verify")
    print(f"  journal verify: {said.strip().splitlines()[-1]}")
    kinds["entries"] = node.verify()
    node.stop()
    said = node.run("journal", "rebuild")
    print(f"  journal rebuild: {said.strip().splitlines()[-1]}")
    again = node.verify()
    if again != kinds["entries"]:
        raise AssertionError(f"rebuilt, it has {again} entries and not {kinds['entries']}")


def main():
    kecha = str(pathlib.Path(sys.argv[1]).resolve())
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    size = int(sys.argv[3]) if len(sys.argv) > 3 else SIZE
    began = time.monotonic()
    working_days()
    print(f"month, seed {seed}, {size} people")
    with tempfile.TemporaryDirectory(prefix="kecha-month-") as scratch:
        month = Month(kecha, pathlib.Path(scratch), seed, size)
        try:
            month.play()
            print(f"  played in {time.monotonic() - began:.0f} s")
            wrong = month.compare()
            print(f"  compared after {time.monotonic() - began:.0f} s")
            in_order(month.node, month.kinds)
        finally:
            if month.node.server:
                month.node.stop()
    for kind, n in sorted(month.kinds.items()):
        print(f"  {n:6} {kind}")
    lacking = sorted(kind for kind in WANTED if not month.kinds[kind])
    for line in lacking:
        print(f"  never: {line}")
    groups = collections.Counter(re.sub(r"\w{12}", "…", line) for line in wrong)
    for line, n in groups.most_common(40):
        print(f"  {n:6} times {line}")
    cases = sum(len(p.cases) for p in month.everybody)
    took = time.monotonic() - began
    print(f"  {len(month.everybody)} people, {cases} cases, {len(wrong)} differences, {took:.0f} s")
    sys.exit(1 if wrong or lacking else 0)


if __name__ == "__main__":
    main()
