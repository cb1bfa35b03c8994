//! A node at work: its pages, its clock, and its ends of the feed.

use std::{error::Error, sync::Arc};

use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

use crate::{
    config::{NationConfig, ProvinceConfig},
    jobs,
    node::Node,
    registry::Registry,
    schedule::Schedule,
    sync::{
        comparison, nation as following, province,
        tls::{Client, Identity, PeerKey},
    },
    tasks,
    web::{App, feeds::Followed},
};

/// A node that has begun to work; dropped, it ends.
pub(super) struct Working {
    /// What its pages are made of.
    pub app: Arc<App>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Working {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// What a node sends to and follows, beside its own pages.
#[derive(Default)]
pub(super) struct Lines {
    /// Where its journal goes.
    pub nation: Option<NationConfig>,
    /// Where provinces call, and which.
    pub follows: Option<(TcpListener, Vec<ProvinceConfig>)>,
}

impl Lines {
    /// As the node's settings say.
    ///
    /// # Errors
    /// What the system says of the address.
    pub(super) async fn of(node: &Node) -> Result<Self, Box<dyn Error>> {
        let Some(config) = &node.config else {
            return Ok(Self::default());
        };
        let follows = match (&config.feed_listen, config.provinces.is_empty()) {
            (_, true) => None,
            (None, false) => {
                return Err("`provinces` needs `feed_listen`: where do they call?".into());
            }
            (Some(address), false) => {
                let socket = TcpListener::bind(address)
                    .await
                    .map_err(|e| format!("`feed_listen = \"{address}\"`: {e}"))?;
                Some((socket, config.provinces.clone()))
            }
        };
        Ok(Self {
            nation: config.nation.clone(),
            follows,
        })
    }
}

/// Puts a node to work; its pages are served by the caller.
///
/// # Errors
/// Keys that cannot be read; what the database says.
pub(super) async fn work(node: Node, lines: Lines) -> Result<Working, Box<dyn Error>> {
    let identity = Identity::from_seed(node.registry.line_seed());
    let (socket, provinces) = match lines.follows {
        Some((socket, provinces)) => (Some(socket), provinces),
        None => (None, Vec::new()),
    };
    // The registry is synchronous: it is asked on a thread that may wait.
    let schedule = lines.nation.as_ref().map(|nation| nation.schedule);
    let ready = tokio::task::spawn_blocking(move || ready(node, &provinces, schedule)).await?;
    let (app, peers) = ready?;
    let learning = jobs::learn(
        Arc::clone(&app.registry),
        Arc::clone(&app.outlook),
        Arc::clone(&app.track),
    );
    let mut running = vec![
        tokio::spawn(jobs::run(Arc::clone(&app.registry))),
        tokio::spawn(learning),
        tokio::spawn(tasks::run(Arc::clone(&app.registry))),
    ];
    if let Some(socket) = socket {
        let (registry, identity) = (Arc::clone(&app.registry), identity.clone());
        running.push(tokio::spawn(async move {
            if let Err(error) = following::run(registry, socket, &identity, peers).await {
                tracing::error!(%error, "no province can call any more");
            }
        }));
    }
    if let Some(nation) = lines.nation {
        let wished = Arc::new(Notify::new());
        let registry = Arc::clone(&app.registry);
        running.push(tokio::spawn(comparison::run(
            registry,
            caller(&nation, &identity)?,
            comparison::When {
                compare: nation.compare,
                feed: nation.schedule,
            },
            Arc::clone(&wished),
        )));
        let nation = self::nation(&nation, &identity, wished)?;
        let registry = Arc::clone(&app.registry);
        running.push(tokio::spawn(province::run(registry, nation)));
    }
    Ok(Working {
        app,
        tasks: running,
    })
}

/// The nation, as a province's settings name it.
///
/// # Errors
/// Keys that cannot be read.
pub(super) fn nation(
    config: &NationConfig,
    identity: &Identity,
    wished: Arc<Notify>,
) -> Result<province::Nation, Box<dyn Error>> {
    Ok(province::Nation {
        compare: wished,
        client: Client::new(config.address.clone(), identity, config.line_key.parse()?)?,
        witness: config
            .witness_key
            .parse()
            .map_err(|e| format!("`witness_key`: {e}"))?,
        schedule: config.schedule,
    })
}

/// Who calls the nation for a comparison.
///
/// # Errors
/// An address or a key that is none.
pub(super) fn caller(nation: &NationConfig, identity: &Identity) -> Result<Client, Box<dyn Error>> {
    let key = nation.line_key.parse()?;
    let client = Client::new(nation.address.clone(), identity, key)?;
    Ok(client.patient(comparison::COUNTING))
}

/// What the pages are made of, and who may call.
fn ready(
    node: Node,
    provinces: &[ProvinceConfig],
    schedule: Option<Schedule>,
) -> Result<(Arc<App>, Peers), String> {
    let peers = peers(&node.registry, provinces)?;
    let followed = provinces.iter().map(|p| Followed {
        code: p.code.clone(),
        name: p.name.clone(),
        schedule: p.schedule,
        url: p.url.clone(),
    });
    Ok((App::new(node, followed.collect(), schedule)?, peers))
}

type Peers = Vec<(PeerKey, crate::registry::Province, Schedule)>;

fn peers(registry: &Registry, provinces: &[ProvinceConfig]) -> Result<Peers, String> {
    provinces
        .iter()
        .map(|p| {
            let of = |what: &str, e: &dyn std::fmt::Display| {
                format!("province {}: `{what}`: {e}", p.code)
            };
            let line = p.line_key.parse().map_err(|e| of("line_key", &e))?;
            let log = p.log_key.parse().map_err(|e| of("log_key", &e))?;
            let province = registry
                .follow_province(&p.code, log)
                .map_err(|e| e.to_string())?;
            Ok((line, province, p.schedule))
        })
        .collect()
}
