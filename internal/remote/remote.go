// Package remote is the memory of a controller somewhere else: a module of this
// program or a real one, over the Host Ethernet protocol or Modbus TCP. It reads and
// writes single addresses and runs of words; it keeps no image and plans nothing.
package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/modbuswire"
	"github.com/rungmail/rungmail/internal/plc/memory"
)

// Options are how a controller is spoken to.
type Options struct {
	Timeout  time.Duration // for each answer
	Password hap.Password  // of the controller, over HAP; the zero one is none
}

// line is one way to a controller's memory.
type line interface {
	read(ctx context.Context, word memory.Word, n int) ([]uint16, error)
	writeWord(ctx context.Context, word memory.Word, v uint16) error
	writeBit(ctx context.Context, bit memory.Bit, on bool) error
	Close() error
}

// Memory is the memory of a controller. It is not safe for use by several
// goroutines at once.
type Memory struct{ line }

// ErrScheme is what a place gives that begins with neither hap:// nor modbus://.
var ErrScheme = errors.New("it must begin with hap:// or modbus://")

// Open opens the way to a controller: hap://HOST[:PORT] or
// modbus://HOST[:PORT][?unit=N], with unit 255 unless another is given. Over Modbus
// it connects; over HAP it sends nothing unless there is a password to give.
func Open(ctx context.Context, place string, o Options) (*Memory, error) {
	u, err := url.Parse(place)
	if err != nil || u.Host == "" || u.Path != "" && u.Path != "/" {
		return nil, fmt.Errorf("%q is no place of a controller: write one such as hap://192.168.12.86 or modbus://192.168.12.86:502", place)
	}
	switch u.Scheme {
	case "hap":
		return openHAP(ctx, u.Host, o)
	case "modbus":
		return openModbus(ctx, u, o)
	}
	return nil, fmt.Errorf("%q is no place of a controller: %w", place, ErrScheme)
}

func openHAP(ctx context.Context, host string, o Options) (*Memory, error) {
	client, err := hap.Dial(ctx, host, hap.Options{Timeout: o.Timeout})
	if err != nil {
		return nil, err
	}
	if !o.Password.IsZero() {
		if err := client.Login(ctx, o.Password); err != nil {
			return nil, errors.Join(err, client.Close())
		}
	}
	return &Memory{&hapLine{client}}, nil
}

func openModbus(ctx context.Context, u *url.URL, o Options) (*Memory, error) {
	unit := uint64(255)
	if text := u.Query().Get("unit"); text != "" {
		var err error
		if unit, err = strconv.ParseUint(text, 10, 8); err != nil {
			return nil, fmt.Errorf("unit=%s: a unit is 0 to 255", text)
		}
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), "502")
	}
	client, err := modbuswire.Dial(ctx, host, modbuswire.Options{Unit: byte(unit), Timeout: o.Timeout})
	if err != nil {
		return nil, err
	}
	return &Memory{&modbusLine{client}}, nil
}

// maxRun is the most words that one request reads: 128 bytes, which every firmware
// takes.
const maxRun = 64

// Read reads addresses, each as a number: 0 or 1 for a bit. Words that follow each
// other are read in one request.
func (m *Memory) Read(ctx context.Context, list []memory.Addr) ([]uint16, error) {
	words := make([]memory.Word, 0, len(list))
	for _, a := range list {
		words = append(words, a.Word())
	}
	slices.Sort(words)
	words = slices.Compact(words)
	values := map[memory.Word]uint16{}
	for len(words) > 0 {
		n := 1
		for n < len(words) && n < maxRun && words[n] == words[0]+memory.Word(n) {
			n++
		}
		got, err := m.read(ctx, words[0], n)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", named(list, words[0]), err)
		}
		for i, v := range got {
			values[words[i]] = v
		}
		words = words[n:]
	}
	out := make([]uint16, len(list))
	for i, a := range list {
		out[i] = values[a.Word()]
		if a.IsBit() {
			out[i] = out[i] >> a.Bit().N & 1
		}
	}
	return out, nil
}

// named is the address by which a word was asked for.
func named(list []memory.Addr, w memory.Word) memory.Addr {
	for _, a := range list {
		if a.Word() == w {
			return a
		}
	}
	return memory.Addr{Num: uint16(w)}
}

// ErrBitOfWord is what writing B2000.5 gives: no protocol writes one bit of a data
// word, and to read and write the whole would lose what the controller does between.
var ErrBitOfWord = errors.New("one bit of a word can't be written by itself: write the word, or use a C bit")

// Write writes one address; any number but 0 turns a bit on.
func (m *Memory) Write(ctx context.Context, a memory.Addr, v uint16) error {
	var err error
	switch {
	case a.Area == memory.B:
		err = ErrBitOfWord
	case a.IsBit():
		err = m.writeBit(ctx, a.Bit(), v != 0)
	default:
		err = m.writeWord(ctx, a.Word(), v)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", a, err)
	}
	return nil
}
