package vprint

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rungmail/rungmail/internal/plc/memory"
	"pgregory.net/rapid"
)

// afternoon is 1 March 2006, 13:04, the day of the traces in the seed.
var afternoon = time.Date(2006, time.March, 1, 13, 4, 59, 0, time.UTC)

// printed parses and formats, and checks the bounds that every text must keep.
func printed(t *testing.T, src string, m *memory.Image, o Options) string {
	t.Helper()
	text, err := Parse(src)
	if err != nil {
		t.Fatalf("Parse(%s): %v", src, err)
	}
	got := string(text.Append(nil, m, afternoon, o))
	if !text.Variable() && len(got) > text.Longest(o) {
		t.Errorf("%s prints %q, longer than %d", src, got, text.Longest(o))
	}
	return got
}

func TestTheSeedsBody(t *testing.T) {
	var m memory.Image
	m.SetWord(0o3000, 2)
	m.SetWord(0o3001, 57555)
	const src = `"Shift # " V3000 " made " V3001 " widgets"`
	for width, want := range map[int]string{
		0: "Shift #     2 made 57555 widgets",
		5: "Shift #     2 made 57555 widgets",
		6: "Shift #      2 made  57555 widgets",
	} {
		if got := printed(t, src, &m, Options{NumberWidth: width}); got != want {
			t.Errorf("width %d prints %q, want %q", width, got, want)
		}
	}
	if got := printed(t, `"Widgets made = "V3001`, &m, Options{}); got != "Widgets made = 57555" {
		t.Errorf("the line of the seed's trace is %q", got)
	}
}

func TestWholeNumbers(t *testing.T) {
	type row struct {
		value              uint32
		src, narrow, wider string
	}
	for _, r := range []row{
		{18, "V2000", "   18", "    18"},
		{18, "V2000:S", "18", "18"},
		{18, "V2000:0", "18", "18"},
		{18, "V2000:C0", "00018", "000018"},
		{0, "V2000", "    0", "     0"},
		{0, "V2000:S", "0", "0"},
		{0, "V2000:0", "0", "0"},
		{0, "V2000:C0", "00000", "000000"},
		{65535, "V2000", "65535", " 65535"},
		{65535, "V2000:C0", "65535", "065535"},
		{0x0012, "V2000:B", "0012", ""},
		{0x0012, "V2000:B0", "12", ""},
		{0x0012, "V2000:BS", "12", ""},
		{0x0012, "V2000:BC0", "0012", ""},
		{0, "V2000:B", "0000", ""},
		{0, "V2000:B0", "0", ""},
		{0, "V2000:BS", "0", ""},
		{0x9999, "V2000:B", "9999", ""},
		{0x1200, "V2000:B0", "1200", ""},
		{0x0A1F, "V2000:B", "0A1F", ""},
		{0xFFFFFFFF, "V2000:DBS", "FFFFFFFF", ""},
		{100000, "V2000:D", "    100000", "     100000"},
		{100000, "V2000:DS", "100000", "100000"},
		{100000, "V2000:D0", "100000", "100000"},
		{100000, "V2000:DC0", "0000100000", "00000100000"},
		{math.MaxUint32, "V2000:D", "4294967295", " 4294967295"},
		{0, "V2000:D", "         0", "          0"},
		{0, "V2000:DS", "0", "0"},
		{0x00120034, "V2000:DB", "00120034", ""},
		{0x00120034, "V2000:DBS", "120034", ""},
		{0x00120034, "V2000:DB0", "120034", ""},
		{0x00120034, "V2000:DBC0", "00120034", ""},
		{0, "V2000:DB0", "0", ""},
		{1 << 16, "CTA1001", "    1", "     1"},
		{7, "CTA1000:S", "7", "7"},
		{7, "TA2000:C0", "00007", "000007"},
	} {
		if r.wider == "" {
			r.wider = r.narrow
		}
		var m memory.Image
		m.SetDouble(0o2000, r.value)
		if got := printed(t, r.src, &m, Options{}); got != r.narrow {
			t.Errorf("%s of %#x prints %q, want %q", r.src, r.value, got, r.narrow)
		}
		if got := printed(t, r.src, &m, Options{NumberWidth: 6}); got != r.wider {
			t.Errorf("%s of %#x prints %q at width 6, want %q", r.src, r.value, got, r.wider)
		}
	}
}

