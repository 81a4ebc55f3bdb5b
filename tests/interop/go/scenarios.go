package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/event"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
)

type scenario struct {
	run     func(*session) (report, error)
	numeric bool          // ARG is a number
	limit   time.Duration // 0: 30 s
}

var scenarios = map[string]scenario{
	"ping":        {run: pings},
	"identify":    {run: identify},
	"push":        {run: push},
	"echo":        {run: echoes},
	"upload":      {run: upload, numeric: true, limit: 120 * time.Second},
	"download":    {run: download, numeric: true, limit: 120 * time.Second},
	"half-close":  {run: halfClose},
	"reset":       {run: reset},
	"sequential":  {run: sequential, numeric: true},
	"parallel":    {run: parallel, numeric: true},
	"idle":        {run: idle, numeric: true},
	"wrong-id":    {},              // dials on its own
	"connects":    {numeric: true}, // dials on its own
	"plain-muxer": {run: plainMuxer},
}

// session is one dialed connection.
type session struct {
	ctx        context.Context
	host       host.Host
	conn       network.Conn
	dialed     string
	identified event.Subscription
	arg        int
	text       string
}

func connect(ctx context.Context, h host.Host, target peer.AddrInfo) (*session, error) {
	identified, err := h.EventBus().Subscribe(new(event.EvtPeerIdentificationCompleted))
	if err != nil {
		return nil, err
	}
	if err := h.Connect(ctx, target); err != nil {
		return nil, err
	}
	conns := h.Network().ConnsToPeer(target.ID)
	if len(conns) != 1 {
		return nil, fmt.Errorf("%d connections after the dial", len(conns))
	}
	return &session{
		ctx:        network.WithNoDial(ctx, "one connection per scenario"),
		host:       h,
		conn:       conns[0],
		dialed:     target.Addrs[0].String(),
		identified: identified,
	}, nil
}

func (s *session) open(id protocol.ID) (network.Stream, error) {
	return s.host.NewStream(s.ctx, s.conn.RemotePeer(), id)
}

func (s *session) checkSame() error {
	open := s.host.Network().Conns()
	if s.conn.IsClosed() || len(open) != 1 || open[0].ID() != s.conn.ID() {
		return fmt.Errorf("not the same connection any more (%d open)", len(open))
	}
	return nil
}

func (s *session) ping(times int) ([]time.Duration, error) {
	if err := s.checkSame(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	results := ping.Ping(ctx, s.host, s.conn.RemotePeer())
	var rtts []time.Duration
	for range times {
		result, more := <-results
		if !more {
			return nil, errors.New("pinging ended early")
		}
		if result.Error != nil {
			return nil, result.Error
		}
		rtts = append(rtts, result.RTT)
	}
	return rtts, nil
}

func (s *session) echo(size int) error {
	stream, err := s.open(echoID)
	if err != nil {
		return err
	}
	defer stream.Reset()
	data := pattern(size)
	sent := make(chan error, 1)
	go func() {
		_, err := stream.Write(data)
		sent <- errors.Join(err, stream.CloseWrite())
	}()
	if err := expect(stream, data); err != nil {
		return err
	}
	return errors.Join(<-sent, expectEnd(stream))
}

// ask opens a stream, reads all of the answer and closes.
func (s *session) ask(id protocol.ID) (string, error) {
	stream, err := s.open(id)
	if err != nil {
		return "", err
	}
	defer stream.Close()
	answer, err := io.ReadAll(stream)
	return string(answer), err
}

func upload(s *session) (report, error)   { return s.perf(s.arg, 0) }
func download(s *session) (report, error) { return s.perf(0, s.arg) }

func (s *session) perf(upload, download int) (report, error) {
	start := time.Now()
	stream, err := s.open(perfID)
	if err != nil {
		return nil, err
	}
	defer stream.Reset()
	head := binary.BigEndian.AppendUint64(nil, uint64(download))
	if _, err := stream.Write(head); err != nil {
		return nil, err
	}
	if err := errors.Join(writeZeros(stream, upload), stream.CloseWrite()); err != nil {
		return nil, err
	}
	got := 0
	if err := skipToEnd(stream, &got); err != nil {
		return nil, err
	}
	if got != download {
		return nil, fmt.Errorf("%d of %d bytes came", got, download)
	}
	megabytes := float64(upload+download) / 1e6
	return report{"mb_per_s": round(megabytes / time.Since(start).Seconds())}, nil
}

func pattern(size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i*31 + 7)
	}
	return data
}

