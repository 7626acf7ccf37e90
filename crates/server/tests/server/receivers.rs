//! Those who are told how requests end: a server for e-mail and a receiver of calls, both on loopback.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

/// No message of a test takes longer.
const LONGEST: Duration = Duration::from_secs(30);

/// What has come, in its order.
pub(crate) struct Received<T>(mpsc::UnboundedReceiver<T>);

impl<T> Received<T> {
    pub(crate) async fn next(&mut self) -> T {
        let next = timeout(LONGEST, self.0.recv()).await;
        next.expect("a message in time").expect("a receiver")
    }

    pub(crate) fn is_empty(&mut self) -> bool {
        self.0.is_empty()
    }
}

/// A message by e-mail.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) from: String,
    pub(crate) to: String,
    /// Headers and text, as they came.
    pub(crate) data: String,
}

/// A call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        });
        found.unwrap_or_else(|| panic!("{name} is not in {}", self.head))
    }
}

/// Whether a receiver is in order, for whoever switches it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Up(Arc<AtomicBool>);

impl Up {
    pub(crate) fn set(&self, up: bool) {
        self.0.store(up, Ordering::SeqCst);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Takes e-mail; while it is not up, it hears a message and puts it off. `reject` is a mailbox that it has
/// not.
pub(crate) async fn mail_server(reject: &'static str) -> (SocketAddr, Up, Received<Mail>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = mpsc::unbounded_channel();
    let up = Up::default();
    let is_up = up.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let exchange = mail(stream, reject, &is_up, &sender);
            // Whoever breaks off is gone, and the next one comes.
            let _ = timeout(LONGEST, exchange).await;
        }
    });
    (address, up, Received(receiver))
}

async fn mail(
    stream: TcpStream,
    reject: &str,
    up: &Up,
    sender: &mpsc::UnboundedSender<Mail>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut mail = Mail {
        from: String::new(),
        to: String::new(),
        data: String::new(),
    };
    stream.write_all(b"220 mail.example.org\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end();
        let word = command.split(' ').next().unwrap_or_default();
        let answer = match word {
            "EHLO" => "250-mail.example.org\r\n250 8BITMIME",
            "MAIL" => {
                command.clone_into(&mut mail.from);
                "250 ok"
            }
            "RCPT" if !reject.is_empty() && command.contains(reject) => "550 no such mailbox",
            "RCPT" => {
                command.clone_into(&mut mail.to);
                "250 ok"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                loop {
                    line.clear();
                    if stream.read_line(&mut line).await? == 0 {
                        return Ok(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    mail.data.push_str(&line);
                }
                let heard = Mail {
                    from: mail.from.clone(),
                    to: mail.to.clone(),
                    data: std::mem::take(&mut mail.data),
                };
                let answer = if up.is_set() {
                    "250 taken"
                } else {
                    "451 not now"
                };
                stream.write_all(answer.as_bytes()).await?;
                stream.write_all(b"\r\n").await?;
                let _ = sender.send(heard);
                continue;
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 ok",
        };
        stream.write_all(answer.as_bytes()).await?;
        stream.write_all(b"\r\n").await?;
    }
}

/// Takes calls, and answers each with what `answer` says: a status line's rest and headers.
pub(crate) async fn call_receiver(
    answer: impl Fn() -> Option<String> + Send + Sync + 'static,
) -> (SocketAddr, Received<Call>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = mpsc::unbounded_channel();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (sender, answer) = (sender.clone(), Arc::clone(&answer));
            // Each by itself: one is perhaps never answered.
            tokio::spawn(async move { timeout(LONGEST, call(stream, &*answer, &sender)).await });
        }
    });
    (address, Received(receiver))
}

async fn call(
    stream: TcpStream,
    answer: &(impl Fn() -> Option<String> + Sync),
    sender: &mpsc::UnboundedSender<Call>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let mut call = Call {
        head,
        body: String::new(),
    };
    let mut body = vec![0; call.header("content-length").parse().unwrap()];
    stream.read_exact(&mut body).await?;
    call.body = String::from_utf8(body).unwrap();
    let answer = answer();
    let _ = sender.send(call);
    match answer {
        Some(answer) => {
            let answer = format!("HTTP/1.1 {answer}\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await
        }
        // It is heard and never answered.
        None => std::future::pending().await,
    }
}
