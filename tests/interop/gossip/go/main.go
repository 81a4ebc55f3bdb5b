// Command gossippeer is the go-libp2p-pubsub side of the gossip interoperability tests. The contract
// is in ../README.md.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

const topicName = "goop.presence.v1"

var output sync.Mutex

func say(format string, args ...any) {
	output.Lock()
	defer output.Unlock()
	fmt.Printf(format+"\n", args...)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "gossippeer:", err)
		os.Exit(1)
	}
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gossippeer MULTIADDR")
		os.Exit(2)
	}
	ctx := context.Background()
	host, err := libp2p.New(libp2p.ListenAddrStrings(os.Args[1]), libp2p.DisableRelay(),
		libp2p.ResourceManager(&network.NullResourceManager{}))
	check(err)
	gossip, err := pubsub.NewGossipSub(ctx, host)
	check(err)
	topic, err := gossip.Join(topicName)
	check(err)
	subscription, err := topic.Subscribe()
	check(err)
	go func() {
		for {
			message, err := subscription.Next(ctx)
			if err != nil {
				return
			}
			if message.GetFrom() != host.ID() {
				say("HEARD %s %s", message.GetFrom(), message.Data)
			}
		}
	}()
	for _, address := range host.Addrs() {
		say("ADDR %s/p2p/%s", address, host.ID())
	}

	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		command, rest, _ := strings.Cut(input.Text(), " ")
		switch command {
		case "dial":
			info, err := peer.AddrInfoFromString(rest)
			check(err)
			dialing, cancel := context.WithTimeout(ctx, 20*time.Second)
			err = host.Connect(dialing, *info)
			cancel()
			if err != nil {
				say("FAILED %s", strings.ReplaceAll(err.Error(), "\n", " "))
			} else {
				say("DIALLED")
			}
		case "say":
			check(topic.Publish(ctx, []byte(rest)))
		case "peers":
			say("PEERS %d", len(topic.ListPeers()))
		}
	}
	host.Close()
}
