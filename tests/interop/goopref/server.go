package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	silentAfter   = 30 * time.Second
	pruneEvery    = 5 * time.Second
	ssePing       = 25 * time.Second
	wsPing        = 5 * time.Second
	punchPause    = time.Minute
	publishWindow = time.Minute
	publishes     = 60
	streamQueue   = 64
	socketQueue   = 128
)

type row struct {
	Presence
	seen time.Time
}

// listener is an event stream, or the socket of a peer: its queue drops what does not fit.
type listener struct {
	peer  string
	queue chan []byte
	end   func()
}

type server struct {
	options
	mutex     sync.Mutex
	rows      map[string]row
	listeners map[*listener]bool
	sockets   map[string]*listener
	punched   map[string]time.Time
	published map[string][]time.Time
}

func runServer(o options, port string) {
	host := o.listen
	if host == "" {
		host = "127.0.0.1"
	}
	accepting, err := net.Listen("tcp", net.JoinHostPort(host, port))
	check(err)
	s := &server{
		options: o, rows: map[string]row{}, listeners: map[*listener]bool{},
		sockets: map[string]*listener{}, punched: map[string]time.Time{},
		published: map[string][]time.Time{},
	}
	routes := http.NewServeMux()
	routes.HandleFunc("/publish", s.publish)
	routes.HandleFunc("/events", s.events)
	routes.HandleFunc("/ws", s.ws)
	routes.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	routes.HandleFunc("/peers.json", s.peers)
	go http.Serve(accepting, routes)
	go s.prune()
	say("listening", map[string]any{"url": "http://" + accepting.Addr().String()})
	<-untilStopped(func(line string) { // "refuse-ws 501", and 0 to take them again
		if status, found := strings.CutPrefix(line, "refuse-ws "); found {
			number, err := strconv.Atoi(status)
			check(err)
			s.setRefusal(number)
		}
	})
}

func (s *server) setRefusal(status int) {
	s.mutex.Lock()
	s.refuse = status
	sockets := make([]*listener, 0, len(s.sockets))
	for _, one := range s.sockets {
		sockets = append(sockets, one)
	}
	s.mutex.Unlock()
	if status != 0 {
		for _, one := range sockets {
			one.end()
		}
	}
	say("refusing", map[string]any{"status": status})
}

func (s *server) overLimit(r *http.Request) bool {
	if !s.rateLimit {
		return false
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now := time.Now()
	recent := slices.DeleteFunc(s.published[host], func(t time.Time) bool {
		return now.Sub(t) > publishWindow
	})
	over := len(recent) >= publishes
	if !over {
		recent = append(recent, now)
	}
	s.published[host] = recent
	return over
}

func (s *server) publish(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if s.overLimit(r) {
		http.Error(w, "rate limit exceeded", http.StatusTooManyRequests)
		return
	}
	var message Presence
	if json.NewDecoder(r.Body).Decode(&message) != nil {
		http.Error(w, "bad json", http.StatusBadRequest)
		return
	}
	if err := message.valid(); err != nil {
		http.Error(w, "bad message: "+err.Error(), http.StatusBadRequest)
		return
	}
	s.take("post", message)
	w.WriteHeader(http.StatusNoContent)
}

// What the message changes, and who is told.
func (s *server) take(via string, message Presence) {
	token := message.VerificationToken
	message.VerificationToken = ""
	if message.TS == 0 {
		message.TS = nowMillis()
	}
	message.Verified = true
	say("took", map[string]any{"via": via, "message": message, "token": token})
	s.mutex.Lock()
	before, known := s.rows[message.PeerID]
	if message.Type == "offline" {
		delete(s.rows, message.PeerID)
	} else {
		s.rows[message.PeerID] = row{message, time.Now()}
	}
	s.broadcast(message.text())
	if message.Type != "offline" && len(message.Addrs) > 0 &&
		(!known || !sameSet(before.Addrs, message.Addrs)) {
		s.punch(message)
	}
	s.mutex.Unlock()
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func (s *server) broadcast(text []byte) { // with the mutex held
	for one := range s.listeners {
		one.offer(text)
	}
}

func (l *listener) offer(text []byte) bool {
	select {
	case l.queue <- text:
		return true
	default:
		return false
	}
}

func (s *server) punch(arriving Presence) { // with the mutex held
	for id, other := range s.rows {
		pair := min(id, arriving.PeerID) + " " + max(id, arriving.PeerID)
		if id == arriving.PeerID || len(other.Addrs) == 0 || time.Since(s.punched[pair]) < punchPause {
			continue
		}
		s.punched[pair] = time.Now()
		s.hint(arriving, id)
		s.hint(other.Presence, arriving.PeerID)
	}
}

func (s *server) hint(about Presence, target string) {
	text := Presence{Type: "punch", PeerID: about.PeerID, Target: target, Addrs: about.Addrs,
		TS: nowMillis()}.text()
	if socket := s.sockets[target]; socket == nil || !socket.offer(text) {
		s.broadcast(text)
	}
}

func (s *server) prune() {
	for range time.Tick(pruneEvery) {
		s.mutex.Lock()
		for id, one := range s.rows {
			if time.Since(one.seen) > silentAfter {
				s.remove(id, "pruned")
			}
		}
		s.mutex.Unlock()
	}
}

func (s *server) remove(id, why string) { // with the mutex held
	delete(s.rows, id)
	say("removed", map[string]any{"peerId": id, "why": why})
	s.broadcast(Presence{Type: "offline", PeerID: id, TS: nowMillis()}.text())
}

func (s *server) events(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache")
	header.Set("Connection", "keep-alive")
	header.Set("X-Accel-Buffering", "no")
	fmt.Fprint(w, ": ok\n\n")
	w.(http.Flusher).Flush()
	one := &listener{queue: make(chan []byte, streamQueue), end: func() {}}
	s.listen(one, true)
	defer s.listen(one, false)
	say("stream opened", nil)
	pings := time.NewTicker(ssePing)
	defer pings.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case text := <-one.queue:
			_, err = fmt.Fprintf(w, "data: %s\n\n", text)
		case <-pings.C:
			_, err = fmt.Fprint(w, ": ping\n\n")
		}
		if err != nil {
			return
		}
		w.(http.Flusher).Flush()
	}
}

