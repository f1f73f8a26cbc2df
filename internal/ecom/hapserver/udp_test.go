package hapserver_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/rungmail/rungmail/hap"
	"github.com/rungmail/rungmail/internal/ecom/hapserver"
)

// patience is how long a test waits for what must come soon.
const patience = 10 * time.Second

func socket(t *testing.T) *net.UDPConn {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func at(conn *net.UDPConn) netip.AddrPort { return conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// running is a service until the test ends, and how to end it before.
func running(t *testing.T, serve func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- serve(ctx) }()
	stop = sync.OnceFunc(func() {
		t.Helper()
		cancel()
		select {
		case err := <-over:
			if err != nil {
				t.Errorf("it ended with %v", err)
			}
		case <-time.After(patience):
			t.Error("it doesn't end with its context")
		}
	})
	t.Cleanup(stop)
	return stop
}

// served is a bench whose server runs on UDP, a client of it, and how to end it.
func served(t *testing.T, change func(*bench)) (b *bench, c *hap.Client, stop func()) {
	t.Helper()
	b = newBench(t)
	if change != nil {
		change(b)
		b.power()
	}
	address, stop := b.serve(t)
	return b, dial(t, address), stop
}

// serve has the server answer on one more socket.
func (b *bench) serve(t *testing.T) (address netip.AddrPort, stop func()) {
	t.Helper()
	conn := socket(t)
	return at(conn), running(t, func(ctx context.Context) error { return hapserver.Serve(ctx, conn, b.server) })
}

func dial(t *testing.T, address netip.AddrPort) *hap.Client {
	t.Helper()
	c, err := hap.Dial(t.Context(), address.String(), hap.Options{Timeout: patience, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// no fails a test at an error.
func no(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAClientGetsToKnowAModule(t *testing.T) {
	_, c, _ := served(t, nil)
	poll, err := c.Poll(t.Context())
	if no(t, err); poll.MAC != mac || poll.IP != ip("192.168.12.86") {
		t.Errorf("%+v", poll)
	}
	versions, err := c.Versions(t.Context())
	if no(t, err); versions.OS.String() != "4.0.2148" {
		t.Errorf("%+v", versions)
	}
	device, err := c.Device(t.Context())
	if no(t, err); !device.DIP.IBoxes() || device.MAC != mac {
		t.Errorf("%+v", device)
	}
	kind, err := c.TypeString(t.Context())
	if no(t, err); kind != "H0-ECOM100" {
		t.Error(kind)
	}
	types, err := c.EnumSetup(t.Context())
	if no(t, err); !slices.Contains(types, hap.SetupEmail) {
		t.Error(types)
	}
	if _, err := c.ReadSetup(t.Context(), hap.SetupKey); !errors.Is(err, hap.ErrNotFound) {
		t.Errorf("a key: %v", err)
	}
}

func TestAClientSetsAModuleUp(t *testing.T) {
	b, c, stop := served(t, func(b *bench) { b.config.DIP = 0x80 })
	no(t, c.SetName(t.Context(), "Stig"))
	no(t, c.SetID(t.Context(), 9))
	no(t, c.SetDHCP(t.Context(), true))
	no(t, c.SetIP(t.Context(), ip("10.0.0.7")))
	no(t, c.SetTransfers(t.Context(), hap.Transfers{AckTimeout: time.Second, ResponseTimeout: 2 * time.Second, MaxRetries: 1}))
	no(t, c.SetPeer(t.Context(), 33, hap.ModbusPeer(ip("10.0.0.8"))))
	no(t, c.SetPeer(t.Context(), 95, hap.ModbusPeer(ip("10.0.0.9"))))
	no(t, c.SetEmail(t.Context(), another()))
	in, err := c.EmailInUse(t.Context())
	if no(t, err); !cmp.Equal(in, hapEmail(), sameAddr) {
		t.Errorf("before it is used: %+v", in)
	}
	no(t, c.UseNow(t.Context()))
	in, err = c.EmailInUse(t.Context())
	if no(t, err); !cmp.Equal(in, another(), sameAddr) {
		t.Errorf("when it is used: %+v", in)
	}
	peers, err := c.Peers(t.Context())
	if no(t, err); peers[33] != hap.ModbusPeer(ip("10.0.0.8")) || peers[95] != hap.ModbusPeer(ip("10.0.0.9")) || peers[34] != (hap.Peer{}) {
		t.Errorf("%+v", peers)
	}
	if err := c.SetSubnet(t.Context(), ip("255.0.255.0")); !errors.Is(err, hap.ErrInvalidData) {
		t.Errorf("no mask: %v", err)
	}
	stop()
	if s := b.store.Setup(); s.Name != "Stig" || s.ID != 9 || !s.DHCP || s.IP != ip("10.0.0.7") || s.Transfers.Retries != 1 {
		t.Errorf("%+v", s)
	}
}

func TestAClientReadsAndWritesMemory(t *testing.T) {
	b, c, stop := served(t, nil)
	data := bytes.Repeat([]byte{1, 2, 3}, 100) // more than one CCM holds
	no(t, c.WriteV(t.Context(), 0o2000, data))
	got, err := c.ReadV(t.Context(), 0o2000, len(data))
	if no(t, err); !bytes.Equal(got, data) {
		t.Errorf("%x", got)
	}
	no(t, c.SetBit(t.Context(), 0o40601, 3, true)) // C23
	outputs, err := c.ReadOutputs(t.Context(), hap.OutputC, 4)
	if no(t, err); !bytes.Equal(outputs, []byte{0, 0, 8, 0}) {
		t.Errorf("%x", outputs)
	}
	if _, err := c.ReadV(t.Context(), 0o20000, 2); !errors.Is(err, hap.ErrRange) {
		t.Errorf("beyond memory: %v", err)
	}
	if stop(); b.cpu.words[0o40601] != 8 {
		t.Errorf("V40601 is %#x", b.cpu.words[0o40601])
	}
}

func TestAClientOpensAController(t *testing.T) {
	p := password(t, "12345678")
	_, c, _ := served(t, func(b *bench) { b.config.Password = p })
	if _, err := c.ReadV(t.Context(), 0o2000, 2); !errors.Is(err, hap.ErrProtection) {
		t.Errorf("before: %v", err)
	}
	locked, err := c.PasswordStatus(t.Context())
	if no(t, err); !locked {
		t.Error("it isn't locked")
	}
	no(t, c.Login(t.Context(), p))
	_, err = c.ReadV(t.Context(), 0o2000, 2)
	no(t, err)
}

// TestManyClientsAtOnce each get the answers to what they ask.
func TestManyClientsAtOnce(t *testing.T) {
	b := newBench(t)
	one, _ := b.serve(t)
	two, _ := b.serve(t)
	var wg sync.WaitGroup
	for i := range 6 {
		c := dial(t, []netip.AddrPort{one, two}[i%2])
		wg.Go(func() {
			for n := range 20 {
				want := []byte{byte(i), byte(n)}
				if err := c.WriteV(t.Context(), uint16(0o2000+i), want); err != nil {
					t.Error(err)
				}
				if got, err := c.ReadV(t.Context(), uint16(0o2000+i), 2); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%x, %v; want %x", got, err, want)
				}
			}
		})
	}
	wg.Wait()
}

// TestModulesAreFoundByBroadcast and each answers from its own address.
func TestModulesAreFoundByBroadcast(t *testing.T) {
	one, other := newBench(t), newBench(t)
	other.config.MAC[5]++
	other.power()
	if code := other.writes(hap.SetupName, text("Stig")); code != 0 {
		t.Fatal(code)
	}
	members := []hapserver.Member{{Server: one.server, Conn: socket(t)}, {Server: other.server, Conn: socket(t)}}
	conn := socket(t)
	everybody := at(conn)
	running(t, func(ctx context.Context) error { return hapserver.ServeBroadcast(ctx, conn, members) })
	find := func(window time.Duration, d *hap.Datum, want ...int) {
		t.Helper()
		found, err := hap.Discover(t.Context(), hap.Search{Broadcast: []netip.AddrPort{everybody}, Window: window, Datum: d})
		no(t, err)
		addresses := map[netip.AddrPort]bool{}
		for _, f := range found {
			addresses[f.Addr] = true
		}
		for _, i := range want {
			if !addresses[at(members[i].Conn)] {
				t.Errorf("module %d isn't found: %+v", i, found)
			}
		}
		if len(found) != len(want) {
			t.Errorf("%+v, want %d", found, len(want))
		}
	}
	find(time.Second, nil, 0, 1)
	find(time.Second, &hap.Datum{Type: hap.SetupName, Data: []byte("Stig")}, 1)
	find(100*time.Millisecond, &hap.Datum{Type: hap.SetupName, Data: []byte("Dirk")})
	c, err := hap.DialAddressed(t.Context(), everybody.String(), other.config.MAC, hap.Options{Timeout: patience, Retries: -1})
	no(t, err)
	defer c.Close()
	if name, err := c.Name(t.Context()); err != nil || name != "Stig" {
		t.Errorf("addressed it is %q, %v", name, err)
	}
}

// TestWhatIsBroadcastToNobodyIsNotAnswered: of two datagrams only the one that looks
// for modules is.
func TestWhatIsBroadcastToNobodyIsNotAnswered(t *testing.T) {
	b := newBench(t)
	conn, from := socket(t), socket(t)
	everybody := at(conn)
	members := []hapserver.Member{{Server: b.server, Conn: socket(t)}}
	running(t, func(ctx context.Context) error { return hapserver.ServeBroadcast(ctx, conn, members) })
	for _, f := range []hap.Function{hap.FuncVersion, hap.FuncPollAll} {
		_, err := from.WriteToUDPAddrPort(b.frame(ask(f)), everybody)
		no(t, err)
	}
	no(t, from.SetReadDeadline(time.Now().Add(patience)))
	buf := make([]byte, 2048)
	n, err := from.Read(buf)
	no(t, err)
	if f, err := hap.ParseFrame(buf[:n]); err != nil || f.ID != 2 {
		t.Errorf("the first answer is %+v, %v; want that to the second", f, err)
	}
}

// TestJunkOverUDPStopsNothing: it comes in handfuls, so that none is lost on the way
// and all are counted.
func TestJunkOverUDPStopsNothing(t *testing.T) {
	const handfuls, hand = 200, 50
	b := newBench(t)
	address, _ := b.serve(t)
	c, conn := dial(t, address), socket(t)
	for i := range handfuls {
		for n := range hand {
			_, err := conn.WriteToUDPAddrPort([]byte{byte(i), byte(n), 'J'}, address)
			no(t, err)
		}
		_, err := c.Poll(t.Context())
		no(t, err)
	}
	if got := b.server.Stats(); got != (hap.Stats{Discarded: handfuls * hand}) {
		t.Errorf("%+v", got)
	}
}

// TestAServiceEndsWithItsContext, closes its socket and leaves nothing behind.
func TestAServiceEndsWithItsContext(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	b := newBench(t)
	for name, serve := range map[string]func(context.Context, *net.UDPConn) error{
		"its own":   func(ctx context.Context, conn *net.UDPConn) error { return hapserver.Serve(ctx, conn, b.server) },
		"broadcast": func(ctx context.Context, conn *net.UDPConn) error { return hapserver.ServeBroadcast(ctx, conn, nil) },
	} {
		conn := socket(t)
		running(t, func(ctx context.Context) error { return serve(ctx, conn) })()
		if _, err := conn.WriteToUDPAddrPort([]byte{1}, at(conn)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: the socket is left open: %v", name, err)
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if err := serve(over, socket(t)); err != nil {
			t.Errorf("%s: begun with a context that is over: %v", name, err)
		}
	}
}

// TestASocketThatIsClosedIsSaid: it isn't the context that ended the service.
func TestASocketThatIsClosedIsSaid(t *testing.T) {
	conn := socket(t)
	no(t, conn.Close())
	if err := hapserver.Serve(t.Context(), conn, newBench(t).server); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v", err)
	}
}
