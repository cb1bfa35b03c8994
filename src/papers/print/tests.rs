//! What holds of every paper; what stands on them is read by other programs in `tests/papers`.

use jiff::civil::date;

use super::{CardFace, Face, Of, Press, SignLine, Ticket, Trouble, cards, sign_list, tickets};
use crate::lang::{Code, shipped};

/// In no font of its time: the last character of a block that was opened for later.
const NOWHERE: char = '\u{323AF}';

fn face() -> Face {
    Face::find(None).expect("a Chinese font: apt-get install fonts-noto-cjk")
}

fn press(face: &Face, specimen: bool) -> Press<'_> {
    let t = shipped(Code::Zh);
    Press { face, t, specimen }
}

fn ticket(name: &str) -> Ticket {
    Ticket {
        name: name.to_owned(),
        document: "9****************X".to_owned(),
        institution: "试例考试站".to_owned(),
        telephone: "0000-0000001".to_owned(),
        place: "试例路 1 号 3 楼".to_owned(),
        when: "2026-12-01 09:00".to_owned(),
        seat: "3-17".to_owned(),
        items: vec!["低压电工作业（初领）".to_owned()],
        number: "ZK20260001".to_owned(),
        reference: "3F0K9ZT41QWB".to_owned(),
        photo: None,
    }
}

fn card(line: usize, name: &str) -> CardFace {
    CardFace {
        line,
        green: false,
        title: "特种作业操作证".to_owned(),
        name: name.to_owned(),
        sex: "女".to_owned(),
        number: "T99000119900105127X".to_owned(),
        group: "电工作业".to_owned(),
        item: "低压电工作业".to_owned(),
        appointment: None,
        first_issued: date(2026, 11, 24),
        valid: (date(2026, 11, 24), date(2032, 11, 23)),
        recheck_due: None,
        authority: "试例市应急管理局".to_owned(),
        remark: String::new(),
        reference: "3F0K9ZT41QWC".to_owned(),
        photo: None,
    }
}

fn of(cards: usize) -> Of {
    Of {
        run: "2026-0001".to_owned(),
        authority: "试例市应急管理局".to_owned(),
        on: date(2026, 11, 24),
        cards,
        official: "https://kecha.example".to_owned(),
    }
}

fn line(line: usize) -> SignLine {
    SignLine {
        line,
        name: "王一".to_owned(),
        document: "9****************X".to_owned(),
        item: "低压电工作业".to_owned(),
        institution: "试例考试站".to_owned(),
    }
}

/// A picture of so many grey dots.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("a header");
    let dots = vec![120; (width * height) as usize];
    writer.write_image_data(&dots).expect("dots");
    drop(writer);
    bytes
}

#[test]
fn the_same_values_give_the_same_bytes() {
    let twice = |print: &dyn Fn(&Press<'_>) -> Vec<u8>| {
        let (one, other) = (face(), face());
        let (one, other) = (print(&press(&one, true)), print(&press(&other, true)));
        assert!(
            one.starts_with(b"%PDF-") && one.len() > 5_000,
            "{}",
            one.len()
        );
        assert_eq!(one, other);
    };
    twice(&|p| tickets(p, &[ticket("王一"), ticket("李㛃")]).expect("tickets"));
    twice(&|p| {
        cards(
            p,
            &of(9),
            &(1..10).map(|n| card(n, "王一")).collect::<Vec<_>>(),
        )
        .expect("cards")
    });
    twice(&|p| sign_list(p, &of(60), &(1..61).map(line).collect::<Vec<_>>()).expect("a list"));
}

#[test]
fn a_specimen_differs_and_another_person_too() {
    let face = face();
    let print =
        |specimen, name| tickets(&press(&face, specimen), &[ticket(name)]).expect("a ticket");
    assert_ne!(print(true, "王一"), print(false, "王一"));
    assert_ne!(print(false, "王一"), print(false, "王二"));
}

#[test]
fn a_character_the_font_lacks_is_named_and_nothing_is_printed() {
    let face = face();
    let press = press(&face, false);
    let name = format!("王{NOWHERE}");
    let refused = Err(Trouble::NoGlyph(NOWHERE));
    assert_eq!(tickets(&press, &[ticket("王一"), ticket(&name)]), refused);
    assert_eq!(cards(&press, &of(1), &[card(1, &name)]), refused);
    let lines = [SignLine { name, ..line(1) }];
    assert_eq!(sign_list(&press, &of(1), &lines), refused);
    let told = Trouble::NoGlyph(NOWHERE).told(shipped(Code::En));
    assert!(told.contains("U+323AF"), "{told}");
}

#[test]
fn a_missing_font_is_said_with_the_remedy() {
    let Err(trouble) = Face::find(Some("/nowhere/font.otf")) else {
        panic!("a font that is not there");
    };
    for code in Code::ALL {
        let told = trouble.told(shipped(code));
        assert!(
            told.contains("/nowhere/font.otf") && told.contains("fonts-noto-cjk"),
            "{told}"
        );
    }
    let text = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    assert!(matches!(Face::find(Some(text)), Err(Trouble::NoFont(_))));
}

#[test]
fn a_picture_is_taken_in_any_shape_and_a_broken_one_refused() {
    let face = face();
    let press = press(&face, false);
    let with = |photo| Ticket {
        photo,
        ..ticket("王一")
    };
    let plain = tickets(&press, &[with(None)]).expect("a ticket");
    for (width, height) in [(27, 36), (400, 10), (1, 1)] {
        let shown = tickets(&press, &[with(Some(picture(width, height)))]).expect("a ticket");
        assert_ne!(shown, plain);
    }
    for broken in [b"GIF89a".to_vec(), picture(9, 9)[..20].to_vec(), Vec::new()] {
        assert_eq!(
            tickets(&press, &[with(Some(broken))]),
            Err(Trouble::Picture)
        );
    }
}

#[test]
fn long_words_are_written_smaller_and_not_over_the_edge() {
    let face = face();
    let long = "金属非金属矿山井下电气作业与提升机操作作业及其他一切相关作业".repeat(2);
    let face_of = |item: &str| CardFace {
        item: item.to_owned(),
        name: "阿卜杜热合曼·阿卜杜克热木·买买提江".to_owned(),
        ..card(1, "")
    };
    let printed = cards(&press(&face, false), &of(1), &[face_of(&long)]).expect("a card");
    assert!(printed.len() > 5_000);
}
