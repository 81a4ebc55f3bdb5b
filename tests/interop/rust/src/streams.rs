//! A behaviour that opens and accepts streams of any protocol.
//!
//! libp2p-stream would do, were it not that it drops inbound streams that come faster than they are
//! taken, as a hundred at once do.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{ready, Ready};
use std::task::{Context, Poll};

use libp2p::core::transport::PortUse;
use libp2p::core::{Endpoint, InboundUpgrade, OutboundUpgrade, UpgradeInfo};
use libp2p::swarm::handler::{
    ConnectionEvent, DialUpgradeError, FullyNegotiatedInbound, FullyNegotiatedOutbound,
};
use libp2p::swarm::{
    ConnectionDenied, ConnectionHandler, ConnectionHandlerEvent, ConnectionId, FromSwarm,
    NetworkBehaviour, NotifyHandler, Stream, StreamProtocol, SubstreamProtocol, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};
use libp2p::{Multiaddr, PeerId};
use tokio::sync::{mpsc, oneshot};

/// Where a stream goes once it is negotiated, or why it could not be.
pub type Reply = oneshot::Sender<Result<Stream, String>>;

pub struct Inbound {
    pub peer: PeerId,
    pub protocol: StreamProtocol,
    pub stream: Stream,
}

#[derive(Debug)]
pub enum Order {
    Open(StreamProtocol, Reply),
    Offer(Vec<StreamProtocol>),
}

pub struct Behaviour {
    offered: Vec<StreamProtocol>,
    connections: Vec<(PeerId, ConnectionId)>,
    orders: VecDeque<(PeerId, NotifyHandler, Order)>,
    inbound: mpsc::UnboundedSender<Inbound>,
}

impl Behaviour {
    pub fn new(offered: Vec<StreamProtocol>, inbound: mpsc::UnboundedSender<Inbound>) -> Self {
        Self {
            offered,
            connections: Vec::new(),
            orders: VecDeque::new(),
            inbound,
        }
    }

    /// Without a connection to the peer the reply is dropped.
    pub fn open(&mut self, peer: PeerId, protocol: StreamProtocol, reply: Reply) {
        self.orders
            .push_back((peer, NotifyHandler::Any, Order::Open(protocol, reply)));
    }

    pub fn offer_too(&mut self, protocol: StreamProtocol) {
        if self.offered.contains(&protocol) {
            return;
        }
        self.offered.push(protocol);
        for (peer, connection) in &self.connections {
            let order = Order::Offer(self.offered.clone());
            self.orders
                .push_back((*peer, NotifyHandler::One(*connection), order));
        }
    }

    fn handler(&self, peer: PeerId) -> Handler {
        Handler {
            peer,
            offered: self.offered.clone(),
            wanted: VecDeque::new(),
            inbound: self.inbound.clone(),
        }
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Infallible;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(self.handler(peer))
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<Handler, ConnectionDenied> {
        Ok(self.handler(peer))
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionEstablished(made) => {
                self.connections.push((made.peer_id, made.connection_id))
            }
            FromSwarm::ConnectionClosed(gone) => {
                self.connections.retain(|(_, id)| *id != gone.connection_id)
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        match self.orders.pop_front() {
            Some((peer_id, handler, event)) => Poll::Ready(ToSwarm::NotifyHandler {
                peer_id,
                handler,
                event,
            }),
            None => Poll::Pending, // the node's loop polls again after each command
        }
    }
}

pub struct Handler {
    peer: PeerId,
    offered: Vec<StreamProtocol>,
    wanted: VecDeque<(StreamProtocol, Reply)>,
    inbound: mpsc::UnboundedSender<Inbound>,
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Order;
    type ToBehaviour = Infallible;
    type InboundProtocol = AnyOf;
    type OutboundProtocol = AnyOf;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Reply;

    fn listen_protocol(&self) -> SubstreamProtocol<AnyOf, ()> {
        SubstreamProtocol::new(AnyOf(self.offered.clone()), ())
    }

    fn connection_keep_alive(&self) -> bool {
        true
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<AnyOf, Reply, Infallible>> {
        match self.wanted.pop_front() {
            Some((protocol, reply)) => {
                let protocol = SubstreamProtocol::new(AnyOf(vec![protocol]), reply);
                Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol })
            }
            None => Poll::Pending,
        }
    }

    fn on_behaviour_event(&mut self, order: Order) {
        match order {
            Order::Open(protocol, reply) => self.wanted.push_back((protocol, reply)),
            Order::Offer(offered) => self.offered = offered,
        }
    }

    fn on_connection_event(&mut self, event: ConnectionEvent<'_, AnyOf, AnyOf, (), Reply>) {
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (stream, protocol),
                ..
            }) => {
                let _ = self.inbound.send(Inbound {
                    peer: self.peer,
                    protocol,
                    stream,
                });
            }
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: (stream, _),
                info: reply,
            }) => {
                let _ = reply.send(Ok(stream));
            }
            ConnectionEvent::DialUpgradeError(DialUpgradeError { info: reply, error }) => {
                let _ = reply.send(Err(error.to_string()));
            }
            _ => {}
        }
    }
}

/// Agrees on one of the protocols and hands over the bare stream.
pub struct AnyOf(Vec<StreamProtocol>);

impl UpgradeInfo for AnyOf {
    type Info = StreamProtocol;
    type InfoIter = std::vec::IntoIter<StreamProtocol>;

    fn protocol_info(&self) -> Self::InfoIter {
        self.0.clone().into_iter()
    }
}

impl InboundUpgrade<Stream> for AnyOf {
    type Output = (Stream, StreamProtocol);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, protocol: StreamProtocol) -> Self::Future {
        ready(Ok((stream, protocol)))
    }
}

impl OutboundUpgrade<Stream> for AnyOf {
    type Output = (Stream, StreamProtocol);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_outbound(self, stream: Stream, protocol: StreamProtocol) -> Self::Future {
        ready(Ok((stream, protocol)))
    }
}
