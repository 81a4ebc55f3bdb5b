package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	publishTime  = 2 * time.Second
	dialTime     = 5 * time.Second
	silence      = 15 * time.Second // after which a socket counts as dead
	writeTime    = 2 * time.Second
	earlyPause   = 250 * time.Millisecond // after 425
	longestPause = 500 * time.Millisecond
	firstProbe   = 3 * time.Second
	probePause   = 10 * time.Second
	sseLine      = 64 << 10
)

// client is a peer's link to one rendezvous server: WebSocket first, event stream and POST where
// the server or what is before it has no WebSockets.
type client struct {
	options
	base, id string
	heard    func(Presence)

	mutex  sync.Mutex
	queue  chan []byte // to the open socket; nil without one
	dialed chan struct{}
	once   sync.Once
}

func newClient(o options, base, id string, heard func(Presence)) *client {
	return &client{options: o, base: base, id: id, heard: heard, dialed: make(chan struct{})}
}

func freshIdentity() (crypto.PrivKey, string) {
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	check(err)
	id, err := peer.IDFromPrivateKey(key)
	check(err)
	return key, id.String()
}

func runClient(o options, base string) {
	_, id := freshIdentity()
	say("identity", map[string]any{"peerId": id})
	ctx, cancel := context.WithCancel(context.Background())
	c := newClient(o, base, id, func(Presence) {})
	over := make(chan struct{})
	go func() { c.run(ctx); close(over) }()
	stopped := untilStopped(func(string) {})
	c.beat(stopped)
	say("stopping", nil)
	c.publish("offline")
	time.Sleep(50 * time.Millisecond) // the queue is written by another goroutine
	cancel()
	<-over
}

// online once the first dial had its answer, then an update per heartbeat.
func (c *client) beat(stopped <-chan struct{}) {
	select {
	case <-c.dialed:
	case <-stopped:
		return
	}
	c.publish("online")
	ticks := time.NewTicker(c.heartbeat)
	defer ticks.Stop()
	for {
		select {
		case <-stopped:
			return
		case <-ticks.C:
			c.publish("update")
		}
	}
}

func (c *client) publish(kind string) {
	text := Presence{
		Type: kind, PeerID: c.id, Content: c.label, Email: c.email, VideoDisabled: true,
		Addrs: c.addresses, VerificationToken: c.token, PublicKey: c.publicKey,
		EncryptionSupported: c.publicKey != "", GoopClientVersion: "3.0.1", TS: nowMillis(),
	}.text()
	c.mutex.Lock()
	if c.queue != nil {
		select {
		case c.queue <- text:
			c.mutex.Unlock()
			say("published", map[string]any{"type": kind, "via": "ws"})
			return
		default:
		}
	}
	c.mutex.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), publishTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "POST", c.base+"/publish", bytes.NewReader(text))
	check(err)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		say("failed", map[string]any{"what": "publish", "error": err.Error()})
		return
	}
	answer.Body.Close()
	say("published", map[string]any{"type": kind, "via": "post", "status": answer.StatusCode})
}

func (c *client) wsURL(query url.Values) string {
	return "ws" + strings.TrimPrefix(c.base, "http") + "/ws?" + query.Encode()
}

// The socket if there is one; else the HTTP status of the refusal, 0 when nothing answered.
func (c *client) dial(ctx context.Context) (*websocket.Conn, int) {
	dialer := websocket.Dialer{HandshakeTimeout: dialTime}
	socket, answer, err := dialer.DialContext(ctx, c.wsURL(url.Values{"peer_id": {c.id}}), nil)
	status := 0
	if answer != nil {
		status = answer.StatusCode
	}
	if ctx.Err() == nil {
		say("ws", map[string]any{"status": status})
	}
	c.once.Do(func() { close(c.dialed) })
	if err != nil {
		return nil, status
	}
	return socket, status
}

func (c *client) run(ctx context.Context) {
	pause := earlyPause
	for ctx.Err() == nil {
		socket, status := c.dial(ctx)
		wait := pause
		switch {
		case socket != nil:
			c.talk(ctx, socket)
		case status == http.StatusTooEarly:
			wait = earlyPause
		case status != 0:
			c.stream(ctx)
			wait = 0
		default:
			pause = min(2*pause, longestPause)
		}
		sleep(ctx, wait)
	}
}

func (c *client) talk(ctx context.Context, socket *websocket.Conn) {
	queue := make(chan []byte, 64)
	c.mutex.Lock()
	c.queue = queue
	c.mutex.Unlock()
	extend := func() { socket.SetReadDeadline(time.Now().Add(silence)) }
	extend()
	socket.SetPingHandler(func(text string) error {
		extend()
		return socket.WriteControl(websocket.PongMessage, []byte(text), time.Now().Add(writeTime))
	})
	done := make(chan struct{})
	go func() {
		defer socket.Close()
		for {
			select {
			case text := <-queue:
				socket.SetWriteDeadline(time.Now().Add(writeTime))
				if socket.WriteMessage(websocket.TextMessage, text) != nil {
					return
				}
			case <-ctx.Done():
				return
			case <-done:
				return
			}
		}
	}()
	for {
		_, text, err := socket.ReadMessage()
		if err != nil {
			break
		}
		extend()
		c.hear("ws", text)
	}
	c.mutex.Lock()
	c.queue = nil
	c.mutex.Unlock()
	close(done)
	if ctx.Err() == nil {
		say("ws closed", nil)
	}
}

// The event stream, until a probe says that WebSockets work.
func (c *client) stream(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		sleep(ctx, firstProbe)
		for ctx.Err() == nil && !c.probe(ctx) {
			sleep(ctx, probePause)
		}
		cancel()
	}()
	pause := earlyPause
	for ctx.Err() == nil {
		c.readStream(ctx)
		sleep(ctx, pause)
		pause = longestPause
	}
}

func (c *client) readStream(ctx context.Context) {
	request, err := http.NewRequestWithContext(ctx, "GET", c.base+"/events", nil)
	check(err)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	say("sse", map[string]any{"status": answer.StatusCode})
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, sseLine)
	for lines.Scan() {
		if data, found := strings.CutPrefix(lines.Text(), "data:"); found {
			c.hear("sse", []byte(strings.TrimSpace(data)))
		}
	}
}

// Whether the server answers a probe as it should: 101, and a close frame.
func (c *client) probe(ctx context.Context) bool {
	dialer := websocket.Dialer{HandshakeTimeout: publishTime}
	socket, answer, err := dialer.DialContext(ctx, c.wsURL(url.Values{"probe": {"1"}}), nil)
	if err != nil {
		status := 0
		if answer != nil {
			status = answer.StatusCode
		}
		say("probe", map[string]any{"status": status})
		return false
	}
	defer socket.Close()
	socket.SetReadDeadline(time.Now().Add(publishTime))
	_, _, err = socket.ReadMessage()
	var closed *websocket.CloseError
	if errors.As(err, &closed) {
		say("probe", map[string]any{"status": 101, "code": closed.Code, "reason": closed.Text})
	}
	return true
}

func (c *client) hear(via string, text []byte) {
	message, err := readPresence(text)
	if err != nil {
		say("unreadable", map[string]any{"via": via, "raw": string(text), "error": err.Error()})
		return
	}
	if message.PeerID == c.id {
		say("echo", map[string]any{"via": via, "message": message, "raw": string(text)})
		return
	}
	say("heard", map[string]any{"via": via, "message": message, "raw": string(text)})
	c.heard(message)
}

func sleep(ctx context.Context, pause time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
}
