package main

import (
	"encoding/binary"
	"io"
	"slices"
	"strings"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

const (
	echoID      protocol.ID = "/echo/1.0.0"
	perfID      protocol.ID = "/perf/1.0.0"
	resetID     protocol.ID = "/reset/1.0.0"
	protocolsID protocol.ID = "/protocols/1.0.0"
	toggleID    protocol.ID = "/toggle/1.0.0"
	toggledID   protocol.ID = "/toggled/1.0.0"
	pushCheckID protocol.ID = "/push-check/1.0.0"
)

var served = []protocol.ID{"/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0",
	perfID, echoID, resetID, protocolsID, toggleID}

const chunkBytes = 64 * 1024

func closeAtOnce(s network.Stream) { s.Close() }

func registerAll(h host.Host) {
	// A handler that fails resets its stream, else the stream is closed.
	handle := func(id protocol.ID, handler func(network.Stream) error) {
		h.SetStreamHandler(id, func(s network.Stream) {
			if err := handler(s); err != nil {
				s.Reset()
				return
			}
			s.Close()
		})
	}
	handle(echoID, func(s network.Stream) error {
		_, err := io.CopyBuffer(struct{ io.Writer }{s}, s, make([]byte, chunkBytes))
		return err
	})
	handle(perfID, func(s network.Stream) error {
		var head [8]byte
		if _, err := io.ReadFull(s, head[:]); err != nil {
			return err
		}
		if err := skipToEnd(s, nil); err != nil {
			return err
		}
		return writeZeros(s, int(binary.BigEndian.Uint64(head[:])))
	})
	h.SetStreamHandler(resetID, func(s network.Stream) {
		s.Read(make([]byte, 1))
		s.Reset()
	})
	handle(protocolsID, func(s network.Stream) error {
		known, err := knownProtocols(h, s.Conn().RemotePeer())
		if err != nil {
			return err
		}
		var text strings.Builder
		for _, id := range known {
			text.WriteString(string(id) + "\n")
		}
		_, err = io.WriteString(s, text.String())
		return err
	})
	handle(toggleID, func(s network.Stream) error {
		if !slices.Contains(h.Mux().Protocols(), toggledID) {
			h.SetStreamHandler(toggledID, closeAtOnce)
		}
		_, err := io.WriteString(s, "ok\n")
		return err
	})
}

func knownProtocols(h host.Host, p peer.ID) ([]protocol.ID, error) {
	ids, err := h.Peerstore().GetProtocols(p)
	slices.Sort(ids)
	return ids, err
}

// skipToEnd reads and forgets everything; total, when given, counts it.
func skipToEnd(r io.Reader, total *int) error {
	buffer := make([]byte, chunkBytes)
	for {
		n, err := r.Read(buffer)
		if total != nil {
			*total += n
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func writeZeros(w io.Writer, size int) error {
	buffer := make([]byte, chunkBytes)
	for size > 0 {
		n, err := w.Write(buffer[:min(size, len(buffer))])
		if err != nil {
			return err
		}
		size -= n
	}
	return nil
}
