//! `kecha demo`: makes a demonstration in a folder, or opens the one that is there, and serves it.

use std::{
    error::Error,
    io::{self, Write},
    path::PathBuf,
};

use serde_json::json;

use super::{
    ask::{bar, say},
    serve,
};
use crate::{
    demo::{self, PROVINCE, Tour},
    web::lang::Code,
};

/// Arguments of `kecha demo`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The folder; made when it is not there
    #[arg(long, value_name = "FOLDER", default_value = "kecha-demo")]
    dir: PathBuf,
    /// A file to write, once the pages answer, with addresses, accounts and samples as JSON
    #[arg(long, value_name = "FILE")]
    ready: Option<PathBuf>,
    /// How many invented people
    #[arg(long, default_value_t = 320)]
    people: u16,
    /// Another seed makes other people
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let bar = bar();
    let people = usize::from(args.people);
    let (node, tour) = demo::open_or_make(&args.dir, people, args.seed, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    let listen = format!("127.0.0.1:{}", args.port);
    serve::serve(node, &listen, |address| {
        let url = format!("http://{address}");
        say(&guide(&url, &tour))?;
        if let Some(file) = &args.ready {
            let text = ready(&url, &tour).to_string();
            std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?;
        }
        io::stdout().flush()?;
        Ok(())
    })
}

/// What programs are told.
fn ready(url: &str, tour: &Tour) -> serde_json::Value {
    let accounts: Vec<_> = tour
        .accounts
        .iter()
        .map(|a| json!({ "role": a.role, "user": a.user, "password": a.password, "url": format!("{url}/login") }))
        .collect();
    json!({
        "nation": { "url": url },
        "provinces": [{ "code": PROVINCE, "url": url }],
        "api_key": tour.api_key,
        "accounts": accounts,
        "samples": tour.samples,
    })
}

/// What the viewer is told.
fn guide(url: &str, tour: &Tour) -> String {
    let mut lines = vec![
        "Kecha 可查 · 演示系统，不是官方网站 · a demonstration, not an official site".to_owned(),
        String::new(),
        format!("  {url}/query    查询 ask"),
        format!(
            "  {url}/login    登录 sign in, password of every account: {}",
            password(tour)
        ),
    ];
    lines.extend(
        tour.accounts
            .iter()
            .map(|a| format!("      {:<9} {}", a.user, role(&a.role))),
    );
    lines.push(String::new());
    lines.push("  试一试 three queries to try (invented people):".to_owned());
    for wanted in ["certificate_valid", "accepted", "unknown"] {
        let found = tour.samples.iter().find(|s| s.situation == wanted);
        lines.extend(
            found.map(|s| format!("      {:<18} {}  {}", s.situation, s.doc_number, s.name)),
        );
    }
    lines.push(String::new());
    lines.push(format!("  API key {}", tour.api_key));
    lines.push("  Ctrl-C stops it.".to_owned());
    lines.join("\n")
}

fn password(tour: &Tour) -> &str {
    tour.accounts.first().map_or("", |a| a.password.as_str())
}

fn role(code: &str) -> String {
    let key = format!("role-{}", code.replace('_', "-"));
    let say = |code| crate::web::lang::Sentences::load(code).map(|s| s.say(&key));
    match (say(Code::Zh), say(Code::En)) {
        (Ok(zh), Ok(en)) => format!("{zh} {en}"),
        _ => code.to_owned(),
    }
}
