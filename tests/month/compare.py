"""What the program says of everybody at the end, beside what the law says of them."""

import html
import re

import law
from law import ACCEPT, DECIDE, DELIVER, PUBLISH
from office import TELEPHONE, ZH
from province import AUTHORITIES, ITEMS, SCHOOLS

OF_CARD = (
    "category item holder sex number first_issued valid_from valid_until next_due authority status "
    "taken_over ground since"
).split()
OF_CASE = "case item kind stage since held_by telephone due overdue note next_step details".split()
OF_DETAILS = "state theory practical resits_left missing ground batch deadlines".split()
OF_LIMIT = "duty from due done course limit paused extended law".split()
LIMITS = {"publish_scores": PUBLISH, "accept": ACCEPT, "decide": DECIDE, "deliver": DELIVER}


def text(day):
    return None if day is None else str(day)


def card_of(card, told, today):
    """A certificate as the answer has it."""
    ended = card.status in ("suspended", "revoked", "cancelled")
    return {
        "category": "special_operation",
        "item": {"code": card.item, "name": ITEMS[card.item]},
        "holder": card.holder.name,
        "sex": "male",
        "number": f"T{card.holder.number}",
        "first_issued": str(card.first),
        "valid_from": str(card.start),
        "valid_until": str(card.until),
        "next_due": text(card.next_due(today)),
        "authority": AUTHORITIES[card.authority],
        "status": card.status_on(today),
        "taken_over": card.taken_over,
        "ground": card.ground if told and ended else None,
        "since": text(card.since) if told and ended else None,
    }


def due_of_stage(case):
    """What the public is told: counted from the day of the stage and from nothing else."""
    stage, days = case.stage(), None
    if stage == "scoring" and case.sat and case.published is None:
        days = PUBLISH
    elif stage == "qualification":
        days = ACCEPT + DECIDE
    elif stage == "making":
        days = DELIVER
    return None if days is None else law.workdays_after(case.since, days)


def case_of(case, told, today):
    """A running case as the answer has it, for the public or for the holder of the ticket."""
    stage, due = case.stage(), due_of_stage(case)
    holder = SCHOOLS[case.institution] if stage == "scoring" else AUTHORITIES[case.authority]
    note, step = {
        "scoring": (None, "wait-for-scores"),
        "qualification": ("details_with_ticket", "wait-for-decision"),
        "making": (None, "wait-for-making"),
    }[stage]
    if stage == "scoring" and case.published:
        note, step = "result_with_ticket", "ask-with-ticket"
    details = None
    if told and (stage != "scoring" or case.published):
        note, details = None, details_of(case, today)
        step = own_step(case, step)
        if case.state == "returned":
            holder = SCHOOLS[case.institution]
    return {
        "case": case.id,
        "item": {"code": case.item, "name": ITEMS[case.item]},
        "kind": case.kind,
        "stage": stage,
        "since": str(case.since),
        "held_by": holder,
        "telephone": TELEPHONE,
        "due": text(due),
        "overdue": due is not None and due < today,
        "note": note,
        "next_step": ZH[f"step-{step}"],
        "details": details,
    }


def own_step(case, step):
    if case.state == "not_passed":
        return "register-again" if case.left() == 0 else "resit"
    return {
        "registered": "wait-for-scores",
        "examined": "wait-for-scores",
        "passed": "wait-for-report",
        "returned": "hand-in-missing",
        "refused": "appeal",
        "rejected": "appeal",
        "annulled": "appeal",
    }.get(case.state, step)


def details_of(case, today):
    sure = case.state != "examined"
    score = {part: (case.last(part) or (None, None))[1] for part in ("theory", "practical")}
    return {
        "state": case.state,
        "theory": score["theory"] if sure else None,
        "practical": score["practical"] if sure else None,
        "resits_left": case.left() if case.state == "not_passed" else None,
        "missing": case.missing if case.state == "returned" else None,
        "ground": case.ground if case.state in ("refused", "rejected", "annulled") else None,
        "batch": case.batch if case.state == "made" else None,
        "deadlines": [limit_of(limit) for limit in case.deadlines(today)],
    }


