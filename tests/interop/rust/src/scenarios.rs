//! What the dialer does.

use std::future::Future;
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use futures::{AsyncReadExt, AsyncWriteExt};
use libp2p::core::PeerRecord;
use libp2p::identity::Keypair;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{ConnectionId, Stream, StreamProtocol};
use libp2p::{Multiaddr, PeerId};
use serde_json::{json, Value};
use tokio::time::{sleep, timeout};

use crate::node::{
    skip_to_end, write_zeros, Fallible, Node, ECHO, PERF, PROTOCOLS, PUSH_CHECK, RESET, TOGGLE,
    TOGGLED,
};

const PING: StreamProtocol = StreamProtocol::new("/ipfs/ping/1.0.0");
const SERVED: [&str; 8] = [
    "/ipfs/id/1.0.0",
    "/ipfs/id/push/1.0.0",
    "/ipfs/ping/1.0.0",
    "/perf/1.0.0",
    "/echo/1.0.0",
    "/reset/1.0.0",
    "/protocols/1.0.0",
    "/toggle/1.0.0",
];

/// Runs one scenario; what it returns is merged into the report.
pub async fn run(address: Multiaddr, name: &str, arg: &str) -> Fallible<Value> {
    let (peer, dialed) = split(&address)?;
    if name == "wrong-id" {
        return wrong_id(peer, dialed).await;
    }
    let own_pings = matches!(name, "ping" | "plain-muxer");
    let every = if own_pings {
        Duration::from_millis(10)
    } else {
        Duration::from_secs(15)
    };
    let session = Session::connect(peer, dialed, every).await?;
    let extra = match name {
        "ping" => session.pings().await?,
        "identify" => session.identify(arg).await?,
        "push" => session.push().await?,
        "echo" => session.echoes(&[1, 64 * 1024, 1 << 20]).await?,
        "upload" => session.perf(arg.parse()?, 0).await?,
        "download" => session.perf(0, arg.parse()?).await?,
        "half-close" => session.half_close(arg).await?,
        "reset" => session.reset().await?,
        "sequential" => session.sequential(arg.parse()?).await?,
        "parallel" => session.parallel(arg.parse()?).await?,
        "idle" => session.idle(arg.parse()?).await?,
        "plain-muxer" => {
            // This stack never offers a muxer in the Noise handshake.
            let extra = session.pings().await?;
            session.echoes(&[64 * 1024]).await?;
            extra
        }
        _ => return Err("unknown scenario".into()),
    };
    session.close().await?;
    Ok(extra)
}

fn split(address: &Multiaddr) -> Fallible<(PeerId, Multiaddr)> {
    let mut rest = address.clone();
    match rest.pop() {
        Some(Protocol::P2p(peer)) => Ok((peer, rest)),
        _ => Err("the address ends without a peer id".into()),
    }
}

struct Session {
    node: Node,
    peer: PeerId,
    dialed: Multiaddr,
    connection: ConnectionId,
}

impl Session {
    async fn connect(peer: PeerId, dialed: Multiaddr, ping_every: Duration) -> Fallible<Self> {
        let node = Node::start(ping_every)?;
        node.dial(peer, dialed.clone());
        loop {
            {
                let seen = node.seen();
                if let Some((id, _)) = seen.connections.iter().next() {
                    let connection = *id;
                    drop(seen);
                    return Ok(Self {
                        node,
                        peer,
                        dialed,
                        connection,
                    });
                }
                if let Some(error) = &seen.error {
                    return Err(error.clone().into());
                }
            }
            sleep(Duration::from_millis(1)).await;
        }
    }

    async fn close(&self) -> Fallible<()> {
        self.node.disconnect(self.peer);
        until(3, "the connection closes", || async {
            Ok(self.node.seen().connections.is_empty())
        })
        .await
    }

    async fn open(&self, protocol: StreamProtocol) -> Fallible<Stream> {
        self.node.open(self.peer, protocol).await
    }

    fn check_same(&self) -> Fallible<()> {
        let seen = self.node.seen();
        if seen.connections.len() != 1 || !seen.connections.contains_key(&self.connection) {
            return Err(format!(
                "not the same connection any more ({} open)",
                seen.connections.len()
            )
            .into());
        }
        Ok(())
    }

