"""Who is in the month."""

import plans
from case import Case
from law import Certificate, No
from province import REPORTS_TO

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"
GIVEN = "安邦成达恩飞光海和宏杰康立明宁平庆荣善泰文祥新义永友玉元志忠"


class Person:
    """Somebody invented, with everything that is about them."""

    def __init__(self, name, number, school, item, group):
        self.name, self.number, self.school, self.item = name, number, school, item
        self.group, self.authority = group, REPORTS_TO[school]
        self.cases, self.certificate, self.steps, self.room = [], None, [], None
        self.old_names = []
        self.new_name = name[:-1] + ("丙" if name[-1] != "丙" else "丁")

    @property
    def case(self):
        return self.cases[-1]

    def become(self, name):
        if name != self.name:
            self.old_names.append(self.name)
            self.name = name

    def sits(self, args, day):
        """A row of a sheet: whether it begins a new case."""
        kind = args.get("kind", "initial")
        card = self.certificate
        if kind == "initial" and card and card.status_on(day) in ("valid", "suspended"):
            raise No("certificate-exists")
        case = next(
            (c for c in self.cases if c.kind == kind and c.state not in ("issued", "closed")), None
        )
        parts = [p for p in ("theory", "practical") if args.get(p) is not None]
        new = case is None or case.state in ("refused", "rejected", "annulled")
        if case and case.state == "not_passed":
            new = not all(case.may_sit(part, day) for part in parts)
        if new and card and card.banned and day <= card.banned:
            raise No("banned")
        if new:
            if case:
                case.close()
            self.cases.append(Case(self, self.item, kind, self.school, self.authority, day))
        for part in parts:
            self.case.sit(part, day, args[part])
        return new


class Crowd:
    """Two thousand of them, by chance but always the same by the same seed."""

    def __init__(self, chance, people, size):
        self.chance, self.numbers, self.size = chance, people, size
        names = {a + b + c for a in SURNAMES for b in GIVEN for c in GIVEN}
        self.names = sorted(names)
        chance.shuffle(self.names)

    def person(self, group, steps):
        chance = self.chance
        year, month, day = (
            chance.randrange(1975, 2003),
            chance.randrange(1, 13),
            chance.randrange(1, 28),
        )
        number = self.numbers.number(f"{year}{month:02}{day:02}")
        school = chance.choice(("9911", "9911", "9912", "9913"))
        item = chance.choice(("1.2", "2.1", "2.1", "3.2"))
        person = Person(self.names.pop(), number, school, item, group)
        for n, (day, verb, *args) in enumerate(steps):
            args = dict(args[0]) if args else {}
            if args.get("to") == "other":
                args["to"] = "9902" if person.authority == "9901" else "9901"
            if args.get("name") == "new":
                args["name"] = person.new_name
            person.steps.append((day, n, verb, args))
            if verb == "enrol" and "finds" not in args:
                person.room = args["on"]
        return person

    def everybody(self):
        crowd = []
        for part in (plans.resits, plans.acceptance, plans.decision, plans.holders, plans.rooms):
            for group, count, steps in part():
                crowd += [self.person(group, steps) for _ in range(count)]
        for group, count, says, steps in plans.register():
            for _ in range(count):
                person = self.person(group, steps)
                first, until = says["first"], says["until"]
                card = Certificate(
                    person, person.item, person.authority, first, first, until, says["recheck"]
                )
                card.taken_over, person.certificate = True, card
                crowd.append(person)
        while len(crowd) < self.size:
            group, steps = plans.FILL[len(crowd) % 2]
            crowd.append(self.person(group, steps))
        return crowd
