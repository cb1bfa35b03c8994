//! What an honest node may rely on.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{body::Bytes, http::StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{Client, MAX_BODY, NATION, Nation, OTHER_PROVINCE, PROVINCE, node};
use crate::sync::tls::TransportError;

#[tokio::test]
async fn the_server_knows_which_province_speaks() {
    let nation = Nation::starts();
    for (seed, code) in [(PROVINCE, "91"), (OTHER_PROVINCE, "92")] {
        let client = nation.called_by(seed);
        let answer = client.post("/who", Bytes::new()).await.expect("an answer");
        assert_eq!(answer, (StatusCode::OK, Bytes::from(code)));
    }
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "what is measured is to be read")]
async fn a_thousand_requests_share_one_connection() {
    let nation = Nation::starts();
    let client = nation.called_by(PROVINCE);
    client.post("/who", Bytes::new()).await.expect("an answer");
    let begun = Instant::now();
    for _ in 0..1_000 {
        let (status, body) = client
            .post("/who", Bytes::from("head"))
            .await
            .expect("an answer");
        assert_eq!((status, &body[..]), (StatusCode::OK, &b"91"[..]));
    }
    let rate = 1_000.0 / begun.elapsed().as_secs_f64();
    assert_eq!(nation.connections(), 1);
    println!("sync::tls: {rate:.0} posts a second over one connection");
}

#[tokio::test]
async fn requests_of_two_callers_take_turns() {
    let nation = Nation::starts();
    let client = Arc::new(nation.called_by(PROVINCE));
    let tasks: Vec<_> = (0_u8..20)
        .map(|n| {
            let client = Arc::clone(&client);
            tokio::spawn(async move { (n, client.post("/echo", Bytes::from(vec![n; 9])).await) })
        })
        .collect();
    for task in tasks {
        let (n, answer) = task.await.expect("no panic");
        assert_eq!(answer.expect("an answer").1, vec![n; 9]);
    }
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "what is measured is to be read")]
async fn a_body_of_eight_mebibytes_goes_there_and_back() {
    let nation = Nation::starts();
    let client = nation.called_by(PROVINCE);
    let body: Bytes = (0..8_u32 << 20).map(|n| n.to_le_bytes()[1]).collect();
    let begun = Instant::now();
    let (status, back) = client.post("/echo", body.clone()).await.expect("an answer");
    let took = begun.elapsed();
    assert!(status == StatusCode::OK && back == body);
    println!("sync::tls: 8 MiB there and back in {took:?}");
}