func expect(r io.Reader, data []byte) error {
	got := make([]byte, len(data))
	if _, err := io.ReadFull(r, got); err != nil {
		return fmt.Errorf("reading %d bytes: %w", len(data), err)
	}
	if !bytes.Equal(got, data) {
		return fmt.Errorf("other bytes came back (%d expected)", len(data))
	}
	return nil
}

func expectEnd(r io.Reader) error {
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		return fmt.Errorf("%d bytes and error %v instead of the end", n, err)
	}
	return nil
}

func until(limit time.Duration, what string, condition func() (bool, error)) error {
	for end := time.Now().Add(limit); ; time.Sleep(100 * time.Millisecond) {
		done, err := condition()
		if done || err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s: not within %s", what, limit)
		}
	}
}

func pings(s *session) (report, error) {
	rtts, err := s.ping(10)
	if err != nil {
		return nil, err
	}
	slices.Sort(rtts)
	return report{"rtt_ms": round(float64(rtts[5].Microseconds()) / 1000)}, nil
}

var tcpAddress = regexp.MustCompile(`^/ip[46]/[^/]+/tcp/\d+(/p2p/[^/]+)?$`)

func identify(s *session) (report, error) {
	var result event.EvtPeerIdentificationCompleted
	select {
	case e := <-s.identified.Out():
		result = e.(event.EvtPeerIdentificationCompleted)
	case <-time.After(5 * time.Second):
		return nil, errors.New("no identify within 5 s")
	}
	remote := s.conn.RemotePeer()
	key := s.host.Peerstore().PubKey(remote)
	if result.Peer != remote || key == nil || !remote.MatchesPublicKey(key) {
		return nil, errors.New("the key is not that of the dialed id")
	}
	if result.AgentVersion == "" {
		return nil, errors.New("no agent version")
	}
	for _, id := range served {
		if !slices.Contains(result.Protocols, id) {
			return nil, fmt.Errorf("%s is not listed", id)
		}
	}
	var listens []string
	for _, address := range result.ListenAddrs {
		listens = append(listens, address.String())
	}
	if !slices.Contains(listens, s.dialed) {
		return nil, fmt.Errorf("the dialed address is not among %v", listens)
	}
	if result.ObservedAddr == nil || !tcpAddress.MatchString(result.ObservedAddr.String()) {
		return nil, fmt.Errorf("observed address %v", result.ObservedAddr)
	}
	if s.text != "no-record" {
		if err := checkRecord(result, remote); err != nil {
			return nil, err
		}
	}
	return report{"agent": result.AgentVersion, "observed": result.ObservedAddr.String()}, nil
}

// checkRecord: the signature itself was verified when identify opened the envelope.
func checkRecord(result event.EvtPeerIdentificationCompleted, remote peer.ID) error {
	if result.SignedPeerRecord == nil {
		return errors.New("no signed peer record")
	}
	opened, err := result.SignedPeerRecord.Record()
	if err != nil {
		return err
	}
	record, fits := opened.(*peer.PeerRecord)
	signer := result.SignedPeerRecord.PublicKey
	if !fits || record.PeerID != remote || !remote.MatchesPublicKey(signer) {
		return errors.New("the record is not the remote peer's own")
	}
	if len(record.Addrs) == 0 {
		return errors.New("no address in the signed record")
	}
	return nil
}

func push(s *session) (report, error) {
	serverSees := func(id protocol.ID) func() (bool, error) {
		return func() (bool, error) {
			known, err := s.ask(protocolsID)
			return strings.Contains(known, string(id)+"\n"), err
		}
	}
	if err := until(5*time.Second, "the server identifies us", serverSees(echoID)); err != nil {
		return nil, err
	}
	if early, err := serverSees(pushCheckID)(); early || err != nil {
		return nil, errors.Join(err, errors.New("the new protocol is known before it exists"))
	}
	s.host.SetStreamHandler(pushCheckID, closeAtOnce)
	err := until(10*time.Second, "the server learns our new protocol", serverSees(pushCheckID))
	if err != nil {
		return nil, err
	}

	weSee := func() (bool, error) {
		known, err := knownProtocols(s.host, s.conn.RemotePeer())
		return slices.Contains(known, toggledID), err
	}
	if early, err := weSee(); early || err != nil {
		return nil, errors.Join(err, errors.New("the server has toggled already: not a fresh one?"))
	}
	if answer, err := s.ask(toggleID); answer != "ok\n" || err != nil {
		return nil, fmt.Errorf("the toggle answered %q, error %v", answer, err)
	}
	return nil, until(10*time.Second, "we learn the new protocol of the server", weSee)
}

