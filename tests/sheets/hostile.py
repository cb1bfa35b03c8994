"""Files that mean harm. Each must be refused with a clear error, quickly and in little memory."""

import io
import struct
import zipfile

import openpyxl
import xlwt
import xlwt.CompoundDoc

import nineties

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
BOOK = f'<workbook xmlns="{MAIN}" xmlns:r="r"><sheets><sheet name="a" sheetId="1" r:id="a"/></sheets></workbook>'
RELATIONS = (
    '<Relationships><Relationship Id="a" Type="t/worksheet" Target="sheet.xml"/>'
    '<Relationship Id="b" Type="t/sharedStrings" Target="strings.xml"/>'
    '<Relationship Id="c" Type="t/styles" Target="styles.xml"/></Relationships>'
)


def package(path, sheet=None, strings=None, level=9, extra=()):
    """An .xlsx from its parts; a part may be a generator of pieces, to be larger than memory."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as out:
        out.writestr("_rels/.rels", '<Relationships><Relationship Id="x" Type="t/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        out.writestr("xl/workbook.xml", BOOK)
        out.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        for name, pieces in [("xl/sheet.xml", sheet), ("xl/strings.xml", strings), *extra]:
            if pieces is None:
                continue
            with out.open(name, "w", force_zip64=True) as part:
                for piece in [pieces] if isinstance(pieces, str) else pieces:
                    part.write(piece.encode())
    return path


def sheet_of(rows):
    yield f'<worksheet xmlns="{MAIN}"><sheetData>'
    yield from rows
    yield "</sheetData></worksheet>"


def header_row(headers):
    cells = "".join(f'<c t="inlineStr"><is><t>{h}</t></is></c>' for h in headers)
    return f"<row>{cells}</row>"


def noise(n):
    """Text that packs about ten to one, under the ratio that gives a bomb away."""
    for i in range(n):
        yield f'<row r="{i + 2}"><c t="inlineStr"><is><t>{i * 2654435761 % 4294967296:08x}{"字" * 40}</t></is></c></row>'


def hashed(i):
    """Eight characters that do not pack, so that a file is stopped by its own guard and not by the
    ratio that gives a bomb away."""
    return f"{i * 2654435761 % 4294967296:08x}"


def packed_badly(headers):
    """The same attacks again, each with a ratio that passes."""
    text = "".join(map(hashed, range(1 << 14)))
    pieces = [text[i:] + text[:i] for i in range(0, 4000, 17)][:200]
    head = header_row(headers)
    wide = "".join(f'<c s="{hashed(i)}"><v>{i}</v></c>' for i in range(20_000))
    yield "dense-text.xlsx", dict(sheet=sheet_of([head, '<row><c t="inlineStr"><is><t>', *pieces, "</t></is></c></row>"]))
    yield "dense-comment.xlsx", dict(sheet=sheet_of(["<!--", *(p.replace("a", "<") for p in pieces), "-->"]))
    yield "dense-attribute.xlsx", dict(sheet=sheet_of([head, '<row r="', *pieces, '"/>']))
    yield "dense-columns.xlsx", dict(sheet=sheet_of([head, "<row>", wide, "</row>"]))
    many = (
        f'<row r="{i}">' + "".join(f'<c s="{hashed(i * 900 + j)}" t="s"><v>0</v></c>' for j in range(900)) + "</row>"
        for i in range(2, 600)
    )
    yield "dense-references.xlsx", dict(sheet=sheet_of([head, *many]), strings="<sst><si><t>" + "很" * 30000 + "</t></si></sst>")


def lying_zip(path, good):
    """A part that claims to be small and is not."""
    data = bytearray(good.read_bytes())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 24 : at + 28] = struct.pack("<I", 1000)
        at += 4
    path.write_bytes(data)


def make(folder, headers):
    made = []

    def add(name):
        made.append(folder / name)
        return folder / name

    million = 1 << 20
    package(add("bomb.xlsx"), (" " * million for _ in range(1000)))
    lying_zip(add("bomb-that-lies.xlsx"), made[0])
    package(add("strings-bomb.xlsx"), "".join(sheet_of([])), (f"<sst>{'<si/>' * 20000}" if i == 0 else "<si/>" * 200000 for i in range(60)), level=1)
    package(add("one-long-text.xlsx"), sheet_of([header_row(headers), '<row><c t="inlineStr"><is><t>', *("字" * million for _ in range(12)), "</t></is></c></row>"]))
    package(add("long-comment.xlsx"), sheet_of(["<!--", *("<" * million for _ in range(60)), "-->"]), level=1)
    package(add("deep.xlsx"), sheet_of(["<a>" * million for _ in range(8)]), level=1)
    one_text = "<sst><si><t>" + "很" * 30000 + "</t></si></sst>"
    package(add("one-string-many-times.xlsx"), sheet_of([header_row(headers), *(f'<row r="{i}">' + '<c t="s"><v>0</v></c>' * 900 + "</row>" for i in range(2, 2000))]), one_text)
    package(add("many-rows.xlsx"), sheet_of([header_row(headers), *noise(150_000)]))
    package(add("many-columns.xlsx"), sheet_of([header_row(headers), "<row>" + "<c><v>1</v></c>" * million + "</row>"]))
    claim = f'<worksheet xmlns="{MAIN}"><dimension ref="A1:BDWGN1048576"/><sheetData>{header_row(headers)}</sheetData></worksheet>'
    package(add("claims-a-million-columns.xlsx"), claim)
    package(add("no-such-cell.xlsx"), sheet_of(['<row r="1"><c r="ZZZZZZZZZZZZZZZZ1"><v>1</v></c></row>']))

    for name, parts in packed_badly(headers):
        package(add(name), **parts)

    book = openpyxl.Workbook()
    book.active.append(headers)
    book.active["A1"] = "姓名"
    book.active["XFD1048576"] = "x"
    book.save(add("far-cell.xlsx"))

    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    package(add("far-cell-unannounced.xlsx"), sheet_of([header_row(headers), far]))

    entity = f'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet xmlns="{MAIN}"><sheetData><row><c t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>'
    package(add("external-entity.xlsx"), entity)
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    package(add("laughs.xlsx"), "".join(sheet_of([])), f'<!DOCTYPE a [<!ENTITY l0 "ha">{laughs}]><sst><si><t>&l11;</t></si></sst>')
    package(add("unknown-entity.xlsx"), "".join(sheet_of(['<row><c t="inlineStr"><is><t>&boo;</t></is></c></row>'])))
    package(add("many-parts.xlsx"), "".join(sheet_of([])), extra=[(f"x/{i}", "") for i in range(3000)])

    good = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(headers)
    for i in range(3000):
        book.active.append([f"{i * 2654435761 % 4294967296:x}"] * 9)
    book.save(good)
    good = good.getvalue()
    add("cut-in-half.xlsx").write_bytes(good[: len(good) // 2])
    broken = bytearray(good)
    broken[len(good) // 3 : len(good) // 3 + 200] = bytes(200)
    add("broken-inside.xlsx").write_bytes(broken)
    add("not-a-workbook.xlsx").write_bytes(b"PK\x05\x06" + bytes(18))

    old = xlwt.Workbook()
    sheet = old.add_sheet("a")
    sheet.write(0, 0, "x")
    sheet.write(65535, 255, "y")
    for i in range(2000):
        sheet.write(i + 1, 0, f"row {i}")
    out = io.BytesIO()
    old.save(out)
    old = out.getvalue()
    add("far-cell.xls").write_bytes(old)
    add("cut-in-half.xls").write_bytes(old[: len(old) // 2])
    add("cut-in-the-header.xls").write_bytes(old[:300])
    # A table of sectors that runs in a circle.
    circle = bytearray(old)
    first = struct.unpack_from("<I", circle, 76)[0]
    for i in range(128):
        struct.pack_into("<I", circle, 512 + first * 512 + i * 4, 0)
    add("circle.xls").write_bytes(circle)
    noisy = bytearray(old)
    for i in range(2048, len(noisy), 97):
        noisy[i] ^= 0xFF
    add("noise.xls").write_bytes(noisy)

    # Two million cells, the first row last, so that none can be let go before all were read.
    cells = [nineties.many(row, 256) for row in range(9000)]
    dense = nineties.BEGIN + b"".join(cells[1:] + cells[:1]) + nineties.record(0x000A)
    xlwt.CompoundDoc.XlsDoc().save(str(add("cells-out-of-order.xls")), nineties.workbook(dense))

    add("empty.csv").write_bytes(b"")
    add("no-header.csv").write_bytes("甲,乙,丙\n1,2,3\n".encode() * 1000)
    add("half-a-header.csv").write_bytes("姓名,身份证号\n张三,1\n".encode())
    add("open-quote.csv").write_bytes((",".join(headers) + '\n"').encode() + "张三,".encode() * 4_000_000)
    add("picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100)
    add("page.xls").write_bytes("<html><body><table><tr><td>姓名</td></tr></table></body></html>".encode())
    return made
