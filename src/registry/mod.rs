//! The heart: the only code that can write.

#[cfg_attr(
    not(test),
    expect(dead_code, reason = "its first callers are the use cases")
)]
mod keyring;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "its first callers are the use cases"
    )
)]
mod store;
