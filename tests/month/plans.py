"""What becomes of people: groups, how many are in each, and what they do on which day."""

from datetime import date


FRAUD = "以欺骗、贿赂等不正当手段取得特种作业操作证的"
REQUEST = "特种作业人员提出注销申请的"
FIRST, LAST = date(2026, 5, 6), date(2026, 6, 23)


def may(day):
    return date(2026, 5, day)


def june(day):
    return date(2026, 6, day)


def sat(theory, practical=None, **more):
    return ("sheet", {"theory": theory, "practical": practical, **more})


def chain(reported, accepted, reviewed, approved, made, issued):
    """The way from a passed exam to the certificate, a day for each step."""
    verbs = ("report", "accept", "review", "approve", "make", "issue")
    return list(zip((reported, accepted, reviewed, approved, made, issued), verbs, strict=True))


EXAM = [(may(7), *sat(86, 88)), (may(8), "confirm")]
R30 = EXAM + chain(may(11), may(13), may(15), may(18), may(19), may(20))
ACCEPTED = EXAM + [(may(11), "report", {"materials": "身份证复印件"}), (may(13), "accept")]
EXAM19 = [(june(2), *sat(90, 85)), (june(3), "confirm")]
R19 = EXAM19 + chain(june(4), june(8), june(9), june(10), june(11), june(12))
FAILS_TWICE = [(may(7), *sat(70)), (may(8), "confirm"), (may(14), *sat(75)), (may(15), "confirm")]
LATE = chain(june(10), june(11), june(12), june(15), june(16), june(17))
CARD_LATE = LATE[1:]


def resits():
    """Not passed, and what each order still allows."""
    yield (
        "r30 resit passed",
        90,
        [
            (may(7), *sat(85, 60)),
            (may(8), "confirm"),
            (may(14), *sat(None, 84)),
            (may(15), "confirm"),
            *chain(may(18), may(20), may(21), may(22), june(1), june(3)),
        ],
    )
    yield "r30 second failure", 70, [*FAILS_TWICE, (may(18), "report")]
    yield "r30 begins anew", 25, [*FAILS_TWICE, (may(21), *sat(88, 82)), (may(22), "confirm")]
    yield (
        "r30 failures, then r19",
        35,
        [*FAILS_TWICE, (june(2), *sat(91, 81)), (june(4), "confirm"), *LATE],
    )
    tries = [(june(2), *sat(50)), (june(3), "confirm")]
    for n, day in enumerate((4, 5, 8, 9)):
        tries += [(june(day), *sat(60 + n)), (june(day), "confirm")]
    yield "r19 theory without end", 30, [*tries, (june(10), *sat(80, 80)), (june(11), "confirm")]
    fives = [(june(2), *sat(85, 70)), (june(3), "confirm")]
    for day in (4, 5, 8, 9):
        fives += [(june(day), *sat(None, 71)), (june(day), "confirm")]
    yield "r19 five practicals", 20, fives
    yield "r19 a sixth begins anew", 10, [*fives, (june(10), *sat(85, 85)), (june(11), "confirm")]
    yield "nobody confirms", 40, [(may(7), *sat(90, 90))]
    yield (
        "confirmed late",
        40,
        [(may(7), *sat(90, 90)), (may(21), "confirm"), (may(22), "report"), (may(25), "accept")],
    )
    asks = [
        (may(7), *sat(88, 78)),
        (may(8), "confirm"),
        (may(11), "ask_recheck", {"part": "practical"}),
    ]
    asks += [(may(11), "ask_recheck", {"part": "theory"})]
    yield (
        "re-check raises",
        20,
        [
            *asks,
            (may(12), "answer_recheck", {"part": "practical", "score": 82}),
            (may(12), "photo"),
            *chain(may(13), may(14), may(15), may(18), may(19), may(20)),
        ],
    )
    yield (
        "re-check stands",
        20,
        [
            *asks,
            (may(12), "answer_recheck", {"part": "practical", "score": 78}),
            (may(13), "report"),
        ],
    )


