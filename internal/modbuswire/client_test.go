package modbuswire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// story runs a client against a server that the test scripts, on a clock of its own.
func story(t *testing.T, f func(t *testing.T, c *Client, server net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c := NewClient(ours, Options{Unit: 255, Timeout: 3 * time.Second})
		defer theirs.Close()
		defer c.Close()
		f(t, c, theirs)
	})
}

// expect reads one request, whose PDU is given in hex.
func expect(t *testing.T, conn net.Conn, request string) Frame {
	t.Helper()
	f, err := NewReader(conn).Next()
	if err != nil {
		t.Error(err)
		return f
	}
	if want := unhex(request); !bytes.Equal(f.PDU, want) || f.Unit != 255 {
		t.Errorf("the client asks unit %d for %x, want 255, %x", f.Unit, f.PDU, want)
	}
	return f
}

// say answers a request with a PDU in hex.
func say(t *testing.T, conn net.Conn, to Frame, reply string) {
	t.Helper()
	if _, err := conn.Write(AppendFrame(nil, Frame{to.Transaction, to.Unit, unhex(reply)})); err != nil {
		t.Error(err)
	}
}

func TestTheClientSpeaksAllEightFunctions(t *testing.T) {
	ctx := context.Background()
	story(t, func(t *testing.T, c *Client, server net.Conn) {
		answer := func(request, reply string) {
			go func() { say(t, server, expect(t, server, request), reply) }()
		}
		same := func(got, want any, err error) {
			t.Helper()
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
		}
		answer("01 0C00 000A", "01 02 0502")
		bits, err := c.ReadCoils(ctx, 3072, 10)
		same(bits, []bool{true, false, true, false, false, false, false, false, false, true}, err)
		answer("02 0800 0001", "02 01 FF")
		bits, err = c.ReadDiscrete(ctx, 2048, 1)
		same(bits, []bool{true}, err)
		answer("03 0400 0002", "03 04 1234 ABCD")
		words, err := c.ReadHolding(ctx, 1024, 2)
		same(words, []uint16{0x1234, 0xABCD}, err)
		answer("04 0400 0001", "04 02 0007")
		words, err = c.ReadInput(ctx, 1024, 1)
		same(words, []uint16{7}, err)
		answer("05 0C00 FF00", "05 0C00 FF00")
		same(nil, nil, c.WriteCoil(ctx, 3072, true))
		answer("05 0C00 0000", "05 0C00 0000")
		same(nil, nil, c.WriteCoil(ctx, 3072, false))
		answer("06 0400 1234", "06 0400 1234")
		same(nil, nil, c.WriteRegister(ctx, 1024, 0x1234))
		answer("0F 0C00 0009 02 0501", "0F 0C00 0009")
		same(nil, nil, c.WriteCoils(ctx, 3072, true, false, true, false, false, false, false, false, true))
		answer("10 0400 0002 04 0001 FFFF", "10 0400 0002")
		same(nil, nil, c.WriteRegisters(ctx, 1024, 1, 0xFFFF))
	})
}

func TestAnExceptionIsAnErrorInWords(t *testing.T) {
	story(t, func(t *testing.T, c *Client, server net.Conn) {
		go func() { say(t, server, expect(t, server, "03 FFFF 0001"), "83 02") }()
		_, err := c.ReadHolding(context.Background(), 65535, 1)
		const want = "read holding registers from 65535: the server has no such address, or it can't be written (exception 02)"
		if !errors.Is(err, IllegalAddress) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		if _, err := c.ReadHolding(context.Background(), 65535, 2); !errors.Is(err, IllegalAddress) || !strings.Contains(err.Error(), "not sent") {
			t.Errorf("a request that no server may take: %v", err)
		}
	})
}

