//! Materials: put in by the institution, taken along by the report, looked at by the authority.

use std::io::{Cursor, Write};

use domain::{
    event::{Act, Answered, Material},
    material::MaterialKind,
    record::RecordId,
    refusal::Refusal,
};
use jiff::civil::{Date, date};
use kecha::registry::{Command, NewMaterial};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    house::{House, on_both},
    office::{Person, WELDING, ground, sheet},
    people::{Answer, Browser},
};

const MONDAY: Date = date(2026, 11, 2);

/// A picture of one colour, as a telephone might send it.
fn picture(width: u16, height: u16, grey: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let pixels = vec![grey; usize::from(width) * usize::from(height) * 3];
    jpeg_encoder::Encoder::new(&mut out, 90)
        .encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb)
        .expect("a picture");
    out
}

/// Somebody who has passed and waits to be reported.
fn passed(house: &House, name: &str, serial: u16) -> RecordId {
    let (person, day) = (Person::new(name, serial), house.on(MONDAY));
    let line = person.line(WELDING, "初领", MONDAY, "86", "91");
    day.imports(&sheet(&[line]), false);
    let case = day.case(&person, "examined").id;
    assert_eq!(day.does("lead", Command::Confirm, case), Ok("passed"));
    case
}

fn send(browser: &mut Browser, case: RecordId, kind: &str, bytes: &[u8]) -> Answer {
    let page = format!("/console/cases/{case}/materials");
    browser.get(&page);
    let parts = [("kind", kind.as_bytes()), ("page", b"1"), ("file", bytes)];
    browser.send_parts(&page, &parts)
}

fn report() -> Command {
    Command::Report {
        materials: Vec::new(),
    }
}

fn returned(items: &[&str]) -> Command {
    Command::Return {
        missing: items.iter().map(|i| (*i).to_owned()).collect(),
    }
}

