"""Makes exam sheets as institutions send them, with openpyxl, xlwt and csv, and what they must give.

Seeded, so that a failure can be made again. `make.py FOLDER` writes everything there and prints the
hostile files; `make.py FILE BYTES` writes one csv of that size and prints its number of rows.
"""

import csv
import datetime
import io
import json
import pathlib
import sys
import zipfile

import openpyxl
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

import hostile as enemies
import layouts
import nineties
from people import FIELDS, People, with_duplicate, written_badly, written_well

HEADERS = ["姓名", "性别", "证件类型", "证件号码", "操作项目", "申请类型", "考试日期", "理论成绩", "实操成绩"]
VARIANT = ["*姓 名（必填）", "性别", "证件\n类型", "身份证号码", "准操项目：", "业务类型", "考核日期", "理论考试成绩(分)", "实际操作成绩"]
DAY = datetime.date(2026, 11, 12)


def laid_out(rows, first, numbered=False):
    """The values of each row and the expected answers, counted from row `first`."""
    values = [[cells[f] for f in FIELDS] for cells, _ in rows]
    expected = [{"row": first + i, **wanted} for i, (_, wanted) in enumerate(rows)]
    if numbered:
        values = [[i + 1, *line] for i, line in enumerate(values)]
    return values, expected


def all_rows(seed):
    p = People(seed)
    return with_duplicate([p.good() for _ in range(12)] + written_well(p) + written_badly(p))


def clean_xlsx(folder):
    p = People(1)
    rows = [p.good() for _ in range(60)]
    values, expected = laid_out(rows, 4, numbered=True)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["某某市特种作业考试成绩登记表"])
    sheet.merge_cells("A1:J1")
    sheet.append(["考试点：第三考点", None, None, "第 7 批"])
    sheet.append(["序号", *HEADERS])
    for line in values:
        sheet.append(line)
    sheet.append(["合计", len(rows)])
    sheet.append([None, "制表人：李四", None, None, "审核人：王五"])
    sheet.append(["注：成绩 80 分以上为合格。"])
    book.save(folder / "clean.xlsx")
    return expected


def messy_xlsx(folder):
    """Types that only a workbook has: dates, floats, formulas, rich text, blank rows, totals."""
    p = People(3)
    rows = all_rows(4)
    rich = CellRichText("欧", TextBlock(InlineFont(b=True), "阳"), "娜")
    rows += [
        p.changed({"name": rich}, {"name": "欧阳娜"}),
        p.changed({"exam_date": datetime.datetime(2026, 11, 12, 9, 30)}),
        p.changed({"exam_date": DAY}),
        p.changed({"exam_date": 20261112}),
        p.changed({"theory": 86.0, "practical": 90.0}, {"theory": 86, "practical": 90}),
        p.changed({"doc_number": 998272200504109708}, ["id_precision_lost"]),
        p.changed({"doc_number": 9.98272200504e17}, ["id_precision_lost"]),
        p.changed({"doc_number": 998272200504109}, ["id_length"]),
        p.changed({"name": '=CONCATENATE("张","三")'}, ["name_invalid"]),
        p.changed({"name": True}, ["name_invalid"]),
        p.changed({"theory": "#N/A"}, ["score_not_a_number"]),
        p.changed({"theory": 100.5}, ["score_out_of_range"]),
        p.changed({"theory": -1}, ["score_out_of_range"]),
        p.changed({"practical": True}, ["score_not_a_number"]),
        p.changed({"exam_date": 46338}, ["exam_date_invalid"]),
    ]
    book = openpyxl.Workbook()
    notes = book.active
    notes.title = "填表说明"
    notes.append(["请在“成绩”表中填写姓名、证件号码"])
    sheet = book.create_sheet("成绩")
    hidden = book.create_sheet("字典")
    hidden.sheet_state = "hidden"
    hidden.append(HEADERS)
    sheet.append(VARIANT)
    expected = []
    for i, (cells, wanted) in enumerate(rows):
        if i % 9 == 5:
            sheet.append([])
        if i % 25 == 20:
            sheet.append(["小计", i])
        if i % 30 == 29:
            sheet.append(VARIANT)
        sheet.append([cells[f] for f in FIELDS])
        sheet.row_dimensions[sheet.max_row].hidden = i % 10 == 3
        expected.append({"row": sheet.max_row, **wanted})
    sheet.append(["总计：", len(rows)])
    # A second batch is not read, and that is said.
    book.create_sheet("第二批").append(HEADERS)
    book.save(folder / "messy.xlsx")
    return expected


