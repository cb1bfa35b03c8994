//! What a certificate is for: the two public categories and the catalogue of items.

use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

/// The two certificates that the public query covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// 特种作业操作证
    SpecialOperation,
    /// 安全生产知识和管理能力考核合格证
    SafetyManagement,
}

/// The number of a catalogue item, such as `2.1`; for safety management such as `M1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ItemCode(String);

impl ItemCode {
    /// The code as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ItemCode {
    fn from(s: &str) -> Self {
        Self(s.to_string())
    }
}
