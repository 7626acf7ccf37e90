//! A few lines of HTTP/1.1, so that what is tested is what stands on the wire.

use std::{fmt::Write as _, net::SocketAddr, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// No call of a test takes longer.
const LONGEST: Duration = Duration::from_secs(40);

pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answered {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The stable word of a refusal.
    pub(crate) fn code(&self) -> String {
        let value: Value = self.json();
        value["code"].as_str().unwrap_or_default().to_owned()
    }
}

pub(crate) async fn get(server: SocketAddr, path: &str) -> Answered {
    call(server, "GET", path, None, None).await
}

pub(crate) async fn post(
    server: SocketAddr,
    path: &str,
    token: &str,
    body: &impl Serialize,
) -> Answered {
    let body = serde_json::to_string(body).unwrap();
    call(server, "POST", path, Some(token), Some(&body)).await
}

pub(crate) async fn call(
    server: SocketAddr,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<&str>,
) -> Answered {
    exchange(server, request(server, method, path, token, body)).await
}

/// A call with headers as they are given, beside the name of the server.
pub(crate) async fn call_with(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &str,
) -> Answered {
    let host = format!("Host: {server}");
    let headers: Vec<&str> = headers.iter().copied().chain([host.as_str()]).collect();
    call_as(server, method, path, &headers, body).await
}

/// A call with all headers as they are given.
pub(crate) async fn call_as(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &str,
) -> Answered {
    let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    for line in headers {
        text.push_str(line);
        text.push_str("\r\n");
    }
    let _ = write!(text, "Content-Length: {}\r\n\r\n{body}", body.len());
    exchange(server, text).await
}

async fn exchange(server: SocketAddr, text: String) -> Answered {
    let exchange = async {
        let mut stream = TcpStream::connect(server).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    let answer = timeout(LONGEST, exchange).await.expect("an answer in time");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    let status = head.split(' ').nth(1).expect("a status").parse().unwrap();
    Answered {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// Opens a stream of events, and gives what comes after the head, as it comes.
pub(crate) async fn open(server: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let text = request(server, "GET", path, None, None);
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// Reads until a text has come, within a time.
pub(crate) async fn read_until(stream: &mut TcpStream, wanted: &str, within: Duration) -> String {
    let mut read = String::new();
    let reading = async {
        let mut bytes = [0; 1024];
        while !read.contains(wanted) {
            let count = stream.read(&mut bytes).await.unwrap();
            assert_ne!(count, 0, "the stream ended after {read:?}");
            read.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    };
    assert!(
        timeout(within, reading).await.is_ok(),
        "{wanted:?} did not come"
    );
    read
}

fn request(
    server: SocketAddr,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<&str>,
) -> String {
    let body = body.unwrap_or_default();
    let credential = token.map_or_else(String::new, |token| {
        format!("Authorization: Bearer {token}\r\n")
    });
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n{credential}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
