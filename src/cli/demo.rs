//! `kecha demo`: makes a demonstration in a folder, or opens the one that is there, and serves it: a
//! nation and three provinces in one process, one streaming, one daily, one half-monthly.

use std::{
    error::Error,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use domain::{
    document::{DocType, Document},
    name::Name,
    verdict::{Cause, Verdict},
};
use serde_json::json;
use tokio::{net::TcpListener, time::sleep};

use super::{
    ask::{bar, say},
    node::{Lines, Working, work},
    serve::{bind, run_until_stopped, stop},
};
use crate::{
    clock,
    config::{NationConfig, ProvinceConfig},
    demo::{self, Crowd, Login, PLACES, Place, Sample, Tour},
    node::{DEMO, Node},
    registry::{Query, Registry, digest},
    schedule::Schedule,
    sync::tls::Identity,
    web::{self, public::clock::Waiting},
};

/// Arguments of `kecha demo`.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The nation's port on 127.0.0.1, the provinces have the three after it; 0 for free ones
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The folder; made when it is not there
    #[arg(long, value_name = "FOLDER", default_value = "kecha-demo")]
    dir: PathBuf,
    /// A file to write, once the pages answer, with addresses, accounts and samples as JSON
    #[arg(long, value_name = "FILE")]
    ready: Option<PathBuf>,
    /// How many invented people in the first province; the others have a third
    #[arg(long, default_value_t = 320)]
    people: u16,
    /// How many people of the first province have a simulated story of the past months beside; the
    /// others have a third
    #[arg(long, default_value_t = 60)]
    history: u16,
    /// Another seed makes other people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The demonstration's clock runs so many times as fast, so that slots can be watched
    #[arg(long, default_value_t = 1, value_name = "TIMES")]
    speed: u32,
}

/// The provinces' schedules, in the order of their places.
const SCHEDULES: [&str; 3] = ["streaming", "daily 02:00", "half_monthly 02:00"];

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let nation = open_nation(&args.dir)?;
    let mut provinces = Vec::new();
    for (at, place) in PLACES.into_iter().enumerate() {
        let bar = bar();
        bar.set_message(place.name);
        let part = |all: u16| usize::from(if at == 0 { all } else { all / 3 });
        let crowd = Crowd {
            people: part(args.people),
            history: part(args.history),
        };
        let folder = args.dir.join(place.code);
        let made = demo::open_or_make_in(place, &folder, crowd, args.seed, &mut |done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        })?;
        bar.finish_and_clear();
        provinces.push((place, SCHEDULES[at].parse::<Schedule>()?, made));
    }
    // One key opens all four.
    let key = provinces[0].2.1.api_key.clone();
    let nodes = provinces.iter().map(|(_, _, (node, _))| node);
    for node in nodes.chain([&nation]) {
        if !node.registry.api_keys()?.contains(&digest(&key)) {
            node.registry.admit_key(&key, "demo")?;
        }
    }
    // The accounts of the first province are tried first: one password for all of it.
    let password = &provinces[0].2.1.accounts[0].password;
    let keepers = demo::keep_nation(&nation.registry, password)?;
    // A demonstration that was moved on goes on from there: it does not know what is still to come.
    for mark in nation.registry.watermarks()? {
        clock::move_to(mark.complete_to);
    }
    clock::hasten(args.speed);
    run_until_stopped(serve(args, nation, &keepers, provinces))
}

/// The nation's node: it has no offices of its own, and follows.
fn open_nation(dir: &Path) -> Result<Node, Box<dyn Error>> {
    let folder = dir.join("nation");
    if folder.join(DEMO).exists() {
        Ok(Node::open(&folder)?)
    } else {
        Ok(Node::init_demo(&folder, None)?)
    }
}

type Made = (Place, Schedule, (Node, Tour));

async fn serve(
    args: &Args,
    nation: Node,
    keepers: &[Login],
    made: Vec<Made>,
) -> Result<(), Box<dyn Error>> {
    let mut sockets = Vec::new();
    for at in 0..=3 {
        let port = if args.port == 0 { 0 } else { args.port + at };
        sockets.push(bind(&format!("127.0.0.1:{port}")).await?);
    }
    let urls: Vec<String> = sockets
        .iter()
        .map(|s| Ok(format!("http://{}", s.local_addr()?)))
        .collect::<io::Result<_>>()?;
    let calls = TcpListener::bind("127.0.0.1:0").await?;
    let address = calls.local_addr()?.to_string();
    let (nation, provinces) = begin(nation, made, calls, &address, &urls).await?;
    let tour = tour(&nation, &provinces).await?;
    let apps = provinces.iter().map(|(.., working, _)| &working.app);
    for app in apps.chain([&nation.app]) {
        app.knows_waiting(waiting(&provinces));
    }
    // Connections wait in the listeners' queues from here on: they answer.
    let mut pages = Vec::new();
    let mut sockets = sockets.into_iter();
    let nations = sockets.next().ok_or("no socket")?;
    for ((.., province, _), socket) in provinces.iter().zip(sockets) {
        pages.push(tokio::spawn(web::serve(
            Arc::clone(&province.app),
            socket,
            stop(),
        )));
    }
    let served = tokio::spawn(web::serve(Arc::clone(&nation.app), nations, stop()));
    tell(args, &urls, keepers, &provinces, &tour)?;
    served.await??;
    for page in pages {
        page.await??;
    }
    Ok(())
}

