"""A node for tests, and its people: everything goes through the program and its pages."""

import base64
import datetime
import hmac
import html
import http.client
import io
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from urllib.parse import quote, urlencode

import openpyxl

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sheets"))
from make import HEADERS  # noqa: E402
from people import People  # noqa: E402, F401

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PASSWORD = "correct horse battery"
AUTHORITY, OTHER_AUTHORITY = "第九九市应急管理局", "第九八市应急管理局"
TELEPHONE = "12350"
SCHOOL, OTHER_SCHOOL = "第一考试点", "第二考试点"
ACCOUNTS = [
    ("clerk", "甲经办", "9911", "institution_clerk"),
    ("lead", "甲负责", "9911", "institution_lead"),
    ("clerk2", "乙经办", "9912", "institution_clerk"),
    ("lead2", "乙负责", "9912", "institution_lead"),
    ("desk", "受理", "9901", "acceptance_officer"),
    ("first", "审查", "9901", "reviewer"),
    ("both", "审查兼决定", "9901", "reviewer,approver"),
    ("second", "决定", "9901", "approver"),
    ("maker", "制证", "9901", "issuer"),
    ("desk2", "外局受理", "9902", "acceptance_officer"),
]


def today():
    """The legal day: the date in China."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=8)).date()


def sentences(tag):
    """The sentences of a language, by key."""
    lines = (ROOT / "locales" / f"{tag}.ftl").read_text("utf-8").splitlines()
    pairs = (line.split(" = ", 1) for line in lines if " = " in line and not line.startswith("#"))
    return dict(pairs)


ZH, EN = sentences("zh-CN"), sentences("en")


class Node:
    """The folder of an office, made with the program alone."""

    def __init__(self, kecha, folder, database=None, owner=None):
        self.kecha, self.folder, self.server = kecha, pathlib.Path(folder), None
        # The second factors of officers, as their telephones have them: secret, last step used.
        self.factors = {}
        self.log = self.folder.with_suffix(".log")
        more = ["--database", database, "--owner-url", owner] if database else []
        self.run(
            "init",
            "--name",
            "第九九省应急管理厅",
            "--province",
            "99",
            "--official-url",
            "https://kecha.example",
            *more,
        )
        span = ["--from", "2020-01-01", "--until", "2039-12-31", "--authorisation", "〔2020〕1号"]
        self.account("admin", "系统管理员", "99", "system_admin")
        self.office("9901", AUTHORITY, "authority")
        self.office("9902", OTHER_AUTHORITY, "authority")
        self.office(
            "9911", SCHOOL, "institution", "--reports-to", "9901", "--items", "1.2,2.1,3.2", *span
        )
        self.office(
            "9912", OTHER_SCHOOL, "institution", "--reports-to", "9901", "--items", "2.1", *span
        )
        for login, name, office, roles in ACCOUNTS:
            self.account(login, name, office, roles)
        self.key = self.run("key", "add", "--as", "admin", "--label", "tests").strip()

    def account(self, login, name, office, roles):
        who = ["--login", login, "--name", name, "--office", office, "--roles", roles]
        self.run("account", "add", "--as", "security", *who)

    def office(self, code, name, kind, *more):
        self.run(
            "office",
            "add",
            "--as",
            "admin",
            "--code",
            code,
            "--name",
            name,
            "--kind",
            kind,
            "--telephone",
            TELEPHONE,
            *more,
        )

    def run(self, *args, fails=False, stdin=""):
        """Runs a command on the folder and gives what it prints."""
        secrets = {
            "KECHA_PASSWORD": PASSWORD,
            "KECHA_NEW_PASSWORD": PASSWORD,
            "KECHA_DIR": str(self.folder),
        }
        done = subprocess.run(
            [self.kecha, *args],
            env={**os.environ, **secrets},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if (done.returncode != 0) != fails:
            raise AssertionError(
                f"kecha {' '.join(args)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done.stdout + (done.stderr if fails else "")

    def start(self, listen="127.0.0.1:0"):
        """Serves; returns once it answers."""
        with open(self.log, "a", encoding="utf-8") as log:
            self.server = subprocess.Popen(
                [self.kecha, "serve", "--dir", str(self.folder), "--listen", listen],
                env={**os.environ, "RUST_LOG": "debug", "NO_COLOR": "1"},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        line = self.server.stdout.readline()
        if "http://" not in line:
            raise AssertionError(
                f"the server did not start: {line}{self.log.read_text('utf-8')[-2000:]}"
            )
        self.address = line.split("http://", 1)[1].strip()
        return self

    def stop(self, how=signal.SIGTERM):
        """Ends the server; a polite end takes less than five seconds."""
        self.server.send_signal(how)
        self.server.wait(timeout=5)
        self.server.stdout.close()
        self.server = None

    def verify(self):
        """`kecha journal verify` finds no fault; the number of entries."""
        said = self.run("journal", "verify")
        found = re.search(r"^(\d+) entries, \d+ records, (\d+) faults$", said, re.M)
        if not found or found[2] != "0":
            raise AssertionError(f"journal verify: {said}")
        return int(found[1])

    def ask(self, number, name, ticket=None, key=True, lang="zh-CN", **more):
        """Asks the API; the answer as it came."""
        asked = {
            "category": "special_operation",
            "doc_type": "resident_id",
            "doc_number": number,
            "name": name,
        }
        asked.update({"ticket": ticket} if ticket else {}, **more)
        head = {"Content-Type": "application/json", "Accept-Language": lang}
        if key:
            head["Authorization"] = f"Bearer {self.key if key is True else key}"
        return self.send("POST", "/api/v1/query", json.dumps(asked).encode(), head)

    def send(self, method, path, body=None, head=None):
        """One request on a connection of its own."""
        link = http.client.HTTPConnection(self.address, timeout=30)
        try:
            link.request(method, path, body, head or {})
            return Answer(link.getresponse())
        finally:
            link.close()


class Answer:
    """What came back."""

    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()
        self.text = self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


def totp(secret, step):
    """The code of a step of time, as RFC 6238 has it."""
    made = hmac.new(secret, step.to_bytes(8, "big"), "sha1").digest()
    at = made[19] & 15
    return f"{(int.from_bytes(made[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


class Browser:
    """Cookies, and the hidden token of the last page."""

    def __init__(self, node, login=None):
        self.node, self.cookies, self.token = node, {}, None
        if login:
            self.get("/login")
            answer = self.post("/login", [("user", login), ("password", PASSWORD)])
            if answer.headers["location"] in ("/login/code", "/login/factor"):
                answer = self.second_factor(login, answer.headers["location"])
            if answer.status != 303 or answer.headers["location"] != "/console":
                raise AssertionError(f"{login} cannot sign in: {answer.status}")
            self.get("/console")

    def second_factor(self, login, path):
        """Enrols at the first sign-in; gives a code that was not used before at the others."""
        page, known = self.get(path), self.node.factors
        if path == "/login/factor":
            secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)[1].replace(" ", "")
            known[login] = [base64.b32decode(secret), 0]
        secret, last = known[login]
        while True:
            now = int(time.time()) // 30
            step = max(last + 1, now)
            if step <= now + 1:
                break
            time.sleep(1)
        known[login][1] = step
        return self.post(path, [("code", totp(secret, step))])

    def send(self, method, path, body=None, head=None):
        head = dict(head or {})
        if self.cookies:
            head["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        answer = self.node.send(method, path, body, head)
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, value = cookie.split(";", 1)[0].split("=", 1)
            self.cookies[name] = value
        token = re.search(r'name="token" value="([^"]+)"', answer.text)
        self.token = token[1] if token else self.token
        return answer

    def get(self, path):
        return self.send("GET", path)

    def post(self, path, fields, token=True, head=None):
        """Sends a form with the token of the last page, with another one, or with none."""
        token = self.token if token is True else token
        pairs = ([("token", token)] if token else []) + list(fields)
        head = {"Content-Type": "application/x-www-form-urlencoded", **(head or {})}
        answer = self.send("POST", path, urlencode(pairs, quote_via=quote).encode(), head)
        if answer.status == 403 and 'id="again"' in answer.text and token == self.token:
            # What is grave wants the password anew some minutes after the sign-in.
            return self.post(path, [*fields, ("again", PASSWORD)], token, head)
        return answer

    def upload(self, sheet, name="sheet.xlsx"):
        """Sends a sheet as the import page does."""
        mark = uuid.uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="token"\r\n\r\n{self.token}\r\n',
            f'--{mark}\r\nContent-Disposition: form-data; name="sheet"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n",
        ]
        body = "".join(parts).encode() + sheet + f"\r\n--{mark}--\r\n".encode()
        return self.send(
            "POST",
            "/console/import",
            body,
            {"Content-Type": f"multipart/form-data; boundary={mark}"},
        )

    def cases(self, state):
        """The queue of a state, page by page: (case, name, item) for each line."""
        found, path = [], f"/console/cases?state={state}"
        while path:
            page = self.get(path).text
            rows = re.findall(
                r'<tr[^>]*><td><input type="checkbox" name="case" value="(\w+)".*?</tr>', page, re.S
            )
            cells = re.findall(r"<code>\w+</code></a></td><td>(.*?)</td><td>(.*?)</td>", page, re.S)
            found += [
                (case, html.unescape(n), html.unescape(i))
                for case, (n, i) in zip(rows, cells, strict=True)
            ]
            behind = re.search(r'rel="next" href="([^"]+)"', page)
            path = html.unescape(behind[1]) if behind else None
        return found

    def export(self, which, kind, **fields):
        """A list as a file."""
        answer = self.post(f"/console/{which}/export", [*fields.items(), ("format", kind)])
        if answer.status != 200:
            raise AssertionError(f"{which} as {kind}: {answer.status}")
        return answer.body

    def act(self, command, cases, state, **fields):
        """Does one thing to cases; what the page says of each."""
        pairs = [("state", state), ("session", ""), ("command", command), *fields.items()]
        answer = self.post("/console/cases", pairs + [("case", c) for c in cases])
        if answer.status != 200:
            return answer.status
        told = re.findall(r"<li><code>(\w+)</code> (.*?)</li>", answer.text)
        return {case: html.unescape(sentence) for case, sentence in told}


def workbook(rows, title="特种作业考试成绩登记表"):
    """An .xlsx as an office makes it, of rows that Person.row makes."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([title])
    sheet.append([*HEADERS, "准考证号"])
    for name, sex, number, item, day, theory, practical, ticket in rows:
        sheet.append(
            [name, sex, "居民身份证", number, item, "初领", day, theory, practical, ticket]
        )
    sheet.append(["合计", len(rows)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class Postgres:
    """A database of its own on the server of the test command."""

    def __init__(self):
        self.admin, self.owner, self.app = (
            os.environ[f"KECHA_TEST_PG{x}"] for x in ("", "_OWNER", "_APP")
        )
        self.name = f"kecha_chain_{os.getpid()}_{uuid.uuid4().hex[:6]}"
        self.psql(f"CREATE DATABASE {self.name} OWNER kecha_owner TEMPLATE template0")

    @staticmethod
    def at_hand():
        """Whether there is a server; on the build server that is a must."""
        if os.environ.get("KECHA_TEST_PG"):
            return True
        if os.environ.get("CI") == "true":
            raise AssertionError("CI has no KECHA_TEST_PG")
        print("  skipped: no KECHA_TEST_PG")
        return False

    def psql(self, sql):
        own = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/psql"))
        program = os.environ.get("KECHA_PG_BIN")
        psql = f"{program}/psql" if program else shutil.which("psql") or str(own[-1])
        subprocess.run(
            [psql, "-q", "-v", "ON_ERROR_STOP=1", self.admin, "-c", sql],
            check=True,
            timeout=60,
            stdout=subprocess.DEVNULL,
        )

    def urls(self):
        """The server's and the owner's address of this database."""
        return [re.sub(r"/kecha(?=$|\?)", f"/{self.name}", url) for url in (self.app, self.owner)]

    def drop(self):
        self.psql(f"DROP DATABASE {self.name} WITH (FORCE)")
