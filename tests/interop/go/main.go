// The go-libp2p peer of the interoperability tests; the contract is in ../README.md.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/upgrader"
	"github.com/libp2p/go-libp2p/p2p/protocol/ping"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2
)

// newHost makes a host with TCP, Noise and yamux; without a listen address it only dials.
// plainMuxer leaves the muxer list out of the Noise handshake.
func newHost(listen string, plainMuxer bool) (host.Host, error) {
	secure := func(id protocol.ID, key crypto.PrivKey,
		muxers []upgrader.StreamMuxer) (*noise.Transport, error) {
		if plainMuxer {
			muxers = nil
		}
		return noise.New(id, key, muxers)
	}
	addresses := libp2p.NoListenAddrs
	if listen != "" {
		addresses = libp2p.ListenAddrStrings(listen)
	}
	h, err := libp2p.New(
		addresses,
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, secure),
		libp2p.Muxer(yamux.ID, yamux.DefaultTransport),
		libp2p.ResourceManager(&network.NullResourceManager{}),
		libp2p.DisableRelay(),
		libp2p.Ping(false),
	)
	if err != nil {
		return nil, err
	}
	ping.NewPingService(h)
	registerAll(h)
	return h, nil
}

func serve(listen string, plainMuxer bool) error {
	h, err := newHost(listen, plainMuxer)
	if err != nil {
		return err
	}
	addresses, err := peer.AddrInfoToP2pAddrs(host.InfoFromHost(h))
	if err != nil {
		return err
	}
	for _, address := range addresses {
		fmt.Printf("ADDR %s\n", address)
	}
	leave := make(chan os.Signal, 1)
	signal.Notify(leave, syscall.SIGTERM)
	go func() {
		io.Copy(io.Discard, bufio.NewReader(os.Stdin))
		leave <- syscall.SIGTERM
	}()
	<-leave
	return h.Close()
}

// report is the line of JSON that a scenario ends with.
type report map[string]any

func (r report) print(name string, start time.Time, err error) int {
	r["scenario"] = name
	r["ok"] = err == nil
	r["millis"] = round(float64(time.Since(start).Microseconds()) / 1000)
	if err != nil {
		r["detail"] = err.Error()
	} else if r["detail"] == nil {
		r["detail"] = ""
	}
	line, _ := json.Marshal(r)
	fmt.Println(string(line))
	if err != nil {
		return exitFailed
	}
	return exitFine
}

func dial(address, name, text string) int {
	s, known := scenarios[name]
	arg := 0
	if known && s.numeric {
		var err error
		if arg, err = strconv.Atoi(text); err != nil {
			return usage()
		}
	}
	target, err := peer.AddrInfoFromString(address)
	if !known || err != nil {
		return usage()
	}
	limit := 30 * time.Second
	if s.limit != 0 {
		limit = s.limit
	}
	if name == "idle" {
		limit = time.Duration(arg+30) * time.Second
	}

	start := time.Now()
	type outcome struct {
		extra report
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		extra, err := runScenario(*target, name, s, arg, text, limit)
		if extra == nil {
			extra = report{}
		}
		done <- outcome{extra, err}
	}()
	select {
	case o := <-done:
		return o.extra.print(name, start, o.err)
	case <-time.After(limit):
		return report{}.print(name, start, fmt.Errorf("not done after %s", limit))
	}
}

func runScenario(target peer.AddrInfo, name string, s scenario, arg int, text string,
	limit time.Duration) (report, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	h, err := newHost("", name == "plain-muxer")
	if err != nil {
		return nil, err
	}
	defer h.Close()
	if name == "wrong-id" {
		return wrongID(ctx, h, target)
	}
	if name == "connects" {
		return connects(ctx, h, target, arg)
	}
	session, err := connect(ctx, h, target)
	if err != nil {
		return nil, err
	}
	session.arg, session.text = arg, text
	extra, err := s.run(session)
	if err != nil {
		return extra, err
	}
	return extra, session.conn.Close()
}

func round(value float64) float64 { return math.Round(value*100) / 100 }

func usage() int {
	fmt.Fprintln(os.Stderr, "usage: peer serve [--listen MULTIADDR] [--plain-muxer]"+
		" | peer dial ADDR SCENARIO [ARG]")
	return exitUsage
}

func main() {
	args := os.Args[1:]
	switch {
	case len(args) > 0 && args[0] == "serve":
		listen, plainMuxer := "/ip4/127.0.0.1/tcp/0", false
		for i := 1; i < len(args); i++ {
			if args[i] == "--plain-muxer" {
				plainMuxer = true
			} else if args[i] == "--listen" && i+1 < len(args) {
				i++
				listen = args[i]
			} else {
				os.Exit(usage())
			}
		}
		if err := serve(listen, plainMuxer); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(exitFailed)
		}
	case len(args) == 3 && args[0] == "dial":
		os.Exit(dial(args[1], args[2], ""))
	case len(args) == 4 && args[0] == "dial":
		os.Exit(dial(args[1], args[2], args[3]))
	default:
		os.Exit(usage())
	}
}
