//! The settings of a nation and a province that measure on one machine.

use std::net::SocketAddr;

use crate::{
    config::{NationConfig, ProvinceConfig},
    demo::PLACES,
    registry::Registry,
    schedule::Schedule,
    sync::tls::Identity,
};

/// What the province writes down of the nation.
pub(super) fn nation(nation: &Registry, address: SocketAddr) -> NationConfig {
    NationConfig {
        address: address.to_string(),
        line_key: line_key(nation),
        witness_key: nation.witness_key().to_string(),
        schedule: Schedule::Streaming,
        compare: crate::config::at_night(),
    }
}

/// What the nation writes down of the province.
pub(super) fn province(province: &Registry) -> ProvinceConfig {
    ProvinceConfig {
        code: PLACES[0].code.to_owned(),
        name: PLACES[0].name.to_owned(),
        url: "http://127.0.0.1".to_owned(),
        line_key: line_key(province),
        log_key: province.log_key(),
        schedule: Schedule::Streaming,
    }
}

fn line_key(registry: &Registry) -> String {
    Identity::from_seed(registry.line_seed())
        .public()
        .to_string()
}