func TestALateReplyIsDropped(t *testing.T) {
	story(t, func(t *testing.T, c *Client, server net.Conn) {
		late := make(chan Frame, 1)
		go func() { late <- expect(t, server, "03 0400 0001") }()
		began := time.Now()
		if _, err := c.ReadHolding(context.Background(), 1024, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("no reply gives %v", err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("it took %v, want the 3 s of the options", took)
		}
		go func() {
			now := expect(t, server, "03 0400 0001")
			say(t, server, <-late, "03 02 DEAD")
			say(t, server, now, "03 02 0001")
		}()
		got, err := c.ReadHolding(context.Background(), 1024, 1)
		if diff := cmp.Diff([]uint16{1}, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}

func TestAReplyThatStopsHalfwayIsDroppedWhole(t *testing.T) {
	story(t, func(t *testing.T, c *Client, server net.Conn) {
		rest := make(chan []byte, 1)
		go func() {
			f := expect(t, server, "03 0400 0001")
			f.PDU = unhex("03 02 DEAD")
			b := AppendFrame(nil, f)
			_, _ = server.Write(b[:9])
			rest <- b[9:]
		}()
		if _, err := c.ReadHolding(context.Background(), 1024, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("half a reply gives %v", err)
		}
		go func() {
			now := expect(t, server, "03 0400 0001")
			_, _ = server.Write(<-rest)
			say(t, server, now, "03 02 0001")
		}()
		got, err := c.ReadHolding(context.Background(), 1024, 1)
		if diff := cmp.Diff([]uint16{1}, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}

func TestARequestCanBeCancelled(t *testing.T) {
	story(t, func(t *testing.T, c *Client, server net.Conn) {
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			expect(t, server, "03 0400 0001")
			cancel()
		}()
		began := time.Now()
		if _, err := c.ReadHolding(ctx, 1024, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled, it gives %v", err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v", took)
		}
		go func() { say(t, server, expect(t, server, "03 0400 0001"), "03 02 0001") }()
		if _, err := c.ReadHolding(context.Background(), 1024, 1); err != nil {
			t.Errorf("the next request: %v", err)
		}
	})
}

// TestACancellationThatComesTooLateHurtsNoOtherRequest: it comes with the reply, so
// that either may win.
func TestACancellationThatComesTooLateHurtsNoOtherRequest(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0") // a pipe would hold up a late reply
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := Dial(context.Background(), l.Addr().String(), Options{Unit: 255})
	if err != nil {
		t.Fatal(err)
	}
	cancels := make(chan context.CancelFunc, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		theirs, err := l.Accept()
		if err != nil {
			return
		}
		defer theirs.Close()
		for r := NewReader(theirs); ; {
			f, err := r.Next()
			if err != nil {
				return
			}
			go (<-cancels)()
			if _, err := theirs.Write(AppendFrame(nil, Frame{f.Transaction, f.Unit, unhex("03 02 0001")})); err != nil {
				return
			}
		}
	}()
	for range 2000 {
		ctx, cancel := context.WithCancel(context.Background())
		cancels <- cancel
		if _, err := c.ReadHolding(ctx, 1024, 1); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cancels <- func() {}
		if _, err := c.ReadHolding(context.Background(), 1024, 1); err != nil {
			t.Fatal(err)
		}
	}
	c.Close()
	<-done
}

func TestWhoWaitsForHisTurnWaitsNoLongerThanHeMay(t *testing.T) {
	story(t, func(t *testing.T, c *Client, server net.Conn) {
		go func() {
			expect(t, server, "03 0400 0001")
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			began := time.Now()
			if _, err := c.ReadHolding(ctx, 1024, 1); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
				t.Errorf("after %v: %v", time.Since(began), err)
			}
		}()
		if _, err := c.ReadHolding(context.Background(), 1024, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// TestABrokenConnectionStaysBroken: what comes after bytes that are no frame can't be
// told from more of them.
func TestABrokenConnectionStaysBroken(t *testing.T) {
	for name, row := range map[string]struct {
		say  string
		want error
	}{
		"framing": {"0001 0001 0003 FF 0302", ErrFraming},
		"hang up": {"0001 00", io.ErrUnexpectedEOF},
		"silence": {"", io.EOF},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, func(t *testing.T, c *Client, server net.Conn) {
				go func() {
					expect(t, server, "03 0400 0001")
					_, _ = server.Write(unhex(row.say))
					server.Close()
				}()
				if _, err := c.ReadHolding(context.Background(), 1024, 1); !errors.Is(err, row.want) {
					t.Errorf("%v, want %v", err, row.want)
				}
				if _, err := c.ReadHolding(context.Background(), 1024, 1); !errors.Is(err, ErrClosed) {
					t.Errorf("after that: %v", err)
				}
			})
		})
	}
}

// TestHalfARequestBreaksTheConnection: the server would take the next request for its
// second half.
func TestHalfARequestBreaksTheConnection(t *testing.T) {
	story(t, func(t *testing.T, c *Client, server net.Conn) {
		go func() { _, _ = io.ReadFull(server, make([]byte, 5)) }()
		if err := c.WriteRegister(context.Background(), 1024, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := c.WriteRegister(context.Background(), 1024, 1); !errors.Is(err, ErrClosed) {
			t.Errorf("after that: %v", err)
		}
	})
}

func TestDialSaysWhatWentWrong(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Dial(context.Background(), l.Addr().String(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	l.Close()
	if _, err := Dial(context.Background(), l.Addr().String(), Options{}); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("nobody listens: %v", err)
	}
}
