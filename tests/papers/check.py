"""What the program prints, read by other programs: poppler reads the PDF, zbar the codes.

    check.py KECHA

A node of its own goes from the exam sheet to cards that were handed over, through its pages and its
commands. Every paper is read back: its words, its size, its codes, and that no code, no name of a
file and no line of the log has a number or a name in it.
"""

import json
import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
import uuid
import zlib
from datetime import timedelta
from urllib.parse import urlparse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "chain"))
from office import AUTHORITY, SCHOOL, ZH, Browser, Node, People, today, workbook  # noqa: E402

ITEM, CODE = "熔化焊接与热切割作业", "2.1"
# One more than a sheet holds; the rarer characters are those that common fonts lack.
NAMES = ["王一", "李㛃", "赵𬭎", "钱四", "孙䶮", "周六", "吴七", "郑八", "欧阳娜·买买提江", "陈犇"]
# A character of a later plane, which Noto Sans CJK does not have.
NOT_IN_THE_FONT = "\U00031010"
RECORD = r"[0-9A-HJKMNP-TV-Z]{12}"


def same(what, got, want):
    if got != want:
        raise AssertionError(f"{what}\n--- got\n{got}\n--- wanted\n{want}")


def tool(*args):
    done = subprocess.run(args, capture_output=True, timeout=120, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{args[0]}: {done.stderr.decode('utf-8', 'replace')}")
    return done.stdout.decode("utf-8")


class Paper:
    """A PDF as others read it."""

    def __init__(self, folder, name, body):
        assert body.startswith(b"%PDF-"), body[:300]
        self.file = folder / f"{name}.pdf"
        self.file.write_bytes(body)
        info = tool("pdfinfo", self.file)
        self.pages = int(re.search(r"^Pages:\s+(\d+)$", info, re.M)[1])
        assert re.search(r"^Page size:.*\(A4\)$", info, re.M), info
        assert "CreationDate" not in info, "the bytes must not hang on the moment"
        self.info = info

    def text(self, page):
        return tool("pdftotext", "-layout", "-f", str(page), "-l", str(page), self.file, "-")

    def flat(self, page):
        """Without blanks: a line may be broken where it is full."""
        return re.sub(r"\s", "", self.text(page))

    def drawn(self, page):
        """In the order in which it was drawn: what stands askew is one word only there."""
        out = tool("pdftotext", "-raw", "-f", str(page), "-l", str(page), self.file, "-")
        return re.sub(r"\s", "", out)

    def codes(self, page):
        root = self.file.with_suffix("")
        tool("pdftoppm", "-r", "200", "-f", str(page), "-l", str(page), "-png", self.file, root)
        (picture,) = root.parent.glob(f"{root.name}-*.png")
        found = tool("zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", picture)
        picture.unlink()
        return sorted(found.split())

    def boxes(self, page, word):
        """Where a word stands, in points from the left."""
        out = tool("pdftotext", "-bbox", "-f", str(page), "-l", str(page), self.file, "-")
        return [float(x) for x in re.findall(rf'xMin="([\d.]+)"[^>]*>{re.escape(word)}<', out)]


def fonts_are_inside(paper):
    rows = tool("pdffonts", paper.file).splitlines()[2:]
    assert rows and all(re.search(r"\byes\s+yes\s+yes\b", row) for row in rows), rows


def portrait():
    """A grey picture of one inch."""

    def chunk(kind, body):
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    rows = b"".join(b"\0" + bytes((x * y) % 200 + 20 for x in range(240)) for y in range(320))
    head = struct.pack(">IIBBBBB", 240, 320, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def photographed(clerk):
    """The clerk puts a photograph in with one case."""
    case = re.search(r'name="case" value="(\w+)"', clerk.get("/console/cases?state=examined").text)[1]
    path, mark = f"/console/cases/{case}/materials", uuid.uuid4().hex
    clerk.get(path)
    fields = [("token", clerk.token), ("kind", "photo"), ("page", "1")]
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    parts.append(
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    body = "".join(parts).encode() + portrait() + f"\r\n--{mark}--\r\n".encode()
    head = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    same("a photograph", clerk.send("POST", path, body, head).status, 303)


def pictures(paper):
    """The pictures of a paper: page and kind of each."""
    rows = tool("pdfimages", "-list", paper.file).splitlines()[2:]
    return [(int(row.split()[0]), row.split()[8]) for row in rows]


def taken_in(node, people, clerk=None):
    """From the exam sheet to the approval; with a clerk, one with a photograph."""
    sheet = node.folder.with_suffix(".xlsx")
    held = today() - timedelta(days=6)
    rows = [[n, "男", number, ITEM, held, 90, 90, None] for n, number in people]
    sheet.write_bytes(workbook(rows))
    node.run("import", "--as", "clerk", str(sheet))
    if clerk:
        photographed(clerk)
    node.run("case", "--as", "lead", "confirm", "--all", "examined")
    node.run("case", "--as", "lead", "report", "--all", "passed")
    node.run("case", "--as", "desk", "accept", "--all", "reported")
    node.run("case", "--as", "first", "review", "--all", "accepted")
    node.run("case", "--as", "second", "approve", "--all", "reviewed")


def pdf(answer, folder, name):
    same(f"{name}: status", answer.status, 200)
    same(f"{name}: kind", answer.headers["content-type"], "application/pdf")
    assert answer.headers["content-disposition"].startswith("attachment; filename="), name
    return Paper(folder, name, answer.body)


def tickets(clerk, folder, people):
    """One page for each candidate, the same half twice."""
    page = clerk.get("/console/sessions").text
    path = re.search(r'href="(/console/sessions/\w+/tickets\.pdf)"', page)[1]
    paper = pdf(clerk.get(path), folder, "tickets")
    same("a page for each", paper.pages, len(people))
    fonts_are_inside(paper)
    seen = {}
    for n in range(1, paper.pages + 1):
        text = paper.flat(n)
        (who,) = [p for p in people if p[0] in text]
        same("both halves", text.count(who[0]), 2)
        assert who[1] not in text and who[1][0] + "*" * 16 + who[1][-1] in text, text
        assert SCHOOL in text and ITEM in text and ZH["print-rule-4"].replace(" ", "") in text
        (code,) = set(paper.codes(n))
        assert re.fullmatch(f"kecha:ticket:{RECORD}", code), code
        seen[who[0]] = code
    same("everybody, each with a code", (len(seen), len(set(seen.values()))), (len(people),) * 2)
    case = next(iter(seen.values())).rsplit(":", 1)[1]
    one = pdf(clerk.get(f"/console/cases/{case}/ticket.pdf"), folder, "ticket")
    same("one ticket", (one.pages, set(one.codes(1))), (1, {f"kecha:ticket:{case}"}))
    again = clerk.get(path).body
    shown = pictures(paper)
    same("one photograph, in both halves", (len(shown), {kind for _, kind in shown}), (2, {"jpeg"}))
    same("the same bytes again", again == paper.file.read_bytes(), True)


def made(maker):
    """Everybody who waits becomes one run, in one click; its certificates are issued in the next."""
    page = maker.get("/console/runs").text
    marked = [("case", c) for c in re.findall(r'name="case" value="(\w+)"[^>]* checked', page)]
    same("all are marked", len(marked), len(NAMES))
    answer = maker.post("/console/runs", marked)
    number = f"{today().year}-0001"
    same("the run", (answer.status, answer.headers["location"]), (303, f"/console/runs/{number}"))
    path = answer.headers["location"]
    maker.get(path)
    same("issued", maker.post(f"{path}/issue", []).status, 303)
    return path, number


def cards(maker, folder, people, path, number):
    """Fronts and backs that meet, a code on each, and nothing printed twice without a reason."""
    page = maker.get(path).text
    assert ZH["run-print"].replace("{ $n }", str(len(people))) in page, page
    paper = pdf(maker.post(f"{path}/print", [("from", ""), ("to", "")]), folder, "cards")
    same("two sheets, both sides", paper.pages, 4)
    fonts_are_inside(paper)
    fronts = paper.flat(1) + paper.flat(3)
    for name, document in people:
        assert name in fronts and f"T{document}" in fronts, name
    for word in (ITEM, AUTHORITY, "焊接与热切割作业"):
        same(word, fronts.count(word) >= len(people), True)
    same("one photograph", [kind for _, kind in pictures(paper)], ["jpeg"])
    codes = paper.codes(1) + paper.codes(3)
    same("a code on each", len(set(codes)), len(people))
    assert all(re.fullmatch(f"kecha:card:{RECORD}", code) for code in codes), codes
    # Line 9 is alone on the second sheet with 10: its back must lie on the other side.
    records = [re.findall(f"{ZH['print-reference'].split(' ')[0]}({RECORD})", paper.flat(n)) for n in (2, 4)]
    same("the backs", sorted(sum(records, [])), sorted(c.rsplit(":", 1)[1] for c in codes))
    left, right = paper.boxes(2, ZH["print-notes"])[:2]
    assert left < 210 < right, (left, right)
    assert "样本" not in fronts, "an office's node prints no specimen"
    refused = maker.post(f"{path}/print", [("from", ""), ("to", "")])
    assert refused.status == 422 and ZH["run-nothing-to-print"] in refused.text, refused.status
    return codes


def spoiled(maker, folder, path):
    """A card that was spoiled is printed again, with its reason in the story."""
    unsaid = maker.post(f"{path}/spoil", [("line", "3"), ("reason", " ")])
    assert unsaid.status == 422 and ZH["refusal-note-missing"] in unsaid.text, unsaid.status
    nowhere = maker.post(f"{path}/spoil", [("line", "99"), ("reason", "卡纸")])
    assert nowhere.status == 422 and ZH["run-no-such-line"] in nowhere.text, nowhere.status
    same("spoiled", maker.post(f"{path}/spoil", [("line", "3"), ("reason", "卡纸")]).status, 303)
    page = maker.get(path).text
    assert ZH["event-card-spoiled"] in page and "卡纸" in page, page
    paper = pdf(maker.post(f"{path}/print", [("from", "3"), ("to", "3")]), folder, "again")
    same("one card, both sides", (paper.pages, len(paper.codes(1))), (2, 1))


def signed(maker, folder, people, path, number):
    paper = pdf(maker.get(f"{path}/list.pdf"), folder, "list")
    same("a cover and a page", paper.pages, 2)
    cover, text = paper.flat(1), paper.flat(2)
    assert number in cover and AUTHORITY in cover and f"{ITEM}{len(people)}" in cover, cover
    same("page x of y", "第1页，共1页" in text, True)
    for name, document in people:
        assert name in text and document not in text, text
        assert document[0] + "*" * 16 + document[-1] in text, text


def handed_over(maker, node, path, number, count):
    """In the cupboard, then in somebody's hands; who took it stands in the story."""
    page = maker.get("/console/cupboard").text
    same("in the cupboard", len(re.findall(rf'href="{path}"', page)), count)
    page = maker.get(path).text
    lying = re.findall(r'name="case" value="(\w+)"[^>]* checked', page)
    same("lying there", len(lying), count)
    way = [("to", "agent"), ("note", "")]
    unsaid = maker.post(f"{path}/deliver", way + [("case", lying[0])])
    assert unsaid.status == 422 and ZH["refusal-note-missing"] in unsaid.text, unsaid.status
    way = [("to", "agent"), ("note", "代领人甲")]
    same("an agent", maker.post(f"{path}/deliver", way + [("case", lying[0])]).status, 303)
    node.run("run", "--as", "maker", "deliver", number, "--to", "institution")
    page = maker.get(path).text
    assert "代领人甲" in page and ZH["run-over"] in page, page
    page = maker.get("/console/runs?over=1").text
    assert f'href="{path}"' in page and f'href="{path}"' not in maker.get("/console/runs").text
    same("the list of runs", node.run("run", "--as", "maker", "list"), f"{number}\t0\t0\t0\t{count}\n")
    same("the cupboard is empty", node.run("run", "--as", "maker", "cupboard"), "")


def a_hole_in_a_name(node, maker, folder):
    """A name the font cannot show is not printed, and not recorded as printed."""
    taken_in(node, [(f"冯{NOT_IN_THE_FONT}", People(96).number("19900105"))])
    node.run("case", "--as", "maker", "make", "--all", "approved")
    number = f"{today().year}-0002"
    node.run("run", "--as", "maker", "issue", number)
    answer = maker.post(f"/console/runs/{number}/print", [("from", ""), ("to", "")])
    code = f"U+{ord(NOT_IN_THE_FONT):04X}"
    same("the refusal", answer.status, 409)
    assert NOT_IN_THE_FONT in answer.text and code in answer.text, answer.text
    out = folder / "hole.pdf"
    said = node.run("run", "--as", "maker", "print", number, "--out", str(out), fails=True)
    assert code in said and not out.exists(), said
    same("not printed", node.run("run", "--as", "maker", "list").split("\n")[0], f"{number}\t0\t1\t0\t0")


def nobody_is_named(node, people, paths):
    log = node.log.read_text("utf-8")
    for name, document in people:
        for secret in (name, document):
            assert secret not in log and not any(secret in p for p in paths), secret


def others_keep_out(node, path):
    for login, page in [("second", path), ("second", "/console/runs"), ("clerk", f"{path}/list.pdf")]:
        same(f"{login} {page}", Browser(node, login).get(page).status, 403)


def demonstration(kecha, folder):
    """A demonstration at work; its process, and a way to sign in by role in its first province."""
    ready = folder / "ready.json"
    asked = ["--people", "60", "--history", "0", "--port", "0"]
    program = subprocess.Popen(
        [kecha, "demo", *asked, "--dir", str(folder / "demo"), "--ready", str(ready)],
        env={**os.environ, "RUST_LOG": "error"},
        stdout=subprocess.DEVNULL,
    )
    for _ in range(1200):
        if ready.exists() or program.poll() is not None:
            break
        time.sleep(0.1)
    told = json.loads(ready.read_text("utf-8"))
    url = told["provinces"][0]["url"]

    def signed_in(role):
        account = next(
            a for a in told["accounts"] if a["role"] == role and a["url"].startswith(url)
        )
        place = Node.__new__(Node)
        place.address = urlparse(url).netloc
        browser = Browser(place)
        browser.get("/login")
        fields = [("user", account["user"]), ("password", account["password"])]
        answer = browser.post("/login", fields)
        same(role, answer.status, 303)
        # A demonstration shows the code of the second factor; one that was used is not shown again.
        while answer.headers["location"] == "/login/code":
            code = re.search(r'id="demo-code"[^>]*>\s*(\d{6})', browser.get("/login/code").text)
            if code:
                answer = browser.post("/login/code", [("code", code[1])])
            else:
                time.sleep(2)
        browser.get("/console")
        return browser

    return program, signed_in


def a_demonstration_says_so(kecha, folder):
    """Every page of every paper, and every card by itself, says that it is a specimen."""
    program, signed_in = demonstration(kecha, folder)
    mark = re.sub(r"\s", "", ZH["specimen-mark"])
    try:
        maker, clerk = signed_in("issuer"), signed_in("institution_clerk")
        page = maker.get("/console/runs").text
        waiting = re.findall(r'name="case" value="(\w+)"[^>]* checked', page)
        assert waiting, "nothing waits for its card"
        path = maker.post("/console/runs", [("case", waiting[0])]).headers["location"]
        maker.get(path)
        same("issued", maker.post(f"{path}/issue", []).status, 303)
        cards = pdf(maker.post(f"{path}/print", []), folder, "demo-cards")
        signed = pdf(maker.get(f"{path}/list.pdf"), folder, "demo-list")
        page = clerk.get("/console/sessions").text
        tickets = re.search(r'href="(/console/sessions/\w+/tickets\.pdf)"', page)[1]
        tickets = pdf(clerk.get(tickets), folder, "demo-tickets")
        for paper in (cards, signed, tickets):
            for n in range(1, paper.pages + 1):
                assert mark in paper.drawn(n), (paper.file.name, n, paper.drawn(n))
        # Across the sheet three times, and once on the card, which is cut out of it.
        same("the card itself", [cards.drawn(n).count(mark) for n in (1, 2)], [4, 4])
    finally:
        program.send_signal(signal.SIGINT)
        program.wait(timeout=10)


def main(kecha):
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        numbers = People(97)
        people = [(name, numbers.number("19900105")) for name in NAMES]
        node = Node(kecha, folder / "node")
        node.start()
        try:
            clerk, maker = Browser(node, "clerk"), Browser(node, "maker")
            taken_in(node, people, clerk)
            tickets(clerk, folder, people)
            path, number = made(maker)
            codes = cards(maker, folder, people, path, number)
            spoiled(maker, folder, path)
            signed(maker, folder, people, path, number)
            others_keep_out(node, path)
            handed_over(maker, node, path, number, len(people))
            a_hole_in_a_name(node, maker, folder)
            nobody_is_named(node, people, codes + [path])
        finally:
            node.stop()
        entries = node.verify()
        a_demonstration_says_so(kecha, folder)
        if len(sys.argv) > 2:
            keep = pathlib.Path(sys.argv[2])
            keep.mkdir(parents=True, exist_ok=True)
            for file in folder.glob("*.pdf"):
                (keep / file.name).write_bytes(file.read_bytes())
    print(f"papers: {len(people)} people, {entries} entries, every paper read back")


if __name__ == "__main__":
    main(sys.argv[1])
