//! Properties of document numbers that hold for every number, not only for the samples.

use domain::document::{DocType, Document, DocumentError, check_character};
use proptest::prelude::*;

/// A day that exists, as eight digits.
fn birth() -> impl Strategy<Value = String> {
    (1900..2026_i32, 1..=12_i32, 1..=28_i32).prop_map(|(y, m, d)| format!("{y:04}{m:02}{d:02}"))
}

fn number() -> impl Strategy<Value = String> {
    (0..1_000_000_u32, birth(), 0..1000_u32).prop_map(|(area, birth, order)| {
        let head = format!("{area:06}{birth}{order:03}");
        let check = check_character(head.as_bytes()).map_or('?', char::from);
        format!("{head}{check}")
    })
}

fn parse(text: &str) -> Result<Document, DocumentError> {
    Document::parse(DocType::ResidentId, text)
}

proptest! {
    #[test]
    fn a_right_number_is_kept_and_printed_masked(number in number()) {
        let document = parse(&number);
        prop_assert_eq!(document.as_ref().map(Document::expose), Ok(number.as_str()));
        let shown = document.map(|d| format!("{d} {d:?}")).unwrap_or_default();
        prop_assert!(!shown.contains(&number[1..17]) && shown.contains("****************"));
    }

    #[test]
    fn one_wrong_digit_is_always_noticed(number in number(), at in 0..17_usize, add in 1..10_u8) {
        let mut bytes = number.into_bytes();
        bytes[at] = b'0' + (bytes[at] - b'0' + add) % 10;
        let wrong = String::from_utf8(bytes).unwrap_or_default();
        prop_assert_eq!(parse(&wrong).err(), Some(DocumentError::CheckDigit));
    }

    #[test]
    fn two_swapped_neighbours_are_always_noticed(number in number(), at in 0..16_usize) {
        let mut bytes = number.into_bytes();
        prop_assume!(bytes[at] != bytes[at + 1]);
        bytes.swap(at, at + 1);
        let wrong = String::from_utf8(bytes).unwrap_or_default();
        prop_assert_eq!(parse(&wrong).err(), Some(DocumentError::CheckDigit));
    }

    #[test]
    fn nothing_that_is_typed_breaks_the_parsers(text in "\\PC{0,40}") {
        for kind in [
            DocType::ResidentId,
            DocType::HmtResidencePermit,
            DocType::ForeignPermanentResident,
            DocType::Passport,
            DocType::OfficerCard,
        ] {
            if let Ok(document) = Document::parse(kind, &text) {
                let again = Document::parse(kind, document.expose());
                prop_assert_eq!(again.as_ref(), Ok(&document));
            }
        }
        if let Ok(name) = domain::name::Name::parse(&text) {
            let again = domain::name::Name::parse(name.expose());
            prop_assert_eq!(again.map(|n| n.expose().to_owned()), Ok(name.expose().to_owned()));
        }
    }
}
