"""Invented people and the rows of an exam sheet, right and wrong. Address codes 99… are no place."""

import datetime
import random

WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
CHECKS = "10X98765432"
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
GIVEN = ["伟", "芳", "秀英", "建国", "淑兰", "㛃", "志强", "丽", "𬀪", "玉梅"]
ITEMS = [
    ("1.2", "低压电工作业"),
    ("1.5", "继电保护作业"),
    ("2.1", "熔化焊接与热切割作业"),
    ("2.3", "钎焊作业"),
    ("3.2", "高处安装、维护、拆除作业"),
    ("5.7", "煤矿采煤机（掘进机）操作作业"),
    ("9.10", "氧化工艺作业"),
    ("10.5", "烟花爆竹储存作业"),
]
KINDS = [("initial", "初领"), ("renewal", "换证"), ("renewal", "延期换证"), ("renewal", "期满换证")]
DAY = "2026-11-12"
FIELDS = ["name", "sex", "doc_type", "doc_number", "item", "kind", "exam_date", "theory", "practical"]


def with_check(head):
    return head + CHECKS[sum(int(d) * w for d, w in zip(head, WEIGHTS)) % 11]


class People:
    """A seeded source of rows: `cells` by field name, and what the answer must be."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.serial = 0

    def number(self, birth, male=True, area=None):
        self.serial += 1
        area = area or f"99{self.serial % 10000:04d}"
        order = f"{self.random.randrange(50):02d}{'13579'[self.random.randrange(5)] if male else '02468'[self.random.randrange(5)]}"
        return with_check(area + birth + order)

    def good(self):
        pick = self.random
        male = pick.random() < 0.6
        birth = datetime.date(1975, 1, 1) + datetime.timedelta(days=pick.randrange(11000))
        name = pick.choice(SURNAMES) + pick.choice(GIVEN)
        code, item = pick.choice(ITEMS)
        kind, kind_word = pick.choice(KINDS)
        number = self.number(birth.strftime("%Y%m%d"), male)
        theory = pick.randrange(101)
        practical = pick.randrange(101) if theory >= 80 else None
        cells = {
            "name": name,
            "sex": "男" if male else "女",
            "doc_type": "居民身份证",
            "doc_number": number,
            "item": item,
            "kind": kind_word,
            "exam_date": DAY,
            "theory": theory,
            "practical": practical,
        }
        accept = {
            "name": name,
            "sex": "male" if male else "female",
            "doc_type": "resident_id",
            "doc_number": number,
            "item": code,
            "kind": kind,
            "exam_date": DAY,
            "theory": theory,
            "practical": practical,
        }
        return cells, {"accept": accept}

    def changed(self, cells, answer=None):
        """A good row with other cells; `answer` changes fields or is a list of codes."""
        row, wanted = self.good()
        row.update(cells)
        if isinstance(answer, list):
            return row, {"reject": answer}
        wanted["accept"].update(answer or {})
        return row, wanted

    def man(self, birth, answer=None, **cells):
        number = self.number(birth)
        both = {"sex": "男", "doc_number": number, **cells}
        if isinstance(answer, list):
            return self.changed(both, answer)
        return self.changed(both, {"sex": "male", "doc_number": number, **(answer or {})})

    def woman(self, birth, answer=None, **cells):
        number = self.number(birth, male=False)
        both = {"sex": "女", "doc_number": number, **cells}
        if isinstance(answer, list):
            return self.changed(both, answer)
        return self.changed(both, {"sex": "female", "doc_number": number, **(answer or {})})


def wide(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def written_well(p):
    """Unusual ways to write what is right; text only, so that every format can hold them."""
    rows = []
    for dot in "•・．.‧･·\u0387":
        rows.append(p.changed({"name": f"古丽{dot}买买提"}, {"name": "古丽·买买提"}))
    rows.append(p.changed({"name": "\u3000欧 阳\u00a0娜 "}, {"name": "欧阳娜"}))
    rows.append(p.changed({"name": "anna  maria"}, {"name": "ANNA MARIA"}))
    rows.append(p.changed({"name": " 古丽 • 买买提・阿不都 "}, {"name": "古丽·买买提·阿不都"}))
    for name in ["𠀀𪜀", "㐀䶵", "李〇", "O'NEIL", "ANNE-MARIE", "尼玛·扎西·顿珠·多吉次仁旺堆"]:
        rows.append(p.changed({"name": name}, {"name": name}))
    rows.append(p.changed({"item": "煤矿采煤机(掘进机)操作作业"}, {"item": "5.7"}))
    rows.append(p.changed({"item": " 压力焊"}, {"item": "2.2"}))
    rows.append(p.changed({"item": "高处安装、维护、拆除"}, {"item": "3.2"}))
    for text in ["2026/11/12", "2026.11.12", "20261112", "2026年11月12日", " ２０２６年１１月１２日", "２０２６－１１－１２", "2026 年 11 月 12 日", "2026/11/12 9:00", "'2026-11-12"]:
        rows.append(p.changed({"exam_date": text}))
    for text, score in [("86分", 86), ("８６", 86), ("缺考", None), (" 100 ", 100), ("0", 0), ("086", 86), ("86.0", 86), (" ８６．０ 分", 86), ("缺\u3000考", None), ("\u3000", None)]:
        rows.append(p.changed({"theory": text, "practical": None}, {"theory": score, "practical": None}))
    for change in [
        wide,
        str.lower,
        lambda n: wide(n.lower()),
        lambda n: f" {n[:6]} {n[6:14]} {n[14:]}\u3000",
        lambda n: "'" + n,
        lambda n: n + "'",
        lambda n: f"“{n}”",
        lambda n: f"\ufeff{n[:6]}\u200b{n[6:]}\u00a0",
        lambda n: n[:6] + "\n" + n[6:],
    ]:
        number = p.number("19880229")
        rows.append(p.changed({"sex": "男", "doc_number": change(number)}, {"sex": "male", "doc_number": number}))
    rows.append(p.man("20081112"))
    rows.append(p.man("19650630", exam_date="2025-08-30", answer={"exam_date": "2025-08-30"}))
    rows.append(p.woman("19701101", exam_date="2026-02-01", answer={"exam_date": "2026-02-01"}))
    rows.append(p.changed({"kind": "复审", "exam_date": "2026-05-31"}, {"kind": "recheck", "exam_date": "2026-05-31"}))
    for kind, word, number, told in [
        ("passport", "护照", "e1234 5678", "E12345678"),
        ("officer_card", "军官证", "军字第1234567号", "军字第1234567号"),
        ("foreign_permanent_resident", "外国人永久居留身份证", "usa110019850704", "USA110019850704"),
        ("foreign_permanent_resident", "外国人永久居留身份证", p.number("19850704", area="911156"), None),
        ("hmt_residence_permit", "港澳台居民居住证", p.number("19900101", area="820000"), None),
        # An address code that is none is never refused.
        ("hmt_residence_permit", "港澳台居民居住证", p.number("19900101"), None),
        # What the column says counts: this looks like a resident's number and is a passport's.
        ("passport", "护照", p.number("19900101"), None),
    ]:
        told = told or number
        rows.append(
            p.changed(
                {"sex": "男", "doc_type": word, "doc_number": number},
                {"sex": "male", "doc_type": kind, "doc_number": told},
            )
        )
    return rows


def written_badly(p):
    """Every code, as text."""
    number = p.number("19900101")
    last = "0" if number[-1] != "0" else "1"
    rows = [
        p.changed({"name": None}, ["name_missing"]),
        p.changed({"name": "\u3000 "}, ["name_missing"]),
        p.changed({"sex": "男", "doc_number": number[:-1] + last}, ["id_check_digit"]),
        p.changed({"doc_number": number[:-1]}, ["id_length"]),
        p.changed({"doc_number": number[:6] + number[8:17]}, ["id_length"]),
        p.changed({"doc_number": None}, ["id_missing"]),
        p.changed({"doc_number": p.number("19900231")}, ["id_birth_date"]),
        p.changed({"doc_number": p.number("19901301"), "sex": "女"}, ["id_birth_date"]),
        p.changed({"doc_number": "9.98272E+17"}, ["id_precision_lost"]),
        p.changed({"sex": "女", "doc_number": number}, ["sex_mismatch"]),
        p.changed({"sex": "不详"}, ["sex_unknown"]),
        p.changed({"doc_type": "学生证"}, ["doc_type_unknown"]),
        p.man("20081113", ["under_age"]),
        p.man("19650630", ["over_retirement_age"], exam_date="2025-08-31"),
        p.woman("19701101", ["over_retirement_age"], exam_date="2026-02-02"),
        p.woman("19640101", ["over_retirement_age"]),
        p.changed({"item": "焊工"}, ["unknown_item"]),
        p.changed({"item": "焊接与热切割作业"}, ["unknown_item"]),
        p.changed({"kind": "旁听"}, ["kind_unknown"]),
        p.changed({"kind": None}, ["kind_unknown"]),
        p.changed({"kind": "复审", "exam_date": "2026-06-01"}, ["kind_not_in_force"]),
        p.changed({"exam_date": "2026-11-24"}, ["exam_date_in_future"]),
        p.changed({"theory": "A+"}, ["score_not_a_number"]),
        p.changed({"practical": "见附表"}, ["score_not_a_number"]),
        p.changed({"theory": "101"}, ["score_out_of_range"]),
        p.changed({"practical": "-1"}, ["score_out_of_range"]),
        p.changed({"theory": "99.5"}, ["score_out_of_range"]),
        p.changed({"theory": "缺席"}, ["score_not_a_number"]),
        p.changed({"practical": "—"}, ["score_not_a_number"]),
        p.changed({"theory": "86/100"}, ["score_not_a_number"]),
        p.changed({"item": "2.1"}, ["unknown_item"]),
        p.changed({"kind": "初次"}, ["kind_unknown"]),
        p.changed({"kind": "补证"}, ["kind_unknown"]),
        p.changed({"doc_number": "T" + number}, ["id_length"]),
        p.changed({"doc_type": "护照", "doc_number": "E1"}, ["id_length"]),
        p.changed({"doc_number": "E12345678"}, ["id_length"]),
        p.changed({"kind": "复审", "exam_date": "2026-11-24"}, ["kind_not_in_force", "exam_date_in_future"]),
        p.changed(
            {"name": "张3", "doc_number": number[:-1], "kind": "旁听", "theory": "优"},
            ["name_invalid", "id_length", "kind_unknown", "score_not_a_number"],
        ),
    ]
    for name in ["张3", "张三１", "张三①", "李<b>四</b>", "=1+1", "@SUM(A1)", "+86", "王?", "⿰亻王", "·张", "张三（女）", "张三。", "张_三", "#N/A"]:
        rows.append(p.changed({"name": name}, ["name_invalid"]))
    for day in ["2026-02-30", "下周五", None, "2026-11", "12/11/2026", "2026-13-01", "2025-02-29", "46338", "26-11-12", "2026--11-12"]:
        rows.append(p.changed({"exam_date": day}, ["exam_date_invalid"]))
    return rows


def with_duplicate(rows):
    """The first good row again, at the end; the name may differ, and an earlier row that is refused
    counts as well."""
    cells, answer = next(r for r in rows if "accept" in r[1])
    again = {**cells, "name": "王小二", "theory": 1}
    other = {**cells, "kind": "复审", "exam_date": "2026-05-08", "name": "张3"}
    return rows + [
        (again, {"reject": ["duplicate_row"]}),
        ({**again, "theory": 101}, {"reject": ["duplicate_row", "score_out_of_range"]}),
        (other, {"reject": ["name_invalid"]}),
        ({**other, "name": "王小二"}, {"reject": ["duplicate_row"]}),
        ({**cells, "exam_date": "2026-11-11"}, {"accept": {**answer["accept"], "exam_date": "2026-11-11"}}),
    ]
