"""What the law says of a case and of a certificate, written down a second time, for the comparison.

Nothing here was taken from the program. The limits, the two orders and the working days stand as
the rules have them; where the program decides what the rules leave open, the comment says so.
"""

import dataclasses
from datetime import date, timedelta

R19_FROM = date(2026, 6, 1)
PASS = 80
PUBLISH, ACCEPT, DECIDE, DELIVER = 10, 5, 20, 10

# The State Council's notice for 2026: what is off on a weekday, and the weekends that are worked.
OFF = {
    date(2026, m, d)
    for m, days in {
        1: (1, 2),
        2: (16, 17, 18, 19, 20, 23),
        4: (6,),
        5: (1, 4, 5),
        6: (19,),
        9: (25,),
        10: (1, 2, 5, 6, 7),
    }.items()
    for d in days
}
MADE_UP = {date(2026, m, d) for m, d in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}


def is_workday(day):
    assert day.year == 2026, f"no calendar for {day}"
    return day in MADE_UP or (day.weekday() < 5 and day not in OFF)


def workdays_after(day, count):
    """The last day of a limit; the day it runs from is not counted."""
    while count:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day


def workdays_between(first, last):
    """Working days after the first, up to the last."""
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(map(is_workday, days))


def law_of(day):
    return "R30" if day < R19_FROM else "R19"


def years_on(day, years):
    """The last day of so many years that begin on that day."""
    try:
        return day.replace(year=day.year + years) - timedelta(days=1)
    except ValueError:
        return date(day.year + years, 2, 28)


@dataclasses.dataclass
class Span:
    """One limit: what is due, from which day, and the day it was done."""

    duty: str
    start: date
    done: date = None
    silence: bool = False


@dataclasses.dataclass
class Pause:
    """A hearing and the like: its days are taken out of the decision's limit."""

    what: str
    start: date
    until: date
    ended: date = None


class No(Exception):
    """The law says no; the code of the refusal."""


@dataclasses.dataclass
class Certificate:
    """What a holder has."""

    holder: object
    item: str
    authority: str
    first: date
    start: date
    until: date
    recheck: date = None
    status: str = "valid"
    taken_over: bool = False
    banned: date = None
    ground: str = None
    since: date = None
    proposal: tuple = None
    id: str = None
    reissued: int = 0

    def status_on(self, day):
        if self.status in ("revoked", "cancelled"):
            return self.status
        if day > self.until:
            return "expired"
        if self.status == "lapsed" or self.missed(day):
            return "lapsed"
        return self.status

    def missed(self, day):
        """A recheck that was due while there were rechecks, and was not done (R30 art. 26)."""
        return self.recheck is not None and self.recheck < R19_FROM and day > self.recheck

    def next_due(self, day):
        if self.status_on(day) not in ("valid", "suspended"):
            return None
        if self.recheck is not None and self.recheck < R19_FROM:
            return self.recheck
        return self.until

    def open_for(self, kind, day):
        """Whether a case of that kind may begin at the counter."""
        if self.status in ("revoked", "cancelled"):
            raise No("certificate-ended")
        if kind == "recheck":
            if self.recheck is None or day >= R19_FROM or self.recheck >= R19_FROM:
                raise No("kind-not-in-force")
            last = self.recheck
        elif kind == "renewal":
            last = self.until
            if self.status_on(day) == "lapsed" and day <= last:
                return
        else:
            if self.status_on(day) not in ("valid", "suspended"):
                raise No("no-former-certificate")
            return
        if day > last:
            raise No("window-closed")
        if day < last - timedelta(days=60):
            raise No("window-not-open")

    # --- what an authority does to it -----------------------------------------------------------

    def suspend(self, day, ground):
        if self.status == "suspended":
            raise No("already-suspended")
        if self.status != "valid":
            raise No("certificate-ended")
        self.status, self.ground, self.since = "suspended", ground, day

    def resume(self, day):
        if self.status != "suspended":
            raise No("not-suspended")
        self.status, self.ground, self.since = "valid", None, day

    def propose(self, what, by, **more):
        if self.proposal:
            raise No("proposal-open")
        if self.status == "cancelled" or (self.status == "revoked" and what != "cancel"):
            raise No("certificate-ended")
        self.proposal = (what, by, more)

    def decide(self, by, day):
        if not self.proposal:
            raise No("not-proposed")
        what, proposer, more = self.proposal
        if proposer == by:
            raise No("second-person-required")
        self.proposal = None
        if what == "correct":
            self.holder.become(more["name"])
            return
        self.status = {"revoke": "revoked", "cancel": "cancelled"}[what]
        self.ground, self.since = more["words"], day
        # Fraud and false data bar a new application for three years (R30 art. 30).
        if more.get("ban"):
            self.banned = day.replace(year=day.year + more["ban"])

    def put_review_off(self, day, years):
        """Ten years in the trade put the recheck off to the end of the term (R30 art. 21)."""
        if self.recheck is None or day >= R19_FROM or self.recheck >= R19_FROM:
            raise No("kind-not-in-force")
        if years < 10:
            raise No("years-too-few")
        self.recheck = None