func echoes(s *session) (report, error) {
	for _, size := range []int{1, 64 * 1024, 1 << 20} {
		if err := s.echo(size); err != nil {
			return nil, fmt.Errorf("echo of %d bytes: %w", size, err)
		}
	}
	return nil, nil
}

func halfClose(s *session) (report, error) {
	id := echoID
	if s.text != "" {
		id = protocol.ID(s.text)
	}
	for _, size := range []int{5, 128 * 1024} {
		stream, err := s.open(id)
		if err != nil {
			return nil, err
		}
		defer stream.Reset()
		data := pattern(size)
		if _, err := stream.Write(data); err != nil {
			return nil, err
		}
		if err := stream.CloseWrite(); err != nil {
			return nil, err
		}
		if err := errors.Join(expect(stream, data), expectEnd(stream)); err != nil {
			return nil, fmt.Errorf("%d bytes: %w", size, err)
		}
	}
	return nil, nil
}

func reset(s *session) (report, error) {
	first, err := s.open(resetID)
	if err != nil {
		return nil, err
	}
	if _, err := first.Write(pattern(1)); err != nil {
		return nil, err
	}
	first.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := first.Read(make([]byte, 1)); !errors.Is(err, network.ErrReset) {
		return nil, fmt.Errorf("the remote reset was not seen, but %v", err)
	}

	second, err := s.open(echoID)
	if err != nil {
		return nil, err
	}
	if _, err := second.Write(pattern(1)); err != nil {
		return nil, err
	}
	if err := errors.Join(expect(second, pattern(1)), second.Reset()); err != nil {
		return nil, err
	}
	if _, err := s.ping(1); err != nil {
		return nil, err
	}
	return nil, s.echo(1)
}

func sequential(s *session) (report, error) {
	start := time.Now()
	for i := range s.arg {
		if err := s.echo(16); err != nil {
			return nil, fmt.Errorf("stream %d: %w", i, err)
		}
	}
	return report{"per_second": round(float64(s.arg) / time.Since(start).Seconds())}, nil
}

func parallel(s *session) (report, error) {
	data := pattern(1024)
	streams := make([]network.Stream, s.arg)
	errs := make([]error, s.arg)
	all := func(work func(int) error) error {
		var group sync.WaitGroup
		for i := range s.arg {
			group.Go(func() { errs[i] = work(i) })
		}
		group.Wait()
		return errors.Join(errs...)
	}
	err := all(func(i int) (err error) {
		if streams[i], err = s.open(echoID); err != nil {
			return err
		}
		if _, err = streams[i].Write(data); err != nil {
			return err
		}
		return expect(streams[i], data)
	})
	if err != nil {
		return nil, err
	}
	return nil, all(func(i int) error {
		return errors.Join(streams[i].CloseWrite(), expectEnd(streams[i]))
	})
}

func idle(s *session) (report, error) {
	if _, err := s.ping(1); err != nil {
		return nil, err
	}
	time.Sleep(time.Duration(s.arg) * time.Second)
	_, err := s.ping(1)
	return nil, err
}

func plainMuxer(s *session) (report, error) {
	extra, err := pings(s)
	if err != nil {
		return nil, err
	}
	if s.conn.ConnState().UsedEarlyMuxerNegotiation {
		return nil, errors.New("the muxer was agreed early")
	}
	return extra, s.echo(64 * 1024)
}

// connects dials, waits for identify and closes, one after another.
func connects(ctx context.Context, h host.Host, target peer.AddrInfo, times int) (report, error) {
	identified, err := h.EventBus().Subscribe(new(event.EvtPeerIdentificationCompleted))
	if err != nil {
		return nil, err
	}
	defer identified.Close()
	start := time.Now()
	for range times {
		if err := h.Connect(ctx, target); err != nil {
			return nil, err
		}
		<-identified.Out()
		if err := h.Network().ClosePeer(target.ID); err != nil {
			return nil, err
		}
	}
	return report{"per_second": round(float64(times) / time.Since(start).Seconds())}, nil
}

func wrongID(ctx context.Context, h host.Host, target peer.AddrInfo) (report, error) {
	_, key, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return nil, err
	}
	other, err := peer.IDFromPublicKey(key)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err = h.Connect(ctx, peer.AddrInfo{ID: other, Addrs: target.Addrs})
	if err == nil {
		return nil, errors.New("the dial succeeded")
	}
	if left := len(h.Network().Conns()); left != 0 {
		return nil, fmt.Errorf("%d connections are left", left)
	}
	return report{"detail": err.Error()}, nil
}
