package memory

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseAddr(t *testing.T) {
	for in, want := range map[string]Addr{
		"V1400":    {Area: V, Num: 0o1400},
		"c17":      {Area: C, Num: 0o17},
		"TA3":      {Area: TA, Num: 3},
		"CTA10":    {Area: CTA, Num: 8},
		"CT10":     {Area: CT, Num: 8},
		"SP1":      {Area: SP, Num: 1},
		"B2000.5":  {Area: B, Num: 0o2000, N: 5},
		"V2000.15": {Area: B, Num: 0o2000, N: 15},
		"GY777":    {Area: GY, Num: 0o777},
	} {
		got, err := ParseAddr(in)
		if err != nil || got != want {
			t.Errorf("ParseAddr(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
}

func TestParseAddrSaysWhatIsWrong(t *testing.T) {
	for in, want := range map[string]string{
		"":         "begins with none of",
		"Q7":       "begins with none of",
		"V":        "no number",
		"V1480":    "octal",
		"V777777":  "no CPU",
		"B2000":    "bit number",
		"C10.3":    "only a V-memory word",
		"B2000.16": "no such bit",
		"V20x0":    "octal number",
		"V-1":      "octal number",
		"V+1":      "octal number",
		"V1_0":     "octal number",
	} {
		if _, err := ParseAddr(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseAddr(%q) says %v; want %q", in, err, want)
		}
	}
}

func FuzzParseAddr(f *testing.F) {
	for _, s := range []string{"V1400", "B7.15", "CTA0", "SP", "x77"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddr(s)
		if err != nil {
			return
		}
		if back, err := ParseAddr(a.String()); err != nil || back != a {
			t.Fatalf("%q is %v, which reads back as %v, %v", s, a, back, err)
		}
	})
}

func TestEveryAddressReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Addr{Area: Area(rapid.IntRange(0, int(areas)-1).Draw(t, "area")), Num: rapid.Uint16Range(0, maxNum).Draw(t, "num")}
		if a.Area == B {
			a.N = rapid.Uint8Range(0, 15).Draw(t, "bit")
		}
		if got, err := ParseAddr(a.String()); err != nil || got != a {
			t.Fatalf("%v reads back as %v, %v", a, got, err)
		}
	})
}

func TestABitAreaIsAWindowOnWords(t *testing.T) {
	for addr, want := range map[string]Bit{
		"X0": {0o40400, 0}, "Y17": {0o40500, 15}, "C20": {0o40601, 0}, "S1777": {0o41077, 15}, "T0": {0o41100, 0},
		"CT0": {0o41140, 0}, "SP1": {0o41200, 1}, "GX0": {0o40000, 0}, "GY3777": {0o40377, 15}, "B1400.9": {0o1400, 9},
	} {
		a, err := ParseAddr(addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Bit(); got != want {
			t.Errorf("%s is bit %v, want %v", addr, got, want)
		}
		var m Image
		m.Write(a, 1)
		if got := m.Word(want.Word); got != 1<<want.N {
			t.Errorf("%s on makes %v = %#x", addr, want.Word, got)
		}
		m.SetWord(want.Word, 0)
		if m.Read(a) != 0 {
			t.Errorf("%s stays on when its word is cleared", addr)
		}
	}
}

func TestCurrentValues(t *testing.T) {
	ta, _ := ParseAddr("TA17")
	cta, _ := ParseAddr("CTA1")
	if ta.Word() != 0o17 || cta.Word() != 0o1001 {
		t.Errorf("TA17 is %v, CTA1 is %v", ta.Word(), cta.Word())
	}
}

func TestLayouts(t *testing.T) {
	type row struct{ cpu, addr, want string }
	for _, r := range []row{
		{"DL05", "V1200", "user memory"},
		{"DL05", "V400", "no memory"},
		{"DL05", "GX0", "no memory"},
		{"DL05", "V7600", "system memory"},
		{"DL05", "X377", "an input"},
		{"DL06", "V400", "user memory"},
		{"DL06", "V677", "user memory"},
		{"DL06", "V700", "system memory"},
		{"DL06", "V17777", "user memory"},
		{"DL06", "V20000", "no memory"},
		{"DL06", "C1777", "a relay"},
		{"DL06", "V40600", "a relay"},
		{"DL250-1", "V400", "no memory"},
		{"DL250-1", "V1400", "user memory"},
		{"DL250-1", "V37000", "system memory"},
		{"DL260", "V777", "user memory"},
		{"DL260", "V35777", "user memory"},
		{"DL260", "V36000", "system memory"},
		{"DL450", "V37777", "user memory"},
		{"DL450", "SP137", "a special relay"},
		{"DL450", "TA0", "a current value"},
	} {
		l, _ := LayoutOf(r.cpu)
		a, err := ParseAddr(r.addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Class(a.Word()).String(); got != r.want {
			t.Errorf("%s %s is %s, want %s", r.cpu, r.addr, got, r.want)
		}
	}
	for _, r := range []row{
		{"DL05", "C1000", "no such address"},
		{"DL05", "T200", "no such"},
		{"DL06", "CTA200", "no such"},
		{"DL06", "TA377", ""},
		{"DL450", "SP140", "no such"},
		{"DL450", "SP320", "can't be written"},
		{"DL06", "SP1", "can't be written"},
		{"DL06", "V7600", "V7600: system memory"},
		{"DL06", "B7600.1", "can't be written"},
		{"DL06", "V41200", "can't be written"},
		{"DL06", "X0", ""},
		{"DL06", "C0", ""},
	} {
		l, _ := LayoutOf(r.cpu)
		a, _ := ParseAddr(r.addr)
		err := l.CheckWrite(a)
		if (err == nil) != (r.want == "") || err != nil && !strings.Contains(err.Error(), r.want) {
			t.Errorf("%s: writing %s says %v, want %q", r.cpu, r.addr, err, r.want)
		}
	}
	if _, ok := LayoutOf("DL240"); ok {
		t.Error("a DL240 runs no programs here, but has a layout")
	}
}

func TestDoublesAndBytes(t *testing.T) {
	var m Image
	m.SetDouble(0o2000, 0x12345678)
	if m.Word(0o2000) != 0x5678 || m.Word(0o2001) != 0x1234 || m.Double(0o2000) != 0x12345678 {
		t.Error("a double word has its low word first")
	}
	m.SetBytes(0o3000, []byte("abc"))
	if m.Word(0o3000) != 'b'<<8|'a' || m.Word(0o3001) != 'c' {
		t.Errorf("bytes are stored as %#x %#x", m.Word(0o3000), m.Word(0o3001))
	}
	got := make([]byte, 3)
	if m.Bytes(got, 0o3000); string(got) != "abc" {
		t.Errorf("bytes read back as %q", got)
	}
}

func TestDirtyWords(t *testing.T) {
	var m Image
	m.SetWord(5, 1)
	m.SetWord(6, 0) // no change
	m.SetBit(Bit{0o40600, 3}, true)
	if diff := cmp.Diff([]Word{5, 0o40600}, m.TakeDirty(nil)); diff != "" {
		t.Error(diff)
	}
	if rest := m.TakeDirty(nil); len(rest) != 0 {
		t.Errorf("still dirty after taking: %v", rest)
	}
}