func (s *server) listen(one *listener, on bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if on {
		s.listeners[one] = true
	} else {
		delete(s.listeners, one)
	}
}

func (s *server) ws(w http.ResponseWriter, r *http.Request) {
	id, probe := r.URL.Query().Get("peer_id"), r.URL.Query().Get("probe") == "1"
	s.mutex.Lock()
	refuse := s.refuse
	_, known := s.rows[id]
	s.mutex.Unlock()
	switch {
	case refuse != 0:
		http.Error(w, http.StatusText(refuse), refuse)
		return
	case probe:
	case id == "":
		http.Error(w, "peer_id required", http.StatusBadRequest)
		return
	case !known:
		say("too early", map[string]any{"peerId": id})
		http.Error(w, "unknown peer — publish first", http.StatusTooEarly)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	if probe {
		text := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "probe-ok")
		socket.WriteControl(websocket.CloseMessage, text, time.Now().Add(writeTime))
		return
	}
	s.serveSocket(id, socket)
}

func (s *server) serveSocket(id string, socket *websocket.Conn) {
	one := &listener{peer: id, queue: make(chan []byte, socketQueue), end: func() { socket.Close() }}
	s.mutex.Lock()
	if old := s.sockets[id]; old != nil {
		old.end()
	}
	s.sockets[id] = one
	s.listeners[one] = true
	s.mutex.Unlock()
	say("socket opened", map[string]any{"peerId": id})
	done := make(chan struct{})
	go one.write(socket, done)
	extend := func(string) error { return socket.SetReadDeadline(time.Now().Add(silence)) }
	extend("")
	socket.SetPongHandler(extend)
	for {
		_, text, err := socket.ReadMessage()
		if err != nil {
			break
		}
		extend("")
		var message Presence
		if json.Unmarshal(text, &message) != nil {
			continue
		}
		if message.PeerID == "" {
			message.PeerID = id
		}
		if message.valid() == nil {
			s.take("ws", message)
		}
	}
	close(done)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.listeners, one)
	if s.sockets[id] != one {
		return
	}
	delete(s.sockets, id)
	if _, known := s.rows[id]; known {
		s.remove(id, "socket closed")
	}
}

func (l *listener) write(socket *websocket.Conn, done <-chan struct{}) {
	pings := time.NewTicker(wsPing)
	defer pings.Stop()
	for {
		kind, text := websocket.TextMessage, []byte(nil)
		select {
		case <-done:
			return
		case text = <-l.queue:
		case <-pings.C:
			kind = websocket.PingMessage
		}
		socket.SetWriteDeadline(time.Now().Add(writeTime))
		if socket.WriteMessage(kind, text) != nil {
			socket.Close()
			return
		}
	}
}

func (s *server) peers(w http.ResponseWriter, _ *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	list := []Presence{}
	for _, one := range s.rows {
		list = append(list, one.Presence)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	json.NewEncoder(w).Encode(list)
}