def other_order_xlsx(folder):
    """Columns in another order, a header of two lines, no document type, dates from 1904."""
    p = People(5)
    rows = [p.good() for _ in range(20)]
    order = ["doc_number", "exam_date", "theory", "practical", "kind", "name", "item", "sex"]
    words = ["公民身份号码", "考试时间", "成绩", None, "办理类型", "学员姓名", "作业项目", "性别"]
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = book.active
    for column, word in enumerate(words, 2):
        sheet.cell(3, column, word)
    sheet.merge_cells("D3:E3")
    sheet.cell(4, 4, "理论")
    sheet.cell(4, 5, "实操")
    expected = []
    for i, (cells, wanted) in enumerate(rows):
        for column, field in enumerate(order, 2):
            value = DAY if field == "exam_date" else cells[field]
            sheet.cell(5 + i, column, value)
        expected.append({"row": 5 + i, **wanted})
    book.save(folder / "order.xlsx")
    return expected


def laid_out_by_offices(folder):
    """One sheet for each way to name the columns, and for each way to end a table."""
    expected = {}
    for i, head in enumerate(layouts.HEADS):
        p = People(100 + i)
        rows = [p.good() for _ in range(4)]
        book = openpyxl.Workbook()
        book.active.append(head)
        values, expected[f"head-{i}.xlsx"] = laid_out(rows, 2)
        for line in values:
            book.active.append(line)
        book.save(folder / f"head-{i}.xlsx")
    for i, tail in enumerate(layouts.TAILS):
        p = People(200 + i)
        rows = [p.good() for _ in range(8)]
        # Somebody without a number is still somebody, and not a line of remarks.
        rows[3] = p.changed({"doc_number": None}, ["id_missing"])
        lines = [*layouts.TITLES, layouts.WIDE]
        first = len(lines) + 1
        lines += [layouts.wide(n + 1, cells) for n, (cells, _) in enumerate(rows)] + tail
        book = openpyxl.Workbook()
        for line in lines:
            book.active.append(line)
        book.save(folder / f"tail-{i}.xlsx")
        expected[f"tail-{i}.xlsx"] = laid_out(rows, first)[1]
    return expected


