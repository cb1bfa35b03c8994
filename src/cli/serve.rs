//! `kecha serve`: answers on the node's address until it is told to stop.

use std::{error::Error, net::SocketAddr, sync::Arc};

use tokio::net::TcpListener;

use super::{
    ask::{Folder, say},
    node::{Lines, work},
};
use crate::{node::Node, web};

/// Arguments of `kecha serve`.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    folder: Folder,
    /// Where to listen instead of the configured address, such as 127.0.0.1:8080
    #[arg(long)]
    listen: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let node = args.folder.open()?;
    let configured = node.config.as_ref().map(|c| c.listen.clone());
    let listen = args
        .listen
        .clone()
        .or(configured)
        .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    serve(node, &listen, |address| {
        say(&format!("kecha: http://{address}"))
    })
}

/// Serves a node; `ready` is called once it answers.
fn serve(
    node: Node,
    listen: &str,
    ready: impl FnOnce(SocketAddr) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    run_until_stopped(async {
        let lines = Lines::of(&node).await?;
        let working = work(node, lines).await?;
        let listener = bind(listen).await?;
        // Connections wait in the listener's queue from here on: it answers.
        ready(listener.local_addr()?)?;
        web::serve(Arc::clone(&working.app), listener, stop()).await?;
        Ok(())
    })
}

/// A socket for pages.
///
/// # Errors
/// The address, and what to do.
pub(super) async fn bind(listen: &str) -> Result<TcpListener, Box<dyn Error>> {
    TcpListener::bind(listen).await.map_err(|e| {
        format!("cannot listen on {listen}: {e}; choose another with --listen or --port").into()
    })
}

/// Runs what serves, with the log and the threads it needs.
///
/// # Errors
/// What it ended in.
pub(super) fn run_until_stopped(
    serving: impl Future<Output = Result<(), Box<dyn Error>>>,
) -> Result<(), Box<dyn Error>> {
    start_log();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "serving");
    let served = runtime.block_on(serving);
    tracing::info!("stopped");
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    served
}

/// Until SIGINT or SIGTERM.
pub(super) async fn stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut int), Ok(mut term)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = int.recv() => {}
        _ = term.recv() => {}
    }
}

/// Diagnostics go to standard error; `RUST_LOG` chooses. No line names a person.
pub(super) fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // Fails only when it was started before.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
