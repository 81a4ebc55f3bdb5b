// The go-libp2p side of the mDNS tests; the contract is in ../README.md.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
)

type finder struct{}

func (finder) HandlePeerFound(found peer.AddrInfo) {
	var addresses []string
	for _, address := range found.Addrs {
		addresses = append(addresses, address.String())
	}
	fmt.Printf("FOUND %d %s %s\n", time.Now().UnixMilli(), found.ID, strings.Join(addresses, ","))
}

func run(service string) error {
	h, err := libp2p.New(
		libp2p.ListenAddrStrings("/ip4/0.0.0.0/tcp/0"),
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.ResourceManager(&network.NullResourceManager{}),
		libp2p.DisableRelay(),
	)
	if err != nil {
		return err
	}
	defer h.Close()
	discovery := mdns.NewMdnsService(h, service, finder{})
	fmt.Printf("START %d %s\n", time.Now().UnixMilli(), h.ID())
	if err := discovery.Start(); err != nil {
		return err
	}
	leave := make(chan os.Signal, 1)
	signal.Notify(leave, syscall.SIGTERM)
	go func() {
		io.Copy(io.Discard, bufio.NewReader(os.Stdin))
		leave <- syscall.SIGTERM
	}()
	<-leave
	return discovery.Close()
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gomdns SERVICE")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
