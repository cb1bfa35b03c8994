//! Grounds on which a report is not accepted 不予受理, to choose from: each with its article. An
//! office may state another one in words of its own, with its article all the same.

use alloc::string::{String, ToString};

use crate::law::Ground;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptanceGround {
    /// Its permanent code, for forms.
    pub code: &'static str,
    /// The article, as it is cited.
    pub article: &'static str,
    /// What the person is told.
    pub words: &'static str,
    /// Whether the text of the article was seen.
    pub verified: bool,
}

const fn of(code: &'static str, article: &'static str, words: &'static str) -> AcceptanceGround {
    AcceptanceGround {
        code,
        article,
        words,
        verified: false,
    }
}

/// Incomplete papers are no ground: the case is returned with the list of what is missing.
pub static ACCEPTANCE_GROUNDS: [AcceptanceGround; 6] = [
    of(
        "needs_no_licence",
        "行政许可法第三十二条第一款第（一）项",
        "申请事项依法不需要取得行政许可",
    ),
    of(
        "not_our_competence",
        "行政许可法第三十二条第一款第（二）项",
        "申请事项依法不属于本机关职权范围，请向有关行政机关申请",
    ),
    of(
        "false_material_ban",
        "行政许可法第七十八条",
        "曾隐瞒有关情况或者提供虚假材料申请，一年内不得再次申请该行政许可",
    ),
    of(
        "fraud_ban",
        "行政许可法第七十九条",
        "曾以欺骗、贿赂等不正当手段取得证书，三年内不得再次申请该行政许可",
    ),
    AcceptanceGround {
        code: "conditions_of_age",
        article: "安监总局令第30号第四条",
        words: "未满十八周岁或者超过国家法定退休年龄",
        verified: true,
    },
    AcceptanceGround {
        code: "kind_ended",
        article: "应急管理部令第19号",
        words: "2026年6月1日起不再办理复审，请在有效期满前申请换证",
        verified: false,
    },
];

/// The ground of that code, with what the officer adds in words; none where there is no such code.
#[must_use]
pub fn chosen(code: &str, more: &str) -> Option<Ground> {
    let ground = ACCEPTANCE_GROUNDS.iter().find(|g| g.code == code)?;
    let mut words: String = ground.words.to_string();
    if !more.trim().is_empty() {
        words.push('；');
        words.push_str(more.trim());
    }
    Some(Ground::new(ground.article, &words))
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_is_chosen_by_its_code_and_states_an_article() {
        let codes: BTreeSet<_> = ACCEPTANCE_GROUNDS.iter().map(|g| g.code).collect();
        assert_eq!(codes.len(), ACCEPTANCE_GROUNDS.len());
        for ground in &ACCEPTANCE_GROUNDS {
            let plain = chosen(ground.code, " ").expect("listed");
            assert_eq!(
                (&*plain.article, &*plain.words),
                (ground.article, ground.words)
            );
            assert!(crate::case::stated(&plain).is_ok());
        }
        let more = chosen("fraud_ban", "至2028年止").expect("listed");
        assert!(more.words.ends_with("；至2028年止"));
        assert_eq!(chosen("", ""), None);
    }
}