def limit_of(limit):
    duty, start, due, done, course, out, added = limit
    return {
        "duty": duty,
        "from": str(start),
        "due": text(due),
        "done": text(done),
        "course": course,
        "limit": LIMITS.get(duty),
        "paused": out,
        "extended": added,
        "law": law.law_of(start).lower(),
    }


def only(told, names):
    """The named fields of an answer; what it leaves out is nothing."""
    return {name: told.get(name) for name in names}


def said(answer):
    """The answer of the program, with the fields that are compared."""
    cards = [only(card, OF_CARD) for card in answer["certificates"]]
    for card in cards:
        card["ground"] = (card["ground"] or {}).get("words")
    cases = [only(case, OF_CASE) for case in answer["progress"]]
    for case in cases:
        if case["details"] is None:
            continue
        details = case["details"] = only(case["details"], OF_DETAILS)
        details["ground"] = (details["ground"] or {}).get("words")
        details["missing"] = details["missing"] or None
        limits = [only(limit, OF_LIMIT) for limit in details["deadlines"] or []]
        for limit in limits:
            limit["paused"], limit["extended"] = limit["paused"] or 0, limit["extended"] or 0
            limit["law"] = limit["law"].lower()
        details["deadlines"] = limits
    return {"verdict": answer["verdict"], "certificates": cards, "progress": cases}


def expected(person, told, today):
    """The same from the model; `told` says whether the ticket of the last case was given."""
    cards = []
    if person.certificate:
        own = told and person.case.certificate is person.certificate
        cards.append(card_of(person.certificate, own, today))
    cases = [case_of(c, told and c is person.case, today) for c in person.cases if c.stage()]
    verdict = "found" if cards else "in_progress" if cases else "not_found"
    return {"verdict": verdict, "certificates": cards, "progress": cases}


def differences(got, wanted, place=""):
    """Where two answers differ, one line each."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        for key in sorted({*got, *wanted}):
            yield from differences(got.get(key), wanted.get(key), f"{place}.{key}")
    elif isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        for n, (one, other) in enumerate(zip(got, wanted, strict=True)):
            yield from differences(one, other, f"{place}[{n}]")
    elif got != wanted:
        yield f"{place}: {got!r}, and the law says {wanted!r}"


def by_query(node, person, today):
    """What the public query says with number and name, and with the ticket."""
    for ticket in (False, True):
        if ticket and not person.cases:
            continue
        given = person.case.ticket if ticket else None
        answer = node.ask(person.number, person.name, given)
        if answer.status != 200:
            yield f"query: {answer.status} {answer.text}"
            continue
        found = differences(said(answer.json()), expected(person, ticket, today))
        yield from (f"query{' with ticket' if ticket else ''} {line}" for line in found)
    for name in person.old_names:
        verdict = node.ask(person.number, name).json()["verdict"]
        if verdict != "not_found":
            yield f"under the old name {verdict}"


ROW = re.compile(
    r'<tr class="([a-z-]+)"><th scope="row">(.*?)(?:<br>.*?)?</th><td>.*?</td>'
    r'<td class="day">(\S+)</td><td class="when day">(\S+)</td>'
)


def by_page(node, case, today):
    """What the officers' page of a case says: its state, its sittings and every limit."""
    page = node.officer("first", case.authority).get(f"/console/cases/{case.id}").text
    lead = re.search(r'<p class="lead">(.*?) ·', page)
    state = html.unescape(lead[1]) if lead else page[:300]
    if state != ZH[f"state-{case.state.replace('_', '-')}"]:
        yield f"page: {state}, and the law says {case.state}"
    sat = re.findall(r"<dt>([^<]*)</dt><dd>(\d{4}-\d\d-\d\d): (\d+)</dd>", page)
    wanted = [(ZH[f"part-{part}"], str(day), str(score)) for part, day, score in case.sat]
    yield from differences(sat, wanted, "page sittings")
    rows = [tuple(html.unescape(cell) for cell in row) for row in ROW.findall(page)]
    pauses = iter(case.pauses)
    wanted = []
    for duty, start, due, _, course, _, _ in case.deadlines(today):
        word = f"duty-{duty}" if duty != "procedure" else f"procedure-{next(pauses).what}"
        name = ZH[word.replace("_", "-")]
        wanted.append((course.replace("_", "-"), name, str(start), text(due) or "–"))
    yield from differences(rows, wanted, "page limits")
