package modbus

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/simonvetter/modbus"
)

// A client that others wrote, in Go, with every function that it has.
func TestSimonvettersClient(t *testing.T) {
	h := &host{}
	addr := listen(t, New(h, Identity{OS: Version{4, 0, 2148}}))
	c, err := modbus.NewClient(&modbus.ClientConfiguration{URL: "tcp://" + addr, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Open(); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	same := func(got, want any, err error) {
		t.Helper()
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
	}
	for _, unit := range []uint8{0, 1, 255} {
		if err := c.SetUnitId(unit); err != nil {
			t.Fatal(err)
		}
		same(nil, nil, c.WriteRegister(0o2000, 0x1234))
		same(h.word(0o2000), uint16(0x1234), nil)
		same(nil, nil, c.WriteRegisters(0o2001, []uint16{5, 6}))
		words, err := c.ReadRegisters(0o2000, 3, modbus.HOLDING_REGISTER)
		same(words, []uint16{0x1234, 5, 6}, err)
		words, err = c.ReadRegisters(0o2000, 3, modbus.INPUT_REGISTER)
		same(words, []uint16{0x1234, 5, 6}, err)
		words, err = c.ReadRegisters(17500, 3, modbus.INPUT_REGISTER)
		same(words, []uint16{4, 0, 2148}, err)

		same(nil, nil, c.WriteCoil(3072+0o17, true)) // C17
		same(h.word(0o40600), uint16(0x8000), nil)
		same(nil, nil, c.WriteCoil(3072+0o17, false))
		want := []bool{true, false, true, true, false, false, false, true, false, true, true}
		same(nil, nil, c.WriteCoils(5115, want)) // C3773 to S5
		bits, err := c.ReadCoils(5115, 11)
		same(bits, want, err)
		h.set(0o40400, 0b1010)
		bits, err = c.ReadDiscreteInputs(2048, 4)
		same(bits, []bool{false, true, false, true}, err)

		_, err = c.ReadRegisters(0o3000, 1, modbus.HOLDING_REGISTER)
		if !errors.Is(err, modbus.ErrIllegalDataAddress) {
			t.Errorf("no such memory: %v", err)
		}
		if err := c.WriteCoilValue(3072, 0x1234); !errors.Is(err, modbus.ErrIllegalDataValue) {
			t.Errorf("no such value: %v", err)
		}
	}
}

// mbpoll is a client in C, on libmodbus.
type mbpoll struct {
	path, host, port string
}

func findMbpoll(t *testing.T, addr string) mbpoll {
	t.Helper()
	path, err := exec.LookPath("mbpoll")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("mbpoll is missing: install the Debian package mbpoll")
	}
	if err != nil {
		t.Skip("mbpoll is missing")
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return mbpoll{path, host, port}
}

// run polls once, with addresses from 0, and writes values where there are any.
func (m mbpoll) run(t *testing.T, options string, values ...string) (said string, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	args := append([]string{"-m", "tcp", "-p", m.port, "-0", "-1", "-o", "10"}, strings.Fields(options)...)
	args = append(append(args, m.host), values...)
	out, err := exec.CommandContext(ctx, m.path, args...).CombinedOutput()
	return string(out), err == nil
}

var polled = regexp.MustCompile(`(?m)^\[\d+\]:\s+(\S+)`)

// read is what a poll shows.
func (m mbpoll) read(t *testing.T, options string) string {
	t.Helper()
	said, ok := m.run(t, options)
	if !ok {
		t.Errorf("mbpoll %s: %s", options, said)
	}
	var values []string
	for _, hit := range polled.FindAllStringSubmatch(said, -1) {
		values = append(values, hit[1])
	}
	return strings.Join(values, " ")
}

func TestMbpoll(t *testing.T) {
	h := &host{}
	m := findMbpoll(t, listen(t, New(h, Identity{MAC: [6]byte{0x00, 0xE0, 0x62, 0x20, 0x41, 0x86}})))
	h.set(0o40400, 0b0101) // X0 and X2
	h.set(0o41200, 0b0010) // SP1
	for _, row := range []struct{ name, options, values, want string }{
		{"V2000", "-t 4 -r 1024 -a 255", "1234 56", "1234 56"},
		{"one V, which is function 6", "-t 4 -r 1024 -a 0", "99", "99 56"},
		{"V2000 as inputs", "-t 3 -r 1024", "", "99 56"},
		{"X0", "-t 1 -r 2048 -c 3", "", "1 0 1"},
		{"SP0", "-t 1 -r 3072 -c 3", "", "0 1 0"},
		{"Y0", "-t 0 -r 2048 -c 3", "0 1 1", "0 1 1"},
		{"C0", "-t 0 -r 3072 -c 3", "1 1 0", "1 1 0"},
		{"C0 alone, which is function 5", "-t 0 -r 3072 -c 3", "0", "0 1 0"},
		{"S0", "-t 0 -r 5120", "1 0", "1 0"},
		{"T0", "-t 0 -r 6144", "0 1", "0 1"},
		{"CT0", "-t 0 -r 6400", "1 1", "1 1"},
		{"the MAC address", "-t 3:hex -r 17515 -c 3", "", "0x00E0 0x6220 0x4186"},
	} {
		options := row.options
		if row.values != "" {
			said, ok := m.run(t, strings.Split(options, " -c")[0], strings.Fields(row.values)...)
			if !ok {
				t.Errorf("%s: %s", row.name, said)
			}
		}
		if !strings.Contains(options, "-c") {
			options += " -c 2"
		}
		if got := m.read(t, options); got != row.want {
			t.Errorf("%s reads as %s, want %s", row.name, got, row.want)
		}
	}
	if h.word(0o40500) != 0b110 || h.word(0o40600) != 0b10 || h.word(0o41100) != 0b10 || h.word(0o41140) != 0b11 {
		t.Errorf("Y %b, C %b, T %b, CT %b", h.word(0o40500), h.word(0o40600), h.word(0o41100), h.word(0o41140))
	}
	if said, ok := m.run(t, "-t 4 -r 512 -c 1"); ok || !strings.Contains(said, "Illegal data address") {
		t.Errorf("no such memory: %s", said)
	}
	if said, ok := m.run(t, "-t 4 -r 16640", "1"); ok || !strings.Contains(said, "Illegal data address") {
		t.Errorf("writing X: %s", said)
	}
}
