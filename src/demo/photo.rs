//! The photograph of everybody in the demonstration: one drawn face, put in with a case before it
//! is reported, made anew as every picture that an office sends.

use std::sync::LazyLock;

use domain::{material::MaterialKind, record::RecordId};
use jiff::Timestamp;

use crate::{
    node::NodeError,
    papers::picture::{self, PictureError},
    registry::{NewMaterial, Officer, Registry},
};

/// Made anew once: it is the same for all.
static FACE: LazyLock<Result<Vec<u8>, PictureError>> =
    LazyLock::new(|| picture::renew(include_bytes!("portrait.png"), true));

/// Puts it in with these cases.
pub(super) fn put(
    registry: &Registry,
    cases: &[RecordId],
    clerk: &Officer,
    at: Timestamp,
) -> Result<(), NodeError> {
    let bytes = FACE.as_ref().map_err(|e| NodeError(e.to_string()))?;
    let photo = NewMaterial {
        kind: MaterialKind::Photo,
        page: 1,
        bytes,
    };
    for case in cases {
        registry.put_material(*case, photo, clerk, at)?;
    }
    Ok(())
}