def acceptance():
    """What the desk answers, and what silence does."""
    missing = {"missing": ["学历证明", "个人健康承诺书"]}
    yield (
        "silence under r30",
        60,
        [
            *EXAM,
            (may(11), "report"),
            (may(19), "accept"),
            (may(20), "review"),
            (may(21), "approve"),
            (may(22), "make"),
            (may(25), "issue"),
        ],
    )
    yield "silence over the festival", 50, [*EXAM19, (june(12), "report"), (june(23), "refuse")]
    yield (
        "returned, complete once",
        60,
        [
            *EXAM,
            (may(11), "report"),
            (may(13), "return", missing),
            (may(15), "resubmit"),
            (may(18), "return", {"missing": ["另一份材料"]}),
            (may(18), "flagged"),
            (may(19), "accept"),
            (may(20), "review"),
            (may(25), "approve"),
            (may(29), "make"),
            (june(2), "issue"),
        ],
    )
    yield "returned and left", 25, [*EXAM, (may(11), "report"), (may(13), "return", missing)]
    yield "refused", 30, [*EXAM, (may(11), "report"), (may(14), "refuse")]
    yield (
        "refused, then anew",
        15,
        [
            *EXAM,
            (may(11), "report"),
            (may(14), "refuse"),
            (june(2), *sat(83, 84)),
            (june(3), "confirm"),
        ],
    )
    yield "waits for the report", 80, EXAM19
    yield "waits for acceptance", 60, [*EXAM19, (june(17), "report"), (june(17), "foreign")]
    other = {"to": "other"}
    yield (
        "transfer under r30",
        20,
        [
            *EXAM,
            (may(11), "report"),
            (may(12), "offer_transfer", other),
            (may(12), "offer_transfer", {**other, "tie": "work_place"}),
            (may(13), "accept"),
            (may(14), "take_transfer"),
            (may(20), "accept"),
            (may(21), "review"),
            (may(22), "approve"),
            (may(25), "make"),
            (may(26), "issue"),
        ],
    )
    yield (
        "transfer under r19",
        20,
        [
            *EXAM19,
            (june(4), "report"),
            (june(8), "offer_transfer", other),
            (june(10), "take_transfer"),
        ],
    )
    yield (
        "transfer declined",
        10,
        [
            *EXAM19,
            (june(4), "report"),
            (june(8), "offer_transfer", other),
            (june(9), "decline_transfer"),
            (june(10), "accept"),
        ],
    )


def decision():
    """Two people, time that does not count, and time that is added."""
    hearing = {"what": "hearing", "until": may(29)}
    yield (
        "hearing",
        30,
        [
            *ACCEPTED,
            (may(15), "begin_procedure", hearing),
            (may(18), "review"),
            (may(27), "end_procedure"),
            (may(28), "review"),
            (june(3), "approve"),
        ],
    )
    yield (
        "inspection open",
        10,
        [*ACCEPTED, (may(20), "begin_procedure", {"what": "inspection", "until": june(15)})],
    )
    yield (
        "expert review, then put off",
        10,
        [
            *ACCEPTED,
            (may(15), "begin_procedure", {"what": "expert_review", "until": may(20)}),
            (may(20), "end_procedure"),
            (may(22), "extend", {"days": 10}),
        ],
    )
    yield (
        "put off",
        20,
        [
            *ACCEPTED,
            (may(20), "extend", {"days": 11}),
            (may(20), "extend", {"days": 10}),
            (may(21), "extend", {"days": 5}),
            (june(1), "review"),
        ],
    )
    yield "decision missed", 15, [*ACCEPTED, (june(16), "extend", {"days": 10})]
    yield "rejected", 30, [*ACCEPTED, (may(15), "review"), (may(20), "reject")]
    both = {"who": "both"}
    yield (
        "two pairs of eyes",
        30,
        [
            *ACCEPTED,
            (may(14), "review", {"who": "desk", "no": "role-not-allowed"}),
            (may(15), "review", both),
            (may(18), "approve", both),
            (may(18), "reject", both),
            (may(18), "approve", {"who": "first", "no": "role-not-allowed"}),
            (may(19), "approve"),
            (may(20), "review"),
            (may(20), "make"),
            (may(21), "issue"),
        ],
    )
    yield (
        "annulled before delivery",
        10,
        [
            *R30[:-1],
            (may(19), "withhold"),
            (may(21), "annul"),
        ],
    )


def holders():
    """What becomes of certificates that the month gave."""
    yield "printed and handed over", 60, [*R30, (may(21), "print"), (may(22), "deliver")]
    yield "handed over late", 15, [*R30, (june(2), "print"), (june(3), "deliver")]
    yield (
        "suspended and resumed",
        20,
        [
            *R30,
            (may(25), "suspend"),
            (may(26), "suspend"),
            (june(5), "resume"),
            (june(8), "resume"),
        ],
    )
    yield "suspended", 10, [*R19, (june(15), "suspend")]
    fraud = {"code": "fraud", "words": FRAUD, "ban": 3}
    revoked = [(may(25), "revoke", fraud), (may(26), "revoke", fraud)]
    yield (
        "revoked under r30, banned",
        15,
        [*R30, *revoked, (may(28), "decide"), (june(2), *sat(90, 90))],
    )
    yield (
        "proposed under r30, revoked under r19",
        10,
        [*R30, *revoked, (june(3), "decide"), (june(3), "decide")],
    )
    mine = {"code": "fraud", "words": FRAUD, "ban": 3, "who": "both"}
    yield (
        "one takes both decisions",
        5,
        [*R30, (may(25), "revoke", mine), (may(26), "decide", {"who": "both"})],
    )
    request = {"code": "request", "words": REQUEST}
    yield (
        "cancelled",
        15,
        [*R30, (june(3), "cancel", request), (june(4), "decide"), (june(5), "cancel", request)],
    )
    yield "name put right", 15, [*R30, (may(25), "correct", {"name": "new"}), (june(2), "decide")]
    yield "holds one already", 15, [*R30, (june(2), *sat(95, 95))]


