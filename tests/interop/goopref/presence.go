package main

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// Presence is one presence message as the reference program holds it: keys are read in any case,
// what is not named here is dropped, and the keys are written in this order.
type Presence struct {
	Type                string   `json:"type"`
	PeerID              string   `json:"peerId"`
	Content             string   `json:"content,omitempty"`
	Email               string   `json:"email,omitempty"`
	AvatarHash          string   `json:"avatarHash,omitempty"`
	VideoDisabled       bool     `json:"videoDisabled,omitempty"`
	ActiveTemplate      string   `json:"activeTemplate,omitempty"`
	Target              string   `json:"target,omitempty"`
	Addrs               []string `json:"addrs,omitempty"`
	VerificationToken   string   `json:"verificationToken,omitempty"`
	PublicKey           string   `json:"publicKey,omitempty"`
	EncryptionSupported bool     `json:"encryptionSupported,omitempty"`
	GoopClientVersion   string   `json:"goopClientVersion,omitempty"`
	TS                  int64    `json:"ts"`
	Verified            bool     `json:"verified,omitempty"`
}

func nowMillis() int64 { return time.Now().UnixMilli() }

func (p Presence) text() []byte {
	bytes, err := json.Marshal(p)
	check(err)
	return bytes
}

func readPresence(bytes []byte) (Presence, error) {
	var message Presence
	err := json.Unmarshal(bytes, &message)
	if err == nil && (message.Type == "" || message.PeerID == "") {
		err = errors.New("no type or peerId")
	}
	return message, err
}

// What a server of the reference program takes from a client.
func (p Presence) valid() error {
	if strings.TrimSpace(p.Type) == "" || strings.TrimSpace(p.PeerID) == "" {
		return errors.New("type and peerId are required")
	}
	if p.Type != "online" && p.Type != "update" && p.Type != "offline" {
		return errors.New("unknown type")
	}
	if len(p.PeerID) > 256 || len(p.Content) > 4096 || len(p.Email) > 320 || len(p.Addrs) > 20 {
		return errors.New("a field is too long")
	}
	for _, address := range p.Addrs {
		if len(address) > 256 {
			return errors.New("an address is too long")
		}
	}
	return nil
}