    /// Ten pings of the stack's own ping protocol.
    async fn pings(&self) -> Fallible<Value> {
        until(20, "ten pings", || async {
            let seen = self.node.seen();
            match &seen.error {
                Some(error) => Err(error.clone().into()),
                None => Ok(seen.pings.len() >= 10),
            }
        })
        .await?;
        let mut times = self.node.seen().pings[..10].to_vec();
        times.sort();
        Ok(json!({ "rtt_ms": round(times[5].as_secs_f64() * 1000.0) }))
    }

    async fn ping_once(&self) -> Fallible<()> {
        self.check_same()?;
        let mut stream = self.open(PING).await?;
        stream.write_all(&pattern(32)).await?;
        stream.flush().await?;
        expect(&mut stream, &pattern(32)).await?;
        Ok(stream.close().await?)
    }

    async fn echo(&self, size: usize) -> Fallible<()> {
        let data = pattern(size);
        let (mut reader, mut writer) = self.open(ECHO).await?.split();
        let write = async {
            writer.write_all(&data).await?;
            Fallible::Ok(writer.close().await?)
        };
        let read = async {
            let mut got = vec![0; size];
            reader.read_exact(&mut got).await?;
            check(got == data, "other bytes came back")?;
            check(
                reader.read(&mut [0]).await? == 0,
                "bytes after the expected end",
            )
        };
        futures::try_join!(write, read)?;
        Ok(())
    }

    async fn ask(&self, protocol: StreamProtocol) -> Fallible<String> {
        let mut stream = self.open(protocol).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        stream.close().await?;
        Ok(text)
    }

    async fn identify(&self, mode: &str) -> Fallible<Value> {
        until(5, "identify", || async {
            Ok(self.node.seen().identified.contains_key(&self.peer))
        })
        .await?;
        let info = self.node.seen().identified[&self.peer].clone();
        check(
            info.public_key.to_peer_id() == self.peer,
            "the key is not that of the dialed id",
        )?;
        check(!info.agent_version.is_empty(), "no agent version")?;
        for id in SERVED {
            check(
                info.protocols.iter().any(|p| p.as_ref() == id),
                format!("{id} is not listed"),
            )?;
        }
        let bare = |a: &Multiaddr| split(a).map(|(_, rest)| rest).unwrap_or(a.clone());
        check(
            info.listen_addrs.iter().any(|a| bare(a) == self.dialed),
            format!("the dialed address is not among {:?}", info.listen_addrs),
        )?;
        let observed = bare(&info.observed_addr);
        let parts: Vec<_> = observed.iter().collect();
        check(
            matches!(
                parts[..],
                [Protocol::Ip4(_) | Protocol::Ip6(_), Protocol::Tcp(_)]
            ),
            format!("observed address {}", info.observed_addr),
        )?;
        if mode != "no-record" {
            let envelope = info.signed_peer_record.ok_or("no signed peer record")?;
            let record = PeerRecord::from_signed_envelope_interop(envelope)?;
            check(
                record.peer_id() == self.peer,
                "the record is not the remote peer's own",
            )?;
            check(
                !record.addresses().is_empty(),
                "no address in the signed record",
            )?;
        }
        Ok(json!({ "agent": info.agent_version, "observed": info.observed_addr.to_string() }))
    }

    async fn push(&self) -> Fallible<Value> {
        let server_sees = |id: StreamProtocol| async move {
            Ok(self
                .ask(PROTOCOLS)
                .await?
                .lines()
                .any(|line| line == id.as_ref()))
        };
        until(5, "the server identifies us", || server_sees(ECHO)).await?;
        check(
            !server_sees(PUSH_CHECK).await?,
            "the new protocol is known before it exists",
        )?;
        self.node.offer(PUSH_CHECK);
        until(10, "the server learns our new protocol", || {
            server_sees(PUSH_CHECK)
        })
        .await?;

        let we_see = || async {
            Ok(self
                .node
                .known_protocols(self.peer)
                .iter()
                .any(|id| id == TOGGLED.as_ref()))
        };
        check(
            !we_see().await?,
            "the server has toggled already: not a fresh one?",
        )?;
        check(
            self.ask(TOGGLE).await? == "ok\n",
            "the toggle did not answer ok",
        )?;
        until(10, "we learn the new protocol of the server", we_see).await?;
        Ok(json!({}))
    }

    async fn echoes(&self, sizes: &[usize]) -> Fallible<Value> {
        for size in sizes {
            self.echo(*size)
                .await
                .map_err(|e| format!("echo of {size} bytes: {e}"))?;
        }
        Ok(json!({}))
    }

