package backplane

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func drawCommand(t *rapid.T) Command {
	c := Command{Op: Op(rapid.IntRange(1, 5).Draw(t, "op")), Tag: rapid.Uint16().Draw(t, "tag")}
	room := MaxText
	for id := FieldTo; id <= lastField; id++ {
		if len(c.Fields) < 10 && rapid.Bool().Draw(t, "has") {
			data := rapid.SliceOfN(rapid.Byte(), 0, room).Draw(t, "data")
			room -= len(data)
			c.Fields = append(c.Fields, Field{id, data})
		}
	}
	return c
}

func TestEveryCommandReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawCommand(t)
		frame, err := AppendCommand(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		if len(frame) > MaxFrame {
			t.Fatalf("a frame of %d bytes", len(frame))
		}
		got, err := ParseCommand(frame)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestEveryAnswerReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Answer{
			Op(rapid.IntRange(1, 5).Draw(t, "op")), rapid.Uint16().Draw(t, "tag"), rapid.Uint16().Draw(t, "status"),
			rapid.SliceOfN(rapid.Byte(), 0, MaxRead).Draw(t, "data"),
		}
		if got, err := ParseAnswer(AppendAnswer(nil, want)); err != nil || !cmp.Equal(got, want, cmpopts.EquateEmpty()) {
			t.Fatalf("%+v reads back as %+v, %v", want, got, err)
		}
	})
}

func TestTheTextBudgetIs103Bytes(t *testing.T) {
	body := bytes.Repeat([]byte("x"), MaxText)
	full := Command{Op: SendEmail, Fields: []Field{{FieldTo, nil}, {FieldSubject, nil}, {FieldBody, body}}}
	if frame, err := AppendCommand(nil, full); err != nil || len(frame) > 128 {
		t.Errorf("103 bytes: %d bytes of frame, %v", len(frame), err)
	}
	full.Fields[0].Data = []byte("y")
	if _, err := AppendCommand(nil, full); !errors.Is(err, ErrTooLong) {
		t.Errorf("104 bytes: %v", err)
	}
}

func FuzzParseCommand(f *testing.F) {
	good, _ := AppendCommand(nil, Command{Op: SendEmail, Tag: 7, Fields: []Field{{FieldTo, []byte("a@b")}}})
	f.Add(good)
	f.Add([]byte{1, 0, 0, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCommand(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatal(err)
			}
			return
		}
		if again, err := AppendCommand(nil, c); err == nil && !bytes.Equal(again, b) {
			t.Fatalf("%x reads as %+v, which is %x", b, c, again)
		}
	})
}

func FuzzParseAnswer(f *testing.F) {
	f.Add(AppendAnswer(nil, Answer{SendEmail, 1, 550, nil}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := ParseAnswer(b); err == nil && !bytes.Equal(AppendAnswer(nil, a), b) {
			t.Fatalf("%x reads as %+v", b, a)
		}
	})
}

// echo is a module that gives back what was written to slave 89.
type echo struct{ last []byte }

func (e *echo) Write(_ time.Time, slave byte, data []byte) error {
	if slave != CommandSlave {
		return ErrNoSlave
	}
	e.last = append([]byte(nil), data...)
	return nil
}

func (e *echo) Read(_ time.Time, slave byte, dst []byte) ([]byte, error) {
	if slave != CommandSlave {
		return dst, ErrNoSlave
	}
	return append(dst, e.last...), nil
}

func TestATransferTakesPlaceBetweenScans(t *testing.T) {
	var b Base
	b.Plug(1, &echo{})
	if !b.WX(1, CommandSlave, []byte("hello")) || !b.Busy(1) {
		t.Fatal("WX didn't begin")
	}
	if b.WX(1, CommandSlave, nil) || b.RX(1, CommandSlave) {
		t.Error("a second transfer began while the first was under way")
	}
	b.Service(time.Time{})
	if b.Busy(1) || b.Failed(1) {
		t.Error("the transfer didn't end well")
	}
	b.RX(1, CommandSlave)
	b.Service(time.Time{})
	if got := b.Received(1); string(got) != "hello" {
		t.Errorf("RX got %q", got)
	}
}

func TestTheErrorBit(t *testing.T) {
	var b Base
	b.Plug(1, &echo{})
	b.WX(2, CommandSlave, nil) // an empty slot
	b.WX(1, 5, nil)            // no such slave
	b.Service(time.Time{})
	if !b.Failed(1) || !b.Failed(2) {
		t.Error("the error bits stay off")
	}
	b.RX(1, CommandSlave)
	if b.Failed(1) {
		t.Error("a new transfer leaves the error bit on")
	}
}
