//! Narrowing a miss down: what the asker adds, and the slip that lets the same question be asked
//! again without another captcha. A slip is good for one person under one name, so nobody can try
//! numbers or names with it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::catalogue::ItemCode;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, date},
};
use sha2::Sha256;

use super::App;
use crate::registry::{Narrowed, Query};

/// The longest name of an institution anybody may type.
const LONGEST: usize = 80;
/// Before this nobody sat an exam under a law we have.
const FIRST: Date = date(2010, 7, 1);
/// A miss may be narrowed down for so long.
const SLIP: SignedDuration = SignedDuration::from_mins(20);

/// The fields as they were sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fields<'a> {
    pub exam_day: &'a str,
    pub institution: &'a str,
    pub province: &'a str,
    pub item: &'a str,
}

/// What is wrong with a field: its name, and a permanent code.
pub(super) type Wrong = (&'static str, &'static str);

impl App {
    /// What the asker added; everything that is wrong with it at once.
    pub(super) fn narrowed(
        &self,
        sent: Fields<'_>,
        now: Timestamp,
    ) -> Result<Narrowed, Vec<Wrong>> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut wrong = Vec::new();
        let exam_day = given(sent.exam_day).and_then(|text| {
            let last = domain::event::legal_day(now).saturating_add(jiff::Span::new().years(1));
            // A moment would be read as its day.
            let day: Option<Date> = text.parse().ok().filter(|_| text.len() == 10);
            let day = day.filter(|day| FIRST <= *day && *day <= last);
            if day.is_none() {
                wrong.push(("exam_day", "exam_day_invalid"));
            }
            day
        });
        let institution = given(sent.institution);
        if institution
            .as_ref()
            .is_some_and(|i| i.chars().count() > LONGEST)
        {
            wrong.push(("institution", "institution_length"));
        }
        let province = given(sent.province);
        let is_code = |p: &String| p.len() == 2 && p.bytes().all(|b| b.is_ascii_digit());
        if province.as_ref().is_some_and(|p| !is_code(p)) {
            wrong.push(("province", "province_unknown"));
        }
        let item = given(sent.item).map(|code| ItemCode::from(code.as_str()));
        let catalogue = self.registry.catalogue();
        if item
            .as_ref()
            .is_some_and(|code| catalogue.item(code).is_none())
        {
            wrong.push(("item", "item_unknown"));
        }
        if wrong.is_empty() {
            Ok(Narrowed {
                exam_day,
                institution,
                province,
                item,
            })
        } else {
            Err(wrong)
        }
    }

    /// A slip for this person under this name; given with a miss.
    pub(super) fn slip(&self, query: &Query, now: Timestamp) -> String {
        let until = now.saturating_add(SLIP).unwrap_or(now).as_second();
        format!(
            "{until}.{}",
            URL_SAFE_NO_PAD.encode(self.slip_mac(query, until))
        )
    }

    /// Whether a slip was given for this person under this name, not long ago.
    pub(super) fn slip_holds(&self, slip: &str, query: &Query, now: Timestamp) -> bool {
        let Some((until, mac)) = slip.split_once('.') else {
            return false;
        };
        let (Ok(until), Ok(mac)) = (until.parse::<i64>(), URL_SAFE_NO_PAD.decode(mac)) else {
            return false;
        };
        let wanted = self.slip_mac(query, until);
        until >= now.as_second() && bool::from(subtle::ConstantTimeEq::ct_eq(&wanted[..], &mac[..]))
    }

    fn slip_mac(&self, query: &Query, until: i64) -> [u8; 32] {
        // Cannot fail: HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.registry.session_key()) else {
            return [0; 32];
        };
        mac.update(b"narrow/1");
        mac.update(&self.registry.asker(query).target);
        mac.update(&until.to_be_bytes());
        mac.finalize().into_bytes().into()
    }
}
