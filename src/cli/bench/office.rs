//! `kecha bench office`: a long sheet goes through the offices as officers send it, over HTTP: looked
//! at with its faults, taken, confirmed, reported and accepted, each in one request. Meanwhile
//! somebody else signs in again and again, and the longest wait is told.

use std::{
    error::Error,
    fmt::Write as _,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{catalogue::Catalogue, record::RecordId};
use jiff::ToSpan;
use tokio::net::TcpListener;
use ureq::Agent;

use super::super::ask::say;
use crate::{
    clock,
    demo::{PLACES, Staff, operations, people},
    node::Node,
    registry::{Filter, Officer, Registry, digest},
    web::{self, App},
};

/// Arguments of `kecha bench office`.
#[derive(clap::Args)]
pub(in crate::cli) struct Args {
    /// A new folder for the node
    #[arg(long, value_name = "FOLDER")]
    dir: PathBuf,
    /// Candidates of the sheet
    #[arg(long, default_value_t = 10_000)]
    rows: u64,
}

/// One in so many rows has a fault, in the sheet that has any.
const FAULTY: u64 = 10;

pub(super) fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let node = Node::init_demo(&args.dir, None)?;
    let staff = Staff::enter(&node.registry, PLACES[0], "a password of the bench")?;
    let app = App::new(node, Vec::new(), None)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let served = Arc::clone(&app);
    runtime.spawn(async move { web::serve(served, listener, std::future::pending()).await });
    let done = measure(args, &app.registry, &staff, address);
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

fn measure(
    args: &Args,
    registry: &Arc<Registry>,
    staff: &Staff,
    address: SocketAddr,
) -> Result<(), Box<dyn Error>> {
    let waiting = Waiting::begin(registry, staff.approver());
    let clerk = Browser::new(registry, staff.clerk(0), address)?;
    let (took, page) = clerk.upload(
        "/console/import",
        &sheet(registry.catalogue(), args.rows, true),
    )?;
    let shown = page.matches("理论成绩：").count() as u64;
    if shown < args.rows.div_ceil(FAULTY) {
        return Err(format!("{shown} faults shown: {}", words(&page)).into());
    }
    told("checked and shown with faults", args.rows, took)?;
    let (took, page) = clerk.upload(
        "/console/import",
        &sheet(registry.catalogue(), args.rows, false),
    )?;
    let taken = in_state(registry, staff.clerk(0), "examined")?.len();
    if taken as u64 != args.rows {
        return Err(format!("{taken} taken: {}", words(&page)).into());
    }
    told("taken", args.rows, took)?;
    let lead = staff.whose(&crate::registry::Command::Confirm, 0);
    for (what, officer, state) in [
        ("confirm", lead, "examined"),
        ("report", staff.clerk(0), "passed"),
        ("accept", staff.acceptance(), "reported"),
    ] {
        let cases = in_state(registry, officer, state)?;
        let browser = Browser::new(registry, officer, address)?;
        let (took, page) = browser.act(what, &cases)?;
        let left = in_state(registry, officer, state)?.len();
        if cases.len() as u64 != args.rows || left > 0 {
            let n = cases.len();
            let page = words(&page);
            return Err(format!("{what}: {n} cases, {left} left {state}: {page}").into());
        }
        told(what, args.rows, took)?;
    }
    say(&format!(
        "the longest wait of a sign-in meanwhile: {} ms",
        waiting.end()
    ))
}

fn told(what: &str, rows: u64, took: Duration) -> Result<(), Box<dyn Error>> {
    say(&format!("{rows} {what}: {:.2} s", took.as_secs_f64()))
}

fn in_state(
    registry: &Registry,
    officer: &Officer,
    state: &str,
) -> Result<Vec<RecordId>, Box<dyn Error>> {
    let filter = Filter {
        states: vec![state.to_owned()],
        limit: u16::MAX,
        ..Filter::default()
    };
    let lines = registry.cases(officer, &filter, clock::today())?;
    Ok(lines.into_iter().map(|line| line.case.id).collect())
}

/// A sheet of invented candidates, all right or with faults.
fn sheet(catalogue: &Catalogue, rows: u64, faults: bool) -> String {
    let mut text =
        String::from("姓名,性别,证件号码,操作项目,申请类型,考试日期,理论成绩,实操成绩\n");
    let on = clock::today().saturating_sub(2.days());
    let items: Vec<&str> = operations(0)
        .iter()
        .filter_map(|&code| catalogue.item(&code.into()))
        .map(|item| &*item.name)
        .collect();
    for number in 0..rows {
        let person = people::person(7, number);
        let sex = match person.sex {
            domain::person::Sex::Male => "男",
            domain::person::Sex::Female => "女",
        };
        let item = items[usize::try_from(number).unwrap_or(0) % items.len()];
        let score = if faults && number % FAULTY == 0 {
            101
        } else {
            90
        };
        // Cannot fail: writing to a string never does.
        let _ = writeln!(
            text,
            "{},{sex},{},{item},初领,{on},{score},85",
            person.name.expose(),
            person.document.expose()
        );
    }
    text
}

/// How long an answer took, and its page.
type Answer = (Duration, String);

/// The first words of a page, below its head.
fn words(page: &str) -> String {
    let body = page.split_once("<main").map_or(page, |(_, main)| main);
    let mut inside = true;
    let text = body.chars().filter(|&c| {
        let shown = !inside && c != '<';
        inside = c == '<' || inside && c != '>';
        shown
    });
    let text: String = text.collect();
    let words: Vec<&str> = text.split_whitespace().take(200).collect();
    words.join(" ")
}

/// Somebody signed in, without a password: signing in is not what is measured.
struct Browser {
    agent: Agent,
    address: SocketAddr,
    cookie: String,
    token: String,
}

impl Browser {
    fn new(
        registry: &Registry,
        officer: &Officer,
        address: SocketAddr,
    ) -> Result<Self, Box<dyn Error>> {
        let now = clock::now();
        let cookie = format!("bench-{}-{}", officer.login, now.as_nanosecond());
        registry.open_session(&officer.login, &digest(&cookie), now)?;
        let mut browser = Self {
            agent: Agent::config_builder().max_redirects(0).build().into(),
            address,
            cookie: format!("kecha={cookie}"),
            token: String::new(),
        };
        let page = browser
            .agent
            .get(browser.url("/console"))
            .header("cookie", &browser.cookie)
            .call()?
            .body_mut()
            .read_to_string()?;
        let token = page.split_once("name=\"token\" value=\"");
        let token = token.and_then(|(_, rest)| rest.split_once('"'));
        browser.token = token.ok_or("the page has no form")?.0.to_owned();
        Ok(browser)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn upload(&self, path: &str, sheet: &str) -> Result<Answer, Box<dyn Error>> {
        let part = "--a-part\r\nContent-Disposition: form-data; name=";
        let token = &self.token;
        let body = format!(
            "{part}\"token\"\r\n\r\n{token}\r\n{part}\"sheet\"; filename=\"a.csv\"\r\n\r\n{sheet}\
             \r\n--a-part--\r\n"
        );
        self.send(path, "multipart/form-data; boundary=a-part", &body)
    }

    fn act(&self, command: &str, cases: &[RecordId]) -> Result<Answer, Box<dyn Error>> {
        let mut body = format!("token={}&command={command}", self.token);
        for case in cases {
            let _ = write!(body, "&case={case}");
        }
        self.send("/console/cases", "application/x-www-form-urlencoded", &body)
    }

    /// From the request to the last byte of the page.
    fn send(&self, path: &str, kind: &str, body: &str) -> Result<Answer, Box<dyn Error>> {
        let began = Instant::now();
        let mut answer = self
            .agent
            .post(self.url(path))
            .header("cookie", &self.cookie)
            .header("content-type", kind)
            .send(body)?;
        let page = answer
            .body_mut()
            .with_config()
            .limit(1 << 30)
            .read_to_string()?;
        let took = began.elapsed();
        if answer.status() != 200 {
            return Err(format!("{path}: {}\n{}", answer.status(), words(&page)).into());
        }
        Ok((took, page))
    }
}

/// Somebody who signs in again and again.
struct Waiting {
    stop: Arc<AtomicBool>,
    longest: Arc<AtomicU64>,
    thread: std::thread::JoinHandle<()>,
}

impl Waiting {
    fn begin(registry: &Arc<Registry>, officer: &Officer) -> Self {
        let (stop, longest) = (Arc::default(), Arc::default());
        let (until, most): (Arc<AtomicBool>, Arc<AtomicU64>) =
            (Arc::clone(&stop), Arc::clone(&longest));
        let (registry, login) = (Arc::clone(registry), officer.login.clone());
        let thread = std::thread::spawn(move || {
            let mut count = 0_u64;
            while !until.load(Ordering::Relaxed) {
                count += 1;
                let began = Instant::now();
                let opened =
                    registry.open_session(&login, &digest(&format!("again {count}")), clock::now());
                let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
                if opened.is_ok() {
                    most.fetch_max(took, Ordering::Relaxed);
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        Self {
            stop,
            longest,
            thread,
        }
    }

    fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.join();
        self.longest.load(Ordering::Relaxed)
    }
}
