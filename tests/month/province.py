"""A node with a clock that can be moved, its offices and its people, all by its own doors."""

import csv
import datetime
import http.client
import io
import mmap
import os
import pathlib
import re
import struct
import subprocess
import sys
import time
import uuid

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "chain"))
import office  # noqa: E402
from office import PASSWORD, ZH, Answer, People, totp  # noqa: E402, F401

PROVINCE = "第九九省应急管理厅"
AUTHORITIES = {"9901": "第九九市应急管理局", "9902": "第九八市应急管理局"}
SCHOOLS = {"9911": "第一考试点", "9912": "第二考试点", "9913": "第三考试点"}
REPORTS_TO = {"9911": "9901", "9912": "9901", "9913": "9902"}
ITEMS = {"1.2": "低压电工作业", "2.1": "熔化焊接与热切割作业", "3.2": "高处安装、维护、拆除作业"}
OF_SCHOOL = [
    ("clerk", "institution_clerk"),
    ("lead", "institution_lead"),
    ("one", "assessor"),
    ("two", "assessor"),
]
OF_AUTHORITY = [
    ("desk", "acceptance_officer"),
    ("first", "reviewer"),
    ("both", "reviewer,approver"),
    ("second", "approver"),
    ("third", "approver"),
    ("maker", "issuer"),
]
CHINA = datetime.timezone(datetime.timedelta(hours=8))


class Clock:
    """The wall clock of the node and of everybody who has to do with it."""

    def __init__(self, folder):
        self.path = folder / "clock"
        self.path.write_bytes(bytes(8))
        with open(self.path, "r+b") as file:
            self.ahead = mmap.mmap(file.fileno(), 8)
        library = folder / "clock.so"
        build = [os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC", "-o", str(library)]
        subprocess.run([*build, str(HERE / "clock.c"), "-ldl"], check=True)
        self.env = {"LD_PRELOAD": str(library), "KECHA_MONTH_CLOCK": str(self.path)}

    def now(self):
        return time.time() + struct.unpack("=q", self.ahead[:8])[0] / 1e9

    def today(self):
        return datetime.datetime.fromtimestamp(self.now(), CHINA).date()

    def morning(self, day):
        """It becomes nine o'clock of that day in China; never earlier than it was."""
        at = datetime.datetime.combine(day, datetime.time(9), CHINA).timestamp()
        self.ahead[:8] = struct.pack("=q", int((at - time.time()) * 1e9))


class Province(office.Node):
    """The folder of a province, with two authorities and three institutions."""

    def __init__(self, kecha, folder, clock):
        self.kecha, self.folder, self.server = kecha, pathlib.Path(folder), None
        self.factors, self.clock = {}, clock
        self.log = self.folder.with_suffix(".log")
        os.environ.update(clock.env)
        name = ["--name", PROVINCE, "--province", "99"]
        self.run("init", *name, "--official-url", "https://kecha.example")
        self.account("admin", "系统管理员", "99", "system_admin")
        for code, told in AUTHORITIES.items():
            self.office(code, told, "authority")
        span = ["--from", "2020-01-01", "--until", "2039-12-31", "--authorisation", "〔2020〕1号"]
        for code, told in SCHOOLS.items():
            under = ["--reports-to", REPORTS_TO[code], "--items", ",".join(ITEMS)]
            self.office(code, told, "institution", *under, *span)
        self.logins = []
        for codes, roles in ((SCHOOLS, OF_SCHOOL), (AUTHORITIES, OF_AUTHORITY)):
            for code in codes:
                for word, role in roles:
                    login = f"{word}{code}"
                    self.account(login, f"试{word}", code, role)
                    self.logins.append(login)
        self.key = self.run("key", "add", "--as", "admin", "--label", "month").strip()
        self.seats, self.link = {}, None

    def officer(self, word, code):
        """Whoever that is, signed in today, at a desk of their own."""
        login, today = f"{word}{code}", self.clock.today()
        day, browser = self.seats.get(login, (None, None))
        if day != today:
            address = f"127.0.0.{10 + self.logins.index(login)}"
            browser = Desk(self, login, address)
            self.seats[login] = (today, browser)
        return browser

    def send(self, method, path, body=None, head=None):
        """What programs send goes over one connection."""
        for again in (False, True):
            self.link = self.link or http.client.HTTPConnection(self.address, timeout=120)
            try:
                self.link.request(method, path, body, head or {})
                return Answer(self.link.getresponse())
            except (http.client.HTTPException, ConnectionError):
                self.link = None
                if again:
                    raise


class Desk(office.Browser):
    """A browser at an address of its own: the sign-in is limited by address."""

    def __init__(self, node, login, address):
        self.address = address
        self.link = None
        self.login = login
        super().__init__(node, login)

    def second_factor(self, login, path):
        page, known = self.get(path), self.node.factors
        now = int(self.node.clock.now()) // 30
        if path == "/login/factor":
            shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)[1]
            known[login] = office.base64.b32decode(shown.replace(" ", ""))
        return self.post(path, [("code", totp(known[login], now))])

    def send(self, method, path, body=None, head=None):
        head = dict(head or {})
        if self.cookies:
            head["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        for again in (False, True):
            if self.link is None:
                self.link = http.client.HTTPConnection(
                    self.node.address, timeout=120, source_address=(self.address, 0)
                )
            try:
                self.link.request(method, path, body, head)
                answer = Answer(self.link.getresponse())
                break
            except (http.client.HTTPException, ConnectionError):
                self.link = None
                if again:
                    raise
        for cookie in answer.headers.get_all("set-cookie") or []:
            name, value = cookie.split(";", 1)[0].split("=", 1)
            self.cookies[name] = value
        token = re.search(r'name="token" value="([^"]+)"', answer.text)
        self.token = token[1] if token else self.token
        return answer

    def file(self, path, field, data, more=(), name="sheet.csv"):
        """Sends a form with a file, its token first."""
        mark = uuid.uuid4().hex
        body = b""
        for key, value in [("token", self.token), *more]:
            head = f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n'
            body += f"{head}{value}\r\n".encode()
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        body += f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + data
        body += f"\r\n--{mark}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        answer = self.send("POST", path, body, kind)
        if answer.status == 403 and 'name="again"' in answer.text:
            return self.file(path, field, data, [*more, ("again", PASSWORD)], name)
        return answer

    def list(self, which, **fields):
        """A list as rows of text, without its head."""
        text = self.export(which, "csv", **fields).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text)))[1:]


def refused(code):
    return ZH[f"refusal-{code}"]


def table(head, rows):
    """A csv of an office."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows(rows)
    return ("\ufeff" + out.getvalue()).encode()
