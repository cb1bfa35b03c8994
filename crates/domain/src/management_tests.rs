use alloc::vec::Vec;

use jiff::civil::date;

use super::*;

fn read(industry: &str, unit: &str, name: &str) -> Result<(Industry, UnitType), Vec<Unfit>> {
    let cell = |text: &str| match text {
        "" => Cell::Empty,
        text => Cell::Text(text.to_string()),
    };
    Appointment::read(&cell(industry), &cell(unit), &cell(name)).map(|a| (a.industry, a.unit))
}

#[test]
fn an_appointment_in_the_words_of_offices() {
    use Industry::{CoalMine, HazardousChemicals, MetalSmelting, OtherMine};
    use UnitType::{Production, Trade};
    let name = "试例化工有限公司";
    for (industry, unit, wanted) in [
        ("危险化学品", "经营单位", (HazardousChemicals, Trade)),
        (" 危化品 ", "生产", (HazardousChemicals, Production)),
        ("", "危险化学品经营单位", (HazardousChemicals, Trade)),
        (
            "危化",
            "危险化学品生产企业",
            (HazardousChemicals, Production),
        ),
        ("非煤矿山", "生产单位", (OtherMine, Production)),
        ("coal_mine", "production", (CoalMine, Production)),
        ("冶金", "生产企业", (MetalSmelting, Production)),
    ] {
        assert_eq!(read(industry, unit, name), Ok(wanted), "{industry} {unit}");
    }
    for all in Industry::ALL {
        assert_eq!(Industry::from_code(all.code()), Some(all));
    }
    for all in UnitType::ALL {
        assert_eq!(UnitType::from_code(all.code()), Some(all));
    }
}

#[test]
fn every_part_that_cannot_be_read_is_told() {
    let all = Err(Vec::from([Unfit::Industry, Unfit::Unit, Unfit::Employer]));
    assert_eq!(read("", "", ""), all);
    assert_eq!(read("航天", "某类", "12"), all);
    let unit = Err(Vec::from([Unfit::Unit]));
    // Two industries in one row contradict each other.
    assert_eq!(read("煤矿", "危险化学品经营单位", "试例公司"), unit);
    assert_eq!(
        read("煤矿", "生产", "厂"),
        Err(Vec::from([Unfit::Employer]))
    );
}

#[test]
fn an_extension_is_asked_for_thirty_days_before_the_end() {
    let until = date(2026, 12, 31);
    for (day, wanted) in [
        (date(2024, 1, 1), Asked::InTime),
        (date(2026, 12, 1), Asked::InTime),
        (date(2026, 12, 2), Asked::Late),
        (date(2026, 12, 31), Asked::Late),
        (date(2027, 1, 1), Asked::TooLate),
    ] {
        assert_eq!(asked_on(until, day), wanted, "{day}");
    }
}

#[test]
fn an_extension_joins_the_old_term() {
    let law = law::on(date(2026, 11, 24));
    assert_eq!(extended(date(2026, 12, 31), law), date(2029, 12, 31));
    assert_eq!(extended(date(2028, 2, 28), law), date(2031, 2, 28));
    assert_eq!(extended(date(2028, 2, 29), law), date(2031, 2, 28));
}
