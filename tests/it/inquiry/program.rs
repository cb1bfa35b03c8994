//! The same for programs.

use serde_json::{Value, json};

use super::{AUTHORITY, House, WORDS, clock, on_both, question};
use crate::people::Browser;
use domain::inquiry::{Subject, Words};

fn sends(browser: &mut Browser, path: &str, body: &Value) -> (u16, Value) {
    let answer = browser.post_json(path, body);
    let told = serde_json::from_str(&answer.text);
    (
        answer.status,
        told.unwrap_or_else(|_| panic!("{}", answer.text)),
    )
}

fn challenge(house: &House, browser: &mut Browser) -> Value {
    let given: Value =
        serde_json::from_str(&browser.get("/api/v1/captcha").text).expect("a challenge");
    let id = given["id"].as_str().expect("a number");
    let answer = house.app.captchas.peek(id).expect("an open challenge");
    json!({ "id": id, "answer": answer })
}

on_both! {
    /// Asked with a captcha, looked up, asked back, as the page does it.
    fn a_program_asks_and_follows(house: &House) {
        let mut program = house.visitor();
        let path = "/api/v1/inquiry";
        let bare = json!({ "subject": "delay", "words": WORDS, "to": AUTHORITY });
        let (status, told) = sends(&mut program, path, &bare);
        assert_eq!((status, &told["code"]), (422, &json!("captcha_missing")));
        let mut full = bare.clone();
        full["captcha"] = json!({ "id": "0", "answer": "0" });
        let (status, told) = sends(&mut program, path, &full);
        assert_eq!((status, &told["code"]), (403, &json!("captcha_failed")));
        full["captcha"] = challenge(house, &mut program);
        full["to"] = json!("9911");
        let (status, told) = sends(&mut program, path, &full);
        assert_eq!((status, &told["field"], &told["code"]), (422, &json!("to"), &json!("office_unknown")));
        full["to"] = json!(AUTHORITY);
        let (status, taken) = sends(&mut program, path, &full);
        assert_eq!(status, 201, "{taken}");
        let (reference, passcode) = (&taken["reference"], &taken["passcode"]);

        let path = "/api/v1/inquiry/status";
        let (status, told) = sends(&mut program, path, &json!({ "reference": reference }));
        assert_eq!((status, &told["state"], &told["due"]), (200, &json!("asked"), &taken["due"]));
        assert_eq!(told["story"][0]["words"], Value::Null);
        let both = json!({ "reference": reference, "passcode": passcode });
        let (_, told) = sends(&mut program, path, &both);
        assert_eq!(told["story"][0]["words"], json!(WORDS));
        let other = json!({ "reference": reference, "passcode": "0000-00000" });
        let (status, told) = sends(&mut program, path, &other);
        assert_eq!((status, &told["code"]), (403, &json!("passcode_wrong")));
        let unknown = json!({ "reference": "0000-0000-00000" });
        let (status, told) = sends(&mut program, path, &unknown);
        assert_eq!((status, &told["code"]), (404, &json!("reference_unknown")));
        let (status, told) = sends(&mut program, path, &json!({ "reference": "1" }));
        assert_eq!((status, &told["code"]), (422, &json!("reference_invalid")));

        let path = "/api/v1/inquiry/again";
        let mut back = both;
        back["words"] = json!("等到哪一天？");
        let (status, told) = sends(&mut program, path, &back);
        assert_eq!((status, &told["code"]), (409, &json!("wrong_state")));
        let (desk, registry) = (house.officer("desk"), house.registry());
        let open = registry.inquiries(&desk, true, 9, clock::today()).expect("a list");
        let words = Words::parse("请等待。").expect("words");
        registry.answer_inquiry(open[0].inquiry.id, words, &desk, clock::now()).expect("answered");
        let (status, told) = sends(&mut program, path, &back);
        assert_eq!((status, &told["state"]), (200, &json!("reopened")), "{told}");
        assert_eq!(told["story"][2]["words"], json!("等到哪一天？"));
    }

    /// What is too large or of another kind is refused before it is read.
    fn a_body_has_its_form(house: &House) {
        let mut program = house.visitor();
        let large = json!({ "words": "a".repeat(17_000) });
        assert_eq!(sends(&mut program, "/api/v1/inquiry", &large).0, 413);
        assert_eq!(sends(&mut program, "/api/v1/inquiry", &json!([1])).0, 400);
        house.registry().inquire(&question(Subject::Other, WORDS), clock::now()).expect("asked");
    }
}
