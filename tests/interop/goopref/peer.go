package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/multiformats/go-multiaddr"
)

const (
	serviceName     = "goop-mdns"
	topicName       = "goop.presence.v1"
	contentProtocol = "/goop/content/1.0.0"
	siteProtocol    = "/goop/site/1.0.0"
	foundTime       = 3 * time.Second
	probeTime       = 2 * time.Second
	fetchTime       = 10 * time.Second
	fileCap         = 50 << 20
)

// node is a peer of the reference program as other peers see it: mDNS, presence over gossip, its
// label and its site.
type node struct {
	options
	host  host.Host
	topic *pubsub.Topic
	mutex sync.Mutex
	known map[peer.ID]bool
}

func runPeer(o options) {
	key, _ := freshIdentity()
	listen := o.listen
	if listen == "" {
		listen = "/ip4/0.0.0.0/tcp/0"
	}
	h, err := libp2p.New(libp2p.Identity(key), libp2p.ListenAddrStrings(listen),
		libp2p.Transport(tcp.NewTCPTransport), libp2p.DisableRelay(),
		libp2p.ResourceManager(&network.NullResourceManager{}))
	check(err)
	defer h.Close()
	n := &node{options: o, host: h, known: map[peer.ID]bool{}}
	h.SetStreamHandler(contentProtocol, func(stream network.Stream) {
		fmt.Fprintf(stream, "%s\n", n.label)
		stream.Close()
	})
	h.SetStreamHandler(siteProtocol, n.serveSite)
	ctx := context.Background()
	gossip, err := pubsub.NewGossipSub(ctx, h)
	check(err)
	n.topic, err = gossip.Join(topicName)
	check(err)
	subscription, err := n.topic.Subscribe()
	check(err)
	go n.listenTo(ctx, subscription)
	check(mdns.NewMdnsService(h, serviceName, n).Start())
	for _, address := range h.Addrs() {
		say("address", map[string]any{"address": address.String() + "/p2p/" + h.ID().String()})
	}
	say("identity", map[string]any{"peerId": h.ID().String()})

	n.publish(ctx, "online")
	stopped := untilStopped(func(line string) { n.command(ctx, line) })
	ticks := time.NewTicker(n.heartbeat)
	for {
		select {
		case <-ticks.C:
			n.publish(ctx, "update")
			continue
		case <-stopped:
		}
		break
	}
	say("stopping", nil)
	n.publish(ctx, "offline")
	time.Sleep(100 * time.Millisecond) // the reference program does not wait for it either
}

// "dial MULTIADDR": where multicast does not reach.
func (n *node) command(ctx context.Context, line string) {
	address, found := strings.CutPrefix(line, "dial ")
	if !found {
		return
	}
	info, err := peer.AddrInfoFromString(address)
	check(err)
	n.connect(ctx, *info, fetchTime)
}

func (n *node) HandlePeerFound(found peer.AddrInfo) {
	if found.ID == n.host.ID() {
		return
	}
	say("found", map[string]any{"peerId": found.ID.String()})
	n.connect(context.Background(), found, foundTime)
}

func (n *node) connect(ctx context.Context, to peer.AddrInfo, patience time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := n.host.Connect(ctx, to); err != nil {
		say("failed", map[string]any{"what": "connect", "error": err.Error()})
		return
	}
	say("connected", map[string]any{"peerId": to.ID.String()})
}

// Addresses that others can use: neither loopback nor link-local, unless there is nothing else.
func (n *node) addresses() []string {
	var all, useful []string
	for _, address := range n.host.Addrs() {
		text := address.String()
		all = append(all, text)
		if !strings.HasPrefix(text, "/ip4/127.") && !strings.HasPrefix(text, "/ip4/169.254.") {
			useful = append(useful, text)
		}
	}
	if useful == nil {
		return all
	}
	return useful
}

func (n *node) publish(ctx context.Context, kind string) {
	message := Presence{Type: kind, PeerID: n.host.ID().String(), TS: nowMillis()}
	if kind != "offline" {
		message.Content, message.Email, message.Addrs = n.label, n.email, n.addresses()
		message.GoopClientVersion = "3.0.1"
	}
	check(n.topic.Publish(ctx, message.text()))
}

func (n *node) listenTo(ctx context.Context, subscription *pubsub.Subscription) {
	for {
		message, err := subscription.Next(ctx)
		if err != nil {
			return
		}
		presence, err := readPresence(message.Data)
		if err != nil || presence.PeerID == n.host.ID().String() {
			continue
		}
		say("heard", map[string]any{"via": "gossip", "message": presence, "raw": string(message.Data)})
		if presence.Type == "online" || presence.Type == "update" {
			n.meet(ctx, presence)
		}
	}
}

