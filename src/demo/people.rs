//! Invented people: the same for the same seed, whatever else is asked.
//!
//! Every one has an address code `99….`, which no place has, and the number of the person decides
//! address and order code, so that no two share a document number.

use domain::{
    document::{DocType, Document, check_character},
    name::Name,
    person::{Person, Sex},
};
use jiff::{ToSpan, civil::date};
use rand::{RngExt, SeedableRng, rngs::StdRng};

const FAMILY: [&str; 40] = [
    "赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈", "褚", "卫", "蒋", "沈", "韩", "杨",
    "朱", "秦", "许", "何", "吕", "施", "张", "孔", "曹", "严", "华", "金", "魏", "陶", "姜", "戚",
    "谢", "邹", "喻", "欧阳", "诸葛", "上官", "司马", "令狐",
];
const GIVEN: [&str; 60] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "兰", "霞", "平", "刚", "桂", "英", "建", "国", "文", "斌", "玉", "春", "梅", "志", "海",
    "云", "飞", "鹏", "红", "宁", "波", "辉", "瑞", "雪", "晨", "佳", "浩", "宇", "欣", "怡", "梓",
    "轩", "涵", "安", "东", "南", "西", "北", "山", "川", "林", "田", "禾",
];
/// Names that a system must not stumble over: dots, rare characters beyond the BMP.
const HARD: [&str; 6] = [
    "阿依古丽·买买提",
    "迪丽努尔·艾合买提江",
    "𬀪𫘧",
    "王䶮",
    "卓玛次仁·扎西",
    "李𠮷",
];

/// Address codes: 99 and four digits. Order codes: three digits, odd for men.
const ADDRESSES: u64 = 10_000;
const ORDERS: u64 = 1_000;

/// The person of that number, born between 1977 and 2004: of an age to sit an exam for years.
///
/// # Panics
/// Never for a number below ten million; beyond it two people would share a document.
#[must_use]
pub fn person(seed: u64, number: u64) -> Person {
    assert!(number < ADDRESSES * ORDERS, "there are ten million people");
    let mut rng = StdRng::seed_from_u64(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let (address, order) = (number / ORDERS, number % ORDERS);
    let born = date(1977, 1, 1).saturating_add(rng.random_range(0..10_000_i64).days());
    let head = format!("99{address:04}{}{order:03}", born.strftime("%Y%m%d"));
    let check = check_character(head.as_bytes()).map_or('?', char::from);
    let hard = rng.random_range(0..40_usize) == 0;
    let name = if hard {
        HARD[rng.random_range(0..HARD.len())].to_owned()
    } else {
        let mut name = FAMILY[rng.random_range(0..FAMILY.len())].to_owned();
        name.push_str(GIVEN[rng.random_range(0..GIVEN.len())]);
        if rng.random_range(0..4_u8) > 0 {
            name.push_str(GIVEN[rng.random_range(0..GIVEN.len())]);
        }
        name
    };
    let sex = if order % 2 == 1 {
        Sex::Male
    } else {
        Sex::Female
    };
    // Cannot fail: the number is made by the rule that is checked, the names are real names.
    let document = Document::parse(DocType::ResidentId, &format!("{head}{check}"))
        .expect("a number made by the rule");
    let name = Name::parse(&name).expect("a name of the list");
    Person {
        name,
        sex,
        document,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_share_a_document_and_all_live_nowhere() {
        let mut seen = HashSet::new();
        for number in (0..5_000).chain(9_999_000..10_000_000) {
            let person = person(7, number);
            assert!(person.document.expose().starts_with("99"));
            assert_eq!(person.document.sex(), Some(person.sex));
            assert!(seen.insert(person.document.expose().to_owned()));
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_people() {
        assert_eq!(person(7, 12), person(7, 12));
        assert_ne!(person(7, 12).document, person(8, 12).document);
        assert_ne!(person(7, 12).document, person(7, 13).document);
    }
}
