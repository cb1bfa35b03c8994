//! The scenarios that come with the program, so that they are at hand without a clone.

/// Name and text of each.
pub const SHIPPED: [(&str, &str); 7] = [
    ("brief", include_str!("../../scenarios/brief.toml")),
    ("fast", include_str!("../../scenarios/fast.toml")),
    ("drift", include_str!("../../scenarios/drift.toml")),
    ("newyear", include_str!("../../scenarios/newyear.toml")),
    (
        "halfmonthly",
        include_str!("../../scenarios/halfmonthly.toml"),
    ),
    ("tripled", include_str!("../../scenarios/tripled.toml")),
    ("nation", include_str!("../../scenarios/nation.toml")),
];

/// The text of a shipped scenario, by its name with or without `.toml`.
#[must_use]
pub fn shipped(name: &str) -> Option<&'static str> {
    let name = name.strip_suffix(".toml").unwrap_or(name);
    let found = SHIPPED.iter().find(|(shipped, _)| *shipped == name);
    found.map(|(_, text)| *text)
}
