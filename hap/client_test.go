package hap_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/hap"
)

// script answers the nth frame that a peer gets, from 0, with datagrams.
type script func(n int, f hap.Frame) [][]byte

// peer is a module that does as its script says.
type peer struct {
	addr   netip.AddrPort
	mu     sync.Mutex // held while the script runs
	frames []hap.Frame
}

func listen(t testing.TB, s script) *peer {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{addr: conn.LocalAddr().(*net.UDPAddr).AddrPort()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.serve(conn, s)
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return p
}

func (p *peer) serve(conn *net.UDPConn, s script) {
	buf := make([]byte, 2048)
	for n := 0; ; n++ {
		size, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			return
		}
		f, err := hap.ParseFrame(bytes.Clone(buf[:size]))
		if err != nil {
			continue
		}
		p.mu.Lock()
		p.frames = append(p.frames, f)
		answers := s(n, f)
		p.mu.Unlock()
		for _, answer := range answers {
			_, _ = conn.WriteToUDPAddrPort(answer, from)
		}
	}
}

// got are the ids and the requests that came.
func (p *peer) got(t testing.TB) (ids []uint16, requests []hap.Request) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.frames {
		r, err := hap.ParseRequest(f.Body)
		if err != nil {
			t.Errorf("a request that makes no sense: %v", err)
		}
		ids, requests = append(ids, f.ID), append(requests, r)
	}
	return ids, requests
}

