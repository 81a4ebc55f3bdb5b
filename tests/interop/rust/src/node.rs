//! The swarm in a task of its own, what it has seen, and the protocols of the contract.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{ConnectionId, NetworkBehaviour, Stream, StreamProtocol, SwarmEvent};
use libp2p::{identify, noise, ping, tcp, yamux, Multiaddr, PeerId, Swarm, SwarmBuilder};
use tokio::sync::{mpsc, oneshot};

use crate::streams;

pub type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

pub const ECHO: StreamProtocol = StreamProtocol::new("/echo/1.0.0");
pub const PERF: StreamProtocol = StreamProtocol::new("/perf/1.0.0");
pub const RESET: StreamProtocol = StreamProtocol::new("/reset/1.0.0");
pub const PROTOCOLS: StreamProtocol = StreamProtocol::new("/protocols/1.0.0");
pub const TOGGLE: StreamProtocol = StreamProtocol::new("/toggle/1.0.0");
pub const TOGGLED: StreamProtocol = StreamProtocol::new("/toggled/1.0.0");
pub const PUSH_CHECK: StreamProtocol = StreamProtocol::new("/push-check/1.0.0");

const CHUNK_BYTES: usize = 64 * 1024;

#[derive(NetworkBehaviour)]
struct Behaviour {
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    streams: streams::Behaviour,
}

enum Command {
    Listen(Multiaddr),
    Dial(PeerId, Multiaddr),
    Open(PeerId, StreamProtocol, streams::Reply),
    Offer(StreamProtocol),
    Disconnect(PeerId),
}

/// What the swarm's events have told so far.
#[derive(Default)]
pub struct Seen {
    pub listen: Vec<Multiaddr>,
    pub connections: HashMap<ConnectionId, PeerId>,
    pub identified: HashMap<PeerId, identify::Info>,
    pub pings: Vec<Duration>,
    pub error: Option<String>,
}

#[derive(Clone)]
pub struct Node {
    pub id: PeerId,
    seen: Arc<Mutex<Seen>>,
    commands: mpsc::UnboundedSender<Command>,
}

impl Node {
    pub fn start(ping_every: Duration) -> Fallible<Self> {
        let (inbound_sender, mut inbound) = mpsc::unbounded_channel();
        let swarm = SwarmBuilder::with_new_identity()
            .with_tokio()
            .with_tcp(
                tcp::Config::default().nodelay(true),
                noise::Config::new,
                yamux::Config::default,
            )?
            .with_behaviour(|key| Behaviour {
                // Without a signed record: rust-libp2p 0.56 can only send its old, own format.
                identify: identify::Behaviour::new(identify::Config::new(
                    "interop/1.0.0".into(),
                    key.public(),
                )),
                ping: ping::Behaviour::new(ping::Config::new().with_interval(ping_every)),
                streams: streams::Behaviour::new(
                    vec![ECHO, PERF, RESET, PROTOCOLS, TOGGLE],
                    inbound_sender,
                ),
            })?
            .with_swarm_config(|config| config.with_max_negotiating_inbound_streams(1024))
            .build();

        let (commands, orders) = mpsc::unbounded_channel();
        let node = Self {
            id: *swarm.local_peer_id(),
            seen: Default::default(),
            commands,
        };
        tokio::spawn(run(swarm, orders, node.seen.clone()));
        let server = node.clone();
        tokio::spawn(async move {
            while let Some(streams::Inbound {
                peer,
                protocol,
                stream,
            }) = inbound.recv().await
            {
                // A stream that is dropped before it was closed is reset.
                tokio::spawn(serve(server.clone(), peer, protocol, stream));
            }
        });
        Ok(node)
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    pub fn listen(&self, address: Multiaddr) {
        let _ = self.commands.send(Command::Listen(address));
    }

    pub fn dial(&self, peer: PeerId, address: Multiaddr) {
        let _ = self.commands.send(Command::Dial(peer, address));
    }

    pub fn offer(&self, protocol: StreamProtocol) {
        let _ = self.commands.send(Command::Offer(protocol));
    }

    pub fn disconnect(&self, peer: PeerId) {
        let _ = self.commands.send(Command::Disconnect(peer));
    }

    pub async fn open(&self, peer: PeerId, protocol: StreamProtocol) -> Fallible<Stream> {
        let (reply, answer) = oneshot::channel();
        let _ = self.commands.send(Command::Open(peer, protocol, reply));
        Ok(answer.await.map_err(|_| "not connected")??)
    }

    pub fn known_protocols(&self, peer: PeerId) -> Vec<String> {
        let seen = self.seen();
        let listed = seen
            .identified
            .get(&peer)
            .map(|info| info.protocols.as_slice());
        let mut ids: Vec<_> = listed
            .unwrap_or_default()
            .iter()
            .map(|id| id.to_string())
            .collect();
        ids.sort();
        ids
    }
}

async fn run(
    mut swarm: Swarm<Behaviour>,
    mut commands: mpsc::UnboundedReceiver<Command>,
    seen: Arc<Mutex<Seen>>,
) {
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(command) => obey(&mut swarm, command, &seen),
                None => return,
            },
            event = swarm.select_next_some() => note(event, &mut seen.lock().unwrap()),
        }
    }
}

