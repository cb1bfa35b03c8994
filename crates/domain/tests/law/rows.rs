//! Properties of what a sheet may hold: slips in a number are found, and what was accepted once is
//! accepted again as itself.

use domain::{
    catalogue::Catalogue,
    document::{DocType, Document, check_character},
    name::Name,
    roster::{Cell, Column, RawRow, judge},
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

const TODAY: Date = date(2026, 11, 23);

fn number() -> impl Strategy<Value = String> {
    (
        0_u32..10_000,
        1960_i16..2008,
        1_i8..13,
        1_i8..29,
        0_u16..1000,
    )
        .prop_map(|(area, year, month, day, order)| {
            let head = format!("99{area:04}{year:04}{month:02}{day:02}{order:03}");
            let check = check_character(head.as_bytes()).map_or('?', char::from);
            format!("{head}{check}")
        })
}

/// What people and programs put into a cell.
fn written() -> impl Strategy<Value = Cell> {
    let text = |pattern| {
        proptest::string::string_regex(pattern)
            .expect("a pattern")
            .prop_map(Cell::Text)
    };
    prop_oneof![
        3 => text("[ '\u{3000}]?[张王李欧阳古丽买提㛃𬀪]{1,4}[ •・．·]?[张王李阿不都]{0,3} ?"),
        1 => text("(男|女|初领|换证|复审|压力焊|钎焊作业|居民身份证|护照|缺考|旁听)"),
        2 => text("2026[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?"),
        2 => text("-?[0-9]{1,3}(\\.[05])?分?"),
        1 => text("\\PC{0,12}"),
        2 => number().prop_map(Cell::Text),
        1 => (-200_i32..200_000).prop_map(|n| Cell::Number(f64::from(n) / 2.0)),
        1 => Just(Cell::Empty),
        1 => any::<bool>().prop_map(Cell::Bool),
    ]
}

fn raw() -> impl Strategy<Value = RawRow> {
    let cells = proptest::collection::vec(written(), Column::ALL.len());
    let plain = (number(), 0_u8..120, 0_u8..120);
    // Some cells of a good row are changed for anything; else no row would pass.
    (cells, plain, any::<u16>()).prop_map(|(cells, (number, theory, practical), which)| {
        let male = number.as_bytes()[16] % 2 == 1;
        let good = [
            "王小梅".to_owned(),
            if male { "男" } else { "女" }.to_owned(),
            "身份证".to_owned(),
            number,
            "压力焊".to_owned(),
            "期满换证".to_owned(),
            "2026年11月2日".to_owned(),
            format!("{theory}分"),
            practical.to_string(),
            "zk-2026-1".to_owned(),
        ];
        let mut raw = RawRow::default();
        for (i, ((column, cell), good)) in Column::ALL.iter().zip(cells).zip(good).enumerate() {
            let change = which >> i & 1 == 1 && which >> (i + 5) & 1 == 1;
            raw.set(*column, if change { cell } else { Cell::Text(good) });
        }
        raw
    })
}

proptest! {
    /// ISO 7064 MOD 11-2 finds every wrong digit and every swap of two neighbours.
    #[test]
    fn one_slip_in_a_number_is_found(number in number(), at in 0_usize..17, digit in 0_u8..10) {
        let parse = |text: &str| Document::parse(DocType::ResidentId, text);
        prop_assert!(parse(&number).is_ok());
        let mut wrong = number.clone().into_bytes();
        wrong[at] = b'0' + digit;
        let mut swapped = number.clone().into_bytes();
        swapped.swap(at, (at + 1).min(16));
        for slip in [wrong, swapped] {
            let slip = String::from_utf8(slip).expect("digits");
            prop_assert_eq!(parse(&slip).is_ok(), slip == number, "{}", slip);
        }
    }

    /// A name that was kept reads back as itself, and is found however its dot is written.
    #[test]
    fn a_kept_name_is_its_own_normal_form(typed in "\\PC{0,24}") {
        if let Ok(name) = Name::parse(&typed) {
            let again = Name::parse(name.expose());
            prop_assert_eq!(again.as_ref(), Ok(&name));
            let bullet = name.expose().replace('·', "•");
            let bullet = Name::parse(&bullet).map(|n| n.folded());
            prop_assert_eq!(bullet, Ok(name.folded()));
        }
    }

    /// Whatever is in the cells, a row has its values or its reasons; its values, written into a
    /// sheet of our own, are the same row.
    #[test]
    fn an_accepted_row_is_accepted_again_as_itself(raw in raw()) {
        let catalogue = Catalogue::shipped();
        let judged = judge(&raw, &catalogue, TODAY);
        match &judged.outcome {
            Err(reasons) => prop_assert!(!reasons.is_empty()),
            Ok(row) => {
                prop_assert!(judged.key.is_some());
                let score = |score: Option<u8>| match score {
                    Some(score) => Cell::Number(score.into()),
                    None => Cell::Text("缺考".into()),
                };
                let item = catalogue.item(&row.item).expect("an item of the catalogue");
                let mut again = raw.clone();
                for (column, cell) in [
                    (Column::Name, Cell::Text(row.name.expose().into())),
                    (Column::DocNumber, Cell::Text(row.document.expose().into())),
                    (Column::Item, Cell::Text(item.name.clone())),
                    (Column::ExamDate, Cell::Date(row.exam_date)),
                    (Column::Theory, score(row.theory)),
                    (Column::Practical, score(row.practical)),
                    (Column::Ticket, row.ticket.clone().map_or(Cell::Empty, Cell::Text)),
                ] {
                    again.set(column, cell);
                }
                let second = judge(&again, &catalogue, TODAY);
                prop_assert_eq!(second.outcome.as_ref(), Ok(row));
                prop_assert_eq!(second.key, judged.key);
            }
        }
    }
}

/// The rows drawn above pass often enough to prove something.
#[test]
fn some_drawn_rows_pass() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let catalogue = Catalogue::shipped();
    let passes = (0..200).filter(|_| {
        let raw = raw().new_tree(&mut runner).expect("a row").current();
        judge(&raw, &catalogue, TODAY).outcome.is_ok()
    });
    let passed = passes.count();
    assert!((10..190).contains(&passed), "{passed} of 200");
}
