"""Kills the running server at random moments while people work; no acknowledged write may be lost.

    kill.py KECHA [KILLS]     50 on SQLite, a fifth of that on PostgreSQL where KECHA_TEST_PG is set

Clerks import small sheets and a lead confirms what came in. A write counts as acknowledged when the
whole answer was read. After each restart every one of them is looked for by its content: a sheet by
the names on it and by being known again, a confirmation by the state of its case. What was not
acknowledged may be there or not, but never in part.
"""

import http.client
import pathlib
import random
import re
import signal
import sys
import tempfile
import threading
import time
from datetime import timedelta

from office import ZH, Browser, Node, People, Postgres, today, workbook

WELDING = "熔化焊接与热切割作业"
# A server lives so long after it answers: from the first request on its way to many written.
SHORTEST, LONGEST = 0.05, 0.7
CLERKS = 3
BROKEN = (OSError, http.client.HTTPException)


class Work:
    """What was sent, and what the server has said it keeps."""

    def __init__(self, seed):
        self.random, self.people, self.serial = random.Random(seed), People(seed), 0
        self.lock = threading.Lock()
        self.sent, self.sheets, self.confirmed = [], [], set()

    def sheet(self):
        """Three invented people: their names, and the file."""
        with self.lock:
            rows = []
            for _ in range(3):
                self.serial += 1
                name = "测" + "".join("零一二三四五六七八九"[int(d)] for d in f"{self.serial:05d}")
                number = self.people.number("19900909", male=True)
                rows.append(
                    [name, "男", number, WELDING, today() - timedelta(days=3), 90, 91, None]
                )
            sheet = ([(r[0], r[2]) for r in rows], workbook(rows))
            self.sent.append(sheet)
            return sheet


def clerk(work, browser, stop):
    """Imports one sheet after the other until the server is gone."""
    try:
        while not stop.is_set():
            sheet = work.sheet()
            page = browser.upload(sheet[1])
            if page.status == 200 and ZH["import-done"] in page.text:
                with work.lock:
                    work.sheets.append(sheet)
    except BROKEN:
        pass


def lead(work, browser, stop):
    """Confirms whatever has come in."""
    try:
        while not stop.is_set():
            # No more than one page shows afterwards.
            few = 4 if len(work.confirmed) < 450 else 0
            waiting = [case for case, *_ in browser.cases("examined")][:few]
            told = browser.act("confirm", waiting, "examined") if waiting else {}
            if isinstance(told, dict):
                with work.lock:
                    work.confirmed |= {
                        case for case, word in told.items() if word == ZH["state-passed"]
                    }
    except BROKEN:
        pass


class Round:
    """The life of one server."""

    def __init__(self, node, work, browsers):
        self.node, self.work, self.browsers = node, work, browsers

    def live(self, seconds):
        stop = threading.Event()
        jobs = [
            threading.Thread(target=clerk, args=(self.work, b, stop)) for b in self.browsers[1:]
        ]
        jobs.append(threading.Thread(target=lead, args=(self.work, self.browsers[0], stop)))
        for job in jobs:
            job.start()
        time.sleep(seconds)
        self.node.stop(signal.SIGKILL)
        stop.set()
        for job in jobs:
            job.join(30)
            if job.is_alive():
                raise AssertionError("a client hangs although the server is gone")


def looked_for(node, work, browsers, since):
    """Everything acknowledged, by its content; `since` says what was looked for before."""
    sheets, confirmed = since
    for names, _ in work.sheets[sheets:]:
        for name, number in names:
            told = node.ask(number, name).json()
            if told["verdict"] != "in_progress":
                raise AssertionError(f"an acknowledged sheet is lost: {told}")
    passed = {case for case, *_ in browsers[0].cases("passed")}
    # The list shows one page; what is not on it is looked at alone.
    shown = lambda case: browsers[0].get(f"/console/cases/{case}").text
    lost = {c for c in work.confirmed - passed if ZH["state-passed"] not in shown(c)}
    if lost:
        raise AssertionError(f"acknowledged confirmations are lost: {lost}")
    return len(work.sheets), len(work.confirmed)


def whole_or_not_at_all(node, work, browser):
    """A sheet that was sent is there with all its people, or with none; and sent again it tells."""
    acknowledged = {id(s) for s in work.sheets}
    in_part = unsaid = 0
    for sheet in work.sent:
        there = [
            node.ask(number, name).json()["verdict"] != "not_found" for name, number in sheet[0]
        ]
        in_part += len(set(there)) > 1
        unsaid += all(there) and id(sheet) not in acknowledged
    if in_part:
        raise AssertionError(f"{in_part} sheets were kept in part")
    browser.get("/console/import")
    for _, file in work.sheets[-3:]:
        if ZH["import-already"] not in browser.upload(file).text:
            raise AssertionError("an acknowledged sheet is not known again")
    return unsaid


def the_test_can_fail(node, work):
    """The same look for a sheet that was never sent must miss it."""
    work.sheets.append(work.sheet())
    work.sent.pop()
    try:
        looked_for(node, work, [None], (len(work.sheets) - 1, 0))
    except AssertionError:
        work.sheets.pop()
        return
    raise AssertionError("what was never sent was found: this test proves nothing")


def kill(kecha, folder, kills, database=None, owner=None):
    began = time.monotonic()
    node, work = Node(kecha, folder, database, owner).start(), Work(20261124)
    address, seen = node.address, (0, 0)
    browsers = [Browser(node, "lead"), *(Browser(node, "clerk") for _ in range(CLERKS))]
    for browser in browsers[1:]:
        browser.get("/console/import")
    for _ in range(kills):
        Round(node, work, browsers).live(work.random.uniform(SHORTEST, LONGEST))
        node.start(address)
        seen = looked_for(node, work, browsers, seen)
    the_test_can_fail(node, work)
    unsaid = whole_or_not_at_all(node, work, browsers[1])
    node.stop()
    entries = node.verify()
    print(
        f"  {kills} kills, {seen[0]} sheets and {seen[1]} confirmations acknowledged and there, "
        f"{unsaid} more sheets kept whose answer was cut off, {entries} entries, 0 faults, "
        f"{time.monotonic() - began:.0f} s"
    )
    if seen[0] < kills or seen[1] < kills:
        raise AssertionError("too little was written for the kills to mean anything")
    if re.search(r"panicked|internal error", node.log.read_text("utf-8")):
        raise AssertionError(f"the log has troubles: {node.log.read_text('utf-8')[-2000:]}")


def main():
    kecha = str(pathlib.Path(sys.argv[1]).resolve())
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    with tempfile.TemporaryDirectory(prefix="kecha-kill-") as scratch:
        print("kill -9 on SQLite")
        kill(kecha, pathlib.Path(scratch) / "sqlite", kills)
        print("kill -9 on PostgreSQL")
        if Postgres.at_hand():
            database = Postgres()
            try:
                kill(
                    kecha, pathlib.Path(scratch) / "postgres", max(kills // 5, 1), *database.urls()
                )
            finally:
                database.drop()


if __name__ == "__main__":
    main()