/// Puts the four to work: the nation follows, each province calls it by its own schedule.
async fn begin(
    nation: Node,
    made: Vec<Made>,
    calls: TcpListener,
    address: &str,
    urls: &[String],
) -> Result<(Working, Vec<Province>), Box<dyn Error>> {
    let line_key = |node: &Node| {
        Identity::from_seed(node.registry.line_seed())
            .public()
            .to_string()
    };
    let pairs = made.iter().zip(&urls[1..]);
    let followed = pairs.map(|((place, schedule, (node, _)), url)| ProvinceConfig {
        code: place.code.to_owned(),
        name: place.name.to_owned(),
        url: url.clone(),
        line_key: line_key(node),
        log_key: node.registry.log_key(),
        schedule: *schedule,
    });
    let to = NationConfig {
        address: address.to_owned(),
        line_key: line_key(&nation),
        witness_key: nation.registry.witness_key().to_string(),
        schedule: Schedule::Streaming,
        compare: crate::config::at_night(),
    };
    let follows = Some((calls, followed.collect()));
    let lines = Lines {
        nation: None,
        follows,
    };
    let nation = work(nation, lines).await?;
    let mut provinces = Vec::new();
    for (place, schedule, (node, tour)) in made {
        let to = NationConfig {
            schedule,
            ..to.clone()
        };
        let lines = Lines {
            nation: Some(to),
            follows: None,
        };
        provinces.push((place, schedule, work(node, lines).await?, tour));
    }
    Ok((nation, provinces))
}

/// The provinces that wait for slots.
fn waiting(provinces: &[Province]) -> Vec<Waiting> {
    let slotted = provinces.iter().filter(|p| p.1 != Schedule::Streaming);
    slotted
        .map(|(place, schedule, ..)| Waiting {
            code: place.code.to_owned(),
            name: place.name.to_owned(),
            schedule: *schedule,
        })
        .collect()
}

/// A province at work, and its own tour.
type Province = (Place, Schedule, Working, Tour);

