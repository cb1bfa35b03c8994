//! `kecha bench desk`: how long an officer waits for a queue, its filters and orders, and for the
//! pages that count, over HTTP, with as many cases under way as are asked for.
//!
//! The cases are made through the register and stay in the folder: doing it again adds only what is
//! missing, and a run that was broken off goes on where it stopped.

use std::{
    error::Error,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{net::TcpListener, runtime::Runtime};

use super::super::ask::{bar, say};
use crate::{
    clock,
    demo::{PLACES, Staff, load},
    node::{DEMO, Node},
    outlook::Learner,
    registry::{Account, Officer, Registry, digest},
    web::{self, App},
};
use domain::office::Role;

/// Arguments of `kecha bench desk`.
#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// The demonstration's folder; made when it is not there
    #[arg(long, value_name = "FOLDER", default_value = "kecha-desk")]
    dir: PathBuf,
    /// So many cases under way at one authority
    #[arg(long, default_value_t = 1_000_000)]
    cases: u64,
    /// Each page is asked for so often
    #[arg(long, default_value_t = 100)]
    times: u32,
    /// A new demonstration on PostgreSQL: the address with the server's role
    #[arg(long, requires = "owner_url")]
    database: Option<String>,
    /// The address with the role that shall own the tables
    #[arg(long)]
    owner_url: Option<String>,
}

/// Who asks: everything an authority's queues offer is offered to this one.
const LOGIN: &str = "bench-desk";
const ROLES: [Role; 4] = [
    Role::AcceptanceOfficer,
    Role::Reviewer,
    Role::Approver,
    Role::Issuer,
];

/// What is asked for, each with the pages behind it where there are some.
const PAGES: [(&str, &str); 24] = [
    ("home, with its counts", "/console"),
    ("bottlenecks", "/console/bottlenecks"),
    ("waiting for me", "/console/cases?state=own"),
    ("one state", "/console/cases?state=reported"),
    ("all states", "/console/cases?state=all"),
    ("in my hand", "/console/cases?queue=mine"),
    ("due soon", "/console/cases?state=own&due=soon"),
    ("overdue", "/console/cases?state=own&due=passed"),
    ("for the second officer", "/console/cases?queue=second"),
    ("returned (none)", "/console/cases?state=returned"),
    (
        "sorted by stage",
        "/console/cases?state=reported&sort=since",
    ),
    (
        "sorted by institution",
        "/console/cases?state=reported&sort=institution",
    ),
    ("sorted by item", "/console/cases?state=reported&sort=item"),
    (
        "all, sorted by stage",
        "/console/cases?state=all&sort=since",
    ),
    (
        "all, sorted by institution",
        "/console/cases?state=all&sort=institution",
    ),
    ("of an item", "/console/cases?state=reported&item=2.3"),
    (
        "of an institution",
        "/console/cases?state=reported&institution=910102",
    ),
    ("of a kind", "/console/cases?state=reported&kind=initial"),
    (
        "of a kind nobody has",
        "/console/cases?state=reported&kind=reissue",
    ),
    (
        "of a category",
        "/console/cases?state=reported&category=safety_management",
    ),
    (
        "item, institution and kind",
        "/console/cases?state=reported&item=2.3&institution=910101&kind=initial",
    ),
    (
        "two that never meet",
        "/console/cases?state=reported&item=M1&institution=910101",
    ),
    (
        "an item by stage, overdue",
        "/console/cases?state=reported&item=M2&sort=since&due=passed",
    ),
    (
        "all, of an item, overdue",
        "/console/cases?state=all&item=8.1&due=passed",
    ),
];

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let node = if args.dir.join(DEMO).exists() {
        Node::open(&args.dir)?
    } else {
        let postgres = args.database.as_deref().zip(args.owner_url.as_deref());
        Node::init_demo(&args.dir, postgres)?
    };
    if !node.is_demo() {
        return Err("this is an office's node: it is not filled with invented people".into());
    }
    fill(&node.registry, args.cases)?;
    let officer = account(&node.registry)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let app = App::new(node, Vec::new(), None)?;
    let began = Instant::now();
    Learner::default().learn(&app.outlook, &app.registry, clock::now())?;
    let seconds = began.elapsed().as_secs_f64();
    say(&format!("the outlook was learnt in {seconds:.1} s"))?;
    let done = measure(&runtime, &app, &officer, args.times);
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

fn fill(registry: &Registry, cases: u64) -> Result<(), Box<dyn Error>> {
    load::prepare(registry)?;
    let first = load::count(registry)?;
    if first >= cases {
        return say(&format!("{first} cases are there"));
    }
    let bar = bar();
    bar.set_length(cases - first);
    let began = Instant::now();
    let mut progress = |done: u64| bar.set_position(done);
    load::waiting(registry, 1, first..cases, clock::today(), &mut progress)?;
    bar.finish_and_clear();
    let minutes = began.elapsed().as_secs_f64() / 60.0;
    say(&format!("{} cases made in {minutes:.1} min", cases - first))
}

fn account(registry: &Registry) -> Result<Officer, Box<dyn Error>> {
    if let Ok(officer) = registry.officer(LOGIN) {
        return Ok(officer);
    }
    let officer = Officer {
        login: LOGIN.to_owned(),
        name: LOGIN.to_owned(),
        office: Staff::new(PLACES[0]).issuer().office.clone(),
        roles: ROLES.to_vec(),
    };
    let password = clock::Chance::system().bytes::<32>();
    let password: String = password.iter().map(|b| format!("{b:02x}")).collect();
    registry.open_account(&Account {
        officer: officer.clone(),
        password: &password,
    })?;
    Ok(officer)
}

/// Asks for each page, and for those behind it in turn.
fn measure(
    runtime: &Runtime,
    app: &Arc<App>,
    officer: &Officer,
    times: u32,
) -> Result<(), Box<dyn Error>> {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let served = Arc::clone(app);
    runtime.spawn(async move { web::serve(served, listener, std::future::pending()).await });
    let token: [u8; 16] = clock::Chance::system().bytes();
    let token: String = token.iter().map(|b| format!("{b:02x}")).collect();
    let kept = digest(&token);
    app.registry
        .open_session(&officer.login, &kept, clock::now())?;
    let first = app.registry.case_numbers(officer, "reported", None, 500)?.0;
    app.registry
        .claim(&first, Some(&officer.login), officer, clock::now())?;
    let agent = ureq::Agent::new_with_defaults();
    let (mut worst, mut all) = (0.0_f64, 0);
    for (name, path) in PAGES {
        let mut took = Vec::with_capacity(times as usize);
        let (mut next, mut lines) = (path.to_owned(), 0);
        for _ in 0..times {
            let began = Instant::now();
            let asked = agent.get(format!("http://{address}{next}"));
            let mut answer = asked.header("cookie", format!("kecha={token}")).call()?;
            let page = answer.body_mut().read_to_string()?;
            took.push(began.elapsed());
            lines = page.matches("name=\"case\"").count();
            let behind = page
                .split_once("rel=\"next\" href=\"")
                .and_then(|(_, rest)| rest.split_once('"'));
            next = behind.map_or(path.to_owned(), |(to, _)| to.replace("&#38;", "&"));
        }
        took.sort_unstable();
        let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1_000.0;
        let (p50, p99) = (at(50), at(99));
        (worst, all) = (worst.max(p99), all + took.len());
        say(&format!(
            "{name:28} p50 {p50:6.1} ms  p99 {p99:6.1} ms  ({lines} lines on the last page)"
        ))?;
    }
    say(&format!("{all} pages, the worst p99 {worst:.1} ms"))
}
