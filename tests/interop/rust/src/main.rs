//! The rust-libp2p peer of the interoperability tests; the contract is in ../README.md.

mod node;
mod scenarios;
mod streams;

use std::io::Write;
use std::process::exit;
use std::time::{Duration, Instant};

use libp2p::Multiaddr;
use node::{Fallible, Node};
use serde_json::{json, Value};
use tokio::io::AsyncReadExt;
use tokio::signal::unix::{signal, SignalKind};
use tokio::time::{sleep, timeout};

const EXIT_FINE: i32 = 0;
const EXIT_FAILED: i32 = 1;
const EXIT_USAGE: i32 = 2;

const SCENARIOS: [&str; 13] = [
    "ping",
    "identify",
    "push",
    "echo",
    "upload",
    "download",
    "half-close",
    "reset",
    "sequential",
    "parallel",
    "idle",
    "wrong-id",
    "plain-muxer",
];

async fn serve(listen: Multiaddr) -> Fallible<()> {
    let node = Node::start(Duration::from_secs(15))?;
    node.listen(listen);
    let address = loop {
        sleep(Duration::from_millis(1)).await;
        let seen = node.seen();
        if let Some(error) = &seen.error {
            return Err(error.clone().into());
        }
        if let Some(address) = seen.listen.first() {
            break address.clone();
        }
    };
    println!("ADDR {address}/p2p/{}", node.id);

    let mut terminate = signal(SignalKind::terminate())?;
    let input_ends = async {
        let mut input = tokio::io::stdin();
        while matches!(input.read(&mut [0; 256]).await, Ok(1..)) {}
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = input_ends => {}
    }
    Ok(())
}

async fn dial(address: Multiaddr, name: &str, arg: &str) -> bool {
    let seconds = match name {
        "upload" | "download" => 120,
        "idle" => arg.parse().unwrap_or(0) + 30,
        _ => 30,
    };
    let start = Instant::now();
    let outcome = match timeout(
        Duration::from_secs(seconds),
        scenarios::run(address, name, arg),
    )
    .await
    {
        Ok(outcome) => outcome,
        Err(_) => Err(format!("not done after {seconds} s").into()),
    };
    let millis = (start.elapsed().as_secs_f64() * 1e5).round() / 100.0;
    let mut report = json!({ "scenario": name, "ok": outcome.is_ok(), "detail": "" });
    report["millis"] = json!(millis);
    match &outcome {
        Ok(Value::Object(extra)) => {
            for (key, value) in extra {
                report[key] = value.clone();
            }
        }
        Ok(_) => {}
        Err(error) => report["detail"] = json!(error.to_string()),
    }
    println!("{report}");
    outcome.is_ok()
}

fn usage() -> ! {
    eprintln!(
        "usage: peer serve [--listen MULTIADDR] [--plain-muxer] | peer dial ADDR SCENARIO [ARG]"
    );
    exit(EXIT_USAGE)
}

fn parsed(text: &str) -> Multiaddr {
    text.parse().unwrap_or_else(|_| usage())
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let fine = match words[..] {
        ["serve", ref options @ ..] => {
            let mut listen = "/ip4/127.0.0.1/tcp/0";
            let mut options = options.iter();
            while let Some(option) = options.next() {
                match *option {
                    "--plain-muxer" => {} // nothing to switch off: it is always plain
                    "--listen" => listen = options.next().copied().unwrap_or_else(|| usage()),
                    _ => usage(),
                }
            }
            match serve(parsed(listen)).await {
                Ok(()) => true,
                Err(error) => {
                    eprintln!("{error}");
                    false
                }
            }
        }
        ["dial", address, name, ref rest @ ..] if SCENARIOS.contains(&name) && rest.len() < 2 => {
            dial(parsed(address), name, rest.first().copied().unwrap_or("")).await
        }
        _ => usage(),
    };
    let _ = std::io::stdout().flush();
    exit(if fine { EXIT_FINE } else { EXIT_FAILED }) // without waiting for the read of stdin
}
