"""The API of offices, read by somebody else: the document by a validator of OpenAPI, and what a
running node answers by a validator of JSON Schema.

    check.py KECHA    the program
"""

import json
import pathlib
import sys
import tempfile
from datetime import timedelta

import jsonschema
import openapi_spec_validator

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "chain"))
from office import Browser, Node, People, today, workbook  # noqa: E402

WELDING = "熔化焊接与热切割作业"
# Calls that this story has nothing for: no task was begun, and pictures have tests of their own.
UNCALLED = {"show_task", "put_material"}


class Api:
    """Calls with a key; every answer is held against the document."""

    def __init__(self, node, document, key):
        self.node, self.document, self.key = node, document, key
        self.names, self.called = 0, set()

    def call(self, method, path, body=None, status=200, at=None, name=None):
        """`at` is the path as the document writes it."""
        line = self.document["paths"][at or path.split("?")[0]][method.lower()]
        head = {"Authorization": f"Bearer {self.key}", "Accept-Language": "en"}
        if body is not None:
            self.names += 1
            head["Content-Type"] = "application/json"
            head["Idempotency-Key"] = name or f"call {self.names}"
            if status < 300:
                sent = line["requestBody"]["content"]["application/json"]["schema"]
                self.holds(sent, body)
        answer = self.node.send(
            method, path, None if body is None else json.dumps(body).encode(), head
        )
        if answer.status != status:
            raise AssertionError(f"{method} {path}: {answer.status} {answer.text}")
        told = answer.json()
        good = str(status) in line["responses"]
        response = line["responses"][str(status) if good else "default"]
        kind = "application/json" if good else "application/problem+json"
        if answer.headers["content-type"] != kind:
            raise AssertionError(f"{method} {path}: {answer.headers['content-type']}")
        self.holds(response["content"][kind]["schema"], told)
        if good:
            self.called.add(line["operationId"])
        return told

    def holds(self, schema, value):
        whole = {**schema, "components": self.document["components"]}
        jsonschema.Draft202012Validator(
            whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        ).validate(value)


def main(kecha):
    with tempfile.TemporaryDirectory() as folder:
        node = Node(kecha, pathlib.Path(folder) / "node").start()
        try:
            story(node)
        finally:
            node.stop()
        print(f"{node.verify()} entries, no fault")


def story(node):
    document = node.send("GET", "/api/v1/openapi.json").json()
    openapi_spec_validator.validate(document)
    make = ["key", "make", "--as", "security", "--label", "tests"]
    clerk, desk = (
        Api(node, document, node.run(*make, "--office", office, "--roles", role).strip())
        for office, role in [("9911", "institution_clerk"), ("9901", "acceptance_officer")]
    )
    assert clerk.call("GET", "/api/v1/key")["office"] == "9911"
    people = People(11)
    number = people.number("19900105")
    # A session that is to come: planned, filled, and not scored before its day.
    plan = {
        "on": str(today() + timedelta(days=20)),
        "begins": "09:00",
        "place": "一号楼",
        "items": ["2.1"],
        "invigilators": ["试监"],
        "assessors": [],
        "seats": 10,
    }
    session = clerk.call("POST", "/api/v1/sessions", plan, 201)["session"]
    of = "/api/v1/sessions/{id}"
    candidate = {
        "name": "甲乙",
        "doc_type": "resident_id",
        "doc_number": number,
        "item": "2.1",
        "schooling": "junior_middle",
        "healthy": True,
    }
    sent = {"candidates": [candidate], "take_good": False}
    path = f"/api/v1/sessions/{session}"
    told = clerk.call("POST", f"{path}/candidates", sent, at=of + "/candidates")
    assert told["seated"] == 1, told
    seat = clerk.call("GET", path, at=of)["candidates"][0]
    score = {
        "ticket": seat["ticket"],
        "score": 85,
        "at": f"{plan['on']}T09:35:00+08:00",
        "machine": "07",
    }
    told = clerk.call("POST", f"{path}/theory", {"scores": [score]}, at=of + "/theory")
    assert told["taken"] == 0 and told["rows"][0]["refused"], told
    assert clerk.call("GET", "/api/v1/sessions")["sessions"]
    # A sheet, confirmed by a person; then the two systems.
    sat = today() - timedelta(days=6)
    rows = [
        [f"丙{n}", "男", people.number("19900105"), WELDING, sat, 90, 90, None] for n in "丁戊己"
    ]
    browser = Browser(node, "clerk")
    sheet = browser.upload(workbook(rows))
    assert sheet.status in (200, 303), sheet.status
    lead = Browser(node, "lead")
    cases = [case for case, _, _ in lead.cases("examined")]
    lead.act("confirm", cases, "examined")
    listed = clerk.call("GET", "/api/v1/cases?state=passed&limit=2")
    assert len(listed["cases"]) == 2 and listed["next"]
    rest = clerk.call("GET", f"/api/v1/cases?state=passed&limit=2&after={listed['next']}")
    cases = [line["case"] for line in listed["cases"] + rest["cases"]]
    assert len(set(cases)) == 3, cases
    command = {"command": "report", "cases": cases}
    told = clerk.call("POST", "/api/v1/cases/commands", command)
    assert told["done"] == 3, told
    told = desk.call("POST", "/api/v1/cases/commands", {"command": "accept", "cases": cases})
    assert told["done"] == 3, told
    file = desk.call("GET", f"/api/v1/cases/{cases[0]}", at="/api/v1/cases/{id}")
    assert file["case"]["state"] == "accepted" and "*" in file["doc_number"], file
    desk.call("GET", "/api/v1/certificates")
    desk.call("GET", "/api/v1/tasks")
    # What goes wrong is a problem of the document as well.
    clerk.call("GET", "/api/v1/certificates", status=403)
    clerk.call("GET", "/api/v1/cases?state=nothing", status=422)
    clerk.call("POST", "/api/v1/sessions", plan, 409)
    clerk.call("POST", "/api/v1/cases/commands", {"command": "issue", "cases": cases}, 422)
    stranger = Api(node, document, "kecha_00000000_0")
    stranger.call("GET", "/api/v1/key", status=401)
    for path in ["openapi.json", "feeds", "track-record", "captcha"]:
        stranger.call("GET", f"/api/v1/{path}")
    stranger.call("GET", f"/api/v1/estimate?exam_date={sat}", at="/api/v1/estimate")
    every_line_was_called(document, clerk.called | desk.called)
    log = node.log.read_text("utf-8")
    for secret in [number, "甲乙", seat["ticket"], clerk.key, desk.key]:
        assert secret not in log, "the log names somebody"
    print(f"{len(clerk.called | desk.called)} calls of offices, every answer as documented")


def every_line_was_called(document, called):
    office = {
        line["operationId"]
        for methods in document["paths"].values()
        for line in methods.values()
        if {"office_key": []} in line.get("security", [])
    }
    assert office - called == UNCALLED, office ^ called


if __name__ == "__main__":
    main(sys.argv[1])