def rewritten_xlsx(folder):
    """What other programs write: a prefixed namespace, no `r`, strict types, shared and phonetic text."""
    p = People(6)
    rows = [p.good() for _ in range(8)]
    strings, cells_xml = [], []

    def shared(text):
        strings.append(text)
        return f'<x:c t="s"><x:v>{len(strings) - 1}</x:v></x:c>'

    for line in [HEADERS, *([c[f] for f in FIELDS] for c, _ in rows)]:
        cells = ""
        for value in line:
            if value is None:
                cells += "<x:c/>"
            elif isinstance(value, int):
                cells += f"<x:c><x:v>{value}</x:v></x:c>"
            else:
                cells += shared(value)
        cells_xml.append(f"<x:row>{cells}</x:row>")
    space = "http://purl.oclc.org/ooxml/spreadsheetml/main"
    relation = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    items = "".join(
        f"<x:si><x:r><x:t>{s[:1]}</x:t></x:r><x:r><x:t xml:space='preserve'>{s[1:]}</x:t></x:r>"
        "<x:rPh sb='0' eb='1'><x:t>pinyin</x:t></x:rPh></x:si>"
        for s in strings
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<!-- made by hand -->'
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{relation}/officeDocument" Target="/book/main.xml"/></Relationships>',
        "book/_rels/main.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="a" Type="{relation}/worksheet" Target="s/one.xml"/><Relationship Id="b" Type="{relation}/sharedStrings" Target="../text/strings.xml"/></Relationships>',
        "book/main.xml": f'<x:workbook xmlns:x="{space}" xmlns:q="{relation}"><x:sheets><x:sheet name="1" sheetId="1" q:id="a"/></x:sheets></x:workbook>',
        "text/strings.xml": f'<x:sst xmlns:x="{space}">{items}</x:sst>',
        "book/s/one.xml": f'<x:worksheet xmlns:x="{space}"><x:sheetData>{"".join(cells_xml)}</x:sheetData></x:worksheet>',
    }
    with zipfile.ZipFile(folder / "strict.xlsx", "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in parts.items():
            out.writestr(name, head + text)
    return laid_out(rows, 2)[1]


def old_xls(folder):
    p = People(7)
    rows = all_rows(8) + [
        p.changed({"doc_number": 998272200504109708}, ["id_precision_lost"]),
        p.changed({"name": xlwt.Formula('"张"&"三"')}, ["name_invalid"]),
        p.changed({"exam_date": DAY}),
        p.changed({"theory": 86.0}, {"theory": 86}),
        p.changed({"theory": 86.5}, ["score_out_of_range"]),
        p.changed({"name": "长" * 40}, {"name": "长" * 40}),
    ]
    values, expected = laid_out(rows, 1 + 2, numbered=True)
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = True
    book.add_sheet("说明").write(0, 0, "请填写第二张表")
    sheet = book.add_sheet("成绩")
    sheet.write_merge(0, 0, 0, 9, "考试成绩")
    day = xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日"')
    for column, word in enumerate(["序号", *VARIANT]):
        sheet.write(1, column, word)
    for i, line in enumerate(values):
        for column, value in enumerate(line):
            if isinstance(value, datetime.date):
                sheet.write(2 + i, column, value, day)
            elif value is not None:
                sheet.write(2 + i, column, value)
    # Enough other text that the shared strings span several records.
    for i in range(300):
        sheet.write(2 + i, 200, f"单位 {i} " + "有限公司" * (i % 40))
    book.save(folder / "old.xls")
    return expected


def nineties_xls(folder):
    p = People(16)
    rows = [p.changed({"name": "张伟"}, {"name": "张伟"}) for _ in range(10)]
    for name, backwards in [("nineties.xls", False), ("backwards.xls", True)]:
        sheet = nineties.sheet(HEADERS, [cells for cells, _ in rows], FIELDS, backwards)
        (folder / name).write_bytes(nineties.compound(nineties.workbook(sheet)))
    return laid_out(rows, 2)[1]


def csv_text(rows, headers=HEADERS, title=None, **options):
    text = io.StringIO()
    out = csv.writer(text, **options)
    first = 2
    if title:
        out.writerow([title])
        first = 3
    out.writerow([*headers, "备注"])
    values, expected = laid_out(rows, first)
    for line in values:
        out.writerow([*line, "甲,乙\n丙 \"丁\""])
    out.writerow(["合计", len(rows)])
    return text.getvalue(), expected


def csv_sheets(folder):
    expected = {}

    def save(name, text, wanted, encoding):
        (folder / name).write_bytes(text.encode(encoding))
        expected[name] = wanted

    text, wanted = csv_text(all_rows(9), title="成绩表")
    save("hard.csv", text, wanted, "utf-8")
    save("bom.csv", text, wanted, "utf-8-sig")
    save("national.csv", text, wanted, "gb18030")
    text, wanted = csv_text(all_rows(10), VARIANT, delimiter="\t")
    save("unicode-text.csv", text, wanted, "utf-16")
    text, wanted = csv_text(all_rows(11), delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL)
    save("semicolons.txt", text, wanted, "gb18030")
    # No byte-order mark, and characters with a zero in them on the wrong side.
    text, wanted = csv_text(all_rows(14), title="一\u3000二\u3000三", delimiter="\t")
    save("unmarked-utf-16.csv", text, wanted, "utf-16-le")
    text, wanted = csv_text(all_rows(15), title="说明：" + "1,2," * 20, delimiter="\t", lineterminator="\r", quoting=csv.QUOTE_ALL)
    save("commas-above-tabs.csv", text, wanted, "gb18030")
    # Blank lines are rows of the sheet too.
    p = People(12)
    rows = [p.good() for _ in range(6)]
    plain = [",".join("" if v is None else str(v) for v in line) for line in laid_out(rows, 0)[0]]
    text = "\n\n" + ",".join(HEADERS) + "\n\n" + "\n\n".join(plain)
    wanted = [{"row": 5 + 2 * i, **answer} for i, (_, answer) in enumerate(rows)]
    save("blank-lines.csv", text, wanted, "utf-8")
    # The name says one thing, the content another.
    (folder / "really-old.xlsx").write_bytes((folder / "old.xls").read_bytes())
    return expected


def large_csv(path, size):
    """A csv of `size` bytes of different people; returns how many."""
    p = People(13)
    count = 0
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write(",".join([*HEADERS, "工作单位"]) + "\r\n")
        written = 0
        while written < size:
            cells, _ = p.good()
            cells["exam_date"] = f"20{10 + count % 16}-{1 + count // 16 % 12:02d}-{1 + count // 200 % 28:02d}"
            line = ",".join("" if cells[f] is None else str(cells[f]) for f in FIELDS)
            line += ",某某建设工程有限公司第一项目部\r\n"
            # The same person may sit many exams: the text is new, the people need not be.
            out.write(line)
            written += len(line.encode())
            count += 1
    return count


def sheets(folder):
    """Writes every sheet and `expected.json`; returns its path."""
    expected = {
        "clean.xlsx": clean_xlsx(folder),
        "messy.xlsx": messy_xlsx(folder),
        "order.xlsx": other_order_xlsx(folder),
        "strict.xlsx": rewritten_xlsx(folder),
        "old.xls": old_xls(folder),
        "nineties.xls": nineties_xls(folder),
    }
    expected.update(csv_sheets(folder))
    expected.update(laid_out_by_offices(folder))
    expected["really-old.xlsx"] = expected["old.xls"]
    expected["backwards.xls"] = expected["nineties.xls"]
    path = folder / "expected.json"
    path.write_text(json.dumps(expected, ensure_ascii=False, indent=1), "utf-8")
    return path


def hostile(folder):
    """Writes every hostile file; returns their paths."""
    place = folder / "hostile"
    place.mkdir(exist_ok=True)
    return enemies.make(place, HEADERS)


def main():
    target = pathlib.Path(sys.argv[1])
    if len(sys.argv) > 2:
        print(large_csv(target, int(sys.argv[2])))
        return
    target.mkdir(parents=True, exist_ok=True)
    sheets(target)
    for path in hostile(target):
        print(path)


if __name__ == "__main__":
    main()
