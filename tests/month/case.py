"""One case as the law has it: every act checked, every limit counted."""

import law
from law import ACCEPT, DECIDE, DELIVER, PASS, PUBLISH, Certificate, No, Pause, Span

SCORING = ("registered", "examined", "passed", "not_passed")
DECIDING = ("reported", "returned", "refused", "accepted", "reviewed", "rejected")
MAKING = ("approved", "made", "annulled")


class Case:
    """A person's way to one certificate."""

    def __init__(self, person, item, kind, institution, authority, day):
        self.person, self.item, self.kind = person, item, kind
        self.institution, self.authority = institution, authority
        self.state, self.since = "registered", day
        self.sat = []  # (part, day, score)
        self.spans, self.pauses, self.extension = [], [], None
        self.published = self.told = self.missing = self.ground = self.batch = None
        self.recheck = self.reviewer = self.offer = self.withheld = None
        self.report_day = self.accepted = None
        self.certificate, self.printed, self.delivered = None, False, False
        self.renews = self.id = self.ticket = None

    # --- the exam -------------------------------------------------------------------------------

    def last(self, part):
        return next(((d, s) for p, d, s in reversed(self.sat) if p == part), None)

    def sittings(self, part):
        return sum(p == part for p, _, _ in self.sat)

    def has_passed(self, part):
        last = self.last(part)
        if last is None or last[1] < PASS:
            return False
        if part == "theory":
            return True
        # The practical part is sat after theory was passed.
        return any(p == "theory" and s >= PASS and d <= last[0] for p, d, s in self.sat)

    @staticmethod
    def allowed(part, day):
        """Sittings the law of the day allows; none where it does not count them."""
        if law.law_of(day) == "R30":
            return 2
        return None if part == "theory" else 5

    def may_sit(self, part, day):
        allowed = self.allowed(part, day)
        return allowed is None or self.sittings(part) < allowed

    def left(self):
        """Sittings left of the part that stands in the way."""
        day = max(d for _, d, _ in self.sat)
        part = "practical" if self.has_passed("theory") else "theory"
        allowed = self.allowed(part, day)
        return None if allowed is None else max(0, allowed - self.sittings(part))

    def sit(self, part, day, score):
        if not self.may_sit(part, day):
            raise No("no-sitting-left")
        self.sat.append((part, day, score))
        if self.published is None:
            self.since = max(d for _, d, _ in self.sat)
        if self.open() and self.open().duty == "publish_scores":
            self.open().start = max(self.open().start, day)
        else:
            self.spans.append(Span("publish_scores", day))
        self.state = "examined"

    def outcome(self):
        both = self.has_passed("theory") and self.has_passed("practical")
        self.state = "passed" if both else "not_passed"

    def confirm(self, day):
        self.want("examined")
        self.outcome()
        self.published = self.published or day
        self.end(day)

    def ask_recheck(self, day, part):
        self.want("passed", "not_passed")
        if self.recheck:
            raise No("score-recheck-open")
        self.recheck = part

    def answer_recheck(self, day, part, score):
        self.want("passed", "not_passed")
        if self.recheck != part:
            raise No("no-score-recheck-open")
        at = max(n for n, sat in enumerate(self.sat) if sat[0] == part)
        self.sat[at] = (part, self.sat[at][1], score)
        self.recheck = None
        self.outcome()

    # --- report and acceptance ------------------------------------------------------------------

    def report(self, day):
        if self.state == "not_passed":
            raise No("not-passed")
        if self.recheck:
            raise No("score-recheck-open")
        no_exam = self.state == "registered" and self.kind in ("reissue", "replacement")
        if not no_exam:
            self.want("passed")
        self.state, self.since, self.report_day = "reported", day, day
        self.spans.append(Span("accept", day))

    def resubmit(self, day):
        self.want("returned")
        self.told, self.missing = self.missing, None
        self.state, self.report_day = "reported", day
        self.spans.append(Span("accept", day))

    def give_back(self, day, missing):
        self.answerable(day)
        if self.told is not None and any(m not in self.told for m in missing):
            raise No("list-missing")
        self.state, self.missing = "returned", list(missing)
        self.end(day)

    def refuse(self, day, ground):
        self.answerable(day)
        self.state, self.ground = "refused", ground
        self.end(day)

    def accept(self, day):
        self.answerable(day)
        self.end(day)
        self.accepted, self.state = day, "accepted"
        self.spans.append(Span("decide", day))

    def answerable(self, day):
        self.want("reported")
        if self.offer:
            raise No("transfer-open")
        if day > law.workdays_after(self.open().start, ACCEPT):
            raise No("limit-passed")

    def silence(self, day):
        """Whether the day finds that silence has accepted; it counts from the day of receipt."""
        if self.state != "reported" or day <= law.workdays_after(self.open().start, ACCEPT):
            return False
        self.end(day, silence=True)
        self.accepted, self.state, self.offer = self.report_day, "accepted", None
        self.spans.append(Span("decide", self.report_day))
        return True

    # --- another authority ----------------------------------------------------------------------

    def offer_transfer(self, day, to, tie):
        if self.state not in (
            "registered",
            "examined",
            "passed",
            "not_passed",
            "reported",
            "returned",
        ):
            raise No("wrong-state")
        if self.offer:
            raise No("transfer-open")
        if law.law_of(self.report_day or day) == "R30" and not tie:
            raise No("other-region")
        self.offer = to

    def take_transfer(self, day):
        if not self.offer:
            raise No("no-transfer-open")
        self.authority, self.offer = self.offer, None
        if self.state == "reported":
            self.report_day = self.open().start = day

    def decline_transfer(self, day):
        if not self.offer:
            raise No("no-transfer-open")
        self.offer = None

    # --- decision -------------------------------------------------------------------------------

    def begin_procedure(self, day, what, until):
        self.still_due(day)
        self.pauses.append(Pause(what, day, until))

    def end_procedure(self, day):
        self.want("accepted", "reviewed")
        if not self.pauses or self.pauses[-1].ended:
            raise No("no-procedure-open")
        self.pauses[-1].ended = day

    def standing_still(self):
        if self.pauses and not self.pauses[-1].ended:
            raise No("procedure-open")

    def still_due(self, day):
        """A limit that has passed is neither stopped nor put off."""
        self.want("accepted", "reviewed")
        self.standing_still()
        if day > self.due_of_decision(self.accepted)[0]:
            raise No("limit-passed")

    def extend(self, day, days):
        self.still_due(day)
        if self.extension:
            raise No("already-extended")
        if days > 10:
            raise No("extension-too-long")
        self.extension = (day, days)

    def review(self, day, by):
        if self.state in ("accepted", "reviewed"):
            self.standing_still()
        self.want("accepted")
        self.state, self.reviewer = "reviewed", by

    def approve(self, day, by):
        self.second(by)
        self.state, self.since = "approved", day
        self.end(day)
        self.spans.append(Span("deliver", day))

    def reject(self, day, by, ground):
        self.second(by)
        self.state, self.ground = "rejected", ground
        self.end(day)

    def second(self, by):
        if self.state in ("accepted", "reviewed"):
            self.standing_still()
        self.want("reviewed")
        if by == self.reviewer:
            raise No("second-person-required")

    # --- the card -------------------------------------------------------------------------------

    def make(self, day, batch):
        self.want("approved")
        self.state, self.batch = "made", batch

    def issue(self, day):
        self.want("made")
        if self.withheld:
            raise No("card-withheld")
        self.state = "issued"
        old = self.renews
        if self.kind == "initial":
            self.certificate = Certificate(
                self.person, self.item, self.authority, day, day, law.years_on(day, 6)
            )
            return self.certificate
        self.certificate = old
        if self.kind == "renewal":
            old.start, old.until, old.recheck = day, law.years_on(day, 6), None
            if old.status == "lapsed":
                old.status = "valid"
        elif self.kind == "recheck":
            old.recheck = None  # the next would fall due when there are no rechecks any more
        elif self.kind == "reissue":
            old.reissued += 1
        elif self.kind == "replacement":
            old.holder.become(self.person.new_name)
        return old

    def withhold(self, day, by):
        self.want("made")
        if self.withheld:
            raise No("card-withheld")
        self.withheld = by

    def annul(self, day, by, ground):
        self.want("made")
        if not self.withheld:
            raise No("not-withheld")
        if self.withheld == by:
            raise No("second-person-required")
        self.state, self.ground, self.withheld = "annulled", ground, None
        self.end(day)

    def print_card(self, day):
        if self.state != "issued" or self.printed:
            raise No("wrong-state")
        self.printed = True

    def deliver(self, day):
        if self.state != "issued" or not self.printed or self.delivered:
            raise No("wrong-state")
        self.delivered = True
        self.end(day)

    def close(self):
        self.state = "closed"

    # --- limits ---------------------------------------------------------------------------------

    def want(self, *states):
        if self.state not in states:
            raise No("wrong-state")

    def open(self):
        return self.spans[-1] if self.spans and self.spans[-1].done is None else None

    def end(self, day, silence=False):
        if self.open():
            self.open().silence = silence
            self.open().done = day

    def stage(self):
        for stage, states in (
            ("scoring", SCORING),
            ("qualification", DECIDING),
            ("making", MAKING),
        ):
            if self.state in states:
                return stage
        return None

    def due_of_decision(self, start):
        """The last day of a decision, the days taken out and the pause it stands still in."""
        days, out = DECIDE, 0
        last = law.workdays_after(start, days)
        added = 0
        orders = [(p.start, 0, p) for p in self.pauses]
        orders += [(self.extension[0], 1, None)] if self.extension else []
        for day, _, pause in sorted(orders, key=lambda o: o[:2]):
            if day > last:
                continue  # it came when the limit had passed
            if pause is None:
                added = self.extension[1]
            elif pause.ended is None:
                return last, out, added, pause
            else:
                out += law.workdays_between(pause.start, pause.ended)
            last = law.workdays_after(start, days + out + added)
        return last, out, added, None

    def deadlines(self, today):
        """Every limit: (duty, from, due, done, course, taken out, added)."""
        told = []
        for span in self.spans:
            out = added = 0
            still = None
            if span.duty == "decide":
                due, out, added, still = self.due_of_decision(span.start)
            else:
                days = {"publish_scores": PUBLISH, "accept": ACCEPT, "deliver": DELIVER}[span.duty]
                due = law.workdays_after(span.start, days)
            course = self.course(span.done, due, today)
            if span.silence:
                course = "by_silence"
            elif still and span.done is None:
                course, due = "paused", None
            told.append((span.duty, span.start, due, span.done, course, out, added))
            if span.duty == "decide":
                for p in self.pauses:
                    course = self.course(p.ended, p.until, today)
                    told.append(("procedure", p.start, p.until, p.ended, course, 0, 0))
        return told

    @staticmethod
    def course(done, due, today):
        if done is None:
            return "running" if today <= due else "missed"
        return "in_time" if done <= due else "late"