fn obey(swarm: &mut Swarm<Behaviour>, command: Command, seen: &Mutex<Seen>) {
    let failed = match command {
        Command::Listen(address) => swarm.listen_on(address).err().map(|e| e.to_string()),
        Command::Dial(peer, address) => {
            let options = DialOpts::peer_id(peer).addresses(vec![address]).build();
            swarm.dial(options).err().map(|e| e.to_string())
        }
        Command::Open(peer, protocol, reply) => {
            swarm.behaviour_mut().streams.open(peer, protocol, reply);
            None
        }
        Command::Offer(protocol) => {
            // The push carries what the connection offers once its stream is negotiated, which is
            // after the new offer has reached it.
            let peers: Vec<_> = swarm.connected_peers().copied().collect();
            swarm.behaviour_mut().streams.offer_too(protocol);
            swarm.behaviour_mut().identify.push(peers);
            None
        }
        Command::Disconnect(peer) => {
            let _ = swarm.disconnect_peer_id(peer);
            None
        }
    };
    if failed.is_some() {
        seen.lock().unwrap().error = failed;
    }
}

fn note(event: SwarmEvent<BehaviourEvent>, seen: &mut Seen) {
    match event {
        SwarmEvent::NewListenAddr { address, .. } => seen.listen.push(address),
        SwarmEvent::ConnectionEstablished {
            connection_id,
            peer_id,
            ..
        } => {
            seen.connections.insert(connection_id, peer_id);
        }
        SwarmEvent::ConnectionClosed { connection_id, .. } => {
            seen.connections.remove(&connection_id);
        }
        SwarmEvent::OutgoingConnectionError { error, .. } => seen.error = Some(error.to_string()),
        SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received {
            peer_id,
            info,
            ..
        })) => {
            seen.identified.insert(peer_id, info);
        }
        SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event { result, .. })) => match result {
            Ok(round_trip) => seen.pings.push(round_trip),
            Err(error) => seen.error = Some(format!("ping: {error}")),
        },
        _ => {}
    }
}

async fn serve(
    node: Node,
    peer: PeerId,
    protocol: StreamProtocol,
    mut stream: Stream,
) -> io::Result<()> {
    match protocol.as_ref() {
        "/echo/1.0.0" => {
            let mut buffer = vec![0; CHUNK_BYTES];
            loop {
                let size = stream.read(&mut buffer).await?;
                if size == 0 {
                    break;
                }
                stream.write_all(&buffer[..size]).await?;
                stream.flush().await?;
            }
        }
        "/perf/1.0.0" => {
            let mut head = [0; 8];
            stream.read_exact(&mut head).await?;
            skip_to_end(&mut stream).await?;
            write_zeros(&mut stream, u64::from_be_bytes(head)).await?;
        }
        "/reset/1.0.0" => {
            stream.read_exact(&mut [0]).await?;
            return Ok(()); // dropping it resets it
        }
        "/protocols/1.0.0" => {
            let ids = node.known_protocols(peer);
            let text: String = ids.iter().map(|id| format!("{id}\n")).collect();
            stream.write_all(text.as_bytes()).await?;
        }
        "/toggle/1.0.0" => {
            node.offer(TOGGLED);
            stream.write_all(b"ok\n").await?;
        }
        _ => {}
    }
    stream.close().await
}

/// Reads and forgets everything; returns how much it was.
pub async fn skip_to_end(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<u64> {
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut total = 0;
    loop {
        match stream.read(&mut buffer).await? {
            0 => return Ok(total),
            size => total += size as u64,
        }
    }
}

pub async fn write_zeros(stream: &mut (impl AsyncWrite + Unpin), size: u64) -> io::Result<()> {
    let buffer = vec![0; CHUNK_BYTES];
    let mut left = size;
    while left > 0 {
        let part = left.min(CHUNK_BYTES as u64);
        stream.write_all(&buffer[..part as usize]).await?;
        left -= part;
    }
    stream.flush().await
}
