use alloc::{format, string::ToString};

use super::*;
use DocumentError::{BirthDate, CheckDigit, Length, Missing};

fn try_it(kind: DocType, typed: &str) -> Result<String, DocumentError> {
    Document::parse(kind, typed).map(|d| d.expose().to_string())
}

#[test]
fn resident_numbers_are_normalised() {
    let wanted = Ok("11010519491231002X".to_string());
    for typed in [
        "11010519491231002X",
        "11010519491231002x",
        "  110105 19491231 002x\u{3000}",
        "１１０１０５１９４９１２３１００２Ｘ",
        "'11010519491231002X",
        "11010519491231002x'",
        "“11010519491231002X”",
        "\u{FEFF}11010519491231002X\u{200B}",
        "=\"11010519491231002X\"",
        "\u{202D}11010519491231002X\u{202C}",
        "\t11010519491231002X",
    ] {
        assert_eq!(try_it(DocType::ResidentId, typed), wanted, "{typed:?}");
    }
}

#[test]
fn resident_numbers_are_refused_for_the_first_thing_wrong() {
    for (typed, wanted) in [
        ("", Missing),
        (" \u{3000}", Missing),
        ("1101051949123100", Length),
        ("110105491231002", Length),
        ("11010519491231002X1", Length),
        ("1101051949X2310021", Length),
        ("11010519491231OO2X", Length),
        ("无", Length),
        ("110105194912310021", CheckDigit),
        ("11010519491331002X", CheckDigit),
        ("990573199913310886", BirthDate),
    ] {
        assert_eq!(try_it(DocType::ResidentId, typed), Err(wanted), "{typed:?}");
    }
}

#[test]
fn a_leap_day_exists_only_in_leap_years() {
    for (year, ok) in [
        ("2000", true),
        ("1996", true),
        ("1999", false),
        ("1900", false),
    ] {
        let head = format!("990001{year}0229001");
        let check = check_character(head.as_bytes()).map(char::from);
        let number = format!("{head}{}", check.unwrap_or('?'));
        let found = Document::parse(DocType::ResidentId, &number);
        assert_eq!(found.is_ok(), ok, "{number}");
    }
}

#[test]
fn the_other_kinds() {
    use DocType::{ForeignPermanentResident, HmtResidencePermit, OfficerCard, Passport};
    let permit = format!(
        "81000019900101001{}",
        char::from(check_character(b"81000019900101001").unwrap_or(b'?'))
    );
    let card = format!(
        "91115619850704123{}",
        char::from(check_character(b"91115619850704123").unwrap_or(b'?'))
    );
    for (kind, typed, wanted) in [
        (HmtResidencePermit, permit.as_str(), Ok(permit.as_str())),
        (
            HmtResidencePermit,
            "11010519491231002X",
            Ok("11010519491231002X"),
        ),
        (HmtResidencePermit, "810000199001010", Err(Length)),
        (
            ForeignPermanentResident,
            "usa110019850704",
            Ok("USA110019850704"),
        ),
        (ForeignPermanentResident, card.as_str(), Ok(card.as_str())),
        (ForeignPermanentResident, "11010519491231002X", Err(Length)),
        (ForeignPermanentResident, "US1110019850704", Err(Length)),
        (Passport, "e 1234 5678", Ok("E12345678")),
        (Passport, "EA1234567", Ok("EA1234567")),
        (Passport, "G-123", Err(Length)),
        (Passport, "123", Err(Length)),
        (Passport, "PASSPORT", Err(Length)),
        (OfficerCard, "军字第1234567号", Ok("军字第1234567号")),
        (OfficerCard, "<b>", Err(Length)),
        (OfficerCard, "", Err(Missing)),
    ] {
        assert_eq!(
            try_it(kind, typed),
            wanted.map(str::to_string),
            "{kind:?} {typed:?}"
        );
    }
}

#[test]
fn what_the_number_tells() {
    let Ok(id) = Document::parse(DocType::ResidentId, "11010519491231002X") else {
        panic!("valid")
    };
    assert_eq!(id.sex(), Some(Sex::Female));
    assert_eq!(id.birth_date(), Some(jiff::civil::date(1949, 12, 31)));
    assert!(id.address_is_known());
    let permit = Document::parse(DocType::HmtResidencePermit, "11010519491231002X");
    assert!(permit.is_ok_and(|p| !p.address_is_known()));
    assert_eq!(format!("{id:?}"), "1****************X");
    let Ok(passport) = Document::parse(DocType::Passport, "E12345678") else {
        panic!("valid")
    };
    assert_eq!((passport.sex(), passport.birth_date()), (None, None));
}

#[test]
fn a_stored_number_is_checked_again_when_read() {
    let good = r#"{"type":"resident_id","number":"11010519491231002X"}"#;
    assert!(serde_json::from_str::<Document>(good).is_ok());
    let bad = r#"{"type":"resident_id","number":"110105194912310021"}"#;
    assert!(serde_json::from_str::<Document>(bad).is_err());
}