#[tokio::test]
async fn the_answer_is_the_servers_whatever_it_is() {
    let nation = Nation::starts();
    let client = nation.called_by(PROVINCE);
    let (status, _) = client
        .post("/nowhere", Bytes::new())
        .await
        .expect("an answer");
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = client
        .post("/elsewhere", Bytes::new())
        .await
        .expect("an answer");
    assert_eq!(status, StatusCode::SEE_OTHER);
    let long = Bytes::from(vec![0; MAX_BODY + 1]);
    let (status, _) = client.post("/echo", long).await.expect("an answer");
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    for path in ["", "who", "http://elsewhere.invalid/who", "/wh o"] {
        let error = client.post(path, Bytes::new()).await.expect_err(path);
        assert!(
            matches!(error, TransportError::Unsendable(_)),
            "{path}: {error}"
        );
        assert!(!error.may_have_arrived());
    }
    let (status, _) = client.post("/who", Bytes::new()).await.expect("an answer");
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_server_that_comes_back_is_dialled_anew() {
    let mut nation = Nation::starts();
    let client = nation.called_by(PROVINCE);
    client.post("/who", Bytes::new()).await.expect("an answer");
    let address = nation.address.to_string();
    nation.stops();
    let error = loop {
        // Until the last of its threads has let go of the port.
        match client.post("/who", Bytes::new()).await {
            Err(error) if !error.may_have_arrived() => break error,
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };
    assert!(matches!(error, TransportError::Unreachable(_)), "{error}");
    let minute = Duration::from_secs(60);
    let again = Nation::starts_at(&address, minute, minute);
    let (_, body) = client.post("/who", Bytes::new()).await.expect("an answer");
    assert_eq!(body, "91");
    assert_eq!(again.connections(), 1);
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_an_unknown_outcome() {
    let nation = Nation::starts();
    let mut client = nation.called_by(PROVINCE);
    client.answer = Duration::from_millis(500);
    for path in ["/fails", "/thinks", "/endless"] {
        let error = client.post(path, Bytes::new()).await.expect_err(path);
        assert!(error.may_have_arrived(), "{path}: {error}");
        client.post("/who", Bytes::new()).await.expect("an answer");
    }
}

/// A server that stops while it works on a request has had it.
#[tokio::test]
async fn a_server_that_stops_at_work_leaves_an_unknown_outcome() {
    let mut nation = Nation::starts();
    let client = Arc::new(nation.called_by(PROVINCE));
    client.post("/who", Bytes::new()).await.expect("an answer");
    let calling = Arc::clone(&client);
    let call = tokio::spawn(async move { calling.post("/thinks", Bytes::new()).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    nation.stops();
    let error = call
        .await
        .expect("no panic")
        .expect_err("the server is gone");
    assert!(error.may_have_arrived(), "{error}");
}

#[tokio::test]
async fn a_caller_that_loses_patience_breaks_nothing() {
    let nation = Nation::starts();
    let client = nation.called_by(PROVINCE);
    let thinks = client.post("/thinks", Bytes::new());
    let patience = tokio::time::timeout(Duration::from_millis(200), thinks).await;
    assert!(patience.is_err());
    let (_, body) = client.post("/who", Bytes::new()).await.expect("an answer");
    assert_eq!(body, "91");
}

/// A line that a network broke without a word is dead for both; the next request finds another.
#[tokio::test]
async fn a_line_that_lies_still_is_hung_up() {
    let brief = Duration::from_millis(600);
    let nation = Nation::starts_at("127.0.0.1:0", Duration::from_secs(5), brief);
    let client = nation.called_by(PROVINCE);
    for _ in 0..8 {
        client.post("/who", Bytes::new()).await.expect("an answer");
        tokio::time::sleep(brief / 6).await;
    }
    let lively = nation.connections();
    tokio::time::sleep(brief * 2).await;
    client.post("/who", Bytes::new()).await.expect("an answer");
    assert_eq!((lively, nation.connections()), (1, 2));
}

#[tokio::test]
async fn who_cannot_be_reached_has_read_nothing() {
    // Takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let address = silent.local_addr().expect("an address").to_string();
    let mut client =
        Client::new(address.clone(), &node(PROVINCE), node(NATION).public()).expect("a client");
    client.connect = Duration::from_millis(300);
    let error = client
        .post("/who", Bytes::new())
        .await
        .expect_err("silence");
    assert!(matches!(error, TransportError::Unreachable(_)), "{error}");
    drop(silent);
    let error = client.post("/who", Bytes::new()).await.expect_err("nobody");
    assert!(matches!(error, TransportError::Unreachable(_)), "{error}");
    assert!(!error.may_have_arrived());
}

#[tokio::test]
async fn a_server_without_tls_is_not_spoken_to() {
    let tcp = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let address = tcp.local_addr().expect("an address").to_string();
    let server = tokio::spawn(async move {
        let (mut tcp, _) = tcp.accept().await.expect("a call");
        let mut heard = [0; 4096];
        let length = tcp.read(&mut heard).await.expect("a greeting");
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n91";
        tcp.write_all(answer).await.expect("sent");
        heard[..length].to_vec()
    });
    let client = Client::new(address, &node(PROVINCE), node(NATION).public()).expect("a client");
    let secret = Bytes::from("what nobody else shall read");
    let error = client.post("/who", secret).await.expect_err("a web server");
    assert!(matches!(error, TransportError::WrongServer(_)), "{error:?}");
    let heard = server.await.expect("no panic");
    assert!(!heard.windows(6).any(|part| part == b"nobody"));
}