// dial opens a client that waits long: only a test that loses datagrams waits
// shorter.
func dial(t testing.TB, p *peer, opts hap.Options) *hap.Client {
	t.Helper()
	if opts.Timeout == 0 {
		opts.Timeout = 10 * time.Second
	}
	c, err := hap.Dial(t.Context(), p.addr.String(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// answer is a datagram with this id and body.
func answer(id uint16, body []byte) []byte {
	b, err := hap.AppendFrame(nil, hap.Frame{ID: id, Body: body})
	if err != nil {
		panic(err)
	}
	return b
}

// short is for tests in which a datagram is lost.
const short = 150 * time.Millisecond

var poll = hap.Poll{MAC: barry, IP: netip.MustParseAddr("192.168.12.86")}

func TestALostRequestIsSentAgainWithAnotherID(t *testing.T) {
	p := listen(t, func(n int, f hap.Frame) [][]byte {
		if n < 2 {
			return nil
		}
		return [][]byte{answer(f.ID, poll.Append(nil))}
	})
	c := dial(t, p, hap.Options{Timeout: short})
	got, err := c.Poll(t.Context())
	if err != nil || got != poll {
		t.Fatalf("%+v, %v", got, err)
	}
	if ids, _ := p.got(t); !cmp.Equal(ids, []uint16{1, 2, 3}) {
		t.Errorf("the ids were %v", ids)
	}
	if got := c.Counts(); got.Retries != 2 {
		t.Errorf("the counts are %+v", got)
	}
}

func TestIDsGoRoundWithoutZero(t *testing.T) {
	p := listen(t, func(_ int, f hap.Frame) [][]byte { return [][]byte{answer(f.ID, poll.Append(nil))} })
	c := dial(t, p, hap.Options{})
	c.SkipTo(0xFFFE)
	for range 3 {
		if _, err := c.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if ids, _ := p.got(t); !cmp.Equal(ids, []uint16{0xFFFE, 0xFFFF, 1}) {
		t.Errorf("the ids were %v", ids)
	}
}

func TestALateAnswerIsNotTakenForTheNext(t *testing.T) {
	other := hap.Poll{MAC: hap.MAC{1}}
	p := listen(t, func(_ int, f hap.Frame) [][]byte {
		return [][]byte{answer(f.ID-1, other.Append(nil)), answer(f.ID, poll.Append(nil))}
	})
	c := dial(t, p, hap.Options{})
	if got, err := c.Poll(t.Context()); err != nil || got != poll {
		t.Errorf("%+v, %v", got, err)
	}
	if got := c.Counts(); got != (hap.Counts{Late: 1}) {
		t.Errorf("the counts are %+v", got)
	}
}

func TestGarbageIsPassedOver(t *testing.T) {
	p := listen(t, func(_ int, f hap.Frame) [][]byte {
		good := answer(f.ID, poll.Append(nil))
		haa := bytes.Clone(good)
		haa[2] = 'A'
		return [][]byte{{}, []byte("HTTP/1.1 400 Bad Request"), good[:12], bytes.Repeat([]byte{0xFF}, 4000), haa}
	})
	c := dial(t, p, hap.Options{})
	if got, err := c.Poll(t.Context()); err != nil || got != poll {
		t.Errorf("%+v, %v", got, err)
	}
	if got := c.Counts(); got != (hap.Counts{Strays: 4}) {
		t.Errorf("the counts are %+v", got)
	}
}

func TestADamagedAnswerIsAskedForAgain(t *testing.T) {
	p := listen(t, func(n int, f hap.Frame) [][]byte {
		b := answer(f.ID, poll.Append(nil))
		if n == 0 {
			b[12] ^= 1
		}
		return [][]byte{b}
	})
	c := dial(t, p, hap.Options{})
	if got, err := c.Poll(t.Context()); err != nil || got != poll {
		t.Errorf("%+v, %v", got, err)
	}
	if got := c.Counts(); got != (hap.Counts{BadCRC: 1, Retries: 1}) {
		t.Errorf("the counts are %+v", got)
	}
}

func TestAnswersThatStayDamagedAreAnErrorOfTheirOwn(t *testing.T) {
	p := listen(t, func(_ int, f hap.Frame) [][]byte {
		b := answer(f.ID, poll.Append(nil))
		b[12] ^= 1
		return [][]byte{b}
	})
	if _, err := dial(t, p, hap.Options{Retries: 1}).Poll(t.Context()); !errors.Is(err, hap.ErrCRC) || errors.Is(err, hap.ErrTimeout) {
		t.Error(err)
	}
	if ids, _ := p.got(t); len(ids) != 2 {
		t.Errorf("%d tries", len(ids))
	}
}

func TestSilenceIsATimeoutThatSaysWhatToCheck(t *testing.T) {
	p := listen(t, func(int, hap.Frame) [][]byte { return nil })
	_, err := dial(t, p, hap.Options{Timeout: 20 * time.Millisecond, Retries: -1}).Device(t.Context())
	if !errors.Is(err, hap.ErrTimeout) || !strings.Contains(err.Error(), p.addr.String()) || !strings.Contains(err.Error(), "check the address") {
		t.Error(err)
	}
	if ids, _ := p.got(t); len(ids) > 1 {
		t.Errorf("%d tries, want one", len(ids))
	}
}

func TestAModuleThatRefusesSaysWhy(t *testing.T) {
	p := listen(t, func(_ int, f hap.Frame) [][]byte {
		return [][]byte{answer(f.ID, hap.NAK(hap.Function(f.Body[0]), hap.ErrModuleBusy).Append(nil))}
	})
	c := dial(t, p, hap.Options{})
	for name, call := range map[string]func() error{
		"read set-up":  func() error { _, err := c.Name(t.Context()); return err },
		"write set-up": func() error { return c.SetName(t.Context(), "Barry") },
		"version":      func() error { _, err := c.Versions(t.Context()); return err },
		"CCM":          func() error { _, err := c.ReadV(t.Context(), 0o2000, 2); return err },
		"K-sequence":   func() error { return c.SetBit(t.Context(), 0o40600, 0, true) },
	} {
		err := call()
		var number hap.Error
		if !errors.Is(err, hap.ErrModuleBusy) || !errors.As(err, &number) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestANAKThatDoesNotSayWhyIsOneToo(t *testing.T) {
	p := listen(t, func(_ int, f hap.Frame) [][]byte {
		return [][]byte{answer(f.ID, hap.NAK(hap.FuncCCM, 0).Append(nil))}
	})
	if _, err := dial(t, p, hap.Options{}).ReadV(t.Context(), 0o2000, 2); !errors.Is(err, hap.ErrNAKed) {
		t.Error(err)
	}
}

func TestAWriteIsDoneWhenTheSecondAnswerSaysSo(t *testing.T) {
	for name, r := range map[string]struct {
		answers [][]byte
		want    error
	}{
		"stored":                {[][]byte{{0x20, 0x0C}, {0, 0}}, nil},
		"an ACK of any form":    {[][]byte{{}, {0, 0}}, nil},
		"the ACK came twice":    {[][]byte{{0x20, 0x0C}, {0x20, 0x0C}, {0, 0}}, nil},
		"twice, and protected":  {[][]byte{{0x20, 0x0C}, {0x20, 0x0C}, {126, 0}}, hap.ErrProtection},
		"protected":             {[][]byte{{0x20, 0x0C}, {126, 0}}, hap.ErrProtection},
		"an answer of a byte":   {[][]byte{{0x20, 0x0C}, {0}}, hap.ErrMalformed},
		"the second is missing": {[][]byte{{0x20, 0x0C}}, hap.ErrTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			p := listen(t, func(_ int, f hap.Frame) (datagrams [][]byte) {
				for _, body := range r.answers {
					datagrams = append(datagrams, answer(f.ID, body))
				}
				return datagrams
			})
			opts := hap.Options{Retries: -1}
			if errors.Is(r.want, hap.ErrTimeout) {
				opts.WriteTimeout = 20 * time.Millisecond
			}
			err := dial(t, p, opts).SetSubnet(t.Context(), netip.MustParseAddr("255.255.0.0"))
			if !errors.Is(err, r.want) {
				t.Errorf("got %v, want %v", err, r.want)
			}
			_, got := p.got(t)
			want := []hap.Request{{Function: hap.FuncWriteSetup, Type: hap.SetupSubnet, Data: []byte{255, 255, 0, 0}}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestALostStoreIsWrittenAgain: the module acknowledged, but what it then said
// didn't come.
func TestALostStoreIsWrittenAgain(t *testing.T) {
	p := listen(t, func(n int, f hap.Frame) [][]byte {
		if n == 0 {
			return [][]byte{answer(f.ID, hap.ACK(hap.FuncDeleteSetup).Append(nil))}
		}
		return [][]byte{answer(f.ID, hap.ACK(hap.FuncDeleteSetup).Append(nil)), answer(f.ID, hap.SetupReply{}.Append(nil))}
	})
	if err := dial(t, p, hap.Options{WriteTimeout: short}).UseNow(t.Context()); err != nil {
		t.Error(err)
	}
	_, got := p.got(t)
	want := hap.Request{Function: hap.FuncDeleteSetup, Type: hap.SetupEmailInUse}
	if diff := cmp.Diff([]hap.Request{want, want}, got); diff != "" {
		t.Error(diff)
	}
}

func TestNobodyAtThePortIsAnErrorAtOnce(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	addr := conn.LocalAddr().String()
	conn.Close()
	c, err := hap.Dial(t.Context(), addr, hap.Options{Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Poll(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, hap.ErrTimeout) {
		t.Error(err)
	}
}

func TestAddressesThatCannotBeDialled(t *testing.T) {
	for _, address := range []string{"127.0.0.1:port-of-nothing", "[::1]:28784", "127.0.0.1:70000"} {
		if c, err := hap.Dial(t.Context(), address, hap.Options{}); err == nil {
			t.Errorf("%s was dialled", address)
			c.Close()
		}
		if c, err := hap.DialAddressed(t.Context(), address, barry, hap.Options{}); err == nil {
			t.Errorf("%s was dialled by a MAC", address)
			c.Close()
		}
	}
}

func TestAnAddressWithoutAPortHasTheProtocols(t *testing.T) {
	c, err := hap.Dial(t.Context(), "127.0.0.1", hap.Options{Timeout: time.Millisecond, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Poll(ctx); err == nil || !strings.Contains(err.Error(), "127.0.0.1:28784") {
		t.Error(err)
	}
}

func TestAContextEndsTheWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := listen(t, func(int, hap.Frame) [][]byte { cancel(); return nil })
	c := dial(t, p, hap.Options{})
	if _, err := c.Poll(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("while it waited: %v", err)
	}
	if _, err := c.Poll(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("before it sent: %v", err)
	}
	if ids, _ := p.got(t); len(ids) != 1 {
		t.Errorf("%d requests were sent", len(ids))
	}
	if got := c.Counts(); got != (hap.Counts{}) {
		t.Errorf("the counts are %+v", got)
	}
}

func TestClosingEndsTheWait(t *testing.T) {
	var c *hap.Client
	ready := make(chan struct{})
	p := listen(t, func(int, hap.Frame) [][]byte {
		<-ready
		c.Close()
		return nil
	})
	c = dial(t, p, hap.Options{})
	close(ready)
	if _, err := c.Poll(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

func TestManyCallersTakeTurns(t *testing.T) {
	p := listen(t, func(_ int, f hap.Frame) [][]byte {
		r, err := hap.ParseRequest(f.Body)
		if err != nil {
			return nil
		}
		n, _ := r.CCM.Number()
		return ccmAnswers(f.ID, []byte{byte(n), byte(n >> 8)})
	})
	c := dial(t, p, hap.Options{})
	var all sync.WaitGroup
	for word := range uint16(50) {
		all.Go(func() {
			got, err := c.ReadV(t.Context(), word, 2)
			if err != nil || !bytes.Equal(got, []byte{byte(word), 0}) {
				t.Errorf("V%o is % x, %v", word, got, err)
			}
		})
	}
	all.Wait()
}

func ccmAnswers(id uint16, data []byte) [][]byte {
	return [][]byte{
		answer(id, hap.ACK(hap.FuncCCM).Append(nil)),
		answer(id, hap.Reply{Kind: hap.FuncResponse, Of: hap.FuncCCM, Data: data}.Append(nil)),
	}
}

// memory is a controller's V-memory behind a module.
func memory(bytesOf []byte) script {
	return func(_ int, f hap.Frame) [][]byte {
		r, err := hap.ParseRequest(f.Body)
		if err != nil || r.CCM.Count > hap.SafeCCM {
			return [][]byte{answer(f.ID, hap.NAK(hap.FuncCCM, hap.ErrTooLong).Append(nil))}
		}
		n, _ := r.CCM.Number()
		if r.CCM.Type == hap.CCMV {
			n *= 2
		}
		at := bytesOf[n:][:r.CCM.Count]
		if r.CCM.Write {
			copy(at, r.CCM.Data)
			at = nil
		}
		return ccmAnswers(f.ID, at)
	}
}

func TestLongReadsAndWritesGoInPiecesOf128Bytes(t *testing.T) {
	v := make([]byte, 4096)
	p := listen(t, memory(v))
	c := dial(t, p, hap.Options{})
	want := make([]byte, 301)
	for i := range want {
		want[i] = byte(i)
	}
	if err := c.WriteV(t.Context(), 0o1400, want); err != nil {
		t.Fatal(err)
	}
	got, err := c.ReadV(t.Context(), 0o1400, len(want))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("% x, %v", got, err)
	}
	_, requests := p.got(t)
	var pieces []int
	for _, r := range requests {
		pieces = append(pieces, r.CCM.Count)
	}
	if diff := cmp.Diff([]int{128, 128, 45, 128, 128, 45}, pieces); diff != "" {
		t.Error(diff)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if v[2*0o1400+300] != 300&0xFF || v[2*0o1400+301] != 0 {
		t.Error("the last byte stands elsewhere, or took its neighbour with it")
	}
}

func TestInputsAndOutputsAreReadByTheByte(t *testing.T) {
	io := make([]byte, 0x340)
	io[hap.InputX+1], io[hap.OutputC+2] = 0x81, 0x42
	p := listen(t, memory(io))
	c := dial(t, p, hap.Options{})
	if got, err := c.ReadInputs(t.Context(), hap.InputX, 2); err != nil || !bytes.Equal(got, []byte{0, 0x81}) {
		t.Errorf("inputs % x, %v", got, err)
	}
	if got, err := c.ReadOutputs(t.Context(), hap.OutputC+2, 1); err != nil || !bytes.Equal(got, []byte{0x42}) {
		t.Errorf("outputs % x, %v", got, err)
	}
	_, requests := p.got(t)
	want := []hap.CCM{{Type: hap.CCMInputs, Address: 0x101, Count: 2}, {Type: hap.CCMOutputs, Address: 0x183, Count: 1}}
	if diff := cmp.Diff(want, []hap.CCM{requests[0].CCM, requests[1].CCM}); diff != "" {
		t.Error(diff)
	}
}

func TestMemoryThatIsNotThereIsNotAskedFor(t *testing.T) {
	p := listen(t, func(int, hap.Frame) [][]byte { return nil })
	c := dial(t, p, hap.Options{})
	for name, err := range map[string]error{
		"no bytes":             second(c.ReadV(t.Context(), 0o2000, 0)),
		"less than none":       second(c.ReadV(t.Context(), 0o2000, -1)),
		"the last word":        second(c.ReadV(t.Context(), 0o177777, 2)),
		"beyond it":            second(c.ReadInputs(t.Context(), 0xFFFE, 2)),
		"nothing to write":     c.WriteV(t.Context(), 0o2000, nil),
		"a bit of a data word": c.SetBit(t.Context(), 0o2000, 0, true),
		"a special relay":      c.SetBit(t.Context(), 0o41200, 0, true),
	} {
		if !errors.Is(err, hap.ErrRange) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if ids, _ := p.got(t); len(ids) != 0 {
		t.Errorf("%d requests were sent", len(ids))
	}
}

func second[T any](_ T, err error) error { return err }

func TestExchangesThatGoWrong(t *testing.T) {
	ack := hap.ACK(hap.FuncCCM).Append(nil)
	response := func(code hap.Error, data ...byte) []byte {
		return hap.Reply{Kind: hap.FuncResponse, Of: hap.FuncCCM, Code: code, Data: data}.Append(nil)
	}
	for name, r := range map[string]struct {
		answers [][]byte
		want    error
	}{
		"as it should":       {[][]byte{ack, response(0, 1, 2)}, nil},
		"no ACK":             {[][]byte{response(0, 1, 2)}, nil},
		"the ACK came twice": {[][]byte{ack, ack, response(0, 1, 2)}, nil},
		"an error":           {[][]byte{ack, response(hap.ErrRange)}, hap.ErrRange},
		"too little":         {[][]byte{ack, response(0, 1)}, hap.ErrMalformed},
		"another's answer":   {[][]byte{hap.ACK(hap.FuncKSequence).Append(nil)}, hap.ErrMalformed},
		"what is no answer":  {[][]byte{{9, 9, 9, 9}}, hap.ErrMalformed},
		"an empty answer":    {[][]byte{{}}, hap.ErrMalformed},
	} {
		p := listen(t, func(_ int, f hap.Frame) (datagrams [][]byte) {
			for _, body := range r.answers {
				datagrams = append(datagrams, answer(f.ID, body))
			}
			return datagrams
		})
		got, err := dial(t, p, hap.Options{}).ReadV(t.Context(), 0o2000, 2)
		if !errors.Is(err, r.want) || err == nil && !bytes.Equal(got, []byte{1, 2}) {
			t.Errorf("%s: % x, %v, want %v", name, got, err, r.want)
		}
	}
}

// TestEndlessACKsAreNoAnswer: a peer that repeats its ACK for ever doesn't hold
// the client for ever.
func TestEndlessACKsAreNoAnswer(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, from, err := conn.ReadFromUDPAddrPort(make([]byte, 100))
		for err == nil {
			_, err = conn.WriteToUDPAddrPort(answer(1, hap.ACK(hap.FuncCCM).Append(nil)), from)
		}
	}()
	defer func() {
		conn.Close()
		<-done
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c, err := hap.Dial(ctx, conn.LocalAddr().String(), hap.Options{Timeout: 100 * time.Millisecond, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.ReadV(ctx, 0o2000, 2); !errors.Is(err, hap.ErrTimeout) {
		t.Error(err)
	}
}

// controller answers K-sequence: it is locked until its password comes.
func controller(secret hap.Password) script {
	locked := true
	return func(_ int, f hap.Frame) [][]byte {
		r, err := hap.ParseRequest(f.Body)
		if err != nil {
			return nil
		}
		if r.KSeq.Op == hap.KLogin {
			locked = !r.KSeq.Password.Equal(secret)
		}
		reply := hap.KReply{Op: r.KSeq.Op, Address: r.KSeq.Address}
		if r.KSeq.Op == hap.KStatus || r.KSeq.Op == hap.KLogin {
			reply = hap.KReply{Op: r.KSeq.Op, Locked: locked}
		}
		response, err := reply.Response()
		if err != nil {
			return nil
		}
		return [][]byte{answer(f.ID, hap.ACK(hap.FuncKSequence).Append(nil)), answer(f.ID, response.Append(nil))}
	}
}

func TestALoginUnlocksTheController(t *testing.T) {
	p := listen(t, controller(password(t, "A1234567")))
	c := dial(t, p, hap.Options{})
	if locked, err := c.PasswordStatus(t.Context()); err != nil || !locked {
		t.Errorf("at first: locked %v, %v", locked, err)
	}
	if err := c.Login(t.Context(), password(t, "A7654321")); !errors.Is(err, hap.ErrLocked) {
		t.Errorf("with a wrong password: %v", err)
	}
	if err := c.Login(t.Context(), password(t, "A1234567")); err != nil {
		t.Errorf("with the right one: %v", err)
	}
	if locked, err := c.PasswordStatus(t.Context()); err != nil || locked {
		t.Errorf("at last: locked %v, %v", locked, err)
	}
}

func TestABitIsSetByKSequence(t *testing.T) {
	p := listen(t, controller(hap.Password{}))
	c := dial(t, p, hap.Options{})
	if err := errors.Join(c.SetBit(t.Context(), 0o40600, 3, true), c.SetBit(t.Context(), 0o40600, 3, false)); err != nil {
		t.Fatal(err)
	}
	_, got := p.got(t)
	want := []hap.KSequence{{Op: hap.KSet, Address: 0xF003}, {Op: hap.KReset, Address: 0xF003}}
	if diff := cmp.Diff(want, []hap.KSequence{got[0].KSeq, got[1].KSeq}); diff != "" {
		t.Error(diff)
	}
}

// module is a module's set-up data and what else it says of itself.
func module(rom map[hap.SetupType][]byte) script {
	return func(_ int, f hap.Frame) [][]byte {
		r, err := hap.ParseRequest(f.Body)
		if err == nil && r.Function == hap.FuncAddressedBroadcast {
			if r.MAC != barry {
				return nil
			}
			r, err = hap.ParseRequest(r.Data)
		}
		if err != nil {
			return nil
		}
		one := func(body []byte) [][]byte { return [][]byte{answer(f.ID, body)} }
		switch r.Function {
		case hap.FuncPollAll:
			return one(poll.Append(nil))
		case hap.FuncVersion:
			return one(hap.Versions{OS: hap.Release{Major: 4, Build: 1031}}.Append(nil))
		case hap.FuncSupport:
			return one(hap.Support{Functions: hap.Functions(hap.FuncCCM)}.Append(nil))
		case hap.FuncDevice:
			return one(hap.Device{MAC: barry, DIP: 0x80}.Append(nil))
		case hap.FuncEthernetStats:
			return one(hap.Stats{Missed: uint32(r.Function)}.Append(nil))
		case hap.FuncReadMemory:
			return one(hap.SetupReply{Data: make([]byte, r.Memory.Count)}.Append(nil))
		case hap.FuncEnumSetup:
			body, _ := hap.EnumReply{Types: []hap.SetupType{hap.SetupIP, hap.SetupName}}.Append(nil)
			return one(body)
		case hap.FuncReadSetup:
			if rom[r.Type] == nil {
				return one(hap.SetupReply{Code: hap.ErrNotFound}.Append(nil))
			}
			return one(hap.SetupReply{Data: rom[r.Type]}.Append(nil))
		case hap.FuncWriteSetup:
			rom[r.Type] = r.Data
		case hap.FuncDeleteSetup:
			delete(rom, r.Type)
		default:
			return one(hap.NAK(r.Function, hap.ErrRequest).Append(nil))
		}
		return [][]byte{answer(f.ID, hap.ACK(r.Function).Append(nil)), answer(f.ID, hap.SetupReply{}.Append(nil))}
	}
}

func TestWhatAModuleSaysOfItself(t *testing.T) {
	c := dial(t, listen(t, module(nil)), hap.Options{})
	ctx := t.Context()
	if v, err := c.Versions(ctx); err != nil || v.OS.Build != 1031 {
		t.Errorf("versions: %+v, %v", v, err)
	}
	if s, err := c.Support(ctx); err != nil || !s.Functions.Has(hap.FuncCCM) {
		t.Errorf("support: %+v, %v", s, err)
	}
	if d, err := c.Device(ctx); err != nil || d.MAC != barry || !d.DIP.IBoxes() {
		t.Errorf("device: %+v, %v", d, err)
	}
	if s, err := c.Stats(ctx, true); err != nil || s.Missed != 0x0E {
		t.Errorf("statistics: %+v, %v", s, err)
	}
	if got, err := c.EnumSetup(ctx); err != nil || !cmp.Equal(got, []hap.SetupType{hap.SetupIP, hap.SetupName}) {
		t.Errorf("set-up data: %v, %v", got, err)
	}
	if b, err := c.ReadMemory(ctx, hap.MemoryRange{Type: hap.MemoryV, Offset: 0o2000, Count: 8}); err != nil || len(b) != 8 {
		t.Errorf("memory: % x, %v", b, err)
	}
	if _, err := c.Name(ctx); !errors.Is(err, hap.ErrNotFound) {
		t.Errorf("a name that it doesn't have: %v", err)
	}
}

func TestEverySettingIsReadAsItWasWritten(t *testing.T) {
	rom := map[hap.SetupType][]byte{
		hap.SetupIPSetup: append([]byte{0x10}, make([]byte, 255)...), hap.SetupTransfers: bytes.Repeat([]byte{0xAB}, 128),
		hap.SetupTypeString: append([]byte("H2-ECOM100"), make([]byte, 22)...), hap.SetupPeers0: make([]byte, 512), hap.SetupPeers32: make([]byte, 512), hap.SetupPeers64: make([]byte, 512),
	}
	p := listen(t, module(rom))
	c := dial(t, p, hap.Options{})
	ctx, ip := t.Context(), netip.MustParseAddr("192.168.12.86")
	peer := hap.ModbusPeer(ip)
	transfers := hap.Transfers{AckTimeout: 50 * time.Millisecond, ResponseTimeout: time.Second, MaxRetries: 3}
	inUse := email()
	inUse.Port = 2525
	for name, err := range map[string]error{
		"name": c.SetName(ctx, "Barry"), "description": c.SetDescription(ctx, "Rutles Drummer"), "id": c.SetID(ctx, 128), "ip": c.SetIP(ctx, ip),
		"subnet": c.SetSubnet(ctx, ip), "gateway": c.SetGateway(ctx, ip), "dhcp": c.SetDHCP(ctx, true), "transfers": c.SetTransfers(ctx, transfers),
		"peer": c.SetPeer(ctx, 33, peer), "e-mail": c.SetEmail(ctx, email()), "e-mail in use": c.SetEmailInUse(ctx, inUse), "blink": c.Blink(ctx, time.Minute),
	} {
		if err != nil {
			t.Errorf("writing %s: %v", name, err)
		}
	}
	check(t, "name", "Barry")(c.Name(ctx))
	check(t, "type", "H2-ECOM100")(c.TypeString(ctx))
	check(t, "description", "Rutles Drummer")(c.Description(ctx))
	check(t, "id", uint32(128))(c.ID(ctx))
	check(t, "ip", ip)(c.IP(ctx))
	check(t, "subnet", ip)(c.Subnet(ctx))
	check(t, "gateway", ip)(c.Gateway(ctx))
	check(t, "dhcp", true)(c.DHCP(ctx))
	check(t, "transfers", transfers)(c.Transfers(ctx))
	check(t, "peers", [hap.MaxPeers]hap.Peer{33: peer})(c.Peers(ctx))
	check(t, "e-mail", email())(c.Email(ctx))
	check(t, "e-mail in use", inUse)(c.EmailInUse(ctx))
	stored := func(typ hap.SetupType, at int) byte {
		p.mu.Lock()
		defer p.mu.Unlock()
		return rom[typ][at]
	}
	if stored(hap.SetupIPSetup, 0) != 0x14 || stored(hap.SetupTransfers, 6) != 0xAB {
		t.Error("what stood beside a setting was changed with it")
	}
	if err := c.SetDHCP(ctx, false); err != nil || stored(hap.SetupIPSetup, 0) != 0x10 {
		t.Errorf("DHCP is not off again: %v", err)
	}
	if err := c.SetPeer(ctx, 96, peer); !errors.Is(err, hap.ErrValue) {
		t.Errorf("peer 96: %v", err)
	}
	if err := c.SetName(ctx, "Łódź"); !errors.Is(err, hap.ErrValue) {
		t.Errorf("a name beyond Latin-1: %v", err)
	}
}

func check[T any](t *testing.T, name string, want T) func(T, error) {
	t.Helper()
	return func(got T, err error) {
		t.Helper()
		if diff := cmp.Diff(want, got, addrs); err != nil || diff != "" {
			t.Errorf("reading %s: %v\n%s", name, err, diff)
		}
	}
}

func TestAModuleIsReachedByItsEthernetAddress(t *testing.T) {
	rom := map[hap.SetupType][]byte{}
	p := listen(t, module(rom))
	c, err := hap.DialAddressed(t.Context(), p.addr.String(), barry, hap.Options{Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetIP(t.Context(), netip.MustParseAddr("192.168.12.86")); err != nil {
		t.Error(err)
	}
	check(t, "ip", netip.MustParseAddr("192.168.12.86"))(c.IP(t.Context()))
	_, got := p.got(t)
	for _, r := range got {
		if r.Function != hap.FuncAddressedBroadcast || r.MAC != barry {
			t.Errorf("a request went out as %+v", r)
		}
	}
	other, err := hap.DialAddressed(t.Context(), p.addr.String(), hap.MAC{1}, hap.Options{Timeout: 20 * time.Millisecond, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Name(t.Context()); !errors.Is(err, hap.ErrTimeout) || !strings.Contains(err.Error(), "01:00:00:00:00:00") {
		t.Errorf("another module's address: %v", err)
	}
}

// TestALostACKCostsNoWait: an error number that comes first is the second answer.
func TestALostACKCostsNoWait(t *testing.T) {
	for code, want := range map[byte]error{0: nil, 119: hap.ErrInvalidData} {
		p := listen(t, func(_ int, f hap.Frame) [][]byte { return [][]byte{answer(f.ID, []byte{code, 0})} })
		c := dial(t, p, hap.Options{WriteTimeout: 10 * time.Minute})
		if err := c.SetName(t.Context(), "Stig"); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%d: %v, want %v", code, err, want)
		}
		if ids, _ := p.got(t); len(ids) != 1 {
			t.Errorf("it was asked %d times", len(ids))
		}
	}
}
