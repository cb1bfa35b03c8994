//! The people of a house: a browser with its cookies and the hidden token of its last page.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicU32, Ordering},
};

use ureq::{Agent, RequestBuilder, http};

/// The header by which a browser of the tests says where it comes from; only a house reads it.
pub const FROM: &str = "x-comes-from";

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
    pub bytes: Vec<u8>,
    headers: http::HeaderMap,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|v| v.to_str().ok());
        value.unwrap_or_default()
    }

    /// What stands between two marks, for the first time.
    pub fn between(&self, before: &str, after: &str) -> Option<&str> {
        let (_, rest) = self.text.split_once(before)?;
        Some(rest.split_once(after)?.0)
    }
}

pub struct Browser {
    agent: Agent,
    address: SocketAddr,
    pub token: Option<String>,
    key: Option<String>,
    wanders: bool,
}

impl Browser {
    pub fn new(address: SocketAddr) -> Self {
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .into();
        Self {
            agent,
            address,
            token: None,
            key: None,
            wanders: false,
        }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        let asked = self.agent.get(format!("http://{}{path}", self.address));
        let sent = self.with_key(asked).call();
        self.look(sent)
    }

    /// Becomes the browser with that session.
    pub fn take(&mut self, session: &str) {
        let uri: http::Uri = format!("http://{}/", self.address).parse().expect("a URI");
        let cookie = ureq::Cookie::parse(format!("kecha={session}; Path=/"), &uri);
        let mut jar = self.agent.cookie_jar_lock();
        jar.insert(cookie.expect("a cookie"), &uri).expect("kept");
        jar.release();
    }

    /// Comes from another address with each call: what counts calls by address counts one of each.
    pub fn wanders(mut self) -> Self {
        self.wanders = true;
        self
    }

    fn from(&self) -> Option<String> {
        static CALLS: AtomicU32 = AtomicU32::new(0);
        let call = self.wanders.then(|| CALLS.fetch_add(1, Ordering::Relaxed));
        let first = u32::from(Ipv4Addr::new(10, 0, 0, 1));
        call.map(|call| Ipv4Addr::from(first + call).to_string())
    }

    fn with_key<B>(&self, asked: RequestBuilder<B>) -> RequestBuilder<B> {
        let asked = match self.from() {
            Some(from) => asked.header(FROM, from),
            None => asked,
        };
        match &self.key {
            Some(key) => asked.header("authorization", key),
            None => asked,
        }
    }

    /// The key that it shows; none is none.
    pub fn key(&self) -> &str {
        let key = self
            .key
            .as_deref()
            .and_then(|key| key.strip_prefix("Bearer "));
        key.unwrap_or("none")
    }

    /// Shows a program's key with everything from now on.
    pub fn shows(&mut self, key: &str) {
        self.key = Some(format!("Bearer {key}"));
    }

    /// Sends a form with the hidden token of the last page.
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.token.clone();
        self.post_with(path, fields, token.as_deref())
    }

    /// Sends a form with this token, or with none.
    pub fn post_with(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        token: Option<&str>,
    ) -> Answer {
        let token = token.map(|token| ("token", token));
        let fields: Vec<_> = token.into_iter().chain(fields.iter().copied()).collect();
        let asked = self.agent.post(format!("http://{}{path}", self.address));
        let sent = self.with_key(asked).send_form(fields);
        self.look(sent)
    }

    /// A program's question, with its key.
    pub fn asks_by_key(&mut self, key: &str, body: &serde_json::Value) -> Answer {
        let sent = self
            .agent
            .post(format!("http://{}/api/v1/query", self.address))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json")
            .header("accept-language", "en")
            .send(body.to_string());
        self.look(sent)
    }

    /// What a program of an office calls: with its key, the name of the call and its body.
    pub fn calls(
        &mut self,
        method: &str,
        path: &str,
        key: &str,
        name: Option<&str>,
        body: Option<&str>,
    ) -> Answer {
        self.calls_with(method, path, key, name, body, &[])
    }

    /// The same with more headers.
    pub fn calls_with(
        &mut self,
        method: &str,
        path: &str,
        key: &str,
        name: Option<&str>,
        body: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", "application/json");
        if let Some(name) = name {
            request = request.header("idempotency-key", name);
        }
        if let Some(from) = self.from() {
            request = request.header(FROM, from);
        }
        for (header, value) in headers {
            request = request.header(*header, *value);
        }
        let sent = match body {
            Some(body) => self
                .agent
                .run(request.body(body.to_owned()).expect("a call")),
            None => self.agent.run(request.body(()).expect("a call")),
        };
        self.look(sent)
    }

    /// Sends what a program sends.
    pub fn post_json(&mut self, path: &str, body: &serde_json::Value) -> Answer {
        let sent = self
            .agent
            .post(format!("http://{}{path}", self.address))
            .header("content-type", "application/json")
            .send(body.to_string());
        self.look(sent)
    }

    /// Sends a sheet with the hidden token of the last page.
    pub fn upload(&mut self, path: &str, sheet: &[u8]) -> Answer {
        self.upload_form("sheet", path, &[], sheet)
    }

    /// Sends a file under the name of its field.
    pub fn upload_as(&mut self, field: &str, path: &str, sheet: &[u8]) -> Answer {
        self.upload_form(field, path, &[], sheet)
    }

    /// Sends a sheet with more fields.
    pub fn upload_with(&mut self, path: &str, more: &[(&str, &str)], sheet: &[u8]) -> Answer {
        self.upload_form("sheet", path, more, sheet)
    }

    fn upload_form(
        &mut self,
        field: &str,
        path: &str,
        more: &[(&str, &str)],
        sheet: &[u8],
    ) -> Answer {
        let part = "--a-part\r\nContent-Disposition: form-data; name=";
        let token = self.token.clone().unwrap_or_default();
        let mut head = format!("{part}\"token\"\r\n\r\n{token}\r\n");
        for (name, value) in more {
            head.push_str(&format!("{part}\"{name}\"\r\n\r\n{value}\r\n"));
        }
        let file = format!("{part}\"{field}\"; filename=\"a.csv\"\r\n\r\n");
        let body = [
            head.as_bytes(),
            file.as_bytes(),
            sheet,
            b"\r\n--a-part--\r\n",
        ]
        .concat();
        let sent = self
            .agent
            .post(format!("http://{}{path}", self.address))
            .header("content-type", "multipart/form-data; boundary=a-part")
            .send(&body[..]);
        self.look(sent)
    }

    /// Sends parts of a form, files among them, with the hidden token of the last page.
    pub fn send_parts(&mut self, path: &str, parts: &[(&str, &[u8])]) -> Answer {
        let part = "--a-part\r\nContent-Disposition: form-data; name=";
        let token = self.token.clone().unwrap_or_default();
        let mut body = format!("{part}\"token\"\r\n\r\n{token}\r\n").into_bytes();
        for (name, bytes) in parts {
            body.extend_from_slice(format!("{part}\"{name}\"\r\n\r\n").as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--a-part--\r\n");
        let asked = self.agent.post(format!("http://{}{path}", self.address));
        let sent = self
            .with_key(asked)
            .header("content-type", "multipart/form-data; boundary=a-part")
            .send(&body[..]);
        self.look(sent)
    }

    fn look(&mut self, sent: Result<http::Response<ureq::Body>, ureq::Error>) -> Answer {
        let mut response = sent.expect("the server answers");
        let bytes = response.body_mut().read_to_vec().expect("a body");
        let answer = Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes,
        };
        let token = answer.between("name=\"token\" value=\"", "\"");
        self.token = token.map(str::to_owned).or(self.token.take());
        answer
    }
}