func TestReals(t *testing.T) {
	type row struct {
		value      float32
		plain, exp string
	}
	inf := float32(math.Inf(1))
	for _, r := range []row{
		{0, "0", "0.000000E+00"},
		{float32(math.Copysign(0, -1)), "0", "0.000000E+00"},
		{23.5, "23.5", "2.350000E+01"},
		{-23.4, "-23.4", "-2.340000E+01"},
		{23.400002, "23.4", "2.340000E+01"},
		{100, "100", "1.000000E+02"},
		{1.0 / 3, "0.3333333", "3.333333E-01"},
		{9.9999999, "10", "1.000000E+01"},
		{9999999, "9999999", "9.999999E+06"},
		{1234560, "1234560", "1.234560E+06"},
		{0.001, "0.001", "1.000000E-03"},
		{0.00001234567, "0.00001234567", "1.234567E-05"},
		{-0.00001234567, "-1.234567E-05", "-1.234567E-05"},
		{1e-11, "0.00000000001", "1.000000E-11"},
		{1e-12, "1.000000E-12", "1.000000E-12"},
		{16777216, "16777216", "1.677722E+07"},
		{1e12, "1000000000000", "1.000000E+12"},
		{-1e12, "-1.000000E+12", "-1.000000E+12"},
		{1e13, "1.000000E+13", "1.000000E+13"},
		{math.MaxFloat32, "3.402823E+38", "3.402823E+38"},
		{-math.MaxFloat32, "-3.402823E+38", "-3.402823E+38"},
		{math.SmallestNonzeroFloat32, "1.401298E-45", "1.401298E-45"},
		{-math.SmallestNonzeroFloat32, "-1.401298E-45", "-1.401298E-45"},
		{inf, "Inf", "Inf"},
		{-inf, "-Inf", "-Inf"},
		{float32(math.NaN()), "NaN", "NaN"},
	} {
		var m memory.Image
		m.SetDouble(0o2000, math.Float32bits(r.value))
		for format, want := range map[string]string{"R": r.plain, "E": r.exp} {
			if got, want := printed(t, "V2000:"+format, &m, Options{NumberWidth: 6}), fmt.Sprintf("%13s", want); got != want {
				t.Errorf(":%s of %g prints %q, want %q", format, r.value, got, want)
			}
			for _, modifier := range []string{"S", "0"} {
				if got := printed(t, "V2000:"+format+modifier, &m, Options{}); got != want {
					t.Errorf(":%s%s of %g prints %q, want %q", format, modifier, r.value, got, want)
				}
			}
		}
	}
}

func TestZerosBeforeAReal(t *testing.T) {
	for value, want := range map[float32]string{
		23.5: "00000000023.5", -23.5: "-0000000023.5", 1e13: "01.000000E+13",
		float32(math.Inf(-1)): "         -Inf", float32(math.Inf(1)): "          Inf",
	} {
		var m memory.Image
		m.SetDouble(0o2000, math.Float32bits(value))
		if got := printed(t, "V2000:RC0", &m, Options{}); got != want {
			t.Errorf(":RC0 of %g prints %q, want %q", value, got, want)
		}
	}
	var m memory.Image
	m.SetDouble(0o2000, 0x7FC00001)
	if got := printed(t, "V2000:EC0", &m, Options{}); got != "          NaN" {
		t.Errorf(":EC0 of NaN prints %q", got)
	}
}

func TestEveryRealIsWithin13AndNearlyRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.Uint32().Draw(t, "bits")
		v := float64(math.Float32frombits(bits))
		var m memory.Image
		m.SetDouble(0, bits)
		for _, src := range []string{"V0:R", "V0:E", "V0:RC0", "V0:EC0"} {
			text, err := Parse(src)
			if err != nil {
				t.Fatal(err)
			}
			got := string(text.Append(nil, &m, time.Time{}, Options{}))
			if len(got) != 13 {
				t.Fatalf("%s of %g is %q", src, v, got)
			}
			back, err := strconv.ParseFloat(strings.TrimLeft(got, " "), 64)
			if err != nil {
				t.Fatalf("%s of %g is %q: %v", src, v, got, err)
			}
			// seven digits are within half of the seventh; denormals have fewer
			if same := back == v || math.IsNaN(v) && math.IsNaN(back); !same && math.Abs(back-v) > math.Abs(v)*5.1e-7 {
				t.Fatalf("%s of %g is %q", src, v, got)
			}
		}
	})
}