// A peer that was not known is asked for its label and, where told to, for a file of its site.
func (n *node) meet(ctx context.Context, presence Presence) {
	id, err := peer.Decode(presence.PeerID)
	if err != nil {
		return
	}
	for _, text := range presence.Addrs {
		if address, err := multiaddr.NewMultiaddr(text); err == nil {
			n.host.Peerstore().AddAddr(id, address, peerstore.TempAddrTTL)
		}
	}
	n.mutex.Lock()
	known := n.known[id]
	n.known[id] = true
	n.mutex.Unlock()
	if known {
		return
	}
	go func() {
		label, err := n.content(ctx, id)
		n.report("content", id, map[string]any{"label": label}, err)
		if err == nil && n.fetch != "" {
			kind, bytes, err := n.fetchFile(ctx, id)
			n.report("fetched", id, map[string]any{"path": n.fetch, "mime": kind,
				"bytes": len(bytes), "text": string(bytes[:min(len(bytes), 4096)])}, err)
		}
	}()
}

func (n *node) report(event string, id peer.ID, fields map[string]any, err error) {
	fields["peerId"] = id.String()
	if err != nil {
		fields["error"] = err.Error()
	}
	say(event, fields)
}

func (n *node) open(ctx context.Context, id peer.ID, name string,
	patience time.Duration) (network.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	stream, err := n.host.NewStream(ctx, id, protocol.ID(name))
	if err == nil {
		stream.SetDeadline(time.Now().Add(patience))
	}
	return stream, err
}

func (n *node) content(ctx context.Context, id peer.ID) (string, error) {
	stream, err := n.open(ctx, id, contentProtocol, probeTime)
	if err != nil {
		return "", err
	}
	defer stream.Close()
	line, err := bufio.NewReader(stream).ReadString('\n')
	return strings.TrimSuffix(line, "\n"), err
}

func (n *node) fetchFile(ctx context.Context, id peer.ID) (string, []byte, error) {
	stream, err := n.open(ctx, id, siteProtocol, fetchTime)
	if err != nil {
		return "", nil, err
	}
	defer stream.Close()
	fmt.Fprintf(stream, "GET %s\n", n.fetch)
	reader := bufio.NewReader(stream)
	header, err := reader.ReadString('\n')
	if err != nil {
		return "", nil, err
	}
	kind, size, err := readHeader(strings.TrimSuffix(header, "\n"))
	if err != nil {
		return "", nil, err
	}
	bytes := make([]byte, size)
	_, err = io.ReadFull(reader, bytes)
	return kind, bytes, err
}

// OK <mime> <length>; the length is behind the last space.
func readHeader(line string) (string, int, error) {
	rest, found := strings.CutPrefix(line, "OK ")
	space := strings.LastIndexByte(rest, ' ')
	if !found || space < 0 {
		return "", 0, errors.New(line)
	}
	size, err := strconv.Atoi(rest[space+1:])
	if err == nil && (size < 0 || size > fileCap) {
		err = errors.New("too large")
	}
	return rest[:space], size, err
}

func (n *node) serveSite(stream network.Stream) {
	defer stream.Close()
	stream.SetDeadline(time.Now().Add(fetchTime))
	line, err := bufio.NewReader(io.LimitReader(stream, 8<<10)).ReadString('\n')
	if err != nil {
		return
	}
	words := strings.Fields(line)
	if len(words) != 2 || words[0] != "GET" {
		fmt.Fprint(stream, "ERR bad request\n")
		return
	}
	name := strings.TrimLeft(path.Clean("/"+words[1]), "/")
	if name == "" {
		name = "index.html"
	}
	if name == "lua" || strings.HasPrefix(name, "lua/") {
		fmt.Fprint(stream, "ERR forbidden\n")
		return
	}
	bytes, err := os.ReadFile(filepath.Join(n.site, filepath.FromSlash(name)))
	if n.site == "" || err != nil {
		fmt.Fprint(stream, "ERR not found\n")
		return
	}
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" {
		kind = http.DetectContentType(bytes)
	}
	fmt.Fprintf(stream, "OK %s %d\n", kind, len(bytes))
	stream.Write(bytes)
	say("served", map[string]any{"path": "/" + name, "to": stream.Conn().RemotePeer().String()})
}
