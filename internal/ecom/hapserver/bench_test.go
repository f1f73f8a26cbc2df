package hapserver_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/backplane"
	"github.com/rungmail/rungmail/internal/durable"
	"github.com/rungmail/rungmail/internal/ecom/hapserver"
	"github.com/rungmail/rungmail/internal/ecom/settings"
	"github.com/rungmail/rungmail/internal/mailaddr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const folder = "state/racks/line-4/slot-1"

var mac = hap.MAC{0x00, 0xE0, 0x62, 0x20, 0x41, 0x86}

func ip(text string) netip.Addr { return netip.MustParseAddr(text) }

func address(text string) mailaddr.Address {
	a, err := mailaddr.Parse(text)
	if err != nil {
		panic(err)
	}
	return a
}

func password(t tb, text string) hap.Password {
	t.Helper()
	p, err := hap.ParsePassword(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// factory is the module of seeds/000 section 4.
func factory() settings.Setup {
	s := settings.At(ip("192.168.12.86"), ip("255.255.0.0"))
	s.Name, s.Description, s.Gateway = "Barry", "Rutles Drummer", ip("192.168.0.1")
	return s
}

func mails() settings.Email {
	return settings.Email{
		Server: ip("192.168.0.1"), Port: 25, Name: "Machine A-42F", Sender: address("plc@example.com"),
		Cc: []mailaddr.Address{address("supervisor@example.com"), address("joe@example.com")}, Timeout: time.Minute,
	}
}

// tb is what testing's and rapid's T have in common.
type tb interface {
	Helper()
	Error(...any)
	Errorf(string, ...any)
	Fatal(...any)
	Fatalf(string, ...any)
}

// bench is a module with a server, in the test's hands: its disk, its controller,
// its clock, and who asks.
type bench struct {
	t           tb
	disk        durable.Disk
	cpu         *cpu
	module      *module
	store       *settings.Store
	config      hapserver.Config
	server      *hapserver.Server
	now         time.Time
	from        netip.AddrPort
	read, write bool // what the one who asks may
	id          uint16
}

func newBench(t tb) *bench {
	t.Helper()
	b := &bench{
		t: t, disk: &durable.Memory{}, cpu: &cpu{}, now: time.Date(2026, 7, 28, 9, 0, 0, 0, time.UTC),
		from: netip.MustParseAddrPort("192.168.12.9:50000"), read: true, write: true,
	}
	b.config = hapserver.Config{
		Type: "H0-ECOM100", Firmware: "4.0.2148", Booter: "4.0.165", MAC: mac, DIP: 0x80,
		Allow: func(netip.Addr) (bool, bool) { return b.read, b.write },
	}
	return b.power()
}

// power turns the module off and on: what its disk holds is what it then has.
func (b *bench) power() *bench {
	b.t.Helper()
	store, err := settings.OpenStore(b.disk, folder, mails(), factory())
	if err != nil {
		b.t.Fatal(err)
	}
	b.store, b.module = store, &module{rom: store, working: store.Email()}
	b.config.Store, b.config.Module, b.config.Memory = store, b.module, b.cpu
	b.server = hapserver.New(b.config)
	return b
}

// handle gives the server a datagram; what it gets back are the bodies of the
// answers, whose frames it looks at.
func (b *bench) handle(datagram []byte, broadcast bool) [][]byte {
	b.t.Helper()
	var answers [][]byte
	b.server.Handle(b.now, b.from, datagram, broadcast, func(answer []byte) error {
		f, err := hap.ParseFrame(answer)
		if err != nil || f.ID != b.id || string(answer[:3]) != "HAP" {
			b.t.Errorf("the answer to %d is %x: %v", b.id, answer, err)
		}
		answers = append(answers, bytes.Clone(f.Body))
		return nil
	})
	return answers
}

func (b *bench) frame(r hap.Request) []byte {
	b.t.Helper()
	body, err := r.Append(nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.framed(body)
}

func (b *bench) framed(body []byte) []byte {
	b.t.Helper()
	b.id++
	frame, err := hap.AppendFrame(nil, hap.Frame{ID: b.id, Body: body})
	if err != nil {
		b.t.Fatal(err)
	}
	return frame
}

// ask asks, and is the bodies of the answers.
func (b *bench) ask(r hap.Request) [][]byte {
	b.t.Helper()
	return b.handle(b.frame(r), false)
}

// one is the one answer that there must be.
func (b *bench) one(answers [][]byte) []byte {
	b.t.Helper()
	if len(answers) != 1 {
		b.t.Fatalf("%d answers, want 1: %x", len(answers), answers)
	}
	return answers[0]
}

// silent tells that there must be no answer.
func (b *bench) silent(answers [][]byte) {
	b.t.Helper()
	if len(answers) != 0 {
		b.t.Errorf("%x, want silence", answers)
	}
}

// refused is the number of a NAK, which must be all that is answered.
func (b *bench) refused(answers [][]byte, of hap.Function) hap.Error {
	b.t.Helper()
	r, err := hap.ParseReply(b.one(answers))
	if err != nil || r.Kind != hap.FuncNAK || r.Of != of || len(answers[0]) != 4 {
		b.t.Fatalf("%x, %v: want a NAK of %s", answers, err, of)
	}
	return r.Code
}

// acked is the second of two answers, the first of which must be an ACK.
func (b *bench) acked(answers [][]byte, of hap.Function) []byte {
	b.t.Helper()
	if len(answers) != 2 || !bytes.Equal(answers[0], []byte{byte(hap.FuncACK), byte(of)}) {
		b.t.Fatalf("%x, want an ACK of %s and one more", answers, of)
	}
	return answers[1]
}

// response is what comes of a CCM or a K-sequence that isn't refused.
func (b *bench) response(r hap.Request) ([]byte, hap.Error) {
	b.t.Helper()
	reply, err := hap.ParseReply(b.acked(b.ask(r), r.Function))
	if err != nil || reply.Kind != hap.FuncResponse || reply.Of != r.Function {
		b.t.Fatalf("%+v, %v", reply, err)
	}
	if reply.Code != 0 && len(reply.Data) != 0 {
		b.t.Errorf("error %d comes with %x", reply.Code, reply.Data)
	}
	return reply.Data, reply.Code
}

func unhex(t tb, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// module is the running module as far as a server knows it.
type module struct {
	rom     *settings.Store
	working settings.Email
}

func (m *module) Working() settings.Email { return m.working }
func (m *module) Restore()                { m.working = m.rom.Email() }

func (m *module) SetWorking(e settings.Email) error {
	if err := e.Validate(); err != nil {
		return err
	}
	m.working = e
	return nil
}

// broken is a disk that takes no file any more.
type broken struct{ durable.Disk }

func (broken) Create(string) (durable.File, error) { return nil, errors.New("input/output error") }

// span is a run of words, both ends included.
type span struct{ first, last uint16 }

// has and own are the memory of a DL06, and what of it is the controller's own
// (facts/plc.md section 3.2).
var (
	has = []span{
		{0, 0o377},
		{0o400, 0o777},
		{0o1000, 0o1177},
		{0o1200, 0o7777},
		{0o10000, 0o17777},
		{0o36000, 0o37777},
		{0o40000, 0o40177},
		{0o40200, 0o40377},
		{0o40400, 0o40437},
		{0o40500, 0o40537},
		{0o40600, 0o40677},
		{0o41000, 0o41077},
		{0o41100, 0o41117},
		{0o41140, 0o41147},
		{0o41200, 0o41237},
	}
	own = []span{{0o700, 0o777}, {0o7600, 0o7777}, {0o36000, 0o37777}, {0o41200, 0o41237}}
)

// cpu is a controller with the memory of a DL06.
type cpu struct {
	words [1 << 16]uint16
	more  []span // what it has beyond a DL06
	bad   bool   // each access panics
}

var _ backplane.Host = (*cpu)(nil)

var errNoMemory = errors.New("no such memory, or not for this")

func within(spans []span, word int) bool {
	for _, s := range spans {
		if word >= int(s.first) && word <= int(s.last) {
			return true
		}
	}
	return false
}

// check judges the words of so many bits.
func (c *cpu) check(word uint16, bits int, write bool) error {
	if c.bad {
		panic("a fault of ours")
	}
	for i := range (bits + 15) / 16 {
		if w := int(word) + i; !within(has, w) && !within(c.more, w) || write && within(own, w) {
			return errNoMemory
		}
	}
	return nil
}

func (c *cpu) ReadMemory(word uint16, dst []byte) error {
	if len(dst) > backplane.MaxCopy {
		return errNoMemory
	}
	if err := c.check(word, 8*len(dst), false); err != nil {
		return err
	}
	for i := range dst {
		dst[i] = byte(c.words[int(word)+i/2] >> (8 * (i % 2)))
	}
	return nil
}

func (c *cpu) WriteMemory(word uint16, src []byte) error {
	return c.WriteBits(word, 0, 8*len(src), src)
}

func (c *cpu) WriteBits(word uint16, bit uint8, n int, src []byte) error {
	if n < 0 || n > 8*min(len(src), backplane.MaxCopy) || bit > 15 {
		return errNoMemory
	}
	if err := c.check(word, int(bit)+n, true); err != nil {
		return err
	}
	for i := range n {
		at := int(bit) + i
		w := &c.words[int(word)+at/16]
		*w = *w&^(1<<(at%16)) | uint16(src[i/8]>>(i%8)&1)<<(at%16)
	}
	return nil
}

func (c *cpu) Mode() backplane.Mode { return backplane.Run }

// disk is the files of a bench's disk.
func (b *bench) files() string {
	b.t.Helper()
	email, err := b.disk.ReadFile(filepath.Join(folder, settings.EmailFile))
	if err != nil {
		b.t.Fatal(err)
	}
	setup, _ := b.disk.ReadFile(filepath.Join(folder, settings.SetupFile)) // there is none before the first change
	return string(email) + string(setup)
}
