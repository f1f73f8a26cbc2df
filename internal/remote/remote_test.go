package remote

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rungmail/rungmail/internal/plc/memory"
)

func TestPlacesOfAController(t *testing.T) {
	for text, want := range map[string]Place{
		"hap://192.168.12.86":                {host: "192.168.12.86"},
		"hap://192.168.12.86:28785/":         {host: "192.168.12.86:28785"},
		"hap://line-4":                       {host: "line-4"},
		"modbus://192.168.12.86":             {"192.168.12.86:502", true, 255},
		"modbus://192.168.12.86:5020?unit=1": {"192.168.12.86:5020", true, 1},
		"modbus://[::1]?unit=0":              {"[::1]:502", true, 0},
	} {
		got, err := ParsePlace(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "192.168.12.86", "hap:", "hap://", "hap:///x", "HTTP://x", "hap://x/y", "hap://u@x", "hap://x#y", "hap://x:0", "hap://x:", "hap://x:99999", "hap://x:http",
		"hap://x?unit=1", "modbus://x?unit=256", "modbus://x?unit=-1", "modbus://x?unit=", "modbus://x?foo=1", "modbus://x?unit=1&unit=2", "modbus://x?%zz", "hap://\x00",
	} {
		if got, err := ParsePlace(text); !errors.Is(err, ErrPlace) {
			t.Errorf("%q reads as %+v, %v", text, got, err)
		}
	}
}

func addresses(t *testing.T, texts string) []memory.Addr {
	t.Helper()
	var list []memory.Addr
	for _, text := range strings.Fields(texts) {
		a, err := memory.ParseAddr(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, a)
	}
	return list
}

func TestWhatNoWriteReachesIsKnownWithoutAsking(t *testing.T) {
	hap, modbus := Place{}, Place{modbus: true}
	for text, want := range map[string][2]error{ // over HAP, over Modbus
		"V2000": {}, "C17": {}, "Y0": {}, "GY0": {}, "T3": {}, "TA3": {}, "S0": {},
		"X0": {nil, ErrInput}, "GX0": {nil, ErrInput},
		"SP1": {ErrSpecial, ErrSpecial}, "B2000.5": {ErrBitOfWord, ErrBitOfWord},
	} {
		a := addresses(t, text)[0]
		for i, p := range []Place{hap, modbus} {
			if err := p.CanWrite(a); !errors.Is(err, want[i]) || (err == nil) != (want[i] == nil) {
				t.Errorf("%s, %+v: %v, want %v", text, p, err, want[i])
			}
		}
		m := Memory{line: &fake{}, place: modbus}
		if err := m.Write(t.Context(), a, 1); !errors.Is(err, want[1]) || (err == nil) != (want[1] == nil) {
			t.Errorf("%s is written: %v", text, err)
		}
	}
}

// fake is a controller in which something happens before each request.
type fake struct {
	line
	words  map[memory.Word]uint16
	before func(request int, f *fake)
	asked  []memory.Word // the first word of each request
}

func (f *fake) read(_ context.Context, word memory.Word, n int) ([]uint16, error) {
	if f.before != nil {
		f.before(len(f.asked), f)
	}
	f.asked = append(f.asked, word)
	out := make([]uint16, n)
	for i := range out {
		out[i] = f.words[word+memory.Word(i)]
	}
	return out, nil
}

func (f *fake) writeWord(context.Context, memory.Word, uint16) error { return nil }
func (f *fake) writeBit(context.Context, memory.Bit, bool) error     { return nil }

func TestAReadAcrossAScanIsDoneAgain(t *testing.T) {
	success, code := addresses(t, "C0")[0], addresses(t, "V1401")[0]
	f := &fake{words: map[memory.Word]uint16{code.Word(): 1}}
	f.before = func(request int, f *fake) {
		if request == 1 { // the box ends between the request for the bit and that for the code
			f.words[success.Word()], f.words[code.Word()] = 1, 0
		}
	}
	got, err := (&Memory{line: f}).Read(t.Context(), []memory.Addr{code, success})
	if diff := cmp.Diff([]uint16{0, 1}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	bits, data := success.Word(), code.Word()
	if diff := cmp.Diff([]memory.Word{bits, data, bits, data, bits, data}, f.asked); diff != "" {
		t.Error("bits before data, and again until two agree:", diff)
	}
}

func TestAReadThatNeverSettlesEnds(t *testing.T) {
	list := addresses(t, "V2000 V3000")
	f := &fake{words: map[memory.Word]uint16{}, before: func(request int, f *fake) { f.words[0o2000] = uint16(request) }}
	got, err := (&Memory{line: f}).Read(t.Context(), list)
	if err != nil || got[0] != 4 || len(f.asked) != 2*maxPasses {
		t.Errorf("%v, %v after %d requests", got, err, len(f.asked))
	}
}

func TestWordsSideBySideAreReadOnce(t *testing.T) {
	f := &fake{words: map[memory.Word]uint16{0o2001: 7, 0o40600: 0b1010}}
	got, err := (&Memory{line: f}).Read(t.Context(), addresses(t, "V2001 V2000 V2001"))
	if diff := cmp.Diff([]uint16{7, 0, 7}, got); err != nil || diff != "" || len(f.asked) != 1 {
		t.Error(err, diff, f.asked)
	}
	got, err = (&Memory{line: f}).Read(t.Context(), addresses(t, "C3 C2 C1"))
	if diff := cmp.Diff([]uint16{1, 0, 1}, got); err != nil || diff != "" || len(f.asked) != 2 {
		t.Error(err, diff, f.asked)
	}
}

// TestAUnitThatIsSilentIsAskedAbout: a server that takes the connection and says
// nothing is most often asked for a unit that it hasn't.
func TestAUnitThatIsSilentIsAskedAbout(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	place := "modbus://" + l.Addr().String() + "?unit=9"
	m, err := Open(t.Context(), place, Options{Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	_, err = m.Read(t.Context(), addresses(t, "V2000"))
	if err == nil || !strings.Contains(err.Error(), "no answer from unit 9") || !strings.Contains(err.Error(), "is the unit right? A module answers to 255, 0 and 1") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Read(ctx, addresses(t, "V2000")); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "unit right") {
		t.Error("stopped by its caller:", err)
	}
	_ = l.Close()
	if _, err := Open(t.Context(), place, Options{}); err == nil || !strings.Contains(err.Error(), "nothing listens there: check the address and the port") {
		t.Error("nobody there:", err)
	}
}

func FuzzParsePlace(f *testing.F) {
	f.Add("modbus://192.168.12.86:5020?unit=1")
	f.Add("hap://[::1]:28784/")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePlace(text)
		if (err == nil) != (p.host != "") || err != nil && !errors.Is(err, ErrPlace) {
			t.Fatalf("%q reads as %+v, %v", text, p, err)
		}
	})
}
