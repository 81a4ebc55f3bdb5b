// Command goopref behaves as the reference program does towards other peers and servers: as the
// client of a rendezvous server, as such a server, and as a peer. The contract is in README.md.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// The few things that can be set; the rest is fixed, as it is in the reference program.
type options struct {
	label, email, token, publicKey, site, fetch, listen string
	addresses                                           []string
	heartbeat                                           time.Duration
	rateLimit                                           bool
	refuse                                              int
}

var output sync.Mutex

// Prints one event as a line of JSON.
func say(event string, fields map[string]any) {
	line := map[string]any{"event": event, "at": nowMillis()}
	for name, value := range fields {
		line[name] = value
	}
	bytes, err := json.Marshal(line)
	check(err)
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(bytes))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "goopref:", err)
		os.Exit(1)
	}
}

// Closed when the program is told to stop: by SIGTERM, SIGINT or the end of its input. Lines of the
// input go to `command`.
func untilStopped(command func(line string)) <-chan struct{} {
	stopped := make(chan struct{})
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	ended := make(chan struct{})
	go func() {
		input := bufio.NewScanner(os.Stdin)
		for input.Scan() {
			command(input.Text())
		}
		close(ended)
	}()
	go func() {
		select {
		case <-signals:
		case <-ended:
		}
		close(stopped)
	}()
	return stopped
}

func main() {
	var o options
	flags := flag.NewFlagSet("goopref", flag.ExitOnError)
	flags.StringVar(&o.label, "label", "goopref", "display name")
	flags.StringVar(&o.email, "email", "", "e-mail address")
	flags.StringVar(&o.token, "token", "", "verification token, for a server only")
	flags.StringVar(&o.publicKey, "public-key", "", "NaCl public key, for a server only")
	flags.StringVar(&o.site, "site", "", "folder to serve")
	flags.StringVar(&o.fetch, "fetch", "", "path to fetch of every peer that is heard of")
	flags.StringVar(&o.listen, "listen", "", "where to listen; a multiaddr (peer) or a host (server)")
	flags.DurationVar(&o.heartbeat, "heartbeat", 5*time.Second, "time between two updates")
	flags.BoolVar(&o.rateLimit, "rate-limit", false, "server: 60 publishes a minute and address")
	flags.IntVar(&o.refuse, "refuse-ws", 0, "server: the status with which WebSockets are refused")
	addresses := flags.String("addrs", "", "client: announced multiaddrs, with commas between")
	usage := func() {
		fmt.Fprintln(os.Stderr, "usage: goopref client [FLAGS] URL | server [FLAGS] PORT | peer [FLAGS]")
		os.Exit(2)
	}
	if len(os.Args) < 2 {
		usage()
	}
	check(flags.Parse(os.Args[2:]))
	if *addresses != "" {
		o.addresses = strings.Split(*addresses, ",")
	}
	switch mode := os.Args[1]; {
	case mode == "client" && flags.NArg() == 1:
		runClient(o, strings.TrimRight(flags.Arg(0), "/"))
	case mode == "server" && flags.NArg() == 1:
		runServer(o, flags.Arg(0))
	case mode == "peer" && flags.NArg() == 0:
		runPeer(o)
	default:
		usage()
	}
}
