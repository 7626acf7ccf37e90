//! A collector of traces that keeps what it is sent.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How long what is awaited may take.
const LONGEST: Duration = Duration::from_mins(1);

const TICK: Duration = Duration::from_millis(20);

/// What one call brought: its path, its headers and its body.
type Call = (String, String, Vec<u8>);

pub(crate) struct Collector {
    pub(crate) url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Collector {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&calls);
        // It lives as long as the test.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                thread::spawn(move || answer(stream, &kept));
            }
        });
        Self { url, calls }
    }

    /// All that was sent so far, one after the other.
    pub(crate) fn sent(&self) -> Vec<u8> {
        let calls = self.calls.lock().unwrap();
        for (path, head, _) in calls.iter() {
            assert_eq!(path, "/v1/traces");
            let kind = "content-type: application/x-protobuf";
            assert!(head.to_lowercase().contains(kind), "{head}");
        }
        calls.iter().flat_map(|(_, _, body)| body.clone()).collect()
    }

    /// Waits until a text was sent.
    pub(crate) fn hears(&self, text: &[u8]) {
        let began = Instant::now();
        while !holds(&self.sent(), text) {
            let said = String::from_utf8_lossy(text).into_owned();
            assert!(began.elapsed() < LONGEST, "{said:?} was not sent");
            thread::sleep(TICK);
        }
    }
}

pub(crate) fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

/// Answers the calls of one connection.
fn answer(stream: TcpStream, kept: &Mutex<Vec<Call>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        loop {
            let mut line = String::new();
            match reader.read_line(&mut line) {
                Ok(read) if read > 2 => head.push_str(&line),
                Ok(2) => break,
                _ => return,
            }
        }
        let length = head
            .lines()
            .find_map(|line| {
                let (name, value) = line.split_once(':')?;
                let is_length = name.eq_ignore_ascii_case("content-length");
                is_length.then(|| value.trim().parse().unwrap())
            })
            .expect("a length");
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        kept.lock().unwrap().push((path, head, body));
        let ok =
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        if reader.get_mut().write_all(ok.as_bytes()).is_err() {
            return;
        }
    }
}