/// What the nation answers, once each province's copy is as complete as its schedule wants it.
async fn tour(nation: &Working, provinces: &[Province]) -> Result<Vec<Sample>, Box<dyn Error>> {
    let mut due = Vec::new();
    for (place, schedule, working, _) in provinces {
        let registry = &working.app.registry;
        let entries = match schedule.last_slot(clock::now()) {
            None => registry.entries()?,
            Some(slot) => registry.entries_due(0, slot)?,
        };
        due.push((place.code, entries));
    }
    for _ in 0..400 {
        let marks = nation.app.registry.watermarks()?;
        let is_there = |(code, entries): &(&str, u64)| {
            marks
                .iter()
                .any(|m| m.code == *code && m.entries >= *entries)
        };
        if due.iter().all(is_there) {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    let mut samples = provinces[0].3.samples.clone();
    let registry = &nation.app.registry;
    for wanted in [Verdict::InProgress, Verdict::NotFound] {
        samples.extend(not_yet(registry, provinces, wanted).await?);
    }
    Ok(samples)
}

/// Somebody whom a province that waits for its slot already has further than the nation.
async fn not_yet(
    nation: &Arc<Registry>,
    provinces: &[Province],
    wanted: Verdict,
) -> Result<Option<Sample>, Box<dyn Error>> {
    for (_, _, working, tour) in provinces.iter().rev() {
        for sample in &tour.samples {
            let here = ask(&working.app.registry, sample).await?;
            let there = ask(nation, sample).await?;
            let further = match wanted {
                Verdict::InProgress => here.0 == Verdict::Found,
                _ => here.0 != Verdict::NotFound,
            };
            if there.0 == wanted && further {
                let situation = match wanted {
                    Verdict::InProgress => "issued_not_yet_national",
                    _ => "awaiting_sync",
                };
                return Ok(Some(Sample {
                    situation: situation.to_owned(),
                    verdict: there.0,
                    stage: there.1,
                    cause: (there.0 == Verdict::NotFound).then_some(Cause::AwaitingSync),
                    ..sample.clone()
                }));
            }
        }
    }
    Ok(None)
}

async fn ask(
    registry: &Arc<Registry>,
    sample: &Sample,
) -> Result<(Verdict, Option<domain::verdict::Stage>), Box<dyn Error>> {
    let document = Document::parse(DocType::ResidentId, &sample.doc_number)
        .map_err(|e| e.code().to_owned())?;
    let name = Name::parse(&sample.name).map_err(|e| e.code().to_owned())?;
    let query = Query {
        category: sample.category,
        document,
        name,
        ticket: None,
    };
    let answer = registry.ask(&query, clock::now()).await?;
    Ok((answer.verdict, answer.progress.first().map(|p| p.stage)))
}

fn tell(
    args: &Args,
    urls: &[String],
    keepers: &[Login],
    provinces: &[Province],
    samples: &[Sample],
) -> Result<(), Box<dyn Error>> {
    say(&guide(urls, keepers, provinces, samples))?;
    if let Some(file) = &args.ready {
        let text = ready(urls, keepers, provinces, samples).to_string();
        std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(io::stdout().flush()?)
}

/// What programs are told.
fn ready(
    urls: &[String],
    keepers: &[Login],
    provinces: &[Province],
    samples: &[Sample],
) -> serde_json::Value {
    let account = |a: &Login, url: &str| {
        let url = format!("{url}/login");
        json!({ "role": a.role, "user": a.user, "password": a.password, "url": url })
    };
    let mut accounts = Vec::new();
    let mut places = Vec::new();
    for ((place, schedule, _, tour), url) in provinces.iter().zip(&urls[1..]) {
        places.push(json!({ "code": place.code, "name": place.name, "url": url, "schedule": schedule.word() }));
        accounts.extend(tour.accounts.iter().map(|a| account(a, url)));
    }
    accounts.extend(keepers.iter().map(|a| account(a, &urls[0])));
    json!({
        "nation": { "url": urls[0] },
        "provinces": places,
        "api_key": provinces[0].3.api_key,
        "accounts": accounts,
        "samples": samples,
        "inquiries": provinces[0].3.inquiries,
    })
}

/// What the viewer is told.
fn guide(urls: &[String], keepers: &[Login], provinces: &[Province], samples: &[Sample]) -> String {
    let tour = &provinces[0].3;
    let mut lines = vec![
        "Kecha 可查 · 演示系统，不是官方网站 · a demonstration, not an official site".to_owned(),
        String::new(),
        format!("  {}/query    全国查询 the nation's query", urls[0]),
        format!(
            "  {}/feeds    各省同步情况 how far each province's copy reaches",
            urls[0]
        ),
    ];
    for ((place, schedule, ..), url) in provinces.iter().zip(&urls[1..]) {
        lines.push(format!("  {url}/query    {} {}", place.name, schedule));
    }
    lines.push(String::new());
    for (url, accounts) in [(&urls[1], &tour.accounts[..]), (&urls[0], keepers)] {
        lines.push(format!("  {url}/login    登录 sign in"));
        lines.extend(
            accounts
                .iter()
                .map(|a| format!("      {:<9} {}  {}", a.user, a.password, role(&a.role))),
        );
    }
    lines.push(format!(
        "  异议 inquiries to follow at {}/inquiry/follow:",
        urls[1]
    ));
    lines.extend(
        tour.inquiries
            .iter()
            .map(|i| format!("      {:<18} {}  {}", i.subject, i.reference, i.passcode)),
    );
    lines.push(String::new());
    lines.push("  试一试 queries to try (invented people):".to_owned());
    for wanted in ["certificate_valid", "accepted", "unknown"] {
        let found = samples.iter().find(|s| s.situation == wanted);
        lines.extend(found.map(asked));
    }
    lines.push(String::new());
    lines.push("  为什么还查不到 why not yet: what to add, and the cause then:".to_owned());
    lines.extend(samples.iter().filter(|s| s.cause.is_some()).map(asked));
    lines.push(String::new());
    lines.push(format!("  API key {}", tour.api_key));
    lines.push("  Ctrl-C stops it.".to_owned());
    lines.join("\n")
}

/// A query to try, with what to add to it and the cause that is told then.
fn asked(sample: &Sample) -> String {
    let Sample {
        situation,
        doc_number,
        name,
        add,
        ..
    } = sample;
    let mut line = format!("      {situation:<19} {doc_number}  {name}");
    let by_ticket = match sample.cause {
        None => return line,
        Some(Cause::DetailsMismatch | Cause::NotPassedOrNotEligible) => &sample.ticket,
        Some(_) => &None,
    };
    if let Some(ticket) = by_ticket {
        line.push_str(&format!("  准考证号 ticket {ticket}"));
        return line;
    }
    let day = add.exam_day.map(|day| format!("  考试日期 exam day {day}"));
    let institution = add.institution.iter();
    let institution = institution.map(|code| format!("  考试机构 institution {code}"));
    line.extend(day.into_iter().chain(institution));
    line
}

fn role(code: &str) -> String {
    use web::lang::{Code, Sentences};
    let key = format!("role-{}", code.replace('_', "-"));
    let say = |code| Sentences::load(code).map(|s| s.say(&key));
    match (say(Code::Zh), say(Code::En)) {
        (Ok(zh), Ok(en)) => format!("{zh} {en}"),
        _ => code.to_owned(),
    }
}
