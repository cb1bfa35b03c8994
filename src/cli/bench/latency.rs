//! `kecha bench latency`: from the issue in a province to the answer at the nation, over the real
//! line, while the nation answers questions over HTTP on the same machine.

use std::{
    error::Error,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::verdict::Verdict;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{interval, sleep},
};

use super::{
    super::{
        ask::{bar, say},
        node::{Lines, Working, work},
    },
    pair,
};
use crate::{
    clock,
    demo::{PLACES, Staff, load, people},
    node::Node,
    registry::{Command, Filter, Query, Registry},
    web,
};

/// Arguments of `kecha bench latency`.
#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// A new folder for the two nodes
    #[arg(long, value_name = "FOLDER")]
    dir: PathBuf,
    /// How many certificates are issued, one after the other
    #[arg(long, default_value_t = 1_000)]
    count: u64,
    /// How many questions a second the nation answers meanwhile
    #[arg(long, default_value_t = 2_000)]
    questions: u64,
}

/// Connections that ask.
const ASKERS: u64 = 8;

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let province = Node::init_demo(&args.dir.join("province"), None)?;
    let nation = Node::init_demo(&args.dir.join("nation"), None)?;
    let key = load::prepare(&nation.registry)?;
    load::prepare(&province.registry)?;
    load::made(&province.registry, 1, 0..args.count, clock::today())?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(measure(args, nation, province, &key));
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

async fn measure(
    args: &Args,
    nation: Node,
    province: Node,
    key: &str,
) -> Result<(), Box<dyn Error>> {
    let (nation, province) = begin(nation, province).await?;
    let pages = TcpListener::bind("127.0.0.1:0").await?;
    let address = pages.local_addr()?.to_string();
    let served = Arc::clone(&nation.app);
    tokio::spawn(async move { web::serve(served, pages, std::future::pending()).await });

    let asked = Arc::new(AtomicU64::new(0));
    for asker in 0..ASKERS {
        let every = Duration::from_nanos(1_000_000_000 * ASKERS / args.questions.max(1));
        let (address, key, asked) = (address.clone(), key.to_owned(), Arc::clone(&asked));
        let count = args.count;
        tokio::spawn(async move { questions(address, key, asked, (asker, count), every).await });
    }
    until_there(&province.app.registry, &nation.app.registry).await?;
    let (began, before) = (Instant::now(), asked.load(Ordering::Relaxed));
    let mut took = issue_each(&province.app.registry, &nation.app.registry).await?;
    let seconds = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
    let rate = (asked.load(Ordering::Relaxed) - before) as f64 / seconds;
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1_000.0;
    say(&format!(
        "{} certificates, {rate:.0} questions a second meanwhile: issue to nationally queryable \
         p50 {:.0} ms, p99 {:.0} ms, max {:.0} ms",
        took.len(),
        at(50),
        at(99),
        at(100)
    ))
}

/// Puts the two to work, with the real line between them.
async fn begin(nation: Node, province: Node) -> Result<(Working, Working), Box<dyn Error>> {
    let calls = TcpListener::bind("127.0.0.1:0").await?;
    let to = pair::nation(&nation.registry, calls.local_addr()?);
    let from = pair::province(&province.registry);
    let follows = Some((calls, vec![from]));
    let lines = Lines {
        nation: None,
        follows,
    };
    let nation = work(nation, lines).await?;
    let lines = Lines {
        nation: Some(to),
        follows: None,
    };
    let province = work(province, lines).await?;
    Ok((nation, province))
}

/// Until the nation has everything that was made before.
async fn until_there(
    province: &Arc<Registry>,
    nation: &Arc<Registry>,
) -> Result<(), Box<dyn Error>> {
    let all = province.entries()?;
    while nation.watermarks()?.first().is_none_or(|m| m.entries < all) {
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Issues one certificate after the other, and asks the nation until it is found there.
async fn issue_each(
    province: &Arc<Registry>,
    nation: &Arc<Registry>,
) -> Result<Vec<Duration>, Box<dyn Error>> {
    let staff = Staff::new(PLACES[0]);
    let issuer = staff.issuer().clone();
    let filter = Filter {
        states: vec!["made".to_owned()],
        limit: u16::MAX,
        ..Filter::default()
    };
    let cases = province.cases(&issuer, &filter, clock::today())?;
    let bar = bar();
    bar.set_length(cases.len() as u64);
    let mut took = Vec::with_capacity(cases.len());
    for line in cases {
        let person = &line.case.registration.person;
        let query = Query {
            category: line.case.registration.category,
            document: person.document.clone(),
            name: person.name.clone(),
            ticket: None,
        };
        let (registry, officer, case) = (Arc::clone(province), issuer.clone(), line.case.id);
        let issued = tokio::task::spawn_blocking(move || {
            registry.command(&[case], &Command::Issue, &officer, clock::now())
        });
        issued.await??;
        let began = Instant::now();
        while nation.ask(&query, clock::now()).await?.verdict != Verdict::Found {
            sleep(Duration::from_millis(1)).await;
        }
        took.push(began.elapsed());
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(took)
}

/// Asks at a steady pace for as long as the program runs.
async fn questions(
    address: String,
    key: String,
    asked: Arc<AtomicU64>,
    (asker, people): (u64, u64),
    every: Duration,
) -> Option<()> {
    let mut socket = TcpStream::connect(&address).await.ok()?;
    let mut tick = interval(every);
    let mut number = asker;
    let mut answer = vec![0; 16 * 1024];
    loop {
        tick.tick().await;
        let person = people::person(1, number % people);
        number += ASKERS;
        let body = serde_json::json!({
            "category": "special_operation",
            "doc_type": "resident_id",
            "doc_number": person.document.expose(),
            "name": person.name.expose(),
        })
        .to_string();
        let request = format!(
            "POST /api/v1/query HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(request.as_bytes()).await.ok()?;
        // An answer is short: it comes whole, and ends with the last brace.
        let length = socket.read(&mut answer).await.ok()?;
        let told = answer.get(..length)?;
        let good = told.starts_with(b"HTTP/1.1 200") && told.ends_with(b"}");
        asked.fetch_add(u64::from(good), Ordering::Relaxed);
    }
}