    async fn perf(&self, upload: u64, download: u64) -> Fallible<Value> {
        let start = Instant::now();
        let mut stream = self.open(PERF).await?;
        stream.write_all(&download.to_be_bytes()).await?;
        write_zeros(&mut stream, upload).await?;
        stream.close().await?;
        let got = skip_to_end(&mut stream).await?;
        check(got == download, format!("{got} of {download} bytes came"))?;
        let megabytes = (upload + download) as f64 / 1e6;
        Ok(json!({ "mb_per_s": round(megabytes / start.elapsed().as_secs_f64()) }))
    }

    async fn half_close(&self, protocol: &str) -> Fallible<Value> {
        let protocol = match protocol {
            "" => ECHO,
            given => StreamProtocol::try_from_owned(given.to_string())?,
        };
        for size in [5, 128 * 1024] {
            let mut stream = self.open(protocol.clone()).await?;
            stream.write_all(&pattern(size)).await?;
            stream.close().await?;
            expect(&mut stream, &pattern(size)).await?;
            check(
                stream.read(&mut [0]).await? == 0,
                "bytes after the expected end",
            )?;
        }
        Ok(json!({}))
    }

    async fn reset(&self) -> Fallible<Value> {
        let mut first = self.open(RESET).await?;
        first.write_all(&[1]).await?;
        first.flush().await?;
        match timeout(Duration::from_secs(5), first.read(&mut [0])).await? {
            // rust-yamux shows a reset as an end, but refuses to write after it
            Ok(0) => check(first.write(&[1]).await.is_err(), "an end, but no reset")?,
            Ok(_) => return Err("bytes instead of a reset".into()),
            Err(_) => {}
        }

        let mut second = self.open(ECHO).await?;
        second.write_all(&[1]).await?;
        second.flush().await?;
        expect(&mut second, &[1]).await?;
        drop(second); // resets it, since it was not closed
        self.ping_once().await?;
        self.echo(1).await?;
        Ok(json!({}))
    }

    async fn sequential(&self, count: usize) -> Fallible<Value> {
        let start = Instant::now();
        for i in 0..count {
            self.echo(16)
                .await
                .map_err(|e| format!("stream {i}: {e}"))?;
        }
        Ok(json!({ "per_second": round(count as f64 / start.elapsed().as_secs_f64()) }))
    }

    async fn parallel(&self, count: usize) -> Fallible<Value> {
        let data = pattern(1024);
        let streams = try_join_all((0..count).map(|_| async {
            let mut stream = self.open(ECHO).await?;
            stream.write_all(&data).await?;
            stream.flush().await?;
            expect(&mut stream, &data).await?;
            Fallible::Ok(stream)
        }))
        .await?;
        try_join_all(streams.into_iter().map(|mut stream| async move {
            stream.close().await?;
            check(
                stream.read(&mut [0]).await? == 0,
                "bytes after the expected end",
            )
        }))
        .await?;
        Ok(json!({}))
    }

    async fn idle(&self, seconds: u64) -> Fallible<Value> {
        self.ping_once().await?;
        sleep(Duration::from_secs(seconds)).await;
        self.ping_once().await?;
        Ok(json!({}))
    }
}

async fn wrong_id(right: PeerId, dialed: Multiaddr) -> Fallible<Value> {
    let node = Node::start(Duration::from_secs(15))?;
    let other = Keypair::generate_ed25519().public().to_peer_id();
    check(other != right, "the made-up id is the right one")?;
    node.dial(other, dialed);
    until(10, "an error of the dial", || async {
        Ok(node.seen().error.is_some())
    })
    .await?;
    sleep(Duration::from_millis(100)).await;
    let seen = node.seen();
    check(seen.connections.is_empty(), "a connection is left")?;
    Ok(json!({ "detail": seen.error }))
}

async fn expect(stream: &mut Stream, data: &[u8]) -> Fallible<()> {
    let mut got = vec![0; data.len()];
    stream.read_exact(&mut got).await?;
    check(got == data, "other bytes came back")
}

async fn until<F, Fut>(seconds: u64, what: &str, condition: F) -> Fallible<()>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Fallible<bool>>,
{
    let end = Instant::now() + Duration::from_secs(seconds);
    while !condition().await? {
        check(
            Instant::now() < end,
            format!("{what}: not within {seconds} s"),
        )?;
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

fn check(condition: bool, text: impl Into<String>) -> Fallible<()> {
    if condition {
        Ok(())
    } else {
        Err(text.into().into())
    }
}

fn pattern(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i * 31 + 7) as u8).collect()
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