def rooms():
    """By the console: plan, seats, machine, panel."""
    first, then = may(14), june(4)
    seat, seat19 = (may(11), "enrol", {"on": first}), (june(1), "enrol", {"on": then})
    yield (
        "session under r30",
        60,
        [
            seat,
            (first, "theory", {"score": 87}),
            (first, "assess", {"scores": (88, 90)}),
            (may(15), "confirm_room", {"on": first}),
            *chain(may(18), may(19), may(20), may(21), may(22), may(26)),
        ],
    )
    yield (
        "session, panel differs",
        20,
        [
            seat19,
            (then, "theory", {"score": 80}),
            (then, "assess", {"scores": (76, 90), "ruled": 81}),
            (june(5), "confirm_room", {"on": then}),
            (june(8), "report"),
        ],
    )
    yield (
        "session, not passed",
        20,
        [
            seat19,
            (then, "theory", {"score": 92}),
            (then, "assess", {"scores": (70, 72)}),
            (june(5), "confirm_room", {"on": then}),
        ],
    )
    yield "seat given up", 10, [seat19, (june(2), "give_up", {"on": then})]
    low = {"on": first, "schooling": "小学", "finds": "schooling-too-low"}
    yield "schooling too low", 10, [(may(11), "enrol", low)]
    yield (
        "no health declared",
        10,
        [(may(11), "enrol", {"on": first, "health": "", "finds": "health-undeclared"})],
    )
    yield "schooling no more asked", 20, [(june(1), "enrol", {"on": then, "schooling": "小学"})]


def former(first, until, recheck=None):
    return {"first": first, "until": until, "recheck": recheck}


def register():
    """Certificates of the former register: (group, how many, what the card says, steps)."""
    long = date(2029, 3, 31)
    begun = date(2023, 4, 1)
    exam = [(may(14), *sat(85, 85, kind="recheck")), (may(15), "confirm")]
    review = {"kind": "recheck"}
    yield (
        "rechecked under r30",
        20,
        former(date(2023, 5, 25), date(2029, 5, 24), date(2026, 5, 24)),
        [
            (may(11), "counter", review),
            *exam,
            *chain(may(18), may(19), may(20), may(20), may(21), may(22)),
        ],
    )
    yield (
        "recheck missed",
        15,
        former(date(2023, 5, 25), date(2029, 5, 24), date(2026, 5, 24)),
        [
            (june(2), "counter", review),
        ],
    )
    yield (
        "recheck not due any more",
        15,
        former(date(2023, 6, 21), date(2029, 6, 20), date(2026, 6, 20)),
        [
            (may(12), "counter", review),
            (june(3), "counter", review),
        ],
    )
    yield (
        "recheck too early or too late",
        10,
        former(date(2023, 5, 9), date(2029, 5, 8), date(2026, 5, 8)),
        [
            (may(11), "counter", review),
        ],
    )
    yield (
        "review put off",
        15,
        former(date(2023, 5, 29), date(2029, 5, 28), date(2026, 5, 28)),
        [
            (may(13), "extend_review", {"years": 9}),
            (may(13), "extend_review", {"years": 12}),
            (june(3), "extend_review", {"years": 12}),
        ],
    )
    renew = {"kind": "renewal"}
    yield (
        "renewed under r19",
        25,
        former(date(2020, 7, 1), date(2026, 6, 30)),
        [
            (may(12), "counter", renew),
            (june(2), *sat(88, 90, kind="renewal")),
            (june(3), "confirm"),
            *chain(june(4), june(5), june(8), june(9), june(10), june(11)),
        ],
    )
    yield "renewal too early", 10, former(begun, long), [(june(3), "counter", renew)]
    yield "expired", 15, former(date(2020, 5, 21), date(2026, 5, 20)), [(may(21), "counter", renew)]
    yield "card lost", 15, former(begun, long), [(may(12), "lost"), (may(13), "accept"), *R30[4:]]
    yield "name changed", 15, former(begun, long), [(june(9), "replace"), *CARD_LATE[0:]]
    yield (
        "former, cancelled",
        10,
        former(begun, long),
        [
            (june(8), "cancel", {"code": "request", "words": REQUEST}),
            (june(9), "decide"),
        ],
    )
    yield "former, untouched", 20, former(begun, long), []


FILL = [("issued under r30", R30), ("issued under r19", R19)]