/// What the last report of a case named.
fn named(house: &House, case: RecordId) -> Vec<Material> {
    let desk = house.officer("desk");
    let file = house.registry().case_file(&desk, case, MONDAY);
    let story = file.expect("a case").story;
    let found = story.into_iter().rev().find_map(|(_, e)| match e.act {
        Act::Reported { materials } | Act::Resubmitted { materials, .. } => Some(materials),
        _ => None,
    });
    found.expect("a report")
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(bytes);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

on_both! {
    /// The event has the digest of the very bytes that the authority is shown, and before the
    /// report it is shown nothing.
    fn a_report_takes_its_files_along(house: &House) {
        let (case, day) = (passed(house, "王一", 1), house.on(MONDAY));
        let (mut clerk, mut desk) = (house.browser("clerk"), house.browser("desk"));
        let sent = picture(300, 400, 90);
        let answer = send(&mut clerk, case, "photo", &sent);
        let list = format!("/console/cases/{case}/materials");
        assert_eq!((answer.status, answer.location()), (303, &*list));
        let file = format!("{list}/1");
        assert_eq!(clerk.get(&file).status, 200);
        assert_eq!(desk.get(&file).status, 404);
        assert!(!desk.get(&list).text.contains(&file));

        assert_eq!(day.does("clerk", report(), case), Ok("reported"));
        let seen = desk.get(&file);
        assert_eq!((seen.status, seen.header("content-type")), (200, "image/jpeg"));
        assert_eq!(seen.header("cache-control"), "no-store");
        assert_eq!(seen.header("x-content-type-options"), "nosniff");
        assert!(seen.header("content-security-policy").contains("sandbox"));
        assert_eq!(seen.header("content-disposition"), "inline");
        assert!(seen.bytes.starts_with(&[0xFF, 0xD8]) && seen.bytes != sent);
        let named = named(house, case);
        assert_eq!((named.len(), named[0].kind), (1, MaterialKind::Photo));
        assert_eq!(named[0].sha256, sha256(&seen.bytes));
        assert!(desk.get(&list).text.contains(&file));
        // What was refused, or never given out, nobody read.
        let read = house.registry().readings_of(case, 100).expect("readings");
        let cases = || read.iter().filter(|r| r.purpose == "case");
        let by = |login: &str| cases().filter(|r| r.login == login).count();
        assert_eq!((by("clerk"), by("desk")), (2, 3), "{read:?}");
        for nobody in ["keeper", "auditor"] {
            assert_eq!(house.browser(nobody).get(&file).status, 403, "{nobody}");
        }
        assert_eq!(house.visitor().get(&file).status, 303);

        // While it lies with the authority nothing is put in; replaced, the former stays.
        assert_eq!(send(&mut clerk, case, "photo", &picture(300, 400, 9)).status, 422);
        assert_eq!(day.does("desk", returned(&["照片"]), case), Ok("returned"));
        assert_eq!(send(&mut clerk, case, "photo", &picture(300, 400, 200)).status, 303);
        assert_eq!(desk.get(&format!("{list}/2")).status, 404);
        let again = Command::Resubmit { materials: Vec::new(), answers: Vec::new() };
        assert_eq!(day.does("clerk", again, case), Ok("reported"));
        assert_eq!(desk.get(&format!("{list}/2")).status, 200);
        assert_eq!(desk.get(&file).bytes, seen.bytes);
    }

    /// What is missing is told once. Another list is refused, and whoever decides is shown it.
    fn a_second_list_is_seen_by_the_second_officer(house: &House) {
        let (case, day) = (passed(house, "王一", 1), house.on(MONDAY));
        assert_eq!(day.does("clerk", report(), case), Ok("reported"));
        assert_eq!(day.does("desk", returned(&["照片", "学历证书复印件"]), case), Ok("returned"));
        let again = || Command::Resubmit { materials: Vec::new(), answers: Vec::new() };
        assert_eq!(day.does("clerk", again(), case), Ok("reported"));
        let page = "/console/second-lists";
        assert!(!house.browser("second").get(page).text.contains(&case.to_string()));
        let more = returned(&["照片", "户口簿"]);
        assert_eq!(day.does("desk", more, case), Err(Refusal::ListMissing));
        let lists = house.registry().second_lists(&crate::house::AUTHORITY.into()).expect("lists");
        assert_eq!(lists.len(), 1);
        assert_eq!((lists[0].case, &*lists[0].login), (case, "desk"));
        assert_eq!(lists[0].items, ["户口簿"]);
        let shown = house.browser("second").get(page).text;
        assert!(shown.contains(&case.to_string()) && shown.contains("户口簿"));
        assert_eq!(house.browser("desk").get(page).status, 403);
        // The same items again are lawful, and no attempt at anything.
        assert_eq!(day.does("desk", returned(&["照片"]), case), Ok("returned"));
        let lists = house.registry().second_lists(&crate::house::AUTHORITY.into());
        assert_eq!(lists.expect("lists").len(), 1);
    }
}

/// The three files of a first certificate; the same again is the same.
fn put_in(house: &House, case: RecordId, bytes: &[u8]) {
    let (day, clerk) = (house.on(MONDAY), house.officer("clerk"));
    for kind in ["photo", "id_copy", "health_declaration"] {
        let new = NewMaterial {
            kind: MaterialKind::from_code(kind).expect("a kind"),
            page: 1,
            bytes,
        };
        let put = house.registry().put_material(case, new, &clerk, day.now);
        assert!(put.is_ok(), "{kind}");
        let again = house.registry().put_material(case, new, &clerk, day.now);
        assert_eq!(again.ok(), put.ok());
    }
}

/// Where files are asked for, a report without them is refused with the list, one case of many
/// alone; and a return is answered item by item.
#[test]
fn without_its_files_nothing_is_reported() {
    let house = House::asking_for_files();
    let (case, other) = (passed(&house, "王一", 1), passed(&house, "王二", 2));
    let day = house.on(MONDAY);
    assert_eq!(
        day.does("clerk", report(), case),
        Err(Refusal::MaterialMissing)
    );
    // A digest of what lies elsewhere does not do.
    let elsewhere = [MaterialKind::Photo, MaterialKind::IdCopy]
        .map(|kind| Material {
            sha256: sha256(b"elsewhere"),
            ..Material::named(kind.title())
        })
        .to_vec();
    let materials = elsewhere.clone();
    assert_eq!(
        day.does("clerk", Command::Report { materials }, case),
        Err(Refusal::MaterialMissing)
    );
    let bytes = picture(300, 400, 50);
    put_in(&house, case, &bytes);
    let mut browser = house.browser("clerk");
    let page = browser.get("/console/materials").text;
    assert!(page.contains("齐全") && page.contains("身份证件复印件"));
    let ids = [case.to_string(), other.to_string()];
    let fields = [
        ("state", "passed"),
        ("command", "report"),
        ("case", &*ids[0]),
        ("case", &*ids[1]),
    ];
    let told = browser.post("/console/cases", &fields).text;
    assert!(told.contains("办成 1 件，未办成 1 件"), "{told}");
    let lacks = "法定材料不齐，不能报送。 还缺：照片, 身份证件复印件, 个人健康承诺书";
    assert!(told.contains(lacks), "{told}");
    assert_eq!(named(&house, case).len(), 3);

    let list = ["照片", "说明工作单位"];
    assert_eq!(day.does("desk", returned(&list), case), Ok("returned"));
    let again = Command::Resubmit {
        materials: elsewhere,
        answers: Vec::new(),
    };
    assert_eq!(day.does("clerk", again, case), Err(Refusal::AnswerMissing));
    let page = format!("/console/cases/{case}/materials");
    assert!(browser.get(&page).text.contains("说明工作单位"));
    let answers = format!("/console/cases/{case}/answers");
    let digest = sha256(&bytes);
    let half = browser.post(&answers, &[("file_0", &*digest), ("words_1", " ")]);
    assert_eq!(half.status, 422);
    assert!(half.text.contains("补正要求要逐项答复"));
    let whole = [("file_0", &*digest), ("words_1", "某某建设公司")];
    let done = browser.post(&answers, &whole);
    assert_eq!(
        (done.status, done.location()),
        (303, &*format!("/console/cases/{case}"))
    );
    let shown = house.browser("desk").get(&page).text;
    assert!(shown.contains("照片：照片") && shown.contains("说明工作单位：某某建设公司"));
    house.close();
}

/// A whole institution is reported in the background, and what is left is listed with what it lacks.
#[test]
fn everything_passed_is_reported_in_the_background() {
    let house = House::asking_for_files();
    let (whole, bare) = (passed(&house, "王一", 1), passed(&house, "王二", 2));
    let (clerk, day) = (house.officer("clerk"), house.on(MONDAY));
    let bytes = picture(300, 400, 50);
    for kind in [
        MaterialKind::Photo,
        MaterialKind::IdCopy,
        MaterialKind::HealthDeclaration,
    ] {
        let new = NewMaterial {
            kind,
            page: 1,
            bytes: &bytes,
        };
        let put = house.registry().put_material(whole, new, &clerk, day.now);
        put.expect("put in");
    }
    let mut browser = house.browser("clerk");
    browser.get("/console/materials");
    let begun = browser.post("/console/materials/report", &[]);
    let task = begun.location().to_owned();
    assert!(task.starts_with("/console/tasks/"), "{}", begun.status);
    assert!(browser.get(&task).text.contains("等待开始"));
    kecha::tasks::finish_all(house.registry()).expect("done");
    let told = browser.get(&task).text;
    assert!(told.contains("有些办件没有报送"), "{told}");
    let list = browser.get(&format!("{task}/result")).text;
    let left = format!("{bare},material_missing,照片、身份证件复印件、个人健康承诺书");
    assert!(
        list.contains(&left) && !list.contains(&whole.to_string()),
        "{list}"
    );
    let state = |case| {
        let file = house.registry().case_file(&clerk, case, MONDAY);
        file.expect("a case").case.state.word()
    };
    assert_eq!((state(whole), state(bare)), ("reported", "passed"));
    house.close();
}

/// A lost card is registered first where files are asked for, and reported when they are there.
#[test]
fn a_reissue_waits_for_its_files() {
    let house = House::asking_for_files();
    let (person, day) = (Person::new("王一", 1), house.on(MONDAY));
    let line = person.line(WELDING, "初领", MONDAY, "86", "91");
    day.imports(&sheet(&[line]), false);
    let case = day.case(&person, "examined").id;
    assert_eq!(day.does("lead", Command::Confirm, case), Ok("passed"));
    let (clerk, bytes) = (house.officer("clerk"), picture(300, 400, 50));
    let put = |case, kinds: &[MaterialKind]| {
        for kind in kinds {
            let new = NewMaterial {
                kind: *kind,
                page: 1,
                bytes: &bytes,
            };
            let put = house.registry().put_material(case, new, &clerk, day.now);
            put.expect("put in");
        }
    };
    use MaterialKind::{HealthDeclaration, IdCopy, LossStatement, Photo};
    put(case, &[Photo, IdCopy, HealthDeclaration]);
    assert_eq!(day.does("clerk", report(), case), Ok("reported"));
    for (login, command) in [
        ("desk", Command::Accept),
        ("first", Command::Review),
        ("second", Command::Approve),
        (
            "maker",
            Command::Make {
                batch: "B1".to_owned(),
            },
        ),
        ("maker", Command::Issue),
    ] {
        day.does(login, command, case).expect("done");
    }
    let lost = kecha::registry::Lost {
        document: person.document(),
        name: domain::name::Name::parse(&person.name).expect("a name"),
        item: "2.1".into(),
        materials: Vec::new(),
        appointment: None,
    };
    let lost = house.registry().ask_reissue(&lost, &clerk, day.now);
    let lost = lost.expect("registered");
    assert_eq!(
        day.does("clerk", report(), lost),
        Err(Refusal::MaterialMissing)
    );
    put(lost, &[Photo, LossStatement]);
    let page = house
        .browser("clerk")
        .get(&format!("/console/cases/{lost}"));
    assert!(page.text.contains("value=\"report\""));
    assert_eq!(day.does("clerk", report(), lost), Ok("reported"));
    house.close();
}

/// A zip is answered file by file; what cannot be taken stops nothing else, and sent again it adds
/// nothing.
#[test]
fn a_zip_is_answered_file_by_file() {
    let house = House::sqlite().expect("a house");
    let (case, day) = (passed(&house, "王一", 1), house.on(MONDAY));
    let clerk = house.officer("clerk");
    let file = house.registry().case_file(&clerk, case, MONDAY);
    let ticket = file.expect("a case").case.registration.ticket;
    let good = picture(300, 400, 70);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [
        (format!("{ticket}-照片.jpg"), &good[..]),
        (format!("{ticket}-身份证2.jpg"), &good[..]),
        (format!("{ticket}-学历.pdf"), b"%PDF-1.4"),
        (format!("{ticket}.jpg"), &good[..]),
        ("ZZZZ-照片.jpg".to_owned(), &good[..]),
        (format!("{ticket}-健康承诺书.jpg"), &good[..100]),
    ] {
        let options = SimpleFileOptions::default();
        zip.start_file(name, options).expect("a file");
        zip.write_all(bytes).expect("bytes");
    }
    let zip = zip.finish().expect("an end").into_inner();
    let mut browser = house.browser("clerk");
    for _ in 0..2 {
        browser.get("/console/materials");
        let told = browser.send_parts("/console/materials", &[("bundle", &zip)]);
        assert_eq!(told.status, 200);
        for sentence in [
            "已放入 2 个文件。",
            "4 个没有放入。",
            "不收 PDF",
            "文件名看不出",
            "本机构没有这个准考证号",
            "图片已损坏",
        ] {
            assert!(told.text.contains(sentence), "{sentence}: {}", told.text);
        }
    }
    let kept = house.registry().materials(&clerk, case, MONDAY);
    let kept: Vec<_> = kept.expect("a case").kept;
    let kept: Vec<_> = kept.iter().map(|k| (k.kind, k.page, k.counts)).collect();
    let (photo, copy) = (MaterialKind::Photo, MaterialKind::IdCopy);
    assert_eq!(kept, [(photo, 1, true), (copy, 2, true)]);
    let none = browser.send_parts("/console/materials", &[("bundle", b"no zip")]);
    assert_eq!(none.status, 422);
    assert!(none.text.contains("不是 zip 压缩包"));
    // More than two million bytes in one form.
    let large = vec![0; 3_000_000];
    let parts = [("kind", &b"photo"[..]), ("file", &large)];
    let page = format!("/console/cases/{case}/materials");
    browser.get(&page);
    let told = browser.send_parts(&page, &parts);
    assert_eq!(told.status, 422);
    assert!(told.text.contains("不是 JPG 或 PNG"), "{}", told.text);
    assert!(day.does("clerk", report(), case).is_ok());
    house.close();
}

/// The authority chooses what is missing and why it does not accept from lists; the article is the
/// list's.
#[test]
fn the_desk_chooses_from_lists() {
    let house = House::sqlite().expect("a house");
    let (case, other) = (passed(&house, "王一", 1), passed(&house, "王二", 2));
    let today = house.on(kecha::clock::today());
    for case in [case, other] {
        assert_eq!(today.does("clerk", report(), case), Ok("reported"));
    }
    let mut desk = house.browser("desk");
    let page = desk.get(&format!("/console/cases/{case}")).text;
    for told in ["身份证件复印件", "视为受理", "行政许可法第32条", "还有"] {
        assert!(page.contains(told), "{told}");
    }
    let id = case.to_string();
    let fields = [
        ("state", "reported"),
        ("command", "return"),
        ("case", &*id),
        ("missing_item", "照片"),
        ("missing", "照片\n说明工作单位"),
    ];
    assert_eq!(desk.post("/console/cases", &fields).status, 200);
    let officer = house.officer("clerk");
    let state = |case| {
        let file = house.registry().case_file(&officer, case, MONDAY);
        file.expect("a case").case.state
    };
    let domain::case::State::Returned { missing } = state(case) else {
        panic!("returned")
    };
    assert_eq!(missing, ["照片", "说明工作单位"]);
    let answers = missing.iter().map(|item| Answered {
        item: item.clone(),
        words: "见附件".to_owned(),
        sha256: String::new(),
    });
    let again = Command::Resubmit {
        materials: Vec::new(),
        answers: answers.collect(),
    };
    assert_eq!(today.does("clerk", again, case), Ok("reported"));
    // Only what was told the first time can be chosen now.
    let page = desk.get(&format!("/console/cases/{case}")).text;
    assert!(page.contains("value=\"说明工作单位\"") && !page.contains("name=\"missing\""));
    let id = other.to_string();
    let fields = [
        ("state", "reported"),
        ("command", "refuse"),
        ("case", &*id),
        ("ground_code", "banned"),
        ("ground", "至2028年止"),
    ];
    assert_eq!(desk.post("/console/cases", &fields).status, 200);
    let domain::case::State::Refused { ground: told } = state(other) else {
        panic!("refused")
    };
    assert_eq!(told.article, "行政许可法 art. 79");
    assert_eq!((&*told.code, &*told.addition), ("banned", "至2028年止"));
    assert_ne!(told, ground());
    house.close();
}