func TestBits(t *testing.T) {
	for _, src := range []string{"C100", "X3", "y17", "SP1", "T0", "CT7", "S20", "GX5", "GY5", "V2000.15", "B2000.15"} {
		addr, err := memory.ParseAddr(src)
		if err != nil {
			t.Fatal(err)
		}
		for on, want := range map[uint16][3]string{0: {"0", "FALSE", "OFF"}, 1: {"1", "TRUE", "ON"}} {
			var m memory.Image
			m.Write(addr, on)
			got := [3]string{printed(t, src, &m, Options{}), printed(t, src+":BOOL", &m, Options{}), printed(t, src+":ONOFF", &m, Options{})}
			if got != want {
				t.Errorf("%s at %d prints %q, want %q", src, on, got, want)
			}
		}
	}
}

func TestCharactersInMemory(t *testing.T) {
	var m memory.Image
	m.SetBytes(0o2000, []byte("Ab\x00c\xe9\x00\x00ZX"))
	m.SetBytes(0o2100, []byte(strings.Repeat("0123456789", 13)))
	m.SetWord(0o2010, 3)
	m.SetWord(0o2011, 0)
	m.SetWord(0o2012, 129)
	m.SetWord(0o2013, 65535)
	m.SetBytes(0o1005, []byte("ct"))
	digits := strings.Repeat("0123456789", 13)[:128]
	for src, want := range map[string]string{
		"V2000 % 2": "Ab", "V2000%1": "A", "V2000 % 4": "Abc", "V2000 % 9": "Abc\xe9ZX", "V2000 % 8": "Abc\xe9Z",
		"V2000 % V2010": "Ab", "V2000 % V2011": "", "V2100 % V2012": digits, "V2100%V2013": digits, "V2100 % 128": digits,
		"CTA5 % 2": "ct", "V2300 % 16": "",
	} {
		if got := printed(t, src, &m, Options{}); got != want {
			t.Errorf("%s prints %q, want %q", src, got, want)
		}
	}
}

func TestDatesAndTimes(t *testing.T) {
	for src, want := range map[string]string{
		"_Date:us": "03/01/06", "_Date:e": "01/03/06", "_Date:a": "06/03/01", "_Time:12": "01:04PM", "_Time:24": "13:04",
		"_DATE:US": "03/01/06", "_time:12": "01:04PM",
	} {
		if got := printed(t, src, nil, Options{}); got != want {
			t.Errorf("%s prints %q, want %q", src, got, want)
		}
	}
	text, err := Parse(`_Time:12 " " _Time:24 " " _Date:us`)
	if err != nil {
		t.Fatal(err)
	}
	tokyo := time.FixedZone("", 9*3600)
	for at, want := range map[time.Time]string{
		time.Date(2030, 12, 31, 0, 5, 0, 0, time.UTC):           "12:05AM 00:05 12/31/30",
		time.Date(2009, 1, 2, 12, 0, 0, 0, time.UTC):            "12:00PM 12:00 01/02/09",
		time.Date(2009, 1, 2, 22, 30, 0, 0, time.UTC).In(tokyo): "07:30AM 07:30 01/03/09",
	} {
		if got := string(text.Append(nil, nil, at, Options{})); got != want {
			t.Errorf("%v prints %q, want %q", at, got, want)
		}
	}
}

func TestAppendAllocatesNothing(t *testing.T) {
	const src = `"$20" V2000 V2000:DC0 V2000:B V2000:DBS V2000:R V2000:E V2000 % 16 V2000 % V2010 C100:BOOL _Date:us _Time:12`
	text, err := Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	var m memory.Image
	m.SetBytes(0o2000, []byte("0123456789abcdef"))
	m.SetWord(0o2010, 10)
	dst := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() { dst = text.Append(dst[:0], &m, afternoon, Options{}) }); n != 0 {
		t.Errorf("Append allocates %v times", n)
	}
	if got := string(text.Append([]byte("before "), &m, afternoon, Options{})); got != "before "+string(dst) {
		t.Errorf("behind a prefix it prints %q", got)
	}
}

func BenchmarkAppend(b *testing.B) {
	text, err := Parse(`"Shift # " V3000 " made " V3001 " widgets at " V3002:R`)
	if err != nil {
		b.Fatal(err)
	}
	var m memory.Image
	m.SetDouble(0o3002, math.Float32bits(23.4))
	dst := make([]byte, 0, 128)
	b.ReportAllocs()
	for b.Loop() {
		dst = text.Append(dst[:0], &m, afternoon, Options{})
	}
}
